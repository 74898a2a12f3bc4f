"""Whom a hearing that is overdue has reached: who handles it, a day later those above."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from panel.evaluations.rules.clocks import HEAD_AFTER
from panel.rankings.types import Late

HANDLER: Final = 1
LEADER: Final = 2


def reached(late: Late, at: datetime) -> int:
    """Return whom a hearing should have reached by a moment."""
    if at >= late.due_at + HEAD_AFTER:
        return LEADER
    return HANDLER if at > late.due_at else 0
