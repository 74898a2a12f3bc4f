"""What members tell outside their sheets: leads, and attempts to influence them."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

import msgspec

from panel.evaluations.types.sheets import Share
from panel.ids import Code


class LeadState(StrEnum):
    """How far a lead is."""

    RECEIVED = "received"
    TAKEN = "taken"
    """Somebody in the office looks into it."""
    ANSWERED = "answered"
    DECLINED = "declined"
    """Not for the panel; the answer says where it belongs."""


class LeadDraft(msgspec.Struct, frozen=True):
    """A problem as a member tells it."""

    unit: Code
    text: str
    seen_on: date | None
    window: Code | None = None
    share: Share = Share.SEND


class LeadView(msgspec.Struct, frozen=True):
    """One lead; ``reporter`` is a keyed link of one month, never a member."""

    id: int
    code: Code
    reporter: str
    state: LeadState
    unit_id: int
    unit_code: Code
    unit_name: str
    unit_name_en: str
    window_id: int | None
    window_name: str
    window_name_en: str
    seen_on: date
    text: str
    share: Share
    has_picture: bool
    received_at: datetime
    due_at: datetime
    """Until when the member is to be answered."""
    answer: str
    answered_at: datetime | None
    finding: str
    """Code of the finding that it became; empty where it became none."""


class InfluenceKind(StrEnum):
    """How somebody tried to influence a member."""

    ASKED = "asked"
    """Put in a word, asked for a good mark."""
    GIFT = "gift"
    THREAT = "threat"
    NAMES = "names"
    """Tried to learn who visits, or when."""
    OTHER = "other"


class InfluenceState(StrEnum):
    """How far a report is with the discipline office."""

    RECEIVED = "received"
    OPENED = "opened"
    CLOSED = "closed"


class InfluenceLine(msgspec.Struct, frozen=True):
    """One report in a list: nothing of what it says."""

    code: Code
    state: InfluenceState
    received_at: datetime
    closed_at: datetime | None


class InfluenceView(msgspec.Struct, frozen=True):
    """One report, opened."""

    code: Code
    state: InfluenceState
    received_at: datetime
    kind: InfluenceKind
    text: str
    who: str
    """Who tried, as far as the member knows."""
    unit_name: str
    unit_name_en: str
    answer: str
    closed_at: datetime | None
