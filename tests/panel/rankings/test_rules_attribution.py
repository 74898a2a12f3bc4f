"""Whose a visit was: by a confirmed roster and exactly one officer, or nobody's."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from panel.evaluations.types import Share
from panel.evaluations.types.attributing import VisitedSheet
from panel.ids import Code
from panel.rankings.rules import attribution as rules
from panel.roster.types import Half, Shift

DAY = date(2026, 3, 11)
MORNING, AFTERNOON = Half


def sheet(at: str = "09:40", on: date = DAY, *findings: tuple[Code, Share]) -> VisitedSheet:
    return VisitedSheet(1, 7, "visitor", "window:open", 8000, on, at, findings)


def shift(officer: int, half: Half = MORNING, on: date = DAY, window: int = 7) -> Shift:
    return Shift(on, window, half, officer)


@pytest.mark.parametrize(
    ("time", "halves"),
    [
        ("09:40", (MORNING,)),
        ("11:59", (MORNING,)),
        ("12:00", (MORNING, AFTERNOON)),
        ("12:59", (MORNING, AFTERNOON)),
        ("13:00", (AFTERNOON,)),
        ("", (MORNING, AFTERNOON)),
    ],
)
def test_noon_and_no_time_belong_to_both_halves(time: str, halves: tuple[Half, ...]) -> None:
    assert rules.halves(time) == halves


@pytest.mark.parametrize(
    ("time", "shifts", "whose"),
    [
        ("09:40", [shift(1)], [1]),
        ("09:40", [shift(1), shift(1)], [1]),
        ("09:40", [shift(1), shift(2)], []),
        ("14:00", [shift(1)], []),
        ("09:40", [shift(1, on=DAY + timedelta(days=1))], []),
        ("09:40", [shift(1, window=8)], []),
        ("", [shift(1)], []),
        ("", [shift(1), shift(1, AFTERNOON)], [1]),
        ("12:30", [shift(1), shift(2, AFTERNOON)], []),
        ("09:40", [], []),
    ],
)
def test_a_visit_is_somebodys_where_exactly_one_was_on_duty(
    time: str, shifts: list[Shift], whose: list[int]
) -> None:
    found = rules.attribute([sheet(time)], rules.Duty(shifts))
    assert [each.officer for each in found] == whose


SHIFTS = [shift(n % 3, half, DAY + timedelta(days=n)) for n in range(8) for half in Half]


@given(st.permutations(SHIFTS))
def test_the_order_of_shifts_changes_nothing(mixed: list[Shift]) -> None:
    sheets = [sheet("", DAY + timedelta(days=n % 10)) for n in range(20)]
    held = rules.attribute(sheets, rules.Duty(SHIFTS))
    assert rules.attribute(sheets, rules.Duty(mixed)) == held


def test_a_finding_is_held_against_nobody_whose_roster_would_tell_the_hour() -> None:
    told = (Code("F1"), Share.SEND)
    short = [shift(1, half, DAY + timedelta(days=n)) for n in range(2) for half in Half]
    visit = sheet("09:40", DAY, told, (Code("F2"), Share.WITHOUT_TIME), (Code("F3"), Share.WAIT))
    duty = rules.Duty(short)
    assert rules.findings(rules.attribute([visit], duty), duty, 5) == {}
    longer = rules.Duty([*short, shift(1, on=DAY + timedelta(days=2))])
    assert rules.findings(rules.attribute([visit], longer), longer, 5) == {1: [Code("F1")]}
    # Half-days of another month, at another window or beside a colleague hide nothing.
    elsewhere = [
        shift(1, on=DAY + timedelta(days=40)), shift(1, AFTERNOON, DAY + timedelta(days=2), 8),
        shift(1, on=DAY + timedelta(days=3)), shift(2, on=DAY + timedelta(days=3)),
    ]  # fmt: skip
    few = rules.Duty([*short, *elsewhere])
    assert rules.findings(rules.attribute([visit], few), few, 5) == {}


def test_nothing_of_a_visit_is_shown_in_writing() -> None:
    (found,) = rules.attribute([sheet()], rules.Duty([shift(1)]))
    assert "visitor" not in repr(found) + repr(found.sheet)
    assert str(DAY) not in repr(found) + repr(found.sheet)
