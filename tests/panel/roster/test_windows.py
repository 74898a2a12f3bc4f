"""Windows: closing, opening again, giving up; who may."""

from __future__ import annotations

import asyncio

import pytest

from panel import db
from panel.actor import Actor
from panel.audit import queries as audit
from panel.errors import Conflict, Forbidden, Invalid, Missing
from panel.ids import Code
from panel.piccolo_app import our_tables
from panel.roster import commands, queries
from panel.roster.types import WindowState
from tests import people
from tests.make import roster as make

AT = make.AT


async def test_a_window_is_closed_with_a_reason_and_opened_again(engine: db.Engine) -> None:
    city = await make.small_city(units=1)
    code = city.windows[0].code
    closed = await commands.close_window(people.coordinator, code, " 装修  至三月底 ", at=AT)
    assert (closed.state, closed.reason) == (WindowState.CLOSED, "装修 至三月底")
    again = await commands.reopen_window(people.coordinator, code, at=AT)
    assert (again.state, again.reason) == (WindowState.ACTIVE, "")
    names = [entry.command for entry in await audit.entries()]
    assert names[:2] == ["roster.reopen", "roster.close"]
    assert (await audit.verify(our_tables())).findings == ()


@pytest.mark.parametrize("reason", ["", "  ", "长" * 301])
async def test_a_closure_needs_a_short_reason(engine: db.Engine, reason: str) -> None:
    city = await make.small_city(units=1)
    with pytest.raises(Invalid) as refusal:
        await commands.close_window(people.coordinator, city.windows[0].code, reason, at=AT)
    assert refusal.value.faults[0].path == "reason"
    assert (await queries.window(city.windows[0].code)).state is WindowState.ACTIVE


async def test_a_state_that_does_not_fit_is_a_conflict(engine: db.Engine) -> None:
    city = await make.small_city(units=1)
    code = city.windows[0].code
    with pytest.raises(Conflict):
        await commands.reopen_window(people.coordinator, code, at=AT)
    with pytest.raises(Conflict):
        await commands.retire_window(people.coordinator, code, "合并", at=AT)
    await commands.close_window(people.coordinator, code, "装修", at=AT)
    with pytest.raises(Conflict):
        await commands.close_window(people.coordinator, code, "装修", at=AT)
    await commands.retire_window(people.coordinator, code, "并入一号窗口", at=AT)
    with pytest.raises(Conflict):
        await commands.reopen_window(people.coordinator, code, at=AT)


async def test_closing_at_once_happens_once(engine: db.Engine) -> None:
    city = await make.small_city(units=1)
    code = city.windows[0].code
    results = await asyncio.gather(
        *(
            commands.close_window(actor, code, "装修", at=AT)
            for actor in (people.coordinator, people.second)
        ),
        return_exceptions=True,
    )
    assert sorted(isinstance(result, Conflict) for result in results) == [False, True]
    entries = [entry for entry in await audit.entries() if entry.command == "roster.close"]
    assert len(entries) == 1


async def test_the_own_liaison_may_report_a_closure_and_no_other(engine: db.Engine) -> None:
    city = await make.small_city(units=2, windows=1)
    mine, other = city.windows
    liaison = people.liaison(mine.unit_code)
    closed = await commands.close_window(liaison, mine.code, "停电", at=AT)
    assert closed.state is WindowState.CLOSED
    with pytest.raises(Forbidden):
        await commands.close_window(liaison, other.code, "停电", at=AT)
    with pytest.raises(Forbidden):
        await commands.retire_window(liaison, mine.code, "合并", at=AT)


@pytest.mark.parametrize("actor", [people.reviewer, people.auditor, people.stranger])
async def test_others_change_nothing(engine: db.Engine, actor: Actor) -> None:
    city = await make.small_city(units=1)
    code = city.windows[0].code
    with pytest.raises(Forbidden):
        await commands.close_window(actor, code, "装修", at=AT)
    with pytest.raises(Forbidden):
        await commands.reprint(actor, [code], "破损", at=AT)
    assert (await queries.windows()) == city.windows


async def test_queries_tell_groups_places_and_searches(engine: db.Engine) -> None:
    city = await make.small_city(units=6, windows=2, offices=1)
    assert await queries.peer_groups() == {
        "enforcement": 2,
        "utility": 2,
        "service": 2,
        "office": 1,
    }
    office = next(unit for unit in city.units if unit.peer_group == "office")
    assert (office.windows, office.latitude, office.longitude) == (0, None, None)
    first = await queries.unit(city.units[0].code)
    assert first == city.units[0]
    assert (first.windows, first.latitude) == (2, 35_410_000)
    assert [unit.ref for unit in await queries.units("utility")] == ["U-02", "U-05"]
    assert [unit.ref for unit in await queries.units(search="第3")] == ["U-03"]
    assert [unit.ref for unit in await queries.units(search="unit 3")] == ["U-03"]
    assert await queries.units(search="%") == []
    assert [window.ref for window in await queries.windows(first.code)] == ["W-001", "W-002"]
    found = await queries.windows(search=city.windows[4].code.lower())
    assert found == [city.windows[4]]
    assert [item.ref for item in await queries.items(city.windows[4].code)] == ["I-005"]


async def test_what_is_not_there_is_missing(engine: db.Engine) -> None:
    with pytest.raises(Missing):
        await queries.unit(Code("0000000000"))
    with pytest.raises(Missing):
        await queries.window(Code("0000000000"))
