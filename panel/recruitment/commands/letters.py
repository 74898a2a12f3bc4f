"""Letters for people without a telephone: what they are to know; each is a logged look."""

from __future__ import annotations

import datetime as dt
from typing import Final

from panel.actor import Actor, Role
from panel.audit.commands import entry
from panel.ids import Code
from panel.recruitment import queries
from panel.recruitment.commands import terms
from panel.recruitment.queries import tenure
from panel.recruitment.rules import letters as rules
from panel.recruitment.types.letters import DismissalLetter, VerdictLetter
from panel.rulebook import queries as rulebook
from panel.vault import commands as vault

_ADDRESSED: Final = ("name", "address")


async def of_verdict(
    actor: Actor, campaign: Code, ticket: Code, reason: str, *, at: dt.datetime
) -> VerdictLetter:
    """Return what an applicant is told by letter: a finding with the right to reply, a question."""
    actor.require(Role.COORDINATOR, Role.VETTING_CLERK)
    async with entry(actor, "recruitment.write_letter", at=at, reason=reason) as note:
        view = await queries.application(await queries.campaign(campaign), ticket)
        rules.may_tell(view.state)
        identity = await vault.look(actor, view.person, _ADDRESSED, reason, at=at)
        note.about("application", view.ticket, letter=view.state.value)
    asked = await queries.asked(view)
    return VerdictLetter(view, asked, identity, replies=rules.may_still_reply(asked, at))


async def of_dismissal(
    actor: Actor, code: Code, reason: str, *, at: dt.datetime
) -> DismissalLetter:
    """Return what a dismissed member is told by letter: document, ground, finding."""
    actor.require(Role.COORDINATOR, Role.PUBLISHER)
    async with entry(actor, "recruitment.write_letter", at=at, reason=reason) as note:
        found = await tenure.proceeding(code)
        rules.may_announce(found, actor)
        identity = await vault.look(actor, found.person, _ADDRESSED, reason, at=at)
        texts = await terms.look_into(actor, code, at=at)
        note.about("proceeding", code, letter=found.state.value)
    book = (await rulebook.current()).rulebook
    return DismissalLetter(found, texts, identity, book.deadline("dismissal_complaint"))
