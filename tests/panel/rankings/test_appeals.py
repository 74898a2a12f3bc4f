"""Appeals on both engines: filed in time, decided by somebody apart, carried out, asked again."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import msgspec
import pytest

from panel import db
from panel.actor import Role
from panel.audit import queries as history
from panel.errors import Closed, Conflict, Forbidden, Invalid, Missing
from panel.evaluations import commands as evaluations
from panel.evaluations import queries as sheets
from panel.piccolo_app import our_tables
from panel.rankings import commands, queries
from panel.rankings.commands import appeals
from panel.rankings.queries import appeals as cases
from panel.rankings.types import (
    AppealKind,
    AppealOutcome,
    AppealState,
    CaseStep,
    Inadmissible,
    RankingState,
)
from panel.roster import queries as roster
from tests import people
from tests.make import accounts as make_accounts
from tests.make import appeals as make_appeals
from tests.make import rankings as make
from tests.make import vault as make_vault

pytestmark = pytest.mark.usefixtures("engine")
ONE = pytest.mark.engines("sqlite")
"""What another test stores on both engines already."""
WEEK = timedelta(days=8)


async def entries() -> int:
    """Return how many entries the history holds."""
    return len(await history.entries(limit=10_000))


async def test_a_unit_appeals_once_in_time_with_its_leaders_signature() -> None:
    city = await make.notified(units=2)
    actor, code = people.liaison(city.units[0]), city.round.code
    with pytest.raises(Invalid) as refused:
        await commands.appeal(
            actor,
            code,
            make_appeals.draft(ground="luck", statement="", leader=" ", document=""),
            at=make_appeals.FILED,
        )
    assert {each.path for each in refused.value.faults} == {
        "ground",
        "statement",
        "leader",
        "document",
    }
    many = make_appeals.draft(pictures=(b"x",) * 6)
    with pytest.raises(Invalid):
        await commands.appeal(actor, code, many, at=make_appeals.FILED)
    before = await entries()
    number = await make_appeals.filed(city, pictures=(b"jpeg",))
    assert await entries() == before + 1
    view = await cases.appeal(number)
    assert (view.state, view.unit_code, view.edition) == (AppealState.FILED, city.units[0], 1)
    assert view.due_at.date().isoformat() == "2026-05-09"
    texts = await cases.appeal_texts(number)
    assert (texts.statement, texts.leader) == (make_appeals.STATEMENT, "局长签")
    assert (await cases.appeal_file(number, texts.files[0])).data == b"jpeg"
    told = await queries.delivery((await make.ranking(city)).id, city.units[0])
    assert told.received_at == make_appeals.FILED  # who appeals has read it
    with pytest.raises(Conflict, match=r"appeal\.filed"):
        await make_appeals.filed(city)
    with pytest.raises(Conflict, match=r"appeal\.filed"):
        await commands.waive(actor, code, at=make_appeals.TAKEN)
    with pytest.raises(Closed, match=r"appeal\.over"):
        await make_appeals.filed(city, 1, at=make.LATE)
    assert (await history.verify(our_tables())).findings == ()


@ONE
async def test_a_clerk_records_an_appeal_on_paper_and_nobody_files_for_others() -> None:
    city = await make.notified(units=2)
    code = city.round.code
    for actor in (people.coordinator, people.reviewer):
        with pytest.raises(Forbidden):
            await commands.appeal(actor, code, make_appeals.draft(), at=make_appeals.FILED)
    with pytest.raises(Forbidden, match=r"actor\.role"):
        await commands.appeal(
            people.publisher, code, make_appeals.draft(), at=make_appeals.FILED, unit=city.units[1]
        )
    with pytest.raises(Forbidden, match=r"appeal\.not_own_unit"):
        await appeals.file(
            people.liaison(city.units[0]),
            AppealKind.OFFICER,
            "X",
            city.units[1],
            make_appeals.draft(),
            until=make.LATE,
            rulebook=city.round.rulebook_code,
            at=make_appeals.FILED,
        )
    number = await commands.appeal(
        people.coordinator, code, make_appeals.draft(), at=make_appeals.FILED, unit=city.units[1]
    )
    assert (await cases.own_appeal(city.units[1], number)).unit_code == city.units[1]
    with pytest.raises(Missing):
        await cases.own_appeal(city.units[0], number)


@ONE
async def test_an_appeal_that_was_given_up_is_not_filed() -> None:
    city = await make.notified(units=1, members=5)
    await make.waived(city)
    with pytest.raises(Conflict, match=r"delivery\.waived"):
        await make_appeals.filed(city, at=make.ANSWERED)


async def test_of_two_who_file_at_once_one_is_refused() -> None:
    city = await make.notified(units=1, members=5)
    outcome = await asyncio.gather(
        *(make_appeals.filed(city) for _ in range(2)), return_exceptions=True
    )
    assert sorted(isinstance(each, Conflict) for each in outcome) == [False, True]


@ONE
async def test_the_office_may_admit_but_only_somebody_independent_refuses() -> None:
    city = await make.notified(units=2)
    first, second = await make_appeals.filed(city), await make_appeals.filed(city, 1)
    with pytest.raises(Forbidden):
        await appeals.acknowledge(people.reviewer, first, at=make_appeals.TAKEN)
    await appeals.acknowledge(people.coordinator, first, at=make_appeals.TAKEN)
    with pytest.raises(Conflict, match=r"appeal\.other_state"):
        await appeals.acknowledge(people.coordinator, first, at=make_appeals.TAKEN)
    for actor in (people.coordinator, people.publisher):
        with pytest.raises(Forbidden):
            await appeals.refuse(actor, first, "no_ground", "无据", at=make_appeals.TAKEN)
    with pytest.raises(Invalid):
        await appeals.refuse(make_appeals.independent, first, "luck", " ", at=make_appeals.TAKEN)
    await appeals.refuse(
        make_appeals.independent, first, "not_own", "不属本单位事项", at=make_appeals.TAKEN
    )
    view = await cases.appeal(first)
    assert (view.state, view.inadmissible) == (AppealState.INADMISSIBLE, Inadmissible.NOT_OWN)
    assert view.settled
    with pytest.raises(Conflict):
        await appeals.admit(people.coordinator, first, at=make_appeals.TAKEN)
    await appeals.admit(people.coordinator, second, at=make_appeals.TAKEN)
    with pytest.raises(Conflict):
        await appeals.admit(people.coordinator, second, at=make_appeals.TAKEN)


async def test_whoever_took_part_in_the_round_does_not_decide() -> None:
    city = await make.notified(units=1, members=5)
    code = await make_appeals.filed(city)
    await appeals.admit(people.coordinator, code, at=make_appeals.TAKEN)
    as_reviewer = make_appeals.independent.roles
    for actor in (people.coordinator, people.second, people.reviewer):
        posing = msgspec.structs.replace(actor, roles=actor.roles | as_reviewer)
        with pytest.raises(Forbidden, match=r"appeal\.involved"):
            await appeals.take(posing, code, at=make_appeals.TAKEN)
    of_unit = msgspec.structs.replace(make_appeals.independent, unit=city.units[0])
    by_office = msgspec.structs.replace(make_appeals.independent, office="第1单位")
    for actor in (of_unit, by_office):
        with pytest.raises(Forbidden, match=r"appeal\.of_the_unit"):
            await appeals.take(actor, code, at=make_appeals.TAKEN)
    with pytest.raises(Forbidden, match=r"actor\.role"):
        await appeals.take(people.publisher, code, at=make_appeals.TAKEN)
    rows = await db.raw("SELECT person FROM member ORDER BY id LIMIT 1")
    visitor = msgspec.structs.replace(make_appeals.independent, person=rows[0]["person"])
    with pytest.raises(Forbidden, match=r"appeal\.involved"):
        await appeals.take(visitor, code, at=make_appeals.TAKEN)
    await appeals.take(make_appeals.independent, code, at=make_appeals.TAKEN)
    with pytest.raises(Conflict):
        await appeals.take(make_appeals.other, code, at=make_appeals.TAKEN)


@ONE
async def test_whoever_speaks_for_the_unit_by_another_account_does_not_decide() -> None:
    city = await make.notified(units=1, members=5)
    code = await make_appeals.filed(city)
    await appeals.admit(people.coordinator, code, at=make_appeals.TAKEN)
    person = await make_vault.person()
    await make_accounts.staff("speaker", Role.LIAISON, unit=city.units[0], person=person)
    posing = msgspec.structs.replace(make_appeals.independent, person=person)
    with pytest.raises(Forbidden, match=r"appeal\.of_the_unit"):
        await appeals.take(posing, code, at=make_appeals.TAKEN)


@ONE
async def test_people_named_by_another_subject_do_not_decide_either() -> None:
    city = await make.notified(units=1, members=5)
    code = await appeals.file(
        people.liaison(city.units[0]),
        AppealKind.ASSESSMENT,
        "2026",
        city.units[0],
        make_appeals.draft(),
        until=make.LATE,
        rulebook=city.round.rulebook_code,
        handled_by=[make_appeals.independent.person] if make_appeals.independent.person else [],
        at=make_appeals.FILED,
    )
    await appeals.admit(people.coordinator, code, at=make_appeals.TAKEN)
    with pytest.raises(Forbidden, match=r"appeal\.involved"):
        await appeals.take(make_appeals.independent, code, at=make_appeals.TAKEN)
    await appeals.take(make_appeals.other, code, at=make_appeals.TAKEN)
    assert await appeals.open_record(make_appeals.other, code, at=make_appeals.TAKEN) == ()
    await appeals.decide(
        make_appeals.other,
        code,
        make_appeals.verdict(AppealOutcome.UPHELD),
        at=make_appeals.DECIDED,
    )
    with pytest.raises(Conflict, match=r"appeal\.other_subject"):
        await commands.carry_out(people.coordinator, code, "重算", at=make_appeals.APPLIED)
    assert await appeals.applied(people.coordinator, code, at=make_appeals.APPLIED) is (
        AppealState.APPLIED
    )


@ONE
async def test_the_record_shows_scores_and_never_who_or_when() -> None:
    city = await make.notified(make.few(8))
    code = await make_appeals.taken(city)
    with pytest.raises(Forbidden, match=r"appeal\.not_yours"):
        await appeals.open_record(make_appeals.other, code, at=make_appeals.TAKEN)
    before = await entries()
    record = await appeals.open_record(make_appeals.independent, code, at=make_appeals.TAKEN)
    assert await entries() == before + 1
    unit = (await roster.unit(city.units[0])).id
    counted = [each for each in await sheets.counted(city.round.id) if each.unit_id == unit]
    assert sorted(each.score for each in record) == sorted(each.score for each in counted)
    assert [each.number for each in record] == list(range(1, len(record) + 1))
    assert all(each.items for each in record)
    shown = msgspec.json.encode(record).decode()
    rows = await db.raw(
        "SELECT s.code, t.code AS task, t.visitor, s.answers FROM sheet_submission s "
        "JOIN visit_task t ON t.id = s.task"
    )
    secrets = {row[name] for row in rows for name in ("code", "task", "visitor")}
    secrets |= {"2026-04", *city.members}
    assert len(secrets) > 20
    assert not [each for each in secrets if each in shown]
    planted = shown + rows[0]["visitor"]
    assert [each for each in secrets if each in planted]  # one would be found
    order = [each.window_name for each in record]
    assert order != sorted(order)


@ONE
async def test_a_decision_needs_reasons_that_were_looked_through() -> None:
    city = await make.notified(units=1, members=5)
    code = await make_appeals.taken(city)
    decide = appeals.decide
    with pytest.raises(Forbidden, match=r"appeal\.not_yours"):
        await decide(make_appeals.other, code, make_appeals.verdict(), at=make_appeals.DECIDED)
    wrong = make_appeals.verdict(
        reasons=" ", checked=("names",), sheets=(99,), void_reason="not_own_visit"
    )
    with pytest.raises(Invalid) as refused:
        await decide(make_appeals.independent, code, wrong, at=make_appeals.DECIDED)
    assert [each.code for each in refused.value.faults] == [
        "form.required",
        "appeal.not_screened",
        "appeal.no_such_sheet",
        "appeal.rejected_voids_nothing",
    ]
    no_reason = make_appeals.verdict(AppealOutcome.UPHELD, sheets=(1,), void_reason="dislike")
    with pytest.raises(Invalid):
        await decide(make_appeals.independent, code, no_reason, at=make_appeals.DECIDED)
    await decide(make_appeals.independent, code, make_appeals.verdict(), at=make_appeals.DECIDED)
    view = await cases.appeal(code)
    assert (view.state, view.outcome) == (AppealState.DECIDED, AppealOutcome.REJECTED)
    assert view.settled
    assert view.reconsider_by is not None
    with pytest.raises(Conflict):
        await decide(
            make_appeals.independent, code, make_appeals.verdict(), at=make_appeals.DECIDED
        )
    with pytest.raises(Conflict, match=r"appeal\.nothing_to_apply"):
        await commands.carry_out(people.coordinator, code, "重算", at=make_appeals.APPLIED)


@ONE
async def test_a_case_can_be_given_back() -> None:
    city = await make.notified(units=1, members=5)
    code = await make_appeals.taken(city)
    with pytest.raises(Forbidden):
        await appeals.give_up(make_appeals.other, code, at=make_appeals.TAKEN)
    await appeals.give_up(make_appeals.independent, code, at=make_appeals.TAKEN)
    assert (await cases.appeal(code)).state is AppealState.ADMITTED
    await appeals.take(make_appeals.other, code, at=make_appeals.TAKEN)


async def test_an_upheld_appeal_voids_by_two_persons_and_recomputes_the_group() -> None:
    city = await make.notified(make.few(12), members=12)
    await make.waived_but(city, 0)
    record_of = await make_appeals.taken(city)
    record = await appeals.open_record(make_appeals.independent, record_of, at=make_appeals.TAKEN)
    lowest = min(record, key=lambda each: each.score).number
    upheld = make_appeals.verdict(
        AppealOutcome.UPHELD, sheets=(lowest,), void_reason="impossible_facts"
    )
    await appeals.decide(make_appeals.independent, record_of, upheld, at=make_appeals.DECIDED)
    assert city.units[0] in await queries.under_appeal(AppealKind.RANKING, city.round.code)
    (task,) = await cases.sheet_tasks(await cases.appeal(record_of))
    assert (task.voided, task.proposed, task.reason) == (False, False, "impossible_facts")
    with pytest.raises(Conflict, match=r"appeal\.sheets_open") as refused:
        await commands.carry_out(people.coordinator, record_of, "申诉成立", at=make_appeals.APPLIED)
    assert refused.value.values == {"sheets": 1}
    at = make_appeals.APPLIED
    await evaluations.propose_void(people.reviewer, task.code, task.reason, at=at)
    with pytest.raises(Conflict):
        await commands.carry_out(people.coordinator, record_of, "申诉成立", at=at)
    with pytest.raises(Forbidden):
        await evaluations.confirm_void(people.reviewer, task.code, at=at)
    await evaluations.confirm_void(people.second_reviewer, task.code, at=at)
    before = await entries()
    view = await commands.carry_out(people.coordinator, record_of, "申诉成立", at=at)
    assert await entries() == before + 1
    assert (view.edition, view.state) == (2, RankingState.DRAFT)
    found = await cases.appeal(record_of)
    assert (found.state, found.applied_edition) == (AppealState.APPLIED, 2)
    assert not await queries.under_appeal(AppealKind.RANKING, city.round.code)
    newest, first = await queries.editions(view.id)
    assert (newest.number, newest.reason, first.changes) == (2, "申诉成立", ())
    assert city.units[0] in {each.code for each in newest.changes}
    await commands.recount(people.second, city.round.code, at=at)
    await commands.notify(people.coordinator, city.round.code, at=at)
    told = {each.unit_code: each.edition for each in await queries.deliveries(view.id)}
    assert told[city.units[0]] == 2
    assert (await history.verify(our_tables())).findings == ()
    # The changed line was told anew, and may be appealed against anew.
    second = await make_appeals.filed(city, at=at + timedelta(days=1))
    assert (await cases.appeal(second)).edition == 2
    own = await queries.own(city.units[0], city.round.code)
    assert own.appeal is not None
    assert own.appeal.code == second


@ONE
async def test_another_person_looks_once_more_and_then_it_is_over() -> None:
    city = await make.notified(units=1, members=5)
    code = await make_appeals.decided(city)
    unit, at = people.liaison(city.units[0]), make_appeals.APPLIED
    for actor in (people.reviewer, people.publisher):
        with pytest.raises(Forbidden):
            await appeals.ask_again(actor, code, "请复议", at=at)
    with pytest.raises(Forbidden, match=r"appeal\.not_own_unit"):
        await appeals.ask_again(people.liaison(city.round.code), code, "请复议", at=at)
    with pytest.raises(Invalid):
        await appeals.ask_again(unit, code, " ", at=at)
    with pytest.raises(Closed, match=r"appeal\.again_over"):
        await appeals.ask_again(unit, code, "请复议", at=at + 2 * WEEK)
    await appeals.ask_again(unit, code, "请复议", at=at)
    view = await cases.appeal(code)
    assert (view.state, view.instance, view.outcome) == (AppealState.RECONSIDERATION, 2, None)
    assert view.first_outcome is AppealOutcome.REJECTED
    assert city.units[0] in await queries.under_appeal(AppealKind.RANKING, city.round.code)
    with pytest.raises(Forbidden, match=r"appeal\.decided_by_you"):
        await appeals.take(make_appeals.independent, code, at=at)
    await appeals.take(make_appeals.other, code, at=at)
    await appeals.decide(make_appeals.other, code, make_appeals.verdict(), at=at)
    view = await cases.appeal(code)
    assert (view.state, view.outcome) == (AppealState.FINAL, AppealOutcome.REJECTED)
    texts = await cases.appeal_texts(code)
    assert (texts.again, texts.first_reasons) == ("请复议", "经查，记录与所述不符。")
    with pytest.raises(Conflict, match=r"appeal\.asked_again"):
        await appeals.ask_again(unit, code, "再请", at=at)


async def test_a_late_decision_is_escalated_and_never_a_rejection() -> None:
    city = await make.notified(units=1, members=5)
    code = await make_appeals.filed(city)
    assert await appeals.turn_clocks(at=make_appeals.TAKEN) == 0
    late = (await cases.appeal(code)).due_at + timedelta(seconds=1)
    assert await appeals.turn_clocks(at=late) == 1
    assert await appeals.turn_clocks(at=late) == 0
    view = await cases.appeal(code)
    assert (view.state, view.escalated_at) == (AppealState.FILED, late)
    assert view.overdue(late)
    assert [each.step for each in await cases.course(view)] == [CaseStep.FILED, CaseStep.ESCALATED]
    (figures,) = await cases.appeal_figures(since=make.CLOSED, until=late, at=late)
    assert (figures.filed, figures.open, figures.overdue, figures.days) == (1, 1, 1, ())


@ONE
async def test_what_nobody_asks_again_becomes_final_by_itself() -> None:
    city = await make.notified(units=1, members=5)
    code = await make_appeals.decided(city)
    later = make_appeals.DECIDED + 2 * WEEK
    assert await appeals.turn_clocks(at=later) == 1
    assert (await cases.appeal(code)).state is AppealState.FINAL
    (figures,) = await cases.appeal_figures(since=make.CLOSED, until=later, at=later)
    assert (figures.rejected, figures.open, figures.days) == (1, 0, (2,))
    assert await cases.appeal_figures(since=later, until=later, at=later) == []


async def test_a_notice_names_who_is_under_appeal_and_lists_wait_for_the_decision() -> None:
    city = await make.notified(units=2)
    code = await make_appeals.filed(city)
    await make.waived(city)
    # The unit's own time runs out while nobody has decided.
    at = make.LATE
    found = await commands.open_notice(people.publisher, city.round.code, at=at)
    assert found.under_appeal == (city.units[0],)
    after = at + timedelta(days=20)
    await make.signed(city, at=after)
    with pytest.raises(Conflict, match=r"procedure\.unsigned") as refused:
        await commands.finalise(people.publisher, city.round.code, at=after)
    assert refused.value.values == {"steps": ("appeals_decided",)}
    await appeals.admit(people.coordinator, code, at=after)
    await appeals.take(make_appeals.independent, code, at=after)
    await appeals.decide(make_appeals.independent, code, make_appeals.verdict(), at=after)
    await make.signed(city, at=after)
    await commands.finalise(people.publisher, city.round.code, at=after)


@ONE
async def test_no_text_of_an_appeal_lies_in_clear() -> None:
    city = await make.notified(units=1, members=5)
    code = await make_appeals.decided(city)
    await appeals.ask_again(
        people.liaison(city.units[0]), code, "请求复议一次", at=make_appeals.APPLIED
    )
    stored = ""
    for table in ("appeal", "appeal_step", "appeal_file", "audit_entry"):
        stored += str(await db.raw(f"SELECT * FROM {table}"))
    words = (make_appeals.STATEMENT, "局长签", "经查", "请求复议一次")
    assert not [each for each in words if each in stored]
    assert [each for each in words if each in stored + words[0]]


@ONE
async def test_an_appeal_changed_behind_the_commands_is_found() -> None:
    city = await make.notified(units=1, members=5)
    await make_appeals.decided(city)
    await db.raw("UPDATE appeal SET outcome = 'upheld'")
    findings = (await history.verify(our_tables())).findings
    assert [each.place.split()[0] for each in findings] == ["appeal"]


@ONE
async def test_appeals_are_found_by_state_and_unit() -> None:
    city = await make.notified(units=1, members=5)
    code = await make_appeals.filed(city)
    assert [each.code for each in await cases.appeals((AppealState.FILED,))] == [code]
    assert await cases.appeals((AppealState.FINAL,)) == []
    assert [each.code for each in await cases.appeals_of_unit(city.units[0])] == [code]
    with pytest.raises(Missing):
        await cases.appeal(city.round.code)
