"""Orders to rectify: what opens them, and what becomes of them."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from panel import entropy
from panel.actor import Actor, Role
from panel.assessments import queries, rules
from panel.assessments.tables import Order
from panel.assessments.types import OrderState, OrderView
from panel.audit.commands import entry
from panel.errors import Conflict, Forbidden
from panel.ids import Code
from panel.rankings.types import ListView, Row
from panel.rulebook.types import Rulebook

ORDER: Final = ("code", "year", "unit", "place", "place_from_below", "ranked", "score", "state")
"""What a change of an order is sealed over."""


def opened(
    row: Row,
    one: ListView,
    rulebook: Rulebook,
    *,
    year: int,
    unit: int,
    round_id: int,
    at: datetime,
) -> Order:
    """Return the order that a place on a published list opens."""
    plan_due, due = rules.due_dates(at, rulebook)
    return Order(
        code=entropy.code(),
        year=year,
        unit=unit,
        round=round_id,
        scope=one.scope,
        place=row.place,
        place_from_below=row.place_from_below,
        ranked=one.ranked,
        score=row.score,
        opened_at=at,
        plan_due=plan_due,
        due=due,
        state=OrderState.OPEN,
    )


async def receive(actor: Actor, order: Code, *, at: datetime) -> OrderView:
    """Acknowledge an order for the own unit; another unit's is ``Missing``."""
    actor.require(Role.LIAISON)
    if actor.unit is None:
        raise Forbidden("actor.no_unit")
    async with entry(actor, "assessments.receive", at=at) as note:
        found = await queries.unit_order(actor.unit, order)
        rules.may_receive(found.state)
        changed = (
            await Order.update(
                {
                    Order.state: OrderState.RECEIVED,
                    Order.received_at: at,
                    Order.received_by: actor.person,
                }
            )
            .where(Order.code == order, Order.state == OrderState.OPEN)
            .returning(Order.id)
        )
        if not changed:
            raise Conflict("order.received")
        row = await Order.objects().get(Order.code == order)
        if row is not None:
            note.seal(row, *ORDER)
        note.about("order", order, unit=actor.unit)
    return await queries.unit_order(actor.unit, order)
