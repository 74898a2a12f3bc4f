"""Writing to members whose course or whose term needs them; the messages lie in notices."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime

from panel.errors import Missing
from panel.ids import PersonId
from panel.members import queries, rules
from panel.notices import commands as notices
from panel.notices.types import MessageKind
from panel.rulebook import queries as rulebooks
from panel.workdays import SHANGHAI


async def remind_of_training(*, at: datetime) -> int:
    """Write to members who have not passed yet, or whose certificate ends soon; each once.

    Returns how many messages are new. Run as a job.
    """
    try:
        book = (await rulebooks.current()).rulebook
    except Missing:
        return 0
    today = at.astimezone(SHANGHAI).date()
    wanted: dict[str, list[PersonId]] = defaultdict(list)
    for member in await queries.serving(at):
        occasion = rules.training_occasion(member, book, today)
        if occasion:
            wanted[occasion].append(member.person)
    return sum(
        [
            await notices.post(persons, MessageKind.TRAINING_DUE, occasion, at=at)
            for occasion, persons in wanted.items()
        ]
    )
