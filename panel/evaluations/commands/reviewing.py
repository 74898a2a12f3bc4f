"""What reviewers decide: a sheet counts, goes back, or is void by two persons."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any

from panel.actor import Actor, Role, Signature, second_person
from panel.audit.commands import Note, entry
from panel.db import insert_rows
from panel.errors import Conflict
from panel.evaluations import queries, rules
from panel.evaluations.commands.claiming import give_up
from panel.evaluations.commands.counting import tally
from panel.evaluations.commands.sending import SEALED_COLUMNS
from panel.evaluations.tables import ItemQuestion, Submission
from panel.evaluations.types import Flag, SheetState, SheetView
from panel.ids import Code
from panel.rulebook import queries as rulebooks
from panel.visits import commands as visits
from panel.visits.types import TaskState


async def reviewed(actor: Actor, code: Code, *, at: datetime) -> SheetView:
    """Return a sheet that this person may decide on, and that no colleague has open."""
    actor.require(Role.REVIEWER)
    sheet = await queries.submission(code)
    own = await queries.own_links(actor.person, sheet.task.round_code)
    rules.may_review(sheet, actor, own)
    if Flag.PAPER in sheet.flags:
        rules.may_review_paper(actor, await queries.paper_hands(sheet.code))
    if await queries.taken(sheet.id, actor.person, at=at):
        raise Conflict("sheet.claimed")
    return sheet


async def write(sheet: SheetView, note: Note, columns: dict[Any, Any]) -> None:
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
        await count(actor, await reviewed(actor, code, at=at), note, at=at)


async def count(actor: Actor, sheet: SheetView, note: Note, *, at: datetime) -> None:
    """Let a sheet that may be decided count; joins the caller's command."""
    rules.decided(sheet)
    await write(
        sheet,
        note,
        {
            Submission.state: SheetState.ACCEPTED.value,
            Submission.reviewed_by: actor.person,
            Submission.reviewed_at: at,
        },
    )
    await tally(sheet.task)
    await visits.settle(sheet.task.id, TaskState.DONE, at=at)
    await give_up(sheet.id)
    _about(note, sheet, SheetState.ACCEPTED)


async def send_back(
    actor: Actor,
    code: Code,
    reason: str,
    *,
    at: datetime,
    questions: Mapping[str, str] = MappingProxyType({}),
) -> datetime:
    """Give a sheet back with what its visitor is asked; returns until when it is wanted.

    ``reason`` is about the whole sheet, ``questions`` about single items by their ids; one of
    them is needed.
    """
    async with entry(actor, "evaluations.send_back", at=at, reason=reason.strip()) as note:
        sheet = await reviewed(actor, code, at=at)
        rules.decided(sheet)
        version = await rulebooks.version(sheet.rulebook_code)
        form = version.rulebook.form(sheet.form_key)
        tidy, found = rules.asked_back(form, sheet, reason, questions)
        due = rules.revision_due(version.rulebook, at)
        await write(
            sheet,
            note,
            {
                Submission.state: SheetState.RETURNED.value,
                Submission.reviewed_by: actor.person,
                Submission.reviewed_at: at,
                Submission.review_reason: tidy,
            },
        )
        rows = [ItemQuestion(sheet=sheet.id, item=key, reason=text) for key, text in found.items()]
        await insert_rows(ItemQuestion, rows)
        await visits.give_back(sheet.task.id, due, at=at)
        await give_up(sheet.id)
        _about(note, sheet, SheetState.RETURNED, items=",".join(found))
    return due


async def propose_void(actor: Actor, code: Code, reason_code: str, *, at: datetime) -> None:
    """Propose that a sheet is void, for one of the rulebook's reasons; another person decides."""
    async with entry(actor, "evaluations.propose_void", at=at, reason=reason_code) as note:
        sheet = await reviewed(actor, code, at=at)
        version = await rulebooks.version(sheet.rulebook_code)
        rules.may_void(sheet, reason_code, version.rulebook)
        await write(
            sheet,
            note,
            {
                Submission.void_reason: reason_code,
                Submission.void_by: actor.person,
                Submission.void_at: at,
            },
        )
        await give_up(sheet.id)
        _about(note, sheet, sheet.state, void=reason_code)


async def confirm_void(
    actor: Actor, code: Code, *, at: datetime, paper: Signature | None = None
) -> None:
    """Make a sheet void as a second person, or by a leader's signature on paper."""
    async with entry(actor, "evaluations.confirm_void", at=at, paper=paper) as note:
        sheet = await reviewed(actor, code, at=at)
        rules.may_confirm_void(sheet)
        second_person(sheet.void_by, actor, paper)
        await write(
            sheet,
            note,
            {
                Submission.state: SheetState.VOIDED.value,
                Submission.void_confirmed_by: actor.person,
            },
        )
        await tally(sheet.task)
        await visits.settle(sheet.task.id, TaskState.VOIDED, at=at)
        await give_up(sheet.id)
        _about(note, sheet, SheetState.VOIDED, void=sheet.void_reason)


async def refuse_void(actor: Actor, code: Code, *, at: datetime) -> None:
    """Turn a proposed voiding down as a second person; the sheet stands as it stood before."""
    async with entry(actor, "evaluations.refuse_void", at=at) as note:
        sheet = await reviewed(actor, code, at=at)
        rules.may_confirm_void(sheet)
        second_person(sheet.void_by, actor)
        await write(
            sheet,
            note,
            {Submission.void_reason: "", Submission.void_by: None, Submission.void_at: None},
        )
        await give_up(sheet.id)
        _about(note, sheet, sheet.state, void="")
