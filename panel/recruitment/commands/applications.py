"""Taking in applications, one at a time, and opening them by their receipts."""

from __future__ import annotations

import datetime as dt
import hmac
from collections.abc import Sequence
from typing import Any

from panel import keys
from panel.accounts.commands import limits
from panel.actor import ANYBODY
from panel.audit.commands import Note, entry
from panel.chance import canonical
from panel.db import Duplicate, insert_rows
from panel.entropy import code as fresh_code
from panel.entropy import key as fresh_key
from panel.entropy import octets
from panel.errors import Conflict, Missing
from panel.ids import Code, PersonId, read_key
from panel.recruitment import queries
from panel.recruitment.commands import drafts, nominations
from panel.recruitment.queries import keyed
from panel.recruitment.rules import applications as reading
from panel.recruitment.rules import identity
from panel.recruitment.tables import Application
from panel.recruitment.types.applications import (
    Applicant,
    ApplicationForm,
    ApplicationState,
    Channel,
    Own,
    Proposal,
    Receipt,
)
from panel.recruitment.types.campaigns import CampaignView
from panel.vault import commands as vault
from panel.vault.types import Identity

_SALT = 16
KEPT = ("code", "campaign", "person", "category", "district", "sex", "age_band", "household")


async def apply(
    campaign: Code,
    form: ApplicationForm,
    *,
    key: str,
    at: dt.datetime,
    proposal: Proposal | None = None,
) -> Receipt:
    """Take in one application; the same key gives the same receipt, whatever happens twice.

    Refused: the same key with other content, a person who has applied, before or after the time.
    A nominee's own application is the consent to the ``proposal`` and has its own time.
    """
    read_key(key)
    sent = keys.current().hash("audit", canonical(reading.body(form)).decode())
    earlier = await _earlier(campaign, key, sent)
    if earlier is not None:
        return earlier
    try:
        return await _take_in(campaign, form, key, sent, proposal=proposal, at=at)
    except (Conflict, Duplicate):
        # Eight identical posts at once: one row, and its receipt for each of them.
        earlier = await _earlier(campaign, key, sent)
        if earlier is None:
            raise
        return earlier


async def _earlier(campaign: Code, key: str, sent: str) -> Receipt | None:
    """Return the receipt that the key was given before; refuse the key with other content."""
    found = await queries.receipt(campaign, key)
    if found is None:
        return None
    receipt, stored = found
    if stored != sent:
        raise Conflict("application.other_content", ticket=receipt.ticket)
    return receipt


async def _take_in(
    code: Code,
    form: ApplicationForm,
    key: str,
    sent: str,
    *,
    proposal: Proposal | None,
    at: dt.datetime,
) -> Receipt:
    async with entry(ANYBODY, "recruitment.apply", at=at) as note:
        campaign = await queries.announced_campaign(code)
        view = proposal.view if proposal else None
        applicant = await queries.judged(campaign, form, proposal, at=at)
        (row,) = await store(
            note,
            campaign,
            [applicant],
            Channel.FORM,
            at=at,
            sent=[(key, sent)],
            nominated=[view.id if view else None],
        )
        if view is not None:
            await nominations.consent(note, campaign, view, PersonId(row.person), at=at)
        await drafts.discard(code, key)
        note.about("application", row.code)
        return Receipt(Code(row.code), at, keyed.receipt_code(key))


async def open_by_receipt(
    campaign: Code, ticket: str, code: str, caller: str, *, at: dt.datetime
) -> Own:
    """Open an application by what its receipt says; the ticket alone, which is public, opens none.

    A wrong code and an unknown ticket are refused alike. Ten tries of a caller are free, then
    each waits longer; nobody else's tries keep the applicant out. Joins no other command.
    """
    typed, secret = nominations.as_code(ticket), nominations.as_code(code)
    turn = f"receipt {campaign} {typed} {caller}"
    failed = await limits.tries_left_open(turn, at=at)
    found = await queries.own(campaign, typed)
    wanted = keyed.receipt_hash(typed, secret)
    if found is None or not hmac.compare_digest(found[1], wanted):
        await limits.take_turn(turn, at=at, free=nominations.FREE_TRIES)
        await limits.note_failure(caller, at=at)
        raise Missing("application.no_receipt")
    if failed:
        await limits.forgive(turn)
    return found[0]


def identity_of(applicant: Applicant) -> Identity:
    """Return what the vault keeps of an applicant."""
    return Identity(
        name=applicant.name,
        phone=applicant.phone,
        national_id=applicant.national_id,
        address=applicant.address,
        employer=applicant.employer,
    )


async def store(
    note: Note,
    campaign: CampaignView,
    applicants: Sequence[Applicant],
    channel: Channel,
    *,
    at: dt.datetime,
    sent: Sequence[tuple[str, str]] = (),
    nominated: Sequence[int | None] = (),
) -> list[Application]:
    """Put identities into the vault and features into rows; a person can be in but once.

    ``sent`` holds idempotency key and digest of each; without it every row gets a key of its own.
    """
    people = await vault.enrol_many(
        [identity_of(each) for each in applicants], at=at, unique=campaign.code
    )
    marks = sent or [(fresh_key(), "") for _ in applicants]
    rows = [
        _row(campaign, applicant, person, mark, channel=channel, at=at)
        for applicant, person, mark in zip(applicants, people, marks, strict=True)
    ]
    for row, nomination in zip(rows, nominated, strict=False):
        row.nomination = nomination
    ids = await insert_rows(Application, rows)
    for row, number in zip(rows, ids, strict=True):
        row.id = number
        note.seal(row, *KEPT)
    return rows


def _row(
    campaign: CampaignView,
    applicant: Applicant,
    person: PersonId,
    mark: tuple[str, str],
    *,
    channel: Channel,
    at: dt.datetime,
) -> Application:
    key, sent = mark
    ticket = fresh_code()
    return Application(
        code=ticket,
        campaign=campaign.id,
        person=person,
        key=key,
        body_digest=sent,
        receipt_hash=keyed.receipt_hash(ticket, keyed.receipt_code(key)),
        channel=channel,
        mark=keyed.mark(applicant.national_id),
        sex=applicant.sex,
        birth_year=applicant.birth_year,
        salt=octets(_SALT).hex(),
        state=ApplicationState.SUBMITTED,
        received_at=at,
        **features(applicant),
    )


def features(applicant: Applicant) -> dict[str, Any]:
    """Return the columns that an applicant may change while applications are open."""
    place = applicant.place
    return {
        "category": applicant.category,
        "district": applicant.district,
        "age_band": applicant.age_band,
        "occupation": applicant.occupation,
        "latitude": None if place is None else place.latitude,
        "longitude": None if place is None else place.longitude,
        "household": household_hash(applicant.address),
        "exclusions": canonical(
            [[each.unit, each.kind.value] for each in applicant.exclusions]
        ).decode(),
    }


def household_hash(address: str) -> str:
    """Return by what people at one address are recognised; nothing where it names no door."""
    home = identity.household(address)
    return "" if home is None else keys.current().hash("address", "household", home)
