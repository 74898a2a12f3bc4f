"""The flow of least cost from members through units to places: a sparse linear program.

A large one is solved as a network where OR-tools is installed, many times faster. The rows that
bound members (load, visits to one unit) and the rows that bound places (demand, near visits) are
each nested, so every corner of the program is whole.
"""

from collections import Counter, defaultdict
from collections.abc import Sequence
from importlib import metadata, util
from typing import Any, Final, NamedTuple

import numpy as np

from panel import chance
from panel.visits.rules import network
from panel.visits.rules.candidates import Field, reach, sample
from panel.visits.types.assignment import AssignmentRules, Target, Visitor

# Prices: an arc costs up to 1, half distance and half chance (less chance
# would send the same people again); a further task of somebody costs 4 more than
# the one before; a far visit replaced by a near one 1,000; a visit that nobody makes 10,000.
_STEP: Final = 4.0
_NEAR_FOR_FAR: Final = 1_000.0
_NOBODY: Final = 10_000.0
_FINE: Final = 1 << 26
_LONGEST: Final = 30_000
_WIDENINGS: Final = (4, 1_000)
_WHOLE: Final = 1e-6
SCIPY: Final = "scipy"
ORTOOLS: Final = "ortools"
LARGE: Final = 10_000
"""From so many visits on OR-tools is taken where it is installed."""


class Arc(NamedTuple):
    """A member, by position, who may go or goes to a target, by position."""

    member: int
    target: int


class Problem(NamedTuple):
    """What one assignment has to solve."""

    visitors: Sequence[Visitor]
    targets: Sequence[Target]
    rules: AssignmentRules
    seed: str
    field: Field
    solver: str = SCIPY


def solver_for(targets: Sequence[Target]) -> str:
    """Return the library that solves best here, by what is wanted and what is installed."""
    large = sum(target.demand for target in targets) >= LARGE
    return ORTOOLS if large and installed(ORTOOLS) else SCIPY


def installed(library: str) -> bool:
    """Tell whether a library can be imported."""
    return util.find_spec(library) is not None


def named(library: str) -> str:
    """Return a library with its version, as records name it."""
    return f"{library} {metadata.version(library)}"


def search(problem: Problem) -> tuple[list[list[int]], list[Arc]]:
    """Sample and solve; only targets left short are sampled more widely and solved again."""
    targets = problem.targets
    widening = [1] * len(targets)
    for factor in (*_WIDENINGS, 0):
        candidates = sample(problem.field, targets, problem.rules, problem.seed, widening)
        reach(problem.field, problem.visitors, targets, candidates, problem.seed)
        taken = _flow(problem, candidates)
        met = Counter(arc.target for arc in taken)
        short = [
            number
            for number, target in enumerate(targets)
            if met[number] < target.demand
            and len(candidates[number]) < problem.field.eligible[:, number].sum()
        ]
        if not short or not factor:
            break
        for number in short:
            widening[number] = factor
    return candidates, taken


def _flow(problem: Problem, candidates: Sequence[Sequence[int]]) -> list[Arc]:
    """Send members to targets by the problem's solver."""
    arcs = [Arc(member, number) for number, each in enumerate(candidates) for member in each]
    if not arcs:
        return []
    return _network(problem, arcs) if problem.solver == ORTOOLS else _programme(problem, arcs)


def _network(problem: Problem, arcs: Sequence[Arc]) -> list[Arc]:
    """Solve the network; its nodes are a source, members, targets, their near sides, crowds."""
    field, targets, steps = problem.field, problem.targets, _steps(problem.visitors, arcs)
    carrying = {m: row for row, m in enumerate(sorted({arc.member for arc in arcs}), 1)}
    first = 1 + len(carrying)
    near = first + len(targets)
    supplies = [sum(each.demand for each in targets)] + [0] * len(carrying)
    supplies += [-target.demand for target in targets] + [0] * len(targets)
    crowds: dict[int, int] = {}
    edges: list[network.Edge] = []
    for columns in _crowded(problem, arcs):
        member = carrying[arcs[columns[0]].member]
        edges.append(network.Edge(member, len(supplies), problem.rules.per_unit, 0))
        crowds |= dict.fromkeys(columns, len(supplies))
        supplies.append(0)
    edges += [network.Edge(0, carrying[m], 1, _STEP * load) for m, load in steps]
    for number, (target, far) in enumerate(zip(targets, _far_wanted(problem), strict=True)):
        edges += [
            network.Edge(near + number, first + number, target.demand - far, 0),
            network.Edge(near + number, first + number, far, _NEAR_FOR_FAR),
            network.Edge(0, first + number, target.demand, _NOBODY),
        ]
    begin = len(edges)
    edges += [
        network.Edge(
            crowds.get(column, carrying[arc.member]),
            (first if field.far[arc] else near) + arc.target,
            1,
            price,
        )
        for column, (arc, price) in enumerate(zip(arcs, _prices(problem, arcs), strict=True))
    ]
    flows = network.cheapest(edges, supplies)[begin:]
    return [arc for arc, flow in zip(arcs, flows, strict=True) if flow]


def _crowded(problem: Problem, arcs: Sequence[Arc]) -> list[list[int]]:
    """Return the columns of each member and unit that have more arcs than visits allowed."""
    pairs: dict[tuple[int, str], list[int]] = defaultdict(list)
    for column, arc in enumerate(arcs):
        pairs[arc.member, problem.targets[arc.target].unit].append(column)
    return [each for each in pairs.values() if len(each) > problem.rules.per_unit]


def _programme(problem: Problem, arcs: Sequence[Arc]) -> list[Arc]:
    """Solve the linear program; its columns are arcs, load steps, near for far, and nobody."""
    from scipy.optimize import linprog

    field, targets = problem.field, problem.targets
    steps = _steps(problem.visitors, arcs)
    far_wanted = _far_wanted(problem)
    first_step, first_near = len(arcs), len(arcs) + len(steps)
    first_nobody = first_near + len(targets)
    columns = first_nobody + len(targets)

    # Equal: what a member is given is what the member carries; a target's demand is met or not.
    equal: list[tuple[int, int, float]] = []
    carrying = {member: row for row, member in enumerate(sorted({arc.member for arc in arcs}))}
    equal += [(carrying[arc.member], column, 1.0) for column, arc in enumerate(arcs)]
    equal += [(carrying[m], first_step + i, -1.0) for i, (m, _) in enumerate(steps)]
    equal += [(len(carrying) + arc.target, column, 1.0) for column, arc in enumerate(arcs)]
    equal += [(len(carrying) + n, first_nobody + n, 1.0) for n in range(len(targets))]
    # At most: near visits of a target without its far share; a member's visits to one unit.
    most: list[tuple[int, int, float]] = []
    most += [(a.target, i, 1.0) for i, a in enumerate(arcs) if not field.far[a]]
    most += [(n, first_near + n, -1.0) for n in range(len(targets))]
    crowded = _crowded(problem, arcs)
    most += [(len(targets) + i, c, 1.0) for i, each in enumerate(crowded) for c in each]
    demands = [target.demand for target in targets]
    result = linprog(
        np.array(
            _prices(problem, arcs)
            + [_STEP * load for _, load in steps]
            + [_NEAR_FOR_FAR] * len(targets)
            + [_NOBODY] * len(targets)
        ),
        A_eq=_sparse(equal, len(carrying) + len(targets), columns),
        b_eq=np.array([0] * len(carrying) + demands, dtype=np.float64),
        A_ub=_sparse(most, len(targets) + len(crowded), columns),
        b_ub=np.array(
            [demand - far for demand, far in zip(demands, far_wanted, strict=True)]
            + [problem.rules.per_unit] * len(crowded),
            dtype=np.float64,
        ),
        bounds=np.array(
            [(0, 1)] * first_near + [(0, far) for far in far_wanted] + [(0, d) for d in demands],
            dtype=np.float64,
        ),
        method="highs-ds",
    )
    if result.status != 0:
        message = f"the solver gave up: {result.message}"
        raise RuntimeError(message)
    shares = result.x[: len(arcs)]
    if np.abs(shares - shares.round()).max() > _WHOLE:
        message = "the solution is not whole"
        raise AssertionError(message)
    return [arc for arc, share in zip(arcs, shares.round(), strict=True) if share]


def _steps(visitors: Sequence[Visitor], arcs: Sequence[Arc]) -> list[tuple[int, int]]:
    """Return one step for each further task that a member could carry: (member, load)."""
    stands = Counter(arc.member for arc in arcs)
    return [
        (member, load)
        for member, times in sorted(stands.items())
        for load in range(
            visitors[member].load + 1, min(visitors[member].cap, visitors[member].load + times) + 1
        )
    ]


def _prices(problem: Problem, arcs: Sequence[Arc]) -> list[float]:
    """Return the price of each arc: its distance, and chance, so that one best answer exists."""
    streams = [chance.Stream(problem.seed, f"prices {target.key}") for target in problem.targets]
    return [
        (
            min(int(problem.field.metres[arc]), _LONGEST) / _LONGEST
            + streams[arc.target].below(_FINE) / _FINE
        )
        / 2
        for arc in arcs
    ]


def _far_wanted(problem: Problem) -> list[int]:
    """Spread the far share over the targets: its whole part everywhere, the rest by chance."""
    targets = problem.targets
    open_far = (problem.field.far & problem.field.eligible).sum(axis=0)
    room = [min(t.demand, int(count)) for t, count in zip(targets, open_far, strict=True)]
    percent = problem.rules.far_percent
    wanted = [min(t.demand * percent // 100, r) for t, r in zip(targets, room, strict=True)]
    goal = -(-sum(t.demand for t in targets) * percent // 100)
    numbers = {target.key: number for number, target in enumerate(targets)}
    turn = [numbers[k] for k in chance.order(f"{problem.seed} far", list(numbers))]
    while sum(wanted) < min(goal, sum(room)):
        for number in turn:
            if wanted[number] < room[number] and sum(wanted) < goal:
                wanted[number] += 1
    return wanted


def _sparse(entries: Sequence[tuple[int, int, float]], rows: int, columns: int) -> Any:
    from scipy import sparse

    at = np.array([(row, column) for row, column, _ in entries], dtype=np.int64)
    values = [value for _, _, value in entries]
    return sparse.csr_array((values, (at[:, 0], at[:, 1])), shape=(rows, columns))
