"""Proof of a solution in whole numbers: anybody with the cells can check it, without numpy.

The residual of the normal equations is formed exactly. Random effects add at least the smallest
ratio to every eigenvalue of their block, and seen through all of them the kinds of visit keep at
least `smallest count / (1 + Σ largest count / ratio)`: so the residual bounds the error.
"""

from collections.abc import Iterable, Sequence
from fractions import Fraction
from math import isqrt

from panel.rankings.rules.ranking.recompute import RATIO
from panel.rankings.types.editions import Model
from panel.rankings.types.ranking import Cell, Certificate


def verified(cells: Sequence[Cell], model: Model, proof: Certificate) -> bool:
    """Tell whether the numbers of a certificate lie within their bound of the true solution."""
    ratios = (model.unit_ratio, model.window_ratio, model.rater_ratio)
    effects = (proof.types, proof.units, proof.windows, proof.raters)
    counts = tuple(dict.fromkeys(each, 0) for each in effects)
    left = tuple(dict.fromkeys(each, 0) for each in effects)
    one = 10**proof.decimals
    for cell in cells:
        names = (cell.type, cell.unit, cell.window or cell.unit, cell.rater)
        try:
            told = sum([each[name] for each, name in zip(effects, names, strict=True)])
        except KeyError:
            return False
        rest = RATIO * (cell.total * one - cell.n * told)
        for seen, off, name in zip(counts, left, names, strict=True):
            seen[name] += cell.n
            off[name] += rest
    factors = []
    for ratio, known, off, seen in zip(ratios, effects[1:], left[1:], counts[1:], strict=True):
        if ratio is None:
            return False
        factors.append((max(seen.values(), default=0), ratio))
        for name, value in known.items():
            off[name] -= ratio * value
    if min(counts[0].values(), default=0) < 1:
        return False
    random = [value for off in left[1:] for value in off.values()]
    return bound(list(counts[0].values()), factors, left[0].values(), random) <= proof.bound


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
