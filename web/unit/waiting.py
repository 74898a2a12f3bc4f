"""What waits for a unit, told on top of its pages: never more than a kind, a number and the way."""

from __future__ import annotations

from datetime import datetime
from typing import Final

import msgspec

from panel.assessments import queries as assessments
from panel.assessments.queries import order_views
from panel.assessments.types.orders import OrderKind, OrderState, OrderView
from panel.evaluations.queries import findings
from panel.ids import Code

_OURS: Final = frozenset(
    {OrderState.OPEN, OrderState.RECEIVED, OrderState.APPROVED, OrderState.WORKING}
)
"""States of an order in which its unit moves next, as the unit is told them."""


class Waiting(msgspec.Struct, frozen=True):
    """One kind of matter that waits, by the text of its menu entry."""

    label: str
    url: str
    count: int


def _asks(view: OrderView) -> bool:
    """Tell whether the unit moves next; the plan of a whole order is the unit's too."""
    return view.told_state in _OURS or (
        view.told_state in {OrderState.ANALYSED, OrderState.FAILED} and view.kind is OrderKind.ORDER
    )


async def waiting(unit: Code, *, at: datetime) -> list[Waiting]:
    """Return what waits for a unit: findings, orders, marks to sign for."""
    found = [
        Waiting("Findings to answer", "/unit/findings", await findings.unit_waiting(unit, at=at)),
        Waiting(
            "Rectification",
            "/unit/orders",
            sum(_asks(view) for view in await order_views.unit_orders(unit)),
        ),
        Waiting(
            "Annual assessment",
            "/unit/assessments",
            sum(line.received_at is None for line in await assessments.unit_lines(unit)),
        ),
    ]
    return [each for each in found if each.count]
