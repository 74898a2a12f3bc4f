"""Lists by means: exact, shared places, short lists, and nothing hangs on an order of entry."""

from collections import defaultdict
from collections.abc import Sequence
from fractions import Fraction

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from panel.rankings.rules.ranking import (
    aggregate,
    compute,
    figures,
    fingerprint,
    lowest,
    naming,
    simpler,
)
from panel.rankings.types.ranking import (
    Cell,
    Entry,
    Kind,
    Listing,
    Method,
    Naming,
    Options,
    RankList,
    Scope,
    Sheet,
    Standing,
    Subject,
)

OPEN = Naming(Scope.PEER_GROUP, minimum_visits=1, minimum_raters=1)


def units(*keys: str, group: str = "g") -> list[Subject]:
    """Return units of one peer group."""
    return [Subject(key, group) for key in keys]


def rank(  # noqa: PLR0917 - what a list is made of
    kind: Kind,
    subjects: Sequence[Subject],
    cells: Sequence[Cell],
    rules: Naming,
    method: Method = Method.MEAN_OF_WINDOW_MEANS,
    options: Options | None = None,
) -> tuple[RankList, ...]:
    """List subjects by a simpler method, without the model beside it."""
    listing = Listing(kind, tuple(subjects), rules)
    found = simpler.found(kind, figures.tree(cells), method, options or Options(method))
    return naming.lists(listing, method, found)


def input_hash(subjects: Sequence[Subject], cells: Sequence[Cell], rules: Naming) -> str:
    """Return the fingerprint of one list's input."""
    return fingerprint([Listing(Kind.UNIT, tuple(subjects), rules)], cells, Options())


def flat(**scores: int) -> tuple[Cell, ...]:
    """Return one sheet with this score for each unit, by one visitor."""
    return aggregate(Sheet(unit, "w" + unit, "r", score) for unit, score in scores.items())


def one(lists: tuple[RankList, ...]) -> dict[str, Entry]:
    """Return the entries of the only list by key."""
    (only,) = lists
    return {entry.key: entry for entry in only.entries}


def test_a_worked_example() -> None:
    # Window 1: (80 + 90 + 70) / 3 = 80; window 2: 65.01 alone; so (80 + 65.01) / 2 = 72.505,
    # half up 72.51. The pooled mean would be 76.25: the much visited window would weigh threefold.
    cells = aggregate(
        [
            Sheet("A", "1", "r1", 8000),
            Sheet("A", "1", "r2", 9000),
            Sheet("A", "1", "r3", 7000),
            Sheet("A", "2", "r1", 6501),
        ]
    )
    entry = one(rank(Kind.UNIT, units("A"), cells, OPEN))["A"]
    assert (entry.n, entry.raters, entry.score) == (4, 3, 7251)
    # Variance within windows: 2 000 000 / 2 = 1 000 000; of the mean: (1/3 + 1) / 4 of it.
    assert entry.spread == 1132  # 1.96 · √333 333.3 = 1131.6, rounded up
    windows = one(rank(Kind.WINDOW, [Subject("1", "g"), Subject("2", "g")], cells, OPEN))
    assert {key: each.score for key, each in windows.items()} == {"1": 8000, "2": 6501}
    assert windows["1"].place == 1


def test_equal_scores_share_a_place_and_the_next_is_skipped() -> None:
    found = one(rank(Kind.UNIT, units("A", "B", "C", "D"), flat(A=9, B=8, C=8, D=7), OPEN))
    assert [found[key].place for key in "ABCD"] == [1, 2, 2, 4]
    assert [found[key].place_from_below for key in "ABCD"] == [4, 2, 2, 1]


def test_equal_after_rounding_is_equal() -> None:
    # 80.004 and 80.0033… are both 80.00; 80.005 is 80.01.
    scores = {"A": [8000, 8000, 8000, 8001, 8001], "B": [8000, 8000, 8001], "C": [8000, 8001]}
    cells = aggregate(Sheet(key, key, "r", each) for key in scores for each in scores[key])
    found = one(rank(Kind.UNIT, units("A", "B", "C"), cells, OPEN))
    assert [found[key].score for key in "ABC"] == [8000, 8000, 8001]
    assert [found[key].place for key in "ABC"] == [2, 2, 1]


def test_whoever_has_too_few_visits_or_visitors_is_listed_but_not_ranked() -> None:
    naming = Naming(Scope.PEER_GROUP, minimum_visits=3, minimum_raters=2)
    visits = {"many": ["r1", "r1", "r2"], "alone": ["r1"] * 5, "few": ["r1", "r2"]}
    cells = aggregate(Sheet(key, key, rater, 50) for key in visits for rater in visits[key])
    found = one(rank(Kind.UNIT, units("many", "alone", "few", "never"), cells, naming))
    assert found["many"].standing is Standing.RANKED
    assert (found["many"].place, found["many"].place_from_below) == (1, 1)
    for key in ("alone", "few", "never"):
        entry = found[key]
        assert entry.standing is Standing.INSUFFICIENT
        assert entry.place is entry.place_from_below is None
        assert not entry.in_top
        assert not entry.in_bottom
        assert not entry.under_gate
    assert (found["never"].n, found["never"].score) == (0, None)


def test_a_unit_that_the_rulebook_leaves_out_is_not_ranked() -> None:
    subjects = [Subject("A", "g", ranked=False), *units("B")]
    found = one(rank(Kind.UNIT, subjects, flat(A=1, B=2), OPEN))
    assert found["A"].standing is Standing.NOT_RANKED
    assert found["B"].place_from_below == 1


def numbered(count: int) -> tuple[list[Subject], tuple[Cell, ...]]:
    """Return units with the scores 1, 2, 3 … points."""
    keys = [f"U{i:03}" for i in range(1, count + 1)]
    return units(*keys), flat(**{key: int(key[1:]) * 100 for key in keys})


@pytest.mark.parametrize(("count", "size"), [(50, 10), (49, 9), (100, 10), (5, 1), (4, 0)])
def test_a_list_of_the_lowest_holds_at_most_a_fifth_of_its_group(count: int, size: int) -> None:
    subjects, cells = numbered(count)
    (found,) = rank(Kind.UNIT, subjects, cells, OPEN)
    assert found.bottom_size == found.top_size == size
    assert [entry.key for entry in found.entries if entry.in_bottom] == [
        f"U{i:03}" for i in range(size, 0, -1)
    ]
    assert sum(entry.in_top for entry in found.entries) == size


def test_a_tie_over_the_cut_names_all() -> None:
    subjects = units(*"ABCDEFGHIJ")
    cells = flat(A=1, B=2, C=2, D=2, E=5, F=6, G=7, H=9, I=9, J=9)
    found = one(rank(Kind.UNIT, subjects, cells, OPEN))
    assert {key for key in found if found[key].in_bottom} == set("ABCD")
    assert {key for key in found if found[key].in_top} == set("HIJ")


def test_where_all_are_equal_nobody_is_named() -> None:
    found = one(rank(Kind.UNIT, units(*"ABCDE"), flat(A=7, B=7, C=7, D=7, E=7), OPEN))
    assert not any(entry.in_top or entry.in_bottom for entry in found.values())
    assert {entry.place for entry in found.values()} == {1}


def test_the_gate_is_absolute() -> None:
    found = one(rank(Kind.UNIT, units("A", "B"), flat(A=7499, B=7500), OPEN))
    assert (found["A"].under_gate, found["B"].under_gate) == (True, False)


def test_each_peer_group_has_a_list_of_its_own() -> None:
    subjects = [*units("A", "B", group="x"), *units("C", group="y")]
    cells = flat(A=1, B=3, C=2)
    lists = rank(Kind.UNIT, subjects, cells, OPEN)
    assert [(each.group, [entry.key for entry in each.entries]) for each in lists] == [
        ("x", ["B", "A"]),
        ("y", ["C"]),
    ]
    city = msgspec.structs.replace(OPEN, scope=Scope.CITY)
    (whole,) = rank(Kind.UNIT, subjects, cells, city)
    assert (whole.group, [entry.key for entry in whole.entries]) == ("", ["B", "C", "A"])
    assert [entry.group for entry in whole.entries] == ["x", "y", "x"]


def test_a_unit_without_windows_is_scored_by_its_own_sheets() -> None:
    cells = aggregate([Sheet("A", None, "r1", 8000), Sheet("A", None, "r2", 7000)])
    assert one(rank(Kind.UNIT, units("A"), cells, OPEN))["A"].score == 7500
    assert one(rank(Kind.WINDOW, [Subject("W", "g")], cells, OPEN))["W"].score is None


def test_the_last_three_are_found_with_ties() -> None:
    cells = flat(A=9, B=3, C=2, D=3, E=1, F=8)
    (found,) = rank(Kind.UNIT, units(*"ABCDEF"), cells, OPEN)
    assert [entry.key for entry in lowest(found.entries, 3)] == ["E", "C", "B", "D"]
    assert [entry.key for entry in lowest(found.entries, 1)] == ["E"]


def test_without_a_second_visit_anywhere_the_spread_is_unknown() -> None:
    assert one(rank(Kind.UNIT, units("A"), flat(A=5), OPEN))["A"].spread is None


def test_more_visits_make_the_spread_smaller() -> None:
    def spread(times: int) -> int:
        cells = aggregate(
            Sheet("A", "1", f"r{i}", score) for i in range(times) for score in (7000, 8000)
        )
        found = one(rank(Kind.UNIT, units("A"), cells, OPEN))["A"].spread
        assert found is not None
        return found

    assert spread(2) > spread(5) > spread(40)


def test_nobody_is_listed_twice() -> None:
    with pytest.raises(ValueError, match="twice"):
        compute([Listing(Kind.UNIT, tuple(units("A", "A")), OPEN)], flat(A=1), Options())


def test_sums_that_no_sheets_can_have_are_refused() -> None:
    for cell in (Cell("A", "1", "r", 2, 100, 0), Cell("A", "1", "r", 0, 0, 0)):
        with pytest.raises(ValueError, match="contradict"):
            compute([Listing(Kind.UNIT, tuple(units("A")), OPEN)], [cell], Options())


def test_nobody_at_all_gives_no_list() -> None:
    assert rank(Kind.UNIT, [], [], OPEN) == ()


sheets = st.lists(
    st.builds(
        Sheet,
        unit=st.sampled_from("ABCDEFGH"),
        window=st.sampled_from("12"),
        rater=st.sampled_from(["r1", "r2", "r3", "r4"]),
        score=st.integers(0, 10_000),
    ).map(lambda each: msgspec.structs.replace(each, window=f"{each.unit}{each.window}")),
    max_size=60,
)
EVERY = units(*"ABCDEFGH")
STRICT = Naming(Scope.PEER_GROUP, minimum_visits=3, minimum_raters=2, list_size=3, share_percent=40)


@given(sheets, st.data())
def test_the_order_of_entry_changes_nothing(rows: list[Sheet], data: st.DataObject) -> None:
    mixed, subjects = data.draw(st.permutations(rows)), data.draw(st.permutations(EVERY))
    cells = list(aggregate(rows))
    shuffled = data.draw(st.permutations(cells))
    assert aggregate(mixed) == tuple(cells)
    assert rank(Kind.UNIT, subjects, shuffled, STRICT) == rank(Kind.UNIT, EVERY, cells, STRICT)
    assert input_hash(subjects, shuffled, STRICT) == input_hash(EVERY, cells, STRICT)


@given(sheets)
def test_scores_agree_with_the_definition(rows: list[Sheet]) -> None:
    found = one(rank(Kind.UNIT, EVERY, aggregate(rows), STRICT))
    for key, entry in found.items():
        windows: dict[str | None, list[int]] = defaultdict(list)
        for sheet in rows:
            if sheet.unit == key:
                windows[sheet.window].append(sheet.score)
        means = [Fraction(sum(each), len(each)) for each in windows.values()]
        assert entry.n == sum(len(each) for each in windows.values())
        if means:
            exact = sum(means, Fraction()) / len(means)
            assert entry.score is not None
            assert Fraction(-1, 2) < entry.score - exact <= Fraction(1, 2)
        else:
            assert entry.score is None


@given(sheets)
def test_places_agree_with_the_scores(rows: list[Sheet]) -> None:
    found = one(rank(Kind.UNIT, EVERY, aggregate(rows), STRICT))
    ranked = {k: e.score for k, e in found.items() if e.standing is Standing.RANKED}
    for key, value in ranked.items():
        higher = [each for each in ranked.values() if each is not None and each > (value or 0)]
        assert found[key].place == 1 + len(higher)
        assert not (found[key].in_top and found[key].in_bottom)
    tied = {value for value in ranked.values() if list(ranked.values()).count(value) > 1}
    named = [k for k in ranked if found[k].in_bottom and ranked[k] not in tied]
    assert len(named) <= len(ranked) * 40 // 100


@given(sheets.filter(bool), st.data())
def test_a_better_sheet_never_harms_its_unit(rows: list[Sheet], data: st.DataObject) -> None:
    index = data.draw(st.integers(0, len(rows) - 1))
    before = rows[index]
    better = msgspec.structs.replace(before, score=data.draw(st.integers(before.score, 10_000)))
    changed = [*rows[:index], better, *rows[index + 1 :]]
    old = one(rank(Kind.UNIT, EVERY, aggregate(rows), STRICT))[before.unit]
    new = one(rank(Kind.UNIT, EVERY, aggregate(changed), STRICT))[before.unit]
    assert (new.score or 0) >= (old.score or 0)
    assert (new.place or 0) <= (old.place or 0)
    assert not (new.in_bottom and not old.in_bottom and new.place == old.place)


@given(sheets.filter(bool))
def test_withdrawing_a_sheet_from_its_cell_restores_the_list_exactly(rows: list[Sheet]) -> None:
    gone, rest = rows[0], rows[1:]
    cells = [
        Cell(c.unit, c.window, c.rater, c.n - 1, c.total - gone.score, c.squares - gone.score**2)
        if (c.window, c.rater) == (gone.window, gone.rater)
        else c
        for c in aggregate(rows)
    ]
    left = [cell for cell in cells if cell.n]
    assert rank(Kind.UNIT, EVERY, left, STRICT) == rank(Kind.UNIT, EVERY, aggregate(rest), STRICT)


@settings(max_examples=30)
@given(sheets.filter(bool), st.data())
def test_the_hash_changes_with_every_figure(rows: list[Sheet], data: st.DataObject) -> None:
    index = data.draw(st.integers(0, len(rows) - 1))
    other = msgspec.structs.replace(rows[index], score=rows[index].score + 1)
    changed = [*rows[:index], other, *rows[index + 1 :]]
    assert input_hash(EVERY, aggregate(rows), STRICT) != input_hash(
        EVERY, aggregate(changed), STRICT
    )


def test_the_list_survives_storage() -> None:
    subjects, cells = numbered(12)
    lists = rank(Kind.UNIT, subjects, cells, OPEN)
    assert msgspec.json.decode(msgspec.json.encode(lists), type=tuple[RankList, ...]) == lists


def test_each_step_of_the_way_to_a_score_adds_up() -> None:
    cells = aggregate(
        Sheet("A", window, f"r{i}", score)
        for window, scores in {"1": [1000, 2000, 9999], "2": [5001]}.items()
        for i, score in enumerate(scores)
    )
    for method, keys in {
        Method.POOLED_MEAN: ["mean"],
        Method.MEAN_OF_WINDOW_MEANS: ["mean", "windows"],
        Method.TRIMMED_MEAN: ["mean", "windows", "trimming"],
    }.items():
        entry = one(rank(Kind.UNIT, units("A"), cells, OPEN, method))["A"]
        assert [step.key for step in entry.story] == keys
        assert sum(step.points for step in entry.story) == entry.score


def test_the_pooled_mean_lets_the_busiest_window_decide() -> None:
    cells = aggregate(
        [Sheet("A", "1", f"r{i}", 9000) for i in range(3)] + [Sheet("A", "2", "r", 5000)]
    )
    assert one(rank(Kind.UNIT, units("A"), cells, OPEN, Method.POOLED_MEAN))["A"].score == 8000


def test_the_trimmed_mean_leaves_out_a_share_at_either_end() -> None:
    cells = aggregate(Sheet("A", "1", f"r{i}", i * 1000) for i in (0, 5, 6, 7, 8, 5, 6, 7, 9, 10))
    # Two visits of one rater are one entry with their mean; a tenth of ten visits is one visit.
    assert simpler.trimmed(cells, 10) == Fraction(5 + 5 + 6 + 6 + 7 + 7 + 8 + 9, 8) * 1000
    # A twentieth is half a visit: the outermost count half.
    assert simpler.trimmed(cells, 5) == Fraction(2 * 53 + 0 + 10, 2 * 9) * 1000
    assert simpler.trimmed(cells[:1], 50) == 0


def test_windows_weigh_by_transactions_up_to_the_cap() -> None:
    options = Options(weights={"1": 900, "2": 60, "3": 40}, weight_cap_percent=40)
    weights = figures.weights(["1", "2", "3"], options)
    assert weights == {"1": 4000, "2": 3600, "3": 2400}
    assert figures.weights(["1", "2"], options) == {"1": 1, "2": 1}  # both would be over the cap
    assert figures.weights(["1", "2", "3"], Options()) == {"1": 1, "2": 1, "3": 1}
    cells = aggregate(Sheet("A", key, "r", 1000 * int(key)) for key in "123")
    found = rank(Kind.UNIT, units("A"), cells, OPEN, options=options)
    entry = one(found)["A"]
    whole = sum(weights.values())
    exact = Fraction(sum(1000 * int(key) * weight for key, weight in weights.items()), whole)
    assert entry.score is not None
    assert abs(entry.score - exact) <= Fraction(1, 2)
