"""Making a verified finding public: proposed, looked through, approved; corrected or withdrawn."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec
from piccolo.columns import Column

from panel.actor import Actor, Role, Signature, second_person
from panel.audit.commands import Note, entry
from panel.db import Duplicate, insert_rows, savepoint
from panel.entropy import code as fresh_code
from panel.errors import Conflict
from panel.evaluations.commands import casework
from panel.evaluations.queries import exposures as queries
from panel.evaluations.queries import findings as cases
from panel.evaluations.rules import exposures as rules
from panel.evaluations.rules import findings as judged
from panel.evaluations.rules import texts
from panel.evaluations.tables import Exposure, ExposureNote
from panel.evaluations.types.exposures import (
    ExposureState,
    ExposureView,
    NewExposure,
    NoteKind,
)
from panel.evaluations.types.findings import Step
from panel.ids import Code
from panel.rulebook import queries as rulebooks
from panel.workdays import deadline

_KEPT = ("code", "finding", "state", "title", "text", "reply_shown", "decided_by")
_STEP = {
    NoteKind.UPDATE: Step.EXPOSURE_UPDATED,
    NoteKind.CORRECTION: Step.EXPOSURE_CORRECTED,
    NoteKind.WITHDRAWAL: Step.EXPOSURE_WITHDRAWN,
}


async def propose_exposure(actor: Actor, code: Code, given: NewExposure, *, at: datetime) -> Code:
    """Propose a public text; the unit's reply goes with it, what it must not tell left out.

    Refuses what is not verified or is frozen, and a text that nobody has looked through.
    """
    async with entry(actor, "evaluations.propose_exposure", at=at) as note:
        view = await cases.stored(code)
        judged.may_work(actor, view)
        answer = await cases.reply(view.id)
        rules.may_propose(view, answer)
        tidy = rules.check_text(given)
        row = Exposure(
            code=fresh_code(),
            finding=view.id,
            state=ExposureState.PROPOSED.value,
            title=tidy.title,
            text=tidy.text,
            reply_shown=texts.masked(answer.text if answer else "", tidy.checked),
            checked=msgspec.json.encode(tidy.checked).decode(),
            proposed_by=actor.person,
            proposed_at=at,
        )
        try:
            async with savepoint():
                await insert_rows(Exposure, [row])
        except Duplicate as known:
            raise Conflict("exposure.known") from known
        note.seal(row, *_KEPT)
        note.about("exposure", row.code, finding=code)
        await casework.tell(view.id, Step.EXPOSURE_PROPOSED, actor, at=at)
    return Code(row.code)


async def _move(found: ExposureView, note: Note, **columns: Any) -> None:
    changes: dict[Column | str, Any] = {}
    changes.update(columns.items())
    rows = (
        await Exposure.update(changes)
        .where(Exposure.id == found.id, Exposure.state == found.state.value)
        .returning(*Exposure.all_columns())
    )
    if not rows:
        raise Conflict("exposure.decided")
    note.seal(Exposure(**rows[0]), *_KEPT)
    note.about(
        "exposure", found.code, before=found.state.value, after=columns.get("state", found.state)
    )


async def approve_exposure(
    actor: Actor, code: Code, *, at: datetime, paper: Signature | None = None
) -> None:
    """Make a text public as a publisher who did not write it, or by a signature on paper."""
    actor.require(Role.PUBLISHER)
    async with entry(actor, "evaluations.approve_exposure", at=at, paper=paper) as note:
        found = await queries.exposure(code)
        view = await cases.stored(found.finding)
        rules.may_decide(view, found, actor)
        second_person(found.proposed_by, actor, paper)
        book = (await rulebooks.version(view.rulebook_code)).rulebook
        limit = book.deadline("exposure_named")
        await _move(
            found,
            note,
            state=ExposureState.EXPOSED.value,
            decided_by=actor.person,
            exposed_at=at,
            named_until=deadline(at, limit.amount, limit.unit, book.calendar),
        )
        document = paper.document if paper else ""
        await casework.tell(view.id, Step.EXPOSED, actor, at=at, document=document)


async def refuse_exposure(actor: Actor, code: Code, reason: str, *, at: datetime) -> None:
    """Turn a proposed text down; another may be proposed."""
    actor.require(Role.PUBLISHER)
    async with entry(actor, "evaluations.refuse_exposure", at=at, reason=reason.strip()) as note:
        found = await queries.exposure(code)
        view = await cases.stored(found.finding)
        rules.may_decide(view, found, actor)
        text = judged.words("reason", reason)
        await _move(
            found,
            note,
            state=ExposureState.REFUSED.value,
            decided_by=actor.person,
            refusal=text,
        )


async def add_note(
    actor: Actor,
    code: Code,
    kind: NoteKind,
    text: str,
    *,
    checked: tuple[str, ...] = (),
    at: datetime,
) -> None:
    """Add what became of it, or correct or withdraw what is public; a page never changes unsaid.

    A withdrawn text is not shown any more; that it stood there, and why it does not, stays.
    """
    actor.require(Role.PUBLISHER)
    async with entry(actor, "evaluations.note_exposure", at=at, reason=kind.value) as note:
        found = await queries.exposure(code)
        view = await cases.stored(found.finding)
        rules.may_add(found)
        tidy = rules.check_note(text, checked)
        row = ExposureNote(exposure=found.id, kind=kind.value, text=tidy, by=actor.person, at=at)
        await insert_rows(ExposureNote, [row])
        if kind is NoteKind.WITHDRAWAL:
            await _move(found, note, state=ExposureState.WITHDRAWN.value)
        else:
            note.about("exposure", code, added=kind.value)
        await casework.tell(view.id, _STEP[kind], actor, at=at, text=tidy)
