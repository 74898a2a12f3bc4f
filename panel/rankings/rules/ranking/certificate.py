"""Proof of a solution in whole numbers: anybody with the cells can check it, without numpy.

The residual of the normal equations is formed exactly. Random effects add at least the smallest
ratio to every eigenvalue of their block, and seen through all of them the kinds of visit keep at
least `smallest count / (1 + Σ largest count / ratio)`: so the residual bounds the error.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from fractions import Fraction
from math import isqrt

from panel.rankings.rules.ranking.recompute import RATIO
from panel.rankings.types.editions import Model
from panel.rankings.types.ranking import Cell, Certificate


def verified(cells: Sequence[Cell], model: Model, proof: Certificate) -> bool:
    """Tell whether the numbers of a certificate lie within their bound of the true solution."""
    ratios = {"unit": model.unit_ratio, "window": model.window_ratio, "rater": model.rater_ratio}
    known = {
        "type": proof.types, "unit": proof.units, "window": proof.windows, "rater": proof.raters,
    }  # fmt: skip
    counts: dict[str, Counter[str]] = {name: Counter() for name in known}
    left: dict[str, Counter[str]] = {name: Counter() for name in known}
    one = 10**proof.decimals
    for cell in cells:
        names = {
            "type": cell.type, "unit": cell.unit, "window": cell.window or cell.unit,
            "rater": cell.rater,
        }  # fmt: skip
        if any(name not in known[factor] for factor, name in names.items()):
            return False
        rest = cell.total * one - cell.n * sum(known[f][name] for f, name in names.items())
        for factor, name in names.items():
            counts[factor][name] += cell.n
            left[factor][name] += RATIO * rest
    for factor, ratio in ratios.items():
        if ratio is None:
            return False
        for name, value in known[factor].items():
            left[factor][name] -= ratio * value
    return (
        bound(
            [counts["type"][name] for name in proof.types],
            [(max(counts[f].values(), default=0), ratio or 1) for f, ratio in ratios.items()],
            left["type"].values(),
            [value for factor in ratios for value in left[factor].values()],
        )
        <= proof.bound
    )


def bound(
    types: Sequence[int],
    factors: Sequence[tuple[int, int]],
    fixed: Iterable[int],
    random: Iterable[int],
) -> int:
    """Bound the error of every effect by what it leaves of a thousand times the equations.

    `types` are counts of visits by kind, `factors` the largest count and the ratio of each factor.
    """
    if not types or min(types) < 1:
        message = "a kind of visit without visits has no effect"
        raise ValueError(message)
    least = Fraction(min(ratio for _, ratio in factors), RATIO)
    spread = 1 + sum((Fraction(RATIO * count, ratio) for count, ratio in factors), Fraction())
    smallest = Fraction(min(types)) / spread
    of_fixed, of_random = (Fraction(_norm(each), RATIO) for each in (fixed, random))
    through = _root(max(types) / least)
    types_off = (of_fixed + through * of_random) / smallest
    return _up(max(types_off, of_random / least + through * types_off))


def _norm(values: Iterable[int]) -> int:
    return isqrt(sum(int(value) ** 2 for value in values)) + 1


def _root(value: Fraction) -> int:
    return isqrt(_up(value)) + 1


def _up(value: Fraction) -> int:
    return -(-value.numerator // value.denominator)
