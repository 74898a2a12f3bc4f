"""What may be shown of a list: no small cell, and none that subtraction would find."""

from __future__ import annotations

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from panel import score
from panel.ids import Code
from panel.rankings.rules import publication as rules
from panel.rankings.rules import ranking
from panel.rankings.types import (
    Cell,
    Entry,
    Kind,
    Method,
    Naming,
    RankList,
    Row,
    Scope,
    Sheet,
    Standing,
    Subject,
)

NAMING = Naming(scope=Scope.PEER_GROUP, minimum_visits=5, minimum_raters=5, list_size=2,
                share_percent=40)  # fmt: skip


def cells(unit: str, **raters: int) -> list[Cell]:
    """Return one sheet of 80 points by each of so many visitors, different ones at each window."""
    return [
        Cell(unit, window, f"{window}-{number}", 1, 8000, 8000**2)
        for window, count in raters.items()
        for number in range(count)
    ]


def rows(found: list[Cell], hidden: frozenset[str] = frozenset()) -> tuple[Row, ...]:
    """Return the lines of the units of some cells."""
    units = sorted({cell.unit for cell in found})
    (one,) = ranking.rank(Kind.UNIT, [Subject(unit, "g") for unit in units], found, NAMING)
    return rules.rows(one, found, _names(found), hidden, 5)


def _names(found: list[Cell]) -> dict[str, rules.Name]:
    keys = {cell.unit for cell in found} | {cell.window or cell.unit for cell in found}
    return {key: rules.Name(key, "", Code("u"), "u", "") for key in keys}


def test_windows_of_enough_visitors_are_shown() -> None:
    assert rules.hidden_windows(cells("u", a=5, b=9), frozenset(), 5) == frozenset()


def test_a_small_cell_is_hidden_with_a_companion() -> None:
    found = rules.hidden_windows(cells("u", a=3, b=6, c=9), frozenset(), 5)
    assert found == {"a", "b"}


def test_hidden_windows_together_rest_on_enough_visitors() -> None:
    found = rules.hidden_windows(cells("u", a=1, b=2, c=6, d=9), frozenset(), 5)
    assert found == {"a", "b", "c"}


def test_the_same_visitors_at_hidden_windows_are_counted_once() -> None:
    same = [Cell("u", window, f"v{n}", 1, 1, 1) for window in "ab" for n in range(3)]
    assert rules.hidden_windows([*same, *cells("u", c=6)], frozenset(), 5) == {"a", "b", "c"}


def test_a_window_rolled_up_into_its_unit_takes_a_companion_too() -> None:
    found = rules.hidden_windows(cells("u", a=8, b=6, c=9), frozenset({"a"}), 5)
    assert found == {"a", "b"}


def test_other_units_are_left_alone() -> None:
    found = rules.hidden_windows([*cells("u", a=3, b=6), *cells("v", c=7, d=7)], frozenset(), 5)
    assert found == {"a", "b"}


def test_nothing_measured_is_left_in_a_line_that_is_not_shown() -> None:
    (row,) = rows(cells("u", a=4))
    assert not row.shown
    empty = (row.score, row.low, row.high, row.visits, row.visitors, row.place, row.rest)
    assert set(empty) == {None}
    assert row.windows == ()


def test_the_rest_has_no_figure_of_a_single_window() -> None:
    (row,) = rows(cells("u", a=3, b=6, c=9), frozenset({"a", "b"}))
    assert [figure.code for figure in row.windows] == ["c"]
    assert row.rest is not None
    assert (row.rest.windows, row.rest.visits, row.rest.sum_of_means) == (2, 9, 16000)


@given(
    st.lists(st.lists(st.integers(0, 10_000), min_size=1, max_size=9), min_size=1, max_size=6),
    st.integers(0, 6),
)
def test_what_is_shown_always_gives_the_score_again(windows: list[list[int]], out: int) -> None:
    sheets = [
        Sheet("u", f"w{number}", f"r{number}-{rater}", value)
        for number, values in enumerate(windows)
        for rater, value in enumerate(values)
    ]
    found = list(ranking.aggregate(sheets))
    hidden = frozenset(f"w{number}" for number in range(min(out, len(windows))))
    (row,) = rows(found, hidden)
    if not row.shown:
        return
    total = sum((Fraction(f.sum, f.visits) for f in row.windows), Fraction())
    number = len(row.windows)
    if row.rest is not None:
        total, number = total + row.rest.sum_of_means, number + row.rest.windows
    assert score.rounded(total / number) == row.score


def test_neighbours_inside_the_interval_share_a_band() -> None:
    def entry(key: str, place: int, value: int) -> Entry:
        return Entry(
            key=key, group="g", n=9, raters=9, score=value, spread=100, place=place,
            place_from_below=4 - place, standing=Standing.RANKED, in_top=place == 1,
            in_bottom=place == 3, under_gate=False,
        )  # fmt: skip

    entries = (entry("a", 1, 9000), entry("b", 2, 8900), entry("c", 3, 5000))
    one = RankList(Kind.UNIT, Method.MEAN_OF_WINDOW_MEANS, "g", 3, 1, 1, entries)
    names = {key: rules.Name(key, "", Code(key), key, "") for key in "abc"}
    found = rules.rows(one, [c for k in "abc" for c in cells(k, **{f"w{k}": 9})],
                       {**names, **{f"w{k}": names[k] for k in "abc"}}, frozenset(), 5)  # fmt: skip
    assert [row.band for row in found] == [1, 1, 2]
    assert [row.provisional for row in found] == [True, False, False]
