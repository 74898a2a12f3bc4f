"""Annual marks; integers in hundredths of a point, shares in hundredths of a percent."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Final

import msgspec

from panel.assessments.types.inputs import UnitInputs
from panel.ids import Code, PersonId


class Component(StrEnum):
    """The parts of the annual mark (methods.md 7)."""

    VISITS = "visits"
    COLLECTIVE = "collective"
    COMPLAINTS = "complaints"
    RECTIFICATION = "rectification"
    SURVEY = "survey"


class Minus(StrEnum):
    """What takes points away."""

    FINDINGS = "findings"
    LATE = "late"
    UPHELD = "upheld"


class Eligibility(StrEnum):
    """Whether a unit may be named excellent; provisional until the year is final."""

    OPEN = "open"
    AT_RISK = "at_risk"
    """Last of its scope and under the gate, or with a confirmed grave event."""
    LOST = "lost"


class YearState(StrEnum):
    """How far a year's assessment is (domain.md 4.14)."""

    OPEN = "open"
    """Figures come in."""
    FROZEN = "frozen"
    COMPUTED = "computed"
    EXPLAINED = "explained"
    """Each unit was shown its own line; it may appeal."""
    FINAL = "final"
    EXPORTED = "exported"


class Part(msgspec.Struct, frozen=True):
    """One component of a mark: its value, its planned share and the share it really has."""

    component: Component
    value: int | None
    planned: int
    share: int


class Deduction(msgspec.Struct, frozen=True):
    """Points that something takes away, before the limit of all deductions."""

    kind: Minus
    count: int
    points: int


class Detail(msgspec.Struct, frozen=True):
    """One part of the complaints component."""

    key: str
    value: int | None
    share: int


class Mark(msgspec.Struct, frozen=True):
    """The annual mark over the components that exist."""

    total: int | None
    parts: tuple[Part, ...] = ()
    deductions: tuple[Deduction, ...] = ()
    deducted: int | None = None
    """What was taken away, within the limit; None where nothing was looked at yet."""
    details: tuple[Detail, ...] = ()
    rate: tuple[int, int] | None = None
    """Upheld complaints per 10,000 matters, as numerator and denominator."""
    peer_rate: tuple[int, int] | None = None
    """The 90th percentile of that rate in the peer group."""
    missing: tuple[Component, ...] = ()
    one_sided: bool = False
    """A single input has a larger share than the rulebook allows, since others are missing."""
    present_percent: int = 0
    """Planned share of the components that exist, in percent."""

    @property
    def provisional(self) -> bool:
        """Tell whether any component is still missing."""
        return bool(self.missing)


class YearView(msgspec.Struct, frozen=True):
    """One year with the formula it was frozen to, and how far it is."""

    id: int
    year: int
    rulebook_code: Code
    rulebook_hash: str
    late: bool
    """The formula was fixed after the year had begun, by a decision."""
    decision: str
    state: YearState
    version: int
    begun_by: PersonId | None
    frozen_by: PersonId | None
    computed_by: PersonId | None
    explained_at: datetime | None
    final_at: datetime | None
    final_document: str
    exported_at: datetime | None
    reason: str
    """Why it was computed again."""


class LineView(msgspec.Struct, frozen=True):
    """One unit's line of a year with everything that it was made of."""

    code: Code
    year: int
    unit_id: int
    unit_code: Code
    unit_name: str
    unit_name_en: str
    group: str
    rulebook_hash: str
    inputs: UnitInputs
    mark: Mark
    eligibility: Eligibility
    version: int
    explained_at: datetime | None
    received_at: datetime | None
    appeal_until: datetime | None

    @property
    def place(self) -> int | None:
        """Return the place in the published ranking."""
        return self.inputs.visits.place if self.inputs.visits else None

    @property
    def ranked(self) -> int:
        """Return how many were ranked in its list."""
        return self.inputs.visits.ranked if self.inputs.visits else 0


class MarkChange(msgspec.Struct, frozen=True):
    """How a unit's mark differs from the version before."""

    unit: Code
    before: int | None
    after: int | None


class VersionView(msgspec.Struct, frozen=True):
    """One computed version of a year."""

    number: int
    reason: str
    document: str
    computed_at: datetime
    digest: str
    changes: tuple[MarkChange, ...]


class Trial(msgspec.Struct, frozen=True):
    """What a unit's mark would be under another formula."""

    unit_code: Code
    unit_name: str
    unit_name_en: str
    group: str
    before: int | None
    after: int | None
    place_before: int | None
    place_after: int | None


class Opening(msgspec.Struct, frozen=True):
    """What opening a year from a ranking brought about."""

    year: int
    lines: int
    orders: tuple[Code, ...]


FIGURE_COLUMNS: Final = (
    "单位", "办结件数", "按期办结件数", "回访件数", "满意件数", "满意度调查得分", "发放问卷",
    "收回问卷", "有效问卷", "来源",
)  # fmt: skip
"""Titles of a table of figures brought from elsewhere."""


class NewFigures(msgspec.Struct, frozen=True):
    """What the office brings of one unit and year from elsewhere; None was not brought."""

    unit: Code
    source: str
    closed: int | None = None
    on_time: int | None = None
    asked: int | None = None
    satisfied: int | None = None
    survey: int | None = None
    survey_issued: int | None = None
    survey_returned: int | None = None
    survey_valid: int | None = None


class FiguresView(msgspec.Struct, frozen=True):
    """What was brought of one unit."""

    figures: NewFigures
    unit_name: str
    unit_name_en: str
    group: str
    entered_by: str
    at: datetime
