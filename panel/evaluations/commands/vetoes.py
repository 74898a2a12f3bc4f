"""Grave events: confirmed by two persons after the unit was heard; then the sheet is capped."""

from __future__ import annotations

from datetime import datetime

from panel.actor import Actor, Role, Signature, second_person
from panel.audit.commands import Note, entry
from panel.errors import Conflict
from panel.evaluations.commands import casework
from panel.evaluations.commands.counting import tally
from panel.evaluations.commands.sending import SEALED_COLUMNS
from panel.evaluations.queries import exposures as letters
from panel.evaluations.queries import findings as queries
from panel.evaluations.rules import findings as rules
from panel.evaluations.tables import Submission
from panel.evaluations.types import SheetState
from panel.evaluations.types.exposures import TransferState
from panel.evaluations.types.findings import FindingState, FindingView, Outcome, Step
from panel.ids import Code
from panel.rulebook import queries as rulebooks
from panel.visits import queries as visits


async def _confirmable(actor: Actor, code: Code, at: datetime) -> FindingView:
    """Return a grave event that this person may confirm, with all that it takes."""
    view = await queries.stored(code)
    rules.may_read(actor, view)
    book = (await rulebooks.version(view.rulebook_code)).rulebook
    answered = any(
        each.state is TransferState.ANSWERED for each in await letters.transfers(view.id)
    )
    found = await queries.grounds(view)
    await casework.not_own(actor, view, found, at=at)
    rules.may_confirm_veto(view, actor, found, book, answered=answered)
    return view


async def propose_veto(actor: Actor, code: Code, *, at: datetime) -> None:
    """Propose to confirm a grave event; another person decides."""
    async with entry(actor, "evaluations.propose_veto", at=at) as note:
        view = await _confirmable(actor, code, at)
        if view.veto_by is not None:
            raise Conflict("finding.veto_proposed")
        await casework.change(view, note, veto_by=actor.person)
        await casework.tell(view.id, Step.VETO_PROPOSED, actor, at=at)


async def confirm_veto(
    actor: Actor,
    code: Code,
    text: str,
    *,
    checked: tuple[str, ...] = (),
    at: datetime,
    paper: Signature | None = None,
) -> None:
    """Confirm a grave event as a second person, or by a leader's signature on paper.

    The finding is verified with the highest severity and its sheet counts at most what the form's
    cap allows.
    """
    async with entry(actor, "evaluations.confirm_veto", at=at, paper=paper) as note:
        view = await _confirmable(actor, code, at)
        if view.veto_by is None:
            raise Conflict("finding.veto_not_proposed")
        second_person(view.veto_by, actor, paper)
        tidy = rules.looked_through("text", text, checked)
        if view.sheet_id is not None:
            await _cap(view.sheet_id, note)
        await casework.change(
            view,
            note,
            state=FindingState.VERIFIED.value,
            outcome=Outcome.VERIFIED.value,
            outcome_text=tidy,
            concluded_by=actor.person,
            concluded_at=at,
        )
        await casework.stop_all(view.id)
        document = paper.document if paper else ""
        await casework.tell(
            view.id, Step.VETO_CONFIRMED, actor, at=at, text=tidy, document=document
        )


async def refuse_veto(actor: Actor, code: Code, reason: str, *, at: datetime) -> None:
    """Turn a proposed confirmation down as a second person; the matter is verified further."""
    async with entry(actor, "evaluations.refuse_veto", at=at, reason=reason.strip()) as note:
        view = await queries.stored(code)
        rules.may_read(actor, view)
        actor.require(Role.INDEPENDENT_REVIEWER if view.sealed else Role.REVIEWER)
        rules.in_state(view, FindingState.VERIFYING)
        if view.veto_by is None:
            raise Conflict("finding.veto_not_proposed")
        second_person(view.veto_by, actor)
        text = rules.words("reason", reason)
        await casework.change(view, note, veto_by=None)
        await casework.tell(view.id, Step.VETO_REFUSED, actor, at=at, text=text)


async def _cap(sheet: int, note: Note) -> None:
    """Mark a counted sheet, whose score is then capped wherever it is counted."""
    rows = (
        await Submission.update({Submission.veto_confirmed: True})
        .where(Submission.id == sheet, Submission.state == SheetState.ACCEPTED.value)
        .returning(*Submission.all_columns())
    )
    if not rows:
        raise Conflict("finding.sheet_not_accepted")
    note.seal(Submission(**rows[0]), *SEALED_COLUMNS)
    await tally(await visits.task_by_id(rows[0]["task"]))
