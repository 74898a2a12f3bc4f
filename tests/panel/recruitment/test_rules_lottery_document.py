"""The published file: the same bytes again, every tampering noticed, here and by the checker."""

import hashlib
import importlib.util
import json
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import msgspec
import pytest

from panel import chance
from panel.errors import Conflict, Invalid, Missing
from panel.recruitment.rules import lottery
from panel.recruitment.rules.lottery.published import write
from panel.recruitment.rules.lottery.roster import proves, read_sealed
from panel.recruitment.types.lottery import (
    Book,
    Document,
    DrawPlan,
    Facts,
    GroupQuota,
    PoolEntry,
    Quota,
    Relaxation,
    RosterEntry,
    TicketLine,
)

SEED = chance.digest("a committed code")
CATEGORIES = ("enterprise", "resident", "self_employed", "official")
ROSTER = [
    RosterEntry(
        f"T{i:03}",
        (("category", CATEGORIES[i % 4]), ("sex", "fm"[i % 3 % 2])),
        eligible=i % 9 != 8,
        salt=chance.digest(i),
        household=f"家 {min(i, 58)}",
    )
    for i in range(60)
]
POOL = [
    PoolEntry(each.ticket, each.features, each.household, each.salt)
    for each in ROSTER
    if each.eligible
]
PLAN = DrawPlan(
    10,
    2,
    (Quota("sex", "f", 4, 7), Quota("category", "official", 1, 2)),
    (GroupQuota("citizens", "category", CATEGORIES[:3], 8),),
)


@pytest.fixture(scope="module")
def checker(tmp_path_factory: pytest.TempPathFactory) -> ModuleType:
    """Load the shipped checker as a stranger would, from a folder without anything of ours."""
    path = tmp_path_factory.mktemp("stranger") / "verify_lottery.py"
    path.write_bytes(lottery.checker_source())
    spec = importlib.util.spec_from_file_location("stranger", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def data() -> bytes:
    """Draw and write a small lottery."""
    prepared = lottery.prepare(POOL, PLAN, SEED, 40)
    book = lottery.deal(POOL, prepared, (lottery.extend(POOL, prepared, (), 40),), SEED)
    return lottery.document(POOL, book, facts())


def facts() -> Facts:
    """Return the facts of the small lottery."""
    return Facts(
        campaign="2026",
        criteria=chance.digest("criteria"),
        root=lottery.roster_root(ROSTER),
        applicants=len(ROSTER),
        plan=PLAN,
        relaxed=(Relaxation("sex:f", "minimum", 5, 4),),
        method=lottery.LEXIMIN,
        library=lottery.library(),
        seed=SEED,
        sealed=lottery.file_digest(lottery.sealed_roster(ROSTER)),
    )


def forged(data: bytes, **changes: object) -> bytes:
    """Change a file and close it again, as whoever holds the pen could."""
    return write(msgspec.structs.replace(lottery.read_document(data), **changes))


def agree(checker: ModuleType, data: bytes, *, good: bool, sha: str = "") -> None:
    """Let both sides judge a file."""
    assert all(check.passed for check in lottery.verify(data, sha or None)) is good
    assert all(holds for _, holds in checker.check(data, sha)) is good


def test_a_true_file_passes(data: bytes, checker: ModuleType) -> None:
    agree(checker, data, good=True, sha=hashlib.sha256(data).hexdigest())
    agree(checker, data, good=False, sha=hashlib.sha256(b"another").hexdigest())
    assert [check.code for check in lottery.verify(data)] == [
        "file", "form", "sizes", "twice", "known", "counts", "quotas", "totals", "hard",
    ]  # fmt: skip


def test_reading_and_writing_gives_the_same_bytes(data: bytes) -> None:
    found = lottery.read_document(data)
    assert write(found) == data
    assert found.facts == facts()
    assert len(found.book.lists) == 40
    lines = data.decode().split("\n")
    assert sum(line.startswith("list ") for line in lines) == 40
    # Whoever searches for a ticket finds every list that it stands on.
    own = found.tickets[0]
    hits = [line for line in lines if f" {own.ticket}" in line]
    assert len(hits) == own.seats + own.reserve + 1


def test_nothing_finer_than_the_category_is_published(data: bytes) -> None:
    text = data.decode()
    assert "家" not in text
    assert not any(entry.salt in text for entry in ROSTER)
    for line in text.split("\n"):
        if line.startswith("ticket "):
            assert line.split(" ")[2] in CATEGORIES
            assert len(line.split(" ")) == 5


def test_every_changed_byte_is_noticed(data: bytes, checker: ModuleType) -> None:
    stream = chance.Stream(SEED, "mutations")
    places = [stream.below(len(data)) for _ in range(240)]
    places += [0, len(data) - 1, len(data) - 2, len(data) - 66, len(data) - 73]
    for place in places:
        other = (data[place] + 1 + stream.below(255)) % 256
        agree(checker, data[:place] + bytes([other]) + data[place + 1 :], good=False)
    for place in (0, 100, len(data) - 1):  # a byte more, a byte less
        agree(checker, data[:place] + b" " + data[place:], good=False)
        agree(checker, data[:place] + data[place + 1 :], good=False)
    agree(checker, b"", good=False)


def test_numbers_that_do_not_fit_are_noticed_under_a_new_hash(
    data: bytes, checker: ModuleType
) -> None:
    found = lottery.read_document(data)
    lists, spare, totals = list(found.book.lists), found.book.reserves, list(found.totals)
    kind = {line.ticket: line.category for line in found.tickets}
    official = next(t for t, name in kind.items() if name == "official" and t not in lists[0])
    citizen = next(ticket for ticket in lists[0] if kind[ticket] != "official")
    swapped = tuple(sorted({*lists[0], official} - {citizen}))
    tickets = found.tickets
    planted: list[dict[str, object]] = [
        {"book": Book((lists[0][1:], *lists[1:]), spare)},
        {"book": Book((swapped, *lists[1:]), spare)},
        {"book": Book(((*lists[0][1:], lists[0][1]), *lists[1:]), spare)},
        {"book": Book(((*lists[0][1:], "T999"), *lists[1:]), spare)},
        {"book": Book(tuple(lists), ((*lists[0][:2],), *spare[1:]))},
        {"book": Book(tuple(lists), ((*spare[0], *spare[1]), *spare[1:]))},
        {"totals": ((totals[0][0], totals[0][1], totals[0][2] + 1), *totals[1:])},
        {"totals": ((3, *totals[0][1:]), *totals[1:])},
        {"totals": (totals[0][1:], *totals[1:])},
        {"tickets": (msgspec.structs.replace(tickets[0], seats=0), *tickets[1:])},
        {"tickets": (msgspec.structs.replace(tickets[0], category="official"), *tickets[1:])},
        {"tickets": (*tickets, TicketLine("T000", "resident", 0, 0))},
        {"tickets": tickets[1:]},
        {"facts": msgspec.structs.replace(found.facts, applicants=20)},
    ]  # fmt: skip
    for changes in planted:
        try:
            agree(checker, forged(data, **changes), good=False)
        except AssertionError as fault:
            pytest.fail(f"{changes}: {fault}")


def test_too_many_officials_on_one_list_break_the_hard_group(
    data: bytes, checker: ModuleType
) -> None:
    strict = GroupQuota("citizens", "category", CATEGORIES[:3], 10)
    found = forged(
        data, facts=msgspec.structs.replace(facts(), plan=DrawPlan(10, 2, PLAN.quotas, (strict,)))
    )
    failed = {check.code for check in lottery.verify(found) if not check.passed}
    assert failed == {"quotas", "hard"}
    assert ("hard groups", False) in checker.check(found)


def test_other_text_is_no_file() -> None:
    for text in (b"", b"panel lottery 1\n", b"\xff", b"panel lottery 1\nfacts {}\n"):
        with pytest.raises(Invalid):
            lottery.read_document(text)
        assert not all(check.passed for check in lottery.verify(text))


@pytest.mark.parametrize("place", [0, 8, 31, 59])
def test_an_applicant_proves_to_have_been_in_the_pool(
    place: int, data: bytes, checker: ModuleType
) -> None:
    proof = lottery.roster_proof(ROSTER[::-1], ROSTER[place].ticket)
    assert proves(proof)
    told = msgspec.json.encode(proof)
    assert all(check.passed for check in lottery.verify(data, proof=told))
    assert all(holds for _, holds in checker.check(data, proof=told))
    body = json.loads(told)
    for name, value in (
        ("features", [["category", "official"], ["sex", "x"]]),
        ("eligible", not proof.eligible),
        ("ticket", "T001" if place != 1 else "T002"),
        ("salt", "0"),
        ("index", (place + 1) % 60),
        ("size", 59),
        ("path", body["path"][1:]),
        ("root", chance.digest("another root")),
    ):
        lie = json.dumps(body | {name: value}).encode()
        assert not all(check.passed for check in lottery.verify(data, proof=lie))
        assert not all(holds for _, holds in checker.check(data, proof=lie))
    for lie in (b"{}", b"[]", b"no"):
        assert not all(check.passed for check in lottery.verify(data, proof=lie))
        assert not all(holds for _, holds in checker.check(data, proof=lie))


@pytest.mark.parametrize("size", [1, 2, 3, 5, 6, 7, 8, 33])
def test_paths_of_any_tree_lead_to_its_root(size: int, checker: ModuleType) -> None:
    roster = ROSTER[:size]
    published = {"root": lottery.roster_root(roster), "applicants": size}
    known = {entry.ticket: "" for entry in roster if entry.eligible}
    for entry in roster:
        proof = lottery.roster_proof(roster, entry.ticket)
        assert proves(proof)
        assert checker.proves(json.loads(msgspec.json.encode(proof)), published, known)


def test_whoever_did_not_apply_has_no_proof() -> None:
    with pytest.raises(Missing):
        lottery.roster_proof(ROSTER, "T999")
    with pytest.raises(ValueError, match="twice"):
        lottery.roster_root([ROSTER[0], ROSTER[0]])


def test_a_leaf_hides_the_address_and_fixes_the_features() -> None:
    own = ROSTER[0]
    moved = msgspec.structs.replace(own, household=None)
    assert lottery.roster_leaf(moved) == lottery.roster_leaf(own)
    turned = msgspec.structs.replace(own, features=own.features[::-1])
    assert lottery.roster_leaf(turned) == lottery.roster_leaf(own)
    other = msgspec.structs.replace(own, eligible=False)
    assert lottery.roster_leaf(other) != lottery.roster_leaf(own)


def test_witnesses_check_every_quota_with_the_sealed_roster(data: bytes) -> None:
    sealed = lottery.sealed_roster(ROSTER)
    assert read_sealed(sealed) == tuple(
        msgspec.structs.replace(each, features=tuple(sorted(each.features))) for each in ROSTER
    )
    checks = lottery.check_sealed(data, sealed)
    assert len(checks) == 6
    assert all(check.passed for check in checks)
    other = [msgspec.structs.replace(ROSTER[0], household="elsewhere"), *ROSTER[1:]]
    failed = [
        c.code for c in lottery.check_sealed(data, lottery.sealed_roster(other)) if not c.passed
    ]
    assert failed == ["sealed.file"]
    assert [c.passed for c in lottery.check_sealed(data, b"no roster")] == [False]
    assert [c.passed for c in lottery.check_sealed(data, sealed[:-9])] == [False]


def test_witnesses_notice_what_the_public_cannot_see(data: bytes) -> None:
    found = lottery.read_document(data)
    features = {entry.ticket: dict(entry.features) for entry in POOL}
    homes = {entry.ticket: entry.household for entry in POOL}

    def failures(content: Document, roster: list[RosterEntry]) -> set[str]:
        sealed = lottery.sealed_roster(roster)
        own = msgspec.structs.replace(
            content.facts,
            sealed=lottery.file_digest(sealed),
            root=lottery.roster_root(roster),
        )
        told = write(msgspec.structs.replace(content, facts=own))
        return {each.code for each in lottery.check_sealed(told, sealed) if not each.passed}

    assert failures(found, ROSTER) == set()
    # Everybody on the first list lives in one house.
    first = set(found.book.lists[0])
    together = [
        msgspec.structs.replace(each, household="one house") if each.ticket in first else each
        for each in ROSTER
    ]
    assert failures(found, together) == {"sealed.addresses"}
    women = [
        msgspec.structs.replace(
            each, features=(("category", features[each.ticket]["category"]), ("sex", "f"))
        )
        if each.eligible
        else each
        for each in ROSTER
    ]
    assert failures(found, women) == {"sealed.quotas", "sealed.totals"}
    assert failures(found, [each for each in ROSTER if each.ticket != "T000"]) >= {"sealed.pool"}
    assert len(homes) == len(POOL)


@pytest.mark.parametrize(
    ("value", "lists", "number"),
    [
        ("007", 1000, 7), (" 999 ", 1000, 999), ("\uff10\uff14\uff12", 1000, 42), ("000", 1000, 0),
        ("039", 40, 39), ("1999", 2000, 1999),
    ],
)  # fmt: skip
def test_a_drawn_number_names_a_list(value: str, lists: int, number: int) -> None:
    assert lottery.list_number(value, lists) == number
    assert lottery.label(number, lists) == f"{number:0{3 if lists <= 1000 else 4}}"


@pytest.mark.parametrize(
    ("value", "lists"),
    [
        ("7", 1000),
        ("0007", 1000),
        ("", 1000),
        ("abc", 1000),
        ("-07", 1000),
        ("040", 40),
        ("²²²", 9),
    ],
)
def test_what_names_no_list_is_refused(value: str, lists: int, data: bytes) -> None:
    with pytest.raises(Invalid, match=r"lottery\.number"):
        lottery.list_number(value, lists)
    if lists <= 40:
        assert not all(check.passed for check in lottery.verify(data, number=value))


def test_the_checker_runs_alone_and_prints_the_drawn_list(data: bytes, tmp_path: Path) -> None:
    (tmp_path / "verify.py").write_bytes(lottery.checker_source())
    (tmp_path / "lottery.txt").write_bytes(data)
    (tmp_path / "proof.json").write_bytes(msgspec.json.encode(lottery.roster_proof(ROSTER, "T000")))
    command = [sys.executable, "-I", "-S", "verify.py", "lottery.txt", "--number", "007",
               "--sha256", lottery.file_digest(data), "--proof", "proof.json"]  # fmt: skip
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "list 007: T" in done.stdout
    assert "reserve 007: T" in done.stdout
    assert "WRONG" not in done.stdout
    (tmp_path / "lottery.txt").write_bytes(data.replace(b"T000", b"T001", 1))
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "WRONG unchanged" in done.stdout


def test_a_small_panel_may_be_drawn_by_strata(checker: ModuleType) -> None:
    plan = DrawPlan(8, 4, (Quota("category", "official", 1, 1),), PLAN.groups[:0])
    book = lottery.stratified(POOL, plan, SEED)
    assert lottery.stratified(POOL[::-1], plan, SEED) == book
    assert lottery.stratified(POOL, plan, chance.digest(2)) != book
    kind = {entry.ticket: dict(entry.features)["category"] for entry in POOL}
    drawn = sorted(kind[ticket] for ticket in book.lists[0])
    assert drawn.count("official") == 1
    assert {drawn.count(name) for name in CATEGORIES[:3]} == {2, 3}
    assert len(book.reserves[0]) == 4
    assert not set(book.lists[0]) & set(book.reserves[0])
    own = msgspec.structs.replace(facts(), plan=plan, method=lottery.STRATIFIED)
    agree(checker, lottery.document(POOL, book, own), good=True)


def test_strata_keep_addresses_and_groups() -> None:
    pool = [
        PoolEntry(
            f"T{i:02}", (("category", "official" if i < 20 else "resident"),), f"home {i % 8}"
        )
        for i in range(24)
    ]
    group = GroupQuota("citizens", "category", ("resident",), 4)
    book = lottery.stratified(pool, DrawPlan(5, 2, (), (group,)), SEED)
    people = (*book.lists[0], *book.reserves[0])
    assert len({int(ticket[1:]) % 8 for ticket in people}) == len(people)
    assert sum(int(ticket[1:]) >= 20 for ticket in book.lists[0]) == 4
    assert book.reserves == ((),)  # no resident is left, so no official may wait


def test_strata_refuse_what_they_cannot_hold() -> None:
    with pytest.raises(Conflict) as refusal:
        lottery.stratified(POOL, PLAN, SEED)
    assert refusal.value.values["quotas"] == ("sex:f",)
    few = DrawPlan(8, 0, (Quota("category", "official", 7, 4, hard=True),))
    with pytest.raises(Conflict):
        lottery.stratified(POOL, few, SEED)
    with pytest.raises(Conflict):
        lottery.stratified(POOL[:3], DrawPlan(8, 0), SEED)
    alike = [msgspec.structs.replace(entry, household="one house") for entry in POOL]
    with pytest.raises(Conflict):
        lottery.stratified(alike, DrawPlan(2, 0), SEED)


def test_a_replacement_asks_for_what_is_missing() -> None:
    whole = DrawPlan(
        10, 2, (Quota("sex", "f", 4, 6), Quota("category", "official", 0, 2)),
        (GroupQuota("citizens", "category", ("resident", "enterprise"), 8),),
    )  # fmt: skip
    serving = [
        *[(("category", "resident"), ("sex", "m"))] * 5,
        *[(("category", "official"), ("sex", "f"))] * 2,
    ]
    plan = lottery.missing(whole, serving, 3, 1)
    assert plan == DrawPlan(
        3, 1, (Quota("sex", "f", 2, 3), Quota("category", "official", 0, 0)),
        (GroupQuota("citizens", "category", ("resident", "enterprise"), 3),),
    )  # fmt: skip
    # The hard group is never cut to the seats: it is told to be impossible instead.
    more = [(("category", "official"), ("sex", "f"))] * 9
    assert lottery.missing(whole, more, 1).groups[0].minimum == 8
    assert lottery.missing(whole, more, 1).quotas[0] == Quota("sex", "f", 0, 0)


def test_a_smaller_panel_keeps_its_shares() -> None:
    whole = DrawPlan(
        100, 0, (Quota("sex", "f", 45, 55),), (GroupQuota("citizens", "sex", ("f", "m"), 80),)
    )
    plan = lottery.missing(whole, [(("sex", "f"),)] * 20, 11)
    assert plan.quotas == (Quota("sex", "f", 0, 0),)  # 31 people: 13 to 18 of them, 20 are there
    assert plan.groups[0].minimum == 5  # 25 of 31, 20 are there
