"""Who may visit which place, and the random sample of them that an assignment chooses from."""

import math
from collections import defaultdict
from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from panel import chance
from panel.visits.types.assignment import AssignmentRules, Target, Visitor

OPEN, RECUSED, ROTATION, FULL, HOME = range(5)
"""Why a member may not visit a target; the smaller number is told where two reasons hold."""

_BAND: Final = 100  # metres; nearness is told in bands of this width
_TOP: Final = 1 << 30
# exp(-0.01) per band of 100 m is exp(-d / 10 km), in integers: equal on every machine.
_FADE: Final = 990_050
_METRES_PER_DEGREE: Final = 111_195
_FAR_SHARE: Final = 5
_REACH: Final = 4


class Field(NamedTuple):
    """Members by targets: distances, who is far, who may not come and why.

    Kept target by target (column order), since nearly everything asks for one target at a time.
    """

    metres: npt.NDArray[np.int32]
    far: npt.NDArray[np.bool_]
    reasons: npt.NDArray[np.int8]
    eligible: npt.NDArray[np.bool_]


def survey(visitors: Sequence[Visitor], targets: Sequence[Target], rules: AssignmentRules) -> Field:
    """Measure every pair and note who may not come: recused, rotation or full, in this order."""
    metres = np.zeros((len(visitors), len(targets)), dtype=np.int32, order="F")
    homes = _homes(visitors)
    for number, target in enumerate(targets):
        metres[:, number] = _distances(homes, target, rules)
    reasons = _reasons(visitors, targets)
    return Field(metres, metres >= rules.far_metres, reasons, reasons == OPEN)


def excluded(field: Field, target: int, reason: int) -> int:
    """Count the members that may not visit a target for a reason."""
    return int((field.reasons[:, target] == reason).sum())


def _reasons(visitors: Sequence[Visitor], targets: Sequence[Target]) -> npt.NDArray[np.int8]:
    of_unit: dict[str, list[int]] = defaultdict(list)
    of_key = {target.key: number for number, target in enumerate(targets)}
    for number, target in enumerate(targets):
        of_unit[target.unit].append(number)
    reasons = np.zeros((len(visitors), len(targets)), dtype=np.int8, order="F")
    for member, visitor in enumerate(visitors):
        for unit in visitor.home:
            reasons[member, of_unit.get(unit, [])] = HOME
        if visitor.load >= visitor.cap:
            reasons[member] = FULL
        for key in visitor.visited:
            reasons[member, of_unit.get(key, [])] = ROTATION
            if key in of_key:
                reasons[member, of_key[key]] = ROTATION
        for unit in visitor.recused:
            reasons[member, of_unit.get(unit, [])] = RECUSED
    return reasons


class _Homes(NamedTuple):
    """Where members live, as columns."""

    placed: npt.NDArray[np.bool_]
    latitudes: npt.NDArray[np.float64]
    longitudes: npt.NDArray[np.float64]
    districts: npt.NDArray[np.int64]
    numbers: dict[str, int]
    """The number of each district."""


def _homes(visitors: Sequence[Visitor]) -> _Homes:
    numbers: dict[str, int] = {}
    districts = [numbers.setdefault(v.district, len(numbers)) for v in visitors]
    placed = [v.latitude is not None and v.longitude is not None for v in visitors]
    return _Homes(
        np.array(placed, dtype=np.bool_),
        np.array([v.latitude or 0 for v in visitors], dtype=np.float64),
        np.array([v.longitude or 0 for v in visitors], dtype=np.float64),
        np.array(districts, dtype=np.int64),
        numbers,
    )


def _distances(homes: _Homes, target: Target, rules: AssignmentRules) -> npt.NDArray[np.float64]:
    """Return metres on a plane around the target; without coordinates the district decides."""
    here, there = target.latitude, target.longitude
    same = homes.districts == homes.numbers.get(target.district, -1)
    by_district = np.where(same, 0.0, float(rules.far_metres))
    if here is None or there is None:
        return by_district
    across = round(math.cos(math.radians(here / 1_000_000)) * 10_000)
    # Whole numbers below 2**53 have the same quotients and roots on every machine; as floats they
    # are divided many times faster.
    north = np.floor((homes.latitudes - here) * _METRES_PER_DEGREE / 1_000_000)
    east = np.floor((homes.longitudes - there) * across / 10_000)
    east = np.floor(east * _METRES_PER_DEGREE / 1_000_000)
    metres = np.floor(np.sqrt(north * north + east * east))
    return np.where(homes.placed, metres, by_district)


def sample(
    field: Field,
    targets: Sequence[Target],
    rules: AssignmentRules,
    seed: str,
    widening: Sequence[int],
) -> list[list[int]]:
    """Return the candidates of every target: four in five by nearness, one in five from afar.

    A target that needs many visits gets three candidates a visit; its widening multiplies that.
    """
    weights = _nearness()
    found = []
    for number, target in enumerate(targets):
        stream = chance.Stream(seed, f"candidates {target.key}")
        size = max(rules.candidates, 3 * target.demand) * widening[number]
        open_to = field.eligible[:, number]
        bands = np.minimum(field.metres[:, number] // _BAND, len(weights) - 1)
        far = np.where(open_to & field.far[:, number], 1, 0)
        picked = _pick(stream, far, -(-size // _FAR_SHARE))
        pull = np.where(open_to, weights[bands], 0)
        pull[picked] = 0
        found.append(picked + _pick(stream, pull, size - len(picked)))
    return found


def reach(
    field: Field,
    visitors: Sequence[Visitor],
    targets: Sequence[Target],
    found: list[list[int]],
    seed: str,
) -> None:
    """Add members who stand at few targets to others where they may go, by nearness.

    Everybody stands at two targets for each visit of an even share, at most at four; where there
    are fewer visits than members nobody is added.
    """
    goal = min(_REACH, 2 * (sum(each.demand for each in targets) // max(1, len(visitors))))
    weights = _nearness()
    stands: dict[int, list[int]] = defaultdict(list)
    for number, candidates in enumerate(found):
        for member in candidates:
            stands[member].append(number)
    wanted = np.array([target.demand > 0 for target in targets], dtype=np.bool_)
    for member, visitor in enumerate(visitors):
        short = goal - len(stands[member])
        if short <= 0:
            continue
        bands = np.minimum(field.metres[member] // _BAND, len(weights) - 1)
        pull = np.where(field.eligible[member] & wanted, weights[bands], 0)
        pull[stands[member]] = 0
        stream = chance.Stream(seed, f"reach {visitor.member}")
        for number in _pick(stream, pull, short):
            found[number].append(member)


def _nearness() -> npt.NDArray[np.int64]:
    """Return the weight of each distance band; beyond the table everybody weighs 1."""
    weights = [_TOP]
    while weights[-1] > 1:
        weights.append(max(1, weights[-1] * _FADE // 1_000_000))
    return np.array(weights, dtype=np.int64)


def _pick(stream: chance.Stream, weights: npt.NDArray[np.int64], count: int) -> list[int]:
    """Draw different positions by integer weights, one after the other.

    Who was drawn weighs nothing any more. Instead of summing anew, what was drawn at or before a
    position is added to the number drawn, until the position stays.
    """
    if np.count_nonzero(weights) <= count:
        return [int(each) for each in np.flatnonzero(weights)]
    sums = np.cumsum(weights, dtype=np.int64)
    left = int(sums[-1])
    gone: dict[int, int] = {}
    for _ in range(count):
        drawn = stream.below(left)
        position = int(sums.searchsorted(drawn, side="right"))
        while True:
            before = sum(weight for place, weight in gone.items() if place <= position)
            further = int(sums.searchsorted(drawn + before, side="right"))
            if further == position:
                break
            position = further
        gone[position] = int(weights[position])
        left -= gone[position]
    return list(gone)
