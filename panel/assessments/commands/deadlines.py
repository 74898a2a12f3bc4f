"""Deadlines of orders: whom they reach, what is presumed delivered, what units are told."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime

from panel.accounts import queries as accounts
from panel.actor import SYSTEM, Role
from panel.assessments.commands import casework
from panel.assessments.queries import order_parts as parts
from panel.assessments.queries import order_views as queries
from panel.assessments.rules import orders as rules
from panel.assessments.types.orders import (
    Event,
    OrderState,
    OrderView,
    Timing,
    TimingView,
)
from panel.audit.commands import entry
from panel.errors import Conflict
from panel.evaluations.rules.clocks import level_at, next_run
from panel.evaluations.types.clocks import Level, Limits
from panel.ids import PersonId
from panel.notices import commands as notices
from panel.notices.types import MessageKind
from panel.rankings.commands.overdue import handlers

_EVENTS = {Level.NEAR: Event.NEAR, Level.OVER: Event.OVERDUE, Level.HEAD: Event.TOLD_HEAD}


async def escalate_due(*, at: datetime) -> int:
    """Tell whom the deadlines of orders reach now, one entry for each; return how many.

    An order that nobody acknowledged counts as delivered when its time is over.
    """
    told = 0
    for clock in await parts.due_clocks(at):
        if await _escalate(clock, at):
            told += 1
    return told


async def _escalate(clock: TimingView, at: datetime) -> bool:
    limits = Limits(clock.soft_at, clock.due_at)
    level = level_at(limits, at)
    if level <= clock.level:
        return False
    try:
        async with entry(SYSTEM, "assessments.escalate", at=at) as note:
            view = await queries.order_by_id(clock.order)
            if clock.kind is Timing.RECEIPT and level >= Level.OVER:
                await casework.stop(view.id, Timing.RECEIPT, at=at)
                if view.state is OrderState.OPEN:
                    state = OrderState.RECEIVED.value
                    await casework.change(view, note, state=state, received_at=clock.due_at)
                    await casework.tell(view.id, Event.PRESUMED, SYSTEM, at=at)
                return True
            await casework.write(clock, level=int(level), run_at=next_run(limits, level))
            await casework.tell(view.id, _EVENTS[level], SYSTEM, at=at, text=clock.kind.value)
            await _tell_office(view, clock, level, at=at)
            note.about("order", view.code, clock=clock.kind.value, level=int(level))
    except Conflict:
        return False
    return True


async def _tell_office(view: OrderView, clock: TimingView, level: Level, *, at: datetime) -> None:
    """Write to whoever handles an order that is overdue, and a day later to those above.

    After a stop of the service nobody is passed over. The message names no order.
    """
    about = f"order clock {clock.id} {clock.due_at.isoformat()}"
    for reached in range(clock.level + 1, level + 1):
        if reached == Level.OVER:
            people = await handlers(view.approved_by, Role.COORDINATOR)
            await notices.post(people, MessageKind.STAFF_WAITS, f"{about} over", at=at)
        elif reached == Level.HEAD:
            leaders = await accounts.holders(Role.PUBLISHER)
            await notices.post(leaders, MessageKind.LEADER_WAITS, f"{about} head", at=at)


async def tell_units(*, at: datetime) -> int:
    """Write to the liaisons of units whose step is awaited; return how many messages are new.

    Each deadline is told once when it begins, and once more when it is nearly over.
    """
    awaited = await parts.awaited_of_units()
    if not awaited:
        return 0
    speakers = await accounts.liaisons({unit for unit, _, _ in awaited})
    wanted: dict[str, list[PersonId]] = defaultdict(list)
    for unit, opened_at, clock in awaited:
        if occasion := rules.unit_occasion(clock, opened_at, at):
            wanted[occasion] += speakers.get(unit, [])
    return sum(
        [
            await notices.post(persons, MessageKind.UNIT_WAITS, occasion, at=at)
            for occasion, persons in wanted.items()
        ]
    )
