"""Orders to rectify."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

import msgspec

from panel.ids import Code


class OrderState(StrEnum):
    """Whether the unit has acknowledged its order."""

    OPEN = "open"
    RECEIVED = "received"


class OrderView(msgspec.Struct, frozen=True):
    """One order to rectify, for a unit on one of the last places of its scope."""

    code: Code
    year: int
    round_code: Code
    unit_code: Code
    unit_name: str
    unit_name_en: str
    group: str
    place: int
    place_from_below: int
    ranked: int
    score: int
    opened_at: datetime
    plan_due: datetime
    due: datetime
    state: OrderState
    received_at: datetime | None
