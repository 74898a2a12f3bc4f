"""Telling units that something waits in their inbox; never what, nor where it was found."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime

from panel.accounts import queries as accounts
from panel.evaluations.queries import clocks
from panel.evaluations.rules import clocks as rules
from panel.ids import Code, PersonId
from panel.notices import commands as notices
from panel.notices.types import MessageKind


async def tell_units(*, at: datetime) -> int:
    """Write to the liaisons of units whose answer is awaited; return how many are new.

    Run as a job: each matter is told once when the unit may see it, and once more when its time is
    nearly over.
    """
    awaited = await clocks.awaited_of_units(at)
    if not awaited:
        return 0
    speakers: dict[Code, list[PersonId]] = await accounts.liaisons({unit for unit, _ in awaited})
    wanted: dict[str, list[PersonId]] = defaultdict(list)
    for unit, clock in awaited:
        occasion = rules.unit_occasion(clock, at)
        if occasion:
            wanted[occasion] += speakers.get(unit, [])
    return sum(
        [
            await notices.post(persons, MessageKind.UNIT_WAITS, occasion, at=at)
            for occasion, persons in wanted.items()
        ]
    )
