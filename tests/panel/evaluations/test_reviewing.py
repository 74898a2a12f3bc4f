"""Only accepted sheets count, and nobody decides on what they assigned or visited."""

from __future__ import annotations

import asyncio
from datetime import date, timedelta

import msgspec
import pytest

from panel import db
from panel.actor import Role, Signature
from panel.audit import queries as audit
from panel.errors import Conflict, Forbidden, Invalid, Missing
from panel.evaluations import commands, queries
from panel.evaluations.types import SheetState
from panel.ids import Code
from panel.piccolo_app import our_tables
from panel.visits import queries as tasks
from panel.visits.types import TaskState
from tests import people
from tests.make import evaluations as make
from tests.make import visits
from tests.make.evaluations import SENT, key

LATER = SENT + timedelta(hours=2)


@pytest.fixture
async def setting(engine: db.Engine) -> visits.Setting:
    """Return a running round."""
    return await visits.running_round()


async def test_an_accepted_sheet_counts_and_no_other_does(setting: visits.Setting) -> None:
    _, task, good = await make.sent(setting, 4)
    _, _, waiting = await make.sent(setting, 2)
    assert await queries.counted(setting.round.id) == []
    assert await queries.undecided(setting.round.id) == 2
    await commands.accept(people.reviewer, good.code, at=LATER)
    (counted,) = await queries.counted(setting.round.id)
    assert (counted.window_id, counted.unit_id) == (task.window_id, task.unit_id)
    assert (counted.visitor, counted.score) == (task.visitor, 10_000)
    assert not counted.veto_confirmed
    assert await queries.undecided(setting.round.id) == 1
    assert (await tasks.task(task.code)).state is TaskState.DONE
    sheet = await queries.submission(good.code)
    assert (sheet.state, sheet.reviewed_by) == (SheetState.ACCEPTED, people.reviewer.person)
    assert (await queries.submission(waiting.code)).state is SheetState.SUBMITTED
    assert (await audit.verify(our_tables())).findings == ()


async def test_a_confirmed_grave_event_caps_what_counts(setting: visits.Setting) -> None:
    _, _, receipt = await make.sent(setting, 4, vetoes={"V2": "拒绝受理"})
    await commands.accept(people.reviewer, receipt.code, at=LATER)
    assert (await queries.counted(setting.round.id))[0].score == 10_000
    await db.raw("UPDATE sheet_submission SET veto_confirmed = true")
    (counted,) = await queries.counted(setting.round.id)
    assert (counted.score, counted.veto_confirmed) == (5900, True)


async def test_who_assigned_does_not_review(setting: visits.Setting) -> None:
    _, _, receipt = await make.sent(setting)
    both = msgspec.structs.replace(
        people.coordinator, roles=frozenset({Role.COORDINATOR, Role.REVIEWER})
    )
    assert await queries.queue(both, at=LATER) == []
    assert await queries.waiting(both) == 0
    for refused in (
        commands.accept(both, receipt.code, at=LATER),
        commands.send_back(both, receipt.code, "原因", at=LATER),
        commands.propose_void(both, receipt.code, "wrong_window", at=LATER),
    ):
        with pytest.raises(Forbidden) as told:
            await refused
        assert told.value.code == "sheet.assigned_by_you"
    assert [item.code for item in await queries.queue(people.reviewer, at=LATER)] == [receipt.code]


async def test_who_visited_does_not_review_by_another_account(setting: visits.Setting) -> None:
    actor, _, receipt = await make.sent(setting)
    (row,) = await db.raw("SELECT person FROM member WHERE code = {}", actor.member)
    same = msgspec.structs.replace(people.reviewer, person=row["person"])
    assert await queries.queue(same, at=LATER) == []
    with pytest.raises(Forbidden) as told:
        await commands.accept(same, receipt.code, at=LATER)
    assert told.value.code == "sheet.visited_by_you"


async def test_others_than_reviewers_decide_nothing(setting: visits.Setting) -> None:
    actor, _, receipt = await make.sent(setting)
    for nobody in (people.second, people.auditor, people.administrator, actor, people.stranger):
        with pytest.raises(Forbidden):
            await commands.accept(nobody, receipt.code, at=LATER)
    with pytest.raises(Missing):
        await commands.accept(people.reviewer, Code("0000000000"), at=LATER)


async def test_two_reviewers_at_once_decide_once(setting: visits.Setting) -> None:
    _, _, receipt = await make.sent(setting)
    results = await asyncio.gather(
        commands.accept(people.reviewer, receipt.code, at=LATER),
        commands.send_back(people.second_reviewer, receipt.code, "请补充", at=LATER),
        return_exceptions=True,
    )
    assert sum(isinstance(result, Conflict) for result in results) == 1
    with pytest.raises(Conflict) as told:
        await commands.accept(people.reviewer, receipt.code, at=LATER)
    assert told.value.code == "sheet.decided"


async def test_a_returned_sheet_comes_again_and_both_versions_stay(
    setting: visits.Setting,
) -> None:
    actor, task, first = await make.sent(setting, 4, vetoes={"V1": "暗示送礼"})
    due = await commands.send_back(people.reviewer, first.code, " 请写明时间 ", at=LATER)
    assert due == LATER + timedelta(hours=24)
    back = await tasks.task(task.code)
    assert (back.state, back.due_at) == (TaskState.RETURNED, due)
    filling = await queries.filling(actor.member, task.code, at=LATER)
    assert filling.returned is not None
    assert filling.returned.review_reason == "请写明时间"
    assert filling.answers.items == make.answers(filling.blank.form).items
    assert filling.answers.vetoes == {"V1": "暗示送礼"}
    assert not filling.answers.declared
    given = make.answers(filling.blank.form, B2=2)
    second = await commands.submit(
        actor, task.code, given, key(2), filled_at=LATER, at=LATER + timedelta(hours=1)
    )
    assert (second.version, second.late) == (2, False)
    versions = await queries.versions(await tasks.task(task.code))
    assert [(v.version, v.state) for v in versions] == [
        (1, SheetState.RETURNED), (2, SheetState.SUBMITTED),
    ]  # fmt: skip
    await commands.accept(people.second_reviewer, second.code, at=LATER + timedelta(hours=2))
    (counted,) = await queries.counted(setting.round.id)
    assert counted.score == versions[1].score
    reading = await queries.reading(await queries.submission(second.code))
    assert [each.version for each in reading.earlier] == [1]
    assert (await audit.verify(our_tables())).findings == ()


async def test_an_old_key_after_a_revision_still_gives_its_receipt(
    setting: visits.Setting,
) -> None:
    actor, task, first = await make.sent(setting)
    await commands.send_back(people.reviewer, first.code, "请改", at=LATER)
    given = make.answers(await make.form_of(task))
    again = await commands.submit(actor, task.code, given, key(1), filled_at=LATER, at=LATER)
    assert again == first


async def test_a_late_revision_is_flagged(setting: visits.Setting) -> None:
    actor, task, first = await make.sent(setting)
    due = await commands.send_back(people.reviewer, first.code, "请改", at=LATER)
    given = make.answers(await make.form_of(task))
    second = await commands.submit(
        actor, task.code, given, key(2), filled_at=due, at=due + timedelta(seconds=1)
    )
    assert second.late


@pytest.mark.parametrize("reason", ["", "  ", "长" * 501])
async def test_sending_back_needs_a_reason(setting: visits.Setting, reason: str) -> None:
    _, _, receipt = await make.sent(setting)
    with pytest.raises(Invalid):
        await commands.send_back(people.reviewer, receipt.code, reason, at=LATER)
    assert (await queries.submission(receipt.code)).state is SheetState.SUBMITTED


async def test_voiding_takes_two_persons_and_a_listed_reason(setting: visits.Setting) -> None:
    _, task, receipt = await make.sent(setting)
    with pytest.raises(Invalid):
        await commands.propose_void(people.reviewer, receipt.code, "low_score", at=LATER)
    with pytest.raises(Conflict):
        await commands.confirm_void(people.reviewer, receipt.code, at=LATER)
    await commands.propose_void(people.reviewer, receipt.code, "wrong_window", at=LATER)
    with pytest.raises(Forbidden):
        await commands.confirm_void(people.reviewer, receipt.code, at=LATER)
    same = msgspec.structs.replace(people.second_reviewer, person=people.reviewer.person)
    with pytest.raises(Forbidden):
        await commands.confirm_void(same, receipt.code, at=LATER)
    with pytest.raises(Conflict):
        await commands.accept(people.second_reviewer, receipt.code, at=LATER)
    assert await queries.queue(people.reviewer, at=LATER) == []
    (item,) = await queries.queue(people.second_reviewer, at=LATER)
    assert (item.code, item.void_reason) == (receipt.code, "wrong_window")
    await commands.confirm_void(people.second_reviewer, receipt.code, at=LATER)
    assert (await queries.submission(receipt.code)).state is SheetState.VOIDED
    assert (await tasks.task(task.code)).state is TaskState.VOIDED
    assert await queries.counted(setting.round.id) == []
    assert await queries.undecided(setting.round.id) == 0
    assert (await audit.verify(our_tables())).findings == ()


async def test_a_leaders_signature_on_paper_stands_for_the_second_person(
    setting: visits.Setting,
) -> None:
    _, _, receipt = await make.sent(setting)
    await commands.propose_void(people.reviewer, receipt.code, "influenced", at=LATER)
    paper = Signature(document="〔2026〕7号", signer="主任", signed_on=date(2026, 3, 11), scan="0")
    await commands.confirm_void(people.reviewer, receipt.code, paper=paper, at=LATER)
    assert (await queries.submission(receipt.code)).state is SheetState.VOIDED
    assert "〔2026〕7号" in (await audit.entries(limit=1))[0].document


async def test_an_accepted_sheet_may_still_be_void(setting: visits.Setting) -> None:
    _, _, receipt = await make.sent(setting)
    await commands.accept(people.reviewer, receipt.code, at=LATER)
    await commands.propose_void(people.reviewer, receipt.code, "recused_later", at=LATER)
    assert await queries.undecided(setting.round.id) == 1
    await commands.confirm_void(people.second_reviewer, receipt.code, at=LATER)
    assert await queries.counted(setting.round.id) == []


async def test_a_refused_voiding_leaves_the_sheet_as_it_was(setting: visits.Setting) -> None:
    _, _, receipt = await make.sent(setting)
    await commands.propose_void(people.reviewer, receipt.code, "wrong_window", at=LATER)
    with pytest.raises(Forbidden):
        await commands.refuse_void(people.reviewer, receipt.code, at=LATER)
    await commands.refuse_void(people.second_reviewer, receipt.code, at=LATER)
    sheet = await queries.submission(receipt.code)
    assert (sheet.state, sheet.void_reason, sheet.void_by) == (SheetState.SUBMITTED, "", None)
    await commands.accept(people.reviewer, receipt.code, at=LATER)
    assert len(await queries.counted(setting.round.id)) == 1


async def test_the_queue_puts_overdue_and_odd_sheets_first(setting: visits.Setting) -> None:
    _, _, plain = await make.sent(setting, 4)
    _, _, grave = await make.sent(setting, 4, vetoes={"V2": "拒绝受理"})
    order = [item.code for item in await queries.queue(people.reviewer, at=LATER)]
    assert order == [grave.code, plain.code]
    much_later = SENT + timedelta(hours=73)
    await db.raw(
        "UPDATE sheet_submission SET received_at = {} WHERE code = {}",
        much_later - timedelta(minutes=1),
        grave.code,
    )
    order = [item.code for item in await queries.queue(people.reviewer, at=much_later)]
    assert order == [plain.code, grave.code]
    left = await queries.queue(people.reviewer, at=LATER, after=grave.code)
    assert [item.code for item in left] == [plain.code]
    assert await queries.queue(people.reviewer, at=LATER, after=plain.code) == []
    left = await queries.queue(people.reviewer, at=much_later, after=plain.code)
    assert [item.code for item in left] == [grave.code]
