"""The next round from what the last one left unclear (methods.md 3).

A place weighs as much as it is likely to stand on the wrong side of either line, times how
uncertain its score is: its own, and its part of its unit's. Even share, cap and the seeded sample
are those of the second stage.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from math import isqrt
from typing import Final

from panel.ids import Code
from panel.visits.rules.confirming import FINE, shares, spread
from panel.visits.types import Doubt, Place, Proposal, Side, Spread

_CERTAIN: Final = 10_000
_NORMAL: Final = 392
"""Width of a 95 % interval in hundredths of a standard deviation."""
_WHOLE: Final = 100
_UNKNOWN: Final = 500
"""Standard deviation of one visit where no list tells any, in hundredths of a point."""
_CLEAR: Final = 500
"""Chance of the wrong side below which a place is called settled."""

Sides = Mapping[Code, Side]


def wrong(side: Side) -> tuple[int, int]:
    """Return how likely a line stands on the wrong side of the upper and of the lower cut."""
    top, bottom = side.chance_top, side.chance_bottom
    if top is None or bottom is None:
        return _CERTAIN // 2, _CERTAIN // 2
    return (
        _CERTAIN - top if side.in_top else top,
        _CERTAIN - bottom if side.in_bottom else bottom,
    )


def deviation(side: Side) -> int:
    """Return the standard deviation of a score in hundredths of a point."""
    if side.low is None or side.high is None:
        return max(1, isqrt(_UNKNOWN * _UNKNOWN // max(1, side.visits)))
    return max(1, (side.high - side.low) * _WHOLE // _NORMAL)


def doubt(side: Side) -> int:
    """Return how much further visits to a line tell: chance of the wrong side times deviation."""
    return min(_CERTAIN, sum(wrong(side))) * deviation(side)


def weights(sides: Sides, places: Sequence[Place]) -> dict[str, int]:
    """Return what each place weighs: its own doubt, and its part of its unit's."""
    windows = Counter(place.unit_code for place in places)
    unknown = Side()
    found: dict[str, int] = {}
    for place in places:
        unit = doubt(sides.get(place.unit_code, unknown)) // windows[place.unit_code]
        own = doubt(sides.get(place.code, unknown)) if place.window_code else 0
        found[place.code] = max(1, unit + own)
    return found


def planned(
    sides: Sides, places: Sequence[Place], *, uniform_percent: int, cap_times: int, seed: str
) -> Spread:
    """Share the visits of all places out by what is unclear about each."""
    found = weights(sides, places)
    visits = sum(place.demand for place in places)
    demand = spread(found, visits, uniform_percent, cap_times, seed)
    return Spread(seed, visits, uniform_percent, cap_times, found, demand)


def proposals(
    sides: Sides, places: Sequence[Place], *, uniform_percent: int, cap_times: int
) -> list[Proposal]:
    """Return what every place may expect and why, those in most doubt first."""
    if not places:
        return []
    found = weights(sides, places)
    names = sorted(found)
    visits = sum(place.demand for place in places)
    parts = shares([found[name] for name in names], visits, uniform_percent, cap_times)
    expected = {name: part * _WHOLE // FINE for name, part in zip(names, parts, strict=True)}
    made = [
        Proposal(
            place=place.code,
            unit=place.unit_code,
            doubt=_why(_sides_of(place, sides)),
            chance=_chance(_sides_of(place, sides)),
            visits=sides[place.code].visits if place.code in sides else 0,
            expected=expected[place.code],
        )
        for place in places
    ]
    return sorted(made, key=lambda each: (-each.expected, each.place))


def _sides_of(place: Place, sides: Sides) -> list[Side]:
    """Return what the lists tell of a place and of its unit."""
    codes = dict.fromkeys((place.code, place.unit_code))
    return [sides.get(code, Side()) for code in codes]


def _chance(lines: Sequence[Side]) -> int | None:
    """Return the greater of the chances to stand on the wrong side; None where nobody knows."""
    known = [each for each in lines if each.chance_top is not None]
    if len(known) < len(lines):
        return None
    return max(min(_CERTAIN, sum(wrong(each))) for each in known)


def _why(lines: Sequence[Side]) -> Doubt:
    """Return what is least clear about a place."""
    if any(each.chance_top is None or each.chance_bottom is None for each in lines):
        return Doubt.UNKNOWN
    top, bottom = (max(chances) for chances in zip(*map(wrong, lines), strict=True))
    if max(top, bottom) < _CLEAR:
        return Doubt.SETTLED
    return Doubt.TOP if top > bottom else Doubt.BOTTOM
