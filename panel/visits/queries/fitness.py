"""Who may go today: a task is begun only with a certificate that holds."""

from __future__ import annotations

from datetime import datetime

from panel.ids import Code
from panel.members import queries as members
from panel.visits import rules
from panel.visits.types import TaskView
from panel.workdays import SHANGHAI


async def fit(member: Code | None, *, at: datetime) -> bool:
    """Tell whether a member may begin a task at a moment: certified, pledged, in service."""
    today = at.astimezone(SHANGHAI).date()
    return any(each.qualified(today) for each in await members.several([member or Code("")]))


async def may_begin(member: Code | None, task: TaskView, *, at: datetime) -> None:
    """Refuse to begin a task to whoever is not fit; what was begun before may be finished."""
    if task.state in rules.REFUSABLE:
        rules.may_begin(fit=await fit(member, at=at))
