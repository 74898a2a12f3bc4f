"""How the organiser itself does, for everybody to read."""

from __future__ import annotations

import msgspec

from panel.ids import Code
from panel.members.types import Composition


class RoundMarks(msgspec.Struct, frozen=True):
    """What a round that is over says of the office; a round that runs says nothing yet."""

    code: Code
    title: str
    title_en: str
    sheets: int
    voided: int
    late: int
    """Sheets that waited longer for their review than the measures allow."""
    overdue: int
    """Sheets that still wait, beyond that time."""
    draw_holds: bool | None
    """Whether the published record of the draw can be computed again; None without a draw."""

    @property
    def void_percent(self) -> int:
        """Return the share of void sheets in whole percent."""
        return (200 * self.voided + self.sheets) // (2 * self.sheets) if self.sheets else 0


class AppealMarks(msgspec.Struct, frozen=True):
    """How the appeals of a year went, whoever filed them."""

    filed: int
    upheld: int
    partly: int
    rejected: int
    inadmissible: int
    open: int
    overdue: int
    median_days: int | None
    longest_days: int | None


class Scoreboard(msgspec.Struct, frozen=True):
    """The organiser's own marks in one year."""

    year: int
    review_hours: int
    """Hours in which the measures want a sheet reviewed."""
    rounds: tuple[RoundMarks, ...]
    appeals: AppealMarks
    composition: Composition
