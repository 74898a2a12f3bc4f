"""Reminding members of what waits; the messages themselves lie in notices."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime

from panel.ids import PersonId
from panel.notices import commands as notices
from panel.notices import queries as outbox
from panel.notices.types import MessageKind
from panel.visits import rules
from panel.visits.queries import reminders


async def remind_due(*, at: datetime) -> int:
    """Put the reminders that are due into the outbox; return how many are new. Run as a job."""
    found = await reminders.pending()
    if not found:
        return 0
    measures = await outbox.measures()
    whose = await reminders.persons_of(found, at=at)
    wanted: dict[tuple[MessageKind, str], list[PersonId]] = defaultdict(list)
    for each in found:
        person = whose.get((each.round_code, each.visitor))
        told = rules.reminder_due(each, measures, at)
        if person is not None and told is not None:
            wanted[told].append(person)
    new = 0
    for (kind, occasion), persons in wanted.items():
        new += await notices.post(persons, kind, occasion, at=at)
    return new
