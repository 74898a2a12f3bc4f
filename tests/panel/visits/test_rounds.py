"""Rounds: plan, approval, closing, coverage, and every refusal."""

from __future__ import annotations

import pytest

from panel import db
from panel.actor import Signature
from panel.audit import queries as history
from panel.audit.tables import Entry
from panel.errors import Conflict, Forbidden, Invalid, Refusal
from panel.piccolo_app import our_tables
from panel.visits import commands, queries
from panel.visits.tables import Round
from panel.visits.types import RoundState, TaskState
from tests import people
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
        for row in await queries.coverage(setting.round, group, limit=50)
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
        later = await queries.coverage(
            setting.round, weeks.peer_group, after=own[0].place_id, limit=50
        )
        assert later == own[1:]
        back = await queries.coverage(
            setting.round, weeks.peer_group, before=own[-1].place_id, limit=50
        )
        assert back == own[:-1]
