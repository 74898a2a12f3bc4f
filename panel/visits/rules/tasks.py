"""Decisions about tasks: who may still answer, visit, fill in; what follows when somebody can't."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Final

from panel.actor import Actor, Role
from panel.errors import Closed, Conflict, Fault, Forbidden, Invalid
from panel.rulebook.types import Rulebook
from panel.visits.types import TaskState, TaskView
from panel.workdays import SHANGHAI, Calendar, deadline

_TIME_TO_VISIT: Final = timedelta(days=7)
"""What a substitute gets at least, as long as the round lasts."""
_TIME_TO_ANSWER: Final = timedelta(hours=12)
"""An offer that leaves less than this before the round ends is not made."""
_LONGEST_NOTE: Final = 500

STARTABLE: Final = frozenset({TaskState.ACCEPTED, TaskState.IN_PROGRESS, TaskState.RETURNED})
"""States in which a sheet may be filled in."""
REFUSABLE: Final = frozenset({TaskState.OFFERED, TaskState.ACCEPTED})
"""States in which a visitor may decline, without blame."""
RECUSABLE: Final = REFUSABLE | {TaskState.IN_PROGRESS}
"""States in which a visitor may step back for a tie to the unit."""
GOING: Final = frozenset({TaskState.ACCEPTED, TaskState.IN_PROGRESS})
"""States in which a visitor may come before a closed window."""
DELIVERED: Final = frozenset({TaskState.SUBMITTED, TaskState.RETURNED, TaskState.DONE})
"""States in which a sheet has come in and was not voided."""
UNFINISHED: Final = frozenset(
    {TaskState.OFFERED, TaskState.ACCEPTED, TaskState.IN_PROGRESS, TaskState.RETURNED}
)
"""States that lapse when the round is closed."""


def may_read(actor: Actor, task: TaskView) -> None:
    """Refuse a covert task to whoever does not need it: reviewers see it once its sheet is in."""
    if actor.may(Role.COORDINATOR, Role.AUDITOR):
        return
    if task.covert and task.state not in DELIVERED | {TaskState.VOIDED}:
        raise Forbidden("actor.role")
    actor.require(Role.REVIEWER)


def calendar(rulebook: Rulebook) -> Calendar:
    """Return the rulebook's calendar of working days."""
    return Calendar(
        version=rulebook.calendar_version,
        holidays=frozenset(rulebook.holidays),
        workdays=frozenset(rulebook.workdays),
    )


def answer_by(offered_at: datetime, ends: datetime, rulebook: Rulebook) -> datetime:
    """Return until when an offer may be answered: the rulebook's limit, never after the round."""
    limit = rulebook.deadline("answer_to_offer")
    return min(ends, deadline(offered_at, limit.amount, limit.unit, calendar(rulebook)))


def may_accept(task: TaskView, at: datetime) -> None:
    """Refuse to accept what is no longer offered, or after the offer's deadline."""
    if task.state is not TaskState.OFFERED:
        raise Conflict("task.answered")
    if task.answer_by is not None and at > task.answer_by:
        raise Closed("task.offer_over")


def may_begin(*, fit: bool) -> None:
    """Refuse a task to whoever has no certificate that holds, or does not serve."""
    if not fit:
        raise Conflict("task.unqualified")


def may_step_back(task: TaskView, allowed: frozenset[TaskState], at: datetime) -> None:
    """Refuse to hand back a task that is under way, ended, or whose round is over."""
    if task.state not in allowed:
        raise Conflict("task.state_changed")
    if at > task.closes_at:
        raise Closed("task.over")


def may_fill(task: TaskView, at: datetime) -> None:
    """Refuse a sheet before the task is accepted, before it begins, or after its grace."""
    if task.state is TaskState.OFFERED:
        raise Conflict("task.not_accepted")
    if task.state not in STARTABLE:
        raise Conflict("task.state_changed")
    if at < task.opens_at:
        raise Conflict("task.not_yet")
    if at > task.closes_at:
        raise Closed("task.over")


def may_settle(task: TaskView, after: TaskState) -> None:
    """Refuse to end a task that has no sheet; a sheet that counts may still be voided."""
    allowed = {TaskState.SUBMITTED: {TaskState.DONE, TaskState.VOIDED}}
    allowed[TaskState.DONE] = allowed[TaskState.RETURNED] = {TaskState.VOIDED}
    if after not in allowed.get(task.state, set()):
        raise Conflict("task.state_changed")


def could_not_visit(task: TaskView, on: date | None, seen: str, at: datetime) -> None:
    """Refuse a report of a closed window without its day, or on a day outside the task."""
    may_step_back(task, GOING, at)
    faults = []
    first, last = (moment.astimezone(SHANGHAI).date() for moment in (task.opens_at, at))
    if on is None or not first <= on <= last:
        faults.append(Fault("on", "task.day_outside"))
    if not seen.strip():
        faults.append(Fault("seen", "task.seen_missing"))
    if len(seen) > _LONGEST_NOTE:
        faults.append(Fault("seen", "task.too_long", {"limit": _LONGEST_NOTE}))
    if faults:
        raise Invalid("task.faults", *faults)


def substitute(
    reserve: Sequence[str],
    *,
    met: frozenset[str],
    barred: frozenset[str],
    loads: Mapping[str, int],
    max_tasks: int,
) -> tuple[int, str] | None:
    """Return the next in the recorded order (from 1) who may still come, or nobody.

    ``met`` had a task at this place already, ``barred`` may not judge the unit or left the panel;
    the load of the round still holds.
    """
    for position, visitor in enumerate(reserve, start=1):
        if visitor in met or visitor in barred or loads.get(visitor, 0) >= max_tasks:
            continue
        return position, visitor
    return None


def substitute_due(due: datetime, ends: datetime, at: datetime) -> datetime | None:
    """Return until when a substitute must visit; nobody is asked when the round is nearly over."""
    if ends - at < _TIME_TO_ANSWER:
        return None
    return min(ends, max(due, at + _TIME_TO_VISIT))
