"""What members answer to tasks, and what sheets and time do to them."""

from __future__ import annotations

import hashlib
from datetime import date, datetime
from typing import Any, Final

from piccolo.columns import Column

from panel.actor import SYSTEM, Actor, Role
from panel.audit.commands import entry
from panel.db import raw
from panel.errors import Conflict
from panel.ids import Code
from panel.visits import queries, rules
from panel.visits.commands.substitutes import Bench
from panel.visits.tables import Task
from panel.visits.types import DeclineReason, RecusalKind, RoundState, TaskState, TaskView

PSEUDONYM: Final = 16
_COMPLETE: Final = "UPDATE visit_task SET state = {} WHERE id = {} AND state = {} RETURNING id"
_PIECE: Final = 100
"""Offers that lapse in one transaction."""


def pseudonym(task: TaskView) -> str:
    """Return how the history names the visitor of a task: never by account or member."""
    return f"visitor:{task.visitor[:PSEUDONYM]}"


async def move(task: TaskView, after: TaskState, **columns: Any) -> None:
    """Move a task on if it is still where it was read; ``Conflict`` if something was faster."""
    changes: dict[Column | str, Any] = {Task.state: after}
    changes.update(columns.items())
    done = (
        await Task.update(changes)
        .where(Task.id == task.id, Task.state == task.state)
        .returning(Task.id)
    )
    if not done:
        raise Conflict("task.state_changed")


async def accept(actor: Actor, code: Code, *, at: datetime) -> TaskView:
    """Accept an offered task.

    Refuses a second answer, one after the offer's deadline, and one without a certificate.
    """
    actor.require(Role.MEMBER)
    task = await queries.member_task(actor.member, code)
    async with entry(actor, "visits.accept", at=at, name=pseudonym(task)) as note:
        rules.may_accept(task, at)
        await queries.may_begin(actor.member, task, at=at)
        await move(task, TaskState.ACCEPTED)
        note.about("task", code, before=task.state.value, after=TaskState.ACCEPTED.value)
    return await queries.task(code)


async def brief(actor: Actor, code: Code, *, at: datetime) -> TaskView:
    """Note that the visitor has read the briefing and declares to have no tie to the unit."""
    actor.require(Role.MEMBER)
    task = await queries.member_task(actor.member, code)
    async with entry(actor, "visits.brief", at=at, name=pseudonym(task)) as note:
        rules.may_step_back(task, rules.GOING, at)
        await queries.may_begin(actor.member, task, at=at)
        if task.briefed_at is not None:
            raise Conflict("task.briefed")
        await move(task, task.state, briefed_at=at)
        note.about("task", code, briefed=True)
    return await queries.task(code)


async def decline(
    actor: Actor, code: Code, reason: DeclineReason | None, *, at: datetime
) -> TaskView:
    """Hand a task back without blame; the next in the recorded order is asked at once."""
    actor.require(Role.MEMBER)
    task = await queries.member_task(actor.member, code)
    async with entry(actor, "visits.decline", at=at, name=pseudonym(task)) as note:
        bench = await Bench.of(task.round_id, at=at)
        rules.may_step_back(task, rules.REFUSABLE, at)
        await move(task, TaskState.DECLINED, reason=reason or "")
        note.about(
            "task",
            code,
            before=task.state.value,
            after=TaskState.DECLINED.value,
            reason=reason.value if reason else "",
        )
        bench.release(task)
        await bench.offer_next(task, note, at=at)
    return await queries.task(code)


async def recuse(actor: Actor, code: Code, kind: RecusalKind, *, at: datetime) -> TaskView:
    """Step back for a tie to the unit: no draw sends the visitor there again, substitutes follow.

    The tie stands on the task alone, so that no table joins a member with a covert visit; every
    later draw finds it by the links.
    """
    actor.require(Role.MEMBER)
    task = await queries.member_task(actor.member, code)
    async with entry(actor, "visits.recuse", at=at, name=pseudonym(task)) as note:
        bench = await Bench.of(task.round_id, at=at)
        rules.may_step_back(task, rules.RECUSABLE, at)
        for each in await queries.unit_tasks(task.round_id, task.unit_id):
            if each.visitor != task.visitor or each.state not in rules.RECUSABLE:
                continue
            await move(each, TaskState.RECUSED, reason=kind)
            note.about(
                "task",
                each.code,
                before=each.state.value,
                after=TaskState.RECUSED.value,
                reason=kind.value,
            )
            bench.release(each)
            await bench.offer_next(each, note, at=at)
    return await queries.task(code)


async def not_possible(
    actor: Actor, code: Code, on: date | None, seen: str, *, at: datetime
) -> TaskView:
    """Report a closed window: the day and what was seen; a closed window is not a bad one."""
    actor.require(Role.MEMBER)
    task = await queries.member_task(actor.member, code)
    async with entry(actor, "visits.not_possible", at=at, name=pseudonym(task)) as note:
        rules.could_not_visit(task, on, seen, at)
        await move(task, TaskState.NOT_POSSIBLE, happened_on=on, note=seen.strip())
        note.about("task", code, before=task.state.value, after=TaskState.NOT_POSSIBLE.value)
    return await queries.task(code)


async def start(task_id: int, *, at: datetime) -> TaskView:
    """Mark the first entry in a sheet (accepted → in progress); no command of the history.

    Refuses a sheet before the task is accepted, before it opens and after its grace; a sheet that
    was started before stays as it is.
    """
    task = await queries.task_by_id(task_id)
    rules.may_fill(task, at)
    if task.state is TaskState.ACCEPTED:
        await Task.update({Task.state: TaskState.IN_PROGRESS}).where(
            Task.id == task_id, Task.state == TaskState.ACCEPTED
        )
    return await queries.task_by_id(task_id)


async def complete(task: TaskView, *, at: datetime) -> None:
    """Mark a task as submitted; joins the caller's transaction.

    Refuses what ``start`` refuses; ``Conflict`` when another sheet was faster.
    """
    if task.state in rules.STARTABLE:
        rules.may_fill(task, at)
        done = await raw(_COMPLETE, TaskState.SUBMITTED, task.id, task.state)
        if done:
            return
    # Something moved since it was read, such as a draft that was saved: look again.
    task = await queries.task_by_id(task.id)
    rules.may_fill(task, at)
    await move(task, TaskState.SUBMITTED)


async def give_back(task_id: int, due: datetime, *, at: datetime) -> None:  # noqa: ARG001
    """Send a submitted task back to its visitor until ``due``; joins the caller's transaction."""
    task = await queries.task_by_id(task_id)
    if task.state is not TaskState.SUBMITTED:
        raise Conflict("task.state_changed")
    await move(task, TaskState.RETURNED, due_at=due)


async def settle(task_id: int, state: TaskState, *, at: datetime) -> None:  # noqa: ARG001
    """End a task as done (its sheet counts) or voided; joins the caller's transaction."""
    task = await queries.task_by_id(task_id)
    rules.may_settle(task, state)
    await move(task, state)


async def lapse_due(*, at: datetime) -> int:
    """Let unanswered offers lapse after their deadline and ask the next ones; return how many.

    Run as a job, in pieces, so that nobody waits long for the database; each piece that lets
    something lapse leaves one entry.
    """
    total = 0
    while lapsed := await _lapse(at):
        total += lapsed
    return total


async def _lapse(at: datetime) -> int:
    """Let a piece of the offers lapse that are overdue."""
    due = await raw(
        "SELECT t.id FROM visit_task t JOIN visit_round r ON r.id = t.round "
        "WHERE t.state = {} AND t.answer_by < {} AND r.state = {} ORDER BY t.round, t.id LIMIT {}",
        TaskState.OFFERED,
        at,
        RoundState.RUNNING,
        _PIECE,
    )
    if not due:
        return 0
    found = await queries.tasks([row["id"] for row in due])
    async with entry(SYSTEM, "visits.lapse_due", at=at) as note:
        bench: Bench | None = None
        for task in found.values():
            if bench is None or bench.view.id != task.round_id:
                bench = await Bench.of(task.round_id, at=at)
            await move(task, TaskState.LAPSED)
            bench.release(task)
            await bench.offer_next(task, note, at=at)
        note.bulk(
            "task", [hashlib.sha256(task.code.encode()).hexdigest() for task in found.values()]
        )
    return len(found)
