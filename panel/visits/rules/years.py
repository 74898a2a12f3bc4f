"""Which rounds of a year count together in its rankings."""

from typing import Final

from panel.visits.types import RoundKind, RoundState, RoundView
from panel.workdays import year_of

_OVER: Final = frozenset({RoundState.CLOSED, RoundState.COMPUTED})


def counts_with(other: RoundView, view: RoundView) -> bool:
    """Tell whether the sheets of another round count in the ranking of a round.

    Windows gather their visits over the year: what ended before it in the same year counts, and its
    own second stage whenever it ends. Looks whether something was put right count in no ranking.
    """
    if other.state not in _OVER or other.draft.kind is RoundKind.REVISIT:
        return False
    if other.draft.parent == view.code:
        return other.draft.kind is RoundKind.CONFIRMING
    return other.draft.ends <= view.draft.ends and year_of(other.draft.ends) == year_of(
        view.draft.ends
    )
