"""Reads of orders; a unit reads its own only."""

from __future__ import annotations

from typing import Any, Final

from panel.assessments.types import OrderState, OrderView
from panel.db import raw
from panel.errors import Missing
from panel.ids import Code

_ORDER: Final = (
    "SELECT o.*, v.code AS round_code, u.code AS unit_code, u.name AS unit_name, "
    "u.name_en AS unit_name_en, u.peer_group FROM rectification_order o "
    "JOIN visit_round v ON v.id = o.round JOIN unit u ON u.id = o.unit "
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
