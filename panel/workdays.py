"""Working days and deadlines by a calendar table that the city can edit; pure arithmetic."""

from datetime import UTC, date, datetime, time, timedelta, timezone
from typing import Final, Literal

import msgspec

Unit = Literal["hours", "days", "workdays"]

# One zone without summer time since 1991: a fixed offset needs no zone data on a bare machine.
SHANGHAI: Final = timezone(timedelta(hours=8), "Asia/Shanghai")
_SATURDAY: Final = 5
_HOURS: Final = 24
_DAY_END: Final = time(23, 59, 59)


def year_of(moment: datetime) -> int:
    """Return the year of a moment as the city's calendar has it."""
    return moment.astimezone(SHANGHAI).year


class Calendar(msgspec.Struct, frozen=True):
    """Public holidays, and the weekend days that are worked in exchange for them."""

    version: str
    holidays: frozenset[date] = frozenset()
    workdays: frozenset[date] = frozenset()

    def covered(self, day: date) -> bool:
        """Tell whether the day's year is in the table; if not, Monday to Friday are assumed."""
        return any(holiday.year == day.year for holiday in self.holidays)

    def works(self, day: date) -> bool:
        """Tell whether the day is a working day."""
        if day in self.workdays:
            return True
        return day.weekday() < _SATURDAY and day not in self.holidays

    def next_workday(self, day: date) -> date:
        """Return the day itself if it is a working day, else the first one after it."""
        while not self.works(day):
            day += timedelta(days=1)
        return day


def add_workdays(start: date, amount: int, calendar: Calendar) -> date:
    """Return the `amount`-th working day after a day that is itself not counted."""
    if amount < 0:
        message = "a deadline lies ahead"
        raise ValueError(message)
    day = calendar.next_workday(start) if amount == 0 else start
    for _ in range(amount):
        day = calendar.next_workday(day + timedelta(days=1))
    return day


def deadline(at: datetime, amount: int, unit: Unit, calendar: Calendar) -> datetime:
    """Return the last moment (aware UTC) of a period of hours, days or working days from `at`.

    Hours run round the clock. Days and working days are those of Asia/Shanghai, do not count the
    first day and end with their last day at 23:59:59; calendar days that would end on a day off
    end on the next working day.
    """
    if at.tzinfo is None:
        message = "a time without its zone"
        raise ValueError(message)
    if amount < 0:
        message = "a deadline lies ahead"
        raise ValueError(message)
    today = at.astimezone(SHANGHAI).date()
    match unit:
        case "hours":
            return at.astimezone(UTC) + timedelta(hours=amount)
        case "days":
            last = calendar.next_workday(today + timedelta(days=amount))
        case "workdays":
            last = add_workdays(today, amount, calendar)
    return datetime.combine(last, _DAY_END, SHANGHAI).astimezone(UTC)


def days_before(last: date, amount: int, unit: Unit, calendar: Calendar) -> date:
    """Return the day so long before a day that is itself not counted; part of a day is a day."""
    match unit:
        case "hours":
            return last - timedelta(days=-(-amount // _HOURS))
        case "days":
            return last - timedelta(days=amount)
        case "workdays":
            day = last
            while amount > 0:
                day -= timedelta(days=1)
                amount -= calendar.works(day)
            return day


def moment_before(end: datetime, amount: int, unit: Unit, calendar: Calendar) -> datetime:
    """Return the moment so long before another: hours run, days keep the time of the day."""
    if unit == "hours":
        return end - timedelta(hours=amount)
    local = end.astimezone(SHANGHAI)
    day = days_before(local.date(), amount, unit, calendar)
    return datetime.combine(day, local.timetz()).astimezone(UTC)


def _span(first: date, last: date) -> frozenset[date]:
    return frozenset(first + timedelta(days=i) for i in range((last - first).days + 1))


# The State Council's arrangement of 4 November 2025 for 2026.
CHINA: Final = Calendar(
    version="CN-2026",
    holidays=_span(date(2026, 1, 1), date(2026, 1, 3))  # New Year
    | _span(date(2026, 2, 15), date(2026, 2, 23))  # Spring Festival
    | _span(date(2026, 4, 4), date(2026, 4, 6))  # Qingming
    | _span(date(2026, 5, 1), date(2026, 5, 5))  # Labour Day
    | _span(date(2026, 6, 19), date(2026, 6, 21))  # Dragon Boat
    | _span(date(2026, 9, 25), date(2026, 9, 27))  # Mid-Autumn
    | _span(date(2026, 10, 1), date(2026, 10, 7)),  # National Day
    workdays=frozenset(
        {
            date(2026, 1, 4),
            date(2026, 2, 14),
            date(2026, 2, 28),
            date(2026, 5, 9),
            date(2026, 9, 20),
            date(2026, 10, 10),
        }
    ),
)
