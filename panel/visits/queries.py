"""Reads of rounds and tasks; a member's tasks are found by computing the link of each round."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from panel.ids import Code
from panel.visits.types import TaskView


async def member_task(member: Code, code: Code) -> TaskView:
    """Return a task of this member; somebody else's is ``Missing``."""
    raise NotImplementedError(member, code)


async def member_tasks(member: Code, *, at: datetime) -> list[TaskView]:
    """Return a member's tasks of running rounds and of those closed lately, by due date."""
    raise NotImplementedError(member, at)


async def task(code: Code) -> TaskView:
    """Return a task for the office; its visitor is a link, never a member."""
    raise NotImplementedError(code)


async def tasks(ids: Sequence[int]) -> dict[int, TaskView]:
    """Return tasks by their ids, in one query."""
    raise NotImplementedError(ids)
