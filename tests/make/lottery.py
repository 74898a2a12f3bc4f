"""Builders of runs of the lottery, made by the real commands."""

from __future__ import annotations

import datetime as dt

from panel.ids import Code
from panel.recruitment import commands as recruitment
from panel.recruitment import queries
from panel.recruitment.commands import lottery, publication
from panel.recruitment.queries import lottery as runs
from panel.recruitment.types.campaigns import Screened
from panel.recruitment.types.runs import (
    LotteryView,
    Method,
    Reading,
    RunKind,
    Source,
    SourceKind,
)
from tests import people
from tests.make import recruitment as make
from tests.tables import remembered

AT = make.SCREENING
LISTS = 20
SOURCE = Source(
    SourceKind.LOTTERY,
    (AT + dt.timedelta(days=2)).date(),
    game="fc3d",
    issue="2026095",
)
DRAWING = AT + dt.timedelta(days=2, hours=14)


async def started(
    campaign: Code, kind: RunKind = RunKind.REAL, method: Method = Method.LEXIMIN
) -> LotteryView:
    """Start a run of few lists."""
    return await lottery.start(people.coordinator, campaign, kind, method, at=AT, lists=LISTS)


@remembered
async def listed(count: int = 40, **more: object) -> LotteryView:
    """Take a campaign up to the lists of its real run."""
    campaign = await make.selecting(count, **more)
    return await lottery.run_out((await started(campaign.code)).code, at=AT)


@remembered
async def published(count: int = 40, **more: object) -> LotteryView:
    """Take a campaign up to its published lists."""
    view = await listed(count, **more)
    return await publication.publish(people.second, view.code, SOURCE, at=AT)


@remembered
async def drawn(count: int = 40, value: str = "007", **more: object) -> LotteryView:
    """Take a campaign up to its drawn panel, whose public notice has begun."""
    view = await published(count, **more)
    reading = Reading(SOURCE.issue, value)
    for each in (people.coordinator, people.second):
        await publication.enter_number(each, view.code, reading, at=DRAWING)
    return await runs.lottery(view.code)


@remembered
async def few(count: int = 8, **more: object) -> Code:
    """Take a campaign of too few applicants, residents all of them, up to the lottery."""
    campaign = await make.announced(**more)
    rows = [make.row(number, 类别=make.WORDS["resident"]) for number in range(1, count + 1)]
    await recruitment.import_applications(
        people.coordinator, campaign.code, make.sheet(rows), "a.csv", at=make.OPEN
    )
    tickets = await queries.tickets_of(await queries.campaign(campaign.code), Screened())
    await make.screened(campaign.code, tickets)
    await recruitment.finish_screening(people.coordinator, campaign.code, at=AT)
    return campaign.code


@remembered
async def proposed(count: int = 8) -> LotteryView:
    """Propose to take all of too few applicants."""
    return await started(await few(count), method=Method.ALL)
