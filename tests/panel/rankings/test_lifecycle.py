"""Recount, delivery, notice, procedure sheet, correction, on both engines; refusals as well."""

from __future__ import annotations

import asyncio
from datetime import date, timedelta

import msgspec
import pytest

from panel import db
from panel.actor import Signature
from panel.audit import queries as history
from panel.errors import Closed, Conflict, Forbidden, Invalid, Missing
from panel.evaluations import commands as evaluations
from panel.piccolo_app import our_tables
from panel.rankings import commands, queries
from panel.rankings.queries import lifecycle
from panel.rankings.rules import computing
from panel.rankings.types import RankingState, ReleaseStatus, Reply, StepKey
from tests import people
from tests.make import rankings as make
from tests.make import visits

pytestmark = pytest.mark.usefixtures("engine")
ONE = pytest.mark.engines("sqlite")
"""What another test stores on both engines already."""
PAPER = Signature("程序〔2026〕1号", "主任", date(2026, 5, 6), "0" * 64)


async def entries() -> int:
    """Return how many entries the history holds."""
    return len(await history.entries(limit=10_000))


async def test_a_second_person_recounts_every_list() -> None:
    city = await make.computed()
    code = city.round.code
    with pytest.raises(Forbidden, match=r"approval\.same_person"):
        await commands.recount(people.coordinator, code, at=make.RECOUNTED)
    for actor in (people.auditor, people.liaison(city.units[0])):
        with pytest.raises(Forbidden, match=r"actor\.role"):
            await commands.recount(actor, code, at=make.RECOUNTED)
    before = await entries()
    found = await commands.recount(people.second, code, at=make.RECOUNTED)
    assert await entries() == before + 1
    assert (found.agreed, found.edition, found.lists, found.differences) == (True, 1, 2, ())
    sealed = await queries.sealed((await make.ranking(city)).id, 1)
    whole = computing.computed(sealed)
    assert whole.certificate is not None
    assert computing.proven(whole, sealed)
    severity = {name: value + 10**9 for name, value in whole.certificate.raters.items()}
    false = msgspec.structs.replace(whole.certificate, raters=severity)
    assert not computing.proven(msgspec.structs.replace(whole, certificate=false), sealed)
    assert found.figures == 9
    assert (await make.ranking(city)).state is RankingState.CHECKED
    with pytest.raises(Conflict, match=r"recount\.agreed"):
        await commands.recount(people.publisher, code, at=make.RECOUNTED)
    assert (await history.verify(our_tables())).findings == ()


@ONE
async def test_a_recount_that_differs_is_kept_and_holds_the_ranking_up() -> None:
    city = await make.computed(units=1, members=5)
    await db.raw("UPDATE ranking_snapshot SET result = replace(result, '1', '2')")
    await db.raw("UPDATE ranking_edition SET sealed_hash = {}", "0" * 64)
    found = await commands.recount(people.second, city.round.code, at=make.RECOUNTED)
    assert not found.agreed
    assert found.differences == ("sealed", "unit:service", "window:service")
    assert (await make.ranking(city)).state is RankingState.DRAFT
    with pytest.raises(Conflict, match=r"recount\.missing"):
        await commands.notify(people.coordinator, city.round.code, at=make.NOTIFIED)


@ONE
async def test_units_are_told_once_and_only_of_a_recounted_edition() -> None:
    city = await make.computed(units=2)
    code = city.round.code
    with pytest.raises(Conflict, match=r"recount\.missing"):
        await commands.notify(people.coordinator, code, at=make.NOTIFIED)
    await commands.recount(people.second, code, at=make.RECOUNTED)
    with pytest.raises(Forbidden):
        await commands.notify(people.reviewer, code, at=make.NOTIFIED)
    await commands.notify(people.coordinator, code, at=make.NOTIFIED)
    told = await queries.deliveries((await make.ranking(city)).id)
    assert [each.unit_code for each in told] == list(city.units)
    assert {each.presumed_at.date() for each in told} == {date(2026, 4, 24)}
    assert {each.appeal_by.date() for each in told} == {date(2026, 5, 6)}
    with pytest.raises(Conflict, match=r"hearing\.begun"):
        await commands.notify(people.coordinator, code, at=make.NOTIFIED)


async def test_a_receipt_starts_the_clock_and_a_late_one_prolongs_nothing() -> None:
    city = await make.notified(units=3)
    code = city.round.code
    first = people.liaison(city.units[0])
    until = await commands.receive(first, code, at=make.NOTIFIED)
    assert until.date() == date(2026, 4, 28)
    with pytest.raises(Conflict, match=r"delivery\.signed_before"):
        await commands.receive(first, code, at=make.NOTIFIED)
    with pytest.raises(Forbidden):
        await commands.receive(people.coordinator, code, at=make.NOTIFIED)
    with pytest.raises(Missing):
        await commands.receive(people.liaison(visits.NOBODY), code, at=make.NOTIFIED)
    late = make.NOTIFIED + timedelta(days=9)
    on_paper = await commands.record_receipt(
        people.coordinator, code, city.units[1], make.paper_receipt(), at=late
    )
    assert on_paper.date() == date(2026, 5, 6)
    found = await queries.delivery((await make.ranking(city)).id, city.units[1])
    assert (found.document, found.delivered_at) == ("回执〔2026〕7号", late)


@ONE
async def test_an_appeal_can_be_given_up_once() -> None:
    city = await make.notified(units=2)
    actor = people.liaison(city.units[0])
    with pytest.raises(Forbidden):
        await commands.waive(people.coordinator, city.round.code, at=make.ANSWERED)
    await commands.waive(actor, city.round.code, at=make.ANSWERED)
    found = await queries.delivery((await make.ranking(city)).id, city.units[0])
    assert found.received_at == found.waived_at == make.ANSWERED
    assert not found.open(make.ANSWERED)
    with pytest.raises(Conflict, match=r"delivery\.waived"):
        await commands.waive(actor, city.round.code, at=make.ANSWERED)
    with pytest.raises(Closed, match=r"appeal\.over"):
        await commands.waive(people.liaison(city.units[1]), city.round.code, at=make.LATE)


async def test_the_notice_waits_until_every_unit_was_heard() -> None:
    city = await make.recounted(units=2)
    code = city.round.code
    with pytest.raises(Conflict, match=r"notice\.not_due"):
        await commands.open_notice(people.publisher, code, at=make.LATE)
    await commands.notify(people.coordinator, code, at=make.NOTIFIED)
    _, answer = await make.answered(city)
    with pytest.raises(Conflict, match=r"notice\.appeals_run") as refused:
        await commands.open_notice(people.publisher, code, at=make.ANSWERED)
    assert refused.value.values == {"units": 2, "until": "2026-05-06"}
    with pytest.raises(Conflict, match=r"hearing\.open"):
        await commands.open_notice(people.publisher, code, at=make.LATE)
    await commands.consider(people.coordinator, answer, Reply("已核"), at=make.LATE)
    with pytest.raises(Forbidden):
        await commands.open_notice(people.reviewer, code, at=make.LATE)
    before = await entries()
    found = await commands.open_notice(people.publisher, code, at=make.LATE)
    assert await entries() == before + 1
    assert (found.status, found.edition, found.under_appeal) == (ReleaseStatus.NOTICE, 1, ())
    view = await make.ranking(city)
    assert view.notice_until is not None
    assert (view.state, view.notice_until.date()) == (RankingState.NOTICE, date(2026, 5, 18))
    with pytest.raises(Conflict, match=r"notice\.not_due"):
        await commands.open_notice(people.publisher, code, at=make.LATE)
    assert (await history.verify(our_tables())).findings == ()


@ONE
async def test_answers_end_a_week_after_the_notice_even_if_appeals_run_on() -> None:
    city = await make.notified(units=2)
    for unit in city.units:
        await commands.receive(people.liaison(unit), city.round.code, at=make.NOTIFIED)
    view = await make.ranking(city)
    assert view.answer_by is not None
    with pytest.raises(Conflict, match=r"notice\.appeals_run"):
        await commands.open_notice(people.publisher, city.round.code, at=view.answer_by)
    after = make.after_hearing(view)
    await commands.open_notice(people.publisher, city.round.code, at=after)


async def test_of_two_who_open_the_notice_one_is_refused() -> None:
    city = await make.notified(units=1, members=5)
    await make.waived(city)
    outcome = await asyncio.gather(
        *(
            commands.open_notice(actor, city.round.code, at=make.ANSWERED)
            for actor in (people.publisher, people.second)
        ),
        return_exceptions=True,
    )
    assert sorted(isinstance(each, Conflict) for each in outcome) == [False, True]
    assert len(await queries.publications()) == 1


async def test_only_what_holds_is_signed_and_only_once() -> None:
    city = await make.noticed(units=2)
    code = city.round.code
    over = [StepKey.NOTICE_OVER]
    with pytest.raises(Conflict, match=r"procedure\.not_fulfilled") as refused:
        await commands.sign(people.publisher, code, over, at=make.ANSWERED)
    assert refused.value.values == {"step": "notice_over"}
    with pytest.raises(Forbidden):
        await commands.sign(people.reviewer, code, over, at=make.LATE)
    with pytest.raises(Invalid):
        await commands.sign(people.publisher, code, [], at=make.LATE)
    with pytest.raises(Invalid):
        await commands.sign(people.publisher, code, over, note="长" * 2001, at=make.LATE)
    with pytest.raises(Forbidden, match=r"approval\.same_person"):
        await commands.sign(people.coordinator, code, [StepKey.RECOUNT_AGREED], at=make.LATE)
    before = await entries()
    await commands.sign(people.publisher, code, over, at=make.LATE, paper=PAPER)
    assert await entries() == before + 1
    with pytest.raises(Conflict, match=r"procedure\.signed"):
        await commands.sign(people.publisher, code, over, at=make.LATE)
    sheet = await lifecycle.procedure(await make.ranking(city), at=make.LATE)
    by_key = {each.key: each for each in sheet}
    assert [each.key for each in sheet] == list(StepKey)
    assert all(each.fulfilled for each in sheet)
    assert by_key[StepKey.NOTICE_OVER].signed_as == "主任"
    assert by_key[StepKey.NOTICE_OVER].document == "程序〔2026〕1号"
    assert not by_key[StepKey.DRAW_VERIFIED].signed


@ONE
async def test_a_draw_that_cannot_be_computed_again_is_not_signed() -> None:
    city = await make.computed(units=1, members=5)
    drawn = await db.raw("SELECT record FROM visit_round")
    record = drawn[0]["record"].replace('"seed":"', '"seed":"0')
    await db.raw("UPDATE visit_round SET record = {}", record)
    with pytest.raises(Conflict, match=r"procedure\.not_fulfilled"):
        await commands.sign(
            people.publisher, city.round.code, [StepKey.DRAW_VERIFIED], at=make.LATE
        )


@ONE
async def test_lists_are_final_when_every_step_is_signed() -> None:
    city = await make.notified(units=1, members=5)
    code = city.round.code
    with pytest.raises(Conflict, match=r"ranking\.not_in_notice"):
        await commands.finalise(people.publisher, code, at=make.LATE)
    await make.waived(city)
    await commands.open_notice(people.publisher, code, at=make.ANSWERED)
    early = [StepKey.PLAN_REGISTERED, StepKey.NOTICE_GIVEN, StepKey.DRAW_VERIFIED]
    await commands.sign(people.second, code, early, at=make.ANSWERED)
    with pytest.raises(Conflict, match=r"procedure\.unsigned") as refused:
        await commands.finalise(people.publisher, code, at=make.LATE)
    assert refused.value.values["steps"] == tuple(
        each.value for each in StepKey if each not in early
    )
    await make.signed(city)
    with pytest.raises(Forbidden):
        await commands.finalise(people.reviewer, code, at=make.LATE)
    assert (await commands.finalise(people.publisher, code, at=make.LATE)).state is (
        RankingState.FINAL
    )


@ONE
async def test_a_ranking_is_withheld_with_reason_and_document() -> None:
    city = await make.notified(units=1, members=5)
    code = city.round.code
    with pytest.raises(Invalid) as refused:
        await commands.withhold(people.publisher, code, " ", "", at=make.LATE)
    assert [each.path for each in refused.value.faults] == ["reason", "document"]
    with pytest.raises(Forbidden):
        await commands.withhold(people.reviewer, code, "停", "1号", at=make.LATE)
    found = await commands.withhold(
        people.publisher, code, "系统故障", "1号", at=make.LATE, paper=PAPER
    )
    assert (found.state, found.reason) == (RankingState.WITHHELD, "系统故障")
    for refusal in (
        commands.open_notice(people.publisher, code, at=make.LATE),
        commands.recount(people.second, code, at=make.LATE),
        commands.correct(people.coordinator, code, "又一次", at=make.LATE),
        commands.withhold(people.publisher, code, "再停", "2号", at=make.LATE),
        commands.publish(people.publisher, code, at=make.LATE),
        commands.sign(people.publisher, code, [StepKey.UNITS_TOLD], at=make.LATE),
    ):
        with pytest.raises(Conflict):
            await refusal


async def test_a_later_edition_starts_the_way_anew() -> None:
    city = await make.noticed(units=2)
    code = city.round.code
    lasting = [StepKey.PLAN_REGISTERED, StepKey.LEVELS_CHECKED]
    await commands.sign(people.publisher, code, lasting, at=make.ANSWERED)
    with pytest.raises(Invalid):
        await commands.correct(people.coordinator, code, " ", at=make.ANSWERED)
    with pytest.raises(Forbidden):
        await commands.correct(people.publisher, code, "改正", at=make.ANSWERED)
    before = await entries()
    view = await commands.correct(people.coordinator, code, "单位名称有误", at=make.ANSWERED)
    assert await entries() == before + 1
    assert (view.state, view.edition, view.notice_until) == (RankingState.DRAFT, 2, None)
    sheet = await lifecycle.procedure(view, at=make.ANSWERED)
    assert [each.key for each in sheet if each.signed] == [StepKey.PLAN_REGISTERED]
    assert not next(each for each in sheet if each.key is StepKey.RECOUNT_AGREED).fulfilled
    # Nothing changed for anybody: nobody is told again, and the way is short.
    await commands.recount(people.second, code, at=make.ANSWERED)
    await commands.notify(people.coordinator, code, at=make.ANSWERED)
    assert {each.edition for each in await queries.deliveries(view.id)} == {1}
    found = await commands.open_notice(people.publisher, code, at=make.ANSWERED)
    assert (found.edition, found.sequence) == (2, 2)


async def test_a_sheet_that_became_void_holds_up_lists_that_still_count_it() -> None:
    city = await make.final(make.few(12), members=12)
    code, at = city.round.code, make.LATE + timedelta(hours=1)
    (row, *_) = await db.raw("SELECT code FROM sheet_submission ORDER BY score LIMIT 1")
    await evaluations.propose_void(people.reviewer, row["code"], "impossible_facts", at=at)
    with pytest.raises(Conflict, match=r"procedure\.not_fulfilled"):
        await commands.publish(people.publisher, code, at=at)
    await evaluations.confirm_void(people.second_reviewer, row["code"], at=at)
    with pytest.raises(Conflict, match=r"procedure\.not_fulfilled"):
        await commands.publish(people.publisher, code, at=at)
    view = await commands.correct(people.coordinator, code, "一张评议表无效", at=at)
    (step,) = [
        each
        for each in await lifecycle.procedure(view, at=at)
        if each.key is StepKey.SHEETS_DECIDED
    ]
    assert (step.fulfilled, step.signed) == (True, False)


@ONE
async def test_a_recount_of_an_edition_says_nothing_of_the_next_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    city = await make.computed(units=1, members=5)
    code = city.round.code
    kept = lifecycle.kept

    async def slowly(ranking_id: int, edition: int) -> dict[tuple[str, str], tuple[str, str, str]]:
        found = await kept(ranking_id, edition)
        await commands.correct(people.coordinator, code, "录入有误", at=make.RECOUNTED)
        return found

    monkeypatch.setattr(lifecycle, "kept", slowly)
    with pytest.raises(Conflict, match=r"ranking\.state_changed"):
        await commands.recount(people.second, code, at=make.RECOUNTED)
    view = await make.ranking(city)
    assert (view.state, view.edition) == (RankingState.DRAFT, 2)
    assert not await lifecycle.recounts(view.id)


@ONE
async def test_a_correction_takes_the_place_of_what_was_published() -> None:
    city, _ = await make.published(units=1, members=5)
    code, later = city.round.code, make.LATE + timedelta(days=3)
    view = await commands.correct(people.coordinator, code, "录入有误", at=later)
    assert (view.state, view.edition) == (RankingState.SUPERSEDED, 2)
    with pytest.raises(Conflict, match=r"procedure\.unsigned"):
        await commands.publish(people.publisher, code, at=later)
    with pytest.raises(Conflict, match=r"recount\.missing"):
        await commands.notify(people.coordinator, code, at=later)
    await commands.recount(people.second, code, at=later)
    await commands.notify(people.coordinator, code, at=later)
    await make.signed(city, at=later)
    found = await commands.publish(people.publisher, code, at=later)
    assert (found.sequence, found.edition, found.status) == (3, 2, ReleaseStatus.CORRECTION)
    assert (await make.ranking(city)).state is RankingState.PUBLISHED
    assert (await history.verify(our_tables())).findings == ()


async def test_a_correction_waits_for_the_appeals_of_the_units_told_again() -> None:
    city, _ = await make.published(make.few(12), members=12)
    code, at = city.round.code, make.LATE + timedelta(days=3)
    (row, *_) = await db.raw("SELECT code FROM sheet_submission ORDER BY score LIMIT 1")
    await evaluations.propose_void(people.reviewer, row["code"], "impossible_facts", at=at)
    await evaluations.confirm_void(people.second_reviewer, row["code"], at=at)
    await commands.correct(people.coordinator, code, "一张评议表无效", at=at)
    await commands.recount(people.second, code, at=at)
    view = await commands.notify(people.coordinator, code, at=at)
    running = [each for each in await queries.deliveries(view.id) if each.edition == 2]
    assert running
    until = max(each.appeal_by for each in running)
    with pytest.raises(Conflict, match=r"correction\.appeals_run") as refused:
        await commands.publish(people.publisher, code, at=until)
    assert refused.value.values["units"] == len(running)
    after = until + timedelta(seconds=1)
    with pytest.raises(Conflict, match=r"procedure\.unsigned"):
        await commands.publish(people.publisher, code, at=after)
    await make.signed(city, at=after)
    found = await commands.publish(people.publisher, code, at=after)
    assert found.status is ReleaseStatus.CORRECTION


@ONE
async def test_who_computed_the_correction_does_not_publish_it() -> None:
    city, _ = await make.published(units=1, members=5)
    code = city.round.code
    await commands.correct(people.second, code, "录入有误", at=make.LATE)
    with pytest.raises(Forbidden, match=r"approval\.same_person"):
        await commands.recount(people.second, code, at=make.LATE)
    await commands.recount(people.coordinator, code, at=make.LATE)
    await make.signed(city)
    with pytest.raises(Forbidden, match=r"approval\.same_person"):
        await commands.publish(people.second, code, at=make.LATE)
    await commands.publish(people.coordinator, code, at=make.LATE)


@ONE
async def test_a_signature_behind_the_commands_is_found() -> None:
    city = await make.noticed(units=1, members=5)
    await make.signed(city)
    await db.raw("UPDATE ranking_procedure_step SET signed_as = 'x' WHERE key = 'notice_over'")
    findings = (await history.verify(our_tables())).findings
    assert [each.place.split()[0] for each in findings] == ["ranking_procedure_step"]
