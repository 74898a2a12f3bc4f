"""A campaign's way: made, announced, extended, screened, handed to the lottery, or cancelled."""

from __future__ import annotations

import datetime as dt
import hashlib
from typing import Any

from panel.actor import Actor, Role, Signature
from panel.audit.commands import Note, entry
from panel.chance import canonical
from panel.db import insert_rows
from panel.entropy import code as fresh_code
from panel.errors import Conflict
from panel.ids import Code
from panel.recruitment import queries
from panel.recruitment.commands import papers, staff
from panel.recruitment.commands.lottery import end_runs
from panel.recruitment.commands.pool import freeze_pool, thaw_pool
from panel.recruitment.queries import filling
from panel.recruitment.rules import campaigns as rules
from panel.recruitment.tables import Campaign, Period
from panel.recruitment.types.campaigns import (
    CampaignDraft,
    CampaignState,
    CampaignView,
    PeriodKind,
)
from panel.recruitment.types.paper import PaperAct
from panel.rulebook import queries as rulebook

_KEPT = (
    "code", "kind", "seats", "reserve", "cohorts", "rulebook", "criteria", "criteria_hash",
    "pool_root", "pool_size", "sealed_hash", "cancelled_for",
)  # fmt: skip
_PERIOD = ("campaign", "number", "kind", "reason", "document")


async def create(actor: Actor, draft: CampaignDraft, *, at: dt.datetime) -> CampaignView:
    """Draft a campaign under the rulebook in force; ``Invalid`` names what is missing."""
    actor.require(Role.COORDINATOR)
    async with entry(actor, "recruitment.create", at=at) as note:
        rules.check_draft(draft)
        row = Campaign(
            code=fresh_code(),
            kind=draft.kind,
            title=draft.title.strip(),
            title_en=draft.title_en.strip(),
            seats=draft.seats,
            reserve=draft.reserve,
            cohorts=draft.cohorts,
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
        await papers.second(campaign.author, actor, paper, PaperAct.ANNOUNCE, code, at=at)
        version = await rulebook.version(campaign.rulebook)
        rules.may_announce(campaign, at, version.rulebook.recruitment.announce_days)
        plan = await queries.plan(campaign)
        frozen = canonical(rules.criteria(campaign, version, plan))
        await _advance(
            campaign,
            CampaignState.ANNOUNCED,
            "campaign.announced_already",
            {
                Campaign.criteria: frozen.decode(),
                Campaign.criteria_hash: hashlib.sha256(frozen).hexdigest(),
                Campaign.approver: actor.person,
                Campaign.document: "" if paper is None else paper.document,
                Campaign.announced_at: at,
            },
        )
        first = _period(campaign, PeriodKind.FIRST, 1, "", at, actor, paper)
        await _keep(note, campaign, first)
        announced = await queries.campaign(code)
        note.about("campaign", code, criteria=announced.criteria_hash)
        return announced


async def extend(
    actor: Actor,
    code: Code,
    closes_at: dt.datetime,
    reason: str,
    *,
    at: dt.datetime,
    paper: Signature | None = None,
) -> CampaignView:
    """Give people more time before the closing moment has come, for a reason that is published."""
    actor.require(Role.COORDINATOR)
    async with entry(actor, "recruitment.extend", at=at, paper=paper) as note:
        campaign = await queries.campaign(code)
        told = rules.may_extend(campaign, closes_at, reason, at)
        await _advance(
            campaign,
            CampaignState.ANNOUNCED,
            "campaign.changed_meanwhile",
            {Campaign.closes_at: closes_at},
        )
        number = len(await queries.periods(campaign)) + 1
        changed = await queries.campaign(code)
        longer = _period(changed, PeriodKind.EXTENSION, number, told, at, actor, paper)
        await _keep(note, campaign, longer)
        note.about("campaign", code, closes_at=closes_at.astimezone(dt.UTC).isoformat())
        return changed


async def reopen(
    actor: Actor,
    code: Code,
    opens_at: dt.datetime,
    closes_at: dt.datetime,
    reason: str,
    *,
    at: dt.datetime,
    paper: Signature | None = None,
) -> CampaignView:
    """Let people apply for a second period, where the pool cannot give a panel as announced.

    Refused while the pool is good for every quota. What was vetted stays as it is.
    """
    actor.require(Role.COORDINATOR)
    weighed = await filling.weighed(await queries.campaign(code), undecided=True)
    async with entry(actor, "recruitment.reopen", at=at, paper=paper) as note:
        campaign = await queries.campaign(code)
        told = rules.may_reopen(campaign, weighed, opens_at, closes_at, reason, at)
        # The state first: no real run can begin any more while the roster is let go.
        await _advance(
            campaign,
            CampaignState.ANNOUNCED,
            "campaign.changed_meanwhile",
            {
                Campaign.opens_at: opens_at,
                Campaign.closes_at: closes_at,
                Campaign.pool_root: "",
                Campaign.pool_size: 0,
                Campaign.sealed_hash: "",
            },
        )
        await thaw_pool(campaign)
        number = len(await queries.periods(campaign)) + 1
        changed = await queries.campaign(code)
        second = _period(changed, PeriodKind.REOPENING, number, told, at, actor, paper)
        await _keep(note, campaign, second)
        note.about("campaign", code, closes_at=closes_at.astimezone(dt.UTC).isoformat())
        return changed


async def cancel(
    actor: Actor,
    code: Code,
    reason: str,
    *,
    at: dt.datetime,
    paper: Signature | None = None,
) -> CampaignView:
    """End a campaign for a reason that is published; its author needs another person or paper."""
    actor.require(Role.COORDINATOR)
    async with entry(actor, "recruitment.cancel", at=at, paper=paper) as note:
        campaign = await queries.campaign(code)
        told = rules.may_cancel(campaign, reason)
        if campaign.state is not CampaignState.DRAFT:
            await papers.second(campaign.author, actor, paper, PaperAct.CANCEL, code, at=at)
        await _advance(
            campaign,
            CampaignState.CANCELLED,
            "campaign.changed_meanwhile",
            {Campaign.cancelled_at: at, Campaign.cancelled_for: told},
        )
        await end_runs(campaign, told, at=at)
        await _keep(note, campaign)
        note.about("campaign", code, state=campaign.state.value)
        return await queries.campaign(code)


async def start_screening(actor: Actor, code: Code, *, at: dt.datetime) -> CampaignView:
    """Hand the closed pile of applications to the vetting offices."""
    actor.require(Role.COORDINATOR)
    async with entry(actor, "recruitment.start_screening", at=at) as note:
        campaign = await queries.campaign(code)
        rules.may_start_screening(campaign, at)
        await _advance(campaign, CampaignState.SCREENING, "campaign.changed_meanwhile")
        await _keep(note, campaign)
        await staff.compare_known(actor, at=at)
        note.about("campaign", code)
        return await queries.campaign(code)


async def finish_screening(actor: Actor, code: Code, *, at: dt.datetime) -> CampaignView:
    """Close the vetting once nobody's application is open, and commit to the pool by its hash."""
    actor.require(Role.COORDINATOR)
    async with entry(actor, "recruitment.finish_screening", at=at) as note:
        campaign = await queries.campaign(code)
        # The state first: from then on no verdict comes in that would not be counted here.
        await _advance(campaign, CampaignState.SELECTING, "campaign.changed_meanwhile")
        rules.may_finish_screening(campaign, await queries.unsettled(campaign, at))
        fixed = await freeze_pool(campaign, at=at)
        await Campaign.update(
            {
                Campaign.pool_root: fixed.root,
                Campaign.pool_size: fixed.size,
                Campaign.sealed_hash: fixed.sealed_hash,
            }
        ).where(Campaign.id == campaign.id)
        await _keep(note, campaign)
        note.about("campaign", code, pool=fixed.size, root=fixed.root)
        return await queries.campaign(code)


async def _advance(
    campaign: CampaignView,
    after: CampaignState,
    refusal: str,
    values: dict[Any, Any] | None = None,
) -> None:
    """Bring a campaign to a state, or refuse where somebody was faster.

    The closing moment is compared as well: an extension leaves the state as it is.
    """
    updated = (
        await Campaign.update({Campaign.state: after, **(values or {})})
        .where(
            Campaign.id == campaign.id,
            Campaign.state == campaign.state,
            Campaign.closes_at == campaign.closes_at,
        )
        .returning(Campaign.id)
    )
    if not updated:
        raise Conflict(refusal)


def _period(  # noqa: PLR0917 - a row's own columns
    campaign: CampaignView,
    kind: PeriodKind,
    number: int,
    reason: str,
    at: dt.datetime,
    actor: Actor,
    paper: Signature | None,
) -> Period:
    """Return the row of the span in which people may apply from now on."""
    return Period(
        campaign=campaign.id,
        number=number,
        kind=kind,
        opens_at=campaign.opens_at,
        closes_at=campaign.closes_at,
        reason=reason,
        document="" if paper is None else paper.document,
        decided_at=at,
        decided_by=actor.person,
    )


async def _keep(note: Note, campaign: CampaignView, period: Period | None = None) -> None:
    """Seal a campaign as it stands now, with the period that was just given."""
    row = await Campaign.objects().where(Campaign.id == campaign.id).first()
    if row is not None:
        note.seal(row, *_KEPT)
    if period is not None:
        (period.id,) = await insert_rows(Period, [period])
        note.seal(period, *_PERIOD)
