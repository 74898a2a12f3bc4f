"""Circulars: written, read through by a second person, published on a day, corrected in sight."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import msgspec
from piccolo.columns import Column

from panel.actor import SYSTEM, Actor, Role, second_person
from panel.audit.commands import Note, entry
from panel.db import insert_rows
from panel.entropy import code as fresh_code
from panel.errors import Conflict
from panel.ids import Code
from panel.reports.queries import bulletins as queries
from panel.reports.rules import bulletins as rules
from panel.reports.tables import Bulletin, BulletinAddition
from panel.reports.types import BulletinDraft, BulletinState, BulletinView
from panel.rulebook import queries as rulebooks
from panel.workdays import SHANGHAI, deadline

WRITERS = (Role.COORDINATOR, Role.PUBLISHER)
_KEPT = (
    "code", "kind", "audience", "state", "title", "text", "title_en", "text_en", "document",
    "written_by", "reviewed_by", "revision",
)  # fmt: skip


def _columns(draft: BulletinDraft) -> dict[str, Any]:
    """Return the columns that a draft fills."""
    return {
        "kind": draft.kind.value,
        "audience": draft.audience.value,
        "title": draft.title,
        "title_en": draft.title_en,
        "text": draft.text,
        "text_en": draft.text_en,
        "document": draft.document,
        "names": msgspec.json.encode(draft.names).decode(),
        "checked": msgspec.json.encode(draft.checked).decode(),
    }


async def write(actor: Actor, draft: BulletinDraft, *, at: datetime) -> Code:
    """Store a circular; refuses a text that nobody has looked through."""
    actor.require(*WRITERS)
    async with entry(actor, "reports.write_bulletin", at=at) as note:
        row = Bulletin(
            code=fresh_code(),
            state=BulletinState.DRAFT.value,
            written_by=actor.person,
            written_at=at,
            **_columns(rules.check(draft)),
        )
        await insert_rows(Bulletin, [row])
        note.seal(row, *_KEPT)
        note.about("bulletin", row.code, state=BulletinState.DRAFT.value)
    return Code(row.code)


async def rewrite(actor: Actor, code: Code, draft: BulletinDraft, *, at: datetime) -> None:
    """Change a draft; whoever changed it last is its author for the second person."""
    actor.require(*WRITERS)
    async with entry(actor, "reports.rewrite_bulletin", at=at) as note:
        view = await queries.bulletin(code)
        rules.in_state(view, BulletinState.DRAFT)
        columns = {**_columns(rules.check(draft)), "written_by": actor.person, "written_at": at}
        await _move(view, note, BulletinState.DRAFT, **columns)


async def review(actor: Actor, code: Code, *, at: datetime) -> None:
    """Note that a second person read a draft through."""
    actor.require(*WRITERS)
    async with entry(actor, "reports.review_bulletin", at=at) as note:
        view = await queries.bulletin(code)
        rules.in_state(view, BulletinState.DRAFT)
        second_person(view.written_by, actor)
        await _move(view, note, BulletinState.REVIEWED, reviewed_by=actor.person)


async def send_back(actor: Actor, code: Code, *, at: datetime) -> None:
    """Take a circular that nobody can read yet back to its draft."""
    actor.require(*WRITERS)
    async with entry(actor, "reports.send_bulletin_back", at=at) as note:
        view = await queries.bulletin(code)
        rules.in_state(view, BulletinState.REVIEWED, BulletinState.SCHEDULED)
        await _move(view, note, BulletinState.DRAFT, reviewed_by=None, publish_on=None)


async def schedule(actor: Actor, code: Code, on: date, *, at: datetime) -> None:
    """Set the day of a reviewed circular; on that day it is published by itself."""
    actor.require(*WRITERS)
    async with entry(actor, "reports.schedule_bulletin", at=at) as note:
        view = await queries.bulletin(code)
        rules.may_schedule(view, on, at)
        await _move(view, note, BulletinState.SCHEDULED, publish_on=on)


async def publish_due(*, at: datetime) -> int:
    """Publish the circulars whose day has come; return how many."""
    due = await queries.due_bulletins(at.astimezone(SHANGHAI).date())
    if not due:
        return 0
    book = (await rulebooks.current()).rulebook
    limit = book.deadline("exposure_named")
    until = deadline(at, limit.amount, limit.unit, book.calendar)
    for view in due:
        async with entry(SYSTEM, "reports.publish_bulletin", at=at) as note:
            named = until if view.draft.names else None
            await _move(view, note, BulletinState.PUBLISHED, published_at=at, named_until=named)
    return len(due)


async def correct(
    actor: Actor, code: Code, text: str, *, checked: tuple[str, ...] = (), at: datetime
) -> None:
    """Add a correction; the text itself is never changed, and both stand as long as the page."""
    await _add(actor, code, text, checked, BulletinState.CORRECTED, at=at)


async def withdraw(
    actor: Actor, code: Code, text: str, *, checked: tuple[str, ...] = (), at: datetime
) -> None:
    """Withdraw a circular with its reason; that it was there stays to be read."""
    await _add(actor, code, text, checked, BulletinState.WITHDRAWN, at=at)


async def _add(
    actor: Actor,
    code: Code,
    text: str,
    checked: tuple[str, ...],
    state: BulletinState,
    *,
    at: datetime,
) -> None:
    actor.require(Role.PUBLISHER)
    name = "correct" if state is BulletinState.CORRECTED else "withdraw"
    async with entry(actor, f"reports.{name}_bulletin", at=at) as note:
        view = await queries.bulletin(code)
        rules.may_add(view)
        tidy = rules.check_note(text, checked)
        row = BulletinAddition(bulletin=view.id, text=tidy, at=at)
        await insert_rows(BulletinAddition, [row])
        note.seal(row, "bulletin", "text")
        await _move(view, note, state)


async def _move(view: BulletinView, note: Note, after: BulletinState, **columns: Any) -> None:
    """Move a circular on if it is still as it was read; ``Conflict`` if somebody was faster."""
    changes: dict[Column | str, Any] = {"state": after.value, "revision": view.revision + 1}
    changes.update(columns)
    rows = (
        await Bulletin.update(changes)
        .where(Bulletin.id == view.id, Bulletin.revision == view.revision)
        .returning(*Bulletin.all_columns())
    )
    if not rows:
        raise Conflict("bulletin.state_changed")
    note.seal(Bulletin(**rows[0]), *_KEPT)
    note.about("bulletin", view.code, before=view.state.value, after=after.value)
