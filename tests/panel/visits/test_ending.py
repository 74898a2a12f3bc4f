"""Rounds that are called off, chosen places, second stages, double visits, the open pool."""

from __future__ import annotations

from collections import Counter

import msgspec
import pytest

from panel import db
from panel.audit.tables import Entry
from panel.errors import Conflict, Forbidden, Invalid, Missing
from panel.ids import Code
from panel.members.tables import Member
from panel.roster.tables import Unit
from panel.roster.types import Level
from panel.visits import commands, queries
from panel.visits.tables import Round, Task
from panel.visits.types import RoundKind, RoundState, Score, TaskState
from tests import people
from tests.make import visits as make


async def test_a_draft_is_called_off_by_its_author_with_a_reason(engine: db.Engine) -> None:
    await make.city()
    view = await commands.plan(people.coordinator, make.draft(), at=make.AT)
    with pytest.raises(Invalid) as refused:
        await commands.cancel(people.coordinator, view.code, " ", at=make.AT)
    assert refused.value.faults[0].code == "round.reason_missing"
    gone = await commands.cancel(people.coordinator, view.code, "台风停工", at=make.AT)
    assert (gone.state, gone.cancelled_reason) == (RoundState.CANCELLED, "台风停工")
    with pytest.raises(Conflict):
        await commands.cancel(people.coordinator, view.code, "再次", at=make.AT)
    with pytest.raises(Conflict):
        await commands.approve(people.second, view.code, at=make.AT)


async def test_an_approved_round_is_called_off_by_another_person(engine: db.Engine) -> None:
    await make.city()
    view = await make.approved_round()
    with pytest.raises(Forbidden, match=r"approval.same_person"):
        await commands.cancel(people.coordinator, view.code, "台风停工", at=make.AT)
    with pytest.raises(Forbidden):
        await commands.cancel(people.reviewer, view.code, "台风停工", at=make.AT)
    gone = await commands.cancel(people.second, view.code, "台风停工", at=make.AT)
    assert gone.state is RoundState.CANCELLED


async def test_a_committed_round_that_is_never_drawn_lets_later_ones_go_on(
    engine: db.Engine,
) -> None:
    await make.city()
    first = await make.committed_round()
    second = await make.committed_round(title="第二轮")
    with pytest.raises(Conflict, match=r"chain.earlier_open"):
        await commands.draw(people.coordinator, second.code, at=make.AT)
    await commands.cancel(people.second, first.code, "名册有误", at=make.AT)
    drawn = await commands.draw(people.coordinator, second.code, at=make.AT)
    assert drawn.state is RoundState.RUNNING
    gone = await queries.round(first.code)
    assert gone.commitment
    with pytest.raises(Conflict):
        await commands.draw(people.coordinator, first.code, at=make.AT)


async def test_calling_a_running_round_off_ends_what_is_open_and_keeps_what_came_in(
    engine: db.Engine,
) -> None:
    setting = await make.running_round()
    _, task = await make.accepted_task(setting)
    await Task.update({Task.state: TaskState.SUBMITTED}).where(Task.id == task.id)
    await commands.cancel(people.second, setting.round.code, "防疫", at=make.DURING)
    states = Counter(each.state for each in await queries.round_tasks(setting.round.id))
    assert set(states) == {TaskState.CANCELLED, TaskState.SUBMITTED}
    with pytest.raises(Conflict):
        await commands.close(people.coordinator, setting.round.code, at=make.after(8))


async def test_an_ad_hoc_round_visits_what_was_chosen_and_nothing_else(engine: db.Engine) -> None:
    await make.city(units=3, windows=2)
    window, other = (await queries.places(make.draft()))[:3:2]
    chosen = {window.code: 3, other.unit_code: 1}
    plan = make.draft(kind=RoundKind.AD_HOC, groups=(), targets=chosen)
    view = await commands.plan(people.coordinator, plan, at=make.AT)
    places = {each.code: each.demand for each in await queries.places(view.draft)}
    units = {each.unit_code for each in await queries.places(view.draft)}
    assert places[window.code] == 3
    assert units == {window.unit_code, other.unit_code}
    assert sum(places.values()) == 5
    approved = await commands.approve(people.second, view.code, at=make.AT)
    assert approved.draft.targets == chosen


@pytest.mark.parametrize(
    ("more", "path"),
    [
        ({"kind": RoundKind.AD_HOC}, "targets"),
        ({"targets": {"W": 2}}, "targets"),
        ({"kind": RoundKind.AD_HOC, "targets": {"W": 99}}, "targets"),
        ({"kind": RoundKind.TARGETED, "targets": {"W": 2}, "claims": True}, "claims"),
        ({"double_percent": 50}, "double_percent"),
    ],
)
async def test_a_plan_that_chooses_wrongly_is_refused(
    engine: db.Engine, more: dict[str, object], path: str
) -> None:
    await make.city()
    with pytest.raises(Invalid) as refused:
        await commands.plan(people.coordinator, make.draft(**more), at=make.AT)
    assert {fault.path for fault in refused.value.faults} == {path}


def scores(units: list[Code]) -> list[Score]:
    """Return a ranking in which the first unit is last and the next is close to it."""
    return [
        Score(unit, 7_000 + 90 * number, 100, number == 0, False, False)  # noqa: FBT003
        for number, unit in enumerate(units)
    ]


async def test_a_second_stage_follows_a_computed_round(engine: db.Engine) -> None:
    setting = await make.running_round(units=4)
    code = setting.round.code
    units = sorted({each.unit_code for each in await queries.frozen_places(setting.round)})
    late = make.after(40)
    draft = make.draft(title="复核", starts=late, ends=make.after(60))
    with pytest.raises(Conflict):
        await commands.confirm(people.coordinator, code, scores(units), draft, at=late)
    await Round.update({Round.state: RoundState.COMPUTED}).where(Round.id == setting.round.id)
    clear = [msgspec.structs.replace(each, in_bottom=False) for each in scores(units)]
    with pytest.raises(Conflict, match=r"round.nothing_unclear"):
        await commands.confirm(people.coordinator, code, clear, draft, at=late)
    view = await commands.confirm(people.coordinator, code, scores(units), draft, at=late)
    assert (view.draft.kind, view.draft.parent) == (RoundKind.CONFIRMING, code)
    visited = {each.unit_code for each in await queries.places(view.draft)}
    assert visited == set(units[:2])
    spread = await queries.spread(view.id)
    assert spread is not None
    assert dict(spread.demand) == dict(view.draft.targets)
    assert [each.code for each in await queries.children(code)] == [view.code]
    assert spread.seed.encode() not in await queries.public_record(view)
    ended = msgspec.structs.replace(view, closed_at=late)
    assert spread.seed.encode() in await queries.public_record(ended)
    other = msgspec.structs.replace(view.draft, targets={units[0]: 1})
    with pytest.raises(Conflict, match=r"round.targets_fixed"):
        await commands.revise(people.coordinator, view.code, other, at=late)
    plain = msgspec.structs.replace(view.draft, kind=RoundKind.AD_HOC)
    with pytest.raises(Conflict, match=r"round.kind_fixed"):
        await commands.revise(people.coordinator, view.code, plain, at=late)


async def test_a_blind_pair_shares_place_week_and_mode_and_nothing_tells_it(
    engine: db.Engine,
) -> None:
    setting = await make.running_round(
        members_count=24, units=4, double_percent=20, covert_percent=50
    )
    found = await queries.pairs(setting.round.id)
    assert len(found) == 3  # a fifth of sixteen visits
    tasks = {each.id: each for each in await queries.round_tasks(setting.round.id)}
    assert len(tasks) == 19
    for first, second in found:
        one, two = tasks[first], tasks[second]
        assert one.visitor != two.visitor
        assert (one.place_id, one.due_at, one.mode) == (two.place_id, two.due_at, two.mode)
    assert "pair" not in msgspec.to_builtins(tasks[found[0][0]])


async def test_a_substitute_takes_the_place_in_a_blind_pair(engine: db.Engine) -> None:
    setting = await make.running_round(members_count=24, double_percent=20)
    (first, second), *_ = await queries.pairs(setting.round.id)
    tasks = await queries.tasks([first, second])
    owner = next(
        people.member(code, 500)
        for code in setting.members
        if queries.link(code, setting.round.code) == tasks[first].visitor
    )
    await commands.decline(owner, tasks[first].code, None, at=make.DURING)
    (stood, *_) = [each for each in await queries.pairs(setting.round.id) if second in each]
    assert len(stood) == 3
    assert len({(await queries.task_by_id(each)).visitor for each in stood}) == 3


async def test_people_of_one_home_share_ties_and_are_not_both_sent(engine: db.Engine) -> None:
    codes = await make.city(members_count=24)
    await Member.update({Member.household: "h" * 64}).where(Member.code.is_in(codes[:4]))
    committed = await make.committed_round(max_tasks=2)
    view = await commands.draw(people.coordinator, committed.code, at=make.AT)
    home = {queries.link(code, view.code) for code in codes[:4]}
    met = Counter(
        task.unit_id for task in await queries.round_tasks(view.id) if task.visitor in home
    )
    assert max(met.values(), default=0) <= 1


async def test_nobody_judges_the_office_of_the_own_town(engine: db.Engine) -> None:
    await make.city(members_count=24, offices=1)
    units = await Unit.select(Unit.id, Unit.district)
    await Unit.update({Unit.level: Level.TOWN}).where(Unit.id > 0)
    committed = await make.committed_round(groups=("service", "enforcement", "utility", "office"))
    view = await commands.draw(people.coordinator, committed.code, at=make.AT)
    places = {place.id: place for place in await queries.frozen_places(view)}
    assert units
    homes = {row["code"]: row["district"] for row in await Member.select()}
    of_link = queries.links([Code(code) for code in homes], view.code)
    for task in await queries.round_tasks(view.id):
        assert homes[of_link[task.visitor]] != places[task.place_id].district


async def test_a_member_with_room_takes_an_open_visit_and_chance_says_which(
    engine: db.Engine,
) -> None:
    setting = await make.running_round(members_count=24, claims=True)
    (task, *_) = await queries.round_tasks(setting.round.id)
    await Task.update({Task.state: TaskState.DECLINED}).where(Task.id == task.id)
    (place,) = await queries.open_places(setting.round)
    free = [code for code in setting.members if await queries.pools(code, at=make.DURING)]
    gone = next(c for c in setting.members
                if queries.link(c, setting.round.code) == task.visitor)  # fmt: skip
    assert gone not in free
    actor = people.member(free[0], 601)
    with pytest.raises(Conflict, match=r"round.nothing_to_claim"):
        await commands.claim(actor, setting.round.code, "没有的区", at=make.DURING)
    taken = await commands.claim(actor, setting.round.code, place.district, at=make.DURING)
    assert (taken.place_id, taken.state) == (place.id, TaskState.ACCEPTED)
    assert taken.why.claimed
    with pytest.raises(Conflict, match=r"round.nothing_to_claim"):
        await commands.claim(
            people.member(free[1], 602), setting.round.code, place.district, at=make.DURING
        )
    last = await Entry.select(Entry.actor).order_by(Entry.id, ascending=False).first()
    assert last is not None
    assert actor.member is not None
    assert actor.member not in str(last)


async def test_who_may_not_claim_is_refused(engine: db.Engine) -> None:
    setting = await make.running_round(members_count=12)
    member = people.member(setting.members[0], 603)
    with pytest.raises(Conflict, match=r"round.no_claims"):
        await commands.claim(member, setting.round.code, "任城区", at=make.DURING)
    with pytest.raises(Forbidden):
        await commands.claim(people.coordinator, setting.round.code, "任城区", at=make.DURING)
    with pytest.raises(Missing):
        await commands.claim(member, make.NOBODY, "任城区", at=make.DURING)
    assert await queries.pools(setting.members[0], at=make.DURING) == []
    assert not await queries.pool_open(at=make.DURING)
