"""Reads of years and of their lines; a unit reads its own, and only once it was shown to it."""

from __future__ import annotations

from typing import Any, Final

import msgspec

from panel.assessments.rules.years import is_year
from panel.assessments.types import (
    Eligibility,
    FiguresView,
    LineView,
    Mark,
    MarkChange,
    NewFigures,
    UnitInputs,
    VersionView,
    YearState,
    YearView,
)
from panel.db import raw
from panel.errors import Missing
from panel.ids import Code, PersonId

_NAMES: Final = "u.code AS unit_code, u.name AS unit_name, u.name_en AS unit_name_en, u.peer_group "
_LINE: Final = f"SELECT l.*, {_NAMES} FROM assessment_mark l JOIN unit u ON u.id = l.unit "


def _line(row: dict[str, Any]) -> LineView:
    return LineView(
        code=Code(row["code"]),
        year=row["year"],
        unit_id=row["unit"],
        unit_code=Code(row["unit_code"]),
        unit_name=row["unit_name"],
        unit_name_en=row["unit_name_en"],
        group=row["peer_group"],
        rulebook_hash=row["rulebook_hash"],
        inputs=msgspec.json.decode(row["inputs"], type=UnitInputs),
        mark=msgspec.json.decode(row["mark"], type=Mark),
        eligibility=Eligibility(row["eligibility"]),
        version=row["version"],
        explained_at=row["explained_at"],
        received_at=row["received_at"],
        appeal_until=row["appeal_until"],
    )


def _year(row: dict[str, Any]) -> YearView:
    return YearView(
        id=row["id"],
        year=row["year"],
        rulebook_code=Code(row["rulebook"]),
        rulebook_hash=row["rulebook_hash"],
        late=bool(row["late"]),
        decision=row["decision"],
        state=YearState(row["state"]),
        version=row["version"],
        begun_by=_person(row["begun_by"]),
        frozen_by=_person(row["frozen_by"]),
        computed_by=_person(row["computed_by"]),
        explained_at=row["explained_at"],
        final_at=row["final_at"],
        final_document=row["final_document"],
        exported_at=row["exported_at"],
        reason=row["reason"],
    )


def _person(value: int | None) -> PersonId | None:
    return None if value is None else PersonId(value)


async def years() -> list[int]:
    """Return the years that have lines or a formula, the newest first."""
    rows = await raw(
        "SELECT year FROM assessment_mark UNION SELECT year FROM assessment_year ORDER BY year DESC"
    )
    return [int(row["year"]) for row in rows]


async def year(number: int) -> YearView:
    """Return one year; ``Missing`` before its formula was fixed."""
    found = await begun(number)
    if found is None:
        raise Missing("assessment.missing")
    return found


async def begun(number: int) -> YearView | None:
    """Return one year, or nothing before its formula was fixed; no other number is a year."""
    if not is_year(number):
        raise Missing("assessment.missing")
    rows = await raw("SELECT * FROM assessment_year WHERE year = {}", number)
    return _year(rows[0]) if rows else None


async def lines(number: int, group: str | None = None) -> list[LineView]:
    """Return the lines of a year by peer group and place, those without a place last."""
    rows = await raw(_LINE + "WHERE l.year = {} ORDER BY u.peer_group, u.number", number)
    found = [_line(row) for row in rows]
    found.sort(key=lambda line: (line.group, line.place is None, line.place or 0))
    return [line for line in found if group in {None, line.group}]


async def unit_lines(unit: Code) -> list[LineView]:
    """Return a unit's own lines that were shown to it, the newest year first."""
    rows = await raw(
        _LINE + "WHERE u.code = {} AND l.explained_at IS NOT NULL ORDER BY l.year DESC", unit
    )
    return [_line(row) for row in rows]


async def unit_line(unit: Code, code: Code) -> LineView:
    """Return one of a unit's own lines; another unit's, or one not shown yet, is ``Missing``."""
    rows = await raw(
        _LINE + "WHERE u.code = {} AND l.code = {} AND l.explained_at IS NOT NULL", unit, code
    )
    if not rows:
        raise Missing("assessment.missing")
    return _line(rows[0])


async def line(code: Code) -> LineView:
    """Return one line to the office."""
    rows = await raw(_LINE + "WHERE l.code = {}", code)
    if not rows:
        raise Missing("assessment.missing")
    return _line(rows[0])


async def versions(number: int) -> list[VersionView]:
    """Return the computed versions of a year, the newest first."""
    rows = await raw(
        "SELECT * FROM assessment_version WHERE year = {} ORDER BY number DESC", number
    )
    return [
        VersionView(
            number=row["number"],
            reason=row["reason"],
            document=row["document"],
            computed_at=row["computed_at"],
            digest=row["digest"],
            changes=msgspec.json.decode(row["changes"], type=tuple[MarkChange, ...]),
        )
        for row in rows
    ]


async def figures(number: int) -> list[FiguresView]:
    """Return what was brought of a year from elsewhere, by the city's numbers."""
    rows = await raw(
        f"SELECT f.*, {_NAMES} FROM assessment_figure f JOIN unit u ON u.id = f.unit "
        "WHERE f.year = {} ORDER BY u.number",
        number,
    )
    return [
        FiguresView(
            figures=NewFigures(
                unit=Code(row["unit_code"]),
                **{name: row[name] for name in NewFigures.__struct_fields__ if name != "unit"},
            ),
            unit_name=row["unit_name"],
            unit_name_en=row["unit_name_en"],
            group=row["peer_group"],
            entered_by=row["entered_by"],
            at=row["at"],
        )
        for row in rows
    ]
