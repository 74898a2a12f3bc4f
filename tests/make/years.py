"""Builders of a year: a second round of the same city, and the way of a ranking to the public."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from panel.evaluations import commands as evaluations
from panel.ids import Code
from panel.rankings import commands
from panel.rankings.types import PublicationView, RankingState
from panel.visits import commands as visits_commands
from panel.visits import queries as visits_queries
from panel.visits.types import RoundView, TaskState, TaskView
from panel.workdays import SHANGHAI
from tests import people
from tests.make import evaluations as sheets
from tests.make import rankings as make
from tests.make import visits

LATER = timedelta(days=120)


def middling(_: TaskView) -> int | None:
    """Answer everything alike."""
    return 2


async def second_round(members: Sequence[Code], value: make.Value = middling) -> RoundView:
    """Play another round of the same year to its end."""
    at = visits.AT + LATER
    draft = visits.draft(
        groups=("service",),
        visits_per_window=5,
        visits_per_unit=5,
        starts=visits.STARTS + LATER,
        ends=visits.ENDS + LATER,
        register_number="计划〔2026〕2号",
    )
    planned = await visits_commands.plan(people.coordinator, draft, at=at)
    await visits_commands.approve(people.second, planned.code, at=at)
    await visits_commands.commit(people.coordinator, planned.code, at=at - timedelta(hours=2))
    await visits_commands.draw(people.coordinator, planned.code, at=at)
    during = visits.DURING + LATER
    sent = during + timedelta(hours=3)
    for number, code in enumerate(members):
        actor = people.member(code, 100 + number)
        for task in await visits_queries.member_tasks(code, at=during):
            given = value(task) if task.state is TaskState.OFFERED else None
            if given is None:
                continue
            await visits_commands.accept(actor, task.code, at=during)
            receipt = await evaluations.submit(
                actor,
                task.code,
                sheets.answers(
                    await sheets.form_of(task), given, on=during.astimezone(SHANGHAI).date()
                ),
                sheets.key(task.id),
                filled_at=sent,
                at=sent,
            )
            await evaluations.accept(people.reviewer, receipt.code, at=during)
    return await visits_commands.close(people.coordinator, planned.code, at=make.CLOSED + LATER)


async def made_public(city: make.City, *, at: datetime) -> PublicationView:
    """Lead a computed ranking to its publication, twenty days later; a correction goes shorter."""
    code, late = city.round.code, at + timedelta(days=20)
    corrects = (await make.ranking(city)).state is RankingState.SUPERSEDED
    await commands.recount(people.second, code, at=at)
    await commands.notify(people.coordinator, code, at=at)
    await make.waived(city, at=at)
    if not corrects:
        await commands.open_notice(people.publisher, code, at=at)
    await make.signed(city, at=late)
    if not corrects:
        await commands.finalise(people.publisher, code, at=late)
    return await commands.publish(people.publisher, code, at=late)
