"""Rankings of a city with a million visits: CPU seconds and memory, each beside its limit.

1,000 raters, 300 units of 10 windows, visits drawn evenly: nearly every visit is a cell of its own,
which is the worst case for sums by cells.
"""

import resource
import sys
import time
from collections.abc import Callable
from functools import partial
from typing import TypeVar

import numpy as np

from panel.rankings.rules.ranking import aggregate, compute, crossed, naming
from panel.rankings.rules.ranking.certificate import verified
from panel.rankings.types import (
    Cell,
    Kind,
    Listing,
    Method,
    Naming,
    Options,
    RankList,
    Scope,
    Sheet,
    Subject,
)

Result = TypeVar("Result")

UNITS, WINDOWS, RATERS = 300, 3_000, 1_000
OPTIONS = Options(seed="bench")
MEMORY = 512
missed: list[str] = []


def timed(title: str, limit: float, work: Callable[[], Result]) -> Result:
    """Run the work and print its CPU time beside the limit."""
    begin = time.process_time()
    result = work()
    spent = time.process_time() - begin
    if limit and spent > limit:
        missed.append(title)
    goal = f"(limit {limit:g})" if limit else ""
    print(f"  {title:<54}{spent:7.2f} s CPU  {goal}".rstrip(), flush=True)
    return result


def memory() -> int:
    """Return the most memory this process ever held, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def city(visits: int) -> list[Cell]:
    """Invent a city's cells, in arrays until the last step to keep memory for the fit."""
    chance = np.random.default_rng(1)
    window, rater = chance.integers(0, WINDOWS, visits), chance.integers(0, RATERS, visits)
    covert = chance.integers(0, 2, visits)
    effects = (
        chance.normal(0, 300, UNITS)[window % UNITS] + chance.normal(0, 400, WINDOWS)[window]
        + chance.normal(0, 200, RATERS)[rater] - 300 * covert + chance.normal(0, 1000, visits)
    )  # fmt: skip
    score = np.rint(np.clip(7800 + effects, 0, 10_000)).astype(np.int64)
    key, place = np.unique((rater * WINDOWS + window) * 2 + covert, return_inverse=True)
    n = np.bincount(place)
    total = np.bincount(place, score).astype(np.int64)
    squares = np.bincount(place, score**2).astype(np.int64)
    units, windows = [f"U{i}" for i in range(UNITS)], [f"W{i}" for i in range(WINDOWS)]
    raters, kinds = [f"r{i}" for i in range(RATERS)], ["window:open", "window:covert"]
    names = ((k // 2 % WINDOWS, k // 2 // WINDOWS, k % 2) for k in key.tolist())
    return [
        Cell(units[w % UNITS], windows[w], raters[r], a, b, c, kinds[t])
        for (w, r, t), a, b, c in zip(
            names, n.tolist(), total.tolist(), squares.tolist(), strict=True
        )
    ]


def listings() -> list[Listing]:
    """List all units and windows in three groups."""
    rules = Naming(Scope.PEER_GROUP, 8, 6)
    units = tuple(Subject(f"U{i}", f"g{i % 3}") for i in range(UNITS))
    windows = tuple(Subject(f"W{i}", f"g{i % UNITS % 3}") for i in range(WINDOWS))
    return [Listing(Kind.UNIT, units, rules), Listing(Kind.WINDOW, windows, rules)]


def relisted(before: crossed.Fit, cell: Cell, sign: int) -> tuple[crossed.Fit, list[RankList]]:
    """Fit again after one more or one less sheet, and list all units."""
    fit = crossed.refit(before, cell, sign)
    model = crossed.model(fit, OPTIONS)
    windows = crossed.windows(fit, OPTIONS, model)
    figures = crossed.listed(fit, Kind.UNIT, windows, model, story=False)
    return fit, list(naming.lists(listings()[0], Method.CROSSED_EFFECTS, figures))


def main() -> int:
    """Measure one fit, one change, whole lists, the proof; tell what missed its limit."""
    cells = city(1_000_000)
    print(f"  1,000,000 visits in {len(cells):,} cells; {memory()} MB before the fit")
    fit = timed("one fit", 10, partial(crossed.fit, cells))
    print(f"  {'memory at most':<54}{memory():7} MB     (limit {MEMORY})")
    if memory() > MEMORY:
        missed.append("memory")
    sheet = Cell("U0", "W0", "r5", 1, 8800, 8800**2, "window:open")
    more, _ = timed("one more sheet: new list of units", 0.5, partial(relisted, fit, sheet, 1))
    back, _ = timed("the same sheet withdrawn", 0.5, partial(relisted, more, sheet, -1))
    assert (back.adjusted, back.types) == (fit.adjusted, fit.types)
    model, proof = crossed.model(fit, OPTIONS), crossed.certificate(fit)
    assert timed("the proof checked, without numpy", 0, partial(verified, cells, model, proof))
    del fit, more, back
    timed("all lists, by four methods, 10,000 simulated cities", 0,
          partial(compute, listings(), cells, OPTIONS))  # fmt: skip
    few = city(30_000)
    timed("the same from 30,000 visits", 0, partial(compute, listings(), few, OPTIONS))
    sheets = [Sheet(f"U{i % 300}", f"W{i % 3000}", f"r{i % 997}", i % 10_001)
              for i in range(100_000)]  # fmt: skip
    timed("summing 100,000 sheets", 2, partial(aggregate, sheets))
    return bool(missed)


if __name__ == "__main__":
    sys.exit(main())
