"""Records of what follows from final marks: letters with their answers, talks, withdrawal."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

import msgspec
from piccolo.columns import Column

from panel import entropy
from panel.actor import Actor, Role
from panel.assessments import queries
from panel.assessments.rules import consequences as rules
from panel.assessments.tables import Consequence
from panel.assessments.types import (
    Basis,
    ConsequenceKind,
    ConsequenceState,
    ConsequenceView,
    Draft,
    LineView,
    Talk,
    YearState,
    YearView,
)
from panel.audit.commands import Note, entry
from panel.db import insert_rows
from panel.errors import Conflict
from panel.ids import Code
from panel.roster import queries as roster
from panel.rulebook import queries as rulebooks
from panel.rulebook.types import Rulebook
from panel.workdays import deadline

_SEALED: Final = (
    "code", "year", "unit", "kind", "basis", "rule", "state", "body", "letter", "answer",
    "answer_document",
)  # fmt: skip


async def follow(
    note: Note,
    view: YearView,
    lines: Sequence[LineView],
    book: Rulebook,
    actor: Actor,
    *,
    at: datetime,
) -> frozenset[Code]:
    """Record what follows from final lines, and return who may not be named excellent.

    Of an earlier version, what still follows stays as it is; what no longer does is withdrawn.
    """
    wanted = {
        (each.unit, each.kind, each.basis, each.rule): each
        for line in lines
        for each in rules.drafts(line, book)
    }
    for old in await queries.consequences(view.year):
        key = (old.unit_code, old.kind, old.basis, old.rule)
        if old.basis is Basis.OFFICE or old.state is ConsequenceState.WITHDRAWN:
            continue
        if wanted.pop(key, None) is None:
            await _change(note, old, state=ConsequenceState.WITHDRAWN.value, reason=view.reason)
    ids = {line.unit_code: line.unit_id for line in lines}
    for each in wanted.values():
        await _record(note, actor, (view.year, ids[each.unit]), each, book, at=at)
    return frozenset(
        each.unit_code
        for each in await queries.consequences(view.year)
        if each.kind is ConsequenceKind.EXCELLENCE and each.state is not ConsequenceState.WITHDRAWN
    )


async def _record(
    note: Note, actor: Actor, about: tuple[int, int], draft: Draft, book: Rulebook, *, at: datetime
) -> Code:
    row = Consequence(
        code=entropy.code(),
        year=about[0],
        unit=about[1],
        kind=draft.kind.value,
        basis=draft.basis.value,
        rule=draft.rule,
        facts=msgspec.json.encode(draft.facts, order="deterministic").decode(),
        text=draft.text.strip(),
        state=rules.first_state(draft.kind).value,
        made_by=actor.person,
        made_at=at,
        due_at=deadline(at, draft.days, "days", book.calendar) if draft.days else None,
    )
    await insert_rows(Consequence, [row])
    note.seal(row, *_SEALED)
    note.about("consequence", row.code, follows=draft.kind.value, basis=draft.basis.value)
    return Code(row.code)


async def propose(actor: Actor, year: int, draft: Draft, *, at: datetime) -> Code:
    """Bring up a recommendation, a merit or a talk with reasons, once the year is final."""
    actor.require(Role.COORDINATOR)
    rules.check_manual(draft)
    unit = await roster.unit(draft.unit)
    async with entry(actor, "assessments.propose", at=at) as note:
        view = await queries.year(year)
        if view.state not in {YearState.FINAL, YearState.EXPORTED}:
            raise Conflict("assessment.state", state=view.state.value)
        book = (await rulebooks.frozen(view.rulebook_code)).rulebook
        days = draft.days or book.deadline("transfer_answer").amount
        whole = msgspec.structs.replace(draft, basis=Basis.OFFICE, rule="", days=days)
        return await _record(note, actor, (year, unit.id), whole, book, at=at)


async def send_letter(actor: Actor, code: Code, body: str, document: str, *, at: datetime) -> None:
    """Record that a letter went to the competent body; its answer is due from here."""
    actor.require(Role.COORDINATOR, Role.PUBLISHER)
    async with entry(actor, "assessments.send_letter", at=at) as note:
        view = await queries.consequence(code)
        book = (await rulebooks.current()).rulebook
        rules.may_send(view, body, document, book.findings.bodies)
        limit = book.deadline("transfer_answer")
        await _change(
            note,
            view,
            state=ConsequenceState.SENT.value,
            body=body,
            letter=document.strip(),
            sent_at=at,
            due_at=deadline(at, limit.amount, limit.unit, book.calendar),
        )


async def answer_letter(
    actor: Actor, code: Code, answer: str, text: str, document: str, *, at: datetime
) -> None:
    """Record the competent body's written answer."""
    actor.require(Role.COORDINATOR, Role.PUBLISHER)
    async with entry(actor, "assessments.answer_letter", at=at) as note:
        view = await queries.consequence(code)
        found = rules.may_answer(view, answer, text, document)
        await _change(
            note,
            view,
            state=ConsequenceState.ANSWERED.value,
            answer=found.value,
            answer_text=text.strip(),
            answer_document=document.strip(),
            answered_at=at,
        )


async def hold_talk(actor: Actor, code: Code, talk: Talk, *, at: datetime) -> None:
    """Record that a talk was held: by which post, with which post, and what came out."""
    actor.require(Role.COORDINATOR)
    async with entry(actor, "assessments.hold_talk", at=at) as note:
        view = await queries.consequence(code)
        rules.may_hold(view, talk, at)
        await _change(
            note,
            view,
            state=ConsequenceState.HELD.value,
            talk=msgspec.json.encode(talk).decode(),
        )


async def withdraw_consequence(actor: Actor, code: Code, reason: str, *, at: datetime) -> None:
    """Take back what the office itself brought up, with a reason."""
    actor.require(Role.COORDINATOR)
    async with entry(actor, "assessments.withdraw_consequence", at=at, reason=reason) as note:
        view = await queries.consequence(code)
        rules.may_withdraw(view, reason)
        await _change(note, view, state=ConsequenceState.WITHDRAWN.value, reason=reason.strip())


async def _change(note: Note, view: ConsequenceView, **columns: Any) -> None:
    """Change a consequence that still stands where the command found it."""
    changes: dict[Column | str, Any] = {}
    changes.update(columns)
    changed = (
        await Consequence.update(changes)
        .where(Consequence.id == view.id, Consequence.state == view.state.value)
        .returning(Consequence.id)
    )
    if not changed:
        raise Conflict("consequence.changed")
    row = await Consequence.objects().get(Consequence.id == view.id)
    if row is not None:
        note.seal(row, *_SEALED)
    note.about("consequence", view.code, before=view.state.value, after=columns["state"])
