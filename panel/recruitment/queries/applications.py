"""Reads of applications for whoever sent them: receipts, the own application."""

from __future__ import annotations

import datetime as dt
from typing import Any

import msgspec

from panel.ids import Code, PersonId
from panel.members.types import ExclusionKind, NewExclusion
from panel.recruitment.queries import keyed
from panel.recruitment.queries.campaigns import announced_campaign, terms
from panel.recruitment.rules import applications, nominations
from panel.recruitment.rules import campaigns as rules
from panel.recruitment.tables import Application, Vetting
from panel.recruitment.types.applications import (
    Applicant,
    ApplicationForm,
    ApplicationState,
    Channel,
    Own,
    Place,
    Proposal,
    Receipt,
)
from panel.recruitment.types.campaigns import CampaignView
from panel.vault import queries as identities


async def readable(
    campaign: Code, form: ApplicationForm, *, at: dt.datetime, proposal: Proposal | None = None
) -> Applicant:
    """Read an application without storing it: the page that shows it before it is sent."""
    return await judged(await announced_campaign(campaign), form, proposal, at=at)


async def judged(
    campaign: CampaignView, form: ApplicationForm, proposal: Proposal | None, *, at: dt.datetime
) -> Applicant:
    """Read an application in its time: of whoever applies, or of a nominee who consents."""
    if proposal is None:
        rules.may_apply(campaign, at)
    else:
        nominations.may_answer(proposal.view, campaign, at)
    known = await terms(campaign)
    applicant = applications.read(form, known)
    return (
        applicant if proposal is None else nominations.consented(applicant, proposal, known.units)
    )


async def changed(own: Own, form: ApplicationForm, *, at: dt.datetime) -> Applicant:
    """Read the changed application of somebody whose id number stays as it was."""
    campaign = await announced_campaign(own.campaign)
    judged = await Vetting.exists().where(Vetting.application == own.id)
    applications.may_change(own.state, campaign, judged=judged, at=at)
    kept = await identities.reveal_own(own.person)
    whole = msgspec.structs.replace(form, national_id=kept.national_id, consent=True)
    applicant = applications.read(whole, await terms(campaign))
    return applications.still_excluded(applicant, own.exclusions)


async def receipt(campaign: Code, key: str) -> tuple[Receipt, str] | None:
    """Return the receipt that an idempotency key was given, with the digest of what was sent."""
    row = (
        await Application.select(Application.code, Application.received_at, Application.body_digest)
        .where(Application.campaign.code == campaign, Application.key == key)
        .first()
    )
    if row is None:
        return None
    ticket = Code(row["code"])
    return Receipt(ticket, row["received_at"], keyed.receipt_code(key)), row["body_digest"]


async def own(campaign: Code, ticket: str) -> tuple[Own, str] | None:
    """Return an application and the hash of its receipt code, which whoever opens it compares."""
    row = (
        await Application.select(
            *Application.all_columns(), Application.campaign.code.as_alias("campaign_code")
        )
        .where(Application.campaign.code == campaign, Application.code == ticket)
        .first()
    )
    if row is None or row["state"] == ApplicationState.STAGED:
        return None
    return _own(row), row["receipt_hash"]


def _own(row: dict[str, Any]) -> Own:
    return Own(
        id=row["id"],
        campaign=Code(row["campaign_code"]),
        ticket=Code(row["code"]),
        person=PersonId(row["person"]),
        nomination=row["nomination"],
        channel=Channel(row["channel"]),
        category=row["category"],
        district=row["district"],
        sex=row["sex"],
        birth_year=row["birth_year"],
        age_band=row["age_band"],
        occupation=row["occupation"],
        place=None if row["latitude"] is None else Place(row["latitude"], row["longitude"]),
        exclusions=exclusions(row["exclusions"]),
        state=ApplicationState(row["state"]),
        reason=row["reason"],
        question=Code(row["question"]) if row["question"] else None,
        answer_until=row["answer_until"],
        answered_at=row["answered_at"],
        received_at=row["received_at"],
        changed_at=row["changed_at"],
        withdrawn_at=row["withdrawn_at"],
        erased_at=row["erased_at"],
        answer=Code(row["answer"]) if row["answer"] else None,
    )


def exclusions(stored: str) -> tuple[NewExclusion, ...]:
    """Return the units that an application excludes, as stored."""
    return tuple(
        NewExclusion(Code(unit), ExclusionKind(kind)) for unit, kind in msgspec.json.decode(stored)
    )
