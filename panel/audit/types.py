"""What the history gives to its readers."""

from __future__ import annotations

import datetime as dt
from enum import StrEnum

import msgspec


class EntryView(msgspec.Struct, frozen=True):
    """One command as the history tells it."""

    id: int
    at: dt.datetime
    command: str
    actor: str
    office: str
    reason: str
    document: str
    detail: str
    sequence: int | None


class CovertDay(msgspec.Struct, frozen=True):
    """How often a command of covert work was given on one day: no hour, no pseudonym."""

    day: dt.date
    command: str
    count: int


class ChainCode(msgspec.Struct, frozen=True):
    """A revealed link: SHA-256 of ``code`` is ``previous``, published long before."""

    position: int
    code: str
    previous: str


class Head(msgspec.Struct, frozen=True):
    """The newest link of the history's chain, to be kept elsewhere."""

    sequence: int
    hash: str


class Trouble(StrEnum):
    """What a verification can find."""

    ENTRY_CHANGED = "entry_changed"
    ENTRY_DROPPED = "entry_dropped"
    CHAIN_BROKEN = "chain_broken"
    TAIL_CUT = "tail_cut"
    ROW_CHANGED = "row_changed"
    ROW_DROPPED = "row_dropped"
    ROW_UNRECORDED = "row_unrecorded"


class Finding(msgspec.Struct, frozen=True):
    """One trouble with its place."""

    trouble: Trouble
    place: str


class Verification(msgspec.Struct, frozen=True):
    """Outcome of ``panel audit verify``."""

    entries: int
    unsealed: int
    rows: int
    head: Head
    findings: tuple[Finding, ...]
