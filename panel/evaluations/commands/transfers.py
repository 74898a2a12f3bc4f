"""Letters to competent bodies: made, received, answered in writing."""

from __future__ import annotations

from datetime import datetime

from panel.actor import Actor
from panel.audit.commands import Note, entry
from panel.db import insert_rows
from panel.entropy import code as fresh_code
from panel.errors import Conflict
from panel.evaluations.commands import casework
from panel.evaluations.queries import exposures as letters
from panel.evaluations.queries import findings as queries
from panel.evaluations.rules import clocks as times
from panel.evaluations.rules import exposures as rules
from panel.evaluations.rules import findings as cases
from panel.evaluations.tables import Transfer
from panel.evaluations.types.clocks import ClockKind
from panel.evaluations.types.exposures import TransferState
from panel.evaluations.types.findings import FindingView, Step
from panel.ids import Code
from panel.rulebook import queries as rulebooks
from panel.rulebook.types import Rulebook


async def send_letter(  # noqa: PLR0917 - all that one letter is made of
    actor: Actor,
    view: FindingView,
    body: str,
    document: str,
    book: Rulebook,
    note: Note,
    *,
    at: datetime,
) -> Code:
    """Pass a matter to a competent body; joins the caller's command."""
    code = fresh_code()
    limits = times.limits(book, ClockKind.TRANSFER, at, grave=False)
    row = Transfer(
        code=code,
        finding=view.id,
        body=body,
        document=document,
        state=TransferState.SENT.value,
        made_by=actor.person,
        made_at=at,
        due_at=limits.due_at,
    )
    await insert_rows(Transfer, [row])
    await casework.start(view.id, ClockKind.TRANSFER, limits, book, at=at, about=code)
    await casework.tell(view.id, Step.TRANSFERRED, actor, at=at, text=body, document=document)
    note.about("transfer", code, finding=view.code, body=body)
    return code


async def transfer(actor: Actor, code: Code, body: str, document: str, *, at: datetime) -> Code:
    """Pass a finding to a competent body; a matter under inquiry there is frozen from publication.

    Refuses an unknown body, a letter without a number, and a matter that was set aside.
    """
    async with entry(actor, "evaluations.transfer", at=at) as note:
        view = await queries.stored(code)
        cases.may_work(actor, view)
        book = (await rulebooks.version(view.rulebook_code)).rulebook
        tidy = rules.may_transfer(view, body, document, book)
        await casework.change(view, note, frozen=True)
        return await send_letter(actor, view, body, tidy, book, note, at=at)


async def record_receipt(
    actor: Actor, code: Code, letter: Code, receipt: str, *, at: datetime
) -> None:
    """Record that the body has the letter: by whom it was signed for, or under which number."""
    async with entry(actor, "evaluations.transfer_receipt", at=at) as note:
        view = await queries.stored(code)
        cases.may_work(actor, view)
        found = await letters.transfer(view.id, letter)
        rules.may_receipt(found)
        tidy = cases.line("receipt", receipt)
        done = (
            await Transfer.update(
                {
                    Transfer.state: TransferState.RECEIVED.value,
                    Transfer.received_at: at,
                    Transfer.receipt: tidy,
                }
            )
            .where(Transfer.id == found.id, Transfer.state == TransferState.SENT.value)
            .returning(Transfer.id)
        )
        if not done:
            raise Conflict("transfer.received")
        await casework.tell(view.id, Step.TRANSFER_RECEIVED, actor, at=at, document=tidy)
        note.about("transfer", letter, received=True)


async def record_outcome(
    actor: Actor, code: Code, letter: Code, outcome: str, document: str, *, at: datetime
) -> None:
    """Record the body's written outcome; with the last one the matter may be published again."""
    async with entry(actor, "evaluations.transfer_outcome", at=at) as note:
        view = await queries.stored(code)
        cases.may_work(actor, view)
        found = await letters.transfer(view.id, letter)
        rules.may_answer(found)
        done = (
            await Transfer.update(
                {
                    Transfer.state: TransferState.ANSWERED.value,
                    Transfer.outcome: cases.words("outcome", outcome),
                    Transfer.outcome_document: cases.line("document", document),
                    Transfer.answered_at: at,
                }
            )
            .where(Transfer.id == found.id, Transfer.state == found.state.value)
            .returning(Transfer.id)
        )
        if not done:
            raise Conflict("transfer.answered")
        await casework.stop(view.id, ClockKind.TRANSFER, about=letter)
        open_letters = [
            each
            for each in await letters.transfers(view.id)
            if each.state is not TransferState.ANSWERED
        ]
        await casework.change(view, note, frozen=bool(open_letters))
        await casework.tell(
            view.id, Step.TRANSFER_ANSWERED, actor, at=at, document=document.strip()
        )
        note.about("transfer", letter, answered=True)
