"""Complaint numbers of units, and who follows from them as fit for a targeted evaluation."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Final

import msgspec

from panel.ids import Code

COUNT_COLUMNS: Final = ("单位", "月份", "投诉举报件数", "查实件数", "办件量")
"""Titles of a table of complaint numbers."""


class NewCount(msgspec.Struct, frozen=True):
    """The complaints about one unit in one month, as the office brings them."""

    unit: Code
    month: date
    """Its first day."""
    received: int
    upheld: int
    transactions: int
    """Matters settled for citizens in the month; 0 where nobody counts them."""


class CountView(msgspec.Struct, frozen=True):
    """The complaints about one unit in one month."""

    unit_code: Code
    unit_name: str
    unit_name_en: str
    month: date
    received: int
    upheld: int
    transactions: int
    entered_at: datetime


class Cause(StrEnum):
    """Why a unit is suggested."""

    UPHELD = "upheld"
    """So many complaints were upheld."""
    RATE = "rate"
    """Among the units with the most upheld complaints for their matters."""


class Sum(msgspec.Struct, frozen=True):
    """What a unit's months add up to."""

    unit: int
    received: int
    upheld: int
    transactions: int


class Suggestion(msgspec.Struct, frozen=True):
    """A unit that is fit for a targeted evaluation, with everything that speaks for it."""

    unit_code: Code
    unit_name: str
    unit_name_en: str
    peer_group: str
    received: int
    upheld: int
    transactions: int
    rate_hundredths: int | None
    """Upheld complaints per so many matters, in hundredths; none where nobody counts them."""
    causes: tuple[Cause, ...]
    running: Code | None
    """A targeted round that already names the unit and is not over."""


class Targeted(msgspec.Struct, frozen=True):
    """What the rulebook suggests today, and from which months."""

    since: date
    until: date
    """First day of the last month that counts."""
    suggestions: tuple[Suggestion, ...]
    counted: int
    """Units with numbers in these months."""
