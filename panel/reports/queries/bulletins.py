"""Reads of circulars: all for the office, what is published for its readers."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import Any

import msgspec

from panel.db import raw
from panel.errors import Missing
from panel.ids import Code, PersonId
from panel.reports.rules import bulletins as rules
from panel.reports.types import (
    READABLE,
    BulletinAudience,
    BulletinDraft,
    BulletinKind,
    BulletinNote,
    BulletinState,
    BulletinView,
    PublishedBulletin,
)


async def bulletins(*, limit: int = 100) -> list[BulletinView]:
    """Return all circulars, the newest first."""
    return await _views("ORDER BY b.id DESC LIMIT {}", limit)


async def bulletin(code: Code) -> BulletinView:
    """Return one circular whatever its state."""
    found = await _views("WHERE b.code = {}", code)
    if not found:
        raise Missing("bulletin.missing")
    return found[0]


async def due_bulletins(today: date) -> list[BulletinView]:
    """Return the circulars whose day has come."""
    return await _views(
        "WHERE b.state = {} AND b.publish_on <= {} ORDER BY b.id", BulletinState.SCHEDULED, today
    )


async def published_bulletins(
    audiences: Collection[BulletinAudience], *, at: datetime, limit: int = 100
) -> list[PublishedBulletin]:
    """Return what readers of these audiences find, the newest first."""
    marks = ", ".join("{}" for _ in audiences)
    states = ", ".join("{}" for _ in READABLE)
    found = await _views(
        f"WHERE b.audience IN ({marks}) AND b.state IN ({states}) "
        "ORDER BY b.published_at DESC, b.id DESC LIMIT {}",
        *sorted(audiences),
        *sorted(READABLE),
        limit,
    )
    return [rules.readable(view, at) for view in found]


async def published_bulletin(
    code: Code, audiences: Collection[BulletinAudience], *, at: datetime
) -> PublishedBulletin:
    """Return one published circular to a reader of these audiences; else ``Missing``."""
    view = await bulletin(code)
    if view.state not in READABLE or view.draft.audience not in audiences:
        raise Missing("bulletin.missing")
    return rules.readable(view, at)


async def _views(where: str, *values: Any) -> list[BulletinView]:
    rows = await raw(f"SELECT b.* FROM bulletin b {where}", *values)
    notes = await _notes([row["id"] for row in rows])
    return [_view(row, tuple(notes[row["id"]])) for row in rows]


async def _notes(numbers: Sequence[int]) -> dict[int, list[BulletinNote]]:
    """Return what was added to some circulars, the first addition first."""
    found: dict[int, list[BulletinNote]] = defaultdict(list)
    if numbers:
        marks = ", ".join("{}" for _ in numbers)
        for row in await raw(
            f"SELECT bulletin, text, at FROM bulletin_note WHERE bulletin IN ({marks}) ORDER BY id",
            *numbers,
        ):
            found[row["bulletin"]].append(BulletinNote(row["text"], row["at"]))
    return found


def _view(row: dict[str, Any], notes: tuple[BulletinNote, ...]) -> BulletinView:
    on = row["publish_on"]
    return BulletinView(
        id=row["id"],
        code=Code(row["code"]),
        state=BulletinState(row["state"]),
        draft=BulletinDraft(
            kind=BulletinKind(row["kind"]),
            audience=BulletinAudience(row["audience"]),
            title=row["title"],
            text=row["text"],
            title_en=row["title_en"],
            text_en=row["text_en"],
            document=row["document"],
            names=msgspec.json.decode(row["names"], type=tuple[str, ...]),
            checked=msgspec.json.decode(row["checked"], type=tuple[str, ...]),
        ),
        written_by=_person(row["written_by"]),
        written_at=row["written_at"],
        reviewed_by=_person(row["reviewed_by"]),
        publish_on=date.fromisoformat(on) if isinstance(on, str) else on,
        published_at=row["published_at"],
        named_until=row["named_until"],
        notes=notes,
        revision=row["revision"],
    )


def _person(value: int | None) -> PersonId | None:
    return None if value is None else PersonId(value)
