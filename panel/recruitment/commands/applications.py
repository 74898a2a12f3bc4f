"""Taking in applications: one from a phone, or a whole sheet from an office."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Sequence

from panel import keys
from panel.actor import ANYBODY, Actor, Role
from panel.audit.commands import Note, entry
from panel.chance import canonical, digest
from panel.db import Duplicate, insert_rows
from panel.entropy import code as fresh_code
from panel.entropy import key as fresh_key
from panel.entropy import octets
from panel.errors import Conflict
from panel.ids import Code, PersonId, read_key
from panel.recruitment import queries
from panel.recruitment.rules import applications as reading
from panel.recruitment.rules import campaigns as rules
from panel.recruitment.rules import identity, sheets
from panel.recruitment.tables import Application
from panel.recruitment.types.campaigns import (
    APPLICATION_COLUMNS,
    Applicant,
    ApplicationForm,
    ApplicationState,
    CampaignView,
    Channel,
    ImportReport,
    Receipt,
    Terms,
)
from panel.roster.rules.tables import read_table
from panel.roster.types import SheetRow
from panel.vault import commands as vault
from panel.vault import queries as identities
from panel.vault.types import Identity

_SALT = 16
_KEPT = ("code", "campaign", "person", "category", "district", "sex", "age_band", "household")


async def apply(campaign: Code, form: ApplicationForm, *, key: str, at: dt.datetime) -> Receipt:
    """Take in one application; the same key gives the same receipt, whatever happens twice.

    Refused: the same key with other content, a person who has applied, before or after the time.
    """
    read_key(key)
    sent = keys.current().hash("audit", canonical(reading.body(form)).decode())
    earlier = await _earlier(campaign, key, sent)
    if earlier is not None:
        return earlier
    try:
        return await _take_in(campaign, form, key, sent, at)
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
    code: Code, form: ApplicationForm, key: str, sent: str, at: dt.datetime
) -> Receipt:
    async with entry(ANYBODY, "recruitment.apply", at=at) as note:
        campaign = await queries.announced_campaign(code)
        rules.may_apply(campaign, at)
        applicant = reading.read(form, await queries.terms(campaign))
        (row,) = await _store(note, campaign, [applicant], Channel.FORM, at=at, sent=[(key, sent)])
        note.about("application", row.code)
        return Receipt(Code(row.code), at)


async def import_applications(
    actor: Actor, campaign: Code, data: bytes, filename: str, *, at: dt.datetime
) -> ImportReport:
    """Take in a sheet of signed applications: all of it, or nothing and every fault's cell."""
    actor.require(Role.COORDINATOR, Role.VETTING_CLERK)
    found = await queries.campaign(campaign)
    rules.may_apply(found, at)
    terms = await queries.terms(found)
    rows, applicants = await asyncio.to_thread(_read_sheet, data, filename, terms)
    async with entry(actor, "recruitment.import_applications", at=at) as note:
        found = await queries.campaign(campaign)
        rules.may_apply(found, at)
        known = await identities.known([_identity(each) for each in applicants], campaign)
        if known:
            raise sheets.known(rows, known)
        stored = await _store(note, found, applicants, Channel.IMPORT, at=at)
        note.about("campaign", campaign, imported=len(stored))
        note.bulk("application", [digest([row.code, row.category]) for row in stored])
    return ImportReport(len(stored))


def _read_sheet(
    data: bytes, filename: str, terms: Terms
) -> tuple[Sequence[SheetRow], list[Applicant]]:
    sheet = read_table(data, filename, APPLICATION_COLUMNS, required=sheets.REQUIRED)
    return sheet.rows, sheets.read(sheet.rows, terms)


def _identity(applicant: Applicant) -> Identity:
    return Identity(
        name=applicant.name,
        phone=applicant.phone,
        national_id=applicant.national_id,
        address=applicant.address,
        employer=applicant.employer,
    )


async def _store(
    note: Note,
    campaign: CampaignView,
    applicants: Sequence[Applicant],
    channel: Channel,
    *,
    at: dt.datetime,
    sent: Sequence[tuple[str, str]] = (),
) -> list[Application]:
    """Put identities into the vault and features into rows; a person can be in but once."""
    people = await vault.enrol_many(
        [_identity(each) for each in applicants], at=at, unique=campaign.code
    )
    marks = sent or [(fresh_key(), "") for _ in applicants]
    rows = [
        _row(campaign, applicant, person, mark, channel=channel, at=at)
        for applicant, person, mark in zip(applicants, people, marks, strict=True)
    ]
    ids = await insert_rows(Application, rows)
    for row, number in zip(rows, ids, strict=True):
        row.id = number
        note.seal(row, *_KEPT)
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
    home = identity.household(applicant.address)
    key, sent = mark
    return Application(
        code=fresh_code(),
        campaign=campaign.id,
        person=person,
        key=key,
        body_digest=sent,
        channel=channel,
        category=applicant.category,
        district=applicant.district,
        sex=applicant.sex,
        birth_year=applicant.birth_year,
        age_band=applicant.age_band,
        occupation=applicant.occupation,
        latitude=None if applicant.place is None else applicant.place.latitude,
        longitude=None if applicant.place is None else applicant.place.longitude,
        household="" if home is None else keys.current().hash("address", "household", home),
        exclusions=canonical(
            [[each.unit, each.kind.value] for each in applicant.exclusions]
        ).decode(),
        salt=octets(_SALT).hex(),
        state=ApplicationState.SUBMITTED,
        received_at=at,
    )
