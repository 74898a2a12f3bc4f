"""What a unit does with a finding: acknowledges it, answers it, reports what it put right."""

from __future__ import annotations

from datetime import datetime

from panel.actor import Actor, Role, Signature
from panel.audit.commands import Note, entry
from panel.db import insert_rows
from panel.errors import Closed, Conflict, Forbidden
from panel.evaluations.commands import casework
from panel.evaluations.commands.findings import start_check
from panel.evaluations.queries import findings as queries
from panel.evaluations.queries.sheets import submission
from panel.evaluations.rules import clocks as times
from panel.evaluations.rules import findings as rules
from panel.evaluations.tables import FindingReply
from panel.evaluations.types import SheetState
from panel.evaluations.types.clocks import ClockKind
from panel.evaluations.types.findings import FindingState, FindingView, NewReply, Stance, Step
from panel.ids import Code
from panel.rulebook import queries as rulebooks


def _unit(actor: Actor) -> Code:
    actor.require(Role.LIAISON)
    if actor.unit is None:
        raise Forbidden("actor.no_unit")
    return actor.unit


async def receive(actor: Actor, code: Code, *, at: datetime) -> datetime:
    """Acknowledge a finding for the own unit; returns until when the reply is wanted."""
    unit = _unit(actor)
    async with entry(actor, "evaluations.receive_finding", at=at) as note:
        view = await queries.unit_stored(unit, code, at=at)
        return await _received(actor, view, note, at=at)


async def record_receipt(actor: Actor, code: Code, paper: Signature, *, at: datetime) -> datetime:
    """Record that the unit signed for a finding on paper; the reply is timed from now."""
    async with entry(actor, "evaluations.record_receipt", at=at, paper=paper) as note:
        view = await queries.stored(code)
        rules.may_work(actor, view)
        return await _received(actor, view, note, at=at, document=paper.document)


async def _received(
    actor: Actor, view: FindingView, note: Note, *, at: datetime, document: str = ""
) -> datetime:
    rules.in_state(view, FindingState.UNIT_REPLY_WAIT)
    if view.received_at is not None:
        raise Conflict("finding.received")
    book = (await rulebooks.version(view.rulebook_code)).rulebook
    await casework.change(view, note, received_at=at, receipt_document=document)
    await casework.stop(view.id, ClockKind.RECEIPT)
    limits = times.limits(book, ClockKind.REPLY, at, grave=bool(view.veto))
    await casework.start(view.id, ClockKind.REPLY, limits, book, at=at)
    await casework.tell(view.id, Step.RECEIVED, actor, at=at, document=document)
    return limits.due_at


async def reply(actor: Actor, code: Code, given: NewReply, *, at: datetime) -> None:
    """Answer a finding for the own unit, once; late ones are taken until it is concluded."""
    unit = _unit(actor)
    async with entry(actor, "evaluations.reply_finding", at=at) as note:
        view = await queries.unit_stored(unit, code, at=at)
        earlier = await queries.reply(view.id)
        tidy = rules.may_reply(view, given, earlier)
        file = await casework.keep_picture(view.id, tidy.picture, at=at, from_unit=True)
        if earlier is None:
            await _answered(view, tidy, file, actor, note, at=at)
        else:
            await _after_silence(view, tidy, file, actor, note, at=at)
        await casework.tell(view.id, Step.REPLIED, actor, at=at, text=tidy.stance.value)


async def _answered(
    view: FindingView, given: NewReply, file: str, actor: Actor, note: Note, *, at: datetime
) -> None:
    row = FindingReply(
        finding=view.id,
        stance=given.stance.value,
        text=given.text,
        file=file,
        by=actor.person,
        at=at,
    )
    await insert_rows(FindingReply, [row])
    await casework.stop(view.id, ClockKind.REPLY)
    await casework.change(view, note, state=FindingState.VERIFYING.value)
    await start_check(view, at=at)


async def _after_silence(
    view: FindingView, given: NewReply, file: str, actor: Actor, note: Note, *, at: datetime
) -> None:
    done = (
        await FindingReply.update(
            {
                FindingReply.stance: given.stance.value,
                FindingReply.text: given.text,
                FindingReply.file: file,
                FindingReply.by: actor.person,
                FindingReply.at: at,
                FindingReply.late: True,
            }
        )
        .where(FindingReply.finding == view.id, FindingReply.stance == Stance.SILENT.value)
        .returning(FindingReply.id)
    )
    if not done:
        raise Conflict("finding.replied")
    await casework.change(view, note)


async def order(
    actor: Actor, code: Code, text: str, *, checked: tuple[str, ...] = (), at: datetime
) -> datetime:
    """Order a unit to put right what was verified; returns until when."""
    async with entry(actor, "evaluations.order_finding", at=at) as note:
        view = await queries.stored(code)
        rules.may_work(actor, view)
        rules.may_order(view)
        tidy = rules.looked_through("text", text, checked)
        if view.visible_at is None:
            raise Conflict("finding.reply_first")
        book = (await rulebooks.version(view.rulebook_code)).rulebook
        limits = times.limits(book, ClockKind.ORDER, at, grave=False)
        await casework.change(view, note, state=FindingState.ORDER_OPENED.value, order_text=tidy)
        await casework.start(view.id, ClockKind.ORDER, limits, book, at=at)
        await casework.tell(view.id, Step.ORDERED, actor, at=at, text=tidy)
    return limits.due_at


async def report(
    actor: Actor, code: Code, text: str, *, picture: bytes = b"", at: datetime
) -> None:
    """Say for the own unit what was put right; a later report takes the place of an earlier."""
    unit = _unit(actor)
    async with entry(actor, "evaluations.report_finding", at=at) as note:
        view = await queries.unit_stored(unit, code, at=at)
        tidy = rules.may_report(view, text)
        file = await casework.keep_picture(view.id, picture, at=at, from_unit=True)
        await casework.change(view, note, report=tidy, report_file=file, reported_at=at)
        await casework.tell(view.id, Step.REPORTED, actor, at=at)


async def rectified(
    actor: Actor,
    code: Code,
    *,
    at: datetime,
    sheet: Code | None = None,
    document: str = "",
) -> None:
    """Record that what was ordered is done: by a re-visit of another visitor, or by documents."""
    async with entry(actor, "evaluations.rectified", at=at) as note:
        view = await queries.stored(code)
        rules.may_work(actor, view)
        rules.may_rectify(view)
        proof = (
            rules.short("document", document, 200) if sheet else rules.line("document", document)
        )
        if sheet is not None:
            await _revisited(view, sheet)
        await casework.change(
            view, note, state=FindingState.RECTIFIED.value, rectified_by=sheet or proof
        )
        await casework.stop(view.id, ClockKind.ORDER)
        await casework.tell(view.id, Step.RECTIFIED, actor, at=at, document=sheet or proof)


async def _revisited(view: FindingView, code: Code) -> None:
    """Refuse a re-visit that does not count, is older than the order, or by the same visitor."""
    sheet = await submission(code)
    rules.fits(view, sheet, ())
    if sheet.state is not SheetState.ACCEPTED:
        raise Conflict("finding.sheet_not_accepted")
    if view.concluded_at is not None and sheet.received_at <= view.concluded_at:
        raise Closed("finding.revisit_old")
    for each in (await queries.grounds(view)).sheets:
        if await queries.same_visitor(each.task, sheet.task):
            raise Conflict("finding.same_visitor")


async def not_rectified(actor: Actor, code: Code, reason: str, *, at: datetime) -> None:
    """Send a report back: it does not show what was ordered; the order's time runs on."""
    async with entry(actor, "evaluations.not_rectified", at=at, reason=reason.strip()) as note:
        view = await queries.stored(code)
        rules.may_work(actor, view)
        rules.may_rectify(view)
        text = rules.words("reason", reason)
        await casework.change(view, note, reported_at=None)
        await casework.tell(view.id, Step.NOT_RECTIFIED, actor, at=at, text=text)
