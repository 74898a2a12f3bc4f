"""A finding is told, answered, verified on evidence, and nobody hurries it past a step."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from panel import db
from panel.actor import Role, Signature
from panel.audit import queries as audit
from panel.errors import Closed, Conflict, Forbidden, Invalid, Missing
from panel.evaluations import commands as sheets
from panel.evaluations import queries as sheet_queries
from panel.evaluations.commands import clocks, findings, replies, transfers, vetoes
from panel.evaluations.queries import clocks as clock_queries
from panel.evaluations.queries import exposures as letters
from panel.evaluations.queries import findings as queries
from panel.evaluations.types import Share
from panel.evaluations.types.clocks import ClockKind, ClockState, Level
from panel.evaluations.types.findings import (
    EvidenceKind,
    FindingDraft,
    FindingState,
    NewEvidence,
    NewReply,
    Outcome,
    Stance,
    Step,
    Triage,
)
from panel.ids import Code
from panel.piccolo_app import our_tables
from panel.visits import queries as tasks
from panel.visits.types import TaskState
from tests import people
from tests.make import evaluations, visits
from tests.make import findings as make
from tests.make.findings import AT

REPLY = NewReply(Stance.DISPUTED, "当时有人值守。")


@pytest.fixture
async def setting(engine: db.Engine) -> visits.Setting:
    """Return a running round."""
    return await visits.running_round()


async def state(code: Code) -> FindingState:
    return (await queries.stored(code)).state


async def test_a_finding_goes_from_the_sheet_to_its_end(setting: visits.Setting) -> None:
    code, liaison = await make.verified(setting)
    assert await state(code) is FindingState.VERIFIED
    due = await replies.order(people.coordinator, code, "请安排替岗并报告。", at=AT)
    assert due == datetime(2026, 4, 10, 15, 59, 59, tzinfo=UTC)
    with pytest.raises(Conflict) as told:
        await replies.rectified(people.coordinator, code, document="核查单1号", at=AT)
    assert told.value.code == "finding.no_report"
    await replies.report(liaison, code, "已实行AB岗。", at=AT)
    await replies.rectified(people.coordinator, code, document="核查单1号", at=AT)
    await findings.close(people.coordinator, code, "整改到位", at=AT)
    assert await state(code) is FindingState.CLOSED
    view = await queries.stored(code)
    assert await queries.facts(view) == "九点四十到十点窗口没有人"
    assert [each.step for each in await queries.steps(view)] == [
        Step.NOTED, Step.TRIAGED, Step.SENT, Step.RECEIVED, Step.REPLIED, Step.VERIFIED,
        Step.ORDERED, Step.REPORTED, Step.RECTIFIED, Step.CLOSED,
    ]  # fmt: skip
    kept = await clock_queries.clocks(view.id)
    assert {clock.state for clock in kept} == {ClockState.MET}
    assert [clock.kind for clock in kept] == [
        ClockKind.RECEIPT, ClockKind.REPLY, ClockKind.CHECK, ClockKind.ORDER,
    ]  # fmt: skip
    assert {clock.calendar_version for clock in kept} == {"2026-1"}
    (counted,) = await queries.verified_findings(2026)
    assert (counted.code, counted.severity, counted.points) == (code, 2, 3)
    assert await queries.verified_findings(2025) == []
    assert (await audit.verify(our_tables())).findings == ()


async def test_facts_are_stored_encrypted(setting: visits.Setting) -> None:
    code, _ = await make.noted(setting)
    (row,) = await db.raw("SELECT facts FROM finding WHERE code = {}", code)
    assert "窗口" not in row["facts"]


async def test_a_visitor_and_who_assigned_do_not_judge(setting: visits.Setting) -> None:
    actor, _, receipt = await evaluations.sent(setting)
    (row,) = await db.raw("SELECT person FROM member WHERE code = {}", actor.member)
    same = people.staff(row["person"], "same", "评议办", Role.REVIEWER)
    draft = FindingDraft(facts="情况", item="A3", sheet=receipt.code)
    with pytest.raises(Forbidden) as told:
        await findings.note_finding(same, draft, at=AT)
    assert told.value.code == "sheet.visited_by_you"
    await sheets.accept(people.reviewer, receipt.code, at=AT)
    code = await findings.note_finding(people.reviewer, draft, at=AT)
    await findings.triage(people.coordinator, code, make.judged(), at=AT)
    await findings.send(people.coordinator, code, at=AT)
    liaison = await make.liaison_of(code)
    await replies.receive(liaison, code, at=AT)
    await replies.reply(liaison, code, REPLY, at=AT)
    for who, why in (
        (people.reviewer, "finding.noted_by_you"),
        (people.coordinator, "sheet.assigned_by_you"),
    ):
        with pytest.raises(Forbidden) as told:
            await findings.conclude(who, code, Outcome.VERIFIED, "属实", at=AT)
        assert told.value.code == why
    with pytest.raises(Forbidden) as told:
        await findings.conclude(same, code, Outcome.NOT_UPHELD, "没有这回事", at=AT)
    assert told.value.code == "sheet.visited_by_you"
    await findings.conclude(people.second_reviewer, code, Outcome.NOT_UPHELD, "证据不足", at=AT)
    assert await queries.verified_findings(2026) == []


async def test_the_same_item_of_a_sheet_is_noted_once(setting: visits.Setting) -> None:
    _, receipt = await make.noted(setting)
    draft = FindingDraft(facts="再记一次", item="A3", sheet=receipt.code)
    with pytest.raises(Conflict) as told:
        await findings.note_finding(people.coordinator, draft, at=AT)
    assert told.value.code == "finding.known"
    for wrong in (FindingDraft(facts="x", item="Z9", sheet=receipt.code), FindingDraft(facts="x")):
        with pytest.raises(Invalid):
            await findings.note_finding(people.coordinator, wrong, at=AT)
    with pytest.raises(Forbidden):
        await findings.note_finding(people.stranger, draft, at=AT)


async def test_a_text_that_tells_too_much_is_not_sent_unlooked(setting: visits.Setting) -> None:
    code, _ = await make.noted(setting)
    telling = Triage(2, "3月11日上午有人致电13800138000。")
    with pytest.raises(Invalid) as told:
        await findings.triage(people.coordinator, code, telling, at=AT)
    (fault,) = told.value.faults
    assert fault.values["found"] == ("3月11日", "上午", "13800138000")
    looked = Triage(2, telling.told, checked=("3月11日", "上午", "13800138000"))
    await findings.triage(people.coordinator, code, looked, at=AT)
    with pytest.raises(Invalid):
        await findings.triage(people.coordinator, code, Triage(5, "文字"), at=AT)


async def test_severe_findings_need_two_independent_items(setting: visits.Setting) -> None:
    code, _ = await make.answered(setting, severity=3)
    verify = (people.second_reviewer, code, Outcome.VERIFIED, "属实")
    with pytest.raises(Conflict) as told:
        await findings.conclude(*verify, at=AT)
    assert (told.value.code, told.value.values) == ("finding.evidence_short", {"wanted": 2})
    await make.proved(code)
    await findings.conclude(*verify, at=AT)
    assert await state(code) is FindingState.VERIFIED


async def _sheets_at_one_place(setting: visits.Setting) -> list[tuple[Code, Code]]:
    """Return two accepted sheets of two visitors at one window: member and sheet."""
    await evaluations.all_sent(setting)
    by_window: dict[int | None, list[tuple[Code, Code]]] = {}
    for item in await sheet_queries.queue(people.reviewer, at=AT, limit=100):
        sheet = await sheet_queries.submission(item.code)
        owner = next(
            member
            for member in setting.members
            if tasks.link(member, sheet.task.round_code) == sheet.task.visitor
        )
        by_window.setdefault(sheet.task.window_id, []).append((owner, sheet.code))
        await sheets.accept(people.reviewer, sheet.code, at=AT)
    return next(found for found in by_window.values() if len(found) > 1)


async def test_who_waits_for_a_second_visit_is_not_given_away(setting: visits.Setting) -> None:
    (_, first), (_, second) = (await _sheets_at_one_place(setting))[:2]
    await db.raw(
        'UPDATE sheet_submission SET answers = replace(answers, \'"share":"send"\', '
        '\'"share":"wait"\') WHERE code = {}',
        first,
    )
    draft = FindingDraft(facts="情况", item="A3", sheet=first)
    code = await findings.note_finding(people.reviewer, draft, at=AT)
    await findings.triage(people.coordinator, code, make.judged(), at=AT)
    with pytest.raises(Conflict) as told:
        await findings.send(people.coordinator, code, at=AT)
    assert told.value.code == "finding.visitor_waits"
    again = NewEvidence(EvidenceKind.SHEET, sheet=first)
    with pytest.raises(Invalid) as same:
        await findings.add_evidence(people.coordinator, code, again, at=AT)
    assert same.value.faults[0].code == "finding.same_visitor"
    other = NewEvidence(EvidenceKind.SHEET, sheet=second)
    await findings.add_evidence(people.coordinator, code, other, at=AT)
    await findings.send(people.coordinator, code, at=AT)
    liaison = await make.liaison_of(code)
    assert liaison.unit is not None
    shown = await queries.unit_finding(liaison.unit, code, at=AT)
    assert shown.month is None
    assert (await queries.stored(code)).share is Share.WITHOUT_TIME


async def test_a_unit_reads_its_own_only_and_never_who_came(setting: visits.Setting) -> None:
    code, liaison = await make.sent(setting)
    assert liaison.unit is not None
    (shown,) = await queries.unit_findings(liaison.unit, at=AT)
    assert (shown.told, shown.month) == (make.TOLD, datetime(2026, 3, 1, tzinfo=UTC).date())
    (row,) = await db.raw("SELECT code FROM sheet_submission")
    sheet = await sheet_queries.submission(Code(row["code"]))
    for secret in (sheet.code, sheet.task.code, sheet.task.visitor, "九点四十"):
        assert secret not in repr(shown)
    (other,) = await db.raw("SELECT code FROM unit WHERE code <> {} LIMIT 1", liaison.unit)
    stranger = people.liaison(Code(other["code"]), 9021)
    assert await queries.unit_findings(Code(other["code"]), at=AT) == []
    for refused in (
        replies.receive(stranger, code, at=AT),
        replies.reply(stranger, code, REPLY, at=AT),
        replies.report(stranger, code, "已改", at=AT),
    ):
        with pytest.raises(Missing):
            await refused


async def test_a_covert_visit_without_time_is_told_on_a_fixed_day(engine: db.Engine) -> None:
    setting = await visits.running_round(covert_percent=100)
    code, liaison = await make.sent(setting, share=Share.WITHOUT_TIME)
    assert liaison.unit is not None
    view = await queries.stored(code)
    assert view.visible_at == datetime(2026, 3, 14, 16, tzinfo=UTC)
    assert await queries.unit_findings(liaison.unit, at=AT) == []
    with pytest.raises(Missing):
        await replies.receive(liaison, code, at=AT)
    assert await queries.unit_waiting(liaison.unit, at=view.visible_at) == 1
    await replies.receive(liaison, code, at=view.visible_at)


async def test_a_reply_is_timed_from_the_recorded_receipt(setting: visits.Setting) -> None:
    code, liaison = await make.sent(setting)
    with pytest.raises(Conflict) as told:
        await replies.reply(liaison, code, REPLY, at=AT)
    assert told.value.code == "finding.receipt_first"
    later = AT + timedelta(days=2)
    due = await replies.receive(liaison, code, at=later)
    assert due == datetime(2026, 3, 20, 15, 59, 59, tzinfo=UTC)
    with pytest.raises(Conflict):
        await replies.receive(liaison, code, at=later)
    await replies.reply(liaison, code, REPLY, at=later)
    with pytest.raises(Conflict) as again:
        await replies.reply(liaison, code, REPLY, at=later)
    assert again.value.code == "finding.replied"


async def test_two_replies_at_once_are_one(setting: visits.Setting) -> None:
    code, liaison = await make.sent(setting)
    await replies.receive(liaison, code, at=AT)
    results = await asyncio.gather(
        *(replies.reply(liaison, code, REPLY, at=AT) for _ in range(3)), return_exceptions=True
    )
    assert sum(result is None for result in results) == 1


async def test_a_receipt_may_be_signed_on_paper(setting: visits.Setting) -> None:
    code, _ = await make.sent(setting)
    paper = Signature("签收单1号", "张某 办公室", AT.date(), "0" * 64)
    await replies.record_receipt(people.coordinator, code, paper, at=AT)
    assert (await queries.stored(code)).receipt_document == "签收单1号"


async def test_silence_is_recorded_and_a_late_word_is_still_taken(setting: visits.Setting) -> None:
    code, liaison = await make.sent(setting)
    due = await replies.receive(liaison, code, at=AT)
    assert await clocks.escalate_due(at=AT) == 0
    near = AT + (due - AT) * 0.85
    assert await clocks.escalate_due(at=near) == 1
    assert await clocks.escalate_due(at=near) == 0
    assert [each.level for each in await clock_queries.waiting(people.coordinator)] == [Level.NEAR]
    assert await clock_queries.waiting(people.publisher) == []
    over = due + timedelta(minutes=1)
    assert await clocks.escalate_due(at=over) == 1
    view = await queries.stored(code)
    found = await queries.reply(view.id)
    assert view.state is FindingState.VERIFYING
    assert found is not None
    assert found.stance is Stance.SILENT
    await replies.reply(liaison, code, REPLY, at=over)
    found = await queries.reply(view.id)
    assert found is not None
    assert (found.stance, found.late) == (Stance.DISPUTED, True)
    assert (await audit.verify(our_tables())).findings == ()


async def test_a_hard_limit_reaches_the_head_and_a_stop_passes_nobody_over(
    setting: visits.Setting,
) -> None:
    code, _ = await make.answered(setting)
    view = await queries.stored(code)
    check = await clock_queries.live(view.id, ClockKind.CHECK)
    assert check is not None
    await clocks.escalate_due(at=check.due_at + timedelta(days=2))
    assert [each.level for each in await clock_queries.waiting(people.publisher)] == [Level.HEAD]
    assert Step.ESCALATED in {each.step for each in await queries.steps(view)}


async def test_a_deadline_is_paused_and_extended_once_by_somebody_above(
    setting: visits.Setting,
) -> None:
    code, _ = await make.answered(setting)
    view = await queries.stored(code)
    check = await clock_queries.live(view.id, ClockKind.CHECK)
    assert check is not None
    with pytest.raises(Forbidden):
        await clocks.extend(people.coordinator, code, check.id, "等鉴定", at=AT)
    longer = await clocks.extend(people.publisher, code, check.id, "等鉴定", at=AT)
    assert longer > check.due_at
    with pytest.raises(Conflict) as told:
        await clocks.extend(people.publisher, code, check.id, "再等", at=AT)
    assert told.value.code == "finding.extended"
    await clocks.pause(people.coordinator, code, check.id, "法院审理", at=AT)
    assert await clocks.escalate_due(at=longer + timedelta(days=9)) == 0
    resumed = await clocks.resume(
        people.coordinator, code, check.id, at=AT + timedelta(days=8, hours=1)
    )
    assert resumed == longer + timedelta(days=10, hours=1)  # a Saturday becomes a Monday
    (kept,) = [each for each in await clock_queries.clocks(view.id) if each.id == check.id]
    assert kept.paused_seconds == 8 * 86400 + 3600
    with pytest.raises(Conflict):
        await clocks.resume(people.coordinator, code, check.id, at=AT)
    with pytest.raises(Conflict):
        await clocks.extend(people.publisher, code, check.id, "晚", at=resumed)


async def test_an_extension_after_the_limit_is_refused(setting: visits.Setting) -> None:
    code, _ = await make.answered(setting)
    check = await clock_queries.live((await queries.stored(code)).id, ClockKind.CHECK)
    assert check is not None
    with pytest.raises(Closed):
        await clocks.extend(
            people.publisher, code, check.id, "晚", at=check.due_at + timedelta(seconds=1)
        )


async def test_a_grave_event_takes_two_persons_and_the_units_word(setting: visits.Setting) -> None:
    code, liaison = await make.sent(setting, item="V2", vetoes={"V2": "拒绝受理"})
    view = await queries.stored(code)
    assert (view.severity, view.frozen) == (4, True)
    (letter,) = await letters.transfers(view.id)
    assert letter.body == make.BODY
    due = await replies.receive(liaison, code, at=AT)
    assert due == AT + timedelta(hours=24)
    with pytest.raises(Conflict):
        await vetoes.propose_veto(people.reviewer, code, at=AT)
    await replies.reply(liaison, code, REPLY, at=AT)
    with pytest.raises(Conflict) as told:
        await findings.conclude(people.second_reviewer, code, Outcome.VERIFIED, "属实", at=AT)
    assert told.value.code == "finding.two_persons"
    with pytest.raises(Conflict) as short:
        await vetoes.propose_veto(people.reviewer, code, at=AT)
    assert short.value.code == "finding.evidence_short"
    await make.proved(code, EvidenceKind.DOCUMENT)
    with pytest.raises(Conflict) as early:
        await vetoes.confirm_veto(people.second_reviewer, code, "属实", at=AT)
    assert early.value.code == "finding.veto_not_proposed"
    await vetoes.propose_veto(people.reviewer, code, at=AT)
    with pytest.raises(Forbidden):
        await vetoes.confirm_veto(people.reviewer, code, "属实", at=AT)
    with pytest.raises(Forbidden):
        await vetoes.confirm_veto(people.coordinator, code, "属实", at=AT)
    assert not (await sheet_queries.counted(setting.round.id))[0].veto_confirmed
    await vetoes.confirm_veto(people.second_reviewer, code, "属实", at=AT)
    (counted,) = await sheet_queries.counted(setting.round.id)
    assert (counted.score, counted.veto_confirmed) == (5900, True)
    assert (await queries.verified_findings(2026))[0].points == 15
    assert (await audit.verify(our_tables())).findings == ()


async def test_a_proposed_confirmation_can_be_turned_down(setting: visits.Setting) -> None:
    code, _ = await make.answered(setting, item="V2", vetoes={"V2": "拒绝受理"})
    await make.proved(code)
    await vetoes.propose_veto(people.reviewer, code, at=AT)
    with pytest.raises(Forbidden):
        await vetoes.refuse_veto(people.reviewer, code, "不足", at=AT)
    await vetoes.refuse_veto(people.second_reviewer, code, "证据不足", at=AT)
    assert not (await sheet_queries.counted(setting.round.id))[0].veto_confirmed
    await findings.conclude(people.second_reviewer, code, Outcome.INCONCLUSIVE, "无法查清", at=AT)
    assert await state(code) is FindingState.INCONCLUSIVE


async def test_a_sealed_kind_is_there_for_the_discipline_office_alone(
    setting: visits.Setting,
) -> None:
    _, _, receipt = await evaluations.sent(setting, vetoes={"V1": "暗示送礼"})
    await sheets.accept(people.reviewer, receipt.code, at=AT)
    draft = FindingDraft(facts="暗示送礼", item="V1", sheet=receipt.code)
    with pytest.raises(Forbidden):
        await findings.note_finding(people.reviewer, draft, at=AT)
    discipline = evaluations.discipline
    other = people.staff(9051, "discipline2", "纪检", Role.INDEPENDENT_REVIEWER)
    code = await findings.note_finding(discipline, draft, at=AT)
    for nobody in (people.coordinator, people.reviewer, people.auditor, people.publisher):
        assert await queries.findings(nobody, at=AT) == []
        with pytest.raises(Missing):
            await queries.finding(nobody, code)
    assert [each.code for each in await queries.findings(other, at=AT)] == [code]
    await findings.triage(discipline, code, make.judged(), at=AT)
    await findings.inquire(discipline, code, at=AT)
    evidence = NewEvidence(EvidenceKind.STATEMENT, "谈话记录")
    await findings.add_evidence(discipline, code, evidence, at=AT)
    with pytest.raises(Conflict):
        await vetoes.propose_veto(discipline, code, at=AT)
    view = await queries.stored(code)
    (letter,) = await letters.transfers(view.id)
    await transfers.record_receipt(discipline, code, letter.code, "签收人李某", at=AT)
    await transfers.record_outcome(discipline, code, letter.code, "查实", "纪函1号", at=AT)
    assert not (await queries.stored(code)).frozen
    await vetoes.propose_veto(discipline, code, at=AT)
    await vetoes.confirm_veto(other, code, "经查实。", at=AT)
    assert (await sheet_queries.counted(setting.round.id))[0].veto_confirmed
    liaison = await make.liaison_of(code)
    assert liaison.unit is not None
    assert await queries.unit_findings(liaison.unit, at=AT + timedelta(days=90)) == []


async def test_a_lead_becomes_a_finding_and_its_teller_stays_unknown(
    setting: visits.Setting,
) -> None:
    from panel.evaluations.types import LeadDraft

    member = people.member(setting.members[0], 100)
    (unit,) = await db.raw("SELECT code FROM unit LIMIT 1")
    draft = LeadDraft(unit=Code(unit["code"]), text="路过看到关门", seen_on=AT.date())
    lead = await sheets.report_lead(member, draft, evaluations.key(5), at=AT)
    code = await findings.note_finding(
        people.coordinator, FindingDraft(facts="关门", lead=lead), at=AT
    )
    view = await queries.stored(code)
    assert (view.lead, view.unit_code) == (lead, unit["code"])
    assert (await sheet_queries.lead(lead)).finding == code
    with pytest.raises(Conflict):
        await findings.note_finding(
            people.coordinator, FindingDraft(facts="关门", lead=lead), at=AT
        )


async def test_a_void_sheet_carries_nothing(setting: visits.Setting) -> None:
    code, receipt = await make.noted(setting)
    await findings.triage(people.coordinator, code, make.judged(), at=AT)
    await findings.send(people.coordinator, code, at=AT)
    liaison = await make.liaison_of(code)
    await replies.receive(liaison, code, at=AT)
    await replies.reply(liaison, code, REPLY, at=AT)
    await sheets.propose_void(people.reviewer, receipt.code, "wrong_window", at=AT)
    await sheets.confirm_void(people.second_reviewer, receipt.code, at=AT)
    sheet = await sheet_queries.submission(receipt.code)
    assert (await tasks.task(sheet.task.code)).state is TaskState.VOIDED
    with pytest.raises(Conflict) as told:
        await findings.conclude(people.second_reviewer, code, Outcome.VERIFIED, "属实", at=AT)
    assert told.value.code == "finding.sheet_not_accepted"


async def test_a_dropped_finding_ends_before_anybody_was_asked(setting: visits.Setting) -> None:
    code, _ = await make.noted(setting)
    with pytest.raises(Invalid):
        await findings.drop(people.coordinator, code, " ", at=AT)
    await findings.drop(people.coordinator, code, "与职责无关", at=AT)
    with pytest.raises(Conflict):
        await findings.send(people.coordinator, code, at=AT)
    assert (await queries.stored(code)).outcome is Outcome.DROPPED


async def test_two_hands_at_once_change_a_finding_once(setting: visits.Setting) -> None:
    code, _ = await make.noted(setting)
    results = await asyncio.gather(
        *(
            findings.triage(people.coordinator, code, make.judged(each), at=AT)
            for each in (1, 2, 3)
        ),
        return_exceptions=True,
    )
    assert any(result is None for result in results)
    assert all(result is None or isinstance(result, Conflict) for result in results)
