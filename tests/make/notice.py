"""Builders of panels that stand on public notice, with a reserve, from whatever draw."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from panel.audit.commands import entry
from panel.db import insert_rows
from panel.entropy import code as fresh_code
from panel.ids import Code
from panel.members import commands as members
from panel.members import queries as seats
from panel.recruitment import queries
from panel.recruitment.commands import appointment, notice, objections
from panel.recruitment.queries import notice as notices
from panel.recruitment.tables import Application, Campaign, Drawn, Lottery
from panel.recruitment.types.applications import ApplicationState
from panel.recruitment.types.campaigns import CampaignState, CampaignView
from panel.recruitment.types.notice import (
    Decision,
    NoticedView,
    ObjectionForm,
    ObjectionReceipt,
    Outcome,
    Proposed,
)
from panel.rulebook import queries as rulebook
from panel.vault import commands as vault
from panel.vault.types import Identity
from tests import people
from tests.make import recruitment
from tests.tables import remembered

DRAWN = dt.datetime(2026, 4, 13, 2, 0, tzinfo=dt.UTC)
"""A Monday; five working days later the notice ends."""
LAST = dt.datetime(2026, 4, 20, 15, 59, 59, tzinfo=dt.UTC)
"""The last moment of the first notice: Monday, 23:59:59 in Shanghai."""
OVER = LAST + dt.timedelta(seconds=1)
SEATS = ("enterprise",) * 3 + ("self_employed",) * 2 + ("resident",) * 3 + ("other",) * 2
RESERVE = ("enterprise", "self_employed", "resident", "other")
KEY = "11111111-1111-4111-8111-111111111111"


def identity(number: int) -> Identity:
    """Return an invented applicant whose every field can be found again if it leaks."""
    return Identity(
        name=f"示例{chr(0x4E00 + number)}泄",
        phone=f"1980000{number:04d}",
        national_id=f"99000019800101{number:04d}",
        address=f"任城区示例街道{'东' if number % 2 else '西'}里{number}号",
        employer=f"示例{'甲' if number % 2 else '乙'}厂",
    )


@remembered
async def drawn(
    seats: Sequence[str] = SEATS,
    reserve: Sequence[str] = RESERVE,
    *,
    at: dt.datetime = DRAWN,
    **more: object,
) -> CampaignView:
    """Put a drawn panel on public notice; needs a rulebook in force."""
    campaign = await recruitment.announced(seats=len(seats), reserve=len(reserve), **more)
    persons = await vault.enrol_many(
        [identity(number) for number in range(1, len(seats) + len(reserve) + 1)], at=at
    )
    rows = [
        Application(
            code=fresh_code(),
            campaign=campaign.id,
            person=person,
            key=f"made-by-a-builder-{person}",
            body_digest="",
            channel="import",
            category=category,
            district=recruitment.DISTRICTS[number % 3],
            sex=("female", "male")[number % 2],
            birth_year=1980,
            age_band="45-59",
            household=f"home-{person}",
            salt="",
            state=ApplicationState.SELECTED if number < len(seats) else ApplicationState.RESERVE,
            received_at=recruitment.OPEN,
        )
        for number, (person, category) in enumerate(zip(persons, [*seats, *reserve], strict=True))
    ]
    await insert_rows(Application, rows)
    await _selected(campaign, rows, len(seats), at)
    await Campaign.update({Campaign.state: CampaignState.NOTICE}).where(Campaign.id == campaign.id)
    found = await queries.campaign(campaign.code)
    async with entry(people.coordinator, "test.draw", at=at):
        await notice.open_batch(found, [Proposed(row.id) for row in rows[: len(seats)]], at=at)
    return found


async def _selected(
    campaign: CampaignView, rows: Sequence[Application], seats: int, at: dt.datetime
) -> None:
    lottery = Lottery(
        code=fresh_code(), campaign=campaign.id, kind="real", method="leximin", state="drawn",
        seats=seats, reserve=len(rows) - seats, lists=1, plan="{}", root="", pool=len(rows),
        seed="", started_at=at,
    )  # fmt: skip
    (number,) = await insert_rows(Lottery, [lottery])
    await insert_rows(
        Drawn,
        [
            Drawn(
                lottery=number,
                application=row.id,
                kind="seat" if place < seats else "reserve",
                position=place + 1 if place < seats else place + 1 - seats,
            )
            for place, row in enumerate(rows)
        ],
    )


async def on_notice(campaign: CampaignView, category: str = "") -> list[NoticedView]:
    """Return who stands on notice, all or those of a category."""
    everybody = await notices.noticed(campaign)
    return [each for each in everybody if not category or each.category == category]


def form(ticket: str = "", **more: str) -> ObjectionForm:
    """Return what an invented objector types."""
    whole = {
        "name": "异议人示例漏",
        "phone": "19700001234",
        "ground": "conditions",
        "text": "该人不在本市居住，证人示例漏二。",
        **more,
    }
    return ObjectionForm(ticket=ticket, **whole)


async def objected(
    campaign: CampaignView, ticket: str = "", *, at: dt.datetime = DRAWN, key: str = KEY
) -> ObjectionReceipt:
    """File an objection."""
    return await objections.object_to(campaign.code, form(ticket), key=key, at=at)


def outcome(decision: Decision = Decision.UPHELD) -> Outcome:
    """Return a complete decision."""
    return Outcome(decision, "经查，示例漏三。", "已核实并处理。", "评议办〔2026〕9号")


async def struck(campaign: CampaignView, ticket: Code, *, at: dt.datetime = DRAWN) -> None:
    """Have a proposed member struck by an upheld objection."""
    receipt = await objected(campaign, ticket, at=at, key=f"key-of-{ticket}-0000")
    await objections.decide(people.second, receipt.number, outcome(), at=at)


async def withdrawn(ticket: Code, *, at: dt.datetime = DRAWN) -> None:
    """Let somebody withdraw as far as the notice can see it."""
    await Application.update(
        {Application.state: ApplicationState.WITHDRAWN, Application.withdrawn_at: at}
    ).where(Application.code == ticket)


@remembered
async def appointed(*, at: dt.datetime = OVER, **more: object) -> CampaignView:
    """Take a panel through its notice to its seats."""
    campaign = await drawn(**more)  # type: ignore[arg-type]
    await notice.close_notice(people.coordinator, campaign.code, at=at)
    await appointment.appoint(people.coordinator, campaign.code, at=at)
    return await queries.campaign(campaign.code)


async def pledged(campaign: CampaignView, *, at: dt.datetime = OVER) -> None:
    """Record the pledge of everybody to the code in force."""
    version = (await rulebook.current()).rulebook.conduct.version
    codes = [each.code for each in await seats.of_campaign(campaign.code) if not each.left]
    await members.record_pledge(people.coordinator, codes, version=version, on=at.date(), at=at)


@remembered
async def completed(*, at: dt.datetime = OVER, **more: object) -> CampaignView:
    """Take a panel to the end of its campaign."""
    campaign = await appointed(at=at, **more)
    await pledged(campaign, at=at)
    await appointment.complete(people.coordinator, campaign.code, at=at)
    return await queries.campaign(campaign.code)
