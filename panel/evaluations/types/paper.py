"""Sheets on paper: printed with a number, typed by one person, checked by another."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

import msgspec

from panel.evaluations.types.sheets import Answers
from panel.ids import Code, PersonId
from panel.visits.types import TaskView


class PaperState(StrEnum):
    """How far a printed sheet is."""

    PRINTED = "printed"
    ENTERED = "entered"
    """Typed by one person; another one types it again."""
    DIFFERS = "differs"
    """The two did not read the same; somebody other than the first settles each difference."""
    COUNTED = "counted"
    SPOILT = "spoilt"
    """Lost, unreadable or replaced; a new one may be printed."""


class PaperView(msgspec.Struct, frozen=True):
    """One printed sheet with its task; no member."""

    id: int
    code: Code
    task: TaskView
    state: PaperState
    arrived_on: date | None
    first_by: PersonId | None
    second_by: PersonId | None
    pages: int
    """Pages of the scan."""
    reason: str
    sheet: str


class PaperLine(msgspec.Struct, frozen=True):
    """One printed sheet in a list: no unit, since a covert visit may lie ahead."""

    code: Code
    state: PaperState
    round_title: str
    round_title_en: str
    closes_at: datetime
    """Until when it can still be typed and checked."""
    arrived_on: date | None


class Reread(msgspec.Struct, frozen=True):
    """What two persons read differently; each key is an item, ``veto.V2`` or a field's name."""

    first: Answers
    second: Answers
    keys: tuple[str, ...]
