"""Waiting sheets compared with counted ones; found anew while they wait, by a job."""

from __future__ import annotations

from datetime import datetime

from panel.db import raw, transaction
from panel.evaluations import queries, rules
from panel.evaluations.types import Flag, SheetState
from panel.rulebook import queries as rulebooks


async def weigh(*, at: datetime) -> int:
    """Flag what stands out among the waiting sheets; returns how many changed.

    The history is told nothing: flags follow from the sheets, order the queue and decide nothing.
    """
    found = await queries.to_compare(at=at)
    if not found.waiting:
        return 0
    bounds = (await rulebooks.current()).rulebook.reviewing
    odd = rules.odd(found.waiting, found.counted, bounds)
    changed = 0
    async with transaction():
        for number, before in found.flags.items():
            noticed = odd[number] | ({Flag.PICTURE} if number in found.pictures else set())
            after = rules.compared(before, noticed)
            if set(after) == set(before):
                continue
            rows = await raw(
                "UPDATE sheet_submission SET flags = {}, urgency = {} "
                "WHERE id = {} AND state = {} AND flags = {} RETURNING id",
                ",".join(after),
                rules.urgency(after),
                number,
                SheetState.SUBMITTED,
                ",".join(before),
            )
            changed += len(rows)
    return changed
