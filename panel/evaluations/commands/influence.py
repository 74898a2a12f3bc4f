"""Attempts to influence a member: straight to the discipline office, past everybody else.

The commands bear a name of their own (``influence.…``): the history shows their entries to no
coordinator, so that not even the existence of a report is known.
"""

from __future__ import annotations

from datetime import datetime

import msgspec

from panel.actor import Actor, Role
from panel.audit.commands import entry
from panel.db import Duplicate, insert_rows
from panel.entropy import code as fresh_code
from panel.errors import Conflict
from panel.evaluations import queries, rules
from panel.evaluations.tables import InfluenceReport
from panel.evaluations.types import InfluenceKind, InfluenceState, InfluenceView
from panel.ids import Code, read_key
from panel.visits import queries as visits

_PSEUDONYM = 16


async def report_influence(
    actor: Actor,
    kind: InfluenceKind,
    key: str,
    *,
    text: str = "",
    who: str = "",
    task: Code | None = None,
    at: datetime,
) -> Code:
    """Seal a member's report for the discipline office; the same key gives the same report.

    ``task`` is one of the member's own, else ``Missing``. Not to be called inside a transaction.
    """
    actor.require(Role.MEMBER)
    read_key(key)
    unit = ""
    if task is not None:
        unit = (await visits.member_task(actor.member, task)).unit_code
    told_by = queries.reporter(actor.member or Code(""), at)
    content = queries.InfluenceContent(
        kind=kind.value, text=text.strip(), who=who.strip(), unit=unit, task=task or ""
    )
    name = f"visitor:{told_by[:_PSEUDONYM]}"
    return await _stored(actor, content, told_by, key, at, name=name)


async def receive_influence(
    actor: Actor, kind: InfluenceKind, key: str, *, text: str, who: str = "", at: datetime
) -> Code:
    """Take down what reached the discipline office by letter, as with a sheet on paper."""
    actor.require(Role.INDEPENDENT_REVIEWER)
    read_key(key)
    rules.answer_given(text)
    content = queries.InfluenceContent(kind=kind.value, text=text.strip(), who=who.strip())
    return await _stored(actor, content, "", key, at, name=None)


async def _stored(
    actor: Actor,
    content: queries.InfluenceContent,
    told_by: str,
    key: str,
    at: datetime,
    *,
    name: str | None,
) -> Code:
    rules.may_report_influence(content.text, content.who)
    known = await queries.influence_by_key(told_by, key)
    if known is not None:
        return known
    code = fresh_code()
    try:
        async with entry(actor, "influence.report", at=at, name=name) as note:
            row = InfluenceReport(
                code=code,
                reporter=told_by,
                state=InfluenceState.RECEIVED.value,
                content=queries.sealed(
                    msgspec.json.encode(content), queries.influence_context(code, "content")
                ),
                received_at=at,
                key=key,
            )
            await insert_rows(InfluenceReport, [row])
            note.about("influence", code, after=InfluenceState.RECEIVED.value)
    except Duplicate:
        known = await queries.influence_by_key(told_by, key)
        if known is None:
            raise
        return known
    return code


async def open_influence(actor: Actor, code: Code, reason: str, *, at: datetime) -> InfluenceView:
    """Return a report opened; leaves who read it and why.

    Refuses everybody but the discipline office, whoever reported it, and a reading without reason.
    """
    actor.require(Role.INDEPENDENT_REVIEWER)
    tidy = rules.reason_given(reason)
    async with entry(actor, "influence.open", at=at, reason=tidy) as note:
        row = await queries.influence_row(code)
        rules.not_own(row["reporter"], await queries.own_reporters(actor.person, at=at))
        await InfluenceReport.update(
            {
                InfluenceReport.state: InfluenceState.OPENED.value,
                InfluenceReport.opened_by: actor.person,
                InfluenceReport.opened_at: at,
            }
        ).where(
            InfluenceReport.code == code,
            InfluenceReport.state == InfluenceState.RECEIVED.value,
        )
        note.about("influence", code, opened=True)
        return await queries.influence_view(await queries.influence_row(code))


async def close_influence(actor: Actor, code: Code, answer: str, *, at: datetime) -> None:
    """Tell the member what came of a report, and close it."""
    actor.require(Role.INDEPENDENT_REVIEWER)
    async with entry(actor, "influence.close", at=at) as note:
        row = await queries.influence_row(code)
        rules.not_own(row["reporter"], await queries.own_reporters(actor.person, at=at))
        rules.may_close_influence(InfluenceState(row["state"]))
        tidy = rules.answer_given(answer)
        done = (
            await InfluenceReport.update(
                {
                    InfluenceReport.state: InfluenceState.CLOSED.value,
                    InfluenceReport.answer: queries.sealed(
                        tidy.encode(), queries.influence_context(code, "answer")
                    ),
                    InfluenceReport.closed_by: actor.person,
                    InfluenceReport.closed_at: at,
                }
            )
            .where(
                InfluenceReport.code == code,
                InfluenceReport.state == InfluenceState.OPENED.value,
            )
            .returning(InfluenceReport.id)
        )
        if not done:
            raise Conflict("lead.answered")
        note.about("influence", code, after=InfluenceState.CLOSED.value)
