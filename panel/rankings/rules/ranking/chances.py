"""Chances and ranges of places, counted in whole numbers over simulated cities.

What is believed of the subjects of a list (means, what they share, what is their own) comes in as
whole numbers. Normals come from a table of whole numbers, fed by the raw bits of a seeded
generator. Every product and sum stays below 2**53: so floats hold them exactly, and neither the
machine nor its number of processors changes a count.
"""

from __future__ import annotations

from functools import cache
from statistics import NormalDist
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from panel.chance import digest
from panel.rankings.rules.ranking.design import Floats, Ints

FINE: Final = 16
"""Beliefs are in this part of a hundredth."""
_UNIT: Final = 1024
_TABLE: Final = 1 << 16
_WORD: Final = 16
_CHUNK: Final = 1000
_EXACT: Final = 2**53


class Beliefs(NamedTuple):
    """What is known of the subjects of one list, in sixteenths of a hundredth."""

    means: Floats
    shared: Floats
    """One row a subject, one column a source of error that several have in common."""
    own: Floats
    """Standard deviation of what is a subject's own."""


class Counts(NamedTuple):
    """Of so many simulated cities: how often among the first and last, and where 95 % lie."""

    top: Ints
    bottom: Ints
    low: Ints
    high: Ints


@cache
def table() -> Floats:
    """Return normal quantiles in whole 1024ths.

    None lies so near to a half that it could depend on how a machine takes a logarithm.
    """
    normal = NormalDist()
    half = [round(_UNIT * normal.inv_cdf((i + 0.5) / _TABLE)) for i in range(_TABLE // 2)]
    return np.array([*half, *(-each for each in reversed(half))], dtype=np.float64)


class Normals:
    """An endless sequence of whole normals from a seed."""

    def __init__(self, seed: str, purpose: str) -> None:
        """Start the sequence of one purpose."""
        self._bits = np.random.PCG64(int(digest([seed, purpose]), 16))

    def read(self, rows: int, columns: int) -> Floats:
        """Return the next normals, in 1024ths."""
        words = self._bits.random_raw(-(-rows * columns // 4))
        parts = [(words >> np.uint64(_WORD * i)) & np.uint64(_TABLE - 1) for i in range(4)]
        index = np.stack(parts, axis=1).reshape(-1)[: rows * columns]
        return table()[index].reshape(rows, columns)


def counted(beliefs: Beliefs, names: int, normals: Normals, draws: int) -> Counts:
    """Count places over simulated cities; lists hold so many names at either end."""
    size, sources = beliefs.shared.shape
    largest = float(table()[-1])
    reach = np.abs(beliefs.means) * _UNIT + beliefs.own * largest
    reach += np.abs(beliefs.shared).sum(axis=1) * largest
    if reach.max() >= _EXACT:
        message = "too large to be counted exactly"
        raise OverflowError(message)
    places = np.empty((draws, size), dtype=np.int32)
    for begin in range(0, draws, _CHUNK):
        rows = min(_CHUNK, draws - begin)
        city = beliefs.means * _UNIT + normals.read(rows, size) * beliefs.own
        if sources:
            city += normals.read(rows, sources) @ beliefs.shared.T
        _into(places[begin : begin + rows], city)
    ordered = np.sort(places, axis=0)
    return Counts(
        top=(places <= names).sum(axis=0),
        bottom=(places > size - names).sum(axis=0),
        low=ordered[draws * 25 // 1000].astype(np.int64),
        high=ordered[-(draws * 25 // 1000) - 1].astype(np.int64),
    )


def _into(places: npt.NDArray[np.int32], city: Floats) -> None:
    """Write each subject's place in each simulated city; equals stand by their order."""
    order = np.argsort(-city, axis=1, kind="stable")
    ranks = np.arange(1, city.shape[1] + 1, dtype=np.int32)
    np.put_along_axis(places, order, np.broadcast_to(ranks, order.shape), axis=1)


def factor(covariance: Floats) -> Floats:
    """Return the lower triangle whose square is a covariance, in whole numbers.

    Element by element in a fixed order, so that it comes out alike on every machine; what has no
    variance of its own left gets none.
    """
    work = np.rint(covariance)
    size = len(work)
    found = np.zeros_like(work)
    for k in range(size):
        pivot = work[k, k]
        if pivot < 1:
            continue
        column = work[k:, k] / np.sqrt(pivot)
        found[k:, k] = column
        work[k:, k:] -= column[:, None] * column[None, :]
    return np.rint(found)
