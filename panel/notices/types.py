"""Values of messages: what kinds there are, how they travel, what they cost."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

import msgspec

from panel.ids import Code, PersonId


class MessageKind(StrEnum):
    """What a message says; each is one neutral text without place, unit or task."""

    TASK_OFFERED = "task_offered"
    VISIT_DUE = "visit_due"
    SHEET_OVERDUE = "sheet_overdue"
    SHEET_RETURNED = "sheet_returned"
    TRAINING_DUE = "training_due"
    TERM_ENDS = "term_ends"
    UNIT_WAITS = "unit_waits"
    """To a unit's liaison: something in the unit's inbox waits for an answer."""
    STAFF_WAITS = "staff_waits"
    """To whoever has to act in the office: something of the own desk is due or over."""
    LEADER_WAITS = "leader_waits"
    """To those above: something is over and still open."""
    NOMINATED = "nominated"
    """To a nominee: number and consent code, which must not come by the organisation alone."""
    APPLICATION_NEWS = "application_news"
    """To an applicant: something was decided or asked; the status page tells what."""
    APPOINTED = "appointed"
    MEMBERSHIP = "membership"
    """To a member: a step of a proceeding about the own membership."""
    NEWS = "news"


class Channel(StrEnum):
    """How a person wants to be told."""

    SMS = "sms"
    EMAIL = "email"
    CALL = "call"
    """By nobody's machine: the office calls, or the person looks by itself."""


class MessageState(StrEnum):
    """How far a message is."""

    WAITING = "waiting"
    SENT = "sent"
    FAILED = "failed"
    """Nobody could be reached this way: the person stands on the telephone list."""
    CALLED = "called"


class Preference(msgspec.Struct, frozen=True):
    """How a person wants to be told, and in which language."""

    channel: Channel = Channel.SMS
    lang: str = "zh"


class Reach(msgspec.Struct, frozen=True):
    """How a message to some people would travel and what it would cost, before it is sent."""

    sms: int
    email: int
    call: int
    cost_hundredths: int
    """Hundredths of a yuan; e-mail costs nothing."""

    @property
    def total(self) -> int:
        """Return how many people are meant."""
        return self.sms + self.email + self.call


class Outgoing(msgspec.Struct, frozen=True):
    """A message on its way, as a transport takes it; the code is its idempotency key."""

    id: int
    code: Code
    kind: MessageKind
    channel: Channel
    lang: str
    person: PersonId
    attempts: int
    about: str = ""
    """Number of what it is about, where the text has to name it."""


class Batch(msgspec.Struct, frozen=True):
    """A message that a coordinator sent to many."""

    code: Code
    kind: MessageKind
    audience: str
    reach: Reach
    created_by: str
    created_at: datetime


class Count(msgspec.Struct, frozen=True):
    """Messages of one day and kind: what was done with how many, and the price of it."""

    on: date
    kind: MessageKind
    channel: Channel
    state: MessageState
    count: int
    cost_hundredths: int


class Call(msgspec.Struct, frozen=True):
    """Somebody to be called, without name or number: those are looked up on the record."""

    code: Code
    kind: MessageKind
    person: PersonId
    since: datetime
