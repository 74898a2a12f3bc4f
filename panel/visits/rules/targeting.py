"""Decisions about targeted evaluations: what numbers say, whom they name, how visits are dealt."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date, datetime
from fractions import Fraction
from typing import Final

from panel.errors import Fault, Invalid
from panel.ids import Code
from panel.roster.rules.cells import whole
from panel.roster.rules.tables import fault, read_table, refuse_faults
from panel.roster.types import SheetRow
from panel.rulebook.types import Targeting
from panel.visits.types import COUNT_COLUMNS, Cause, NewCount, Place, Sum
from panel.workdays import SHANGHAI

COLUMNS: Final = COUNT_COLUMNS
_REQUIRED: Final = COLUMNS[:4]
_MOST: Final = 9_999_999
_MONTHS: Final = 12
_HUNDRED: Final = 100
_MARKS: Final = str.maketrans({"年": "-", "月": "", ".": "-", "/": "-"})


def month_of(text: str) -> date | None:
    """Return the first day of a month as people write it: 2026-03, 2026年3月, 2026/3, 202603."""
    plain = text.strip().translate(_MARKS)
    if plain.isdecimal() and len(plain) == len("202603"):
        plain = f"{plain[:4]}-{plain[4:]}"
    parts = plain.split("-")[:2]
    if len(parts) != len(("year", "month")) or not all(each.isdecimal() for each in parts):
        return None
    year, month = int(parts[0]), int(parts[1])
    return date(year, month, 1) if 1 <= month <= _MONTHS and year > 2000 else None  # noqa: PLR2004


def read_counts(
    data: bytes, filename: str, units: Mapping[str, Code], *, at: datetime
) -> list[NewCount]:
    """Read a table of complaint numbers; refuses it whole with every fault by row and column."""
    found: list[Fault] = []
    sheet = read_table(data, filename, COLUMNS, required=_REQUIRED, faults=found)
    counts = [each for row in sheet.rows if (each := _count(row, units, found, at)) is not None]
    seen: set[tuple[Code, date]] = set()
    for row, each in zip(sheet.rows, counts, strict=False):
        if (each.unit, each.month) in seen and not found:
            found.append(fault(row.number, COLUMNS[0], "count.twice"))
        seen.add((each.unit, each.month))
    refuse_faults(found)
    return counts


def _count(
    row: SheetRow, units: Mapping[str, Code], found: list[Fault], at: datetime
) -> NewCount | None:
    before = len(found)
    unit = units.get(row.cells.get(COLUMNS[0], ""))
    month = month_of(row.cells.get(COLUMNS[1], ""))
    numbers = [whole(row, column, _MOST, found) or 0 for column in COLUMNS[2:]]
    if unit is None and row.cells.get(COLUMNS[0]):
        found.append(fault(row.number, COLUMNS[0], "count.unit_unknown"))
    if month is None and row.cells.get(COLUMNS[1]):
        found.append(fault(row.number, COLUMNS[1], "count.month"))
    if unit is None or month is None or len(found) > before:
        return None
    count = NewCount(unit, month, *numbers)
    faults = [fault(row.number, _title(each.path), each.code) for each in _wrong(count, at)]
    found.extend(faults)
    return None if faults else count


def _title(name: str) -> str:
    return COLUMNS[("unit", "month", "received", "upheld", "transactions").index(name)]


def check_count(count: NewCount, at: datetime) -> None:
    """Refuse numbers that can't be: negative, more upheld than received, a month to come."""
    faults = list(_wrong(count, at))
    if faults:
        raise Invalid("count.faults", *faults)


def _wrong(count: NewCount, at: datetime) -> Iterator[Fault]:
    for name in ("received", "upheld", "transactions"):
        if not 0 <= getattr(count, name) <= _MOST:
            yield Fault(name, "count.range")
    if count.upheld > count.received:
        yield Fault("upheld", "count.upheld")
    if count.month > at.astimezone(SHANGHAI).date():
        yield Fault("month", "count.future")


def period(months: int, at: datetime) -> tuple[date, date]:
    """Return the first and the last of the whole months that count, by their first days."""
    today = at.astimezone(SHANGHAI).date()
    last = today.year * _MONTHS + today.month - 2
    first = last - months + 1
    return (
        date(first // _MONTHS, first % _MONTHS + 1, 1),
        date(last // _MONTHS, last % _MONTHS + 1, 1),
    )


def causes(sums: Sequence[Sum], bounds: Targeting) -> dict[int, tuple[Cause, ...]]:
    """Return why each unit is suggested; those whom nothing speaks against are left out.

    Of the units with known matters, those within the highest share by upheld complaints for their
    matters are named; who has as many as the last of them is named too.
    """
    rates = {
        each.unit: Fraction(each.upheld, each.transactions) for each in sums if each.transactions
    }
    ordered = sorted(rates.values(), reverse=True)
    number = -(-len(ordered) * bounds.top_percent // _HUNDRED)
    least = ordered[number - 1] if number else None
    found: dict[int, tuple[Cause, ...]] = {}
    for each in sums:
        reasons = []
        if each.upheld >= bounds.upheld_at_least:
            reasons.append(Cause.UPHELD)
        rate = rates.get(each.unit)
        if rate and least is not None and rate >= least:
            reasons.append(Cause.RATE)
        if reasons:
            found[each.unit] = tuple(reasons)
    return found


def rate(total: Sum, bounds: Targeting) -> int | None:
    """Return the upheld complaints for so many matters in hundredths, rounded half up."""
    if not total.transactions:
        return None
    scaled = total.upheld * bounds.per_transactions * _HUNDRED
    return (2 * scaled + total.transactions) // (2 * total.transactions)


def deal(places: Sequence[Place], units: Collection[Code], visitors: int) -> dict[str, int]:
    """Deal each unit's visits evenly over its windows; the first ones by code get one more."""
    found: dict[str, int] = {}
    for unit in sorted(units):
        own = sorted(place.code for place in places if place.unit_code == unit)
        for number, code in enumerate(own):
            share = visitors // len(own) + (number < visitors % len(own))
            if share:
                found[code] = share
    return found
