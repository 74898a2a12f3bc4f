"""The public notice of proposed members, and objections to them, as pages see them."""

from __future__ import annotations

import datetime as dt
from enum import StrEnum
from typing import Final

import msgspec

from panel.ids import Code, PersonId

LONGEST_OBJECTION: Final = 4000
"""Characters of an objection, of what was found, and of the reply."""


class NoticedState(StrEnum):
    """Where one proposed member stands."""

    OPEN = "open"
    CLEARED = "cleared"
    """The notice is over and nothing stands in the way."""
    STRUCK = "struck"
    """An objection was upheld."""
    WITHDRAWN = "withdrawn"
    """Withdrew before the appointment; somebody from the reserve was put in place."""
    APPOINTED = "appointed"


class ObjectionState(StrEnum):
    """Where one objection stands."""

    OPEN = "open"
    DECIDED = "decided"


class Decision(StrEnum):
    """What an objection led to."""

    UPHELD = "upheld"
    REJECTED = "rejected"


class Ground(StrEnum):
    """What an objection rests on."""

    CONDITIONS = "conditions"
    UNTRUE = "untrue"
    INTEREST = "interest"
    CONDUCT = "conduct"
    PROCEDURE = "procedure"
    OTHER = "other"


class Proposed(msgspec.Struct, frozen=True):
    """One application that goes on public notice for a seat.

    ``instead_of`` is the ticket of whom it replaces. ``cohort`` 0 leaves the split of the first
    batch to the notice itself, which follows from the published tickets.
    """

    application_id: int
    instead_of: str = ""
    cohort: int = 0


class Candidate(msgspec.Struct, frozen=True):
    """A person as the rule of replacement sees one: a ticket, features, the home's key."""

    ticket: str
    features: dict[str, str]
    """Category, district, sex and age band."""
    household: str = ""


class Firm(msgspec.Struct, frozen=True):
    """A firm quota as a share: at least so many percent have one of these values."""

    feature: str
    values: tuple[str, ...]
    percent: int


class Replacement(msgspec.Struct, frozen=True):
    """Who takes whose place, and for whom the reserve holds nobody."""

    pairs: tuple[tuple[str, str], ...]
    """Ticket that left, ticket that moves up."""
    unfilled: tuple[str, ...]


class Batch(msgspec.Struct, frozen=True):
    """Proposed members who were noticed together, and until when one may object."""

    id: int
    number: int
    opened_at: dt.datetime
    closes_at: dt.datetime
    calendar: str
    size: int


class NoticedView(msgspec.Struct, frozen=True):
    """One proposed member without the person."""

    application_id: int
    ticket: Code
    person: PersonId
    category: str
    district: str
    sex: str
    age_band: str
    household: str
    application: str
    """State of the application."""
    state: NoticedState
    instead_of: str
    cohort: int
    batch: int
    closes_at: dt.datetime

    def candidate(self) -> Candidate:
        """Return what the rule of replacement needs to know."""
        return Candidate(
            self.ticket,
            {
                "category": self.category,
                "district": self.district,
                "sex": self.sex,
                "age_band": self.age_band,
            },
            self.household,
        )


class Overview(msgspec.Struct, frozen=True):
    """Where a notice stands as a whole."""

    batches: tuple[Batch, ...]
    counts: dict[str, int]
    """Proposed members by state."""
    vacant: tuple[str, ...]
    """Tickets of those who were struck, withdrew or left, and whom nobody replaces yet."""
    fillable: int
    """For how many of them the reserve holds somebody who fits."""
    reserve: int
    """People left on the reserve list."""
    open_objections: int
    overdue: int
    """Open objections past the limit of the decision."""

    @property
    def closes_at(self) -> dt.datetime | None:
        """Return the last moment of the latest notice."""
        return max((each.closes_at for each in self.batches), default=None)

    def running(self, at: dt.datetime) -> bool:
        """Tell whether a notice runs; its last moment belongs to it."""
        return self.closes_at is not None and at <= self.closes_at


class Due(StrEnum):
    """What a campaign between the lottery and its completion waits for."""

    REPLACE = "replace"
    DECIDE = "decide"
    WAIT = "wait"
    CLOSE = "close"
    APPOINT = "appoint"
    PLEDGES = "pledges"
    COMPLETE = "complete"
    NOTHING = "nothing"


class Work(msgspec.Struct, frozen=True):
    """What the office finds on its page of a notice."""

    due: Due
    overview: Overview
    appointed: int
    unpledged: int
    seatable: int
    waiting: int
    """Cleared people who wait for a firm share's sake."""
    moved_up: tuple[NoticedView, ...]


class Named(msgspec.Struct, frozen=True):
    """One line of a paper list: the full name, for the own community or workplace only."""

    ticket: Code
    name: str
    category: str
    district: str
    batch: int

    def __repr__(self) -> str:
        """Show no name: what is printed must not stray into a log."""
        return f"Named({self.ticket})"


class Circle(StrEnum):
    """For whom a paper list is: the home's community or the workplace."""

    COMMUNITY = "community"
    WORKPLACE = "workplace"


class ObjectionForm(msgspec.Struct, frozen=True):
    """What somebody objects, as typed; without a ticket it is about the list as a whole."""

    name: str
    phone: str
    ground: str
    text: str
    ticket: str = ""

    def __repr__(self) -> str:
        """Show nothing: an objection must not stray into a log."""
        return "ObjectionForm(…)"


class ObjectionReceipt(msgspec.Struct, frozen=True):
    """What an objector keeps: the number, and the code that opens the reply."""

    number: Code
    receipt: Code
    filed_at: dt.datetime
    decide_by: dt.datetime


class ObjectionView(msgspec.Struct, frozen=True):
    """One objection without its text and without who objects."""

    id: int
    number: Code
    campaign: Code
    ticket: Code | None
    person: PersonId
    ground: Ground
    state: ObjectionState
    filed_at: dt.datetime
    decide_by: dt.datetime
    decision: Decision | None
    document: str
    decided_at: dt.datetime | None


class Outcome(msgspec.Struct, frozen=True):
    """What a decision on an objection says."""

    decision: Decision
    finding: str
    """What was found; stays in the office."""
    reply: str
    """What the objector reads."""
    document: str

    def __repr__(self) -> str:
        """Show the decision alone."""
        return f"Outcome({self.decision})"


class Answer(msgspec.Struct, frozen=True):
    """What an objector reads with number and receipt code."""

    number: Code
    state: ObjectionState
    filed_at: dt.datetime
    decide_by: dt.datetime
    decision: Decision | None
    reply: str
    decided_at: dt.datetime | None

    def __repr__(self) -> str:
        """Show the number alone."""
        return f"Answer({self.number})"
