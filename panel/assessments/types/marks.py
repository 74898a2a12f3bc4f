"""Annual marks; integers in hundredths of a point."""

from __future__ import annotations

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


class Opening(msgspec.Struct, frozen=True):
    """What opening a year from a ranking brought about."""

    year: int
    lines: int
    orders: tuple[Code, ...]
