"""A contradiction waits for a further visit; nobody opens what a colleague reads."""

from __future__ import annotations

from datetime import timedelta

import pytest

from panel import db
from panel.audit import queries as audit
from panel.errors import Conflict, Forbidden, Invalid
from panel.evaluations import commands, queries
from panel.evaluations.types import SheetState
from panel.ids import Code
from panel.piccolo_app import our_tables
from panel.visits import queries as rounds
from panel.visits.types import RoundKind, RoundState
from tests import people
from tests.make import evaluations as make
from tests.make import visits
from tests.make.evaluations import SENT, key

LATER = SENT + timedelta(hours=2)


@pytest.fixture
async def setting(engine: db.Engine) -> visits.Setting:
    """Return a running round."""
    return await visits.running_round()


async def held(setting: visits.Setting, *, revisit: bool = True) -> Code:
    """Return a sheet on hold."""
    _, _, receipt = await make.sent(setting)
    await commands.hold(
        people.reviewer, receipt.code, "票号与窗口对不上", revisit=revisit, at=LATER
    )
    return receipt.code


async def test_a_held_sheet_waits_counts_nothing_and_holds_the_ranking_up(
    setting: visits.Setting,
) -> None:
    code = await held(setting)
    assert (await queries.submission(code)).state is SheetState.HELD
    assert await queries.queue(people.reviewer, at=LATER) == []
    assert await queries.counted(setting.round.id) == []
    assert await queries.undecided(setting.round.id) == 1
    (hold,) = await queries.holds()
    assert (hold.sheet, hold.reason, hold.revisit) == (code, "票号与窗口对不上", True)
    assert hold.decide_by.date() == (LATER + timedelta(days=14)).date()
    with pytest.raises(Conflict):
        await commands.accept(people.reviewer, code, at=LATER)
    with pytest.raises(Conflict):
        await commands.propose_void(people.reviewer, code, "wrong_window", at=LATER)
    assert (await audit.verify(our_tables())).findings == ()


async def test_a_released_sheet_is_decided_like_any_other(setting: visits.Setting) -> None:
    code = await held(setting)
    with pytest.raises(Invalid):
        await commands.release_hold(people.second_reviewer, code, " ", at=LATER)
    await commands.release_hold(people.second_reviewer, code, "票根已补交", at=LATER)
    assert await queries.holds() == []
    with pytest.raises(Conflict):
        await commands.release_hold(people.second_reviewer, code, "再来", at=LATER)
    await commands.accept(people.reviewer, code, at=LATER)
    assert len(await queries.counted(setting.round.id)) == 1
    assert (await audit.verify(our_tables())).findings == ()


async def test_a_sheet_may_be_held_again_after_its_release(setting: visits.Setting) -> None:
    code = await held(setting)
    await commands.release_hold(people.reviewer, code, "核实一次", at=LATER)
    await commands.hold(people.reviewer, code, "又有矛盾", revisit=False, at=LATER)
    (hold,) = await queries.holds()
    assert hold.reason == "又有矛盾"


async def test_holding_needs_a_reason_and_a_reviewer(setting: visits.Setting) -> None:
    _, _, receipt = await make.sent(setting)
    with pytest.raises(Invalid):
        await commands.hold(people.reviewer, receipt.code, " ", revisit=False, at=LATER)
    with pytest.raises(Forbidden):
        await commands.hold(people.coordinator, receipt.code, "矛盾", revisit=False, at=LATER)
    assert await queries.holds() == []


async def test_one_tap_drafts_a_round_that_looks_again(setting: visits.Setting) -> None:
    code = await held(setting)
    task = (await queries.submission(code)).task
    (wish,) = await queries.revisits()
    with pytest.raises(Forbidden):
        await commands.plan_revisit(people.reviewer, wish.code, "再看", "Again", at=LATER)
    planned = await commands.plan_revisit(people.coordinator, wish.code, "再看", "Again", at=LATER)
    view = await rounds.round(planned)
    assert (view.state, view.draft.kind) == (RoundState.DRAFT, RoundKind.REVISIT)
    assert dict(view.draft.targets) == {task.window_code: 1}
    assert view.draft.parent == setting.round.code
    assert await queries.revisits() == []
    with pytest.raises(Conflict):
        await commands.plan_revisit(people.coordinator, wish.code, "再看", "Again", at=LATER)
    assert (await queries.holds())[0].round_code == planned


async def test_a_hold_without_a_suggestion_is_no_wish(setting: visits.Setting) -> None:
    await held(setting, revisit=False)
    assert await queries.revisits() == []


async def test_two_reviewers_are_given_two_sheets(setting: visits.Setting) -> None:
    _, _, one = await make.sent(setting)
    _, _, two = await make.sent(setting)
    first = await commands.claim_next(people.reviewer, at=LATER)
    second = await commands.claim_next(people.second_reviewer, at=LATER)
    assert first is not None
    assert second is not None
    assert {first.code, second.code} == {one.code, two.code}
    assert await commands.claim_next(people.second_reviewer, at=LATER) == second
    assert await queries.waiting(people.reviewer, at=LATER) == 1
    with pytest.raises(Conflict, match="claimed"):
        await commands.accept(people.second_reviewer, first.code, at=LATER)
    await commands.accept(people.reviewer, first.code, at=LATER)
    await commands.accept(people.second_reviewer, second.code, at=LATER)


async def test_a_claim_ends_after_its_minutes_and_with_the_next_sheet(
    setting: visits.Setting,
) -> None:
    await make.sent(setting)
    await make.sent(setting)
    first = await commands.claim_next(people.reviewer, at=LATER)
    assert first is not None
    later = await commands.claim_next(people.reviewer, at=LATER, after=first.code)
    assert later is not None
    assert later.code != first.code
    free = await commands.claim_next(people.second_reviewer, at=LATER)
    assert free == first
    after = LATER + timedelta(minutes=10)
    assert await queries.waiting(people.second_reviewer, at=after) == 2
    await commands.accept(people.second_reviewer, later.code, at=after)


async def test_nobody_claims_without_the_role(setting: visits.Setting) -> None:
    await make.sent(setting)
    with pytest.raises(Forbidden):
        await commands.claim_next(people.coordinator, at=LATER)


async def test_single_items_are_asked_about(setting: visits.Setting) -> None:
    actor, task, receipt = await make.sent(setting)
    await commands.send_back(
        people.reviewer, receipt.code, "", at=LATER, questions={"B2": " 谁没有招呼？ ", "A1": " "}
    )
    filling = await queries.filling(actor.member, task.code, at=LATER)
    assert filling.questions == {"B2": "谁没有招呼？"}
    given = make.answers(await make.form_of(task), B2=3)
    again = await commands.submit(actor, task.code, given, key(2), filled_at=LATER, at=LATER)
    reading = await queries.reading(await queries.submission(again.code))
    assert reading.questions == {1: {"B2": "谁没有招呼？"}}


@pytest.mark.parametrize("questions", [{"X9": "什么"}, {"B2": "长" * 501}, {}, {"B2": "  "}])
async def test_a_question_names_an_item_of_the_sheet(
    setting: visits.Setting, questions: dict[str, str]
) -> None:
    _, _, receipt = await make.sent(setting)
    with pytest.raises(Invalid):
        await commands.send_back(people.reviewer, receipt.code, " ", at=LATER, questions=questions)
    assert (await queries.submission(receipt.code)).state is SheetState.SUBMITTED
