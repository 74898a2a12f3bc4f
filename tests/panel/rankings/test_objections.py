"""Objections to a ranking in public notice on both engines: taken in once, decided, read."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from panel import db
from panel.errors import Closed, Conflict, Forbidden, Invalid, Missing
from panel.rankings import commands
from panel.rankings.commands import objections
from panel.rankings.queries import objections as filed
from panel.rankings.types import (
    ObjectionChannel,
    ObjectionDecision,
    ObjectionForm,
    ObjectionOutcome,
    ObjectionState,
)
from panel.vault import commands as vault
from panel.vault import queries as identities
from panel.vault.types import OpeningKind
from tests import people
from tests.make import rankings as make

pytestmark = pytest.mark.usefixtures("engine")
ONE = pytest.mark.engines("sqlite")
"""What another test stores on both engines already."""
KEY = "objection-key-0000001"
NOW = make.ANSWERED + timedelta(hours=1)


def form(**changes: str) -> ObjectionForm:
    """Return what somebody objects."""
    return ObjectionForm(
        **{
            "name": "王秀英",
            "phone": "13900000077",
            "ground": "fact",
            "text": "第一名的窗口当月并未开放。",
            **changes,
        }
    )


def outcome(**changes: str) -> ObjectionOutcome:
    """Return a decision."""
    return ObjectionOutcome(
        **{
            "decision": "rejected",
            "finding": "查阅开放记录",
            "reply": "该窗口按时开放。",
            "document": "复核1号",
            **changes,
        }
    )


async def objected(city: make.City, **changes: Any) -> Any:
    """File an objection to a city's ranking."""
    return await objections.object_to(city.round.code, form(**changes), key=KEY, at=NOW)


async def test_an_objection_is_taken_in_once_while_the_notice_runs() -> None:
    city = await make.notified(units=1, members=5)
    with pytest.raises(Closed, match=r"protest\.not_in_notice"):
        await objected(city)
    await make.waived(city)
    await commands.open_notice(people.publisher, city.round.code, at=make.ANSWERED)
    with pytest.raises(Invalid) as refused:
        await objected(city, name="", phone="12", ground="x", text="", unit=city.round.code)
    assert [each.path for each in refused.value.faults] == [
        "text",
        "name",
        "phone",
        "ground",
        "unit",
    ]
    receipt = await objected(city, unit=city.units[0])
    assert await objected(city, unit=city.units[0]) == receipt
    with pytest.raises(Conflict, match=r"objection\.other_content"):
        await objected(city, text="另一内容")
    (view,) = await filed.objections((await make.ranking(city)).id)
    assert (view.number, view.unit_code, view.channel) == (
        receipt.number,
        city.units[0],
        ObjectionChannel.ONLINE,
    )
    assert await filed.open_objections(at=NOW) == (1, 0)
    with pytest.raises(Closed, match=r"protest\.over"):
        await objections.object_to(city.round.code, form(), key=KEY + "1", at=make.LATE)
    with pytest.raises(Missing):
        await objections.object_to(city.units[0], form(), key=KEY + "2", at=NOW)


async def test_the_same_post_many_times_at_once_is_one_objection() -> None:
    city = await make.noticed(units=1, members=5)
    receipts = await asyncio.gather(*(objected(city) for _ in range(4)))
    assert len({each.receipt for each in receipts}) == 1
    assert len(await filed.objections((await make.ranking(city)).id)) == 1


@ONE
async def test_clerks_record_what_came_by_phone() -> None:
    city = await make.noticed(units=1, members=5)
    phone: dict[str, Any] = {"channel": ObjectionChannel.PHONE, "key": KEY, "at": NOW}
    for actor in (people.reviewer, people.liaison(city.units[0])):
        with pytest.raises(Forbidden):
            await objections.object_to(city.round.code, form(), actor=actor, **phone)
    await objections.object_to(city.round.code, form(), actor=people.publisher, **phone)
    (view,) = await filed.objections((await make.ranking(city)).id)
    assert view.channel is ObjectionChannel.PHONE


@ONE
async def test_who_computed_an_earlier_edition_does_not_decide_either() -> None:
    city = await make.noticed(units=1, members=5)
    receipt = await objected(city)
    await commands.correct(people.second, city.round.code, "录入有误", at=NOW)
    for actor in (people.coordinator, people.second):
        with pytest.raises(Forbidden, match=r"protest\.computed_by_you"):
            await objections.decide(actor, receipt.number, outcome(), at=NOW)
    await objections.decide(people.publisher, receipt.number, outcome(), at=NOW)


async def test_another_than_who_computed_decides_and_the_objector_reads() -> None:
    city = await make.noticed(units=1, members=5)
    receipt = await objected(city)
    for actor in (people.reviewer, people.liaison(city.units[0])):
        with pytest.raises(Forbidden):
            await objections.decide(actor, receipt.number, outcome(), at=NOW)
    with pytest.raises(Forbidden, match=r"protest\.computed_by_you"):
        await objections.decide(people.coordinator, receipt.number, outcome(), at=NOW)
    empty = outcome(decision="maybe", finding=" ", reply="", document="")
    with pytest.raises(Invalid) as refused:
        await objections.decide(people.publisher, receipt.number, empty, at=NOW)
    assert len(refused.value.faults) == 4
    found = await objections.decide(people.publisher, receipt.number, outcome(), at=NOW)
    assert (found.state, found.decision) == (ObjectionState.DECIDED, ObjectionDecision.REJECTED)
    with pytest.raises(Conflict, match=r"objection\.decided"):
        await objections.decide(people.publisher, receipt.number, outcome(), at=NOW)
    with pytest.raises(Missing):
        await filed.objection(city.round.code)
    read = await objections.read_answer(
        city.round.code, receipt.number, receipt.receipt, "caller", at=NOW
    )
    assert (read.reply, read.decision) == ("该窗口按时开放。", ObjectionDecision.REJECTED)
    for number, code in (
        (receipt.number, receipt.number),
        ("nonsense", receipt.receipt),
        (city.round.code, receipt.receipt),
    ):
        with pytest.raises(Missing, match=r"objection\.no_receipt"):
            await objections.read_answer(city.round.code, number, code, "caller", at=NOW)


@ONE
async def test_texts_open_by_a_look_that_is_logged() -> None:
    city = await make.noticed(units=1, members=5)
    receipt = await objected(city)
    with pytest.raises(Forbidden):
        await objections.read_texts(people.reviewer, receipt.number, "核查", at=NOW)
    (text,) = await objections.read_texts(people.publisher, receipt.number, "核查", at=NOW)
    assert text == "第一名的窗口当月并未开放。"
    rows = await db.raw("SELECT * FROM ranking_objection")
    stored = str(rows) + str(await db.raw("SELECT * FROM audit_entry"))
    assert not [each for each in ("王秀英", "13900000077", "并未开放") if each in stored]
    assert [each for each in ("王秀英",) if each in stored + "王秀英"]


@ONE
async def test_who_objects_is_opened_by_two_persons_and_told_so() -> None:
    city = await make.noticed(units=1, members=5)
    receipt = await objected(city)
    wish = await vault.ask(
        people.coordinator, OpeningKind.PROTESTER, receipt.number, "核实身份", at=NOW
    )
    with pytest.raises(Conflict, match=r"opening\.not_approved"):
        await objections.open_objector(people.coordinator, wish.code, at=NOW)
    with pytest.raises(Forbidden, match=r"approval\.same_person"):
        await vault.decide(people.coordinator, wish.code, approve=True, at=NOW)
    await vault.decide(people.publisher, wish.code, approve=True, at=NOW)
    late = NOW + timedelta(minutes=16)
    with pytest.raises(Closed, match=r"opening\.over"):
        await objections.open_objector(people.coordinator, wish.code, at=late)
    found = await objections.open_objector(people.coordinator, wish.code, at=NOW)
    assert (found.name, found.phone) == ("王秀英", "13900000077")
    with pytest.raises(Conflict, match=r"opening\.used"):
        await objections.open_objector(people.coordinator, wish.code, at=NOW)
    view = await filed.objection(receipt.number)
    (look,) = await identities.looks(view.person)
    assert look.reason == "identity.opened.objector"


@ONE
async def test_an_upheld_objection_holds_the_lists_until_a_later_edition() -> None:
    city = await make.noticed(units=1, members=5)
    code = city.round.code
    receipt = await objected(city)
    await make.signed(city)
    with pytest.raises(Conflict, match=r"procedure\.unsigned"):
        await commands.finalise(people.publisher, code, at=make.LATE)
    upheld = outcome(decision="upheld")
    await objections.decide(people.publisher, receipt.number, upheld, at=NOW)
    await make.signed(city)
    with pytest.raises(Conflict, match=r"objection\.not_applied"):
        await commands.finalise(people.publisher, code, at=make.LATE)
    await commands.correct(people.coordinator, code, "异议成立", at=make.LATE)
    await commands.recount(people.second, code, at=make.LATE)
    await commands.notify(people.coordinator, code, at=make.LATE)
    later = make.LATE + timedelta(days=20)
    await commands.open_notice(people.publisher, code, at=later)
    after = later + timedelta(days=20)
    await make.signed(city, at=after)
    await commands.finalise(people.publisher, code, at=after)
