"""Values of evaluations: what a visitor answers, its score, the sheet as others may see it."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

import msgspec

from panel.ids import Code, PersonId
from panel.rulebook.types import Band, Form, Item
from panel.visits.types import Errand, TaskView


class SheetState(StrEnum):
    """What became of a sheet; only accepted ones count."""

    SUBMITTED = "submitted"
    RETURNED = "returned"
    ACCEPTED = "accepted"
    VOIDED = "voided"
    HELD = "held"
    """Two things contradict each other; it waits for a further visit or a paper."""


class Share(StrEnum):
    """What may be told to the unit of a problem, as its visitor weighs the risk."""

    SEND = "send"
    WITHOUT_TIME = "without_time"
    WAIT = "wait"
    """Only after a second visit found the same."""


class Source(StrEnum):
    """How a sheet came in."""

    PHONE = "phone"
    PAPER = "paper"


class Flag(StrEnum):
    """What a reviewer should look at sooner; a flag never changes a score."""

    FAST = "fast"
    STRAIGHT = "straight"
    EXTREME = "extreme"
    COPIED = "copied"
    LATE = "late"
    RECOGNISED = "recognised"
    VETO = "veto"
    SEALED = "sealed"
    RECHECK = "recheck"
    """Its visitor was dismissed: somebody looks at it again."""
    PICTURE = "picture"
    """The same picture stands on another sheet."""
    APART = "apart"
    """Far from the other counted sheets of the same place."""
    SEVERE = "severe"
    """By a visitor who is much stricter or milder than others at the same places."""
    PAIR = "pair"
    """This visitor and this unit differ again and again by more than chance."""
    PAPER = "paper"


class Wait(msgspec.Struct, frozen=True):
    """Minutes waited and the posted limit; ``posted`` is None where no limit was posted."""

    waited: int | None = None
    posted: int | None = None


class Answers(msgspec.Struct, frozen=True):
    """One filled sheet; every item and veto is named by its id in the form.

    An item that is missing from ``items`` has not been answered yet; None means "not observed".
    An item of minutes is answered in ``minutes``, or by None in ``items``.
    """

    items: dict[str, int | None] = {}
    reasons: dict[str, str] = {}
    minutes: dict[str, Wait] = {}
    vetoes: dict[str, str] = {}
    """What happened, by the id of each veto item that the visitor reports."""
    visited_on: date | None = None
    visited_at: str = ""
    """Time of day as ``HH:MM``; may stay empty."""
    errand: Errand | None = None
    recognised: bool | None = None
    impression: int | None = None
    """Overall impression from 1 to 5, outside the score."""
    good: str = ""
    """What was especially good."""
    declared: bool = False
    """Visited in person, took no gift, knows nobody there."""
    ticket: str = ""
    """Number of the ticket or receipt, as proof."""
    ticket_at: str = ""
    """Time of day printed on it, ``HH:MM``."""
    share: Share = Share.SEND
    replies: dict[str, str] = {}
    """What the visitor answers to the reviewer's questions, by item."""


class Score(msgspec.Struct, frozen=True):
    """The judged sheet: ``values`` are 0 to 4 of each answered item, minutes already turned."""

    hundredths: int
    answered_weight: int
    values: dict[str, int]


class DraftView(msgspec.Struct, frozen=True):
    """What a visitor has typed so far."""

    answers: Answers
    started_at: datetime
    saved_at: datetime


class Receipt(msgspec.Struct, frozen=True):
    """Proof for the visitor that a sheet came in; the same for the same idempotency key."""

    code: Code
    task_code: Code
    version: int
    received_at: datetime
    digest: str
    late: bool


class SheetView(msgspec.Struct, frozen=True):
    """One version of a sheet with its task; accusations of sealed kinds are not in it."""

    id: int
    code: Code
    task: TaskView
    version: int
    form_key: str
    rulebook_code: Code
    rulebook_hash: str
    answers: Answers
    score: int
    answered_weight: int
    body_digest: str
    filled_at: datetime
    received_at: datetime
    late: bool
    flags: tuple[Flag, ...]
    has_sealed: bool
    state: SheetState
    reviewed_by: PersonId | None
    reviewed_at: datetime | None
    review_reason: str
    void_reason: str
    void_by: PersonId | None
    veto_confirmed: bool


class Blank(msgspec.Struct, frozen=True):
    """The empty sheet of a task."""

    task: TaskView
    form: Form
    items: tuple[Item, ...]
    """What this visit asks, in printed order."""


class Filling(msgspec.Struct, frozen=True):
    """A sheet with what its visitor has typed so far."""

    blank: Blank
    answers: Answers
    saved_at: datetime | None
    started_at: datetime | None
    returned: SheetView | None
    """The version that a reviewer sent back, with the reason."""
    questions: dict[str, str] = {}
    """What the reviewer asks about single items of it."""


class Reading(msgspec.Struct, frozen=True):
    """A sheet as a reviewer or its own visitor reads it again."""

    sheet: SheetView
    blank: Blank
    values: dict[str, int]
    """0 to 4 of each answered item, minutes already turned."""
    band: Band
    void_reasons: tuple[str, ...]
    earlier: tuple[SheetView, ...]
    """Versions that were sent back before, the first one first."""
    questions: dict[int, dict[str, str]] = {}
    """What reviewers asked about single items, by the version that went back."""


class QueueItem(msgspec.Struct, frozen=True):
    """One sheet that waits for a reviewer."""

    id: int
    code: Code
    received_at: datetime
    flags: tuple[Flag, ...]
    void_reason: str


class Accusation(msgspec.Struct, frozen=True):
    """A sheet with something for the discipline office alone."""

    code: Code
    received_at: datetime
    unit_name: str
    unit_name_en: str


class CountedSheet(msgspec.Struct, frozen=True):
    """An accepted sheet as rankings count it.

    ``score`` is in hundredths, already capped where a veto is confirmed; ``window_id`` is None for
    a unit that is visited as a whole; ``visitor`` is the round's keyed link.
    """

    round_id: int
    place_id: int
    window_id: int | None
    unit_id: int
    visitor: str
    type: str
    """Form and manner of the visit: ``window:covert``."""
    score: int
    veto_confirmed: bool


class SummedCell(msgspec.Struct, frozen=True):
    """One visitor's counted sheets of one kind at one place: number, sum, sum of squares."""

    round_id: int
    place_id: int
    unit_id: int
    window_id: int | None
    visitor: str
    type: str
    n: int
    total: int
    squares: int
