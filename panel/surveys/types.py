"""Sessions of the collective evaluation and the counts of their ballots."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Final

import msgspec

from panel.ids import Code, PersonId

UNIT_COLUMN: Final = "单位"
LEVEL_COLUMNS: Final = ("好", "较好", "一般", "较差", "很差", "最差")
"""Titles of the answers in a table, the best first; as many as the rulebook has levels."""
UNKNOWN_COLUMN: Final = "不了解"


def columns(levels: int) -> tuple[str, ...]:
    """Return the titles of a table of counts for so many levels."""
    return (UNIT_COLUMN, *LEVEL_COLUMNS[:levels], UNKNOWN_COLUMN)


class SessionState(StrEnum):
    """How far a session is."""

    OPEN = "open"
    """Figures are being entered."""
    ENTERED = "entered"
    """All figures are there; a second person compares them with the protocol."""
    VALID = "valid"
    VOID = "void"


class VoidReason(StrEnum):
    """Why a session counts nothing."""

    RETURNED = "returned"
    """More ballots came back than were given out."""
    QUORUM = "quorum"
    OFFICE = "office"
    """Declared void afterwards, with a reason in words."""


class NewSession(msgspec.Struct, frozen=True):
    """A session as its protocol describes it."""

    year: int
    held_on: date
    title: str
    title_en: str
    entitled: int
    """Members of the panel on that day."""
    present: int
    issued: int
    returned: int
    spoiled: int
    document: str
    """Number of the signed protocol."""


class NewTally(msgspec.Struct, frozen=True):
    """How the valid ballots judged one unit, the best answer first."""

    unit: Code
    levels: tuple[int, ...]
    unknown: int


class SessionView(msgspec.Struct, frozen=True):
    """One session with how far it is."""

    id: int
    code: Code
    year: int
    held_on: date
    title: str
    title_en: str
    entitled: int
    present: int
    issued: int
    returned: int
    spoiled: int
    document: str
    rulebook_code: Code
    levels: tuple[int, ...]
    """What each answer is worth, in hundredths, by the measures that the session pinned."""
    state: SessionState
    void_reason: VoidReason | None
    reason: str
    editors: frozenset[PersonId]
    units: int
    """Units with figures."""
    checked_at: datetime | None
    void_asked_by: PersonId | None = None
    void_asked_at: datetime | None = None
    """When somebody asked that it be void; another person agrees or declines."""
    void_asked_reason: str = ""

    @property
    def valid(self) -> int:
        """Return how many ballots may be counted."""
        return self.returned - self.spoiled


class TallyView(msgspec.Struct, frozen=True):
    """The counts of one unit in one session."""

    unit_code: Code
    unit_name: str
    unit_name_en: str
    group: str
    levels: tuple[int, ...]
    unknown: int

    @property
    def judged(self) -> int:
        """Return how many ballots give the unit an answer; "don't know" is none."""
        return sum(self.levels)


class Collected(msgspec.Struct, frozen=True):
    """What the valid sessions of a year say about one unit, added up."""

    unit_code: Code
    levels: tuple[int, ...]
    unknown: int
    sessions: tuple[Code, ...]
    issued: int
    returned: int
    valid: int
