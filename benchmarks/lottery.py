"""The lottery of 1000 seats out of 3,000, 10,000 and 50,000: CPU seconds, ratios, memory.

Each pool is drawn in a process of its own, which tells its peak memory. The floor beside each
figure is a bare linear programme of scipy over the same types and quotas, solved in the same run:
once for the chances, once a list for the lists.
"""

import resource
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from functools import partial
from typing import Any, TypeVar

import numpy as np
from scipy import sparse
from scipy.optimize import linprog

from panel.chance import Stream
from panel.recruitment.rules import lottery, types_model
from panel.recruitment.rules.feasibility import feasibility
from panel.recruitment.types.lottery import DrawPlan, GroupQuota, PoolEntry, Quota, Sheaf

Result = TypeVar("Result")
Published = tuple[tuple[str, ...], ...]

POOLS = {3_000: 60, 10_000: 120, 50_000: 180}
LISTS, SLICE, MEMORY = 1000, 50, 400
FEATURES = {
    "category": {"enterprise": 20, "self_employed": 15, "resident": 35, "official": 30},
    "district": {f"district {i}": 6 if i < 3 else 2 for i in range(10)},
    "age": {"18-29": 3, "30-44": 4, "45-59": 3, "60-69": 1, "70+": 1},
    "sex": {"f": 4, "m": 6},
    "schooling": {"primary": 1, "middle": 3, "college": 4, "degree": 5},
    "trade": {f"trade {i}": weight for i, weight in enumerate((5, 3, 2, 1, 1))},
}
SEATS = {"enterprise": 300, "self_employed": 200, "resident": 350, "official": 150}
SKEW = 1.3


def applicants(count: int) -> list[PoolEntry]:
    """Invent a pool that leans towards the usual volunteers, some at one address."""
    stream = Stream("bench", f"lottery {count}")
    tables = {}
    for name, values in FEATURES.items():
        weights = [round(1000 * weight**SKEW) for weight in values.values()]
        tables[name] = [value for value, w in zip(values, weights, strict=True) for _ in range(w)]
    return [
        PoolEntry(
            f"T{i:05}",
            tuple((name, table[stream.below(len(table))]) for name, table in tables.items()),
            f"home {stream.below(8 * count)}",
        )
        for i in range(count)
    ]


def plan() -> DrawPlan:
    """Return quotas within 7 % of a city's shares and the hard 80 %."""
    quotas = []
    for name, values in FEATURES.items():
        for value, weight in values.items():
            share = SEATS.get(value, 1000 * weight // sum(values.values()))
            quotas.append(Quota(name, value, share * 93 // 100, share * 107 // 100 + 1))
    group = GroupQuota("citizens", "category", ("enterprise", "self_employed", "resident"), 800)
    return DrawPlan(1000, 200, tuple(quotas), (group,))


def timed(work: Callable[[], Result]) -> tuple[Result, float]:
    """Run the work and return its result and its CPU seconds."""
    begin = time.process_time()
    result = work()
    return result, time.process_time() - begin


def told(title: str, spent: float, limit: float, floor: float | None = None) -> bool:
    """Print CPU seconds, the ratio to the floor and the goal; tell whether the goal is met."""
    ratio = "" if floor is None else f"{spent / floor:6.1f} x the floor of {floor:.2f} s"
    print(f"  {title:<28} {spent:7.2f} s CPU (goal {limit:g}) {ratio}", flush=True)
    return spent <= limit


def floor_of(pool: list[PoolEntry], repeats: int = 3) -> float:
    """Return the CPU seconds of one bare linear programme over the same types and quotas."""
    own = plan()
    model = types_model.build(pool, own.seats, own.quotas, own.groups)
    rows: Any = types_model.matrix(model.rows, len(model.members))
    lower = np.array([row.lower for row in model.rows], dtype=np.float64)
    upper = np.array([row.upper for row in model.rows], dtype=np.float64)
    spent = []
    for number in range(repeats):
        stream = Stream("bench", f"floor {number}")
        cost = np.array([stream.uniform53() / 2**53 for _ in model.members])
        work = partial(
            linprog, cost, A_ub=sparse.vstack([rows, -rows]), b_ub=np.concatenate([upper, -lower]),
            bounds=list(zip(np.zeros(len(cost)), model.sizes, strict=True)), method="highs-ds",
        )  # fmt: skip
        found, seconds = timed(work)
        assert found.status == 0
        spent.append(seconds)
    return min(spent)


def kept(pool: list[PoolEntry], lists: Published, reserves: Published) -> None:
    """Count every quota and every address of every list again, from the pool alone."""
    people = {entry.ticket: entry for entry in pool}
    own = plan()
    for seats, spare in zip(lists, reserves, strict=True):
        counts = Counter(feature for ticket in seats for feature in people[ticket].features)
        assert len(set(seats)) == own.seats
        assert all(q.minimum <= counts[q.feature, q.value] <= q.maximum for q in own.quotas)
        group = own.groups[0]
        assert sum(counts["category", value] for value in group.values) >= group.minimum
        homes = [people[ticket].household for ticket in (*seats, *spare)]
        assert len(set(homes)) == len(seats) + len(spare)


def drawn(count: int) -> bool:
    """Draw one pool from beginning to end; tell whether every goal is met."""
    pool = applicants(count)
    floor = floor_of(pool)
    found, spent = timed(partial(feasibility, pool, plan()))
    assert found.possible, found
    good = told("feasibility", spent, 3 if count <= 10_000 else 5, floor)
    prepared, spent = timed(partial(lottery.prepare, pool, plan(), "bench", LISTS))
    good &= told("chances and totals", spent, 10, floor)
    sheaves: list[Sheaf] = []
    begin = time.process_time()
    while lottery.made(sheaves) < LISTS:
        sheaves.append(lottery.extend(pool, prepared, sheaves, SLICE))
    book = lottery.deal(pool, prepared, sheaves, "bench")
    good &= told("1000 lists with reserves", time.process_time() - begin, POOLS[count],
                 floor * LISTS)  # fmt: skip
    kept(pool, book.lists, book.reserves)
    seats = Counter(ticket for each in book.lists for ticket in each)
    least = min(seats[entry.ticket] for entry in pool if entry.ticket not in prepared.never)
    assert least * 1_000_000 >= (prepared.bound - 1_000_000 // LISTS) * LISTS
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        f"  every quota kept on every list; smallest chance {least / LISTS:.3f},"
        f" bound {prepared.bound / 1e6:.6f}; peak memory {memory:.0f} MB (goal {MEMORY})"
    )
    return good and memory <= MEMORY


def main(names: list[str]) -> int:
    """Draw the pools named by their size, each in a process of its own."""
    if names:
        return 0 if drawn(int(names[0])) else 1
    missed = []
    for count in POOLS:
        print(f"1000 of {count:,} applicants")
        command = [sys.executable, "-m", "benchmarks.lottery", str(count)]
        if subprocess.run(command, check=False).returncode:  # noqa: S603 - ourselves
            missed.append(f"{count:,}")
    if missed:
        print(f"goals missed for {', '.join(missed)} applicants")
    return bool(missed)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
