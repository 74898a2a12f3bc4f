"""Handing out the whole record of a draw: to auditors, after the round, on the record."""

from __future__ import annotations

from datetime import datetime

from panel.actor import Actor, Role
from panel.audit.commands import entry
from panel.errors import Conflict
from panel.ids import Code
from panel.visits import queries


async def take_record(actor: Actor, code: Code, *, at: datetime) -> bytes:
    """Return the sealed record of a draw with every label; refuses it while visits go on."""
    actor.require(Role.AUDITOR)
    async with entry(actor, "visits.take_record", at=at) as note:
        view = await queries.round(code)
        if view.drawn_at is None or (view.closed_at is None and view.cancelled_at is None):
            raise Conflict("round.state_changed")
        note.about("round", code, record_hash=view.record_hash)
        return (await queries.record(view.id)).encode()
