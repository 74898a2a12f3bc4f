"""Values of circulars (通报): what is told to everybody, or to the office and the units alone."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

import msgspec

from panel.ids import Code, PersonId


class BulletinKind(StrEnum):
    """What a circular is."""

    CIRCULAR = "circular"
    ANNOUNCEMENT = "announcement"
    WEEKLY = "weekly"
    MONTHLY = "monthly"


class BulletinAudience(StrEnum):
    """Who may read a circular."""

    PUBLIC = "public"
    INTERNAL = "internal"
    """The office and the liaisons of the units."""


class BulletinState(StrEnum):
    """How far a circular is (domain.md 4.17)."""

    DRAFT = "draft"
    REVIEWED = "reviewed"
    SCHEDULED = "scheduled"
    PUBLISHED = "published"
    CORRECTED = "corrected"
    WITHDRAWN = "withdrawn"


READABLE = frozenset({BulletinState.PUBLISHED, BulletinState.CORRECTED, BulletinState.WITHDRAWN})
"""States in which readers find it; a withdrawn one tells that it was, and why."""


class BulletinDraft(msgspec.Struct, frozen=True):
    """A circular as its author writes it."""

    kind: BulletinKind
    audience: BulletinAudience
    title: str
    text: str
    title_en: str = ""
    text_en: str = ""
    document: str = ""
    """Its number among the office's papers."""
    names: tuple[str, ...] = ()
    """Persons whom it names; they are taken out when their time is over."""
    checked: tuple[str, ...] = ()
    """What the text check found and the author left in on purpose."""


class BulletinNote(msgspec.Struct, frozen=True):
    """A correction, or why it was withdrawn."""

    text: str
    at: datetime


class BulletinView(msgspec.Struct, frozen=True):
    """A circular as the office reads it."""

    id: int
    code: Code
    state: BulletinState
    draft: BulletinDraft
    written_by: PersonId | None
    written_at: datetime
    reviewed_by: PersonId | None
    publish_on: date | None
    published_at: datetime | None
    named_until: datetime | None
    notes: tuple[BulletinNote, ...]
    revision: int = 0


class PublishedBulletin(msgspec.Struct, frozen=True):
    """A circular as its readers find it; names are gone once their time is over."""

    code: Code
    kind: BulletinKind
    state: BulletinState
    title: str
    title_en: str
    text: str
    text_en: str
    document: str
    published_at: datetime
    notes: tuple[BulletinNote, ...]
