"""Terms and shares: pure."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from panel.errors import Conflict, Invalid
from panel.ids import Code, PersonId
from panel.members import rules
from panel.members.types import NewSeat
from panel.rulebook.types import GroupQuota, Text

PEOPLE = GroupQuota("people", "category", ("enterprise", "resident"), Text("群众"), 80)


def seat(category: str) -> NewSeat:
    return NewSeat(
        person=PersonId(1), category=category, district="任城区", sex="female", age_band="30-44",
        latitude=None, longitude=None, campaign=Code("0000000000"),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("start", "end"),
    [
        (dt.date(2026, 5, 1), dt.date(2028, 4, 30)),
        (dt.date(2026, 1, 1), dt.date(2027, 12, 31)),
        (dt.date(2028, 2, 29), dt.date(2030, 2, 28)),
        (dt.date(2026, 3, 1), dt.date(2028, 2, 29)),
    ],
)
def test_a_two_year_term_ends_the_day_before(start: dt.date, end: dt.date) -> None:
    assert rules.term_end(start, 24) == end
    with pytest.raises(Invalid, match=r"member\.term_empty"):
        rules.term_end(start, 0)


@given(st.dates(dt.date(2000, 1, 1), dt.date(2090, 1, 1)), st.integers(1, 120))
def test_terms_follow_each_other_without_a_gap(start: dt.date, months: int) -> None:
    end = rules.term_end(start, months)
    assert end >= start
    whole = (end.year - start.year) * 12 + end.month - start.month
    assert whole in {months, months - 1}


@given(st.integers(0, 60), st.integers(0, 60))
def test_seats_are_given_only_while_the_hard_quota_holds(people: int, others: int) -> None:
    seats = [seat("resident")] * people + [seat("other")] * others
    if not seats:
        with pytest.raises(Invalid, match=r"member\.nobody"):
            rules.may_appoint([], seats, [PEOPLE])
    elif people * 100 >= 80 * len(seats):
        rules.may_appoint([], seats, [PEOPLE])
    else:
        with pytest.raises(Conflict, match=r"member\.group_quota"):
            rules.may_appoint([], seats, [PEOPLE])


def test_nobody_is_active_without_certificate_and_pledge() -> None:
    day = dt.date(2026, 5, 1)
    assert rules.activates(day, day, day)
    assert not rules.activates(day, None, day)
    assert not rules.activates(None, day, day)
    assert not rules.activates(day, day, day + dt.timedelta(days=1))
