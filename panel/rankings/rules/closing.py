"""When a ranking may be computed, and computed again."""

from typing import Final

from panel.errors import Conflict, Fault, Invalid
from panel.evaluations.rules.texts import text_check
from panel.rankings.types import RankingState
from panel.visits.types import RoundState

_OVER: Final = frozenset({RankingState.WITHHELD})
_LONGEST: Final = 2000


def may_close(state: RoundState, undecided: int) -> None:
    """Refuse a ranking of a round that is not closed or has sheets that nobody decided on."""
    if state is RoundState.COMPUTED:
        raise Conflict("ranking.exists")
    if state is not RoundState.CLOSED:
        raise Conflict("ranking.round_not_closed")
    all_decided(undecided)


def all_decided(undecided: int) -> None:
    """Refuse to compute while sheets of the year's rounds wait for a decision."""
    if undecided:
        raise Conflict("ranking.undecided", sheets=undecided)


def may_recompute(state: RankingState, reason: str) -> None:
    """Refuse another edition without a reason, and of a ranking that is over.

    Everybody reads the reason, so one that may tell who came or when is refused.
    """
    if not reason.strip():
        raise Invalid("form.faults", Fault("reason", "form.required"))
    if len(reason) > _LONGEST:
        raise Invalid("form.faults", Fault("reason", "form.too_long", {"most": _LONGEST}))
    if hits := text_check(reason):
        told = tuple(hit.text for hit in hits)
        raise Invalid("form.faults", Fault("reason", "ranking.reason_tells", {"found": told}))
    if state in _OVER:
        raise Conflict("ranking.over")
