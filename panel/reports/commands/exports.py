"""An export leaves its trace before its first byte."""

from __future__ import annotations

from datetime import datetime

from panel.actor import Actor, Role
from panel.audit.commands import entry

READERS = (Role.COORDINATOR, Role.AUDITOR)


async def export(actor: Actor, what: str, count: int, *, at: datetime, **chosen: str) -> None:
    """Note who takes out which list with how many rows."""
    actor.require(*READERS)
    async with entry(actor, "reports.export", at=at) as note:
        note.about("export", what, rows=count, **chosen)
