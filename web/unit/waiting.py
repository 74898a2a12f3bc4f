"""What waits for a unit, told on top of its pages: never more than a kind, a number and the way."""

from __future__ import annotations

from datetime import datetime

import msgspec

from panel.assessments import queries as assessments
from panel.assessments.queries import order_views
from panel.evaluations.queries import findings
from panel.ids import Code


class Waiting(msgspec.Struct, frozen=True):
    """One kind of matter that waits, by the text of its menu entry."""

    label: str
    url: str
    count: int


async def waiting(unit: Code, *, at: datetime) -> list[Waiting]:
    """Return what waits for a unit: findings, orders, marks to sign for."""
    found = [
        Waiting("Findings to answer", "/unit/findings", await findings.unit_waiting(unit, at=at)),
        Waiting("Rectification", "/unit/orders", await order_views.unit_waiting(unit)),
        Waiting(
            "Annual assessment",
            "/unit/assessments",
            sum(line.received_at is None for line in await assessments.unit_lines(unit)),
        ),
    ]
    return [each for each in found if each.count]
