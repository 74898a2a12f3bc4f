"""What a unit does with its line: receive it, waive its appeal, appeal."""

from __future__ import annotations

from datetime import datetime

from panel.actor import Actor, Role
from panel.assessments import queries
from panel.assessments.rules import years as rules
from panel.assessments.tables import AnnualLine
from panel.assessments.types import LineView
from panel.audit.commands import entry
from panel.errors import Conflict, Forbidden
from panel.ids import Code
from panel.rankings.commands import appeals
from panel.rankings.types import AppealDraft, AppealKind
from panel.rulebook import queries as rulebooks


def _own(actor: Actor) -> Code:
    actor.require(Role.LIAISON)
    if actor.unit is None:
        raise Forbidden("actor.no_unit")
    return actor.unit


async def receive_line(actor: Actor, code: Code, *, at: datetime) -> LineView:
    """Acknowledge the own line; the time to appeal runs from here."""
    unit = _own(actor)
    async with entry(actor, "assessments.receive_line", at=at) as note:
        line = await queries.unit_line(unit, code)
        view = await queries.year(line.year)
        rules.may_receive(line, view)
        book = (await rulebooks.frozen(view.rulebook_code)).rulebook
        changed = (
            await AnnualLine.update(
                {
                    AnnualLine.received_at: at,
                    AnnualLine.received_by: actor.person,
                    AnnualLine.appeal_until: rules.appeal_until(at, at, book),
                }
            )
            .where(AnnualLine.code == code, AnnualLine.received_at.is_null())
            .returning(AnnualLine.id)
        )
        if not changed:
            raise Conflict("assessment.received")
        note.about("line", code, unit=unit)
    return await queries.unit_line(unit, code)


async def accept_line(actor: Actor, code: Code, *, at: datetime) -> LineView:
    """Say for the own unit that it will not appeal; its time to do so is over with that."""
    unit = _own(actor)
    async with entry(actor, "assessments.accept_line", at=at) as note:
        line = await queries.unit_line(unit, code)
        rules.may_appeal(line, await queries.year(line.year), at)
        await AnnualLine.update(
            {AnnualLine.appeal_until: at, AnnualLine.received_at: line.received_at or at}
        ).where(AnnualLine.code == code)
        note.about("line", code, unit=unit)
    return await queries.unit_line(unit, code)


async def appeal_line(actor: Actor, code: Code, draft: AppealDraft, *, at: datetime) -> Code:
    """Appeal against the own line; who fixed, brought or computed its figures does not decide."""
    unit = _own(actor)
    async with entry(actor, "assessments.appeal_line", at=at):
        line = await queries.unit_line(unit, code)
        view = await queries.year(line.year)
        rules.may_appeal(line, view, at)
        persons, _ = await queries.enterers(line.year)
        took_part = {view.begun_by, view.frozen_by, view.computed_by, *persons}
        return await appeals.file(
            actor,
            AppealKind.ASSESSMENT,
            queries.subject(line),
            unit,
            draft,
            until=line.appeal_until or at,
            rulebook=view.rulebook_code,
            at=at,
            edition=line.version,
            handled_by=[person for person in took_part if person is not None],
        )
