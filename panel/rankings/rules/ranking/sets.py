"""Simultaneous confidence sets of places (Mogstad, Romano, Shaikh & Wilhelm 2024).

The conservative second opinion: nothing is believed beforehand about how units differ. Means are
not shrunken; all differences of pairs are covered at once with 95 %, and a place is possible if no
more than that many are surely better or worse. The critical value is simulated and rounded up to
two decimals; for long lists it is bounded by the number of pairs instead.
"""

from __future__ import annotations

from collections.abc import Sequence
from statistics import NormalDist
from typing import Final, NamedTuple

import numpy as np

from panel.rankings.rules.ranking.chances import Normals
from panel.rankings.rules.ranking.design import Floats, Ints

_LONG: Final = 600
_ENDS: Final = 16
_CHUNK: Final = 1000
_MISS: Final = 0.05


class Sets(NamedTuple):
    """Best and worst place of each subject that can't be excluded."""

    low: Ints
    high: Ints
    critical: int
    """In hundredths."""


def sets(means: Sequence[int], variances: Floats, normals: Normals, draws: int) -> Sets:
    """Return the sets of subjects with such means (in whole numbers) and variances of errors."""
    size = len(means)
    deviations = np.rint(np.sqrt(variances))
    critical = _critical(deviations, normals, draws)
    value = np.array(means, dtype=np.float64)
    square = deviations**2
    better, worse = np.zeros(size, dtype=np.int64), np.zeros(size, dtype=np.int64)
    for i in range(size):
        off = value - value[i]
        far = (100.0 * off) ** 2 > float(critical) ** 2 * (square + square[i])
        better[i] = int((far & (off > 0)).sum())
        worse[i] = int((far & (off < 0)).sum())
    return Sets(1 + better, size - worse, critical)


def _critical(deviations: Floats, normals: Normals, draws: int) -> int:
    """Return what the largest standardised difference of a pair stays under, 95 times of 100."""
    size = len(deviations)
    if size < 2:  # noqa: PLR2004 - a pair
        return 0
    if size > _LONG:
        pairs = size * (size - 1)
        return int(np.ceil(-100 * NormalDist().inv_cdf(_MISS / pairs)))
    largest = np.concatenate(
        [
            _largest(normals.read(min(_CHUNK, draws - begin), size), deviations)
            for begin in range(0, draws, _CHUNK)
        ]
    )
    ordered = np.sort(largest)
    return int(np.ceil(100 * ordered[-(draws * 5 // 100) - 1] / 1024))


def _largest(z: Floats, deviations: Floats) -> Floats:
    """Return the largest standardised difference of each row of errors.

    `(e - f) / √(v + w)` is at most `√(z² + y²)` of the two standardised errors, so the few most
    extreme ones settle nearly every row; the others are looked at in full.
    """
    rows, size = z.shape
    ends = min(_ENDS, size)
    order = np.argsort(z, axis=1, kind="stable")
    high, low = order[:, -ends:], order[:, :ends]
    errors = z * deviations
    found = _pairs(errors, deviations, high, low)
    if ends == size:
        return found
    above = np.take_along_axis(z, order[:, -ends - 1 : -ends], axis=1)[:, 0]
    below = np.take_along_axis(z, order[:, ends : ends + 1], axis=1)[:, 0]
    top, bottom = z[np.arange(rows), order[:, -1]], z[np.arange(rows), order[:, 0]]
    reach = np.maximum(
        np.maximum(above, 0) ** 2 + np.minimum(bottom, 0) ** 2,
        np.maximum(top, 0) ** 2 + np.minimum(below, 0) ** 2,
    )
    everyone = np.broadcast_to(np.arange(size), (1, size))
    for row in np.flatnonzero(reach > found**2):
        found[row] = _pairs(errors[row : row + 1], deviations, everyone, everyone)[0]
    return found


def _pairs(errors: Floats, deviations: Floats, high: Ints, low: Ints) -> Floats:
    first = np.take_along_axis(errors, high, axis=1)[:, :, None]
    second = np.take_along_axis(errors, low, axis=1)[:, None, :]
    width = deviations[high][:, :, None] ** 2 + deviations[low][:, None, :] ** 2
    return np.asarray(((first - second) / np.sqrt(np.maximum(width, 1))).max(axis=(1, 2)))
