"""Reads of annual lines and of orders; a unit reads its own only."""

from __future__ import annotations

from typing import Any, Final

from panel.assessments.types import (
    Component,
    Eligibility,
    LineView,
    Mark,
    OrderState,
    OrderView,
)
from panel.db import raw
from panel.errors import Missing
from panel.ids import Code

_LINE: Final = (
    "SELECT l.*, v.code AS round_code, u.code AS unit_code, u.name AS unit_name, "
    "u.name_en AS unit_name_en, u.peer_group FROM assessment_line l "
    "JOIN visit_round v ON v.id = l.round JOIN unit u ON u.id = l.unit "
)
_ORDER: Final = (
    "SELECT o.*, v.code AS round_code, u.code AS unit_code, u.name AS unit_name, "
    "u.name_en AS unit_name_en, u.peer_group FROM rectification_order o "
    "JOIN visit_round v ON v.id = o.round JOIN unit u ON u.id = o.unit "
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


def _order(row: dict[str, Any]) -> OrderView:
    return OrderView(
        code=Code(row["code"]),
        year=row["year"],
        round_code=Code(row["round_code"]),
        unit_code=Code(row["unit_code"]),
        unit_name=row["unit_name"],
        unit_name_en=row["unit_name_en"],
        group=row["peer_group"],
        place=row["place"],
        place_from_below=row["place_from_below"],
        ranked=row["ranked"],
        score=row["score"],
        opened_at=row["opened_at"],
        plan_due=row["plan_due"],
        due=row["due"],
        state=OrderState(row["state"]),
        received_at=row["received_at"],
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


async def orders(year: int) -> list[OrderView]:
    """Return the orders of a year by peer group, the lowest place first."""
    rows = await raw(
        _ORDER + "WHERE o.year = {} ORDER BY u.peer_group, o.place_from_below, u.number", year
    )
    return [_order(row) for row in rows]


async def unit_orders(unit: Code) -> list[OrderView]:
    """Return a unit's own orders, the newest first."""
    rows = await raw(_ORDER + "WHERE u.code = {} ORDER BY o.id DESC", unit)
    return [_order(row) for row in rows]


async def unit_order(unit: Code, code: Code) -> OrderView:
    """Return one of a unit's own orders; another unit's is ``Missing``."""
    rows = await raw(_ORDER + "WHERE u.code = {} AND o.code = {}", unit, code)
    if not rows:
        raise Missing("order.missing")
    return _order(rows[0])


async def unit_lines(unit: Code) -> list[LineView]:
    """Return a unit's own lines, the newest year first."""
    rows = await raw(_LINE + "WHERE u.code = {} ORDER BY l.year DESC", unit)
    return [_line(row) for row in rows]
