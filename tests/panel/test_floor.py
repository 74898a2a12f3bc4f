"""What can be found from figures that were told: nothing that rests on too few visitors."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from panel import floor
from panel.floor import Book, Figure, figure
from tests.make.floor import small_parts as slowly

People = Mapping[int, frozenset[str]]
PEOPLE: People = {sheet: frozenset({str(sheet)}) for sheet in range(100)}


def small_parts(
    figures: Sequence[Figure], people: People, minimum: int
) -> frozenset[frozenset[int]]:
    """Return the small parts that can be found; the book betrays exactly where there are some."""
    found = slowly(figures, people, minimum)
    assert Book(people, minimum).betrays(figures) == bool(found)
    return found


def test_one_figure_of_enough_visitors_betrays_nobody() -> None:
    assert small_parts([figure(range(5))], PEOPLE, 5) == frozenset()


def test_a_figure_of_too_few_visitors_is_found_itself() -> None:
    assert small_parts([figure(range(4))], PEOPLE, 5) == {frozenset(range(4))}


def test_a_visitor_who_came_often_is_one() -> None:
    same = dict.fromkeys(range(9), frozenset("1"))
    assert small_parts([figure(range(9))], same, 5) == {frozenset(range(9))}


def test_what_a_second_round_added_is_found_where_it_is_small() -> None:
    first, both = figure(range(6)), figure(range(8))
    assert small_parts([first, both], PEOPLE, 5) == {frozenset({6, 7})}
    assert small_parts([first, figure(range(11))], PEOPLE, 5) == frozenset()


def test_what_a_correction_took_out_is_found() -> None:
    assert small_parts([figure(range(9)), figure(range(8))], PEOPLE, 5) == {frozenset({8})}


def test_a_correction_is_covered_by_enough_new_visits() -> None:
    told = [figure(range(9)), figure([*range(8), *range(20, 26)])]
    assert small_parts(told, PEOPLE, 5) == frozenset()


def test_three_figures_betray_what_two_keep() -> None:
    whole, left = figure(range(20)), figure(range(10))
    right = figure(range(10, 17))
    assert small_parts([whole, left], PEOPLE, 5) == frozenset()
    assert small_parts([whole, left, right], PEOPLE, 5) == {frozenset({17, 18, 19})}


def test_what_windows_have_in_common_keeps_each_of_them() -> None:
    rest = figure(range(3), range(3, 12))
    assert small_parts([rest], PEOPLE, 5) == frozenset()
    assert small_parts([rest, figure(range(3, 12))], PEOPLE, 5) == {frozenset(range(3))}


def test_two_rests_of_the_same_windows_betray_nothing_more() -> None:
    rest = figure(range(3), range(3, 12))
    grown = figure(range(3), range(3, 20))
    assert small_parts([rest, rest, grown], PEOPLE, 5) == frozenset()


def test_a_sheet_without_a_known_visitor_counts_for_nobody() -> None:
    assert small_parts([figure([*range(4), 500])], PEOPLE, 5) == {frozenset([*range(4), 500])}


def test_only_what_new_figures_bring_to_light_is_held_against_them() -> None:
    book = Book(PEOPLE, 5, [figure(range(9)), figure(range(8))])
    assert not book.betrays([figure(range(30, 36))])
    assert not book.betrays([figure([*range(8), *range(40, 46)])])
    assert book.betrays([figure(range(7))])


def test_figures_of_another_place_are_left_alone() -> None:
    book = Book(PEOPLE, 5, [figure(range(50, 59))])
    book.tell([figure(range(9))])
    assert book.betrays([figure(range(51, 59))])
    assert book.betrays([figure(range(8))])
    assert not book.betrays([figure(range(9, 20))])


def test_too_many_ways_to_look_at_are_held_to_betray(monkeypatch: pytest.MonkeyPatch) -> None:
    pairs = [figure([2 * n, 2 * n + 1, 2 * n + 2]) for n in range(6)]
    wide = {number: frozenset({str(number), "a", "b"}) for number in range(20)}
    assert not Book(wide, 5).betrays(pairs)
    for limit in ("_MOST", "_PARTS"):
        with monkeypatch.context() as patched:
            patched.setattr(floor, limit, 0)
            assert Book(wide, 5).betrays(pairs)


SETS = st.lists(st.sets(st.integers(0, 5), min_size=1), min_size=1, max_size=4)


@given(SETS)
def test_whatever_small_sums_of_figures_give_is_found(sets: list[set[int]]) -> None:
    """Try every sum with whole multiples from -2 to 2 by hand."""
    found = small_parts([figure(each) for each in sets], PEOPLE, 3)
    for factors in product(range(-2, 3), repeat=len(sets)):
        got: dict[int, Fraction] = dict.fromkeys(range(6), Fraction())
        for factor, each in zip(factors, sets, strict=True):
            for sheet in each:
                got[sheet] += factor
        support = {sheet for sheet, value in got.items() if value}
        if 0 < len(support) < 3:
            assert support <= frozenset().union(*found)


PARTS = st.lists(
    st.lists(st.frozensets(st.integers(0, 11), min_size=1), min_size=1, max_size=3),
    min_size=1,
    max_size=5,
)
WHO = st.lists(
    st.frozensets(st.sampled_from("abcdefghij"), min_size=1, max_size=5), min_size=12, max_size=12
)


@settings(max_examples=60)
@given(PARTS, PARTS, WHO)
def test_what_is_known_and_what_is_new_betray_as_much_as_all_together(
    known: list[list[frozenset[int]]], new: list[list[frozenset[int]]], who: list[frozenset[str]]
) -> None:
    people = dict(enumerate(who))
    book = Book(people, 5)
    before, after = ([_told(each) for each in own] for own in (known, new))
    book.tell(before)
    if not slowly(before, people, 5):
        assert book.betrays(after) == bool(slowly([*before, *after], people, 5))


def _told(parts: list[frozenset[int]]) -> Figure:
    """Return a figure whose parts share no sheet."""
    met: set[int] = set()
    kept = []
    for part in parts:
        kept.append(part - met)
        met |= part
    return figure(*(part for part in kept if part))
