"""The outbox: said once, forgotten once sent, never joining a person with a task."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from panel import db
from panel.actor import Actor, Role
from panel.db import raw
from panel.errors import Conflict, Forbidden, Invalid
from panel.ids import PersonId
from panel.notices import commands, queries, rules
from panel.notices.types import Channel, MessageKind, Outgoing, Preference, Reach
from panel.vault import queries as vault
from panel.visits import commands as visits
from panel.visits.queries.reminders import audience
from panel.visits.types import TaskState
from panel.visits.types.reminders import Audience
from tests import people
from tests.make import vault as make
from tests.make import visits as rounds

AT = make.AT


def _self(person: PersonId) -> Actor:
    return Actor(person=person, roles=frozenset({Role.MEMBER}), name="member")


async def _take_one() -> Outgoing:
    (message,) = await commands.take(at=AT)
    return message


async def test_the_same_occasion_is_told_once(engine: db.Engine) -> None:
    person = await make.person()
    told = [await commands.post([person], MessageKind.NEWS, "one", at=AT) for _ in range(3)]
    assert told == [1, 0, 0]
    assert await commands.post([person], MessageKind.NEWS, "another", at=AT) == 1


async def test_eight_at_once_tell_once(engine: db.Engine) -> None:
    person = await make.person()
    told = await asyncio.gather(
        *(commands.post([person], MessageKind.NEWS, "one", at=AT) for _ in range(8))
    )
    assert sum(told) == 1


async def test_a_sent_message_forgets_to_whom(engine: db.Engine) -> None:
    person = await make.person()
    await commands.post([person], MessageKind.NEWS, "one", at=AT)
    message = await _take_one()
    assert message.person == person
    assert await commands.take(at=AT) == []
    await commands.sent(message, at=AT)
    (row,) = await raw("SELECT * FROM message")
    assert row["person"] is None
    assert row["state"] == "sent"
    (count,) = await queries.counts(AT)
    assert (count.count, count.cost_hundredths) == (1, 5)


async def test_a_killed_worker_s_message_is_taken_again_under_the_same_code(
    engine: db.Engine,
) -> None:
    await commands.post([await make.person()], MessageKind.NEWS, "one", at=AT)
    first = await _take_one()
    (again,) = await commands.take(at=AT + timedelta(minutes=3))
    assert (again.code, again.attempts) == (first.code, 2)


async def test_after_the_last_attempt_somebody_calls(engine: db.Engine) -> None:
    person = await make.person()
    await commands.post([person], MessageKind.NEWS, "one", at=AT)
    at = AT
    for _ in range(rules.ATTEMPTS):
        at += timedelta(days=1)
        (message,) = await commands.take(at=at)
        await commands.failed(message, "busy", for_good=False, at=at)
    assert await commands.take(at=at + timedelta(days=2)) == []
    (call,) = await queries.calls()
    assert call.person == person
    await commands.called(people.coordinator, call.code, at=at)
    assert await queries.calls() == []
    with pytest.raises(Conflict):
        await commands.called(people.coordinator, call.code, at=at)


async def test_whoever_wants_no_messages_stands_on_the_telephone_list(engine: db.Engine) -> None:
    person = await make.person()
    await commands.choose(_self(person), person, Preference(Channel.CALL), "", at=AT)
    await commands.post([person], MessageKind.NEWS, "one", at=AT)
    assert await commands.take(at=AT) == []
    assert await queries.to_call() == 1


async def test_an_address_is_kept_in_the_vault_and_goes_again(engine: db.Engine) -> None:
    person = await make.person()
    await commands.choose(
        _self(person), person, Preference(Channel.EMAIL, "en"), "lin@example.org", at=AT
    )
    assert (await vault.reveal_own(person)).email == "lin@example.org"
    assert await queries.preference(person) == Preference(Channel.EMAIL, "en")
    await commands.post([person], MessageKind.NEWS, "one", at=AT)
    message = await _take_one()
    assert await queries.addresses([message]) == {message.id: "lin@example.org"}
    await commands.choose(_self(person), person, Preference(), "", at=AT)
    kept = await vault.reveal_own(person)
    assert (kept.email, kept.name) == ("", "林示例")


async def test_nobody_chooses_for_somebody_else(engine: db.Engine) -> None:
    person, other = await make.people(2)
    with pytest.raises(Forbidden):
        await commands.choose(_self(other), person, Preference(), "", at=AT)
    with pytest.raises(Invalid):
        await commands.choose(_self(person), person, Preference(Channel.EMAIL), "", at=AT)


async def test_writing_to_many_costs_what_was_shown(engine: db.Engine) -> None:
    persons = await make.people(3)
    shown = await queries.reach(persons)
    assert shown == Reach(sms=3, email=0, call=0, cost_hundredths=15)
    await commands.choose(_self(persons[0]), persons[0], Preference(Channel.CALL), "", at=AT)
    with pytest.raises(Conflict):
        await commands.write(people.coordinator, persons, MessageKind.NEWS, "all", shown, at=AT)
    shown = await queries.reach(persons)
    await commands.write(people.coordinator, persons, MessageKind.NEWS, "all", shown, at=AT)
    (batch,) = await queries.batches()
    assert batch.reach == shown
    assert len(await commands.take(at=AT)) == 2


async def test_only_coordinators_write_and_never_to_nobody(engine: db.Engine) -> None:
    nobody = Reach(sms=0, email=0, call=0, cost_hundredths=0)
    with pytest.raises(Forbidden):
        await commands.write(people.reviewer, [], MessageKind.NEWS, "all", nobody, at=AT)
    with pytest.raises(Invalid):
        await commands.write(people.coordinator, [], MessageKind.NEWS, "all", nobody, at=AT)


async def test_reminders_of_a_round_name_no_task(engine: db.Engine) -> None:
    setting = await rounds.running_round(covert_percent=100)
    first = await visits.remind_due(at=rounds.DURING)
    offered = await audience(Audience.UNANSWERED, at=rounds.DURING)
    assert first == len(offered) > 0
    assert await visits.remind_due(at=rounds.DURING) == 0
    rows = await raw("SELECT * FROM message")
    tasks = await raw("SELECT code, visitor FROM visit_task")
    secret = {str(row[name]) for row in tasks for name in row}
    for row in rows:
        assert not secret & {str(value) for value in row.values()}
    assert await audience(Audience.OPEN_TASKS, at=rounds.DURING) == []
    assert await audience(Audience.UNQUALIFIED, at=rounds.DURING) == []
    assert len(await audience(Audience.ALL, at=rounds.DURING)) == len(setting.members)
    assert {row["state"] for row in rows} == {"waiting"}
    await raw("UPDATE visit_task SET state = {}", TaskState.ACCEPTED)
    assert set(await audience(Audience.OPEN_TASKS, at=rounds.DURING)) == set(offered)


async def test_a_row_with_a_person_holds_the_day_and_no_minute(engine: db.Engine) -> None:
    person = await make.person()
    await commands.choose(_self(person), person, Preference(Channel.CALL, "zh"), "", at=AT)
    await commands.post([person], MessageKind.TASK_OFFERED, "one", at=AT)
    (row,) = await raw("SELECT person, made_at, run_at FROM message")
    assert row["person"] == person
    assert row["made_at"] == row["run_at"] == rules.day_of(AT)
    assert rules.day_of(AT) < AT
