"""How sure the simpler methods are: each list's means, shrunken towards their own mean.

Means with known errors are believed to lie around a common mean; how far, the list itself tells
(Morris 1983, equation 2.1). With equal errors this is the estimator of Efron & Morris, whose worked
example of 18 batters gives the factor .212.
"""

from collections.abc import Sequence
from fractions import Fraction
from typing import Final, NamedTuple

_FEW: Final = 4
_ROUNDS: Final = 60
_FINE: Final = 10**12


class Shrunken(NamedTuple):
    """One mean moved to the middle: what is kept of its distance, where it ends, how surely."""

    factor: Fraction
    mean: Fraction
    variance: Fraction


def shrink(means: Sequence[Fraction], variances: Sequence[Fraction]) -> list[Shrunken]:
    """Shrink means with known variances of their errors; fewer than four tell nothing."""
    size = len(means)
    if size < _FEW:
        return [Shrunken(Fraction(1), m, v) for m, v in zip(means, variances, strict=True)]
    between, middle = _between(means, variances)
    correction = Fraction(size - 3, size - 1)
    found = []
    for mean, variance in zip(means, variances, strict=True):
        whole = variance + between
        lost = correction * variance / whole if whole else Fraction()
        off = mean - middle
        doubt = Fraction(2, size - 3) * lost**2 * off**2
        around = variance * (1 - Fraction(size - 1, size) * lost) + doubt
        found.append(Shrunken(1 - lost, middle + (1 - lost) * off, around))
    return found


def _between(means: Sequence[Fraction], variances: Sequence[Fraction]) -> tuple[Fraction, Fraction]:
    """Return the variance between true means and their weighted mean, found by turns.

    Fractions are cut to 12 places each time, lest they grow without end.
    """
    size = len(means)
    between = Fraction()
    if all(v == variances[0] for v in variances):
        middle = sum(means, Fraction()) / size
        spread = sum(((m - middle) ** 2 for m in means), Fraction()) / (size - 1)
        return max(spread - variances[0], Fraction()), middle
    middle = Fraction()
    for _ in range(_ROUNDS):
        before = between
        weights = [_cut(1 / (v + between)) if v + between else Fraction(1) for v in variances]
        whole = sum(weights, Fraction())
        middle = _cut(sum((w * m for w, m in zip(weights, means, strict=True)), Fraction()) / whole)
        off = sum(
            (
                w * (Fraction(size, size - 1) * (m - middle) ** 2 - v)
                for w, m, v in zip(weights, means, variances, strict=True)
            ),
            Fraction(),
        )
        between = max(_cut(off / whole), Fraction())
        if between == before:
            break
    return between, middle


def _cut(value: Fraction) -> Fraction:
    return Fraction(round(value * _FINE), _FINE)
