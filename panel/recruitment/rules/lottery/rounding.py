"""Whole numbers near given ones that keep every row: the step by which each panel is made.

Each type is rounded up or down by a seeded cost, a linear programme on the few rows moves the
least, and what it leaves between whole numbers (about forty types) is settled by a small integer
programme. Rows that seldom matter (one per address, one per person) join when they are broken.
"""

import hashlib
from typing import Any, Final, NamedTuple

import numpy as np

from panel.recruitment.rules.lottery.solver import Floats, Programme, Whole

_SMALL: Final = 1e-6
_FIRST: Final = 150
_MORE: Final = 4
_NODES: Final = 500
_WIDE: Final = 4500
_FREE: Final = 3000
_BITS: Final = 11
_UNIT: Final = 2.0**-53


class Bounds(NamedTuple):
    """Lower and upper bounds, of columns or of rows."""

    lower: Whole
    upper: Whole


class Rule(NamedTuple):
    """Bounds of columns, wished and loose bounds of the rows, bounds of the rare rows."""

    columns: Bounds
    rows: Bounds
    loose: Bounds
    rare: Bounds


class Dice:
    """Seeded numbers for one purpose; the generator's stream is fixed by its definition."""

    def __init__(self, seed: str, purpose: str) -> None:
        """Start the stream of one purpose."""
        digest = hashlib.sha256(f"{seed} {purpose}".encode()).digest()
        self._bits = np.random.PCG64(int.from_bytes(digest, "big"))

    def uniform(self, count: int) -> Floats:
        """Return numbers from 0 to 1."""
        raw = np.asarray(self._bits.random_raw(count), dtype=np.uint64)
        found: Floats = (raw >> np.uint64(_BITS)).astype(np.float64) * _UNIT
        return found

    def shuffled(self, items: Whole) -> Whole:
        """Return the items in a random order."""
        return items[np.argsort(self.uniform(len(items)), kind="stable")]


class Rounder:
    """Rounds columns so that `rows` and `rare` rows hold; `clubs` are columns that shun each other.

    A club's columns (an address, a person's seat and reserve) get separate parts of one circle, so
    that one random point on it seldom takes two of them.
    """

    def __init__(self, rows: Any, rare: Any, clubs: Whole) -> None:
        """Prepare for many roundings with the same rows."""
        from scipy import sparse

        self.rows, self.rare = sparse.csr_array(rows), sparse.csr_array(rare)
        self._all = sparse.csc_array(sparse.vstack([self.rows, self.rare]))
        self._clubs = clubs
        self._order = np.argsort(clubs, kind="stable")
        self._sizes = np.bincount(clubs)
        count, width = rows.shape
        nothing = np.zeros(count)
        self._programme = Programme(rows, nothing, nothing, np.zeros(width), np.zeros(width))

    def near(self, target: Floats, rule: Rule, dice: Dice) -> Whole | None:
        """Return whole numbers within the bounds, near `target`, or None if none were found.

        `rows` are wished for, `loose` and `rare` must hold.
        """
        columns, rows, loose, rare = rule
        cost = self._costs(target - columns.lower, dice)
        found = self._partly(cost, columns, rows, rare) if len(cost) > _WIDE else None
        if found is None:
            found = _fractions(self._programme, self.rare, cost, rule)
        if found is None:
            found = _fractions(self._programme, self.rare, cost, rule._replace(rows=loose))
        if found is None:
            return None
        return self.settled(found, columns, loose, rare, dice)

    def _costs(self, parts: Floats, dice: Dice) -> Floats:
        """Price each column so that it is rounded up with the probability of its fraction."""
        rest = np.maximum(0.0, 1.0 - np.bincount(self._clubs, parts))
        gaps = rest / np.maximum(self._sizes, 1)
        clubs = self._clubs[self._order]
        ends = np.cumsum(parts[self._order] + gaps[clubs])
        starts = ends - parts[self._order] - gaps[clubs]
        first = np.searchsorted(clubs, clubs, side="left")
        place = np.empty(len(parts))
        place[self._order] = starts - starts[first]
        points = dice.uniform(len(self._sizes))[self._clubs]
        found: Floats = (points - place) % 1.0 - parts
        return found

    def _partly(self, cost: Floats, columns: Bounds, rows: Bounds, rare: Bounds) -> Floats | None:
        """Take columns of clear cost as rounded: the thousands in doubt move enough."""
        free = np.sort(np.argsort(np.abs(cost), kind="stable")[:_FREE])
        found = columns.lower + (cost < 0)
        found[free] = 0
        part = self._all[:, free]
        base = self._all @ found
        count = self.rows.shape[0]
        programme = Programme(
            part[:count], np.zeros(count), np.zeros(count), np.zeros(_FREE), cost[free]
        )
        moved = _fractions(
            programme,
            part.tocsr()[count:],
            cost[free],
            Rule(
                Bounds(columns.lower[free], columns.upper[free]),
                Bounds(rows.lower - base[:count], rows.upper - base[:count]),
                Bounds(rows.lower - base[:count], rows.upper - base[:count]),
                Bounds(rare.lower - base[count:], rare.upper - base[count:]),
            ),
        )
        if moved is None:
            return None
        whole = found.astype(np.float64)
        whole[free] = moved
        return whole

    def settled(
        self, found: Floats, columns: Bounds, rows: Bounds, rare: Bounds, dice: Dice
    ) -> Whole | None:
        """Free the fractional columns and some others until whole numbers keep every row."""
        whole = np.rint(found).astype(np.int64)
        lower = np.concatenate([rows.lower, rare.lower])
        upper = np.concatenate([rows.upper, rare.upper])
        loose = np.abs(found - whole) > _SMALL
        # A programme's vertex may be rounded at once where the loose rows forgive it.
        if _kept(self._all @ whole, lower, upper) and _kept(whole, *columns):
            return whole
        others = dice.shuffled(np.flatnonzero((columns.upper > columns.lower) & ~loose))
        more = _FIRST
        while True:
            free = loose.copy()
            free[others[:more]] = True
            base = self._all @ np.where(free, 0, whole)
            part = _whole(self._all[:, np.flatnonzero(free)], lower - base, upper - base,
                          columns.lower[free], columns.upper[free])  # fmt: skip
            if part is not None:
                whole[free] = part
                if not _kept(self._all @ whole, lower, upper):
                    message = "whole numbers of the solver break a row"
                    raise AssertionError(message)
                return whole
            if more >= len(others):
                return None
            more *= _MORE


def _fractions(programme: Programme, rarely: Any, cost: Floats, rule: Rule) -> Floats | None:
    """Solve the linear programme, adding the rare rows that are broken until none is."""
    columns, rows, _, rare = rule
    programme.frame(rows.lower.astype(np.float64), rows.upper.astype(np.float64))
    programme.price(cost)
    programme.bound(columns.lower.astype(np.float64), columns.upper.astype(np.float64))
    added = np.zeros(rarely.shape[0], dtype=np.bool_)
    while True:
        found = programme.solve()
        if found is None:
            return None
        sums = rarely @ found
        broken = (sums > rare.upper + _SMALL) | (sums < rare.lower - _SMALL)
        broken &= ~added
        if not broken.any():
            return found
        added |= broken
        programme.add(
            rarely[broken],
            rare.lower[broken].astype(np.float64),
            rare.upper[broken].astype(np.float64),
        )


def _kept(values: Whole, lower: Whole, upper: Whole) -> bool:
    return bool(((values >= lower) & (values <= upper)).all())


def _whole(rows: Any, lower: Whole, upper: Whole, low: Whole, high: Whole) -> Whole | None:
    """Find any whole numbers that keep the rows."""
    from scipy import sparse

    table = sparse.csr_array(rows)
    used = np.diff(table.indptr) > 0
    # A row without free columns holds already or never will.
    if not _kept(np.zeros(int((~used).sum()), dtype=np.int64), lower[~used], upper[~used]):
        return None
    count = table.shape[1]
    programme = Programme(
        table[used],
        lower[used].astype(np.float64),
        upper[used].astype(np.float64),
        high.astype(np.float64),
        np.zeros(count),
    )
    programme.bound(low.astype(np.float64), high.astype(np.float64))
    return programme.whole(count, _NODES)
