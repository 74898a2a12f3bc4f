"""How commands write orders: one change at a time, its event, its pictures, its deadlines."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from piccolo.columns import Column

from panel import keys
from panel.actor import Actor, Role
from panel.assessments.queries import order_parts as parts
from panel.assessments.rules import orders as rules
from panel.assessments.tables import Order, OrderClock, OrderEvent, OrderFile, OrderItem
from panel.assessments.types.orders import Event, ItemView, OrderView, Timing, TimingView
from panel.audit.commands import Note
from panel.db import insert_rows
from panel.entropy import code as fresh_code
from panel.errors import Conflict, Forbidden
from panel.evaluations.rules.clocks import next_run
from panel.evaluations.types.clocks import ClockState, Level, Limits
from panel.ids import Code
from panel.rulebook.types import Rulebook

SEALED: Final = (
    "code", "kind", "year", "unit", "place", "place_from_below", "ranked", "score", "state",
    "period", "revisit", "judged_by", "recurrences",
)  # fmt: skip
"""What a change of an order is sealed over."""
SEALED_ITEM: Final = (
    "order", "number", "finding", "item", "measure", "desk", "document", "checked_by", "state",
)  # fmt: skip


async def change(view: OrderView, note: Note, **columns: Any) -> None:
    """Change an order that is still as it was read, and protect its new state."""
    changes: dict[Column | str, Any] = {Order.revision: view.revision + 1}
    changes.update(columns.items())
    rows = (
        await Order.update(changes)
        .where(Order.id == view.id, Order.revision == view.revision)
        .returning(*Order.all_columns())
    )
    if not rows:
        raise Conflict("order.changed")
    note.seal(Order(**rows[0]), *SEALED)
    note.about("order", view.code, before=view.state.value, after=rows[0]["state"])


async def change_item(item: ItemView, note: Note, **columns: Any) -> None:
    """Change one item to close; joins a change of its order, which keeps others out."""
    changes: dict[Column | str, Any] = {}
    changes.update(columns.items())
    rows = (
        await OrderItem.update(changes)
        .where(OrderItem.id == item.id, OrderItem.state == item.state.value)
        .returning(*OrderItem.all_columns())
    )
    if not rows:
        raise Conflict("order.changed")
    note.seal(OrderItem(**rows[0]), *SEALED_ITEM)


async def add_items(rows: list[OrderItem], note: Note) -> None:
    """Store items to close."""
    for row, number in zip(rows, await insert_rows(OrderItem, rows), strict=True):
        row.id = number
        note.seal(row, *SEALED_ITEM)


async def tell(
    order: int, event: Event, actor: Actor, *, at: datetime, text: str = "", document: str = ""
) -> None:
    """Add a step to the course of an order."""
    row = OrderEvent(
        order=order, event=event.value, at=at, by=actor.name, text=text, document=document
    )
    await insert_rows(OrderEvent, [row])


async def keep_picture(order: int, picture: bytes, *, at: datetime) -> str:
    """Keep a picture that the unit sent, encrypted; nothing where there is none."""
    if not picture:
        return ""
    code = fresh_code()
    row = OrderFile(
        code=code,
        order=order,
        media="image/jpeg",
        sealed=keys.current().seal("reporter", picture, parts.file_context(code)),
        at=at,
    )
    await insert_rows(OrderFile, [row])
    return code


async def start(
    order: int, kind: Timing, found: Limits, book: Rulebook, *, at: datetime, about: str = ""
) -> None:
    """Let a deadline begin; the calendar by which it was counted stays with it."""
    row = OrderClock(
        order=order,
        kind=kind.value,
        about=about,
        state=ClockState.RUNNING.value,
        started_at=at,
        soft_at=found.soft_at,
        due_at=found.due_at,
        run_at=next_run(found, Level.CALM),
        calendar_version=book.calendar_version,
    )
    await insert_rows(OrderClock, [row])


async def begin(order: int, kind: Timing, book: Rulebook, *, at: datetime, about: str = "") -> None:
    """Let a deadline of the rulebook's length begin."""
    await start(order, kind, rules.limits(book, kind, at), book, at=at, about=about)


async def stop(order: int, kind: Timing, *, at: datetime, about: str = "") -> None:
    """End a deadline, if it still runs: met or missed by the moment."""
    found = await parts.live(order, kind, about)
    if found is None:
        return
    after = ClockState.MET if at <= found.due_at else ClockState.MISSED
    await write(found, state=after.value, run_at=None)


async def stop_all(order: int, *, at: datetime) -> None:
    """End whatever still runs of an order that is over, but for letters."""
    for clock in await parts.clocks(order):
        if clock.state is ClockState.RUNNING and clock.kind is not Timing.LETTER:
            await stop(order, clock.kind, at=at, about=clock.about)


async def write(clock: TimingView, **columns: Any) -> None:
    """Change a deadline that is still as it was read."""
    changes: dict[Column | str, Any] = {}
    changes.update(columns.items())
    done = (
        await OrderClock.update(changes)
        .where(
            OrderClock.id == clock.id,
            OrderClock.state == clock.state.value,
            OrderClock.level == int(clock.level),
            OrderClock.due_at == clock.due_at,
        )
        .returning(OrderClock.id)
    )
    if not done:
        raise Conflict("order.changed")


def own_unit(actor: Actor) -> Code:
    """Return the unit that somebody speaks for."""
    actor.require(Role.LIAISON)
    if actor.unit is None:
        raise Forbidden("actor.no_unit")
    return actor.unit
