"""A year opens from a published ranking, once for each edition."""

from __future__ import annotations

import asyncio

import pytest

from panel import db
from panel.actor import SYSTEM
from panel.assessments import commands, queries
from panel.assessments.types import Component, Eligibility
from panel.audit import queries as history
from panel.errors import Conflict, Forbidden
from panel.piccolo_app import our_tables
from tests import people
from tests.make import rankings as make

pytestmark = pytest.mark.usefixtures("engine")


async def entries() -> int:
    """Return how many entries the history holds."""
    return len(await history.entries(limit=10_000))


async def test_a_year_opens_with_a_line_for_each_unit() -> None:
    city, _ = await make.published(rectification_places=2)
    before = await entries()
    opened = await commands.open_year(people.coordinator, city.round.code, at=make.LATE)
    assert await entries() == before + 1
    assert (opened.year, opened.lines) == (2026, 3)
    lines = await queries.lines(2026)
    assert [line.unit_code for line in lines] == list(city.units)
    first, _, last = lines
    assert first.inputs.visits is not None
    assert first.mark.total == first.inputs.visits.score
    assert first.mark.present_percent == 40
    assert first.mark.missing == tuple(each for each in Component if each is not Component.VISITS)
    assert first.mark.deducted is None
    assert (first.place, first.ranked) == (1, 3)
    assert (first.eligibility, last.eligibility) == (Eligibility.OPEN, Eligibility.AT_RISK)
    assert await queries.unit_lines(city.units[0]) == []
    assert (await history.verify(our_tables())).findings == ()


async def test_the_same_ranking_enters_a_year_once() -> None:
    city, _ = await make.published(units=1)
    await commands.open_year(SYSTEM, city.round.code, at=make.LATE)
    with pytest.raises(Conflict, match=r"assessment\.opened"):
        await commands.open_year(SYSTEM, city.round.code, at=make.LATE)
    assert len(await queries.lines(2026)) == 1


async def test_of_two_openings_at_once_one_is_refused() -> None:
    city, _ = await make.published(units=1)
    outcome = await asyncio.gather(
        *(commands.open_year(SYSTEM, city.round.code, at=make.LATE) for _ in range(2)),
        return_exceptions=True,
    )
    assert sorted(isinstance(each, Conflict) for each in outcome) == [False, True]


async def test_only_a_published_ranking_enters() -> None:
    city = await make.notified(units=1)
    with pytest.raises(Conflict, match=r"assessment\.not_published"):
        await commands.open_year(people.coordinator, city.round.code, at=make.LATE)
    for actor in (people.reviewer, people.liaison(city.units[0]), people.stranger):
        with pytest.raises(Forbidden):
            await commands.open_year(actor, city.round.code, at=make.LATE)
    assert await queries.years() == []


async def test_an_unranked_unit_has_a_line_without_a_mark() -> None:
    city, _ = await make.published(unit_minimum_visits=11)
    await commands.open_year(SYSTEM, city.round.code, at=make.LATE)
    lines = await queries.lines(2026, "service")
    assert {line.mark.total for line in lines} == {None}
    assert {line.eligibility for line in lines} == {Eligibility.OPEN}
    assert await queries.lines(2026, "office") == []


async def test_a_mark_changed_behind_the_commands_is_found() -> None:
    city, _ = await make.published(units=1)
    await commands.open_year(SYSTEM, city.round.code, at=make.LATE)
    await db.raw("UPDATE assessment_mark SET total = total + 1")
    findings = (await history.verify(our_tables())).findings
    assert [each.place.split()[0] for each in findings] == ["assessment_mark"]
