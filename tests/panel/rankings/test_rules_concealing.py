"""Whose figures an edition shows, beside what was told before."""

from __future__ import annotations

from collections.abc import Iterable

from hypothesis import given, settings
from hypothesis import strategies as st

from panel.floor import Figure
from panel.ids import Code
from panel.rankings.rules.concealing import Concealed, conceal
from panel.rankings.types import Cell, Earlier, Told
from tests.make.floor import small_parts

NONE: frozenset[str] = frozenset()


def cells(unit: str, period: str = "r1", **raters: int | Iterable[int]) -> list[Cell]:
    """Return one sheet of 80 points by each visitor; a number means so many, unlike elsewhere."""
    return [
        Cell(unit, window, rater, 1, 8000, 8000**2, "window:open", period)
        for window, who in raters.items()
        for rater in (
            [f"{period}-{window}-{n}" for n in range(who)]
            if isinstance(who, int)
            else [f"p{n}" for n in who]
        )
    ]


def test_windows_of_enough_visitors_are_shown() -> None:
    assert conceal(cells("u", a=5, b=9), NONE, 5) == Concealed(NONE, NONE)


def test_a_small_window_is_hidden_with_a_companion() -> None:
    assert conceal(cells("u", a=3, b=6, c=9), NONE, 5).windows == {"a", "b"}


def test_hidden_windows_together_rest_on_enough_visitors() -> None:
    assert conceal(cells("u", a=1, b=2, c=6, d=9), NONE, 5).windows == {"a", "b", "c"}


def test_the_same_visitors_at_hidden_windows_are_counted_once() -> None:
    same = cells("u", a=range(3), b=range(3))
    assert conceal([*same, *cells("u", c=6)], NONE, 5).windows == {"a", "b", "c"}


def test_a_window_rolled_up_into_its_unit_takes_a_companion_too() -> None:
    assert conceal(cells("u", a=8, b=6, c=9), frozenset({"a"}), 5).windows == {"a", "b"}


def test_other_units_are_left_alone() -> None:
    found = conceal([*cells("u", a=3, b=6), *cells("v", c=7, d=7)], NONE, 5)
    assert found.windows == {"a", "b"}


def test_a_unit_of_too_few_visitors_shows_no_window() -> None:
    assert conceal(cells("u", a=2, b=2), NONE, 5).windows == {"a", "b"}


def first(*found: Cell, hidden: tuple[str, ...] = ()) -> list[Earlier]:
    """Return what an earlier edition published."""
    return [Earlier(Code("r1"), 1, tuple(found), hidden)]


def test_a_window_whose_growth_is_small_is_rolled_up_with_company() -> None:
    before = cells("u", a=6, b=6, c=6)
    after = [*before, *cells("u", "r2", a=2, b=6, c=6)]
    assert conceal(after, NONE, 5).windows == NONE
    assert conceal(after, NONE, 5, first(*before)) == Concealed(
        frozenset({"a", "b"}), NONE, frozenset({"u"})
    )


def test_growth_by_visitors_enough_is_shown() -> None:
    before = cells("u", a=6, b=6)
    after = [*before, *cells("u", "r2", a=5, b=5)]
    assert conceal(after, NONE, 5, first(*before)) == Concealed(NONE, NONE)


def test_visitors_who_came_again_count_once_in_the_growth() -> None:
    before = cells("u", a=6, b=6, c=8)
    after = [*before, *cells("u", "r2", a=range(4)), *cells("u", "r3", a=range(4))]
    assert "a" in conceal(after, NONE, 5, first(*before)).windows


def test_the_same_again_is_shown_again() -> None:
    before = cells("u", a=6, b=2, c=6)
    found = conceal(before, NONE, 5)
    again = conceal(before, NONE, 5, first(*before, hidden=found.kept))
    assert again == found


def test_what_a_correction_takes_out_withholds_the_figures_of_the_unit() -> None:
    before = [*cells("u", a=7, b=7), *cells("v", c=7, d=7)]
    after = before[1:]
    found = conceal(after, NONE, 5, first(*before))
    assert found.units == {"u"}
    assert found.windows == {"a", "b"}


def test_a_sheet_that_was_counted_otherwise_is_a_correction_too() -> None:
    before = cells("u", a=7, b=7)
    capped = Cell("u", "a", before[0].rater, 1, 5900, 5900**2, "window:open", "r1")
    assert conceal([capped, *before[1:]], NONE, 5, first(*before)).units == {"u"}


def test_a_withheld_unit_comes_back_once_the_difference_is_large_enough() -> None:
    before = cells("u", a=7, b=7)
    corrected = Earlier(Code("r1"), 2, tuple(before[1:]), ("a", "b", "u"))
    later = [*before[1:], *cells("u", "r2", a=8, b=8)]
    found = conceal(later, NONE, 5, [*first(*before), corrected])
    assert found == Concealed(NONE, NONE)


def test_a_unit_without_windows_is_withheld_alike() -> None:
    def office(period: str, count: int) -> list[Cell]:
        return [
            Cell("o", None, f"{period}{n}", 1, 8000, 8000**2, "desk:open", period)
            for n in range(count)
        ]

    before = office("r1", 9)
    found = conceal([*before, *office("r2", 2)], NONE, 5, first(*before))
    assert found.units == {"o"}


def test_a_batch_that_the_unit_was_told_counts_as_told() -> None:
    everything = cells("u", a=9, b=9)
    batch = Told(tuple(cell for cell in everything if cell.rater != "r1-a-0"))
    assert conceal(everything, NONE, 5, told=[batch]).units == {"u"}
    half = Told(tuple(cells("u", a=9)))
    assert conceal(everything, NONE, 5, told=[half]) == Concealed(NONE, NONE)


def test_a_story_is_not_told_where_it_would_give_hidden_windows() -> None:
    """Pooled mean and mean of means are two sums over two windows: together they give both."""
    found = conceal(cells("u", a=3, b=6, c=9), NONE, 5)
    assert found.windows == {"a", "b"}
    assert found.stories == {"u"}
    assert conceal(cells("u", a=6, b=6, c=9), NONE, 5).stories == NONE


def test_two_sums_by_other_weights_need_three_windows_in_company() -> None:
    found = cells("u", a=3, b=4, c=9, d=9)
    assert conceal(found, NONE, 5).windows == {"a", "b"}
    assert len(conceal(found, NONE, 5, weighted=True).windows) > 2


SIZES = st.lists(st.lists(st.integers(0, 7), min_size=3, max_size=3), min_size=1, max_size=4)


@settings(max_examples=60)
@given(SIZES, st.lists(st.integers(0, 30), max_size=2))
def test_no_history_of_editions_lets_a_small_part_be_found(
    rounds: list[list[int]], dropped: list[int]
) -> None:
    """Let rounds accumulate, and sheets drop out, and look at everything that was told."""
    counted: list[Cell] = []
    earlier: list[Earlier] = []
    told: list[tuple[str, tuple[tuple[Cell, ...], ...]]] = []
    for number, sizes in enumerate(rounds):
        counted += cells("u", f"r{number}", **dict(zip("abc", sizes, strict=True)))
        if number < len(dropped) and dropped[number] < len(counted):
            del counted[dropped[number]]
        found = conceal(counted, NONE, 5, earlier)
        earlier.append(Earlier(Code(f"r{number}"), 1, tuple(counted), found.kept))
        told += _told(counted, found)
    ids = {
        cell: n for n, cell in enumerate(dict.fromkeys(c for each in earlier for c in each.cells))
    }
    figures = [
        Figure(tuple(frozenset(ids[c] for c in part) for part in each), mark) for mark, each in told
    ]
    people = {number: frozenset({cell.rater}) for cell, number in ids.items()}
    assert small_parts(figures, people, 5) == frozenset()


def _told(counted: list[Cell], found: Concealed) -> list[tuple[str, tuple[tuple[Cell, ...], ...]]]:
    """Return what a line tells: windows, the rest, and the ways to the score by other weights."""
    if len({cell.rater for cell in counted}) < 5 or found.units:
        return []
    windows = sorted({cell.window or "" for cell in counted})
    own = {key: tuple(cell for cell in counted if cell.window == key) for key in windows}
    rest = tuple(own[key] for key in windows if key in found.windows)
    stories = () if found.stories else ("pooled", "windows", "trimming", "types", "raters")
    return [
        *(("", (own[key],)) for key in windows if key not in found.windows),
        *([("", rest)] if rest else []),
        *((mark, tuple(own.values())) for mark in stories),
    ]
