"""Targeted evaluations: visitors drawn by lot from the whole panel, one lot for each unit."""

from __future__ import annotations

from collections.abc import Sequence

from panel.rulebook.types import Rulebook
from panel.visits.types import Lots, Place, RoundView
from panel.visits.types.assignment import Visitor


def draw_lots(
    view: RoundView,
    rulebook: Rulebook,
    candidates: Sequence[Visitor],
    places: Sequence[Place],
    *,
    seed: str,
    rested: frozenset[str] = frozenset(),
    unqualified: int = 0,
) -> Lots:
    """Return who goes where: each lot's order is HMAC(seed and lot, label), the first who may.

    Whoever may not is skipped with the reason and stays in the record; substitutes are the next
    in the same order, so that taking one label out never moves the others. ``rested`` are labels
    of members who were drawn for another targeted evaluation lately.
    """
    raise NotImplementedError
