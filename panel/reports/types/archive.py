"""A round's archive package (归档): what belongs into it, what is missing, its hashes."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

import msgspec

from panel.ids import Code


class ArchiveItem(StrEnum):
    """What a round's archive should hold, in the order of the catalogue (domain.md I09)."""

    PLAN = "plan"
    APPROVAL = "approval"
    NOTICE = "notice"
    DRAW = "draw"
    FORMS = "forms"
    SHEETS = "sheets"
    RANKING = "ranking"
    RECOUNT = "recount"
    DELIVERIES = "deliveries"
    APPEALS = "appeals"
    OBJECTIONS = "objections"
    PROCEDURE = "procedure"
    PUBLICATION = "publication"
    ORDERS = "orders"


class Presence(StrEnum):
    """Whether an item is there."""

    PRESENT = "present"
    MISSING = "missing"
    NONE = "none"
    """Nothing of the kind happened, or none is due in a round of this kind."""


class CheckedItem(msgspec.Struct, frozen=True):
    """One line of the checklist."""

    item: ArchiveItem
    presence: Presence
    files: tuple[str, ...] = ()


class ArchivedFile(msgspec.Struct, frozen=True):
    """One file of a package with its SHA-256."""

    path: str
    bytes: int
    hash: str


class PackageState(StrEnum):
    """How far a package is."""

    QUEUED = "queued"
    PACKING = "packing"
    DONE = "done"
    REPLACED = "replaced"
    """A later package of the round took its place; its hashes stay."""
    FAILED = "failed"


class PackageView(msgspec.Struct, frozen=True):
    """A package without its bytes."""

    id: int
    code: Code
    round_id: int
    round_code: Code
    title: str
    title_en: str
    state: PackageState
    done: int
    total: int
    size: int
    hash: str
    """SHA-256 of the whole package."""
    checklist: tuple[CheckedItem, ...]
    files: tuple[ArchivedFile, ...]
    started_at: datetime
    finished_at: datetime | None

    @property
    def running(self) -> bool:
        """Tell whether a worker still has to finish it."""
        return self.state in {PackageState.QUEUED, PackageState.PACKING}

    @property
    def missing(self) -> int:
        """Return how many items are missing."""
        return sum(each.presence is Presence.MISSING for each in self.checklist)


class Part(msgspec.Struct, frozen=True):
    """One item of the checklist with its files as they go into the package."""

    item: ArchiveItem
    presence: Presence
    files: tuple[tuple[str, bytes], ...] = ()
