"""Chance: what is committed cannot be changed, what is drawn can be recomputed."""

import hashlib
import hmac
import json
from collections import Counter

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from panel import chance

names = st.lists(st.text(min_size=1), unique=True, max_size=40)
leaf_lists = st.lists(st.binary(max_size=8), min_size=1, max_size=70)
SEED = "5b" * 32


def test_canonical_bytes_have_one_form() -> None:
    value: chance.Json = {"b": [1, None, True], "a": "济宁", "c": {"y": -2, "x": ""}}
    expected = '{"a":"济宁","b":[1,null,true],"c":{"x":"","y":-2}}'
    assert chance.canonical(value) == expected.encode()
    assert chance.digest(value) == hashlib.sha256(expected.encode()).hexdigest()


class _Text(str):
    __slots__ = ()


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(), lambda inner: st.lists(inner)
        | st.tuples(inner) | st.dictionaries(st.text(), inner),
    )
)  # fmt: skip
@example('\u2028\x7f\x1f\b\f"/\\')
@example([_Text("x"), {"b": _Text(""), "a": 2**80}])
def test_canonical_bytes_are_those_of_the_plain_writer(value: chance.Json) -> None:
    expected = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    assert chance.canonical(value) == expected.encode()


def test_the_order_of_keys_changes_nothing() -> None:
    assert chance.digest({"a": 1, "b": 2}) == chance.digest({"b": 2, "a": 1})


@pytest.mark.parametrize("value", [1.0, {"a": 0.5}, [b"x"], {1: "a"}, {"a": {2}}])
def test_what_has_no_canonical_form_is_refused(value: object) -> None:
    with pytest.raises(TypeError):
        chance.canonical(value)  # type: ignore[arg-type]


@given(
    st.recursive(
        st.none()
        | st.booleans()
        | st.integers()
        | st.text(st.characters(exclude_categories=["Cs"])),
        lambda inner: st.lists(inner) | st.dictionaries(st.text("abc"), inner),
    )
)
def test_canonical_bytes_say_the_same_as_the_value(value: chance.Json) -> None:
    assert json.loads(chance.canonical(value)) == value


def test_the_tree_agrees_with_the_published_examples() -> None:
    # Certificate Transparency's reference test vectors (RFC 6962 trees).
    leaves = [
        bytes.fromhex(each)
        for each in (
            "",
            "00",
            "10",
            "2021",
            "3031",
            "40414243",
            "5051525354555657",
            "606162636465666768696a6b6c6d6e6f",
        )
    ]
    assert chance.merkle_root([]) == hashlib.sha256(b"").hexdigest()
    assert chance.merkle_root(leaves[:1]) == (
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"
    )
    assert chance.merkle_root(leaves) == (
        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"
    )


@given(leaf_lists, st.data())
def test_every_leaf_can_prove_that_it_is_in_the_tree(
    leaves: list[bytes], data: st.DataObject
) -> None:
    index = data.draw(st.integers(0, len(leaves) - 1))
    root, path = chance.merkle_root(leaves), chance.inclusion(leaves, index)
    assert chance.includes(root, leaves[index], index, len(leaves), path)


@given(leaf_lists, st.data())
def test_no_other_leaf_or_place_or_path_is_proved(leaves: list[bytes], data: st.DataObject) -> None:
    size = len(leaves)
    index = data.draw(st.integers(0, size - 1))
    root, path = chance.merkle_root(leaves), chance.inclusion(leaves, index)
    assert not chance.includes(root, leaves[index] + b"!", index, size, path)
    assert not chance.includes(root, leaves[index], size, size, path)
    assert not chance.includes(root, leaves[index], -1, size, path)
    assert not chance.includes(root, leaves[index], index, size, [*path, "00" * 32])
    if path:
        assert not chance.includes(root, leaves[index], index, size, ["zz", *path[1:]])
        assert not chance.includes(root, leaves[index], index, size, ["00" * 32, *path[1:]])


def test_there_is_no_proof_for_a_leaf_that_is_not_there() -> None:
    with pytest.raises(IndexError):
        chance.inclusion([b"a"], 1)


def test_an_inner_node_cannot_pass_as_a_leaf() -> None:
    inner = b"".join(hashlib.sha256(b"\x00" + each).digest() for each in (b"a", b"b"))
    assert chance.merkle_root([inner]) != chance.merkle_root([b"a", b"b"])


def test_the_seed_is_the_hash_of_the_published_facts() -> None:
    facts = {
        "version": 1,
        "draw": "D-7",
        "root": "ab" * 32,
        "n": 3000,
        "k": 1000,
        "sources": [{"kind": "chain", "position": 3, "value": "cd" * 32}],
    }
    seed = chance.seed_of(
        version=1,
        draw="D-7",
        root="ab" * 32,
        n=3000,
        k=1000,
        sources=[{"kind": "chain", "position": 3, "value": "cd" * 32}],
    )
    printed = json.dumps(facts, sort_keys=True, separators=(",", ":"))
    assert seed == hashlib.sha256(printed.encode()).hexdigest()


def test_a_label_differs_from_draw_to_draw() -> None:
    assert chance.label(b"member", "draw 1") != chance.label(b"member", "draw 2")
    assert chance.label(b"member", "draw 1") != chance.label(b"other", "draw 1")


def test_a_short_script_finds_the_same_order() -> None:
    labels = [chance.label(bytes([i]), "draw") for i in range(20)]
    keyed = {hmac.new(SEED.encode(), each.encode(), "sha256").hexdigest(): each for each in labels}
    assert chance.order(SEED, labels) == [keyed[key] for key in sorted(keyed)]


@given(names.filter(bool), st.data())
def test_removing_one_label_moves_no_other(labels: list[str], data: st.DataObject) -> None:
    labels = [each.encode("utf-8", "replace").hex() + str(i) for i, each in enumerate(labels)]
    gone = data.draw(st.sampled_from(labels))
    full = chance.order(SEED, labels)
    rest = chance.order(SEED, [each for each in labels if each != gone])
    assert rest == [each for each in full if each != gone]


@given(st.permutations(list("abcdefgh")))
def test_the_order_of_entry_changes_nothing(labels: list[str]) -> None:
    assert chance.order(SEED, labels) == chance.order(SEED, sorted(labels))


def test_nobody_stands_twice_in_an_order() -> None:
    with pytest.raises(ValueError, match="twice"):
        chance.order(SEED, ["a", "a"])


def test_a_stream_is_reproducible_and_its_purposes_differ() -> None:
    first, again = chance.Stream(SEED, "costs"), chance.Stream(SEED, "costs")
    other = chance.Stream(SEED, "places")
    assert [first.below(1000) for _ in range(50)] == [again.below(1000) for _ in range(50)]
    assert first.read(64) != other.read(64)


@given(st.lists(st.integers(0, 50), max_size=20))
def test_a_stream_gives_the_same_bytes_in_any_portions(portions: list[int]) -> None:
    parts = chance.Stream(SEED, "x")
    whole = chance.Stream(SEED, "x").read(sum(portions))
    assert b"".join(parts.read(count) for count in portions) == whole


@given(st.integers(1, 10**30))
def test_a_drawn_number_lies_below_its_bound(bound: int) -> None:
    stream = chance.Stream(SEED, str(bound))
    assert all(0 <= stream.below(bound) < bound for _ in range(5))


def test_drawing_below_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="bound"):
        chance.Stream(SEED, "x").below(0)


def test_drawn_numbers_are_even() -> None:
    stream = chance.Stream(SEED, "dice")
    counts = Counter(stream.below(6) for _ in range(6000))
    assert sum((count - 1000) ** 2 / 1000 for count in counts.values()) < 20.5  # chi², p = 0.001


def test_uniform_numbers_have_53_bits() -> None:
    stream = chance.Stream(SEED, "u")
    values = [stream.uniform53() for _ in range(2000)]
    assert max(values) < 2**53
    assert abs(sum(values) / len(values) / 2**53 - 0.5) < 0.03


@given(st.lists(st.integers()))
def test_a_shuffle_keeps_everybody(items: list[int]) -> None:
    mixed = list(items)
    chance.Stream(SEED, "mix").shuffle(mixed)
    assert sorted(mixed) == sorted(items)


def test_every_order_of_three_comes_up_alike() -> None:
    stream = chance.Stream(SEED, "three")
    counts: Counter[str] = Counter()
    for _ in range(3000):
        items = list("abc")
        stream.shuffle(items)
        counts["".join(items)] += 1
    assert len(counts) == 6
    assert sum((count - 500) ** 2 / 500 for count in counts.values()) < 20.5


@given(st.binary(min_size=1), st.integers(1, 30), st.data())
def test_each_code_of_a_chain_follows_the_one_before(
    secret: bytes, length: int, data: st.DataObject
) -> None:
    position = data.draw(st.integers(1, length))
    previous = chance.code_at(secret, length, position - 1)
    code = chance.code_at(secret, length, position)
    assert chance.follows(previous, code)
    assert not chance.follows(code, previous)
    assert chance.anchor(secret, length) == chance.code_at(secret, length, 0)


def test_a_typed_code_does_not_follow() -> None:
    assert not chance.follows(chance.anchor(b"s", 3), "ab" * 32)
    assert not chance.follows(chance.anchor(b"s", 3), "no hex")
    assert not chance.follows(chance.anchor(b"s", 3), chance.code_at(b"s", 3, 2))


def test_a_chain_ends() -> None:
    with pytest.raises(ValueError, match="position"):
        chance.code_at(b"s", 3, 4)


def test_the_root_follows_from_the_leaves_and_from_their_hashes() -> None:
    leaves = [bytes([number]) for number in range(11)]
    hashes = [chance.leaf_hash(leaf) for leaf in leaves]
    assert chance.tree_root(hashes) == chance.merkle_root(leaves)
    assert chance.tree_root([]) == chance.merkle_root([])
