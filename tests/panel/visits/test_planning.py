"""The next round from uncertainty, stored: planned, approved and drawn like any other."""

from __future__ import annotations

import msgspec
import pytest

from panel import db
from panel.errors import Conflict, Forbidden
from panel.ids import Code
from panel.visits import commands, queries
from panel.visits.types import RoundDraft, RoundKind, RoundView, Side
from tests import people
from tests.make import rankings
from tests.make import visits as make

LATER = make.ENDS.replace(month=9)


async def computed() -> RoundView:
    """Return a round whose ranking stands."""
    city = await rankings.computed()
    return await queries.round(city.round.code)


def next_draft(view: RoundView) -> RoundDraft:
    """Return a plan like the last, later in the year."""
    return msgspec.structs.replace(
        view.draft, starts=LATER.replace(day=1), ends=LATER.replace(day=28), title="第二轮",
        register_number="计划〔2026〕2号", visits_per_window=3, visits_per_unit=3,
    )  # fmt: skip


def unclear(view: RoundView, places: list[Code]) -> dict[Code, Side]:
    """Return lists in which the first place alone is unclear."""
    clear = Side(chance_top=0, chance_bottom=0, low=7_000, high=7_100, visits=9)
    doubt = Side(chance_top=5_000, chance_bottom=0, low=7_000, high=8_500, visits=5)
    return {code: doubt if number == 0 else clear for number, code in enumerate(places)}


async def test_visits_go_where_the_lists_are_unclear(engine: db.Engine) -> None:
    last = await computed()
    places = [each.code for each in await queries.places(last.draft)]
    units = {each.unit_code for each in await queries.places(last.draft)}
    sides = unclear(last, [*places, *units])
    view = await commands.plan_next(
        people.coordinator, last.code, sides, next_draft(last), at=rankings.LATE
    )
    assert view.draft.kind is RoundKind.SCHEDULED
    assert view.draft.parent == last.code
    assert view.draft.groups == last.draft.groups
    demand = view.draft.targets
    assert sum(demand.values()) == 3 * len(places)
    assert demand[places[0]] == max(demand.values()) > min(demand.values())
    for _ in range(3):  # nobody plans again until a place pleases
        again = await commands.plan_next(
            people.coordinator, last.code, sides, next_draft(last), at=rankings.LATE
        )
        assert again.draft.targets == demand
    approved = await commands.approve(people.second, view.code, at=rankings.LATE)
    frozen = {each.code: each.demand for each in await queries.frozen_places(approved)}
    assert frozen == dict(demand)
    assert (await queries.spread(view.id)).demand == dict(demand)  # type: ignore[union-attr]
    assert b'"spread"' not in await queries.public_record(approved)


@pytest.mark.engines("sqlite")
async def test_a_planned_round_keeps_its_places_and_is_planned_from_a_ranking_alone(
    engine: db.Engine,
) -> None:
    last = await computed()
    view = await commands.plan_next(
        people.coordinator, last.code, {}, next_draft(last), at=rankings.LATE
    )
    other = dict.fromkeys(view.draft.targets, 1)
    changed = msgspec.structs.replace(view.draft, theme="换个主题", targets=other)
    with pytest.raises(Conflict, match=r"round\.targets_fixed"):
        await commands.revise(people.coordinator, view.code, changed, at=rankings.LATE)
    kept = msgspec.structs.replace(changed, targets=view.draft.targets)
    assert (
        await commands.revise(people.coordinator, view.code, kept, at=rankings.LATE)
    ).draft.theme == "换个主题"
    draft = next_draft(last)
    with pytest.raises(Forbidden):
        await commands.plan_next(people.publisher, last.code, {}, draft, at=rankings.LATE)
    with pytest.raises(Conflict, match=r"round\.state_changed"):
        await commands.plan_next(people.coordinator, view.code, {}, draft, at=rankings.LATE)
