"""A targeted evaluation: complaints point to units, visitors are drawn by lot."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Final

import msgspec

from panel.actor import Actor
from panel.chance import Stream
from panel.demo import behaviour, visiting
from panel.demo.timeline import Timeline
from panel.ids import Code
from panel.roster import queries as roster
from panel.roster.types import UnitView
from panel.visits import commands, queries
from panel.visits.types import NewCount, RoundDraft, RoundView

_MANY, _MOST = 3, 4
"""Upheld complaints in the last month of the units that are looked at."""
_UNITS: Final = 2


async def target(
    staff: dict[str, Actor], time: Timeline, members: Sequence[Code], seed: str
) -> Code:
    """Enter complaint numbers, confirm the worst two units, draw visitors, let them go."""
    coordinator = staff["coordinator"]
    units = [unit for unit in await roster.units() if unit.windows and unit.active]
    worst = sorted(units, key=lambda unit: behaviour.unit_quality(unit.ref, seed))[:_UNITS]
    first = time.day(9).replace(day=1)
    months = [(first - dt.timedelta(days=28 * back)).replace(day=1) for back in range(1, 4)]
    found = counts(months, units, {unit.code for unit in worst}, seed)
    await commands.enter_counts(coordinator, found, at=time.days_ago(9, 9))
    view = await commands.confirm_targets(
        coordinator, [unit.code for unit in worst], _draft(time), at=time.days_ago(9, 11)
    )
    await commands.approve(staff["approver"], view.code, at=time.days_ago(9, 15))
    await commands.commit(coordinator, view.code, at=time.days_ago(8, 15))
    view = await commands.draw(coordinator, view.code, at=time.days_ago(8, 16))
    await _play(staff, time, view, members, seed)
    return view.code


def counts(
    months: Sequence[dt.date], units: Sequence[UnitView], worst: set[Code], seed: str
) -> list[NewCount]:
    """Invent the complaints of some months: few almost everywhere, many about the worst."""
    found = []
    for unit in units:
        for month in months:
            stream = Stream(seed, f"complaints/{unit.ref}/{month}")
            upheld = _MANY + stream.below(_MOST) if unit.code in worst else stream.below(10) // 9
            found.append(
                NewCount(
                    unit=unit.code,
                    month=month,
                    received=upheld + stream.below(4),
                    upheld=upheld,
                    transactions=4000 + stream.below(6000),
                )
            )
    return list({(each.unit, each.month): each for each in found}.values())


def _draft(time: Timeline) -> RoundDraft:
    """Return the plan of the targeted evaluation."""
    return msgspec.structs.replace(
        visiting.first_round(time, 3),
        title="投诉较多单位定向监督评议",
        title_en="Targeted evaluation of units with many complaints",
        theme="投诉集中反映的办事效率和服务态度",
        covert_percent=70,
        starts=time.days_ago(7, 8),
        ends=time.days_ago(-7, 18),
        register_number="JN-2026-019",
    )


async def _play(
    staff: dict[str, Actor], time: Timeline, view: RoundView, members: Sequence[Code], seed: str
) -> None:
    """Let the drawn visitors go; what comes of it waits for reviewers in part."""
    drawn = [
        member
        for member in members
        if any(
            task.round_code == view.code
            for task in await queries.member_tasks(member, at=time.days_ago(7, 10))
        )
    ]
    course = visiting.Course(
        name="targeted/",
        members=drawn,
        seed=seed,
        answers=(7, 6, 4),
        lapses=(4,),
        until=time.days_ago(0, 0),
        review_days=2,
    )
    async for _ in visiting.play(staff, time, view, course):
        pass
