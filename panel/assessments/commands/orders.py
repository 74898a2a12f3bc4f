"""Opening orders from a published ranking: whom the last places and the gate ask for what."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

from panel import entropy
from panel.actor import Actor
from panel.assessments.commands import casework
from panel.assessments.queries import order_views as queries
from panel.assessments.rules import orders as rules
from panel.assessments.tables import Order, OrderItem
from panel.assessments.types.orders import (
    Event,
    ItemSource,
    ItemState,
    OrderKind,
    OrderState,
    Timing,
)
from panel.audit.commands import Note
from panel.db import insert_rows, raw
from panel.evaluations.queries.items import unit_figures
from panel.evaluations.types.findings import FindingState, Outcome
from panel.ids import Code
from panel.rankings.types import Kind, ListView, Row
from panel.rulebook.types import Rulebook
from panel.visits.types import RoundView
from panel.workdays import year_of

_LOWEST: Final = 3
"""So many of a unit's worst items stand on its list."""


async def open_orders(  # noqa: PLR0917 - all that the lists bring along
    actor: Actor,
    note: Note,
    view: RoundView,
    lists: Sequence[ListView],
    book: Rulebook,
    units: Mapping[Code, int],
    *,
    at: datetime,
) -> list[Code]:
    """Open what a published ranking asks of units; joins the caller's command.

    Returns the orders to rectify; analyses of causes alone are opened beside them.

    A unit whose order still runs gets no second one: its course tells that it is named again.
    """
    opened = []
    for one in lists:
        for row in one.rows if one.kind is Kind.UNIT else ():
            kind = rules.asked_of(row, book, one.ranked)
            if kind is None:
                continue
            running = await queries.running(units[row.code])
            if running is not None:
                await casework.tell(running.id, Event.STILL_LAST, actor, at=at)
                continue
            order = _row(view, one, row, kind, book, unit=units[row.code], at=at)
            code = await _open(actor, note, order, view, book, at=at)
            if kind is OrderKind.ORDER:
                opened.append(code)
    return opened


def _row(
    view: RoundView,
    one: ListView,
    row: Row,
    kind: OrderKind,
    book: Rulebook,
    *,
    unit: int,
    at: datetime,
) -> Order:
    """Return the order that a published line opens."""
    last = Timing.RECTIFY if kind is OrderKind.ORDER else Timing.ANALYSIS
    return Order(
        code=entropy.code(),
        kind=kind.value,
        year=year_of(view.draft.ends),
        unit=unit,
        round=view.id,
        scope=one.scope,
        place=row.place,
        place_from_below=row.place_from_below,
        ranked=one.ranked,
        score=row.score,
        opened_at=at,
        plan_due=rules.limits(book, Timing.PLAN, at).due_at,
        due=rules.limits(book, last, at).due_at,
        state=OrderState.OPEN.value,
    )


async def _open(
    actor: Actor, note: Note, order: Order, view: RoundView, book: Rulebook, *, at: datetime
) -> Code:
    (order.id,) = await insert_rows(Order, [order])
    note.seal(order, *casework.SEALED)
    note.about("order", order.code, asked=order.kind, place_from_below=order.place_from_below)
    await casework.tell(order.id, Event.OPENED, actor, at=at)
    timings = [Timing.RECEIPT, Timing.ANALYSIS]
    if order.kind == OrderKind.ORDER:
        timings += [Timing.PLAN, Timing.RECTIFY]
        found = [*await _findings(order, at=at), *await _lowest(order, view, book)]
        for number, item in enumerate(found, start=1):
            item.number = number
        await casework.add_items(found, note)
    for timing in timings:
        await casework.begin(order.id, timing, book, at=at)
    return Code(order.code)


async def _findings(order: Order, *, at: datetime) -> list[OrderItem]:
    """Return the year's verified findings of the unit as items, those that it was told of alone."""
    rows = await raw(
        'SELECT code, item, veto, form_key, "window" AS window_id, told, concluded_at '
        "FROM finding WHERE unit = {} AND outcome = {} AND state IN ({}, {}) AND sealed = {} "
        "AND visible_at <= {} ORDER BY id",
        order.unit,
        Outcome.VERIFIED,
        FindingState.VERIFIED,
        FindingState.ORDER_OPENED,
        False,  # noqa: FBT003 - a value of the query
        at,
    )
    return [
        OrderItem(
            order=order.id,
            source=ItemSource.FINDING.value,
            finding=row["code"],
            item=row["item"] or row["veto"],
            form_key=row["form_key"],
            window=row["window_id"],
            text=row["told"],
            state=ItemState.OPEN.value,
        )
        for row in rows
        if year_of(row["concluded_at"]) == order.year
    ]


async def _lowest(order: Order, view: RoundView, book: Rulebook) -> list[OrderItem]:
    """Return the items of the sheet that the unit did worst in, without figures.

    Only items that enough different visitors saw, and that none of its findings names already.
    """
    floor = book.publication.minimum_visitors
    found = [each for each in await unit_figures(order.unit, [view.id]) if each.visitors >= floor]
    found.sort(key=lambda each: (each.percent, each.form_key, each.item))
    return [
        OrderItem(
            order=order.id,
            source=ItemSource.SCORE.value,
            item=each.item,
            form_key=each.form_key,
            state=ItemState.OPEN.value,
        )
        for each in found[:_LOWEST]
    ]
