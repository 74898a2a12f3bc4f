"""Decisions about terms and rights: days of reminders, courses, what is kept until when."""

from __future__ import annotations

import datetime as dt

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from panel.errors import Conflict, Invalid
from panel.ids import Code, PersonId
from panel.members import rules as members
from panel.members.types import MemberState, MemberView, Span
from panel.recruitment.rules import rights, terms
from panel.recruitment.types.terms import Change
from panel.rulebook.types import Deadline, GroupQuota, Text
from panel.vault.types import Identity
from panel.workdays import CHINA

DAY = dt.timedelta(days=1)
END = dt.date(2028, 1, 31)
PEOPLE = GroupQuota("people", "category", ("resident",), Text("群众"), 80)
KEPT = Identity("林示例", "13800001111", "", "示例路 1 号", "示例公司")


def limit(amount: int, unit: str) -> Deadline:
    return msgspec.convert(
        {"key": "term_reminder", "amount": amount, "unit": unit, "text": {"zh": "x"}}, Deadline
    )


def member(category: str, number: int = 1, **more: object) -> MemberView:
    whole = MemberView(
        id=number, code=Code(f"{number:010}"), person=PersonId(number), category=category,
        district="任城区", sex="female", age_band="30-44", state=MemberState.ACTIVE,
        term_start=END - 730 * DAY, term_end=END, trained_on=None, pledged_on=END - 700 * DAY,
        latitude=None, longitude=None, campaign=Code("0000000000"), qualified_until=END,
    )  # fmt: skip
    return msgspec.structs.replace(whole, **more)


def test_a_reminder_comes_so_many_days_hours_or_working_days_before() -> None:
    assert terms.remind_from(END, limit(60, "days"), CHINA) == END - 60 * DAY
    assert terms.remind_from(END, limit(49, "hours"), CHINA) == END - 3 * DAY
    assert terms.remind_from(dt.date(2026, 10, 9), limit(2, "workdays"), CHINA) == dt.date(
        2026, 9, 30
    )


@given(
    st.dates(dt.date(2026, 1, 1), dt.date(2029, 1, 1)),
    st.integers(0, 90),
    st.sampled_from(["days", "hours", "workdays"]),
)
def test_whoever_is_to_be_reminded_today_is_found_by_the_last_day(
    today: dt.date, amount: int, unit: str
) -> None:
    until = terms.reminded_until(today, limit(amount, unit), CHINA)
    assert until >= today
    assert terms.remind_from(until, limit(amount, unit), CHINA) <= today
    assert terms.remind_from(until + DAY, limit(amount, unit), CHINA) > today


@pytest.mark.parametrize(
    ("more", "state"),
    [
        ({}, MemberState.ACTIVE),
        ({"qualified_until": END - DAY}, MemberState.TRAINING),
        ({"pledged_on": None}, MemberState.TRAINING),
        ({"qualified_until": None}, MemberState.APPOINTED),
    ],
)
def test_a_lifted_suspension_forgives_nothing_that_lapsed(
    more: dict[str, object], state: MemberState
) -> None:
    assert members.resumed(member("resident", 1, **more), END) is state


@given(st.integers(1, 200), st.data())
def test_renewals_always_leave_the_group_its_share(places: int, data: st.DataObject) -> None:
    wishes = data.draw(st.lists(st.sampled_from(["resident", "other"]), max_size=places))
    staying: list[MemberView] = []
    for number, category in enumerate(wishes):
        view = member(category, number)
        try:
            members.may_renew(staying, view, places, [PEOPLE])
        except Conflict:
            assert category == "other"
            continue
        staying.append(view)
    free = places - len(staying)
    held = sum(each.category == "resident" for each in staying)
    assert 100 * (held + free) >= 80 * places


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["resident", "other"]),
            st.dates(dt.date(2024, 1, 1), dt.date(2027, 12, 31)),
            st.integers(0, 800),
        ),
        max_size=30,
    )
)
def test_a_course_counts_on_every_day_who_held_a_seat(
    found: list[tuple[str, dt.date, int]],
) -> None:
    spans = [
        Span(category, "x", "x", "x", first, first + days * DAY) for category, first, days in found
    ]
    today = dt.date(2027, 6, 15)
    course = members.course(spans, [PEOPLE], today)
    assert len(course) <= 37
    assert [each.day for each in course] == sorted({each.day for each in course})
    for each in course:
        held = [span for span in spans if span.first <= each.day <= span.last]
        assert each.total == len(held)
        assert each.seats["people"] == sum(span.category == "resident" for span in held)
        assert each.broken == (5 * each.seats["people"] < 4 * len(held))
    assert bool(course) == any(span.first <= today for span in spans)
    if course:
        assert course[-1].day == today


def test_what_is_left_empty_stays_as_it_is() -> None:
    changed = rights.read_change(Change(employer="新单位"), KEPT)
    assert changed == msgspec.structs.replace(KEPT, employer="新单位")
    with pytest.raises(Invalid):
        rights.read_change(Change(phone=KEPT.phone), KEPT)
    assert rights.read_change(Change(unit="ABCDEFGHJK"), KEPT) == KEPT


@given(st.text(max_size=80), st.text(max_size=80), st.text(max_size=80))
def test_no_correction_empties_what_is_kept(phone: str, address: str, employer: str) -> None:
    try:
        changed = rights.read_change(Change(phone, address, employer), KEPT)
    except Invalid:
        return
    assert changed.phone.isdigit()
    assert changed.address.strip()
    assert changed.employer.strip()
    assert (changed.name, changed.national_id) == (KEPT.name, KEPT.national_id)
