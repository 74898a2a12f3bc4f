"""The second stage: further visits where the lists of the first are unclear (methods.md 3).

A part of the visits is spread evenly over the places, the rest by a weight of whole numbers, no
place gets more than some times the mean, and a seeded systematic sample settles the fractions, so
that nobody can tell the next window.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from panel.chance import Stream
from panel.visits.types import Place, Score, Spread

_WHOLE: Final = 100
_UNKNOWN: Final = 500
"""Spread of a unit with too few sheets to have one, in hundredths of a point."""
FINE: Final = 1 << 20
"""Parts of a visit in which shares are counted."""


def unclear(scores: Sequence[Score]) -> list[Score]:
    """Return the units of the lowest band, and those whose side of a line is unclear."""
    return [each for each in scores if each.in_bottom or each.provisional or _near(each, scores)]


def _near(one: Score, scores: Sequence[Score]) -> bool:
    """Tell whether a unit outside of the bottom list may truly belong to it."""
    if one.score is None or one.in_bottom:
        return False
    line = max((each.score for each in scores if each.in_bottom and each.score is not None),
               default=None)  # fmt: skip
    return line is not None and one.score - (one.spread or _UNKNOWN) <= line


def weight(one: Score, scores: Sequence[Score]) -> int:
    """Return how much further visits to a unit tell: doubt about its side times its spread.

    The doubt falls from 50 at the line between the lists to nothing where the interval ends.
    """
    spread = one.spread or _UNKNOWN
    if one.score is None:
        return spread * _WHOLE // 2
    inside = [each.score for each in scores if each.in_bottom and each.score is not None]
    outside = [each.score for each in scores if not each.in_bottom and each.score is not None]
    if not inside or not outside:
        return spread
    line = (max(inside) + min(outside)) // 2
    doubt = max(0, _WHOLE // 2 * (spread - abs(one.score - line)) // spread)
    return max(1, doubt * spread)


def confirming(
    scores: Sequence[Score],
    places: Sequence[Place],
    *,
    visits_per_place: int,
    uniform_percent: int,
    cap_times: int,
    seed: str,
) -> Spread:
    """Share further visits out over the places of the lowest band and of unclear units."""
    named = {each.unit: weight(each, scores) for each in unclear(scores)}
    mine = sorted((place for place in places if place.unit_code in named), key=lambda p: p.code)
    weights = {str(place.code): named[place.unit_code] for place in mine}
    visits = visits_per_place * len(mine)
    demand = spread(weights, visits, uniform_percent, cap_times, seed)
    return Spread(seed, visits, uniform_percent, cap_times, weights, demand)


def spread(
    weights: Mapping[str, int], visits: int, uniform_percent: int, cap_times: int, seed: str
) -> dict[str, int]:
    """Share visits out: an even part, a weighted part, a cap, and a systematic sample.

    Every place expects its share, and gets that number rounded down or up.
    """
    names = sorted(weights)
    if not names or not visits:
        return {}
    expected = shares([weights[name] for name in names], visits, uniform_percent, cap_times)
    turn = list(range(len(names)))
    stream = Stream(seed, "second stage")
    stream.shuffle(turn)
    start = stream.below(FINE)
    found, passed = dict.fromkeys(names, 0), 0
    for number in turn:
        before = (passed + start) // FINE
        passed += expected[number]
        found[names[number]] = (passed + start) // FINE - before
    return {name: count for name, count in found.items() if count}


def shares(weights: Sequence[int], visits: int, percent: int, cap_times: int) -> list[int]:
    """Return the expected visits of each place in parts of `FINE`, summing to all exactly."""
    total = visits * FINE
    even = total * percent // _WHOLE // len(weights)
    cap = max(even, min(total, total * cap_times // len(weights)))
    found = [even] * len(weights)
    left, open_ones = total - even * len(weights), list(range(len(weights)))
    while left and open_ones:
        whole = sum(weights[number] for number in open_ones) or len(open_ones)
        given = 0
        for number in open_ones:
            more = min(left * (weights[number] or 1) // whole, cap - found[number])
            found[number] += more
            given += more
        left -= given
        open_ones = [number for number in open_ones if found[number] < cap]
        if given == 0:
            break
    for number in range(len(found)):
        if left:
            more = min(left, cap - found[number])
            found[number] += more
            left -= more
    return found
