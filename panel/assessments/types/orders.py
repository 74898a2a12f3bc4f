"""Orders to rectify: their course, the items to close, deadlines, re-visits, letters."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Final

import msgspec

from panel.evaluations.types.clocks import ClockState, Level
from panel.ids import Code, PersonId

LONGEST: Final = 2000
"""Characters of what is written about an order."""
LINE: Final = 200
"""Characters of one line: a post, a document."""


class OrderKind(StrEnum):
    """What is asked of a unit."""

    ORDER = "order"
    """Everything: causes, plan, proof, and a re-visit that decides."""
    ANALYSIS = "analysis"
    """Causes and measures of a unit that is under the gate without being among the last."""


class OrderState(StrEnum):
    """How far an order is (domain.md 4.12)."""

    OPEN = "open"
    """Issued; the unit has not acknowledged it."""
    RECEIVED = "received"
    ANALYSED = "analysed"
    FILED = "filed"
    APPROVED = "approved"
    WORKING = "working"
    REPORTED = "reported"
    REVISIT = "revisit"
    """Somebody goes and looks, or has been and a person has to decide."""
    CLOSED = "closed"
    FAILED = "failed"
    """Not put right; the second period runs."""
    ESCALATED = "escalated"
    """Not put right in the second period either: the competent body is asked."""


RUNNING: Final = frozenset(OrderState) - {OrderState.CLOSED, OrderState.ESCALATED}
"""States in which something is still asked of the unit or the office."""
CHECKING: Final = frozenset({OrderState.REPORTED, OrderState.REVISIT})
"""States that units and the public see as one: nobody outside learns that a re-visit is near."""


class ItemSource(StrEnum):
    """Where an item to close comes from."""

    FINDING = "finding"
    SCORE = "score"
    """An item of the sheet that the unit did worst in."""
    OWN = "own"
    """The unit added it itself."""


class ItemState(StrEnum):
    """Whether an item is closed."""

    OPEN = "open"
    DONE = "done"
    """The unit says so."""
    VERIFIED = "verified"
    FAILED = "failed"


class Timing(StrEnum):
    """What of an order runs against time."""

    RECEIPT = "receipt"
    ANALYSIS = "analysis"
    PLAN = "plan"
    RECTIFY = "rectify"
    SECOND = "second"
    """The second and last period."""
    LETTER = "letter"
    """The competent body's answer."""


OF_UNIT: Final = frozenset(Timing) - {Timing.LETTER}
"""Deadlines that the unit has to meet."""


class Event(StrEnum):
    """What happened to an order, as its course tells it."""

    OPENED = "opened"
    STILL_LAST = "still_last"
    """A later ranking names the unit again while the order runs."""
    RECEIVED = "received"
    PRESUMED = "presumed"
    """Counted as delivered without a receipt."""
    ANALYSED = "analysed"
    RETURNED = "returned"
    FILED = "filed"
    APPROVED = "approved"
    PROVED = "proved"
    REPORTED = "reported"
    EXTENSION_ASKED = "extension_asked"
    EXTENDED = "extended"
    EXTENSION_REFUSED = "extension_refused"
    REVISIT = "revisit"
    CHECKED = "checked"
    """Somebody checked a document of a desk matter."""
    CLOSED = "closed"
    FAILED = "failed"
    ESCALATED = "escalated"
    LETTER = "letter"
    ANSWERED = "answered"
    REOPENED = "reopened"
    NEAR = "near"
    OVERDUE = "overdue"
    TOLD_HEAD = "told_head"


class Extension(StrEnum):
    """Where a unit's wish for more time stands."""

    NONE = ""
    ASKED = "asked"
    GRANTED = "granted"
    REFUSED = "refused"


class Verdict(StrEnum):
    """What a person decides after the re-visit."""

    CLOSED = "closed"
    FAILED = "failed"


class OrderView(msgspec.Struct, frozen=True):
    """One order to rectify, for a unit on one of the last places of its scope or under the gate."""

    id: int
    code: Code
    kind: OrderKind
    year: int
    round_id: int
    round_code: Code
    unit_id: int
    unit_code: Code
    unit_name: str
    unit_name_en: str
    group: str
    scope: str
    place: int
    place_from_below: int
    ranked: int
    score: int | None
    """None where the list tells the place alone."""
    rulebook_code: Code
    opened_at: datetime
    plan_due: datetime
    due: datetime
    """End of the first period, with its extension."""
    state: OrderState
    period: int
    received_at: datetime | None
    receipt_document: str
    cause: str
    measures: str
    """Of an analysis alone: an order has a plan."""
    owner: str
    by: date | None
    leader: str
    department: str
    person: str
    """The post that answers for it; no name."""
    analysed_at: datetime | None
    filed_at: datetime | None
    approved_by: PersonId | None
    approved_at: datetime | None
    extension: Extension
    extension_reason: str
    report: str
    report_file: Code | None
    reported_at: datetime | None
    revisit: Code | None
    """Code of the round that looks whether it is put right."""
    judged_by: PersonId | None
    judged_at: datetime | None
    outcome_text: str
    revisited_on: date | None
    """First day of the month of the visit that decided: no finer time leaves the office."""
    closed_at: datetime | None
    recurrences: int
    revision: int

    @property
    def running(self) -> bool:
        """Tell whether something is still asked of the unit or the office."""
        return self.state in RUNNING

    @property
    def key_supervision(self) -> bool:
        """Tell whether the unit is under key supervision: until the order is closed."""
        return self.kind is OrderKind.ORDER and self.state is not OrderState.CLOSED

    @property
    def told_state(self) -> OrderState:
        """Return the state as units and the public see it."""
        return OrderState.REPORTED if self.state in CHECKING else self.state


class ItemView(msgspec.Struct, frozen=True):
    """One item to close."""

    id: int
    number: int
    source: ItemSource
    finding: Code | None
    item: str
    """Item or grave event of the sheet's form; empty where the unit added it."""
    form_key: str
    window_id: int | None
    window_code: Code | None
    window_name: str
    window_name_en: str
    text: str
    """What is wrong, as the unit was told; not public."""
    measure: str
    owner: str
    due: date | None
    proof: str
    proof_file: Code | None
    done_at: datetime | None
    desk: bool
    """Nothing to see at a visit: a document shows it."""
    document: str
    checked_by: PersonId | None
    state: ItemState


class NewAnalysis(msgspec.Struct, frozen=True):
    """Why a unit stands where it stands; the last three for an analysis alone."""

    cause: str
    measures: str = ""
    owner: str = ""
    by: date | None = None


class Filling(msgspec.Struct, frozen=True):
    """What a unit plans for one item; ``text`` only where it adds one."""

    measure: str
    owner: str
    due: date
    text: str = ""


class Chain(msgspec.Struct, frozen=True):
    """Who answers for an order, by posts: no name is kept."""

    leader: str
    department: str
    person: str


class TimingView(msgspec.Struct, frozen=True):
    """One deadline of an order."""

    id: int
    order: int
    kind: Timing
    about: str
    """Code of the letter that it times."""
    state: ClockState
    started_at: datetime
    soft_at: datetime
    due_at: datetime
    run_at: datetime | None
    extensions: int
    level: Level
    calendar_version: str


class EventView(msgspec.Struct, frozen=True):
    """One step in the course of an order."""

    event: Event
    at: datetime
    by: str
    """Sign-in name, never a person's name; empty where the clock did it."""
    text: str
    document: str


class LetterView(msgspec.Struct, frozen=True):
    """An escalation to the competent body, and its written answer."""

    id: int
    code: Code
    body: str
    document: str
    sent_at: datetime
    due_at: datetime
    answer: str
    answer_document: str
    answered_at: datetime | None


class ItemResult(msgspec.Struct, frozen=True):
    """What a re-visit saw of one item; None where it could not be seen."""

    number: int
    good: bool | None


class Result(msgspec.Struct, frozen=True):
    """What the re-visits saw, and what they leave a person to decide."""

    sheets: tuple[Code, ...]
    waiting: int
    """Visits or sheets that are not decided yet."""
    fixed: bool | None
    """The item that only a re-visit asks: is what was found last time put right?"""
    items: tuple[ItemResult, ...]
    month: date | None

    @property
    def passed(self) -> bool:
        """Tell whether the re-visits allow to close: nothing bad, and everything seen somehow."""
        unseen = any(each.good is None for each in self.items)
        bad = self.fixed is False or any(each.good is False for each in self.items)
        return bool(self.sheets) and not bad and (self.fixed is True or not unseen)


class Comparison(msgspec.Struct, frozen=True):
    """One item of the sheet: a unit's share of the full marks beside that of the best of its kind.

    In whole percents; None where too few visitors stand behind it.
    """

    item: str
    own: int | None
    best: int | None


class Benchmark(msgspec.Struct, frozen=True):
    """What the best of the same kind do."""

    form_key: str
    names: tuple[tuple[str, str], ...]
    """Units on the top list, as published: name and English name."""
    items: tuple[Comparison, ...]


class OrderOutcome(msgspec.Struct, frozen=True):
    """What the annual mark needs of one order."""

    code: Code
    unit_id: int
    unit_code: Code
    due: datetime
    verified_at: datetime | None
    in_time: bool
    """Reported within the first period and verified by its first re-visit."""
    recurrences: int


class Milestone(msgspec.Struct, frozen=True):
    """One item of a plan as everybody may read it."""

    measure: str
    due: date | None
    state: ItemState


class PublicOrder(msgspec.Struct, frozen=True):
    """An order as everybody may follow it."""

    code: Code
    year: int
    unit_code: Code | None
    """None once the time is over for which names are shown."""
    unit_name: str
    unit_name_en: str
    group: str
    state: OrderState
    opened_at: datetime
    due: datetime
    reported_at: datetime | None
    revisited_on: date | None
    decided_at: datetime | None
    extended: bool
    period: int
    recurrences: int
    milestones: tuple[Milestone, ...]
    letters: tuple[LetterView, ...]


class PublicLetter(msgspec.Struct, frozen=True):
    """What a competent body was asked, and whether it has answered; never what it answered."""

    unit_name: str
    """Empty once the time is over for which names are shown."""
    unit_name_en: str
    recommended: bool
    """A recommendation after the year's mark; otherwise an order that failed twice."""
    body: str
    sent_at: datetime
    due_at: datetime | None
    answered_at: datetime | None
