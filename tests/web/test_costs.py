"""What a page costs: no more queries for three rows than for one, and few bytes on a phone."""

from __future__ import annotations

import datetime as dt
from collections.abc import Awaitable, Callable
from typing import Any

import brotli
import pytest

from panel import clock
from panel.actor import Actor
from panel.db import Engine, raw
from panel.piccolo_app import our_tables
from panel.visits.tables import Round
from tests import people
from tests.make import evaluations, members, recruitment, roster, terms, visits
from tests.make import findings as finding
from tests.tables import empty, forget
from tests.web.conftest import Browser

pytestmark = pytest.mark.engines("sqlite", "postgres")

Browse = Callable[..., Browser]
Page = tuple[Actor | None, str, dt.datetime]


async def panel(rows: int) -> Page:
    """Make members at the office's desk."""
    await recruitment.rulebook_in_force()
    await members.panel(rows)
    return people.coordinator, "/office/members", members.AT


async def learning(rows: int) -> Page:
    """Make members at the office's page of training."""
    await recruitment.rulebook_in_force()
    await members.panel(rows)
    return people.coordinator, "/office/training", members.AT


async def ending(rows: int) -> Page:
    """Make members whose term ends soon."""
    await recruitment.rulebook_in_force()
    (view, *_) = await members.panel(rows)
    return people.coordinator, "/office/terms", terms.first_moment(view.term_end)


async def campaigns(rows: int) -> Page:
    """Make campaigns for everybody."""
    await recruitment.rulebook_in_force(recruitment.small_toml())
    for _ in range(rows):
        await recruitment.announced()
    return None, "/zh/recruitment", recruitment.OPEN


async def own_campaigns(rows: int) -> Page:
    """Make campaigns at the office's desk."""
    await campaigns(rows)
    return people.coordinator, "/office/recruitment", recruitment.OPEN


async def screening(rows: int) -> Page:
    """Make applications that wait for a verdict."""
    await recruitment.rulebook_in_force(recruitment.small_toml())
    campaign = await recruitment.announced()
    await recruitment.applied(campaign.code, rows)
    return people.clerk_a, f"/office/recruitment/{campaign.code}/screening", recruitment.SCREENING


async def units(rows: int) -> Page:
    """Make a roster."""
    await visits.measures()
    await roster.small_city(units=rows)
    return people.coordinator, "/office/roster?q=1", visits.AT


async def windows(rows: int) -> Page:
    """Make the windows of one unit."""
    await visits.measures()
    city = await roster.small_city(units=1, windows=rows)
    return people.coordinator, f"/office/units/{city.units[0].code}", visits.AT


async def rounds(rows: int) -> Page:
    """Make rounds that were drawn, with how far each is."""
    await visits.running_round()
    for _ in range(rows - 1):
        await visits.approved_round()
    await Round.update({Round.drawn_at: visits.AT}).where(Round.drawn_at.is_null())
    return people.coordinator, "/office/rounds", visits.DURING


async def tasks(rows: int) -> Page:
    """Make the tasks of a round."""
    setting = await visits.running_round(windows=rows)
    return people.coordinator, f"/office/rounds/{setting.round.code}/tasks", visits.DURING


async def coverage(rows: int) -> Page:
    """Make the places of a round by week."""
    setting = await visits.running_round(windows=rows)
    group = "enforcement"
    address = f"/office/rounds/{setting.round.code}/coverage?group={group}"
    return people.coordinator, address, visits.DURING


async def own_tasks(rows: int) -> Page:
    """Make the tasks of one member."""
    setting = await visits.running_round(members_count=12 // rows)
    return people.member(setting.members[0], 100), "/m/tasks", visits.DURING


async def queue(rows: int) -> Page:
    """Make sheets that wait for a reviewer."""
    setting = await visits.running_round()
    for number in range(1, rows + 1):
        await evaluations.sent(setting, number=number)
    return people.reviewer, "/office/review", evaluations.SENT


async def findings(rows: int) -> Page:
    """Make findings at the office's desk."""
    setting = await visits.running_round()
    for _ in range(rows):
        await finding.answered(setting)
    return people.coordinator, "/office/findings", finding.AT


async def inbox(rows: int) -> Page:
    """Make findings that one unit has answered."""
    setting = await visits.running_round()
    found = [await finding.answered(setting) for _ in range(rows)]
    await raw("UPDATE finding SET unit = (SELECT unit FROM finding ORDER BY id LIMIT 1)")
    return found[0][1], "/unit/findings", finding.AT


LISTS = [
    panel, learning, campaigns, own_campaigns, screening, units, windows, rounds, tasks, coverage,
    own_tasks, queue, ending, findings, inbox,
]  # fmt: skip


@pytest.mark.parametrize("build", LISTS)
async def test_a_list_asks_no_more_for_three_rows_than_for_one(
    engine: Engine,
    browse: Browse,
    monkeypatch: pytest.MonkeyPatch,
    build: Callable[[int], Awaitable[Page]],
) -> None:
    asked: list[str] = []
    run = engine.run

    async def counted(sql: str, args: list[Any]) -> list[dict[str, Any]]:
        asked.append(sql)
        return await run(sql, args)

    found: dict[int, tuple[list[str], int]] = {}
    for rows in (1, 3):
        await empty(engine, our_tables())
        actor, address, at = await build(rows)
        monkeypatch.setattr(clock, "now", lambda at=at: at)
        with monkeypatch.context() as hooked:
            hooked.setattr(engine, "run", counted)
            asked.clear()
            forget()  # an earlier test may have known one of the two cities
            answer = await browse(actor).get(address)
        assert answer.status_code == 200
        found[rows] = (list(asked), len(answer.text))
    one, three = found[1], found[3]
    assert len(three[0]) == len(one[0])
    assert one[0]
    if build is not queue:  # which opens on the first sheet
        assert three[1] > one[1]


BUDGET = {
    "/m/tasks": 3000,
    "/m/tasks/{task}": 4500,
    "/w/{window}": 3000,
    "/m/sign-in": 2000,
}
"""Bytes of a page itself; with style, script and symbols the first load stays under 30 KB."""


@pytest.mark.parametrize("address", BUDGET)
async def test_a_page_on_a_phone_is_small(
    browse: Browse, monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    setting = await visits.running_round(members_count=4)
    actor, task = await visits.one_task(setting)
    monkeypatch.setattr(clock, "now", lambda: visits.DURING)
    window = task.window_code or ""
    answer = await browse(actor).get(address.format(task=task.code, window=window))
    assert answer.status_code == 200
    assert len(brotli.compress(answer.content, quality=4)) <= BUDGET[address]
