"""Draws: commitment, what is closed to whom, what is kept secret and what is told."""

from __future__ import annotations

import asyncio
import json
from datetime import timedelta

import msgspec
import pytest

from panel import chance, db
from panel.actor import Signature
from panel.audit import queries as history
from panel.audit.tables import Entry
from panel.errors import Conflict
from panel.ids import Code
from panel.members import commands as members
from panel.members import queries as seats
from panel.members.types import ExclusionKind, NewExclusion
from panel.roster import queries as roster
from panel.visits import commands, queries, rules
from panel.visits.tables import Round, RoundWindow, Task
from panel.visits.types import Mode, RecusalKind, RoundState, TaskState
from tests import people
from tests.make import roster as rosters
from tests.make import vault
from tests.make import visits as make

PAPER = Signature(document="批〔2026〕3号", signer="示例", signed_on=make.AT.date(), scan="0" * 64)


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


async def test_the_load_counts_who_carries_how_much(engine: db.Engine) -> None:
    setting = await make.running_round()
    actor, task = await make.one_task(setting)
    before = await queries.loads(setting.round.id)
    assert sum(before.values()) == 12
    assert max(before.values()) - min(before.values()) <= 1
    await commands.decline(actor, task.code, None, at=make.DURING)
    after = await queries.loads(setting.round.id)
    assert after.get(task.visitor, 0) == before[task.visitor] - 1


async def test_nobody_tries_out_which_windows_a_commitment_holds(engine: db.Engine) -> None:
    await make.city()
    committed = await make.committed_round(covert_percent=100)
    places = await queries.frozen_places(committed)
    told = json.loads(await queries.public_record(committed))
    plain = chance.merkle_root([f"{place.code} {place.demand}".encode() for place in places])
    assert told["places"] != plain  # codes of windows hang on every wall: a unit could compare
    drawn = await commands.draw(people.coordinator, committed.code, at=make.AT)
    whole = json.loads(await queries.record(drawn.id))
    hidden = [f"{whole['blind']} {place.code} {place.demand}".encode() for place in places]
    assert whole["committed"]["places"] == chance.merkle_root(hidden)  # auditors can
    await commands.close(people.coordinator, drawn.code, at=make.after(40))
    public = (await queries.public_record(await queries.round(drawn.code))).decode()
    assert whole["blind"] not in public


async def test_chosen_places_stay_unnamed_for_good(engine: db.Engine) -> None:
    setting = await make.running_round()
    record = chance.canonical({"unmet": [["W1", 1, "too_few_eligible"]], "lots": []}).decode()
    assert "W1" in str(rules.public_record(setting.round, record))
    chosen = msgspec.structs.replace(setting.round, draft=make.draft(targets={"W1": 1}))
    assert "W1" not in str(rules.public_record(chosen, record))
