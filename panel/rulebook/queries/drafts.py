"""Reads of drafts and of their trials."""

from __future__ import annotations

from typing import Any

import msgspec

from panel.errors import Missing
from panel.ids import Code, PersonId
from panel.rulebook import rules
from panel.rulebook.queries.versions import people, version
from panel.rulebook.rules import numbers
from panel.rulebook.tables import DryRun, RulebookDraft, Version
from panel.rulebook.types import (
    Change,
    DraftState,
    DraftView,
    DryRunState,
    DryRunView,
    Edit,
    Rulebook,
    RulebookState,
)

Bounds = dict[str, int | str | tuple[int, ...]]
CHAPTERS = numbers.EDITABLE
"""Chapters of the measures that are numbers."""


def _view(row: dict[str, Any]) -> DraftView:
    """Turn a row into the struct that readers get, with all faults of the text."""
    book = msgspec.json.decode(row["content"], type=Rulebook)
    return DraftView(
        code=Code(row["code"]),
        based_on=Code(row["based_on"]) if row["based_on"] else None,
        rulebook=book,
        hash=rules.fingerprint(row["content"]),
        revision=row["revision"],
        state=DraftState(row["state"]),
        version=Code(row["version"]) if row["version"] else None,
        author=PersonId(row["author"]) if row["author"] is not None else None,
        editors=people(row["editors"]),
        saved_at=row["saved_at"],
        faults=tuple(rules.check(book)),
    )


def bounds(book: Rulebook, chapter: str) -> Bounds:
    """Return the numbers of a chapter by name; deadlines by their keys."""
    return numbers.fields(book, chapter)


def choices(book: Rulebook, chapter: str, name: str) -> tuple[str, ...]:
    """Return the values that may be chosen for a bound; none where it is typed."""
    return numbers.choices(book, chapter, name)


def seen(book: Rulebook, change: Edit) -> str:
    """Return the digest of what an edit would replace, as an editor sees it now."""
    return rules.piece(book, change)


def toml(book: Rulebook) -> str:
    """Return measures as a file that reads back with the same hash."""
    return rules.toml(book)


def changes(before: Rulebook, after: Rulebook) -> list[Change]:
    """Return what differs between two versions."""
    return rules.changes(before, after)


async def draft(code: Code) -> DraftView:
    """Return a draft that was not discarded."""
    row = (
        await RulebookDraft.select()
        .where(RulebookDraft.code == code, RulebookDraft.state != DraftState.DISCARDED)
        .first()
    )
    if row is None:
        raise Missing("rulebook.no_draft")
    return _view(row)


async def drafts() -> list[DraftView]:
    """Return the drafts that are being written, the last saved first."""
    rows = (
        await RulebookDraft.select()
        .where(RulebookDraft.state == DraftState.DRAFT)
        .order_by(RulebookDraft.saved_at, ascending=False)
    )
    return [_view(row) for row in rows]


async def draft_of(code: Code) -> Code | None:
    """Return the draft that a version was written in, if it was written here."""
    row = (
        await RulebookDraft.select(RulebookDraft.code)
        .where(RulebookDraft.version == code, RulebookDraft.state != DraftState.DISCARDED)
        .first()
    )
    return Code(row["code"]) if row else None


async def groups_kept(based_on: Code | None) -> frozenset[str]:
    """Return the peer groups that a draft may not drop: units belong to them."""
    if based_on is None:
        return frozenset()
    found = await version(based_on)
    return frozenset(group.key for group in found.rulebook.peer_groups)


async def approved_before() -> bool:
    """Tell whether any measures were in force before."""
    return bool(
        await Version.exists().where(
            Version.state.is_in([RulebookState.APPROVED, RulebookState.SUPERSEDED])
        )
    )


async def dry_run(fingerprint: str) -> DryRunView | None:
    """Return the trial of measures, by their hash."""
    row = await DryRun.select().where(DryRun.hash == fingerprint).first()
    if row is None:
        return None
    return DryRunView(
        hash=row["hash"],
        round=Code(row["round"]) if row["round"] else None,
        state=DryRunState(row["state"]),
        done=row["done"],
        total=row["total"],
        result=row["result"],
        at=row["at"],
    )


async def tried(fingerprint: str) -> Rulebook | None:
    """Return the measures that wait to be tried, None where nobody waits any more."""
    row = (
        await DryRun.select(DryRun.content)
        .where(DryRun.hash == fingerprint, DryRun.state == DryRunState.WAITING)
        .first()
    )
    return msgspec.json.decode(row["content"], type=Rulebook) if row else None
