"""Working days: holidays, worked weekends, and the last second of a deadline."""

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from panel.workdays import (
    CHINA,
    Calendar,
    Unit,
    add_workdays,
    days_before,
    deadline,
    moment_before,
)

PLAIN = Calendar(version="none")
days = st.dates(date(2025, 1, 1), date(2028, 12, 31))
moments = st.datetimes(datetime(2025, 1, 1), datetime(2028, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001 - hypothesis wants naive bounds
units: st.SearchStrategy[Unit] = st.sampled_from(["hours", "days", "workdays"])


def shanghai(year: int, month: int, day: int, hour: int = 23, minute: int = 59) -> datetime:
    """Return a moment of Beijing time, the end of the day unless told otherwise."""
    second = 59 if (hour, minute) == (23, 59) else 0
    return datetime(year, month, day, hour, minute, second, tzinfo=timezone(timedelta(hours=8)))


def test_the_calendar_of_2026_knows_holidays_and_worked_weekends() -> None:
    assert not CHINA.works(date(2026, 2, 16))
    assert not CHINA.works(date(2026, 10, 7))
    assert CHINA.works(date(2026, 2, 14))
    assert CHINA.works(date(2026, 10, 10))
    assert not CHINA.works(date(2026, 11, 21))
    assert CHINA.works(date(2026, 11, 23))


def test_every_worked_weekend_is_a_weekend_and_no_holiday() -> None:
    assert all(day.weekday() >= 5 for day in CHINA.workdays)
    assert not CHINA.workdays & CHINA.holidays


def test_2026_has_248_working_days() -> None:
    first = date(2026, 1, 1)
    assert sum(CHINA.works(first + timedelta(days=i)) for i in range(365)) == 248


def test_a_year_without_a_table_says_so_and_falls_back_to_monday_to_friday() -> None:
    assert CHINA.covered(date(2026, 7, 1))
    assert not CHINA.covered(date(2027, 2, 8))
    assert CHINA.works(date(2027, 2, 8))
    assert not CHINA.works(date(2027, 2, 6))


def test_working_days_jump_over_the_spring_festival() -> None:
    # Thursday; then Friday 13 and the worked Saturday 14, then nine days off.
    assert add_workdays(date(2026, 2, 12), 2, CHINA) == date(2026, 2, 14)
    assert add_workdays(date(2026, 2, 12), 3, CHINA) == date(2026, 2, 24)
    assert add_workdays(date(2026, 2, 16), 0, CHINA) == date(2026, 2, 24)


def test_hours_run_round_the_clock() -> None:
    at = shanghai(2026, 2, 14, 22, 30)
    assert deadline(at, 24, "hours", CHINA) == shanghai(2026, 2, 15, 22, 30)


def test_days_end_with_their_last_day_in_beijing() -> None:
    at = shanghai(2026, 11, 23, 0, 10)  # still the 22nd in UTC
    found = deadline(at, 3, "days", CHINA)
    assert found == shanghai(2026, 11, 26)
    assert found.tzinfo is UTC


def test_a_deadline_of_days_that_ends_on_a_holiday_moves_on() -> None:
    assert deadline(shanghai(2026, 9, 28, 9, 0), 3, "days", CHINA) == shanghai(2026, 10, 8)


def test_five_working_days_of_public_notice_pass_over_two_festivals() -> None:
    # 24, 28, 29, 30 September and 8 October.
    assert deadline(shanghai(2026, 9, 23, 9, 0), 5, "workdays", CHINA) == shanghai(2026, 10, 8)


@pytest.mark.parametrize("unit", ["hours", "days", "workdays"])
def test_a_time_without_zone_is_refused(unit: Unit) -> None:
    with pytest.raises(ValueError, match="zone"):
        deadline(datetime(2026, 5, 1), 1, unit, CHINA)  # noqa: DTZ001 - the fault under test


@pytest.mark.parametrize("unit", ["hours", "days", "workdays"])
def test_a_deadline_never_lies_in_the_past(unit: Unit) -> None:
    with pytest.raises(ValueError, match="ahead"):
        deadline(shanghai(2026, 5, 1), -1, unit, CHINA)
    with pytest.raises(ValueError, match="ahead"):
        add_workdays(date(2026, 5, 1), -1, CHINA)


@given(days, st.integers(0, 60))
def test_more_working_days_end_later(day: date, amount: int) -> None:
    nearer, further = (add_workdays(day, each, CHINA) for each in (amount + 1, amount + 2))
    assert day < nearer < further
    assert CHINA.works(nearer)


@given(days, st.integers(1, 60))
def test_the_amount_is_the_number_of_working_days_passed(day: date, amount: int) -> None:
    last = add_workdays(day, amount, CHINA)
    passed = (day + timedelta(days=i) for i in range(1, (last - day).days + 1))
    assert sum(CHINA.works(each) for each in passed) == amount


@given(moments, st.integers(0, 90), units)
def test_a_longer_period_never_ends_earlier(at: datetime, amount: int, unit: Unit) -> None:
    assert deadline(at, amount, unit, CHINA) <= deadline(at, amount + 1, unit, CHINA)
    assert deadline(at, amount, unit, CHINA) >= at


@given(days)
def test_without_a_table_monday_to_friday_are_worked(day: date) -> None:
    assert PLAIN.works(day) == (day.weekday() < 5)
    assert not PLAIN.covered(day)


def test_a_reminder_lies_whole_days_before_its_end() -> None:
    last = date(2026, 10, 9)
    assert days_before(last, 49, "hours", CHINA) == date(2026, 10, 6)
    assert days_before(last, 3, "days", CHINA) == date(2026, 10, 6)
    # The festival from the 1st to the 7th does not count.
    assert days_before(last, 2, "workdays", CHINA) == date(2026, 9, 30)


def test_a_moment_before_keeps_the_time_of_its_day() -> None:
    end = shanghai(2026, 10, 9, 0, 30)
    assert moment_before(end, 30, "hours", CHINA) == shanghai(2026, 10, 7, 18, 30)
    assert moment_before(end, 3, "days", CHINA) == shanghai(2026, 10, 6, 0, 30)
    assert moment_before(end, 2, "workdays", CHINA) == shanghai(2026, 9, 30, 0, 30)
