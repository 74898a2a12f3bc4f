"""Covert visits: told late, looked at on the record, opened by two persons, never by the tables."""

from __future__ import annotations

from datetime import timedelta

import msgspec
import pytest

from panel import db
from panel.actor import Role
from panel.audit import queries as history
from panel.errors import Closed, Conflict, Forbidden, Invalid, Missing
from panel.ids import Code
from panel.members import queries as members
from panel.vault import commands as vault
from panel.vault import queries as identities
from panel.vault.types import OpeningKind
from panel.visits import commands, queries
from panel.visits.tables import CovertLook, Task
from panel.visits.types import Mode, TaskState
from tests import people
from tests.make import visits as make

discipline = people.staff(9050, "discipline", "纪检", Role.INDEPENDENT_REVIEWER)
SOON = make.STARTS - timedelta(days=3)
EARLY = SOON - timedelta(seconds=1)


async def test_a_member_learns_the_place_some_days_before(engine: db.Engine) -> None:
    setting = await make.running_round(covert_percent=100)
    actor, task = await make.one_task(setting, covert=True)
    early = await queries.shown_task(actor.member, task.code, at=EARLY)
    assert early.hidden
    assert early.district
    assert early.due_at == task.due_at
    assert not any((early.unit_name, early.unit_code, early.window_name, early.window_code,
                    early.hall_name, early.place, early.hours))  # fmt: skip
    assert all(each.hidden for each in await queries.member_tasks(actor.member, at=EARLY))
    soon = await queries.shown_task(actor.member, task.code, at=SOON)
    assert soon.unit_name
    assert not soon.hidden


async def test_an_open_visit_is_told_at_once(engine: db.Engine) -> None:
    setting = await make.running_round()
    actor, task = await make.one_task(setting)
    assert not (await queries.shown_task(actor.member, task.code, at=EARLY)).hidden


async def test_somebody_elses_task_stays_missing(engine: db.Engine) -> None:
    setting = await make.running_round(covert_percent=100)
    _, task = await make.one_task(setting)
    with pytest.raises(Missing):
        await queries.shown_task(make.NOBODY, task.code, at=make.DURING)


async def test_the_office_sees_no_place_of_a_covert_visit_without_a_look(
    engine: db.Engine,
) -> None:
    setting = await make.running_round(covert_percent=100)
    view = setting.round
    tasks = await queries.round_tasks(view.id)
    assert all(task.hidden and not task.unit_name for task in tasks if task.covert)
    one = tasks[0]
    assert (await queries.office_task(people.coordinator, one.code)).hidden
    rows = await queries.coverage(view, "service", limit=50)
    assert sum(sum(row.planned) for row in rows) == 0
    assert not await commands.see(people.coordinator, view.code, "tasks", at=make.AT)
    assert await CovertLook.count() == 0


async def test_a_look_needs_a_reason_is_logged_and_runs_out(engine: db.Engine) -> None:
    setting = await make.running_round(covert_percent=100)
    code = setting.round.code
    with pytest.raises(Invalid):
        await commands.look(people.coordinator, code, " ", at=make.AT)
    for other in (people.reviewer, people.publisher, people.auditor, people.administrator):
        with pytest.raises(Forbidden):
            await commands.look(other, code, "看看", at=make.AT)
    until = await commands.look(people.coordinator, code, "安排大厅时间", at=make.AT)
    assert until == make.AT + timedelta(minutes=15)
    assert await commands.see(people.coordinator, code, "tasks", at=make.AT)
    assert not await commands.see(people.second, code, "tasks", at=make.AT)
    assert not await commands.see(
        people.coordinator, code, "tasks", at=until + timedelta(seconds=1)
    )
    (look,) = await queries.looks()
    assert (look.reason, look.pages) == ("安排大厅时间", 1)
    names = [each.command for each in await history.entries()]
    assert names[:2] == ["visits.see", "visits.look"]


async def test_a_recognised_visitor_goes_openly_and_never_there_again(engine: db.Engine) -> None:
    setting = await make.running_round(covert_percent=100)
    actor, task = await make.one_task(setting, covert=True)
    await commands.accept(actor, task.code, at=make.DURING)
    after = await commands.recognised(actor, task.code, at=make.DURING)
    assert after.mode is Mode.OPEN
    assert after.state is TaskState.ACCEPTED
    assert after.recognised_at == make.DURING
    later = msgspec.structs.replace(
        setting.round, id=0, draft=make.draft(starts=make.STARTS + timedelta(days=700))
    )
    past = await queries.past(setting.members, later, 90, 0)
    assert past.windows[actor.member] == {task.window_id}  # type: ignore[index]


async def test_being_recognised_is_said_once_and_in_time(engine: db.Engine) -> None:
    setting = await make.running_round(covert_percent=100)
    actor, task = await make.one_task(setting, covert=True)
    with pytest.raises(Closed):
        await commands.recognised(actor, task.code, at=make.after(40))
    await commands.decline(actor, task.code, None, at=make.DURING)
    with pytest.raises(Conflict):
        await commands.recognised(actor, task.code, at=make.DURING)
    stranger = people.member(make.NOBODY, 300)
    with pytest.raises(Missing):
        await commands.recognised(stranger, task.code, at=make.DURING)


async def opening_of(ref: str, kind: OpeningKind = OpeningKind.VISITOR) -> Code:
    """Return a wish of the discipline office (or a coordinator) that a second person approved."""
    asker = people.coordinator if kind is OpeningKind.UPCOMING else discipline
    wish = await vault.ask(asker, kind, ref, "核实举报", at=make.DURING)
    await vault.decide(people.publisher, wish.code, approve=True, at=make.DURING)
    return wish.code


async def test_two_persons_open_who_came_and_the_visitor_reads_of_it(engine: db.Engine) -> None:
    setting = await make.running_round(covert_percent=100)
    actor, task = await make.one_task(setting, covert=True)
    code = await opening_of(task.code)
    found = await commands.open_visitor(discipline, code, at=make.DURING)
    person = (await members.member(actor.member)).person  # type: ignore[arg-type]
    own = await identities.reveal_own(person)
    assert (found.name, found.phone) == (own.name, own.phone)
    assert not found.national_id
    (look,) = await identities.looks(person)
    assert look.looker == "discipline"
    assert task.code not in look.reason
    with pytest.raises(Conflict):
        await commands.open_visitor(discipline, code, at=make.DURING)
    told = str(await history.entries())
    assert task.code not in told.partition("vault.ask_opening")[0]
    assert str(actor.member) not in told.split("visits.draw", maxsplit=1)[0]


async def test_without_approval_nothing_is_opened_and_nothing_noted(engine: db.Engine) -> None:
    setting = await make.running_round(covert_percent=100)
    actor, task = await make.one_task(setting, covert=True)
    wish = await vault.ask(discipline, OpeningKind.VISITOR, task.code, "核实举报", at=make.DURING)
    for somebody in (discipline, people.publisher, people.administrator):
        with pytest.raises((Conflict, Missing)):
            await commands.open_visitor(somebody, wish.code, at=make.DURING)
    person = (await members.member(actor.member)).person  # type: ignore[arg-type]
    assert await identities.looks(person) == []


async def test_an_unknown_visit_does_not_use_up_the_approval(engine: db.Engine) -> None:
    await make.running_round(covert_percent=100)
    code = await opening_of("00000000AB")
    with pytest.raises(Missing):
        await commands.open_visitor(discipline, code, at=make.DURING)
    assert (await identities.opening(code)).opened_at is None


async def test_the_list_of_visits_to_come_is_a_right_of_its_own(engine: db.Engine) -> None:
    setting = await make.running_round(covert_percent=100)
    code = await opening_of(setting.round.code, OpeningKind.UPCOMING)
    found = await commands.open_upcoming(people.coordinator, code, at=make.DURING)
    assert len(found) == await Task.count()
    assert not {each.task_code for each in found} - {
        task.code for task in await queries.round_tasks(setting.round.id)
    }
    with pytest.raises(Conflict):
        await commands.open_upcoming(people.coordinator, code, at=make.DURING)


async def test_saying_recognised_early_tells_no_place(engine: db.Engine) -> None:
    setting = await make.running_round(covert_percent=100)
    actor, task = await make.one_task(setting, covert=True)
    with pytest.raises(Conflict, match=r"task.not_yet"):
        await commands.recognised(actor, task.code, at=EARLY)
    assert (await queries.shown_task(actor.member, task.code, at=EARLY)).hidden


async def test_whoever_gave_a_visit_up_never_learns_where_it_leads(engine: db.Engine) -> None:
    setting = await make.running_round(covert_percent=100)
    actor, task = await make.one_task(setting, covert=True)
    await commands.decline(actor, task.code, None, at=EARLY)
    assert (await queries.shown_task(actor.member, task.code, at=make.DURING)).hidden
    mine = await queries.member_tasks(actor.member, at=make.DURING)
    assert next(each for each in mine if each.code == task.code).hidden
