"""A session counts after a second person, and every unit is judged."""

from __future__ import annotations

import datetime as dt

import pytest

from panel import db
from panel.actor import Signature
from panel.audit import queries as history
from panel.errors import Conflict, Forbidden, Invalid, Missing
from panel.ids import Code
from panel.piccolo_app import our_tables
from panel.roster import queries as roster
from panel.surveys import commands, queries
from panel.surveys.types import NewTally, SessionState, VoidReason
from tests import people
from tests.make import rankings, surveys, visits
from tests.make import roster as places

pytestmark = pytest.mark.usefixtures("engine")


async def city() -> list[Code]:
    """Return the units of a small city, one of them without windows."""
    await rankings.measures()
    await places.small_city(units=1, windows=1, offices=1, groups=("service",))
    return [unit.code for unit in await roster.units()]


async def test_a_session_counts_once_a_second_person_has_checked_it() -> None:
    units = await city()
    code = await surveys.entered()
    assert await queries.collected(2026) == {}
    with pytest.raises(Forbidden, match=r"approval\.same_person"):
        await commands.check(people.coordinator, code, at=visits.AT)
    before = len(await history.entries(limit=10_000))
    view = await commands.check(people.second, code, at=visits.AT)
    assert len(await history.entries(limit=10_000)) == before + 1
    assert (view.state, view.units) == (SessionState.VALID, 2)
    found = await queries.collected(2026)
    assert set(found) == set(units)
    assert found[units[1]].levels == surveys.USUAL
    with pytest.raises(Conflict, match=r"session\.not_entered"):
        await commands.check(people.second, code, at=visits.AT)
    assert (await history.verify(our_tables())).findings == ()


async def test_a_unit_without_windows_must_not_be_left_out() -> None:
    units = await city()
    code = await commands.hold(people.coordinator, surveys.session(), at=visits.AT)
    tally = NewTally(units[0], surveys.USUAL, 4)
    await commands.enter(people.coordinator, code, [tally], at=visits.AT)
    with pytest.raises(Conflict, match=r"session\.units_missing"):
        await commands.hand_on(people.coordinator, code, at=visits.AT)


async def test_figures_are_written_over_until_they_are_handed_on() -> None:
    units = await city()
    code = await surveys.entered()
    tally = NewTally(units[0], (1, 1, 1, 1), 0)
    with pytest.raises(Conflict, match=r"session\.not_open"):
        await commands.enter(people.coordinator, code, [tally], at=visits.AT)
    await commands.send_back(people.second, code, "与记录不符", at=visits.AT)
    await commands.enter(people.coordinator, code, [tally], at=visits.AT)
    first = (await queries.tallies(await queries.session(code)))[0]
    assert (first.levels, first.judged) == ((1, 1, 1, 1), 4)
    await commands.hand_on(people.coordinator, code, at=visits.AT)
    assert (await history.verify(our_tables())).findings == ()


async def test_more_ballots_back_than_given_out_make_a_session_void() -> None:
    await city()
    code = await surveys.entered(issued=101, returned=102)
    view = await commands.check(people.second, code, at=visits.AT)
    assert (view.state, view.void_reason) == (SessionState.VOID, VoidReason.RETURNED)
    assert await queries.collected(2026) == {}


async def test_a_valid_session_is_voided_with_a_reason_by_somebody_else() -> None:
    await city()
    code = await surveys.held()
    with pytest.raises(Invalid):
        await commands.ask_void(people.second, code, " ", at=visits.AT)
    with pytest.raises(Conflict, match=r"session\.void_not_asked"):
        await commands.void(people.second, code, at=visits.AT)
    with pytest.raises(Forbidden):
        await commands.ask_void(people.reviewer, code, "拉票", at=visits.AT)
    await commands.ask_void(people.second, code, "拉票", at=visits.AT)
    asked = await queries.session(code)
    assert (asked.state, asked.void_asked_reason) == (SessionState.VALID, "拉票")
    assert await queries.collected(2026) != {}
    with pytest.raises(Conflict, match=r"session\.void_asked"):
        await commands.ask_void(people.publisher, code, "又一次", at=visits.AT)
    for actor in (people.second, people.coordinator):  # one asked, the other entered figures
        with pytest.raises(Forbidden, match=r"approval\.same_person"):
            await commands.void(actor, code, at=visits.AT)
    await commands.void(people.publisher, code, at=visits.AT)
    found = await queries.session(code)
    assert (found.void_reason, found.reason) == (VoidReason.OFFICE, "拉票")
    with pytest.raises(Conflict, match=r"session\.not_valid"):
        await commands.void(people.publisher, code, at=visits.AT)
    assert (await history.verify(our_tables())).findings == ()


async def test_a_request_to_void_a_session_is_declined_or_signed_on_paper() -> None:
    await city()
    code = await surveys.held()
    with pytest.raises(Conflict, match=r"session\.void_not_asked"):
        await commands.decline_void(people.second, code, at=visits.AT)
    await commands.ask_void(people.coordinator, code, "拉票", at=visits.AT)
    await commands.decline_void(people.coordinator, code, at=visits.AT)
    found = await queries.session(code)
    assert (found.state, found.void_asked_at) == (SessionState.VALID, None)
    await commands.ask_void(people.coordinator, code, "拉票", at=visits.AT)
    paper = Signature("批〔2026〕4号", "王主任", dt.date(2026, 3, 2), "0" * 64)
    await commands.void(people.coordinator, code, at=visits.AT, paper=paper)
    assert (await queries.session(code)).state is SessionState.VOID


async def test_a_leader_may_have_signed_on_paper() -> None:
    await city()
    code = await surveys.entered()
    paper = Signature("批〔2026〕3号", "王主任", dt.date(2026, 3, 2), "0" * 64)
    view = await commands.check(people.coordinator, code, at=visits.AT, paper=paper)
    assert view.state is SessionState.VALID


async def test_a_table_is_taken_whole() -> None:
    await city()
    names = [unit.name for unit in await roster.units()]
    code = await commands.hold(people.coordinator, surveys.session(), at=visits.AT)
    rows = "".join(f"{name},40,30,20,6,4\n" for name in names)
    data = f"单位,好,较好,一般,较差,不了解\n{rows}".encode()
    assert await commands.import_tallies(
        people.coordinator, code, data, "a.csv", at=visits.AT
    ) == len(names)
    with pytest.raises(Invalid):
        await commands.import_tallies(
            people.coordinator, code, data.replace(b"40", b"90"), "a.csv", at=visits.AT
        )


async def test_only_the_office_enters_and_only_what_is_there() -> None:
    units = await city()
    for actor in (people.reviewer, people.liaison(units[0]), people.stranger):
        with pytest.raises(Forbidden):
            await commands.hold(actor, surveys.session(), at=visits.AT)
    with pytest.raises(Missing):
        await commands.hand_on(people.coordinator, visits.NOBODY, at=visits.AT)
    code = await commands.hold(people.coordinator, surveys.session(), at=visits.AT)
    with pytest.raises(Invalid):
        await commands.enter(
            people.coordinator,
            code,
            [NewTally(visits.NOBODY, surveys.USUAL, 0)],
            at=visits.AT,
        )


async def test_counts_changed_behind_the_commands_are_found() -> None:
    await city()
    await surveys.held()
    await db.raw("UPDATE ballot_count SET unknown = unknown + 1")
    findings = (await history.verify(our_tables())).findings
    assert {each.place.split()[0] for each in findings} == {"ballot_count"}
