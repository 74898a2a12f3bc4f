"""The draw of the panel: a random one of the panels that keep every quota.

Everybody gets a random number from the committed seed; among all panels that keep the quotas, the
one with the smallest sum of numbers is drawn. Equal people differ by nothing but their number. It
does not claim to make the smallest chance as large as possible: that is the full lottery.
"""

from collections.abc import Sequence
from typing import Final

import numpy as np

from panel import chance
from panel.errors import Conflict
from panel.recruitment.rules import types_model
from panel.recruitment.rules.feasibility import feasibility
from panel.recruitment.rules.types_model import Model
from panel.recruitment.types.lottery import (
    DrawPlan,
    DrawRecord,
    GroupQuota,
    PoolEntry,
    Quota,
    Total,
)

_VERSION: Final = 1
_METHOD: Final = "types, smallest sum of random numbers"
_NUMBERS: Final = 1 << 30


def leaf(entry: PoolEntry) -> bytes:
    """Return the bytes by which an applicant stands in the pool's published root."""
    return chance.canonical(
        {
            "ticket": entry.ticket,
            "features": [list(feature) for feature in sorted(entry.features)],
            "household": entry.household,
            "salt": entry.salt,
        }
    )


def pool_leaves(pool: Sequence[PoolEntry]) -> list[bytes]:
    """Return the leaves of the pool's tree, sorted by ticket."""
    return [leaf(entry) for entry in sorted(pool, key=lambda entry: entry.ticket)]


def pool_root(pool: Sequence[PoolEntry]) -> str:
    """Return the root that commits to the pool before the seed exists."""
    return chance.merkle_root(pool_leaves(pool))


def draw(pool: Sequence[PoolEntry], plan: DrawPlan, seed: str) -> DrawRecord:
    """Draw seats and reserves from the pool.

    Refused (`recruitment.quotas_impossible`, with the quotas' names) when no panel keeps every
    quota. Reserves come by the same method from the rest without the addresses of the chosen,
    with the quotas in proportion: the hard group quotas always, the others as nearly as possible.
    """
    people = sorted(pool, key=lambda entry: entry.ticket)
    if len({entry.ticket for entry in people}) != len(people):
        message = "a ticket stands twice"
        raise ValueError(message)
    numbers = _numbers(people, seed)
    model = types_model.build(people, plan.seats, plan.quotas, plan.groups)
    picked = _cheapest(model, numbers)
    if picked is None:
        found = feasibility(people, plan)
        names = found.impossible or tuple(each.name for each in found.relaxations)
        raise Conflict("recruitment.quotas_impossible", quotas=names)
    chosen = [people[position] for position in picked]
    record = DrawRecord(
        version=_VERSION,
        method=_METHOD,
        library=f"scipy {_scipy()}",
        seed=seed,
        pool_root=pool_root(people),
        applicants=len(people),
        plan=plan,
        chosen=tuple(sorted(entry.ticket for entry in chosen)),
        reserves=_reserves(people, chosen, plan, seed),
        totals=totals(people, plan, {entry.ticket for entry in chosen}),
    )
    if faults := check(record, people):  # never trust a solver of fractions
        message = f"the drawn panel breaks its own rules: {', '.join(faults)}"
        raise AssertionError(message)
    return record


def totals(
    pool: Sequence[PoolEntry], plan: DrawPlan, chosen: set[str] | frozenset[str]
) -> tuple[Total, ...]:
    """Count every quota among the applicants and among the chosen."""
    rows: list[tuple[str, int, int, str, tuple[str, ...]]] = [
        (q.name, q.minimum, q.maximum, q.feature, (q.value,)) for q in plan.quotas
    ]
    rows += [(g.name, g.minimum, plan.seats, g.feature, g.values) for g in plan.groups]
    found = []
    for name, minimum, maximum, feature, values in rows:
        carriers = [e.ticket for e in pool if _carries(e, feature, values)]
        taken = sum(ticket in chosen for ticket in carriers)
        found.append(Total(name, minimum, maximum, len(carriers), taken))
    return tuple(found)


def check(record: DrawRecord, pool: Sequence[PoolEntry]) -> tuple[str, ...]:
    """Name what is wrong with a record, by counting alone; empty if nothing is."""
    by_ticket = {entry.ticket: entry for entry in pool}
    drawn = (*record.chosen, *record.reserves)
    plan = record.plan
    if not by_ticket.keys() >= set(drawn):
        return ("unknown",)
    faults = []
    if record.pool_root != pool_root(pool) or record.applicants != len(pool):
        faults.append("pool")
    if len(set(drawn)) != len(drawn):
        faults.append("twice")
    if len(record.chosen) != plan.seats or len(record.reserves) > plan.reserves:
        faults.append("seats")
    counted = totals(pool, plan, frozenset(record.chosen))
    faults += [each.name for each in counted if not each.minimum <= each.chosen <= each.maximum]
    if counted != record.totals:
        faults.append("totals")
    homes = [by_ticket[ticket].household for ticket in drawn]
    shared = [home for home in homes if home is not None]
    if len(set(shared)) != len(shared):
        faults.append("address")
    for group in plan.groups:
        held = sum(_carries(by_ticket[t], group.feature, group.values) for t in record.reserves)
        if group.hard and held * plan.seats < group.minimum * len(record.reserves):
            faults.append(f"reserves:{group.name}")
    return tuple(faults)


def verify(record: DrawRecord, pool: Sequence[PoolEntry]) -> tuple[str, ...]:
    """Check a record by counting, then draw again from its seed; empty if all agrees.

    `draw` means that the same seed gives other people, `library` that they differ and that the
    record was made with another version of the solver.
    """
    faults = check(record, pool)
    if faults:
        return faults
    again = draw(pool, record.plan, record.seed)
    if (again.chosen, again.reserves) != (record.chosen, record.reserves):
        return ("draw",) if again.library == record.library else ("library",)
    return ()


def _scipy() -> str:
    import scipy

    return str(scipy.__version__)


def _carries(entry: PoolEntry, feature: str, values: Sequence[str]) -> bool:
    return any(name == feature and value in values for name, value in entry.features)


def _numbers(people: Sequence[PoolEntry], seed: str) -> list[int]:
    """Give everybody a number that depends on the seed and the own ticket only."""
    raw = [chance.Stream(seed, f"number {e.ticket}").below(_NUMBERS) for e in people]
    numbers = raw.copy()
    last = -1
    for position in sorted(range(len(raw)), key=lambda i: (raw[i], people[i].ticket)):
        last = max(last + 1, raw[position])  # two equal numbers would leave the choice open
        numbers[position] = last
    return numbers


def _cheapest(model: Model, numbers: Sequence[int]) -> list[int] | None:
    """Return the people of the panel with the smallest sum of numbers, None if there is none."""
    people = [position for kind in model.members for position in kind]
    blocks = [index for index, kind in enumerate(model.members) for _ in kind]
    found = types_model.solve(
        np.array([numbers[position] for position in people], dtype=np.float64),
        types_model.matrix(model.rows, len(people), blocks),
        np.array([row.lower for row in model.rows], dtype=np.float64),
        np.array([row.upper for row in model.rows], dtype=np.float64),
        np.ones(len(people)),
    )
    if found is None:
        return None
    counts = [0] * len(model.members)
    for block, taken in zip(blocks, found, strict=True):
        counts[block] += taken
    return [
        position
        for kind, count in zip(model.members, counts, strict=True)
        for position in sorted(kind, key=lambda each: numbers[each])[:count]
    ]


def _reserves(
    people: Sequence[PoolEntry], chosen: Sequence[PoolEntry], plan: DrawPlan, seed: str
) -> tuple[str, ...]:
    taken = {entry.ticket for entry in chosen}
    homes = {entry.household for entry in chosen} - {None}
    rest = [e for e in people if e.ticket not in taken and e.household not in homes]
    goal = _largest(rest, plan)
    if goal == 0:
        return ()
    scaled = _scaled(plan, goal)
    found = feasibility(rest, scaled)
    bent = {(each.name, each.bound): each.after for each in found.relaxations}
    quotas = tuple(
        Quota(
            quota.feature,
            quota.value,
            bent.get((quota.name, "minimum"), quota.minimum),
            bent.get((quota.name, "maximum"), quota.maximum),
        )
        for quota in scaled.quotas
    )
    groups = tuple(
        GroupQuota(g.name, g.feature, g.values, bent.get((g.name, "minimum"), g.minimum), g.hard)
        for g in scaled.groups
    )
    model = types_model.build(rest, goal, quotas, groups)
    picked = _cheapest(model, _numbers(rest, seed))
    if picked is None:
        message = "the relaxed quotas of the reserves cannot be met"
        raise AssertionError(message)
    return tuple(chance.order(seed, [rest[position].ticket for position in picked]))


def _scaled(plan: DrawPlan, goal: int) -> DrawPlan:
    """Return the plan in proportion; single quotas become soft, group quotas are rounded up."""
    seats = plan.seats
    return DrawPlan(
        seats=goal,
        reserves=0,
        quotas=tuple(
            Quota(q.feature, q.value, q.minimum * goal // seats, -(-q.maximum * goal // seats))
            for q in plan.quotas
        ),
        groups=tuple(
            GroupQuota(g.name, g.feature, g.values, -(-g.minimum * goal // seats), g.hard)
            for g in plan.groups
        ),
    )


def _largest(rest: Sequence[PoolEntry], plan: DrawPlan) -> int:
    """Return how many reserves the rest allows with every hard group quota in proportion."""
    low, high = 0, min(plan.reserves, len(rest))
    trial = high
    while low < high:  # a smaller reserve is never harder to fill, so halving finds the largest
        hard = [group for group in _scaled(plan, trial).groups if group.hard]
        if types_model.bend(types_model.build(rest, trial, (), hard), {}, {}) is None:
            high = trial - 1
        else:
            low = trial
        trial = (low + high + 1) // 2
    return low
