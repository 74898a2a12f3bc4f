"""Reads of campaigns, receipts and draws."""

from __future__ import annotations

import asyncio
import datetime as dt
import hashlib
from collections import defaultdict
from typing import Any

import msgspec

from panel.audit import queries as audit
from panel.chance import canonical, digest, follows
from panel.errors import Missing
from panel.ids import Code, PersonId
from panel.recruitment.queries import screening
from panel.recruitment.queries.pool import serving_features
from panel.recruitment.rules import applications, quotas
from panel.recruitment.rules import campaigns as rules
from panel.recruitment.rules import draw as lottery
from panel.recruitment.rules.feasibility import feasibility as weigh
from panel.recruitment.rules.lottery import missing
from panel.recruitment.tables import Application, Campaign, Chosen, Draw, Nomination, Period
from panel.recruitment.types.applications import (
    ApplicationState,
    Place,
    Terms,
)
from panel.recruitment.types.campaigns import (
    CampaignKind,
    CampaignState,
    CampaignView,
    DrawState,
    DrawView,
    PeriodKind,
    PeriodView,
    SeatKind,
    Unsettled,
    Verification,
)
from panel.recruitment.types.lottery import (
    DrawPlan,
    DrawRecord,
    Feasibility,
    PoolEntry,
    Relaxation,
)
from panel.roster import queries as roster
from panel.rulebook import queries as rulebook

_PENDING = "pending"
_NEVER_IN_POOL = [ApplicationState.SUBMITTED.value, ApplicationState.INELIGIBLE.value]


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


async def pool(campaign: CampaignView) -> list[PoolEntry]:
    """Return the eligible applicants as the draw sees them, by ticket."""
    rows = (
        await Application.select(
            Application.code,
            Application.category,
            Application.district,
            Application.sex,
            Application.age_band,
            Application.household,
            Application.salt,
        )
        .where(Application.campaign == campaign.id, Application.state.not_in(_NEVER_IN_POOL))
        .order_by(Application.code)
    )
    return [
        PoolEntry(
            ticket=row["code"],
            features=(
                ("age_band", row["age_band"]),
                ("category", row["category"]),
                ("district", row["district"]),
                ("sex", row["sex"]),
            ),
            household=row["household"] or None,
            salt=row["salt"],
        )
        for row in rows
    ]


async def feasibility(campaign: CampaignView) -> Feasibility:
    """Weigh the quotas against the eligible applicants; takes seconds, in a thread of its own."""
    return await asyncio.to_thread(weigh, await pool(campaign), await plan(campaign))


def _draw(row: dict[str, Any]) -> DrawView:
    record = row["record"]
    return DrawView(
        id=row["id"],
        code=Code(row["code"]),
        campaign=Code(row["campaign_code"]),
        state=DrawState(row["state"]),
        root=row["root"],
        pool=row["pool"],
        seats=row["seats"],
        reserve=row["reserve"],
        plan=msgspec.json.decode(row["plan"], type=DrawPlan),
        relaxed=msgspec.json.decode(row["relaxed"], type=tuple[Relaxation, ...]),
        commitment=row["commitment"],
        position=row["position"],
        anchor=row["anchor"],
        committed_at=row["committed_at"],
        chain_code=row["chain_code"],
        seed=row["seed"],
        record=msgspec.json.decode(record, type=DrawRecord) if record else None,
        record_json=record,
        record_hash=row["record_hash"],
        drawn_at=row["drawn_at"],
        appointed_at=row["appointed_at"],
    )


async def draw(code: Code) -> DrawView:
    """Return one draw by its code."""
    row = (
        await Draw.select(*Draw.all_columns(), Draw.campaign.code.as_alias("campaign_code"))
        .where(Draw.code == code)
        .first()
    )
    if row is None:
        raise Missing("draw.unknown")
    return _draw(row)


async def draw_of(campaign: Code) -> DrawView | None:
    """Return the draw of a campaign, None before its commitment."""
    row = (
        await Draw.select(*Draw.all_columns(), Draw.campaign.code.as_alias("campaign_code"))
        .where(Draw.campaign.code == campaign)
        .first()
    )
    return None if row is None else _draw(row)


async def categories_of(draw: DrawView) -> dict[Code, str]:
    """Return the category of each drawn ticket: the one feature that is published."""
    rows = await Chosen.select(
        Chosen.application.code.as_alias("ticket"),
        Chosen.application.category.as_alias("category"),
    ).where(Chosen.draw == draw.id)
    return {Code(row["ticket"]): row["category"] for row in rows}


async def selected(draw: DrawView, kind: SeatKind) -> list[dict[str, Any]]:
    """Return the applications that were drawn as seats or reserves, in their order."""
    rows: list[dict[str, Any]] = (
        await Chosen.select(Chosen.position, *Chosen.application.all_columns())
        .where(Chosen.draw == draw.id, Chosen.kind == kind)
        .order_by(Chosen.position)
        .output(nested=True)
    )
    return [row["application"] for row in rows]


async def verification(draw: DrawView) -> Verification:
    """Draw again from the stored pool and compare every step with what was published."""
    found = await campaign(draw.campaign)
    people = await pool(found)
    checks = [
        ("draw.check.commitment", draw.commitment == digest(rules.commitment(draw))),
        ("draw.check.pool", len(people) == draw.pool and lottery.pool_root(people) == draw.root),
        ("draw.check.anchor", draw.anchor == audit.chain_anchor()),
    ]
    if draw.record is None:
        return Verification(tuple(checks))
    code = audit.chain_code(draw.position)
    checks += [
        (
            "draw.check.chain",
            follows(code.previous, draw.chain_code)
            and rules.leads_to(draw.chain_code, draw.position, draw.anchor),
        ),
        ("draw.check.seed", rules.seed(draw, draw.chain_code) == draw.seed == draw.record.seed),
        (
            "draw.check.record",
            hashlib.sha256(draw.record_json.encode()).hexdigest() == draw.record_hash
            and canonical(rules.plan_facts(draw.record)).decode() == draw.record_json,
        ),
    ]
    faults = await asyncio.to_thread(lottery.verify, draw.record, people)
    checks.append(("draw.check.again", not faults))
    return Verification(tuple(checks))
