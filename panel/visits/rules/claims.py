"""The open pool: who has room takes a visit, and chance says which.

Only the district is chosen: a visit that somebody picked would be no visit that counts.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from panel.chance import order
from panel.errors import Conflict
from panel.visits.rules.tasks import substitute_due
from panel.visits.types import Place, RoundKind, RoundState, RoundView
from panel.visits.types.assignment import Visitor

_SEPARATOR: Final = " claim "


def may_claim(view: RoundView, at: datetime) -> datetime:
    """Return until when a claimed visit is made; refuses rounds without a pool or nearly over."""
    open_now = view.state is RoundState.RUNNING and view.draft.claims
    if not open_now or view.draft.kind is RoundKind.TARGETED:
        raise Conflict("round.no_claims")
    due = substitute_due(at, view.draft.ends, at)
    if due is None:
        raise Conflict("round.no_claims")
    return due


def allowed(visitor: Visitor, place: Place, met: frozenset[str]) -> bool:
    """Tell whether a member may still be sent to a place: no tie, no repeat, room."""
    closed = visitor.recused | visitor.home | met
    return (
        visitor.load < visitor.cap
        and place.unit_code not in closed
        and visitor.visited.isdisjoint({place.code, place.unit_code})
    )


def pick(seed: str, visitor: str, places: Sequence[Place]) -> Place:
    """Return the place that chance gives a member among those that the member may visit."""
    if not places:
        raise Conflict("round.nothing_to_claim")
    of_code: dict[str, Place] = {place.code: place for place in places}
    return of_code[order(f"{seed}{_SEPARATOR}{visitor}", sorted(of_code))[0]]
