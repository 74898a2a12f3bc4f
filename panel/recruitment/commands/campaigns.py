"""Making a campaign and announcing it."""

from __future__ import annotations

import datetime as dt
import hashlib

from panel.actor import Actor, Role, Signature, second_person
from panel.audit.commands import entry
from panel.chance import canonical
from panel.db import insert_rows
from panel.entropy import code as fresh_code
from panel.errors import Conflict
from panel.ids import Code
from panel.recruitment import queries
from panel.recruitment.rules import campaigns as rules
from panel.recruitment.tables import Campaign
from panel.recruitment.types.campaigns import CampaignDraft, CampaignState, CampaignView
from panel.rulebook import queries as rulebook

_KEPT = ("code", "seats", "reserve", "rulebook", "criteria", "criteria_hash")


async def create(actor: Actor, draft: CampaignDraft, *, at: dt.datetime) -> CampaignView:
    """Draft a campaign under the rulebook in force; ``Invalid`` names what is missing."""
    actor.require(Role.COORDINATOR)
    async with entry(actor, "recruitment.create", at=at) as note:
        rules.check_draft(draft)
        row = Campaign(
            code=fresh_code(),
            title=draft.title.strip(),
            title_en=draft.title_en.strip(),
            seats=draft.seats,
            reserve=draft.reserve,
            opens_at=draft.opens_at,
            closes_at=draft.closes_at,
            conditions=draft.conditions.strip(),
            conditions_en=draft.conditions_en.strip(),
            privacy=draft.privacy.strip(),
            privacy_en=draft.privacy_en.strip(),
            term_start=draft.term_start,
            term_months=draft.term_months,
            two_offices=draft.two_offices,
            rulebook=(await rulebook.current()).code,
            state=CampaignState.DRAFT,
            author=actor.person,
            created_at=at,
        )
        (row.id,) = await insert_rows(Campaign, [row])
        note.seal(row, *_KEPT)
        note.about("campaign", row.code, seats=draft.seats, reserve=draft.reserve)
        return await queries.campaign(Code(row.code))


async def approve_and_announce(
    actor: Actor, code: Code, *, at: dt.datetime, paper: Signature | None = None
) -> CampaignView:
    """Freeze the criteria under their hash and publish the page; the author needs another person.

    A leader's signature on paper stands for that person.
    """
    actor.require(Role.COORDINATOR, Role.PUBLISHER)
    async with entry(actor, "recruitment.approve_and_announce", at=at, paper=paper) as note:
        campaign = await queries.campaign(code)
        second_person(campaign.author, actor, paper)
        version = await rulebook.version(campaign.rulebook)
        rules.may_announce(campaign, at, version.rulebook.recruitment.announce_days)
        frozen = canonical(rules.criteria(campaign, version))
        updated = (
            await Campaign.update(
                {
                    Campaign.state: CampaignState.ANNOUNCED,
                    Campaign.criteria: frozen.decode(),
                    Campaign.criteria_hash: hashlib.sha256(frozen).hexdigest(),
                    Campaign.approver: actor.person,
                    Campaign.document: "" if paper is None else paper.document,
                    Campaign.announced_at: at,
                }
            )
            .where(Campaign.id == campaign.id, Campaign.state == CampaignState.DRAFT)
            .returning(Campaign.id)
        )
        if not updated:
            raise Conflict("campaign.announced_already")
        row = await Campaign.objects().where(Campaign.id == campaign.id).first()
        if row is not None:
            note.seal(row, *_KEPT)
            note.about("campaign", code, criteria=row.criteria_hash)
        return await queries.campaign(code)
