"""Rounds and tasks: every step, and every refusal."""

from __future__ import annotations

import asyncio
import json
from datetime import timedelta

import pytest

from panel import chance, db
from panel.actor import Signature
from panel.audit import queries as history
from panel.audit.tables import Entry
from panel.errors import Closed, Conflict, Forbidden, Invalid, Missing, Refusal
from panel.ids import Code
from panel.members import commands as members
from panel.members import queries as seats
from panel.members.types import ExclusionKind, NewExclusion
from panel.piccolo_app import our_tables
from panel.roster import queries as roster
from panel.visits import commands, queries, rules
from panel.visits.tables import Round, RoundWindow, Task
from panel.visits.types import DeclineReason, Mode, RecusalKind, RoundState, TaskState
from panel.workdays import SHANGHAI
from tests import people
from tests.make import roster as rosters
from tests.make import vault
from tests.make import visits as make

PAPER = Signature(document="批〔2026〕3号", signer="示例", signed_on=make.AT.date(), scan="0" * 64)


def faults(refusal: Invalid) -> set[tuple[str, str]]:
    return {(fault.path, fault.code) for fault in refusal.faults}


async def test_a_plan_names_every_fault_by_its_field(engine: db.Engine) -> None:
    await make.city()
    wrong = make.draft(
        legal_basis=" ", register_number="", groups=("service", "nobody"), max_tasks=9,
        ends=make.STARTS,
    )  # fmt: skip
    with pytest.raises(Invalid) as refused:
        await commands.plan(people.coordinator, wrong, at=make.AT)
    assert faults(refused.value) == {
        ("legal_basis", "round.legal_basis_missing"),
        ("register_number", "round.register_number_missing"),
        ("groups", "round.group_unknown"),
        ("max_tasks", "round.out_of_range"),
        ("ends", "round.dates"),
    }
    assert await queries.rounds() == []


async def test_only_a_coordinator_plans(engine: db.Engine) -> None:
    await make.city()
    with pytest.raises(Forbidden):
        await commands.plan(people.reviewer, make.draft(), at=make.AT)


async def test_the_author_does_not_approve_but_paper_stands_for_a_second_person(
    engine: db.Engine,
) -> None:
    await make.city()
    planned = await commands.plan(people.coordinator, make.draft(), at=make.AT)
    with pytest.raises(Forbidden) as refused:
        await commands.approve(people.coordinator, planned.code, at=make.AT)
    assert refused.value.code == "approval.same_person"
    approved = await commands.approve(people.coordinator, planned.code, at=make.AT, paper=PAPER)
    assert approved.state is RoundState.APPROVED
    assert approved.approval_document == PAPER.document
    assert len(await queries.frozen_places(approved)) == 6


async def test_an_approved_plan_stays_as_it_is(engine: db.Engine) -> None:
    await make.city()
    planned = await commands.plan(people.coordinator, make.draft(), at=make.AT)
    changed = await commands.revise(
        people.second, planned.code, make.draft(title="第二稿"), at=make.AT
    )
    assert changed.draft.title == "第二稿"
    await commands.approve(people.second, planned.code, at=make.AT)
    for step in (
        commands.revise(people.coordinator, planned.code, make.draft(), at=make.AT),
        commands.approve(people.second, planned.code, at=make.AT),
    ):
        with pytest.raises(Conflict, match=r"round.state_changed"):
            await step


async def test_a_covert_round_needs_its_disclosure(engine: db.Engine) -> None:
    await make.city()
    hidden = make.draft(covert_percent=50, disclosure="", disclosed_on=None)
    planned = await commands.plan(people.coordinator, hidden, at=make.AT)
    with pytest.raises(Invalid, match=r"round.no_disclosure"):
        await commands.approve(people.second, planned.code, at=make.AT)
    late = make.draft(covert_percent=50, disclosed_on=make.ENDS.date())
    await commands.revise(people.coordinator, planned.code, late, at=make.AT)
    with pytest.raises(Invalid, match=r"round.no_disclosure"):
        await commands.approve(people.second, planned.code, at=make.AT)
    await commands.revise(
        people.coordinator, planned.code, make.draft(covert_percent=50), at=make.AT
    )
    approved = await commands.approve(people.second, planned.code, at=make.AT)
    assert approved.covert


async def test_more_tasks_than_the_members_may_get_are_refused(engine: db.Engine) -> None:
    await make.city(members_count=2)
    planned = await commands.plan(people.coordinator, make.draft(), at=make.AT)
    with pytest.raises(Invalid) as refused:
        await commands.approve(people.second, planned.code, at=make.AT)
    assert refused.value.code == "round.over_capacity"
    assert refused.value.values == {"tasks": 12, "room": 8, "members": 2, "max_tasks": 4}


async def test_a_group_under_its_minimum_must_be_marked_as_not_ranked(engine: db.Engine) -> None:
    await make.city()
    thin = make.draft(visits_per_window=1)
    planned = await commands.plan(people.coordinator, thin, at=make.AT)
    with pytest.raises(Invalid) as refused:
        await commands.approve(people.second, planned.code, at=make.AT)
    assert refused.value.code == "round.under_minimum"
    marked = make.draft(visits_per_window=1, unranked=("service", "enforcement", "utility"))
    await commands.revise(people.coordinator, planned.code, marked, at=make.AT)
    approved = await commands.approve(people.second, planned.code, at=make.AT)
    assert approved.state is RoundState.APPROVED


async def test_a_draw_meets_the_demand_and_can_be_recomputed(engine: db.Engine) -> None:
    setting = await make.running_round(offices=1, groups=("service", "enforcement", "utility",
                                                          "office"))  # fmt: skip
    view = setting.round
    tasks = await queries.round_tasks(view.id)
    assert view.state is RoundState.RUNNING
    assert len(tasks) == 14
    assert {task.state for task in tasks} == {TaskState.OFFERED}
    assert sum(task.window_code is None for task in tasks) == 2
    assert {task.form_key for task in tasks} == {"window", "office"}
    assert len({(task.place_id, task.visitor) for task in tasks}) == 14
    record = json.loads(await queries.record(view.id))
    committed, source = record["committed"], record["source"]
    assert isinstance(committed, dict)
    assert isinstance(source, dict)
    assert chance.follows(str(source["previous"]), str(source["code"]))
    assert record["seed"] == chance.seed_of(
        version=1,
        draw=view.code,
        root=str(committed["root"]),
        n=12,
        k=14,
        sources=[
            {"kind": "organiser-chain", "position": source["position"], "value": source["code"]}
        ],
    )
    assert chance.digest(record["result"]) == record["result_hash"]


async def test_the_commitment_stands_before_the_code_is_known(engine: db.Engine) -> None:
    await make.city()
    committed = await make.committed_round()
    code = history.chain_code(1)
    assert code.code not in committed.commitment
    assert code.previous in committed.commitment
    with pytest.raises(Conflict, match=r"round.state_changed"):
        await commands.commit(people.coordinator, committed.code, at=make.AT)


async def test_changed_places_break_the_commitment(engine: db.Engine) -> None:
    await make.city()
    committed = await make.committed_round()
    await RoundWindow.update({RoundWindow.demand: 1}).where(RoundWindow.round == committed.id)
    with pytest.raises(Conflict, match=r"round.commitment_broken"):
        await commands.draw(people.coordinator, committed.code, at=make.AT)
    assert (await queries.round(committed.code)).state is RoundState.COMMITTED


async def test_two_draws_at_once_give_one_result_and_one_conflict(engine: db.Engine) -> None:
    await make.city()
    committed = await make.committed_round()
    answers = await asyncio.gather(
        commands.draw(people.coordinator, committed.code, at=make.AT),
        commands.draw(people.second, committed.code, at=make.AT),
        return_exceptions=True,
    )
    refused = [each for each in answers if isinstance(each, BaseException)]
    assert [type(each) for each in refused] == [Conflict]
    assert len(await queries.round_tasks(committed.id)) == 12
    drawn = await Entry.select().where(Entry.command == "visits.draw")
    assert len(drawn) == 1


async def test_members_who_are_not_qualified_get_nothing(engine: db.Engine) -> None:
    codes = await make.city()
    committed = await make.committed_round()
    await members.resign(people.coordinator, codes[0], "搬离本市", at=make.AT)
    view = await commands.draw(people.coordinator, committed.code, at=make.AT)
    assert await queries.member_tasks(codes[0], at=make.DURING) == []
    gone = queries.link(codes[0], view.code)
    record = json.loads(await queries.record(view.id))
    assert record["skipped"] == [[gone, "not_qualified"]]


async def test_untrained_members_are_not_even_committed(engine: db.Engine) -> None:
    await make.city(members_count=12)
    today = make.AT.date()
    fresh = await members.appoint(
        people.coordinator,
        [make.seat(77, await vault.person(77))],
        term_start=today,
        months=24,
        at=make.AT,
    )
    setting = await make.committed_round()
    assert queries.link(fresh[0], setting.code) not in await queries.labels(setting.id)
    assert len(await seats.serving(make.AT)) == 13


async def test_a_declared_tie_bars_the_unit(engine: db.Engine) -> None:
    await make.measures(visits_per_window=2)
    await rosters.small_city(units=3, windows=2)
    units = await roster.units()
    ties = tuple(NewExclusion(unit.code, ExclusionKind.EMPLOYER) for unit in units[:2])
    codes = await make.panel_of(12, exclusions=ties)
    committed = await make.committed_round()
    await commands.draw(people.coordinator, committed.code, at=make.AT)
    visited = {task.unit_code for task in await queries.member_tasks(codes[0], at=make.DURING)}
    assert visited <= {units[2].code}


async def test_somebody_elses_task_is_missing(engine: db.Engine) -> None:
    setting = await make.running_round()
    actor, task = await make.one_task(setting)
    other = next(code for code in setting.members if code != actor.member)
    stranger = people.member(other, 500)
    with pytest.raises(Missing, match=r"task.missing"):
        await queries.member_task(other, task.code)
    for step in (
        commands.accept(stranger, task.code, at=make.DURING),
        commands.decline(stranger, task.code, None, at=make.DURING),
        commands.recuse(stranger, task.code, RecusalKind.FAMILY, at=make.DURING),
        commands.brief(stranger, task.code, at=make.DURING),
        commands.not_possible(stranger, task.code, None, "", at=make.DURING),
    ):
        with pytest.raises(Missing, match=r"task.missing"):
            await step
    assert (await queries.task(task.code)).state is TaskState.OFFERED


async def test_a_task_is_accepted_once(engine: db.Engine) -> None:
    setting = await make.running_round()
    actor, task = await make.one_task(setting)
    accepted = await commands.accept(actor, task.code, at=make.DURING)
    assert accepted.state is TaskState.ACCEPTED
    with pytest.raises(Conflict, match=r"task.answered"):
        await commands.accept(actor, task.code, at=make.DURING)
    entries = await Entry.select().where(Entry.command == "visits.accept")
    assert len(entries) == 1


async def test_two_taps_at_once_accept_once(engine: db.Engine) -> None:
    setting = await make.running_round()
    actor, task = await make.one_task(setting)
    answers = await asyncio.gather(
        *(commands.accept(actor, task.code, at=make.DURING) for _ in range(2)),
        return_exceptions=True,
    )
    assert sum(isinstance(each, Conflict) for each in answers) == 1


async def test_an_offer_ends_with_its_deadline(engine: db.Engine) -> None:
    setting = await make.running_round()
    actor, task = await make.one_task(setting)
    assert task.answer_by is not None
    with pytest.raises(Closed, match=r"task.offer_over"):
        await commands.accept(actor, task.code, at=task.answer_by + timedelta(seconds=1))


async def test_a_declined_task_goes_to_the_next_in_the_recorded_order(engine: db.Engine) -> None:
    setting = await make.running_round()
    actor, task = await make.one_task(setting)
    declined = await commands.decline(actor, task.code, DeclineReason.TIME, at=make.DURING)
    assert declined.state is TaskState.DECLINED
    of_place = [each for each in await queries.unit_tasks(task.round_id, task.unit_id)
                if each.place_id == task.place_id]  # fmt: skip
    (fresh,) = [each for each in of_place if each.why.position]
    reserve = await queries.reserve(task.place_id)
    met = {each.visitor for each in await queries.unit_tasks(task.round_id, task.unit_id)}
    loads = await queries.loads(task.round_id)
    earlier = reserve[: fresh.why.position - 1]
    assert fresh.visitor == reserve[fresh.why.position - 1]
    assert all(each in met or loads.get(each, 0) >= 4 for each in earlier)
    assert fresh.state is TaskState.OFFERED
    assert fresh.visitor != task.visitor
    assert fresh.answer_by is not None
    assert fresh.answer_by > make.DURING
    with pytest.raises(Conflict):
        await commands.accept(actor, task.code, at=make.DURING)


async def test_substitutes_keep_the_load_within_its_bound(engine: db.Engine) -> None:
    setting = await make.running_round(members_count=6, max_tasks=2)
    for _ in range(3):
        actor, task = await make.one_task(setting)
        await commands.decline(actor, task.code, None, at=make.DURING)
        assert max((await queries.loads(setting.round.id)).values()) <= 2


async def test_a_recusal_bars_the_unit_for_good(engine: db.Engine) -> None:
    setting = await make.running_round()
    actor, task = await make.one_task(setting)
    await commands.recuse(actor, task.code, RecusalKind.DISPUTE, at=make.DURING)
    own = await queries.member_tasks(actor.member, at=make.DURING)
    states = {each.state for each in own if each.unit_id == task.unit_id}
    assert states == {TaskState.RECUSED}
    await commands.close(people.coordinator, setting.round.code, at=make.after(8))
    for number in range(3):
        starts = make.after(10 + number * 200)
        today = starts.astimezone(SHANGHAI).date()
        await members.record_training(people.coordinator, setting.members, on=today, at=starts)
        later = make.draft(title=f"第{number}轮", starts=starts, ends=starts + timedelta(days=30))
        planned = await commands.plan(people.coordinator, later, at=starts)
        await commands.approve(people.second, planned.code, at=starts)
        await commands.commit(people.coordinator, planned.code, at=starts - timedelta(hours=2))
        drawn = await commands.draw(people.coordinator, planned.code, at=starts)
        own = [
            each
            for each in await queries.member_tasks(actor.member, at=starts)
            if each.round_code == drawn.code
        ]
        assert task.unit_id not in {each.unit_id for each in own}
        await commands.close(people.coordinator, planned.code, at=starts + timedelta(days=38))


async def test_a_window_is_not_visited_again_within_the_days_of_rotation(
    engine: db.Engine,
) -> None:
    setting = await make.running_round()
    actor, task = await make.accepted_task(setting)
    assert actor.member is not None
    await commands.complete(task, at=make.DURING)
    other = make.draft(starts=make.after(20), ends=make.after(50))
    planned = await commands.plan(people.coordinator, other, at=make.AT)
    soon = await queries.past(setting.members, planned, 90)
    assert soon.windows[actor.member] >= {task.window_id}
    later = make.draft(starts=make.after(120), ends=make.after(150))
    planned = await commands.plan(people.coordinator, later, at=make.AT)
    past = await queries.past(setting.members, planned, 90)
    assert past.windows == {}
    assert past.units[actor.member] >= {task.unit_id}


async def test_a_visited_unit_is_left_out_of_the_next_round(engine: db.Engine) -> None:
    setting = await make.running_round(members_count=24)
    seen: dict[Code, set[int]] = {}
    for number, code in enumerate(setting.members):
        for task in await queries.member_tasks(code, at=make.DURING):
            await commands.accept(people.member(code, 300 + number), task.code, at=make.DURING)
            await commands.start(task.id, at=make.DURING)
            await commands.complete(task, at=make.DURING)
            await commands.settle(task.id, TaskState.DONE, at=make.DURING)
            seen.setdefault(code, set()).add(task.unit_id)
    await commands.close(people.coordinator, setting.round.code, at=make.after(8))
    starts = make.after(200)
    planned = await commands.plan(
        people.coordinator, make.draft(starts=starts, ends=starts + timedelta(days=30)), at=starts
    )
    await commands.approve(people.second, planned.code, at=starts)
    await commands.commit(people.coordinator, planned.code, at=starts - timedelta(hours=2))
    await commands.draw(people.coordinator, planned.code, at=starts)
    for code, units in seen.items():
        own = await queries.member_tasks(code, at=starts)
        offered = {task.unit_id for task in own if task.state is TaskState.OFFERED}
        assert not offered & units


async def test_a_closed_window_is_reported_with_its_day(engine: db.Engine) -> None:
    setting = await make.running_round()
    actor, task = await make.accepted_task(setting)
    today = make.DURING.date()
    with pytest.raises(Invalid) as refused:
        await commands.not_possible(actor, task.code, None, "", at=make.DURING)
    assert faults(refused.value) == {("on", "task.day_outside"), ("seen", "task.seen_missing")}
    tomorrow = today + timedelta(days=1)
    with pytest.raises(Invalid):
        await commands.not_possible(actor, task.code, tomorrow, "无人", at=make.DURING)
    told = await commands.not_possible(actor, task.code, today, "窗口关闭,无告示", at=make.DURING)
    assert told.state is TaskState.NOT_POSSIBLE
    assert told.note == "窗口关闭,无告示"


async def test_unanswered_offers_lapse_and_the_next_are_asked(engine: db.Engine) -> None:
    setting = await make.running_round()
    _, accepted = await make.accepted_task(setting)
    assert accepted.answer_by is not None
    assert await commands.lapse_due(at=make.DURING) == 0
    late = accepted.answer_by + timedelta(minutes=1)
    assert await commands.lapse_due(at=late) == 11
    states = {each.state: each.count for each in await queries.counts(setting.round.id)
              if each.state is not TaskState.ACCEPTED}  # fmt: skip
    assert states[TaskState.LAPSED] == 11
    assert states[TaskState.OFFERED] > 0
    assert (await queries.task(accepted.code)).state is TaskState.ACCEPTED
    assert await commands.lapse_due(at=late) == 0
    entries = await Entry.select().where(Entry.command == "visits.lapse_due")
    assert len(entries) == 1


async def test_a_round_closes_after_its_grace_and_what_is_unfinished_lapses(
    engine: db.Engine,
) -> None:
    setting = await make.running_round()
    actor, task = await make.accepted_task(setting)
    with pytest.raises(Conflict, match=r"round.grace_runs"):
        await commands.close(people.coordinator, setting.round.code, at=make.after(6))
    closed = await commands.close(people.coordinator, setting.round.code, at=make.after(8))
    assert closed.state is RoundState.CLOSED
    assert {each.state for each in await queries.counts(closed.id)} == {TaskState.LAPSED}
    with pytest.raises(Conflict, match=r"task.state_changed"):
        await commands.decline(actor, task.code, None, at=make.after(8))
    with pytest.raises(Refusal):
        await commands.start(task.id, at=make.after(8))


async def test_a_sheet_moves_its_task_step_by_step(engine: db.Engine) -> None:
    setting = await make.running_round()
    actor, offered = await make.one_task(setting)
    with pytest.raises(Conflict, match=r"task.not_accepted"):
        await commands.start(offered.id, at=make.DURING)
    await commands.accept(actor, offered.code, at=make.AT)
    with pytest.raises(Conflict, match=r"task.not_yet"):
        await commands.start(offered.id, at=make.AT)
    started = await commands.start(offered.id, at=make.DURING)
    assert started.state is TaskState.IN_PROGRESS
    await commands.complete(offered, at=make.DURING)
    with pytest.raises(Conflict):
        await commands.complete(offered, at=make.DURING)
    due = make.DURING + timedelta(hours=24)
    await commands.give_back(offered.id, due, at=make.DURING)
    returned = await queries.member_task(actor.member, offered.code)
    assert (returned.state, returned.due_at) == (TaskState.RETURNED, due)
    await commands.complete(offered, at=make.DURING)
    await commands.settle(offered.id, TaskState.DONE, at=make.DURING)
    with pytest.raises(Conflict):
        await commands.give_back(offered.id, due, at=make.DURING)
    await commands.settle(offered.id, TaskState.VOIDED, at=make.DURING)
    with pytest.raises(Conflict):
        await commands.settle(offered.id, TaskState.DONE, at=make.DURING)


async def test_a_sheet_after_the_grace_is_refused(engine: db.Engine) -> None:
    setting = await make.running_round()
    _, task = await make.accepted_task(setting)
    with pytest.raises(Closed, match=r"task.over"):
        await commands.complete(task, at=make.after(8))


async def test_the_briefing_is_read_once(engine: db.Engine) -> None:
    setting = await make.running_round()
    actor, task = await make.accepted_task(setting)
    read = await commands.brief(actor, task.code, at=make.DURING)
    assert read.briefed_at is not None
    with pytest.raises(Conflict, match=r"task.briefed"):
        await commands.brief(actor, task.code, at=make.DURING)


async def test_covert_visits_follow_the_share_where_places_are_fit(engine: db.Engine) -> None:
    setting = await make.running_round(covert_percent=50)
    modes = [task.mode for task in await queries.round_tasks(setting.round.id)]
    assert modes.count(Mode.COVERT) == 6


async def holds(needle: str) -> list[str]:
    """Return the tables of visits and history in which a text stands."""
    found = []
    for table in (Task, Round, RoundWindow, Entry):
        rows = await table.select()
        if any(needle in str(value) for row in rows for value in row.values()):
            found.append(table._meta.tablename)
    return found


async def test_no_row_of_visits_and_no_entry_names_a_visitor(engine: db.Engine) -> None:
    setting = await make.running_round(covert_percent=100)
    actor, task = await make.one_task(setting, covert=True)
    await commands.accept(actor, task.code, at=make.DURING)
    await commands.brief(actor, task.code, at=make.DURING)
    other, second = await make.one_task(setting, covert=True)
    await commands.decline(other, second.code, None, at=make.DURING)
    third, fourth = await make.one_task(setting, covert=True)
    await commands.recuse(third, fourth.code, RecusalKind.ACQUAINTED, at=make.DURING)
    for who in (actor, other, third):
        assert who.member is not None
        assert await holds(who.member) == []
        assert await holds(who.name) == []
    accounts = await Entry.select(Entry.actor, Entry.account).where(
        Entry.command.is_in(["visits.accept", "visits.brief", "visits.decline", "visits.recuse"])
    )
    assert len(accounts) == 4
    assert all(each["account"] is None for each in accounts)
    assert all(each["actor"].startswith("visitor:") for each in accounts)
    # The check sees what it looks for: a planted code is found in each table.
    assert actor.member is not None
    await Task.update({Task.note: f"x{actor.member}"}).where(Task.id == task.id)
    await Entry.insert(
        Entry(at=make.AT, command="planted", actor=actor.member, detail="[]", digest="")
    )
    assert await holds(actor.member) == [Task._meta.tablename, Entry._meta.tablename]


async def test_a_covert_draw_shows_hashes_only_until_the_round_is_closed(
    engine: db.Engine,
) -> None:
    setting = await make.running_round(covert_percent=50)
    told = rules.public_record(setting.round, await queries.record(setting.round.id))
    assert set(told) == {"version", "draw", "committed", "result_hash", "record_hash"}
    await commands.close(people.coordinator, setting.round.code, at=make.after(8))
    closed = await queries.round(setting.round.code)
    whole = json.loads(await queries.record(closed.id))
    assert chance.digest(whole["result"]) == told["result_hash"]
    later = rules.public_record(closed, await queries.record(closed.id))
    assert later["result_hash"] == told["result_hash"]
    assert "source" in later


async def test_no_public_record_says_which_label_went_where(engine: db.Engine) -> None:
    """One recognised visit would reveal the covert ones, and substitutes tell of homes."""
    setting = await make.running_round(covert_percent=50)
    await commands.close(people.coordinator, setting.round.code, at=make.after(8))
    closed = await queries.round(setting.round.code)
    public = json.dumps(rules.public_record(closed, await queries.record(closed.id)))
    whole = await queries.record(closed.id)
    for member in setting.members:
        label = queries.link(member, closed.code)
        assert label in whole
        assert label not in public


async def test_a_visitor_can_prove_to_have_been_in_the_roster(engine: db.Engine) -> None:
    setting = await make.running_round()
    _, task = await make.one_task(setting)
    proof = await queries.proof(task)
    path = proof["path"]
    assert isinstance(path, list)
    assert chance.includes(
        str(proof["root"]),
        task.visitor.encode(),
        int(str(proof["index"])),
        int(str(proof["n"])),
        [str(each) for each in path],
    )


async def test_every_step_leaves_one_entry(engine: db.Engine) -> None:
    setting = await make.running_round()
    actor, task = await make.accepted_task(setting)
    await commands.decline(actor, task.code, None, at=make.DURING)
    told = [row["command"] for row in await Entry.select(Entry.command).order_by(Entry.id)]
    assert told[-6:] == [
        "visits.plan",
        "visits.approve",
        "visits.commit",
        "visits.draw",
        "visits.accept",
        "visits.decline",
    ]


async def test_a_round_changed_by_sql_is_found(engine: db.Engine) -> None:
    setting = await make.running_round()
    assert (await history.verify(our_tables())).findings == ()
    await Round.update({Round.record_hash: "0" * 64}).where(Round.id == setting.round.id)
    findings = (await history.verify(our_tables())).findings
    assert [each.place for each in findings] == [f"visit_round {setting.round.id}"]


async def test_coverage_adds_up_to_the_plan_and_counts_sheets(engine: db.Engine) -> None:
    setting = await make.running_round(offices=1, groups=("service", "enforcement", "utility",
                                                          "office"))  # fmt: skip
    _, task = await make.accepted_task(setting)
    await commands.complete(task, at=make.DURING)
    rows = [
        row
        for group in setting.round.draft.groups
        for row in await queries.coverage(setting.round, group, skip=0, limit=50)
    ]
    assert [sum(row.planned) for row in rows] == [row.demand for row in rows] == [2] * 7
    assert sum(sum(row.done) for row in rows) == 1
    assert {len(row.planned) for row in rows} == {5}
    assert sum(row.window_code is None for row in rows) == 1
    for weeks in await queries.group_coverage(setting.round):
        own = [row for row in rows if row.peer_group == weeks.peer_group]
        assert weeks.planned == tuple(map(sum, zip(*(row.planned for row in own), strict=True)))
        assert weeks.done == tuple(map(sum, zip(*(row.done for row in own), strict=True)))
        assert await queries.places_of(setting.round, weeks.peer_group) == len(own)
        later = await queries.coverage(setting.round, weeks.peer_group, skip=1, limit=50)
        assert later == own[1:]


async def test_the_load_counts_who_carries_how_much(engine: db.Engine) -> None:
    setting = await make.running_round()
    actor, task = await make.one_task(setting)
    before = await queries.loads(setting.round.id)
    assert sum(before.values()) == 12
    assert max(before.values()) - min(before.values()) <= 1
    await commands.decline(actor, task.code, None, at=make.DURING)
    after = await queries.loads(setting.round.id)
    assert after.get(task.visitor, 0) == before[task.visitor] - 1
