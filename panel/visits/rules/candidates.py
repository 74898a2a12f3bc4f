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
    """Members by targets: distances, who is far, who may not come and why."""

    metres: npt.NDArray[np.int64]
    far: npt.NDArray[np.bool_]
    reasons: npt.NDArray[np.int8]
    eligible: npt.NDArray[np.bool_]


def survey(visitors: Sequence[Visitor], targets: Sequence[Target], rules: AssignmentRules) -> Field:
    """Measure every pair and note who may not come: recused, rotation or full, in this order."""
    metres = np.zeros((len(visitors), len(targets)), dtype=np.int64)
    for number, target in enumerate(targets):
        metres[:, number] = _distances(visitors, target, rules)
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
    reasons = np.zeros((len(visitors), len(targets)), dtype=np.int8)
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


def _distances(
    visitors: Sequence[Visitor], target: Target, rules: AssignmentRules
) -> npt.NDArray[np.int64]:
    """Return metres on a plane around the target; without coordinates the district decides."""
    here, there = target.latitude, target.longitude
    placed = np.array(
        [v.latitude is not None and v.longitude is not None for v in visitors], dtype=np.bool_
    )
    by_district = np.array([_by_district(v, target, rules) for v in visitors], dtype=np.int64)
    if here is None or there is None:
        return by_district
    across = round(math.cos(math.radians(here / 1_000_000)) * 10_000)
    latitudes = np.array([v.latitude or 0 for v in visitors], dtype=np.int64)
    longitudes = np.array([v.longitude or 0 for v in visitors], dtype=np.int64)
    north = (latitudes - here) * _METRES_PER_DEGREE // 1_000_000
    east = (longitudes - there) * across // 10_000 * _METRES_PER_DEGREE // 1_000_000
    # Whole numbers below 2**53 have the same root on every machine.
    metres = np.floor(np.sqrt((north * north + east * east).astype(np.float64))).astype(np.int64)
    return np.where(placed, metres, by_district)


def _by_district(visitor: Visitor, target: Target, rules: AssignmentRules) -> int:
    return 0 if visitor.district == target.district else rules.far_metres


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
    """Draw different positions by integer weights, one after the other."""
    weights = weights.astype(np.int64)
    if np.count_nonzero(weights) <= count:
        return [int(each) for each in np.flatnonzero(weights)]
    picked = []
    for _ in range(count):
        sums = np.cumsum(weights)
        position = int(np.searchsorted(sums, stream.below(int(sums[-1])), side="right"))
        picked.append(position)
        weights[position] = 0
    return picked
