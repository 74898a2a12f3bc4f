"""The lists, one after another: each a whole panel near an even share of what is still to give.

With S lists to go, every type gets between floor and ceiling of its S-th part, and so does every
quota; what is left for the S-1 others is as even as before. A list depends on the pool, on the
preparation and on what was made before it, so that work may stop and go on anywhere.
"""

from collections.abc import Sequence

import numpy as np

from panel.errors import Conflict
from panel.recruitment.rules.lottery import elastic
from panel.recruitment.rules.lottery.preparation import hard_rows, opened
from panel.recruitment.rules.lottery.rounding import Bounds, Dice, Rounder, Rule
from panel.recruitment.rules.lottery.solver import Whole, library
from panel.recruitment.types.lottery import PoolEntry, Preparation, Sheaf


def made(sheaves: Sequence[Sheaf]) -> int:
    """Tell how many lists there are; a gap between sheaves is a ``Conflict``."""
    count = 0
    for sheaf in sheaves:
        if sheaf.first != count:
            raise Conflict("lottery.sheaves_broken", at=count)
        count += len(sheaf.panels)
    return count


def extend(
    pool: Sequence[PoolEntry], preparation: Preparation, sheaves: Sequence[Sheaf], count: int
) -> Sheaf:
    """Make the next lists after the given ones, at most `count` and at most those still missing.

    Every quota is counted again in whole numbers on every list. ``Conflict`` when the pool or the
    solver's version is not the prepared one (the other half would not go with the first).
    """
    if preparation.library != library():
        raise Conflict("lottery.library_changed", before=preparation.library, now=library())
    first = made(sheaves)
    press = _Press(pool, preparation)
    left = press.left(sheaves)
    panels, reserves = [], []
    for number in range(first, min(preparation.lists, first + count)):
        panel, reserve = press.next(left, number)
        left = np.maximum(0, left - np.concatenate([panel, reserve]))
        panels.append(_spread(panel))
        reserves.append(_spread(reserve))
    return Sheaf(first, tuple(panels), tuple(reserves))


class _Press:
    """Makes lists for one prepared pool."""

    def __init__(self, pool: Sequence[PoolEntry], preparation: Preparation) -> None:
        from scipy import sparse

        self._own = own = opened(pool, preparation)
        self._preparation = preparation
        frames = np.array(preparation.frames, dtype=np.int64).reshape(-1, 2)
        self._frames = Bounds(frames[:, 0], frames[:, 1])
        self._minimums = hard_rows(own, preparation.plan)
        self._quotas = Bounds(
            np.concatenate([own.lower, frames[:, 0]]), np.concatenate([own.upper, frames[:, 1]])
        )
        person = sparse.eye_array(len(own.sizes))
        self._rows = sparse.block_diag([own.rows, own.rows], format="csr")
        self._rare = sparse.vstack(
            [sparse.hstack([own.homes, own.homes]), sparse.hstack([person, person])], format="csr"
        )
        self._rounder = Rounder(self._rows, self._rare, np.concatenate([own.clubs, own.clubs]))

    def left(self, sheaves: Sequence[Sheaf]) -> Whole:
        """Return what the types still have to get: seats, then places in reserve."""
        kinds = len(self._own.sizes)
        given = np.zeros((2, kinds), dtype=np.int64)
        for sheaf in sheaves:
            for part, lists in enumerate((sheaf.panels, sheaf.reserves)):
                for each in lists:
                    np.add.at(given[part], np.array(each, dtype=np.int64), 1)
        preparation = self._preparation
        whole = np.array([preparation.panel, preparation.reserve], dtype=np.int64)
        found: Whole = np.maximum(0, whole - given).reshape(-1)
        return found

    def next(self, left: Whole, number: int) -> tuple[Whole, Whole]:
        """Return the numbers of each type on one list: seats and reserve."""
        preparation, kinds = self._preparation, len(self._own.sizes)
        share = preparation.lists - number
        columns = Bounds(left // share, -(-left // share))
        if preparation.explicit:
            panel = np.array(preparation.explicit[number], dtype=np.int64)
            found = self._beside(panel, left, share, columns, number)
        else:
            found = self._even(left, share, columns, number)
            panel = self._nearest(columns) if found is None else found[:kinds]
        reserve = self._reserve(panel, columns) if found is None else found[kinds:]
        self._count(panel, reserve)
        return panel, reserve

    def _even(self, left: Whole, share: int, columns: Bounds, number: int) -> Whole | None:
        sums = np.asarray(self._rows @ left, dtype=np.int64)
        rare = np.asarray(self._rare @ left, dtype=np.int64)
        floor, ceiling = sums // share, -(-sums // share)
        least, most = self._quotas
        # One more or fewer than an even part is fine where quota and remainder allow it.
        low = np.maximum(np.maximum(least, sums - (share - 1) * most), floor - 1)
        high = np.minimum(np.minimum(most, sums - (share - 1) * least), ceiling + 1)
        return self._rounder.near(
            left / share,
            Rule(
                columns,
                Bounds(np.clip(floor, least, most), np.clip(ceiling, least, most)),
                Bounds(np.clip(low, least, most), np.clip(high, least, most)),
                Bounds(rare // share, -(-rare // share)),
            ),
            Dice(self._preparation.seed, f"list {number}"),
        )

    def _beside(
        self, panel: Whole, left: Whole, share: int, columns: Bounds, number: int
    ) -> Whole | None:
        """Look for an even reserve beside a panel that is known already."""
        own, kinds = self._own, len(self._own.sizes)
        high = np.minimum(columns.upper[kinds:], own.sizes - panel)
        low = np.minimum(columns.lower[kinds:], high)
        even = Bounds(np.concatenate([panel, low]), np.concatenate([panel, high]))
        homes = np.ones(own.homes.shape[0], dtype=np.int64)
        most = np.concatenate([homes, own.sizes])
        return self._rounder.near(
            np.clip(left / share, even.lower, even.upper),
            Rule(even, self._quotas, self._quotas, Bounds(np.zeros_like(most), most)),
            Dice(self._preparation.seed, f"list {number}"),
        )

    def _nearest(self, columns: Bounds) -> Whole:
        kinds = len(self._own.sizes)
        found = elastic.panel(self._own, Bounds(columns.lower[:kinds], columns.upper[:kinds]))
        if found is None:
            message = "a prepared pool has a panel"
            raise AssertionError(message)
        return found

    def _reserve(self, panel: Whole, columns: Bounds) -> Whole:
        kinds = len(self._own.sizes)
        goal = self._preparation.reserves
        if goal == 0:
            return np.zeros(kinds, dtype=np.int64)
        wish = Bounds(columns.lower[kinds:], columns.upper[kinds:])
        hard = (self._preparation.plan.seats, self._minimums)
        return elastic.reserve(self._own, panel, wish, self._frames, hard=hard, goal=goal)

    def _count(self, panel: Whole, reserve: Whole) -> None:
        """Never trust a solver of fractions: count seats, quotas, addresses, groups again."""
        own, plan = self._own, self._preparation.plan
        sums = own.rows @ panel
        spare = own.rows @ reserve
        groups = spare * plan.seats >= self._minimums * spare[0]
        kept = (
            ((sums >= own.lower) & (sums <= own.upper)).all()
            and (own.homes @ (panel + reserve) <= 1).all()
            and (panel + reserve <= own.sizes).all()
            and min(panel.min(), reserve.min()) >= 0
            and spare[0] <= plan.reserves
            and groups.all()
        )
        if not kept:
            message = "a list breaks its own rules"
            raise AssertionError(message)


def _spread(counts: Whole) -> tuple[int, ...]:
    return tuple(int(each) for each in np.repeat(np.arange(len(counts)), counts))
