"""Accusations of sealed kinds: opened by the discipline office alone, each time with an entry."""

from __future__ import annotations

from datetime import datetime

from panel.actor import Actor, Role
from panel.audit.commands import entry
from panel.evaluations import queries
from panel.ids import Code


async def open_accusations(
    actor: Actor, code: Code, reason: str, *, at: datetime
) -> dict[str, str]:
    """Return a sheet's sealed accusations by veto item; leaves who read them and why."""
    actor.require(Role.INDEPENDENT_REVIEWER)
    async with entry(actor, "evaluations.open_accusations", at=at, reason=reason) as note:
        sheet = await queries.submission(code)
        note.about("sheet", sheet.code, opened=True)
        return await queries.accusations(code)
