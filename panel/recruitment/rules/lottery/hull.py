"""Small panels of few types: the exact leximin over whole panels, by generating them one by one.

The linear programme over types knows nothing of whole people. Where few people are drawn, it may
promise chances that no mixture of panels gives; so there the mixture itself is the programme, and
an integer programme finds the panel that would improve it most, until none does.
"""

from typing import Any, Final

import numpy as np

from panel.recruitment.rules.lottery.frame import Frame
from panel.recruitment.rules.lottery.rounding import Dice
from panel.recruitment.rules.lottery.solver import Floats, Programme, Whole

FEW: Final = 40
SMALL: Final = 60
_SMALL: Final = 1e-7
_PRICE: Final = 1e-7
_NODES: Final = 500
_FEW_NODES: Final = 5
_MOST: Final = 250


class Unsettled(Exception):  # noqa: N818 - not a fault: the other programme takes over
    """The search for better panels took too long."""


def mixture(own: Frame) -> tuple[Floats, list[Whole]] | None:
    """Return each type's leximin share and panels that reach it, None if there is no panel.

    ``Unsettled`` where panels keep improving or one is too hard to find.
    """
    kinds = len(own.sizes)
    first = _best(own, np.zeros(kinds), None)
    if first is None:
        return None
    panels = [first]
    shares = np.zeros(kinds)
    free = np.ones(kinds, dtype=np.bool_)
    while free.any():
        level, weights = _round(own, panels, shares, free)
        # At certainty no price tells who is stuck: everybody is.
        stuck = free & ((weights * own.sizes > _PRICE) | (level > 1 - _SMALL))
        if not stuck.any():
            message = "a level without a price"
            raise AssertionError(message)
        shares[stuck] = level
        free &= ~stuck
    return shares, panels


def _round(own: Frame, panels: list[Whole], shares: Floats, free: Any) -> tuple[float, Floats]:
    """Return the greatest level of the free types and each type's weight; panels are added."""
    while True:
        level, weights, worth = _master(own, panels, shares, free)
        better = _best(own, weights, _NODES)
        if better is None or len(panels) >= _MOST:
            raise Unsettled
        if float(weights @ better) <= worth + _SMALL:
            return level, weights
        if any((better == each).all() for each in panels):
            return level, weights
        panels.append(better)


def _master(
    own: Frame, panels: list[Whole], shares: Floats, free: Any
) -> tuple[float, Floats, float]:
    """Mix the panels at hand; return level, weights of the types, worth of a panel in them."""
    table = np.array(panels, dtype=np.float64).T
    count = table.shape[1]
    rows = np.zeros((len(shares) + 1, count + 1))
    rows[:-1, :count] = table / own.sizes[:, None]
    rows[:-1, count] = -free.astype(np.float64)
    rows[-1, :count] = 1.0
    lower = np.append(np.where(free, 0.0, shares - 1e-9), 1.0)
    upper = np.append(np.full(len(shares), np.inf), 1.0)
    programme = Programme(rows, lower, upper, np.ones(count + 1), np.append(np.zeros(count), -1.0))
    found = programme.solve()
    if found is None:
        message = "a mixture that was possible is not any more"
        raise AssertionError(message)
    duals = programme.duals
    weights: Floats = np.maximum(duals[:-1], 0.0) / own.sizes
    return float(found[count]), weights, -float(duals[-1])


def _best(own: Frame, weights: Floats, nodes: int | None) -> Whole | None:
    """Return the panel of the greatest weight, None if there is none or it was not found."""
    from scipy import sparse

    homes = own.homes.shape[0]
    programme = Programme(
        sparse.vstack([own.rows, own.homes]),
        np.concatenate([own.lower, np.zeros(homes)]).astype(np.float64),
        np.concatenate([own.upper, np.ones(homes)]).astype(np.float64),
        own.sizes.astype(np.float64),
        -weights,
    )
    return programme.whole(len(own.sizes), nodes)


def numbered(own: Frame, shares: Floats, panels: list[Whole], lists: int, dice: Dice) -> Whole:
    """Return so many panels (one a row) whose totals are as near to the shares as may be."""
    from scipy import sparse

    table = np.array(panels, dtype=np.float64).T
    kinds, count = table.shape
    wish = shares * own.sizes * lists
    bend = sparse.eye_array(kinds)
    ones = sparse.csr_array(np.ones((1, count)))
    rows = sparse.block_array(
        [[table, -bend, None], [table, None, bend], [ones, None, None]], format="csc"
    )
    endless = np.full(kinds, np.inf)
    programme = Programme(
        rows,
        np.concatenate([-endless, np.floor(wish + 1e-6), [lists]]),
        np.concatenate([np.ceil(wish - 1e-6), endless, [lists]]),
        np.concatenate([np.full(count, float(lists)), endless, endless]),
        np.concatenate([np.zeros(count), np.ones(2 * kinds)]),
    )
    fractions = programme.solve()
    if fractions is None:
        message = "lists of known panels are always possible"
        raise AssertionError(message)
    times = programme.whole(count, _FEW_NODES, good=True)
    if times is None:  # the panels' own fractions, the largest rounded up
        times = np.floor(fractions[:count] + _SMALL).astype(np.int64)
        rest = np.argsort(times - fractions[:count], kind="stable")
        times[rest[: lists - int(times.sum())]] += 1
    order = dice.shuffled(np.repeat(np.arange(count), times))
    return np.array(panels, dtype=np.int64)[order]
