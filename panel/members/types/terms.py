"""What time does to seats: how the panel's make-up went, and what is kept about one member."""

from __future__ import annotations

import datetime as dt

import msgspec

from panel.ids import Code
from panel.members.types.seats import ExclusionKind
from panel.members.types.training import AttemptView, CertificateView, PracticeView


class Span(msgspec.Struct, frozen=True):
    """From when to when one seat was held; ``last`` is the last whole day."""

    category: str
    district: str
    sex: str
    age_band: str
    first: dt.date
    last: dt.date


class Standing(msgspec.Struct, frozen=True):
    """How the panel stood on a day: all seats, and the seats of each group quota by its key."""

    day: dt.date
    total: int
    seats: dict[str, int]
    broken: bool
    """A hard group quota was not met."""


class Recusal(msgspec.Struct, frozen=True):
    """A unit that a member does not judge, and since when."""

    unit: Code
    kind: ExclusionKind
    since: dt.datetime


class Read(msgspec.Struct, frozen=True):
    """A unit of the course that a member has gone through."""

    unit: str
    at: dt.datetime


class Learning(msgspec.Struct, frozen=True):
    """Everything that is kept of a member's learning, over all terms."""

    read: tuple[Read, ...]
    attempts: tuple[AttemptView, ...]
    practised: tuple[PracticeView, ...]
    certificates: tuple[CertificateView, ...]
