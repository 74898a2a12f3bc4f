"""Sheets that contradict each other wait: held with a reason, looked at again, released."""

from __future__ import annotations

from datetime import datetime

from panel.actor import Actor, Role
from panel.audit.commands import entry
from panel.db import insert_rows, raw
from panel.entropy import code as fresh_code
from panel.errors import Conflict
from panel.evaluations import queries, rules
from panel.evaluations.commands.claiming import give_up
from panel.evaluations.commands.reviewing import reviewed, write
from panel.evaluations.tables import Hold, Submission
from panel.evaluations.types import SheetState
from panel.ids import Code
from panel.rulebook import queries as rulebooks
from panel.visits import commands
from panel.visits import queries as visits


async def hold(actor: Actor, code: Code, reason: str, *, revisit: bool, at: datetime) -> datetime:
    """Let a sheet wait because two things contradict each other; returns until when.

    ``revisit`` suggests to the coordinators that somebody looks again. Refuses who may not
    review the sheet, one that is decided or read by a colleague, and an empty reason.
    """
    tidy = reason.strip()
    async with entry(actor, "evaluations.hold", at=at, reason=tidy) as note:
        sheet = await reviewed(actor, code, at=at)
        rules.decided(sheet)
        tidy = rules.reason_given(reason)
        version = await rulebooks.version(sheet.rulebook_code)
        due = rules.limit(version.rulebook, "held_sheet", at)
        await write(
            sheet,
            note,
            {
                Submission.state: SheetState.HELD.value,
                Submission.reviewed_by: actor.person,
                Submission.reviewed_at: at,
            },
        )
        await insert_rows(
            Hold,
            [
                Hold(
                    code=fresh_code(),
                    sheet=sheet.id,
                    reason=tidy,
                    revisit=revisit,
                    held_by=actor.person,
                    held_at=at,
                    decide_by=due,
                )
            ],
        )
        await give_up(sheet.id)
        note.about(
            "sheet", code, before=sheet.state.value, after=SheetState.HELD.value, revisit=revisit
        )
    return due


async def release_hold(actor: Actor, code: Code, outcome: str, *, at: datetime) -> None:
    """Put a held sheet back before the reviewers, with what has come of the waiting.

    Refuses who may not review the sheet, one that is not held, and an empty outcome.
    """
    tidy = outcome.strip()
    async with entry(actor, "evaluations.release_hold", at=at, reason=tidy) as note:
        sheet = await reviewed(actor, code, at=at)
        rules.may_release(sheet)
        tidy = rules.reason_given(outcome, path="outcome")
        await write(
            sheet,
            note,
            {
                Submission.state: SheetState.SUBMITTED.value,
                Submission.reviewed_by: None,
                Submission.reviewed_at: None,
            },
        )
        rows = await raw(
            "UPDATE review_hold SET released_by = {}, released_at = {}, outcome = {} "
            "WHERE sheet = {} AND released_at IS NULL RETURNING code",
            actor.person,
            at,
            tidy,
            sheet.id,
        )
        if not rows:
            raise Conflict("sheet.not_held")
        note.about("sheet", code, before=sheet.state.value, after=SheetState.SUBMITTED.value)


async def plan_revisit(
    actor: Actor, code: Code, title: str, title_en: str, *, at: datetime
) -> Code:
    """Draft a round that looks again at a held sheet's place; returns its code.

    Everything else is taken from the round of the sheet and may be changed before another person
    approves it. Refuses a hold for which a round is planned already.
    """
    actor.require(Role.COORDINATOR)
    async with entry(actor, "evaluations.plan_revisit", at=at) as note:
        held = await queries.hold_by_code(code)
        sheet = await queries.submission(held.sheet)
        before = await visits.round(sheet.task.round_code)
        draft = rules.looking_again(before, sheet.task, title, title_en, at)
        planned = await commands.plan(actor, draft, at=at)
        rows = await raw(
            'UPDATE review_hold SET "round" = {}, planned_by = {} '
            "WHERE code = {} AND \"round\" = '' AND released_at IS NULL RETURNING code",
            planned.code,
            actor.person,
            code,
        )
        if not rows:
            raise Conflict("hold.planned")
        note.about("hold", code, round=planned.code)
    return planned.code
