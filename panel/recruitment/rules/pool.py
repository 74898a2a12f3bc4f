"""Decisions about the pool: who may be drawn, as which features."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from panel.recruitment.types.applications import ApplicationState
from panel.recruitment.types.lottery import PoolEntry, RosterEntry

FEATURES: Final = ("age_band", "category", "district", "sex")
_UNDECIDED: Final = (
    ApplicationState.SUBMITTED,
    ApplicationState.NEEDS_INFO,
    ApplicationState.REPLIED,
)
_FOUND_ELIGIBLE: Final = (
    ApplicationState.ELIGIBLE,
    ApplicationState.SELECTED,
    ApplicationState.RESERVE,
    ApplicationState.NOT_SELECTED,
    ApplicationState.APPOINTED,
    ApplicationState.STRUCK,
)


def may_be_drawn(state: ApplicationState, *, undecided: bool = False) -> bool:
    """Tell whether an application counts as one to draw from, perhaps before it is decided."""
    return state in _FOUND_ELIGIBLE or (undecided and state in _UNDECIDED)


def eligible(people: Sequence[RosterEntry]) -> list[PoolEntry]:
    """Return those of a roster who may be drawn."""
    return [
        PoolEntry(each.ticket, each.features, each.household, each.salt)
        for each in people
        if each.eligible
    ]
