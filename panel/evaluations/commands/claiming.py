"""Claims: two reviewers are not given the same sheet. Opening one is no command of the history."""

from __future__ import annotations

from datetime import datetime

from panel.actor import Actor, Role
from panel.db import raw
from panel.evaluations import queries, rules
from panel.evaluations.types import QueueItem
from panel.ids import Code

_TRIES = 8


async def claim_next(actor: Actor, *, at: datetime, after: Code | None = None) -> QueueItem | None:
    """Take the next sheet that waits for this reviewer, and give up the one taken before.

    ``after`` leaves a sheet, and what comes before it, for later. Returns None when
    nothing waits, or when colleagues were faster with everything.
    """
    actor.require(Role.REVIEWER)
    for item in await queries.queue(actor, at=at, after=after, limit=_TRIES):
        taken = await raw(
            "INSERT INTO review_claim (sheet, person, until) VALUES ({}, {}, {}) "
            "ON CONFLICT (sheet) DO UPDATE SET person = excluded.person, until = excluded.until "
            "WHERE review_claim.person = excluded.person OR review_claim.until <= {} "
            "RETURNING id",
            item.id,
            actor.person,
            rules.claimed_until(at),
            at,
        )
        if taken:
            await raw(
                "DELETE FROM review_claim WHERE person = {} AND sheet <> {}", actor.person, item.id
            )
            return item
    return None


async def give_up(sheet_id: int) -> None:
    """Let a sheet go that was decided; joins the caller's command."""
    await raw("DELETE FROM review_claim WHERE sheet = {}", sheet_id)
