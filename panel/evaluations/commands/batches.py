"""Clean sheets accepted together, once a sample by lot was looked at one by one."""

from __future__ import annotations

from datetime import datetime

from panel import chance
from panel.actor import Actor, Role
from panel.audit.commands import entry
from panel.db import insert_rows
from panel.entropy import code as fresh_code
from panel.entropy import token
from panel.errors import Conflict
from panel.evaluations import queries, rules
from panel.evaluations.commands.reviewing import count
from panel.evaluations.commands.weighing import weigh
from panel.evaluations.tables import BatchSheet, ReviewBatch
from panel.evaluations.types import BatchView
from panel.rulebook import queries as rulebooks


async def start_batch(actor: Actor, *, at: datetime) -> BatchView:
    """Take the clean sheets that wait and draw by lot which are looked at one by one.

    Seed, sheets and sample are committed to in the history before the first is opened. Refuses a
    second batch beside an open one, and one without sheets.
    """
    actor.require(Role.REVIEWER)
    await weigh(at=at)
    async with entry(actor, "evaluations.start_batch", at=at) as note:
        if await queries.batch(actor, at=at) is not None:
            raise Conflict("batch.open")
        bounds = (await rulebooks.current()).rulebook.reviewing
        found = await queries.clean(actor, at=at, limit=bounds.batch)
        if not found:
            raise Conflict("batch.empty")
        seed = chance.digest({"seed": token()})
        size = rules.sample_size(len(found), bounds.spot_check_percent)
        sample = rules.sample_of(seed, [item.code for item in found], size)
        commitment = chance.digest(
            {"seed": seed, "sheets": sorted(item.code for item in found), "sample": size}
        )
        code = fresh_code()
        (number,) = await insert_rows(
            ReviewBatch,
            [
                ReviewBatch(
                    code=code, person=actor.person, seed=seed, commitment=commitment, started_at=at
                )
            ],
        )
        await insert_rows(
            BatchSheet,
            [
                BatchSheet(batch=number, sheet=item.id, sample=item.code in sample)
                for item in sorted(found, key=lambda each: (each.code not in sample, each.id))
            ],
        )
        note.about("batch", code, sheets=len(found), sample=size, seed=seed, commitment=commitment)
    opened = await queries.batch(actor, at=at)
    if opened is None:
        raise Conflict("batch.none")
    return opened


async def accept_batch(actor: Actor, *, at: datetime) -> int:
    """Let the rest of the open batch count; returns how many sheets that were.

    Refuses before every sheet of the sample is decided, and when one of them was not good: then
    the rest is looked at one by one. What was flagged since the start stays behind.
    """
    async with entry(actor, "evaluations.accept_batch", at=at) as note:
        found = await _own(actor, at)
        rules.may_batch(found)
        rest = found.rest
        for item in rest:
            await count(actor, await queries.submission(item.code), note, at=at)
        await _end(found, at, accepted=len(rest))
        note.about("batch", found.code, accepted=len(rest))
    return len(rest)


async def end_batch(actor: Actor, *, at: datetime) -> None:
    """Give a batch up: its sheets go back to the queue of all."""
    async with entry(actor, "evaluations.end_batch", at=at) as note:
        found = await _own(actor, at)
        await _end(found, at, accepted=0)
        note.about("batch", found.code, given_up=True)


async def _own(actor: Actor, at: datetime) -> BatchView:
    """Return the reviewer's open batch; refuse where there is none."""
    actor.require(Role.REVIEWER)
    found = await queries.batch(actor, at=at)
    if found is None:
        raise Conflict("batch.none")
    return found


async def _end(found: BatchView, at: datetime, *, accepted: int) -> None:
    done = (
        await ReviewBatch.update({ReviewBatch.ended_at: at, ReviewBatch.accepted: accepted})
        .where(ReviewBatch.id == found.id, ReviewBatch.ended_at.is_null())
        .returning(ReviewBatch.id)
    )
    if not done:
        raise Conflict("batch.none")
