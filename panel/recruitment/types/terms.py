"""Values of what happens in a term, and of people's rights to their own data."""

from __future__ import annotations

import datetime as dt
from enum import StrEnum
from typing import Final

import msgspec

from panel.ids import Code, PersonId
from panel.members.types import MemberView

TEXT_LIMIT: Final = 2000
"""Characters of a reason, a reply, a record."""
LINE_LIMIT: Final = 200
"""Characters of a document's number."""


class Ground(StrEnum):
    """Why a member is suspended."""

    BREACH = "breach"
    MISSES = "misses"


class ProceedingState(StrEnum):
    """Where a suspension stands; ``overtaken`` when the term ended before it was decided."""

    OPEN = "open"
    LIFTED = "lifted"
    DISMISSED = "dismissed"
    OVERTAKEN = "overtaken"


class RenewalState(StrEnum):
    """What became of the wish for another term."""

    ASKED = "asked"
    GRANTED = "granted"
    REFUSED = "refused"
    LAPSED = "lapsed"
    """The term ended before anybody decided."""


class RequestKind(StrEnum):
    """What a person asks about the own data."""

    CORRECTION = "correction"
    ERASURE = "erasure"


class RequestState(StrEnum):
    """What became of it."""

    ASKED = "asked"
    DONE = "done"
    REFUSED = "refused"


OWN_FIELDS: Final = ("phone", "address", "employer")
"""What a member corrects alone."""
ASKED_FIELDS: Final = ("name", "national_id")
"""What the office corrects when asked, since it decides who somebody is."""


class ProceedingView(msgspec.Struct, frozen=True):
    """A suspension and what followed; its texts are codes of sealed attachments."""

    id: int
    code: Code
    member: Code
    person: PersonId
    ground: Ground
    state: ProceedingState
    reason: str
    opened_at: dt.datetime
    opened_by: PersonId | None
    reply_until: dt.datetime
    reply: str
    replied_at: dt.datetime | None
    hearing_on: dt.date | None
    """The day to which the member is invited."""
    heard_on: dt.date | None
    hearing: str
    document: str
    first_approver: PersonId | None
    first_at: dt.datetime | None
    second_approver: PersonId | None
    second_at: dt.datetime | None
    paper: str
    ended_at: dt.datetime | None
    outcome: str


class Texts(msgspec.Struct, frozen=True):
    """The texts of a proceeding, opened; those that were never written are empty."""

    reason: str = ""
    reply: str = ""
    hearing: str = ""
    outcome: str = ""

    def __repr__(self) -> str:
        """Show nothing: what was sealed must not stray into a log."""
        return "Texts(…)"


class RenewalView(msgspec.Struct, frozen=True):
    """A wish for another term and its decision; ``reason`` is the code of a sealed text."""

    code: Code
    member: Code
    state: RenewalState
    asked_at: dt.datetime
    decided_at: dt.datetime | None
    reason: str
    renewed: str


class RequestView(msgspec.Struct, frozen=True):
    """A wish about the own data; ``text`` and ``reason`` are codes of sealed texts."""

    id: int
    code: Code
    person: PersonId
    kind: RequestKind
    field: str
    text: str
    state: RequestState
    asked_at: dt.datetime
    decided_at: dt.datetime | None
    reason: str


class Ending(msgspec.Struct, frozen=True):
    """A member whose term ends soon."""

    member: MemberView
    renewal: RenewalView | None


class Missed(msgspec.Struct, frozen=True):
    """A member with so many visits that nobody made or explained."""

    member: Code
    count: int


class OwnTerm(msgspec.Struct, frozen=True):
    """A member's own term as the phone shows it."""

    member: MemberView
    ending: bool
    may_renew: bool
    renewal: RenewalView | None
    proceeding: ProceedingView | None
    texts: Texts


class OwnRequest(msgspec.Struct, frozen=True):
    """One of the own wishes about data, with its texts opened."""

    kind: RequestKind
    field: str
    text: str
    state: RequestState
    asked_at: dt.datetime
    decided_at: dt.datetime | None
    reason: str


class OwnProceeding(msgspec.Struct, frozen=True):
    """One of the own proceedings, with its texts opened."""

    code: Code
    ground: Ground
    state: ProceedingState
    opened_at: dt.datetime
    reply_until: dt.datetime
    replied_at: dt.datetime | None
    heard_on: dt.date | None
    document: str
    ended_at: dt.datetime | None
    texts: Texts


class OwnApplication(msgspec.Struct, frozen=True):
    """An own application as it is kept."""

    ticket: Code
    campaign: Code
    state: str
    category: str
    district: str
    sex: str
    birth_year: int
    age_band: str
    occupation: str
    latitude: int | None
    longitude: int | None
    received_at: dt.datetime


class Change(msgspec.Struct, frozen=True):
    """What a member corrects alone; an empty field stays as it is."""

    phone: str = ""
    address: str = ""
    employer: str = ""
    unit: str = ""
    """The employer, where the panel judges it."""
    hall: str = ""
    """The nearest hall, where a move made it another one; tasks are given near it."""

    def __repr__(self) -> str:
        """Show nothing: it is somebody's home."""
        return "Change(…)"


class Cleared(msgspec.Struct, frozen=True):
    """How many people's data a run of the deletion destroyed."""

    applications: int
    people: int
