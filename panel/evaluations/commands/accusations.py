"""Accusations of sealed kinds: opened by the discipline office alone, each time with an entry."""

from __future__ import annotations

from datetime import datetime

from panel.actor import Actor, Role
from panel.audit.commands import entry
from panel.evaluations import queries, rules
from panel.ids import Code


async def open_accusations(
    actor: Actor, code: Code, reason: str, *, at: datetime
) -> dict[str, str]:
    """Return a sheet's sealed accusations by veto item; leaves who read them and why.

    Refuses everybody but the independent reviewers, and a reading without a reason.
    """
    actor.require(Role.INDEPENDENT_REVIEWER)
    tidy = rules.reason_given(reason)
    async with entry(actor, "evaluations.open_accusations", at=at, reason=tidy) as note:
        sheet = await queries.submission(code)
        note.about("sheet", sheet.code, opened=True)
        return await queries.accusations(code)
