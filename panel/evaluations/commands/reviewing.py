"""What reviewers decide: a sheet counts, goes back, or is void by two persons."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from panel.actor import Actor, Role, Signature, second_person
from panel.audit.commands import Note, entry
from panel.errors import Conflict
from panel.evaluations import queries, rules
from panel.evaluations.commands.sending import SEALED_COLUMNS
from panel.evaluations.tables import Submission
from panel.evaluations.types import SheetState, SheetView
from panel.ids import Code
from panel.rulebook import queries as rulebooks
from panel.visits import commands as visits
from panel.visits.types import TaskState


async def _reviewed(actor: Actor, code: Code) -> SheetView:
    """Return a sheet that this person may decide on."""
    actor.require(Role.REVIEWER)
    sheet = await queries.submission(code)
    own = await queries.own_links(actor.person, sheet.task.round_code)
    rules.may_review(sheet, actor, own)
    return sheet


async def _write(sheet: SheetView, note: Note, columns: dict[Any, Any]) -> None:
    """Change a sheet that is still as it was read, and protect its new state."""
    rows = (
        await Submission.update(columns)
        .where(
            Submission.id == sheet.id,
            Submission.state == sheet.state.value,
            Submission.void_reason == sheet.void_reason,
        )
        .returning(*Submission.all_columns())
    )
    if not rows:
        raise Conflict("sheet.decided")
    note.seal(Submission(**rows[0]), *SEALED_COLUMNS)


def _about(note: Note, sheet: SheetView, after: SheetState, **values: str) -> None:
    note.about("sheet", sheet.code, before=sheet.state.value, after=after.value, **values)


async def accept(actor: Actor, code: Code, *, at: datetime) -> None:
    """Let a sheet count; refuses who assigned or made the visit, and a second decision."""
    async with entry(actor, "evaluations.accept", at=at) as note:
        sheet = await _reviewed(actor, code)
        rules.decided(sheet)
        await _write(
            sheet,
            note,
            {
                Submission.state: SheetState.ACCEPTED.value,
                Submission.reviewed_by: actor.person,
                Submission.reviewed_at: at,
            },
        )
        await visits.settle(sheet.task.id, TaskState.DONE, at=at)
        _about(note, sheet, SheetState.ACCEPTED)


async def send_back(actor: Actor, code: Code, reason: str, *, at: datetime) -> datetime:
    """Give a sheet back with a reason that its visitor reads; returns until when it is wanted."""
    async with entry(actor, "evaluations.send_back", at=at, reason=reason.strip()) as note:
        sheet = await _reviewed(actor, code)
        rules.decided(sheet)
        tidy = rules.reason_given(reason)
        version = await rulebooks.version(sheet.rulebook_code)
        due = rules.revision_due(version.rulebook, at)
        await _write(
            sheet,
            note,
            {
                Submission.state: SheetState.RETURNED.value,
                Submission.reviewed_by: actor.person,
                Submission.reviewed_at: at,
                Submission.review_reason: tidy,
            },
        )
        await visits.give_back(sheet.task.id, due, at=at)
        _about(note, sheet, SheetState.RETURNED)
    return due


async def propose_void(actor: Actor, code: Code, reason_code: str, *, at: datetime) -> None:
    """Propose that a sheet is void, for one of the rulebook's reasons; another person decides."""
    async with entry(actor, "evaluations.propose_void", at=at, reason=reason_code) as note:
        sheet = await _reviewed(actor, code)
        version = await rulebooks.version(sheet.rulebook_code)
        rules.may_void(sheet, reason_code, version.rulebook)
        await _write(
            sheet,
            note,
            {
                Submission.void_reason: reason_code,
                Submission.void_by: actor.person,
                Submission.void_at: at,
            },
        )
        _about(note, sheet, sheet.state, void=reason_code)


async def confirm_void(
    actor: Actor, code: Code, *, at: datetime, paper: Signature | None = None
) -> None:
    """Make a sheet void as a second person, or by a leader's signature on paper."""
    async with entry(actor, "evaluations.confirm_void", at=at, paper=paper) as note:
        sheet = await _reviewed(actor, code)
        rules.may_confirm_void(sheet)
        second_person(sheet.void_by, actor, paper)
        await _write(
            sheet,
            note,
            {
                Submission.state: SheetState.VOIDED.value,
                Submission.void_confirmed_by: actor.person,
            },
        )
        await visits.settle(sheet.task.id, TaskState.VOIDED, at=at)
        _about(note, sheet, SheetState.VOIDED, void=sheet.void_reason)


async def refuse_void(actor: Actor, code: Code, *, at: datetime) -> None:
    """Turn a proposed voiding down as a second person; the sheet stands as it stood before."""
    async with entry(actor, "evaluations.refuse_void", at=at) as note:
        sheet = await _reviewed(actor, code)
        rules.may_confirm_void(sheet)
        second_person(sheet.void_by, actor)
        await _write(
            sheet,
            note,
            {Submission.void_reason: "", Submission.void_by: None, Submission.void_at: None},
        )
        _about(note, sheet, sheet.state, void="")
