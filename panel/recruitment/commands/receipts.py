"""A new receipt for an applicant who lost the first one and came in person."""

from __future__ import annotations

import datetime as dt
from typing import Final

from panel.actor import Actor, Role
from panel.audit.commands import entry
from panel.entropy import key as fresh_key
from panel.errors import Conflict
from panel.ids import Code
from panel.recruitment import queries
from panel.recruitment.queries import keyed
from panel.recruitment.rules import applications as rules
from panel.recruitment.tables import Application
from panel.recruitment.types.vetting import Reissued, Slip
from panel.vault import commands as vault

_COMPARED: Final = ("name", "national_id")
"""What the identity card is compared with, so that the applicant sees who looked at it."""


async def reissue(
    actor: Actor, campaign: Code, ticket: Code, reason: str, *, checked: bool, at: dt.datetime
) -> Reissued:
    """Give an applicant a new receipt code; the old one opens nothing from this moment.

    Refused: without a look at the person's identity card, and for an application withdrawn or
    erased. A repeated post of the form finds its old key no more and tells nobody the new code.
    """
    actor.require(Role.COORDINATOR, Role.VETTING_CLERK)
    rules.identity_checked(checked=checked)
    async with entry(actor, "recruitment.reissue_receipt", at=at, reason=reason) as note:
        view = await queries.application(await queries.campaign(campaign), ticket)
        rules.may_reissue(view.state)
        identity = await vault.look(actor, view.person, _COMPARED, reason, at=at)
        row = await Application.select(Application.key).where(Application.id == view.id).first()
        new = fresh_key()
        code = keyed.receipt_code(new)
        done = (
            await Application.update(
                {
                    Application.key: new,
                    Application.receipt_hash: keyed.receipt_hash(view.ticket, code),
                }
            )
            .where(
                Application.id == view.id,
                Application.state == view.state,
                Application.key == (row["key"] if row else ""),
            )
            .returning(Application.id)
        )
        if not done:
            raise Conflict("application.reissued")
        note.about("application", view.ticket, reissued=True)
    return Reissued(Slip(view.ticket, code, view.person, view.received_at), identity)
