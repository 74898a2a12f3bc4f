"""The roster that a lottery draws from: frozen, let go, forgotten; serving members left out."""

from __future__ import annotations

import datetime as dt

import pytest
import pytest_asyncio

from panel import db
from panel.errors import Closed, Conflict
from panel.ids import Code, PersonId
from panel.members import commands as members
from panel.members.types import NewSeat
from panel.recruitment import commands, queries
from panel.recruitment.commands.pool import forget_pool, freeze_pool, thaw_pool
from panel.recruitment.queries.pool import frozen, pool, roster, serving, serving_features
from panel.recruitment.rules import lottery
from panel.recruitment.tables import Application
from panel.recruitment.types.campaigns import CampaignKind
from tests import people
from tests.make import lottery as make
from tests.make import recruitment as campaigns

TERM = dt.date(2026, 5, 1)


@pytest_asyncio.fixture(loop_scope="session")
async def few_quotas(engine: db.Engine) -> Code:
    """Put a rulebook with category quotas alone into force."""
    return await campaigns.rulebook_in_force(campaigns.small_toml())


async def test_who_is_not_vetted_counts_only_where_asked_for(few_quotas: Code) -> None:
    campaign = await campaigns.announced()
    tickets = await campaigns.applied(campaign.code, 6)
    await campaigns.screened(campaign.code, tickets[:4])
    await Application.update({Application.state: "withdrawn"}).where(Application.code == tickets[5])
    campaign = await queries.campaign(campaign.code)
    assert {each.ticket for each in await pool(campaign)} == set(tickets[:4])
    assert {each.ticket for each in await pool(campaign, undecided=True)} == set(tickets[:5])
    assert {each.ticket: each.eligible for each in await roster(campaign)} == {
        ticket: ticket in tickets[:4] for ticket in tickets[:5]
    }


async def test_a_frozen_roster_is_committed_to_by_its_hashes(few_quotas: Code) -> None:
    campaign = await campaigns.selecting(6)
    fixed = await frozen(campaign)
    assert fixed is not None
    everybody = await roster(campaign)
    assert (fixed.root, fixed.size) == (lottery.roster_root(everybody), 6)
    assert fixed.sealed_hash == lottery.file_digest(lottery.sealed_roster(everybody))
    assert (campaign.pool_root, campaign.sealed_hash) == (fixed.root, fixed.sealed_hash)
    await Application.update({Application.district: "别处"}, force=True)
    assert await roster(campaign) == everybody
    await thaw_pool(campaign)
    assert await frozen(campaign) is None
    assert await roster(campaign) != everybody
    assert (await freeze_pool(campaign, at=make.AT)).root != fixed.root


async def test_a_run_keeps_its_roster_frozen_until_it_ends(few_quotas: Code) -> None:
    view = await make.listed(20)
    campaign = await queries.campaign(view.campaign)
    with pytest.raises(Conflict, match=r"lottery\.running_already"):
        await thaw_pool(campaign)
    await commands.cancel(people.second, campaign.code, "疫情防控", at=make.AT)
    await thaw_pool(campaign)
    assert await frozen(campaign) is None


async def test_features_are_forgotten_and_the_hashes_stay(few_quotas: Code) -> None:
    campaign = await campaigns.selecting(6)
    await forget_pool(campaign.id)
    fixed = await frozen(campaign)
    assert fixed is not None
    assert fixed.root == campaign.pool_root
    with pytest.raises(Closed, match=r"lottery\.roster_forgotten"):
        await roster(campaign)


async def test_a_replacement_leaves_out_who_serves_and_their_addresses(few_quotas: Code) -> None:
    first = await campaigns.announced()
    home = "示例路1号2栋302室"
    sheet = campaigns.sheet([campaigns.row(1, 住址=home)])
    await commands.import_applications(
        people.coordinator, first.code, sheet, "a.csv", at=campaigns.OPEN
    )
    row = await Application.select().first()
    assert row is not None
    seat = NewSeat(
        person=PersonId(row["person"]),
        category=row["category"],
        district=row["district"],
        sex=row["sex"],
        age_band=row["age_band"],
        latitude=None,
        longitude=None,
        campaign=first.code,
    )
    await members.appoint(people.coordinator, [seat], term_start=TERM, months=24, at=make.AT)
    held = await serving(TERM)
    assert (len(held.features), len(held.households)) == (1, 1)
    assert dict((await serving_features(TERM))[0])["category"] == row["category"]
    assert not (await serving(TERM - dt.timedelta(days=1))).features
    campaign = await campaigns.announced(kind=CampaignKind.REPLACEMENT, seats=2, reserve=0)
    rows = [campaigns.row(51), campaigns.row(52, 住址=home), campaigns.row(53)]
    await commands.import_applications(
        people.coordinator, campaign.code, campaigns.sheet(rows), "a.csv", at=campaigns.OPEN
    )
    campaign = await queries.campaign(campaign.code)
    told = await roster(campaign)
    assert len(told) == 3
    eligible = {each.ticket for each in await pool(campaign, undecided=True)}
    assert len(eligible) == 2
    (out,) = [each for each in told if each.ticket not in eligible]
    assert out.household in held.households
