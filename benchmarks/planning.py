"""Invented cities visited round by round: what visits planned from doubt are worth (methods.md 3).

The truth of every unit is known. A city is visited five rounds long, the first one even; judged is
how many of ten names are wrong in the mean of the upper and the lower list. `make simulate` prints
the measures of the default rulebook beside even visits, and what they cost in predictability.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from statistics import NormalDist, mean, stdev
from typing import Final, NamedTuple

import panel.rulebook
from panel.chance import Stream
from panel.ids import Code
from panel.rulebook import rules as rulebooks
from panel.visits import rules
from panel.visits.rules.confirming import FINE, shares
from panel.visits.types import Place, Side

ROUNDS: Final = 5
PER_ROUND: Final = 10
"""Visits of a unit in a round as planned: fifty in five rounds."""
SIZES: Final = (100, 200, 300, 600)
EVEN: Final = (50, 100, 125, 150, 200, 250)
"""Even visits a unit that planned ones are compared with."""
DEFAULT: Final = Path(panel.rulebook.__file__).with_name("default.toml")
_NORMAL: Final = NormalDist()
_SURE: Final = 10_000


class Measures(NamedTuple):
    """Share of even visits and the cap, in times of the mean."""

    percent: int
    times: int


FORMER: Final = Measures(50, 3)
"""The numbers that methods.md 3 names."""


class Panel:
    """An invented city of units whose true scores are known, visited round by round."""

    spread, noise, listed = 4.0, 10.0, 10

    def __init__(self, units: int, seed: int) -> None:
        """Draw the true scores; nobody has been visited yet."""
        self.chance = Stream(str(seed), "city")
        self.seed = seed
        self.true = [self.gauss() * self.spread for _ in range(units)]
        self.visits = [0] * units
        self.sums = [0.0] * units
        self.fewest = PER_ROUND * 1.0
        """Fewest visits that any unit could expect in a planned round."""
        self.most = 0.0
        """Greatest part of a round's visits that any unit could expect."""

    def gauss(self) -> float:
        """Draw from the standard normal distribution."""
        return _NORMAL.inv_cdf((self.chance.below(1 << 24) + 0.5) / (1 << 24))

    def visit(self, unit: int, times: int) -> None:
        """Send so many visitors."""
        noise = self.gauss() * self.noise * times**0.5
        self.sums[unit] += times * self.true[unit] + noise
        self.visits[unit] += times

    def known(self) -> list[tuple[float, float]]:
        """Return what the visits tell of every unit: mean and standard deviation."""
        ratio = (self.noise / self.spread) ** 2
        return [
            (total / (ratio + n), self.noise / (ratio + n) ** 0.5)
            for total, n in zip(self.sums, self.visits, strict=True)
        ]

    def sides(self) -> dict[Code, Side]:
        """Return what the lists would tell."""
        found = self.known()
        order = sorted(range(len(found)), key=lambda unit: -found[unit][0])
        scores = [found[unit][0] for unit in order]
        top = (scores[self.listed - 1] + scores[self.listed]) / 2
        low = (scores[-self.listed] + scores[-self.listed - 1]) / 2
        return {
            Code(f"U{unit}"): Side(
                in_top=rank < self.listed,
                in_bottom=rank >= len(order) - self.listed,
                chance_top=round(_SURE * _NORMAL.cdf((found[unit][0] - top) / found[unit][1])),
                chance_bottom=round(_SURE * _NORMAL.cdf((low - found[unit][0]) / found[unit][1])),
                low=round(100 * (found[unit][0] - 1.96 * found[unit][1])),
                high=round(100 * (found[unit][0] + 1.96 * found[unit][1])),
                visits=self.visits[unit],
            )
            for rank, unit in enumerate(order)
        }

    def play(self, per_round: int, how: Measures | None = None) -> float:
        """Play five rounds, the first one even; return the wrong names of ten in both lists."""
        bare = [_bare(unit, per_round) for unit in range(len(self.true))]
        for turn in range(ROUNDS):
            demand = {each.code: per_round for each in bare}
            if turn and how:
                demand = self._planned(bare, how, f"{self.seed} {turn}")
            for unit, each in enumerate(bare):
                self.visit(unit, demand.get(each.code, 0))
        return self.wrong()

    def _planned(self, bare: Sequence[Place], how: Measures, seed: str) -> dict[Code, int]:
        made = rules.planned(
            self.sides(), bare, uniform_percent=how.percent, cap_times=how.times, seed=seed
        )
        weights = [made.weights[name] for name in sorted(made.weights)]
        parts = shares(weights, made.visits, how.percent, how.times)
        self.fewest = min(self.fewest, min(parts) / FINE)
        self.most = max(self.most, max(parts) / FINE / made.visits)
        return {Code(code): count for code, count in made.demand.items()}

    def wrong(self) -> float:
        """Return how many of ten names are wrong, the mean of both lists."""
        found = self.known()
        guess = sorted(range(len(self.true)), key=lambda unit: found[unit][0])
        truth = sorted(range(len(self.true)), key=lambda unit: self.true[unit])
        first = len(set(guess[-self.listed :]) - set(truth[-self.listed :]))
        return (first + len(set(guess[: self.listed]) - set(truth[: self.listed]))) / 2


def _bare(unit: int, demand: int) -> Place:
    return Place(
        unit_id=unit,
        unit_code=Code(f"U{unit}"),
        window_id=None,
        window_code=None,
        peer_group="P1",
        covert_ok=True,
        district="",
        latitude=None,
        longitude=None,
        demand=demand,
    )


class Worth(NamedTuple):
    """What some measures give in cities of one size."""

    wrong: float
    error: float
    """Standard error of the mean over cities."""
    fewest: float
    most: float


def in_force() -> Measures:
    """Return the measures of the rulebook that the service comes with."""
    bounds = rulebooks.read(DEFAULT.read_text()).rounds
    return Measures(bounds.uniform_percent, bounds.cap_times)


def worth(
    units: int, cities: int, per_round: int = PER_ROUND, how: Measures | None = None
) -> Worth:
    """Play some cities and return the mean of wrong names, and the bounds of what was expected."""
    panels = [Panel(units, seed) for seed in range(cities)]
    found = [each.play(per_round, how) for each in panels]
    error = stdev(found) / len(found) ** 0.5 if len(found) > 1 else 0.0
    return Worth(mean(found), error, min(p.fewest for p in panels), max(p.most for p in panels))


def equal(wrong: float, even: Sequence[tuple[int, float]]) -> float:
    """Return how many even visits a unit leave as many names wrong, by straight lines between."""
    for (few, worse), (many, better) in pairwise(even):
        if better <= wrong <= worse:
            return few + (many - few) * (worse - wrong) / ((worse - better) or 1.0)
    return float(even[0][0] if wrong > even[0][1] else even[-1][0])


def main(cities: int, measures: Sequence[Measures] = ()) -> int:
    """Print what planned visits are worth in cities of several sizes."""
    own = in_force()
    begin = time.process_time()
    print(f"{PER_ROUND * ROUNDS} visits a unit planned from doubt, {cities} cities of each size")
    for units in SIZES:
        even = [(n, worth(units, cities, n // ROUNDS).wrong) for n in EVEN]
        told = ", ".join(f"{n}: {value:.2f}" for n, value in even)
        print(f"  {units} units, even visits and wrong names of ten: {told}")
        for how in dict.fromkeys([*measures, FORMER, own]):
            found = worth(units, cities, how=how)
            print(
                f"    {how.percent} % even, cap {how.times}: {found.wrong:.2f} ± {found.error:.2f} "
                f"wrong, as good as {equal(found.wrong, even):.0f} even; a unit expects at least "
                f"{found.fewest:.1f} a round; the next visit is nowhere likelier than "
                f"{100 * found.most:.2f} %"
            )
    print(f"  {time.process_time() - begin:.0f} s CPU")
    return 0


if __name__ == "__main__":
    words = [int(word) for word in sys.argv[1:]]
    sys.exit(
        main(
            words[0] if words else 40,
            [Measures(*each) for each in zip(words[1::2], words[2::2], strict=True)],
        )
    )
