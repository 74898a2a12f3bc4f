"""What two persons open together: who made a covert visit, where visits are still to come."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from panel.actor import Actor
from panel.audit.commands import entry
from panel.ids import Code, read_code
from panel.vault import commands as vault
from panel.vault.types import Identity, OpeningKind
from panel.visits import queries
from panel.visits.types import Upcoming

FIELDS: Final = ("name", "phone")
REASON: Final = "identity.opened.visitor"
"""What the visitor's own page says: which visit it was would stand beside the name for good."""


async def open_visitor(actor: Actor, code: Code, *, at: datetime) -> Identity:
    """Open who made a visit, once, after another person approved it; the visitor reads of it.

    The entry names the opening, not the visit, so that the history joins no member with it.
    """
    async with entry(actor, "visits.open_visitor", at=at) as note:
        opening = await vault.redeem(actor, code, OpeningKind.VISITOR, at=at)
        person = await queries.visitor_of(read_code(opening.ref))
        note.about("opening", code, opened=True)
        return await vault.look(actor, person, FIELDS, REASON, at=at)


async def open_upcoming(actor: Actor, code: Code, *, at: datetime) -> list[Upcoming]:
    """Take out the list of a round's visits to come, once, after another person approved it."""
    async with entry(actor, "visits.open_upcoming", at=at) as note:
        opening = await vault.redeem(actor, code, OpeningKind.UPCOMING, at=at)
        view = await queries.round(read_code(opening.ref))
        found = await queries.upcoming(view.id)
        note.about("opening", code, visits=len(found))
    return found
