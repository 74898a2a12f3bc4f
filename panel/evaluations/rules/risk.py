"""What is odd about a sheet beside others: told to a reviewer, never a reason to drop it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from math import sqrt
from typing import Final

from panel import chance
from panel.evaluations.types import Flag, Judged, Standing
from panel.ids import Code
from panel.rulebook.types import Reviewing

COMPARED: Final = (Flag.PICTURE, Flag.APART, Flag.SEVERE, Flag.PAIR)
"""Flags that depend on other sheets and are found anew while a sheet waits."""
_OTHERS: Final = 2
"""Sheets of other visitors from which on a place has a mean to compare with."""
_SURE: Final = 2
"""A visitor's mean counts as strict or mild beyond so many of its standard errors."""
_AGAIN: Final = 2
"""Sheets of one visitor at one unit that can be called again and again."""
_BEYOND_CHANCE: Final = 3.0
_SPREAD_FROM: Final = 10
"""Sheets from which on the usual spread is known."""


def residuals(counted: Sequence[Judged]) -> dict[int, float]:
    """Return how far each counted sheet lies from the mean of others at its place, by its id."""
    places = _Places(counted)
    found = {}
    for sheet in counted:
        mean = places.mean_of_others(sheet)
        if mean is not None:
            found[sheet.id] = sheet.score - mean
    return found


def standings(counted: Sequence[Judged], of: Mapping[int, float]) -> dict[str, Standing]:
    """Return each visitor's mean distance from others at the same places, with its error."""
    own: dict[str, list[float]] = defaultdict(list)
    for sheet in counted:
        if sheet.id in of:
            own[sheet.visitor].append(of[sheet.id])
    return {
        visitor: Standing(
            sheets=len(values),
            mean=round(_mean(values)),
            error=round(_spread(values) / sqrt(len(values))) if len(values) > 1 else 0,
        )
        for visitor, values in own.items()
    }


def odd(
    waiting: Sequence[Judged], counted: Sequence[Judged], bounds: Reviewing
) -> dict[int, set[Flag]]:
    """Return what stands out of each waiting sheet beside the counted ones.

    Far from its place's mean; by a visitor who is surely much stricter or milder than others at
    the same places; by a visitor who differs again and again at this unit by more than chance.
    """
    places = _Places(counted)
    away = residuals(counted)
    stands = standings(counted, away)
    spread = _spread(list(away.values())) if len(away) >= _SPREAD_FROM else 0.0
    pairs: dict[tuple[str, int], list[float]] = defaultdict(list)
    for sheet in counted:
        if sheet.id in away:
            own = stands[sheet.visitor].mean
            pairs[sheet.visitor, sheet.place[0]].append(away[sheet.id] - own)
    found: dict[int, set[Flag]] = {}
    for sheet in waiting:
        mean = places.mean_of_others(sheet)
        standing = stands.get(sheet.visitor, Standing(sheets=0, mean=0, error=0))
        flags = {Flag.SEVERE} if _severe(standing, bounds) else set()
        if mean is not None:
            distance = sheet.score - mean
            if abs(distance) >= bounds.extreme_hundredths:
                flags.add(Flag.APART)
            before = pairs.get((sheet.visitor, sheet.place[0]), [])
            if _beyond_chance([*before, distance - standing.mean], spread):
                flags.add(Flag.PAIR)
        found[sheet.id] = flags
    return found


def compared(before: Iterable[Flag], found: Iterable[Flag]) -> tuple[Flag, ...]:
    """Return a sheet's flags with those that depend on others as they were found now."""
    fresh = set(found)
    kept = [flag for flag in before if flag not in COMPARED]
    return (*kept, *(flag for flag in COMPARED if flag in fresh))


def sample_of(seed: str, codes: Sequence[Code], size: int) -> frozenset[str]:
    """Return the sheets of a batch that are looked at: the first ones of the order by the seed."""
    return frozenset(chance.order(seed, codes)[:size])


def _severe(standing: Standing, bounds: Reviewing) -> bool:
    return (
        standing.sheets >= bounds.feedback_sheets
        and abs(standing.mean) >= bounds.severe_hundredths
        and abs(standing.mean) >= _SURE * standing.error
    )


def _beyond_chance(values: Sequence[float], spread: float) -> bool:
    if len(values) < _AGAIN or not spread:
        return False
    return abs(sum(values)) / (spread * sqrt(len(values))) >= _BEYOND_CHANCE


class _Places:
    """Sums and numbers of the counted sheets by place, and by place and visitor."""

    def __init__(self, counted: Sequence[Judged]) -> None:
        """Add everything up once, so that each comparison costs the same."""
        self._all: dict[tuple[int, int | None], tuple[int, int]] = {}
        self._own: dict[tuple[int, int | None, str], tuple[int, int]] = {}
        for sheet in counted:
            total, number = self._all.get(sheet.place, (0, 0))
            self._all[sheet.place] = (total + sheet.score, number + 1)
            key = (*sheet.place, sheet.visitor)
            total, number = self._own.get(key, (0, 0))
            self._own[key] = (total + sheet.score, number + 1)

    def mean_of_others(self, sheet: Judged) -> float | None:
        """Leave out the visitor's own sheets: nobody is compared with oneself."""
        total, number = self._all.get(sheet.place, (0, 0))
        own, times = self._own.get((*sheet.place, sheet.visitor), (0, 0))
        others = number - times
        return (total - own) / others if others >= _OTHERS else None


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)


def _spread(values: Sequence[float]) -> float:
    """Return the standard deviation of a sample."""
    if len(values) <= 1:
        return 0.0
    mean = _mean(values)
    return sqrt(sum((value - mean) ** 2 for value in values) / (len(values) - 1))
