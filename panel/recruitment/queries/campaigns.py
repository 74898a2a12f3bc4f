"""Reads of campaigns, their plans and periods."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections import defaultdict
from typing import Any

import msgspec

from panel.errors import Missing
from panel.ids import Code, PersonId
from panel.recruitment.queries import screening
from panel.recruitment.queries.pool import pool, serving_features
from panel.recruitment.rules import applications, quotas
from panel.recruitment.rules import campaigns as rules
from panel.recruitment.rules.feasibility import feasibility as weigh
from panel.recruitment.rules.lottery import missing
from panel.recruitment.tables import Application, Campaign, Nomination, Period
from panel.recruitment.types.applications import (
    Place,
    Terms,
)
from panel.recruitment.types.campaigns import (
    CampaignKind,
    CampaignState,
    CampaignView,
    PeriodKind,
    PeriodView,
    Unsettled,
)
from panel.recruitment.types.lottery import (
    DrawPlan,
    Feasibility,
)
from panel.roster import queries as roster
from panel.rulebook import queries as rulebook

_PENDING = "pending"


def _campaign(row: dict[str, Any]) -> CampaignView:
    return CampaignView(
        id=row["id"],
        code=Code(row["code"]),
        title=row["title"],
        title_en=row["title_en"],
        seats=row["seats"],
        reserve=row["reserve"],
        opens_at=row["opens_at"],
        closes_at=row["closes_at"],
        conditions=row["conditions"],
        conditions_en=row["conditions_en"],
        privacy=row["privacy"],
        privacy_en=row["privacy_en"],
        term_start=row["term_start"],
        term_months=row["term_months"],
        two_offices=row["two_offices"],
        rulebook=Code(row["rulebook"]),
        criteria=row["criteria"],
        criteria_hash=row["criteria_hash"],
        state=CampaignState(row["state"]),
        author=None if row["author"] is None else PersonId(row["author"]),
        announced_at=row["announced_at"],
        kind=CampaignKind(row["kind"]),
        cohorts=row["cohorts"],
        approver=None if row["approver"] is None else PersonId(row["approver"]),
        document=row["document"],
        pool_root=row["pool_root"],
        pool_size=row["pool_size"],
        sealed_hash=row["sealed_hash"],
        completed_at=row["completed_at"],
        cancelled_at=row["cancelled_at"],
        cancelled_for=row["cancelled_for"],
    )


async def campaigns() -> list[CampaignView]:
    """Return every campaign, the newest first."""
    return [
        _campaign(row) for row in await Campaign.select().order_by(Campaign.id, ascending=False)
    ]


async def announced() -> list[CampaignView]:
    """Return the campaigns that the public may see, the newest first."""
    return [each for each in await campaigns() if each.announced_at is not None]


async def campaign(code: Code) -> CampaignView:
    """Return one campaign; ``Missing`` when there is none with this code."""
    row = await Campaign.select().where(Campaign.code == code).first()
    if row is None:
        raise Missing("campaign.unknown")
    return _campaign(row)


async def campaign_of(application: int) -> CampaignView:
    """Return the campaign that an application belongs to."""
    row = (
        await Application.select(Application.campaign.code)
        .where(Application.id == application)
        .first()
    )
    if row is None:
        raise Missing("application.unknown")
    return await campaign(Code(row["campaign.code"]))


async def announced_campaign(code: Code) -> CampaignView:
    """Return one campaign as the public may see it: a draft is ``Missing``."""
    found = await campaign(code)
    rules.may_be_seen(found)
    return found


async def periods(campaign: CampaignView) -> list[PeriodView]:
    """Return the spans in which people may apply, as they were decided."""
    rows = await Period.select().where(Period.campaign == campaign.id).order_by(Period.number)
    return [
        PeriodView(
            number=row["number"],
            kind=PeriodKind(row["kind"]),
            opens_at=row["opens_at"],
            closes_at=row["closes_at"],
            reason=row["reason"],
            document=row["document"],
            decided_at=row["decided_at"],
        )
        for row in rows
    ]


async def closes_soon(campaign: CampaignView, at: dt.datetime) -> bool:
    """Tell whether so little time is left to apply that the desk asks whether people need more."""
    version = await rulebook.version(campaign.rulebook)
    return rules.closes_soon(campaign, version.rulebook, at)


async def unsettled(campaign: CampaignView, at: dt.datetime) -> Unsettled:
    """Count what keeps vetting from being finished at a moment."""
    pending = await Nomination.count().where(
        Nomination.campaign == campaign.id,
        Nomination.state == _PENDING,
        Nomination.consent_until >= at,
    )
    return msgspec.structs.replace(await screening.settled(campaign, at), nominations=pending)


async def plan(campaign: CampaignView) -> DrawPlan:
    """Return the quotas of a campaign as numbers of people: as announced, once they are."""
    frozen = rules.frozen_plan(campaign)
    if frozen is not None:
        return frozen
    recruitment = (await rulebook.version(campaign.rulebook)).rulebook.recruitment
    if campaign.kind is CampaignKind.PANEL:
        return quotas.plan(recruitment, campaign.seats, campaign.reserve)
    serving = await serving_features(campaign.term_start)
    whole = quotas.plan(recruitment, len(serving) + campaign.seats, campaign.reserve)
    return missing(whole, serving, campaign.seats, campaign.reserve)


async def terms(campaign: CampaignView) -> Terms:
    """Return what applications of a campaign are read against."""
    recruitment = (await rulebook.version(campaign.rulebook)).rulebook.recruitment
    halls: dict[Code, Place] = {}
    by_district: dict[str, set[tuple[int, int]]] = defaultdict(set)
    for hall in await roster.halls():
        halls[hall.code] = applications.rounded(hall.latitude, hall.longitude)
        for key in (hall.district, ""):
            by_district[key].add((hall.latitude, hall.longitude))
    return Terms(
        categories=rules.categories(recruitment),
        districts=rules.districts(recruitment) or tuple(sorted(key for key in by_district if key)),
        bands=rules.bands(recruitment),
        minimum_age=recruitment.minimum_age,
        maximum_age=recruitment.maximum_age,
        on=rules.ages_on(campaign),
        units=await roster.unit_references(),
        halls=halls,
        centres={key: _middle(places) for key, places in by_district.items()},
    )


def _middle(places: set[tuple[int, int]]) -> Place:
    count = len(places)
    return applications.rounded(
        sum(latitude for latitude, _ in places) // count,
        sum(longitude for _, longitude in places) // count,
    )


async def feasibility(campaign: CampaignView) -> Feasibility:
    """Weigh the quotas against the eligible applicants; takes seconds, in a thread of its own."""
    return await asyncio.to_thread(weigh, await pool(campaign), await plan(campaign))
