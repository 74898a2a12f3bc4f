"""Annual marks and rectification orders; marks are integers in hundredths of a point."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

import msgspec

from panel.ids import Code


class Component(StrEnum):
    """The parts of the annual mark (methods.md 7)."""

    VISITS = "visits"
    COLLECTIVE = "collective"
    COMPLAINTS = "complaints"
    RECTIFICATION = "rectification"
    SURVEY = "survey"


class Eligibility(StrEnum):
    """Whether a unit may be named excellent; provisional while components are missing."""

    OPEN = "open"
    AT_RISK = "at_risk"
    """Last of its scope and under the gate."""


class OrderState(StrEnum):
    """Whether the unit has acknowledged its order."""

    OPEN = "open"
    RECEIVED = "received"


class Mark(msgspec.Struct, frozen=True):
    """The annual mark over the components that exist."""

    total: int | None
    present_percent: int
    """Weight of the components that exist, in percent."""
    missing: tuple[Component, ...]

    @property
    def provisional(self) -> bool:
        """Tell whether any component is still missing."""
        return bool(self.missing)


class LineView(msgspec.Struct, frozen=True):
    """One unit's line of a year with everything that it was made of."""

    year: int
    unit_code: Code
    unit_name: str
    unit_name_en: str
    group: str
    round_code: Code
    snapshot_code: Code
    rulebook_hash: str
    components: dict[Component, int | None]
    deductions: int | None
    mark: Mark
    place: int | None
    place_from_below: int | None
    ranked: int
    eligibility: Eligibility


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


class Opening(msgspec.Struct, frozen=True):
    """What opening a year from a ranking brought about."""

    year: int
    lines: int
    orders: tuple[Code, ...]
