"""Builders of orders to rectify, taken through their course by the real commands."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta

import msgspec

from panel.actor import SYSTEM, Actor
from panel.assessments.commands import orders, plans, progress, revisits
from panel.assessments.queries import order_parts as parts
from panel.assessments.queries import order_views as queries
from panel.assessments.types.orders import Chain, Filling, ItemState, NewAnalysis, OrderView
from panel.audit.commands import entry
from panel.evaluations import commands as sheets
from panel.ids import Code
from panel.rankings.types import Kind, ListView, Method, Row, Standing
from panel.roster import queries as roster
from panel.rulebook import queries as rulebooks
from panel.visits import commands as visit_commands
from panel.visits import queries as visit_queries
from panel.visits.types import TaskState
from panel.workdays import SHANGHAI
from tests import people
from tests.make import evaluations, findings, visits
from tests.tables import remembered

OPENED = findings.AT + timedelta(days=1)
FILED = OPENED + timedelta(days=2)
APPROVED = OPENED + timedelta(days=3)
DONE = OPENED + timedelta(days=10)
PLANNED = OPENED + timedelta(days=11)
DRAWN = PLANNED + timedelta(hours=3)
LOOKED = OPENED + timedelta(days=15)
JUDGED = OPENED + timedelta(days=16)
CHAIN = Chain("分管副局长", "政务服务科", "窗口组组长")
ANALYSIS = NewAnalysis("人手安排没有替岗，离岗无人知晓。")


def row(code: Code, below: int, score: int) -> Row:
    """Return a published line of a unit."""
    return Row(
        code=code, name="单位", name_en="", group="service", unit_code=code, unit_name="单位",
        unit_name_en="", standing=Standing.RANKED, shown=True, place=9 - below,
        place_from_below=below, score=score,
    )  # fmt: skip


def listed(rows: Sequence[Row]) -> ListView:
    """Return a list of units as it was published."""
    return ListView(
        code=Code("L000000001"), kind=Kind.UNIT, scope="service", method=Method.POOLED_MEAN,
        rulebook_hash="0" * 64, input_hash="0" * 64, code_version="", ranked=len(rows),
        list_size=1, rows=tuple(rows),
    )  # fmt: skip


async def open_for(
    setting: visits.Setting, rows: Sequence[Row], *, at: datetime = OPENED
) -> list[OrderView]:
    """Open what a list asks of its units."""
    book = (await rulebooks.version(setting.round.rulebook_code)).rulebook
    units = {unit.code: unit.id for unit in await roster.units()}
    async with entry(SYSTEM, "assessments.open_year", at=at) as note:
        known = {view.code for view in await queries.order_views()}
        await orders.open_orders(SYSTEM, note, setting.round, [listed(rows)], book, units, at=at)
    return [view for view in await queries.order_views() if view.code not in known]


class Opened(msgspec.Struct, frozen=True):
    """An order with what it rests on."""

    setting: visits.Setting
    code: Code
    finding: Code
    liaison: Actor


@remembered
async def opened(**more: object) -> Opened:
    """Return an order of a unit of which a finding was verified."""
    setting = await visits.running_round(**{"members_count": 12, **more})  # type: ignore[arg-type]
    finding, liaison = await findings.verified(setting)
    assert liaison.unit is not None
    (view,) = await open_for(setting, [row(liaison.unit, 1, 7000)])
    return Opened(setting, view.code, finding, liaison)


async def filed(made: Opened) -> Code:
    """Let the unit acknowledge, say the causes, plan each item and file the plan."""
    await plans.receive(made.liaison, made.code, at=FILED)
    await plans.analyse(made.liaison, made.code, ANALYSIS, at=FILED)
    view = await queries.stored(made.code)
    for item in await parts.items(view.id):
        given = Filling("实行替岗制度", "窗口组组长", (FILED + timedelta(days=5)).date())
        await plans.fill(made.liaison, made.code, item.number, given, at=FILED)
    await plans.file_plan(made.liaison, made.code, CHAIN, at=FILED)
    return made.code


async def reported(made: Opened, *, desk: Sequence[int] = ()) -> Code:
    """Take an order to the unit's report that everything is done."""
    code = await filed(made)
    await plans.approve_plan(people.coordinator, code, desk=desk, at=APPROVED)
    await done(made, at=DONE)
    return code


async def done(made: Opened, *, at: datetime) -> None:
    """Let the unit prove what is open and report."""
    view = await queries.stored(made.code)
    for item in await parts.items(view.id):
        if item.state in {ItemState.OPEN, ItemState.FAILED}:
            await progress.prove(made.liaison, made.code, item.number, "已落实", at=at)
    await progress.report_done(made.liaison, made.code, "全部整改完毕。", at=at)


async def drawn(made: Opened, *, at: datetime = PLANNED) -> Code:
    """Plan, approve, commit to and draw a re-visit; returns its round."""
    code = await revisits.plan_revisit(people.coordinator, [made.code], "回访", "", at=at)
    await visit_commands.approve(people.second, code, at=at)
    await visit_commands.commit(people.coordinator, code, at=at)
    await visit_commands.draw(people.coordinator, code, at=at + timedelta(hours=3))
    return code


async def visited(made: Opened, value: int, *, at: datetime = LOOKED) -> list[Code]:
    """Let whoever was drawn go and look, with one value throughout; sheets are accepted."""
    found = []
    for number, code in enumerate(made.setting.members):
        actor = people.member(code, 300 + number)
        for task in await visit_queries.member_tasks(code, at=at):
            if task.state is not TaskState.OFFERED or not task.revisit:
                continue
            await visit_commands.accept(actor, task.code, at=at - timedelta(days=3))
            given = evaluations.answers(
                await evaluations.form_of(task), value, on=_day(at), revisit=True
            )
            receipt = await sheets.submit(
                actor, task.code, given, evaluations.key(task.id), filled_at=at, at=at
            )
            await sheets.accept(people.reviewer, receipt.code, at=at)
            found.append(receipt.code)
    return found


def _day(at: datetime) -> date:
    return at.astimezone(SHANGHAI).date()


async def looked(made: Opened, value: int = 4) -> list[Code]:
    """Take an order to the accepted sheets of its re-visit."""
    await reported(made)
    await drawn(made)
    return await visited(made, value)
