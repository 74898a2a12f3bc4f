"""What applicants do with the own application after sending it: change, correct, withdraw."""

from __future__ import annotations

import datetime as dt

import msgspec

from panel.actor import ANYBODY
from panel.audit.commands import Note, entry
from panel.errors import Conflict, Fault, Invalid
from panel.ids import Code, PersonId
from panel.recruitment import queries
from panel.recruitment.commands import applications
from panel.recruitment.rules import applications as rules
from panel.recruitment.rules import identity
from panel.recruitment.tables import Application, Nomination
from panel.recruitment.types.applications import ApplicationForm, ApplicationState, Own
from panel.vault import commands as vault
from panel.vault import queries as identities

_WITHDRAWN = "application.withdrawn"
"""Reason of the erasure, as the history tells it."""


async def change(own: Own, form: ApplicationForm, *, at: dt.datetime) -> None:
    """Write a changed application over the own one, all but the id number.

    Refused: after the closing moment, once somebody has judged the application, a wrong field.
    """
    async with entry(ANYBODY, "recruitment.change", at=at) as note:
        applicant = await queries.changed(own, form, at=at)
        changed = (
            await Application.update(**applications.features(applicant), changed_at=at)
            .where(Application.id == own.id, Application.state == ApplicationState.SUBMITTED)
            .returning(Application.id)
        )
        if not changed:
            raise Conflict("application.unchangeable")
        await vault.replace(own.person, applications.identity_of(applicant), whole=True)
        await _seal(note, own)
        note.about("application", own.ticket, changed=True)


async def correct_phone(own: Own, phone: str, *, at: dt.datetime) -> None:
    """Correct the own telephone number, which nothing was judged by, at any time."""
    read = identity.read_phone(phone)
    if read is None:
        raise Invalid("application.faults", Fault("phone", "application.phone"))
    async with entry(ANYBODY, "recruitment.correct_phone", at=at) as note:
        rules.may_withdraw(own.state)
        kept = await identities.reveal_own(own.person)
        await vault.replace(own.person, msgspec.structs.replace(kept, phone=read))
        note.about("application", own.ticket, corrected="phone")


async def withdraw(own: Own, *, at: dt.datetime) -> None:
    """Withdraw the own application before an appointment; sent twice it stays withdrawn.

    Who it was can be read by nobody from then on. What is counted stays: category, district,
    sex and age band.
    """
    if own.state is ApplicationState.WITHDRAWN:
        return
    async with entry(ANYBODY, "recruitment.withdraw", at=at) as note:
        rules.may_withdraw(own.state)
        gone = (
            await Application.update(
                {
                    Application.state: ApplicationState.WITHDRAWN,
                    Application.withdrawn_at: at,
                    Application.erased_at: at,
                    Application.household: "",
                    Application.mark: "",
                    Application.body_digest: "",
                    Application.occupation: "",
                    Application.birth_year: 0,
                    Application.latitude: None,
                    Application.longitude: None,
                    Application.exclusions: "[]",
                    Application.question: "",
                    Application.answer: "",
                }
            )
            .where(Application.id == own.id, Application.state == own.state)
            .returning(Application.id)
        )
        if not gone:
            raise Conflict("application.not_withdrawable")
        await vault.erase(ANYBODY, own.person, _WITHDRAWN, at=at)
        if own.nomination is not None:
            await _forget_nominee(own.nomination)
        await _seal(note, own)
        note.about("application", own.ticket, withdrawn=True)


async def _forget_nominee(number: int) -> None:
    """Forget what an organisation said about a nominee: it lies under the nominator's key."""
    row = (
        await Nomination.select(Nomination.nominator, Nomination.texts, Nomination.scan)
        .where(Nomination.id == number)
        .first()
    )
    if row is not None:
        told = [Code(row[name]) for name in ("texts", "scan") if row[name]]
        await vault.detach(PersonId(row["nominator"]), told)
        await Nomination.update({Nomination.texts: "", Nomination.scan: ""}).where(
            Nomination.id == number
        )


async def _seal(note: Note, own: Own) -> None:
    """Keep the digest of the changed row."""
    row = await Application.objects().where(Application.id == own.id).first()
    if row is not None:
        note.seal(row, *applications.KEPT)
