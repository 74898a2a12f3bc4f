"""What is told of a visit to whom, and from when: a place is known as late as possible."""

from __future__ import annotations

from datetime import datetime, timedelta

import msgspec

from panel.actor import Actor, Role
from panel.errors import Conflict, Fault, Invalid
from panel.ids import Code
from panel.visits.rules.tasks import DELIVERED, GOING, REFUSABLE, may_step_back
from panel.visits.types import TaskState, TaskView

RECOGNISABLE = REFUSABLE | GOING
"""States in which a visitor may say that somebody at the window knew who came."""
TOLD = DELIVERED | {TaskState.VOIDED}
"""States from which the office knows where a covert visit was."""
_GIVEN_UP = frozenset(
    {TaskState.DECLINED, TaskState.RECUSED, TaskState.LAPSED, TaskState.CANCELLED}
)
"""States after which somebody else may be on the way there."""
_LONGEST = 300


def hidden(task: TaskView) -> TaskView:
    """Return a task without its place: the district and the week are left."""
    return msgspec.structs.replace(
        task,
        unit_code=Code(""),
        unit_name="",
        unit_name_en="",
        window_code=None,
        window_name="",
        window_name_en="",
        hall_name="",
        hall_name_en="",
        place="",
        hours="",
        hidden=True,
    )


def shown_from(task: TaskView, days: int) -> datetime:
    """Return from when a visitor sees where a covert task leads."""
    return task.opens_at - timedelta(days=days)


def as_visitor(task: TaskView, days: int, at: datetime) -> TaskView:
    """Return a task as its own visitor may see it at a moment; nothing of what was given up."""
    early = at < shown_from(task, days) or task.state in _GIVEN_UP
    return hidden(task) if task.covert and early else task


def upcoming(task: TaskView) -> bool:
    """Tell whether a covert visit is still to come, so that its place is nobody's business."""
    return task.covert and task.state not in TOLD


def as_office(task: TaskView, *, shown: bool) -> TaskView:
    """Return a task as the office may see it: without the place of a covert visit to come."""
    return task if shown or not upcoming(task) else hidden(task)


def check_look(actor: Actor, reason: str) -> None:
    """Refuse a look at covert visits to come without a reason, or by who plans no rounds."""
    actor.require(Role.COORDINATOR)
    if not reason.strip():
        raise Invalid("look.faults", Fault("reason", "form.required"))
    if len(reason) > _LONGEST:
        raise Invalid("look.faults", Fault("reason", "form.too_long", {"most": _LONGEST}))


def may_say_recognised(task: TaskView, days: int, at: datetime) -> None:
    """Refuse to note a recognised visitor on a task that is not under way, or not told yet.

    An open visit is told at once: whoever could say so early would learn the place early.
    """
    may_step_back(task, RECOGNISABLE, at)
    if at < shown_from(task, days):
        raise Conflict("task.not_yet")
