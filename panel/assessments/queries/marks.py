"""Reads of annual lines; a unit reads its own only."""

from __future__ import annotations

from typing import Any, Final

from panel.assessments.types import Component, Eligibility, LineView, Mark
from panel.db import raw
from panel.ids import Code

_LINE: Final = (
    "SELECT l.*, v.code AS round_code, u.code AS unit_code, u.name AS unit_name, "
    "u.name_en AS unit_name_en, u.peer_group FROM assessment_line l "
    "JOIN visit_round v ON v.id = l.round JOIN unit u ON u.id = l.unit "
)


def _line(row: dict[str, Any]) -> LineView:
    components = {each: row[each.value] for each in Component}
    return LineView(
        year=row["year"],
        unit_code=Code(row["unit_code"]),
        unit_name=row["unit_name"],
        unit_name_en=row["unit_name_en"],
        group=row["peer_group"],
        round_code=Code(row["round_code"]),
        snapshot_code=Code(row["snapshot"]),
        rulebook_hash=row["rulebook_hash"],
        components=components,
        deductions=row["deductions"],
        mark=Mark(
            total=row["total"],
            present_percent=row["present_percent"],
            missing=tuple(each for each, value in components.items() if value is None),
        ),
        place=row["place"],
        place_from_below=row["place_from_below"],
        ranked=row["ranked"],
        eligibility=Eligibility(row["eligibility"]),
    )


async def years() -> list[int]:
    """Return the years that have lines, the newest first."""
    rows = await raw("SELECT DISTINCT year FROM assessment_line ORDER BY year DESC")
    return [int(row["year"]) for row in rows]


async def lines(year: int, group: str | None = None) -> list[LineView]:
    """Return the lines of a year by peer group and place, those without a place last."""
    rows = await raw(_LINE + "WHERE l.year = {} ORDER BY u.peer_group, l.place, u.number", year)
    found = [_line(row) for row in rows]
    found.sort(key=lambda line: (line.group, line.place is None, line.place or 0))
    return [line for line in found if group in {None, line.group}]


async def unit_lines(unit: Code) -> list[LineView]:
    """Return a unit's own lines, the newest year first."""
    rows = await raw(_LINE + "WHERE u.code = {} ORDER BY l.year DESC", unit)
    return [_line(row) for row in rows]
