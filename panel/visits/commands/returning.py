"""Tasks of members who can't go any more: taken back and offered to the next ones."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from panel.actor import SYSTEM
from panel.audit.commands import entry
from panel.ids import Code
from panel.members import queries as seats
from panel.visits import queries, rules
from panel.visits.commands.substitutes import Bench
from panel.visits.commands.tasks import PSEUDONYM, move
from panel.visits.types import RoundState, RoundView, TaskState, TaskView

TAKEN_BACK: Final = "taken_back"
"""Why a task was declined: by the office, so it is nobody's miss."""


async def take_back(members: Sequence[Code], *, at: datetime) -> int:
    """Take unfinished tasks back from members and ask the next in the draw; return how many.

    Its entries name a visitor's pseudonym and stand apart from the command that asked for it, so
    that the history joins no member with a visit. Doing it twice changes nothing.
    """
    total = 0
    for view in await queries.rounds():
        if view.state is RoundState.RUNNING:
            for visitor in queries.links(members, view.code):
                total += await _from(view, visitor, at=at)
    return total


async def take_back_unfit(*, at: datetime) -> int:
    """Take what is not begun back from everybody who may not begin it any more; return how many.

    Run as a job, behind the one that lets certificates lapse: whoever lapsed, was suspended or
    left keeps no place waiting. What was begun may be finished.
    """
    fit = [member.code for member in await seats.qualified(at)]
    total = 0
    for view in await queries.rounds():
        if view.state is RoundState.RUNNING:
            known = queries.links(fit, view.code)
            for visitor in await queries.waiting_visitors(view.id):
                if visitor not in known:
                    total += await _from(view, visitor, rules.REFUSABLE, at=at)
    return total


async def _from(
    view: RoundView,
    visitor: str,
    states: frozenset[TaskState] = rules.UNFINISHED,
    *,
    at: datetime,
) -> int:
    """Take back what one visitor has not finished (or not begun) in one round."""
    if not await _tasks(visitor, states):
        return 0
    async with entry(
        SYSTEM, "visits.take_back", at=at, name=f"visitor:{visitor[:PSEUDONYM]}"
    ) as note:
        bench = await Bench.of(view.id, at=at)
        found = await _tasks(visitor, states)
        for task in found:
            await move(task, TaskState.DECLINED, reason=TAKEN_BACK)
            note.about("task", task.code, before=task.state.value, after=TaskState.DECLINED.value)
            bench.release(task)
            await bench.offer_next(task, note, at=at)
    return len(found)


async def _tasks(visitor: str, states: frozenset[TaskState]) -> list[TaskView]:
    return [task for task in await queries.visitor_tasks(visitor) if task.state in states]
