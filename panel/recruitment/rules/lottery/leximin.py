"""Chances as equal as the quotas allow: the smallest as large as possible, then the next.

The unknowns are the expected numbers taken from each type, so that a city's pool of tens of
thousands is a programme of about thirty rows. For a level z every type still free holds at least z
of its people, and a sheet of slacks measures by how much the rows are broken. That measure is
convex and piecewise linear in z, so Newton's steps from above end exactly at the greatest z that
breaks nothing. Types with a positive price at the last step cannot rise above z in any solution
(complementary slackness): they are fixed, and the rest goes on (methods.md 5.1).
"""

from typing import Any, Final

import numpy as np

from panel.recruitment.rules.lottery.solver import Floats, Programme

_NOTHING: Final = 1e-7
_PRICE: Final = 1e-9


def levels(rows: Any, lower: Floats, upper: Floats, sizes: Floats, seats: int) -> Floats | None:
    """Return each type's share taken in the leximin solution, None if no shares keep the rows.

    `rows` is a sparse matrix over the types, all of whose solutions take `seats` in all; a type of
    size nothing has share 0.
    """
    if (lower > upper).any():
        return None
    programme = _with_slacks(rows, lower, upper, sizes)
    shares = np.zeros(len(sizes))
    free = sizes > 0
    while free.any():
        found = _highest(programme, shares, sizes, free, seats)
        if found is None:
            return None
        level, stuck = found
        shares[free & stuck] = level
        free &= ~stuck
    return shares


def impossible(rows: Any, lower: Floats, upper: Floats, sizes: Floats, seats: int) -> Any:
    """Tell of which types no solution takes anything; there must be a solution."""
    programme = _with_slacks(rows, lower, upper, sizes)
    out = np.zeros(len(sizes), dtype=np.bool_)
    while not out.all():
        found = _highest(programme, np.zeros(len(sizes)), sizes, ~out, seats)
        if found is None:
            message = "asked for a pool without a solution"
            raise AssertionError(message)
        level, stuck = found
        if level > _PRICE:
            return out
        out |= stuck
    return out


def _with_slacks(rows: Any, lower: Floats, upper: Floats, sizes: Floats) -> Programme:
    """Write the rows with what each falls short and goes over, at a price of one."""
    from scipy import sparse

    count, width = rows.shape
    bend = sparse.eye_array(count)
    return Programme(
        sparse.hstack([rows, bend, -bend]),
        lower,
        upper,
        np.concatenate([sizes, np.full(2 * count, np.inf)]),
        np.concatenate([np.zeros(width), np.ones(2 * count)]),
    )


def _highest(
    programme: Programme, shares: Floats, sizes: Floats, free: Any, seats: int
) -> tuple[float, Any] | None:
    """Return the greatest level of the free types, and which of them stay there."""
    left = seats - float((shares * sizes)[~free].sum())
    level = min(1.0, max(0.0, left / float(sizes[free].sum())))
    stuck = free
    while True:
        programme.bound(np.minimum(np.where(free, level, shares) * sizes, sizes), sizes)
        if programme.solve() is None:  # the slacks reach everything
            message = "a programme with slacks has an answer"
            raise AssertionError(message)
        broken = programme.cost
        if broken < _NOTHING:
            return level, stuck
        prices = programme.reduced[: len(sizes)]
        stuck = free & (prices > _PRICE)
        slope = float((sizes * prices)[stuck].sum())
        if level <= 0 or slope <= 0:
            return None
        level = max(0.0, level - broken / slope)
