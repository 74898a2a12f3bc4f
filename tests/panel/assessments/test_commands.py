"""The year opens from a published ranking, once; orders belong to one unit alone."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from panel import db
from panel.actor import SYSTEM
from panel.assessments import commands, queries
from panel.assessments.types import Component, Eligibility, OrderState
from panel.audit import queries as history
from panel.errors import Conflict, Forbidden, Missing
from panel.piccolo_app import our_tables
from tests import people
from tests.make import rankings as make
from tests.make import visits

pytestmark = pytest.mark.usefixtures("engine")


async def entries() -> int:
    """Return how many entries the history holds."""
    return len(await history.entries(limit=10_000))


async def test_a_year_opens_with_a_line_for_each_unit_and_orders_for_the_last() -> None:
    city, _ = await make.published(rectification_places=2)
    before = await entries()
    opened = await commands.open_year(people.coordinator, city.round.code, at=make.LATE)
    assert await entries() == before + 1
    assert (opened.year, opened.lines, len(opened.orders)) == (2026, 3, 2)
    lines = await queries.lines(2026)
    assert [line.unit_code for line in lines] == list(city.units)
    first, _, last = lines
    assert first.mark.total == first.components[Component.VISITS]
    assert first.mark.present_percent == 40
    assert len(first.mark.missing) == 4
    assert first.deductions is None
    assert (first.eligibility, last.eligibility) == (Eligibility.OPEN, Eligibility.AT_RISK)
    orders = await queries.orders(2026)
    assert [(order.unit_code, order.place_from_below) for order in orders] == [
        (city.units[2], 1),
        (city.units[1], 2),
    ]
    assert all(order.due - make.LATE >= timedelta(days=30) for order in orders)
    assert all(make.LATE < order.plan_due < order.due for order in orders)
    assert (await history.verify(our_tables())).findings == ()


async def test_the_same_ranking_enters_a_year_once() -> None:
    city, _ = await make.published(units=1)
    await commands.open_year(SYSTEM, city.round.code, at=make.LATE)
    with pytest.raises(Conflict, match=r"assessment\.opened"):
        await commands.open_year(SYSTEM, city.round.code, at=make.LATE)
    assert len(await queries.lines(2026)) == 1
    assert len(await queries.orders(2026)) == 1


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


async def test_a_unit_reads_and_acknowledges_its_own_order_only() -> None:
    city, _ = await make.published(rectification_places=1)
    (code,) = (await commands.open_year(SYSTEM, city.round.code, at=make.LATE)).orders
    last = people.liaison(city.units[2])
    other = people.liaison(city.units[0])
    assert [order.code for order in await queries.unit_orders(city.units[2])] == [code]
    assert await queries.unit_orders(city.units[0]) == []
    with pytest.raises(Missing):
        await queries.unit_order(city.units[0], code)
    with pytest.raises(Missing):
        await commands.receive(other, code, at=make.LATE)
    with pytest.raises(Missing):
        await commands.receive(last, visits.NOBODY, at=make.LATE)
    with pytest.raises(Forbidden):
        await commands.receive(people.coordinator, code, at=make.LATE)
    before = await entries()
    found = await commands.receive(last, code, at=make.LATE)
    assert await entries() == before + 1
    assert (found.state, found.received_at) == (OrderState.RECEIVED, make.LATE)
    with pytest.raises(Conflict, match=r"order\.received"):
        await commands.receive(last, code, at=make.LATE)
    assert (await history.verify(our_tables())).findings == ()


async def test_an_unranked_unit_has_a_line_without_a_mark() -> None:
    city, _ = await make.published(unit_minimum_visits=11)
    opened = await commands.open_year(SYSTEM, city.round.code, at=make.LATE)
    assert opened.orders == ()
    lines = await queries.lines(2026, "service")
    assert {line.mark.total for line in lines} == {None}
    assert {line.eligibility for line in lines} == {Eligibility.OPEN}
    assert await queries.lines(2026, "office") == []


async def test_a_mark_changed_behind_the_commands_is_found() -> None:
    city, _ = await make.published(units=1)
    await commands.open_year(SYSTEM, city.round.code, at=make.LATE)
    await db.raw("UPDATE assessment_line SET total = total + 1")
    findings = (await history.verify(our_tables())).findings
    assert [each.place.split()[0] for each in findings] == ["assessment_line"]
