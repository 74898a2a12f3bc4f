"""Attempts to influence: sealed to the discipline office, unknown to everybody else."""

from __future__ import annotations

from datetime import timedelta

import pytest

from panel import db
from panel.actor import Actor
from panel.audit import queries as audit
from panel.db import raw
from panel.errors import Conflict, Forbidden, Invalid, Missing
from panel.evaluations import commands, queries
from panel.evaluations.types import InfluenceKind, InfluenceState
from panel.ids import Code
from tests import people
from tests.make import evaluations, visits

AT = evaluations.SENT
WORDS = "科长打电话要高分"


async def _reported(setting: visits.Setting) -> tuple[Actor, Code]:
    actor, task = await visits.one_task(setting)
    code = await commands.report_influence(
        actor, InfluenceKind.ASKED, evaluations.key(9), text=WORDS, task=task.code, at=AT
    )
    return actor, code


async def test_one_tap_reaches_the_discipline_office_and_comes_back_answered(
    engine: db.Engine,
) -> None:
    setting = await visits.running_round()
    actor, task = await visits.one_task(setting)
    code = await commands.report_influence(
        actor, InfluenceKind.GIFT, evaluations.key(9), task=task.code, at=AT
    )
    again = await commands.report_influence(
        actor, InfluenceKind.GIFT, evaluations.key(9), task=task.code, at=AT
    )
    assert again == code
    office = evaluations.discipline
    assert await queries.influence_waiting(office) == 1
    with pytest.raises(Conflict, match=r"lead.not_taken"):
        await commands.close_influence(office, code, "已查", at=AT)
    found = await commands.open_influence(office, code, "了解情况", at=AT)
    assert (found.kind, found.unit_name) == (InfluenceKind.GIFT, task.unit_name)
    assert await queries.influence_waiting(office) == 0
    await commands.close_influence(office, code, "已约谈。", at=AT)
    mine = await queries.own_influence(actor.member, at=AT + timedelta(days=40))
    assert [(each.state, each.answer) for each in mine] == [(InfluenceState.CLOSED, "已约谈。")]


async def test_a_stored_report_tells_neither_words_nor_unit_nor_task(engine: db.Engine) -> None:
    setting = await visits.running_round()
    actor, task = await visits.one_task(setting)
    code = await commands.report_influence(
        actor, InfluenceKind.ASKED, evaluations.key(9), text=WORDS, task=task.code, at=AT
    )
    (row,) = await raw("SELECT * FROM influence_report WHERE code = {}", code)
    texts = " ".join(str(value) for value in row.values())
    for secret in (WORDS, task.code, task.unit_code, task.visitor, str(actor.member)):
        assert secret not in texts


async def test_nobody_but_the_discipline_office_opens_or_counts_reports(
    engine: db.Engine,
) -> None:
    setting = await visits.running_round()
    actor, code = await _reported(setting)
    for stranger in (
        people.coordinator, people.reviewer, people.publisher, people.auditor,
        people.administrator, people.clerk_a, actor,
    ):  # fmt: skip
        with pytest.raises(Forbidden):
            await commands.open_influence(stranger, code, "看看", at=AT)
        with pytest.raises(Forbidden):
            await queries.influence_reports(stranger)
        with pytest.raises(Forbidden):
            await queries.influence_waiting(stranger)
        with pytest.raises(Forbidden):
            await commands.close_influence(stranger, code, "好", at=AT)
    with pytest.raises(Invalid):
        await commands.open_influence(evaluations.discipline, code, " ", at=AT)


async def test_the_history_shows_no_trace_without_the_right(engine: db.Engine) -> None:
    setting = await visits.running_round()
    _, code = await _reported(setting)
    await commands.open_influence(evaluations.discipline, code, "了解情况", at=AT)
    since = AT - timedelta(days=1)
    shown = [
        *[each.command for each in await audit.entries(pseudonyms=False, sealed=False)],
        *[each.command for each in await audit.covert(since=since, sealed=False)],
    ]
    assert not [command for command in shown if command.startswith("influence")]
    full = [each.command for each in await audit.entries()]
    assert {"influence.report", "influence.open"} <= set(full)


async def test_somebody_elses_task_is_missing(engine: db.Engine) -> None:
    setting = await visits.running_round()
    actor, task = await visits.one_task(setting)
    other = next(each for each in setting.members if each != actor.member)
    with pytest.raises(Missing):
        await commands.report_influence(
            people.member(other, 77), InfluenceKind.OTHER, evaluations.key(8),
            task=task.code, at=AT,
        )  # fmt: skip


async def test_a_letter_is_taken_down_by_the_discipline_office_alone(engine: db.Engine) -> None:
    await visits.running_round()
    code = await commands.receive_influence(
        evaluations.discipline, InfluenceKind.GIFT, evaluations.key(1), text="信封", at=AT
    )
    assert [each.code for each in await queries.influence_reports(evaluations.discipline)] == [code]
    with pytest.raises(Forbidden):
        await commands.receive_influence(
            people.coordinator, InfluenceKind.GIFT, evaluations.key(2), text="信封", at=AT
        )
    with pytest.raises(Invalid):
        await commands.receive_influence(
            evaluations.discipline, InfluenceKind.GIFT, evaluations.key(2), text=" ", at=AT
        )
