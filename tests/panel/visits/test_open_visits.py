"""Open visits: the notice of V05, the check-in by scanning; nothing of it for covert tasks."""

from __future__ import annotations

from datetime import timedelta

import msgspec
import pytest

from panel import db
from panel.db import raw
from panel.errors import Conflict, Forbidden, Invalid
from panel.ids import Code
from panel.visits import commands, queries, rules
from panel.visits.types import NoticeTexts
from tests import people
from tests.make import visits

TEXTS = NoticeTexts(
    purpose="了解服务情况", methods="持证走访", discipline="不收礼", address="示例路1号",
    contact="评议办", report_phone="0537-0000000",
)  # fmt: skip
NONE = NoticeTexts("", "", "", "", "", "")


async def test_every_unit_of_a_round_reads_the_same_notice_until_it_is_taken_down(
    engine: db.Engine,
) -> None:
    setting = await visits.running_round(covert_percent=50)
    first = await commands.post_notice(
        people.coordinator, setting.round.code, TEXTS, NONE, at=visits.DURING
    )
    newer = await commands.post_notice(
        people.coordinator, setting.round.code, TEXTS, TEXTS, at=visits.DURING
    )
    _, task = await visits.one_task(setting)
    hanging = await queries.notices_at(task.unit_code, at=visits.DURING)
    assert [each.code for each in hanging] == [newer.code]
    assert (await queries.open_notice(first.code)).withdrawn_at is not None
    assert await queries.notices_at(visits.NOBODY, at=visits.DURING) == []
    assert await queries.notices_at(task.unit_code, at=visits.after(1)) == []
    await commands.withdraw_notice(people.coordinator, newer.code, "写错了", at=visits.DURING)
    assert await queries.notices_at(task.unit_code, at=visits.DURING) == []
    with pytest.raises(Conflict, match=r"open_notice.withdrawn"):
        await commands.withdraw_notice(people.coordinator, newer.code, "写错了", at=visits.DURING)


async def test_the_notice_holds_the_six_fields_and_nothing_of_a_task(engine: db.Engine) -> None:
    setting = await visits.running_round(covert_percent=50)
    found = await commands.post_notice(
        people.coordinator, setting.round.code, TEXTS, NONE, at=visits.DURING
    )
    assert NoticeTexts.__struct_fields__ == (
        "purpose", "methods", "discipline", "address", "contact", "report_phone",
    )  # fmt: skip
    (row,) = await raw("SELECT * FROM open_notice WHERE code = {}", found.code)
    stored = " ".join(str(value) for value in row.values())
    for each in setting.members:
        for task in await queries.member_tasks(each, at=visits.DURING):
            assert task.code not in stored
            assert task.visitor not in stored


async def test_covert_rounds_get_no_notice(engine: db.Engine) -> None:
    await visits.city()
    view = await visits.approved_round(covert_percent=100)
    with pytest.raises(Forbidden, match=r"open_notice.covert"):
        await commands.post_notice(people.coordinator, view.code, TEXTS, NONE, at=visits.AT)
    assert await raw("SELECT id FROM open_notice") == []


async def test_chosen_places_are_not_told_of_a_round_with_covert_visits(engine: db.Engine) -> None:
    await visits.city()
    view = await visits.approved_round(covert_percent=50)
    rules.may_post_notice(view, TEXTS, NONE)
    chosen = msgspec.structs.replace(view.draft, targets={"0000000000": 2})
    with pytest.raises(Forbidden, match=r"open_notice.covert_chosen"):
        rules.may_post_notice(msgspec.structs.replace(view, draft=chosen), TEXTS, NONE)


async def test_a_notice_needs_all_fields_a_round_that_is_on_and_a_coordinator(
    engine: db.Engine,
) -> None:
    await visits.city()
    draft = await commands.plan(people.coordinator, visits.draft(), at=visits.AT)
    with pytest.raises(Conflict, match=r"open_notice.not_now"):
        await commands.post_notice(people.coordinator, draft.code, TEXTS, NONE, at=visits.AT)
    await commands.approve(people.second, draft.code, at=visits.AT)
    thin = msgspec.structs.replace(TEXTS, report_phone=" ")
    with pytest.raises(Invalid) as refusal:
        await commands.post_notice(people.coordinator, draft.code, thin, NONE, at=visits.AT)
    assert [each.path for each in refusal.value.faults] == ["report_phone"]
    for actor in (people.reviewer, people.publisher, people.auditor):
        with pytest.raises(Forbidden):
            await commands.post_notice(actor, draft.code, TEXTS, NONE, at=visits.AT)


async def test_an_open_visitor_checks_in_once_at_the_own_window(engine: db.Engine) -> None:
    setting = await visits.running_round()
    actor, task = await visits.accepted_task(setting)
    window = task.window_code or Code("")
    assert await queries.checked_in(task) is None
    at = await commands.check_in(actor, task.code, window, at=visits.DURING)
    later = visits.DURING + timedelta(hours=1)
    assert await commands.check_in(actor, task.code, window, at=later) == at == visits.DURING
    assert await queries.checked_in(task) == at
    entries = await raw("SELECT actor FROM audit_entry WHERE command = {}", "visits.check_in")
    assert [each["actor"].startswith("visitor:") for each in entries] == [True]


async def test_no_covert_task_is_checked_in(engine: db.Engine) -> None:
    setting = await visits.running_round(covert_percent=100)
    actor, task = await visits.one_task(setting, covert=True)
    await commands.accept(actor, task.code, at=visits.DURING)
    windows = await raw("SELECT code FROM service_window")
    for row in windows:
        with pytest.raises(Forbidden, match=r"check_in.covert"):
            await commands.check_in(actor, task.code, Code(row["code"]), at=visits.DURING)
    assert await raw("SELECT id FROM visit_check_in") == []


async def test_check_in_is_refused_elsewhere_and_out_of_order(engine: db.Engine) -> None:
    setting = await visits.running_round()
    actor, task = await visits.one_task(setting)
    window = task.window_code or Code("")
    with pytest.raises(Conflict, match=r"task.not_accepted"):
        await commands.check_in(actor, task.code, window, at=visits.DURING)
    await commands.accept(actor, task.code, at=visits.DURING)
    with pytest.raises(Conflict, match=r"check_in.elsewhere"):
        await commands.check_in(actor, task.code, visits.NOBODY, at=visits.DURING)
    with pytest.raises(Conflict, match=r"task.not_yet"):
        await commands.check_in(actor, task.code, window, at=task.opens_at - timedelta(minutes=1))
