"""Each check of oddness by a worked example; none of them changes a score."""

from __future__ import annotations

from datetime import timedelta

import pytest

from panel.evaluations import rules
from panel.evaluations.types import Answers, Flag, Judged, Score
from panel.rulebook.types import Form, Reviewing, Text

BOUNDS = Reviewing()
PLACE = (1, 11)


def counted(*marks: tuple[str, int], place: tuple[int, int | None] = PLACE) -> list[Judged]:
    """Return counted sheets of one place by visitor and points."""
    return [
        Judged(id=1000 * place[0] + number, place=place, visitor=visitor, score=100 * points)
        for number, (visitor, points) in enumerate(marks)
    ]


def waiting(
    points: int, visitor: str = "own", place: tuple[int, int | None] = PLACE
) -> list[Judged]:
    """Return one waiting sheet."""
    return [Judged(id=1, place=place, visitor=visitor, score=100 * points)]


def found(sheets: list[Judged], others: list[Judged]) -> set[Flag]:
    """Return what stands out of the only waiting sheet."""
    return rules.odd(sheets, others, BOUNDS)[1]


def test_thirty_points_from_the_mean_of_others_at_the_place_stand_apart() -> None:
    others = counted(("a", 80), ("b", 90))  # mean 85
    assert found(waiting(55), others) == {Flag.APART}
    assert found(waiting(56), others) == set()
    assert found(waiting(55), counted(("a", 80))) == set(), "one other sheet is no mean"


def test_nobody_is_compared_with_the_own_sheets() -> None:
    others = counted(("own", 20), ("own", 20), ("a", 90), ("b", 90))
    assert Flag.APART in found(waiting(20), others)
    assert found(waiting(90), others) == set()


def severe(points: int, sheets: int = 5) -> list[Judged]:
    """Return places at which the own marks lie so many points under two others'."""
    marks = []
    for unit in range(2, 2 + sheets):
        place = (unit, unit * 10)
        marks += counted(("a", 80), ("b", 80), ("own", 80 - points), place=place)
    return marks


def test_twelve_points_under_others_at_five_places_are_severe() -> None:
    assert found(waiting(80), severe(12)) == {Flag.SEVERE}
    assert found(waiting(80), severe(11)) == set()
    assert found(waiting(80), severe(12, sheets=4)) == set(), "four sheets say too little"
    assert found(waiting(80), severe(-12)) == {Flag.SEVERE}, "mild marks are told too"


def test_a_wide_spread_is_not_called_severe() -> None:
    marks = []
    for unit, own in enumerate((80, 10, 90, 5, 75), start=2):  # by hand: -28, ± 18.34
        place = (unit, unit * 10)
        marks += counted(("a", 80), ("b", 80), ("own", own), place=place)
    standing = rules.standings(marks, rules.residuals(marks))["own"]
    assert (standing.sheets, standing.mean, standing.error) == (5, -2800, 1834)
    assert found(waiting(80), marks) == set()


def test_the_same_unit_again_and_again_is_a_pair() -> None:
    usual = []
    for unit in range(20, 30):
        usual += counted(("a", 82), ("b", 80), ("c", 78), place=(unit, unit * 10))
    # Fair elsewhere, but twenty-five points under others at every window of unit 1.
    elsewhere = [
        sheet
        for unit in range(40, 60)
        for sheet in counted(("a", 80), ("b", 80), ("own", 80), place=(unit, unit * 10))
    ]
    first = counted(("a", 80), ("b", 80), ("own", 55), place=(1, 12))
    here = counted(("a", 80), ("b", 80), place=(1, 11))
    here = [Judged(id=n, place=s.place, visitor=s.visitor, score=s.score) for n, s in
            enumerate(here, start=9000)]  # fmt: skip
    assert found(waiting(56), [*usual, *elsewhere, *first, *here]) == {Flag.PAIR}
    assert found(waiting(56), [*usual, *elsewhere, *here]) == set(), "once is chance"


def test_what_depends_on_others_is_found_anew_and_the_rest_stays() -> None:
    before = (Flag.FAST, Flag.APART, Flag.LATE)
    assert rules.compared(before, {Flag.PICTURE}) == (Flag.FAST, Flag.LATE, Flag.PICTURE)
    assert rules.compared(before, {Flag.APART}) == (Flag.FAST, Flag.LATE, Flag.APART)


def test_all_flags_together_fit_their_column() -> None:
    assert len(",".join(Flag)) <= 120


def form() -> Form:
    """Return a form without questions."""
    return Form(
        key="x", title=Text("表"), sections=(), vetoes=(), minimum_answered_weight=0, decisive=()
    )


def raised(took: int | None, *values: int) -> tuple[Flag, ...]:
    """Return the flags of a sheet with these values that took so many seconds."""
    score = Score(
        hundredths=7000, answered_weight=100, values={str(n): v for n, v in enumerate(values)}
    )
    return rules.flags(
        form(), Answers(), score, late=False, copied=False,
        took=None if took is None else timedelta(seconds=took),
        fast=timedelta(seconds=BOUNDS.fast_seconds),
    )  # fmt: skip


def test_a_sheet_faster_than_the_rulebooks_minute_is_fast() -> None:
    assert raised(59, 3, 4) == (Flag.FAST,)
    assert raised(60, 3, 4) == ()
    assert raised(None, 3, 4) == (), "a sheet without a first entry came from elsewhere"


def test_eight_equal_answers_are_a_straight_line() -> None:
    assert raised(None, *[3] * 8) == (Flag.STRAIGHT,)
    assert raised(None, *[3] * 7) == ()
    assert raised(None, *[3] * 7, 2) == ()


def test_copied_texts_stand_before_plain_oddness() -> None:
    assert rules.urgency((Flag.COPIED,)) > rules.urgency((Flag.STRAIGHT,))
    assert rules.urgency((Flag.VETO,)) > rules.urgency((Flag.COPIED,))
    assert rules.urgency((Flag.PAPER,)) == rules.urgency(())


@pytest.mark.parametrize(("count", "size"), [(1, 1), (9, 1), (10, 1), (11, 2), (50, 5)])
def test_the_sample_is_a_tenth_rounded_up(count: int, size: int) -> None:
    assert rules.sample_size(count, 10) == size
