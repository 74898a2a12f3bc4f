"""What a member without a phone answers by word of mouth, noted by the office."""

from __future__ import annotations

from datetime import datetime

from panel.visits import queries, rules
from panel.visits.commands.tasks import move
from panel.visits.types import TaskState


async def accept_by_word(task_id: int, *, at: datetime) -> None:
    """Accept an offered task for its visitor; joins the caller's command, which tells of it.

    Refuses a second answer and one after the offer's deadline.
    """
    task = await queries.task_by_id(task_id)
    rules.may_accept(task, at)
    await move(task, TaskState.ACCEPTED)
