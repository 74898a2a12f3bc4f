"""Reads of drafts and of their trials."""

from __future__ import annotations

from typing import Any

import msgspec

from panel.errors import Missing
from panel.ids import Code, PersonId
from panel.rulebook import rules
from panel.rulebook.queries.versions import people, version
from panel.rulebook.rules import lists, numbers
from panel.rulebook.rules.kinds import Bound, Kind
from panel.rulebook.tables import DryRun, RulebookDraft, Version
from panel.rulebook.types import (
    Change,
    Deadline,
    DraftState,
    DraftView,
    DryRunState,
    DryRunView,
    Edit,
    Rulebook,
    RulebookState,
)

Bounds = dict[str, Bound]
CHAPTERS = numbers.EDITABLE
"""Chapters of the measures that are numbers."""
LISTS = tuple(lists.LISTS)
"""Chapters of the measures that are lists, edited line by line."""
SHARES = numbers.SHARES
"""Chapters whose numbers sum to 100."""


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


def kind(book: Rulebook, chapter: str, name: str) -> Kind:
    """Return how a value of a chapter is typed."""
    return numbers.kind(book, chapter, name)


def limits(book: Rulebook) -> dict[str, Deadline]:
    """Return every limit by its key, the usual ones of which the measures say nothing included."""
    return {each.key: each for each in numbers.all_deadlines(book)}


def rows(book: Rulebook, chapter: str) -> list[Bounds]:
    """Return the lines of a list, each value by its name."""
    return lists.rows(book, chapter)


def columns(chapter: str) -> dict[str, Kind]:
    """Return how each value of a list's lines is typed."""
    return lists.columns(chapter)


def row_choices(chapter: str, name: str) -> tuple[str, ...]:
    """Return the words that may be chosen for a value of a line; none where it is typed."""
    return lists.choices(chapter, name)


def path_of(chapter: str) -> str:
    """Return the path by which faults name a chapter or a list."""
    return lists.path_of(chapter) if chapter in lists.LISTS else numbers.path_of(chapter)


def tried_out(found: DraftView, change: Edit) -> DraftView:
    """Return a draft as an edit would leave it, with its faults; nothing is saved."""
    book = rules.apply(found.rulebook, change)
    return msgspec.structs.replace(found, rulebook=book, faults=tuple(rules.check(book)))


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
