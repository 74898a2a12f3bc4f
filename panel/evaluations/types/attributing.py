"""What a duty roster is compared with: when and where a counted sheet says its visit was."""

from __future__ import annotations

from datetime import date

import msgspec

from panel.evaluations.types.sheets import Share
from panel.ids import Code


class VisitedSheet(msgspec.Struct, frozen=True):
    """One accepted sheet about a window; it is read in memory and never written anywhere."""

    round_id: int
    window_id: int
    visitor: str
    type: str
    """Form and manner of the visit: ``window:covert``."""
    score: int
    visited_on: date
    visited_at: str
    """Time of day as ``HH:MM``; empty where the visitor noted none."""
    findings: tuple[tuple[Code, Share], ...] = ()
    """Verified findings of this very sheet, and what of each may be told."""

    def __repr__(self) -> str:
        """Show nothing: who came when must not stray into a log."""
        return "VisitedSheet(…)"
