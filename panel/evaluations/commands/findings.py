"""What the office does with a finding: noted, judged, sent, verified, ordered, closed."""

from __future__ import annotations

from datetime import datetime

from panel.actor import Actor
from panel.audit.commands import entry
from panel.db import Duplicate, insert_rows, savepoint
from panel.entropy import code as fresh_code
from panel.errors import Conflict, Fault, Invalid
from panel.evaluations.commands import casework
from panel.evaluations.commands.leads import tie_lead
from panel.evaluations.commands.transfers import send_letter
from panel.evaluations.queries import findings as queries
from panel.evaluations.queries.leads import lead, sealed
from panel.evaluations.queries.review import own_links
from panel.evaluations.queries.sheets import submission
from panel.evaluations.rules import clocks as times
from panel.evaluations.rules import findings as rules
from panel.evaluations.tables import Finding
from panel.evaluations.types import LeadView, Share, SheetView
from panel.evaluations.types.clocks import ClockKind
from panel.evaluations.types.findings import (
    EvidenceKind,
    FindingDraft,
    FindingSource,
    FindingState,
    FindingView,
    NewEvidence,
    Outcome,
    Step,
    Triage,
)
from panel.ids import Code
from panel.roster import queries as roster
from panel.rulebook import queries as rulebooks
from panel.rulebook.types import RulebookVersion


async def note_finding(actor: Actor, draft: FindingDraft, *, at: datetime) -> Code:
    """Note what a sheet, a lead or the office's own work brought up; returns its code.

    Refuses a sheet that does not stand, one's own visit, and a second finding of the same item.
    """
    code = fresh_code()
    async with entry(actor, "evaluations.note_finding", at=at) as note:
        sheet = await submission(draft.sheet) if draft.sheet else None
        version = (
            await rulebooks.version(sheet.rulebook_code) if sheet else await rulebooks.current()
        )
        form = version.rulebook.form(sheet.form_key) if sheet else None
        veto, hidden = rules.veto_of(actor, form, draft)
        links = await own_links(actor.person, sheet.task.round_code) if sheet else ()
        facts = rules.may_note(draft, sheet, links)
        told = await lead(draft.lead) if draft.lead else None
        row = await _row(draft, sheet, told, version, at)
        row.code, row.veto, row.sealed = code, veto, hidden
        row.facts = sealed(facts.encode(), queries.facts_context(code, "facts"))
        row.noted_by = actor.person
        try:
            async with savepoint():
                await insert_rows(Finding, [row])
        except Duplicate as known:
            raise Conflict("finding.known") from known
        if sheet is not None:
            await casework.add_evidence(
                row.id, code, actor, EvidenceKind.SHEET, "", sheet.id, at=at
            )
        if told is not None:
            await tie_lead(actor, told.code, code, at=at)
            await casework.add_evidence(
                row.id, code, actor, EvidenceKind.STATEMENT, told.code, None, at=at
            )
        await casework.tell(row.id, Step.NOTED, actor, at=at)
        note.seal(row, *casework.SEALED)
        note.about("finding", code, after=FindingState.NOTED.value, source=row.source)
    return code


async def _row(
    draft: FindingDraft,
    sheet: SheetView | None,
    told: LeadView | None,
    version: RulebookVersion,
    at: datetime,
) -> Finding:
    """Return the row of a draft with where and when it was; facts and names of kinds are to come.

    A unit must be named where neither a sheet nor a lead brings it along.
    """
    unit, window = await _place(draft, sheet, told)
    row = Finding(
        unit=unit,
        window=window,
        source=FindingSource.OFFICE.value,
        item=draft.item,
        rulebook=version.code,
        share=Share.SEND.value,
        state=FindingState.NOTED.value,
        noted_at=at,
    )
    if sheet is not None:
        row.source, row.sheet = FindingSource.SHEET.value, sheet.id
        row.form_key, row.share = sheet.form_key, sheet.answers.share.value
        row.month = times.month_of(sheet.answers.visited_on)
    elif told is not None:
        row.source, row.lead = FindingSource.LEAD.value, told.code
        row.share, row.month = told.share.value, times.month_of(told.seen_on)
    return row


async def _place(
    draft: FindingDraft, sheet: SheetView | None, told: LeadView | None
) -> tuple[int, int | None]:
    if sheet is not None:
        return sheet.task.unit_id, sheet.task.window_id
    if told is not None:
        return told.unit_id, told.window_id
    if draft.unit is None:
        raise Invalid("finding.faults", Fault("unit", "form.required"))
    unit = await roster.unit(draft.unit)
    if draft.window is None:
        return unit.id, None
    window = await roster.window(draft.window)
    if window.unit_code != draft.unit:
        raise Invalid("finding.faults", Fault("window", "finding.sheet_elsewhere"))
    return unit.id, window.id


async def triage(actor: Actor, code: Code, given: Triage, *, at: datetime) -> None:
    """Judge how grave a finding is and write what its unit will read.

    A grave event goes to the competent body at once, by a letter of its own, and is frozen from
    publication until that body has answered.
    """
    async with entry(actor, "evaluations.triage", at=at) as note:
        view = await queries.stored(code)
        rules.may_work(actor, view)
        book = (await rulebooks.version(view.rulebook_code)).rulebook
        tidy = rules.check_triage(view, given, book)
        await casework.change(
            view,
            note,
            state=FindingState.TRIAGED.value,
            severity=tidy.severity,
            told=tidy.told,
            handler=actor.person,
            frozen=view.frozen or bool(view.veto),
        )
        await casework.tell(view.id, Step.TRIAGED, actor, at=at, text=str(tidy.severity))
        if view.veto and view.state is FindingState.NOTED:
            await send_letter(actor, view, tidy.body, tidy.document, book, note, at=at)


async def drop(actor: Actor, code: Code, reason: str, *, at: datetime) -> None:
    """Set a finding aside before its unit was asked; the reason stays."""
    async with entry(actor, "evaluations.drop_finding", at=at, reason=reason.strip()) as note:
        view = await queries.stored(code)
        rules.may_work(actor, view)
        rules.in_state(view, FindingState.NOTED, FindingState.TRIAGED)
        text = rules.words("reason", reason)
        await casework.change(
            view,
            note,
            state=FindingState.CLOSED.value,
            outcome=Outcome.DROPPED.value,
            outcome_text=text,
            concluded_by=actor.person,
            concluded_at=at,
        )
        await casework.tell(view.id, Step.CLOSED, actor, at=at, text=text)


async def add_evidence(actor: Actor, code: Code, given: NewEvidence, *, at: datetime) -> None:
    """Add an independent item; a second sheet must be by another visitor at the same place."""
    async with entry(actor, "evaluations.add_evidence", at=at) as note:
        view = await queries.stored(code)
        rules.may_work(actor, view)
        text = rules.may_add(view, given)
        sheet = await submission(given.sheet) if given.sheet else None
        share = view.share
        if given.kind is EvidenceKind.SHEET and sheet is not None:
            share = await _second(actor, view, sheet)
        try:
            async with savepoint():
                await casework.add_evidence(
                    view.id, code, actor, given.kind, text,
                    sheet.id if sheet else None, at=at, picture=given.picture,
                )  # fmt: skip
        except Duplicate as known:
            raise Conflict("finding.known") from known
        await casework.change(view, note, share=share.value)
        await casework.tell(view.id, Step.EVIDENCE, actor, at=at, text=given.kind.value)


async def _second(actor: Actor, view: FindingView, sheet: SheetView) -> Share:
    """Return what may be told now that another visitor's sheet speaks too.

    Refuses a sheet of the same visitor: two sheets of one person are one piece of evidence.
    """
    rules.fits(view, sheet, await own_links(actor.person, sheet.task.round_code))
    earlier = (await queries.grounds(view)).sheets
    for each in earlier:
        if await queries.same_visitor(each.task, sheet.task):
            raise Invalid("finding.faults", Fault("sheet", "finding.same_visitor"))
    wishes = [view.share, *(each.answers.share for each in earlier), sheet.answers.share]
    told = 1 if view.lead else 0
    return rules.effective_share(wishes, len(earlier) + 1 + told)


async def send(actor: Actor, code: Code, *, at: datetime) -> datetime:
    """Tell the unit; returns from when it sees it. Refuses while the visitor wants to wait."""
    async with entry(actor, "evaluations.send_finding", at=at) as note:
        view = await queries.stored(code)
        rules.may_work(actor, view)
        rules.may_send(view, view.share)
        book = (await rulebooks.version(view.rulebook_code)).rulebook
        sheets = (await queries.grounds(view)).sheets
        covert = any(sheet.task.covert for sheet in sheets) or bool(view.lead)
        grave = bool(view.veto)
        visible = times.visible_from(
            view.share, book.covert.release_days, at, covert=covert, grave=grave
        )
        await casework.change(
            view, note, state=FindingState.UNIT_REPLY_WAIT.value, sent_at=at, visible_at=visible
        )
        limits = times.limits(book, ClockKind.RECEIPT, visible, grave=grave)
        await casework.start(view.id, ClockKind.RECEIPT, limits, book, at=visible)
        await casework.tell(view.id, Step.SENT, actor, at=at)
    return visible


async def inquire(actor: Actor, code: Code, *, at: datetime) -> None:
    """Begin to look into a sealed finding without warning its unit."""
    async with entry(actor, "evaluations.inquire", at=at) as note:
        view = await queries.stored(code)
        rules.may_work(actor, view)
        rules.may_inquire(view)
        await casework.change(view, note, state=FindingState.VERIFYING.value)
        await start_check(view, at=at)
        await casework.tell(view.id, Step.INQUIRY, actor, at=at)


async def start_check(view: FindingView, *, at: datetime) -> None:
    """Let the time for verifying begin."""
    book = (await rulebooks.version(view.rulebook_code)).rulebook
    limits = times.limits(book, ClockKind.CHECK, at, grave=bool(view.veto))
    await casework.start(view.id, ClockKind.CHECK, limits, book, at=at)


async def conclude(
    actor: Actor,
    code: Code,
    outcome: Outcome,
    text: str,
    *,
    checked: tuple[str, ...] = (),
    at: datetime,
) -> None:
    """Conclude what was verified; the unit reads the reason.

    Refuses who noted it or assigned its visit, too little evidence, and a grave event, which two
    persons confirm.
    """
    async with entry(actor, "evaluations.conclude", at=at, reason=outcome.value) as note:
        view = await queries.stored(code)
        rules.may_work(actor, view)
        book = (await rulebooks.version(view.rulebook_code)).rulebook
        found = await queries.grounds(view)
        await casework.not_own(actor, view, found, at=at)
        rules.may_conclude(view, actor, outcome, found, book)
        tidy = rules.looked_through("text", text, checked)
        await casework.change(
            view,
            note,
            state=FindingState(outcome.value).value,
            outcome=outcome.value,
            outcome_text=tidy,
            concluded_by=actor.person,
            concluded_at=at,
            veto_by=None,
        )
        await casework.stop_all(view.id)
        await casework.tell(view.id, Step(outcome.value), actor, at=at, text=tidy)


async def close(actor: Actor, code: Code, reason: str, *, at: datetime) -> None:
    """Close what was put right, or a verified finding that needs no order, with the reason."""
    async with entry(actor, "evaluations.close_finding", at=at, reason=reason.strip()) as note:
        view = await queries.stored(code)
        rules.may_work(actor, view)
        rules.may_close(view)
        text = rules.words("reason", reason)
        await casework.change(view, note, state=FindingState.CLOSED.value)
        await casework.stop_all(view.id)
        await casework.tell(view.id, Step.CLOSED, actor, at=at, text=text)
