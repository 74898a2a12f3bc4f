"""Commands of visits."""

from __future__ import annotations

from datetime import datetime

from panel.visits.types import TaskState


async def start(task_id: int, *, at: datetime) -> None:
    """Mark the first entry in a sheet (accepted → in progress); not a command of the history."""
    raise NotImplementedError(task_id, at)


async def complete(task_id: int, *, at: datetime) -> None:
    """Mark a task as submitted; joins the caller's entry; ``Conflict`` in another state."""
    raise NotImplementedError(task_id, at)


async def give_back(task_id: int, due: datetime, *, at: datetime) -> None:
    """Send a submitted task back to its visitor until ``due``; joins the caller's entry."""
    raise NotImplementedError(task_id, due, at)


async def settle(task_id: int, state: TaskState, *, at: datetime) -> None:
    """End a submitted task as done or voided; joins the caller's entry."""
    raise NotImplementedError(task_id, state, at)
