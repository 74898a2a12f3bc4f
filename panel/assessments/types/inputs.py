"""What a unit's mark of a year is made of, each with its source; whole numbers throughout."""

from __future__ import annotations

import msgspec

from panel.ids import Code


class VisitsInput(msgspec.Struct, frozen=True):
    """The score of the published ranking that the year ended with."""

    score: int | None
    place: int | None
    place_from_below: int | None
    ranked: int
    separable: bool
    """Whether the interval of the last place ends below that of the next one."""
    scope: str
    snapshot: str
    """Code of the published list."""
    round: str


class CollectiveInput(msgspec.Struct, frozen=True):
    """Answers on the ballots of the year's valid sessions, the best first."""

    levels: tuple[int, ...]
    unknown: int
    issued: int
    returned: int
    valid: int
    sessions: tuple[Code, ...]


class ComplaintsInput(msgspec.Struct, frozen=True):
    """Complaints of the year: months of counts, and what the hotline says of their handling."""

    received: int
    upheld: int
    transactions: int
    months: int
    closed: int
    on_time: int
    asked: int
    satisfied: int
    source: str


class RectificationInput(msgspec.Struct, frozen=True):
    """Orders whose time ran out in the year: verified in time, verified late, come again."""

    due: int
    in_time: int
    late: int
    recurrences: int
    orders: tuple[Code, ...]


class SurveyInput(msgspec.Struct, frozen=True):
    """A satisfaction survey made elsewhere; its rate of return is only told where it has one."""

    score: int
    issued: int
    returned: int
    valid: int
    source: str


class FindingInput(msgspec.Struct, frozen=True):
    """A finding that was verified in the year."""

    code: Code
    severity: int
    veto: str
    """Key of the grave event, if it was one."""


class UnitInputs(msgspec.Struct, frozen=True):
    """Everything that a mark is made of; None where there is nothing."""

    visits: VisitsInput | None = None
    collective: CollectiveInput | None = None
    complaints: ComplaintsInput | None = None
    rectification: RectificationInput | None = None
    survey: SurveyInput | None = None
    findings: tuple[FindingInput, ...] = ()
