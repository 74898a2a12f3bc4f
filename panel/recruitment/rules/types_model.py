"""The pool as types of exchangeable people, the quotas as rows, and the integer program on them.

People with equal features are one type; whoever shares an address with another applicant is a
type apart, so that "at most one per address" is a row like the others (methods.md 5.1).
"""

from collections import Counter
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from panel.recruitment.types.lottery import GroupQuota, PoolEntry, Quota

_INFEASIBLE = 2
_SEATS = "seats"


class Row(NamedTuple):
    """A bound on the number of people taken from some types; `shared` rows are addresses."""

    name: str
    lower: int
    upper: int
    hard: bool
    types: frozenset[int]
    shared: bool = False


class Model(NamedTuple):
    """The people (positions in the pool) of each type, and the rows that a panel must keep."""

    members: tuple[tuple[int, ...], ...]
    rows: tuple[Row, ...]

    @property
    def sizes(self) -> npt.NDArray[np.float64]:
        """Return the number of people of each type."""
        return np.array([len(each) for each in self.members], dtype=np.float64)


def build(
    pool: Sequence[PoolEntry], seats: int, quotas: Sequence[Quota], groups: Sequence[GroupQuota]
) -> Model:
    """Sort a pool into types and write seats, quotas and shared addresses as rows."""
    crowd = Counter(entry.household for entry in pool if entry.household is not None)
    people: dict[tuple[tuple[tuple[str, str], ...], str | None], list[int]] = {}
    for position, entry in enumerate(pool):
        shares = entry.household is not None and crowd[entry.household] > 1
        key = (tuple(sorted(entry.features)), entry.household if shares else None)
        people.setdefault(key, []).append(position)
    # A fixed order, so that the order of applications cannot matter.
    kinds = sorted(people, key=lambda key: (key[0], key[1] or "", key[1] is None))
    carriers: dict[tuple[str, str], set[int]] = {}
    homes: dict[str, set[int]] = {}
    for index, (features, home) in enumerate(kinds):
        for feature in features:
            carriers.setdefault(feature, set()).add(index)
        if home is not None:
            homes.setdefault(home, set()).add(index)
    rows = [Row(_SEATS, seats, seats, hard=True, types=frozenset(range(len(kinds))))]
    for quota in quotas:
        types = frozenset(carriers.get((quota.feature, quota.value), ()))
        rows.append(Row(quota.name, quota.minimum, quota.maximum, quota.hard, types))
    for group in groups:
        union = {
            each for value in group.values for each in carriers.get((group.feature, value), ())
        }
        rows.append(Row(group.name, group.minimum, seats, group.hard, frozenset(union)))
    rows += [
        Row(home, 0, 1, hard=True, types=frozenset(types), shared=True)
        for home, types in sorted(homes.items())
    ]
    return Model(tuple(tuple(people[kind]) for kind in kinds), tuple(rows))


def matrix(rows: Sequence[Row], columns: int, blocks: Sequence[int] | None = None) -> Any:
    """Return the rows as a sparse matrix; `blocks` maps each column to its type."""
    from scipy import sparse

    of_type: dict[int, list[int]] = {}
    for column, kind in enumerate(range(columns) if blocks is None else blocks):
        of_type.setdefault(kind, []).append(column)
    places = [
        (number, column)
        for number, row in enumerate(rows)
        for kind in sorted(row.types)
        for column in of_type.get(kind, ())
    ]
    at = np.array(places, dtype=np.int64).reshape(-1, 2)
    return sparse.csr_array((np.ones(len(at)), (at[:, 0], at[:, 1])), shape=(len(rows), columns))


def solve(
    costs: npt.NDArray[np.float64],
    constraints: Any,
    lower: npt.NDArray[np.float64],
    upper: npt.NDArray[np.float64],
    most: npt.NDArray[np.float64],
) -> list[int] | None:
    """Return the cheapest integers from 0 to `most` that keep every row, or None if none do."""
    from scipy.optimize import Bounds, LinearConstraint, milp

    result = milp(
        costs,
        constraints=LinearConstraint(constraints, lower, upper),
        integrality=np.ones(len(costs)),
        bounds=Bounds(np.zeros(len(costs)), most),
        options={"mip_rel_gap": 0.0},
    )
    if result.status == _INFEASIBLE:
        return None
    if result.status != 0:
        message = f"the solver gave up: {result.message}"
        raise RuntimeError(message)
    return [round(value) for value in result.x]


class Elastic(NamedTuple):
    """The cheapest way to bend rows: by how much each lower and upper bound gives way."""

    counts: tuple[int, ...]
    lowered: dict[str, int]
    raised: dict[str, int]


def bend(model: Model, lowering: dict[str, int], raising: dict[str, int]) -> Elastic | None:
    """Find the cheapest total bending of the named rows (price per unit), None if not enough."""
    from scipy import sparse

    kinds = len(model.members)
    base = matrix(model.rows, kinds)
    named = {row.name: number for number, row in enumerate(model.rows) if not row.shared}
    bends = [(name, 1.0, price) for name, price in lowering.items()]
    bends += [(name, -1.0, price) for name, price in raising.items()]
    numbers = [named[name] for name, _, _ in bends]
    # Lower and upper bounds are rows of their own: a minimum may lie above a maximum.
    count = len(model.rows)
    places = [n if sign > 0 else count + n for n, (_, sign, _) in zip(numbers, bends, strict=True)]
    slack = sparse.csr_array(
        ([sign for _, sign, _ in bends], (places, range(len(bends)))),
        shape=(2 * count, len(bends)),
    )
    double = sparse.vstack([base, base], format="csr")
    endless = np.full(count, np.inf)
    # A minimum cannot fall below nothing; a maximum need not rise above everybody.
    reach = [
        model.rows[number].lower if sign > 0 else int(model.sizes.sum())
        for number, (_, sign, _) in zip(numbers, bends, strict=True)
    ]
    found = solve(
        np.array([0.0] * kinds + [float(price) for _, _, price in bends]),
        sparse.hstack([double, slack], format="csr") if bends else double,
        np.concatenate([np.array([row.lower for row in model.rows], dtype=np.float64), -endless]),
        np.concatenate([endless, np.array([row.upper for row in model.rows], dtype=np.float64)]),
        np.concatenate([model.sizes, np.array(reach, dtype=np.float64)]),
    )
    if found is None:
        return None
    used = found[kinds:]
    lowered = {bends[i][0]: by for i, by in enumerate(used) if by and bends[i][1] > 0}
    raised = {bends[i][0]: by for i, by in enumerate(used) if by and bends[i][1] < 0}
    return Elastic(tuple(found[:kinds]), lowered, raised)
