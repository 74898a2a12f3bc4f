"""Leads: told by members, answered by the office, never scored."""

from __future__ import annotations

from datetime import timedelta

import msgspec
import pytest

from panel import db
from panel.db import raw
from panel.errors import Conflict, Forbidden, Invalid, Missing
from panel.evaluations import commands, queries
from panel.evaluations.types import LeadState
from panel.ids import Code
from panel.vault.types import Attached
from tests import people
from tests.make import evaluations, paper, visits

AT = evaluations.SENT
FINDING = Code("0000000001")


async def test_a_lead_is_taken_and_answered_and_its_member_reads_it(engine: db.Engine) -> None:
    setting = await visits.running_round()
    actor, code = await paper.told(setting)
    mine = await queries.own_lead(actor.member, code, at=AT)
    assert (mine.state, mine.answer) == (LeadState.RECEIVED, "")
    assert mine.due_at > AT
    assert await queries.leads_waiting(at=AT) == (1, 0)
    assert await queries.leads_waiting(at=mine.due_at + timedelta(days=1)) == (1, 1)
    await commands.take_lead(people.coordinator, code, at=AT)
    await commands.answer_lead(people.coordinator, code, " 已修好。 ", at=AT)
    mine = await queries.own_lead(actor.member, code, at=AT + timedelta(days=60))
    assert (mine.state, mine.answer) == (LeadState.ANSWERED, "已修好。")
    assert [each.code for each in await queries.leads(waiting=False)] == [code]
    assert await queries.leads() == []


async def test_a_lead_never_touches_a_score(engine: db.Engine) -> None:
    setting = await visits.running_round()
    _, _, receipt = await evaluations.sent(setting)
    await commands.accept(people.reviewer, receipt.code, at=AT)
    before = await queries.counted(setting.round.id)
    _, code = await paper.told(setting)
    await commands.take_lead(people.coordinator, code, at=AT)
    await commands.tie_lead(people.coordinator, code, FINDING, at=AT)
    await commands.answer_lead(people.coordinator, code, "属实。", at=AT)
    assert await queries.counted(setting.round.id) == before


async def test_the_same_key_tells_the_same_lead_once(engine: db.Engine) -> None:
    setting = await visits.running_round()
    actor, code = await paper.told(setting)
    _, again = await paper.told(setting)
    assert again == code
    assert len(await queries.own_leads(actor.member, at=AT)) == 1


async def test_nobody_learns_who_told_it(engine: db.Engine) -> None:
    setting = await visits.running_round()
    actor, code = await paper.told(setting)
    rows = [*await raw("SELECT * FROM lead"), *await raw("SELECT * FROM audit_entry")]
    mine = [row for row in rows if row.get("code") == code or code in str(row.get("detail"))]
    for row in mine:
        texts = [str(value) for value in row.values()]
        assert not any(str(actor.member) in each or actor.name in each for each in texts)
        assert not any("取号机" in each for each in texts)
    other = next(each for each in setting.members if each != actor.member)
    with pytest.raises(Missing, match=r"lead.missing"):
        await queries.own_lead(other, code, at=AT)
    months = queries.reporters(actor.member, AT)
    assert len(set(months)) == len(months)


async def test_a_picture_lies_encrypted(engine: db.Engine) -> None:
    setting = await visits.running_round()
    actor, task = await visits.one_task(setting)
    code = await commands.report_lead(
        actor,
        paper.seen(task.unit_code),
        evaluations.key(3),
        picture=Attached(b"a notice", "image/jpeg"),
        at=AT,
    )
    rows = await raw("SELECT picture FROM lead WHERE code = {}", code)
    assert b"a notice" not in bytes(rows[0]["picture"])
    assert (await queries.lead_picture(code)).data == b"a notice"


async def test_a_lead_needs_unit_text_and_a_day_of_the_last_year(engine: db.Engine) -> None:
    setting = await visits.running_round()
    actor, task = await visits.one_task(setting)
    draft = paper.seen(task.unit_code)
    for wrong, path in (
        (msgspec.structs.replace(draft, unit=Code("")), "unit"),
        (msgspec.structs.replace(draft, text=" "), "text"),
        (msgspec.structs.replace(draft, text="长" * 2001), "text"),
        (msgspec.structs.replace(draft, seen_on=None), "seen_on"),
        (msgspec.structs.replace(draft, seen_on=draft.seen_on and AT.date() + timedelta(3)),
         "seen_on"),
    ):  # fmt: skip
        with pytest.raises(Invalid) as refusal:
            await commands.report_lead(actor, wrong, evaluations.key(4), at=AT)
        assert [fault.path for fault in refusal.value.faults] == [path]


async def test_the_office_handles_a_lead_in_order_and_nobody_the_own(engine: db.Engine) -> None:
    setting = await visits.running_round()
    actor, code = await paper.told(setting)
    with pytest.raises(Conflict, match=r"lead.not_taken"):
        await commands.answer_lead(people.coordinator, code, "好", at=AT)
    for stranger in (people.reviewer, people.publisher, people.auditor, actor):
        with pytest.raises(Forbidden):
            await commands.take_lead(stranger, code, at=AT)
    rows = await raw("SELECT person FROM member WHERE code = {}", actor.member)
    oneself = msgspec.structs.replace(people.coordinator, person=rows[0]["person"])
    with pytest.raises(Forbidden, match=r"lead.yours"):
        await commands.take_lead(oneself, code, at=AT)
    await commands.take_lead(people.coordinator, code, at=AT)
    with pytest.raises(Conflict, match=r"lead.taken"):
        await commands.take_lead(people.second, code, at=AT)
    with pytest.raises(Invalid):
        await commands.answer_lead(people.coordinator, code, " ", at=AT)
    await commands.answer_lead(people.coordinator, code, "不归我们管", declined=True, at=AT)
    assert (await queries.lead(code)).state is LeadState.DECLINED
    with pytest.raises(Conflict, match=r"lead.answered"):
        await commands.answer_lead(people.coordinator, code, "再说", at=AT)


async def test_a_lead_becomes_one_finding_and_its_answer_stays_due(engine: db.Engine) -> None:
    setting = await visits.running_round()
    _, code = await paper.told(setting)
    tied = await commands.tie_lead(people.coordinator, code, FINDING, at=AT)
    assert (tied.finding, tied.state) == (FINDING, LeadState.TAKEN)
    with pytest.raises(Conflict, match=r"lead.has_finding"):
        await commands.tie_lead(people.coordinator, code, FINDING, at=AT)
    await commands.answer_lead(people.coordinator, code, "已转办", at=AT)
    with pytest.raises(Conflict, match=r"lead.answered"):
        await commands.tie_lead(people.coordinator, code, FINDING, at=AT)
