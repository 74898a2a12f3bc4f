"""One linear system: effects by preconditioned conjugate gradients, refined in whole numbers.

Units and windows are solved exactly for given raters and kinds of visit, so only those are
iterated on. The solution is rounded to `10**-9` of a hundredth; what is left of the equations is
formed in whole numbers, solved for and added as the next nine digits.
"""

from __future__ import annotations

from collections.abc import Callable
from math import fsum
from typing import Final, NamedTuple

import numpy as np

from panel.rankings.rules.ranking.design import Design, Floats, Ints, Sums
from panel.rankings.rules.ranking.moments import Ratios
from panel.rankings.rules.ranking.recompute import RATIO

STEP: Final = 9
"""Digits of one round of refinement."""
_TENS: Final = 10**STEP
_CLOSE: Final = 1e-10
_MOST: Final = 5000


class Effects(NamedTuple):
    """Effects of kinds of visit, units, windows, raters; or the right side of their equations."""

    types: Floats
    units: Floats
    windows: Floats
    raters: Floats


class Whole(NamedTuple):
    """The same in whole numbers: of `10**-decimals` of a hundredth."""

    types: Ints
    units: Ints
    windows: Ints
    raters: Ints


class Solution(NamedTuple):
    """Digits of the effects, nine by nine, and what they leave of the equations times 1000."""

    digits: tuple[Whole, ...]
    left: Whole


class System:
    """The equations of a model for given counts and ratios."""

    def __init__(self, own: Design, sums: Sums, ratios: Ratios) -> None:
        """Prepare what every step needs."""
        self.own, self.sums, self.ratios = own, sums, ratios
        self._unit, self._window, self._rater = (each / RATIO for each in ratios)
        n = sums.window_n.astype(np.float64)
        self._n = n
        self.kept = self._window / (n + self._window)
        """What a window leaves to its unit: one less its gain."""
        self.depth = self._unit + self.of_units(n * self.kept)
        self._window_type = sums.window_type.astype(np.float64)
        self._rater_type = sums.rater_type.astype(np.float64)
        self._types = sums.type_n.astype(np.float64)
        self._raters = sums.rater_n + self._rater
        squares = sums.rater_window.copy()
        squares.data = squares.data**2
        self.easy = self._raters - squares @ (1.0 / (n + self._window))
        size = len(self._types)
        block = np.stack([self._column(i) for i in range(size)], axis=1)
        self._block = np.linalg.inv(block)

    def _column(self, kind: int) -> Floats:
        unit = np.zeros(len(self._types))
        unit[kind] = 1.0
        return self._reduced(unit, np.zeros(len(self._raters)))[0]

    def of_units(self, values: Floats) -> Floats:
        """Add up windows by unit."""
        return np.bincount(self.own.unit_of, values, len(self.own.units)).astype(np.float64)

    def nested(self, units: Floats, windows: Floats) -> tuple[Floats, Floats]:
        """Solve the equations of units and windows alone."""
        pull = windows / (self._n + self._window)
        effect = (units - self.of_units(self._n * pull)) / self.depth
        return effect, pull - self._n / (self._n + self._window) * effect[self.own.unit_of]

    def _reduced(self, types: Floats, raters: Floats) -> tuple[Floats, Floats]:
        """Apply the equations of kinds of visit and raters, with units and windows solved for."""
        seen = self._window_type @ types + self.sums.window_rater @ raters
        units, windows = self.nested(self.of_units(seen), seen)
        places = units[self.own.unit_of] + windows
        return (
            self._types * types + self._rater_type.T @ raters - self._window_type.T @ places,
            self._raters * raters + self._rater_type @ types - self.sums.rater_window @ places,
        )

    def solved(self, right: Effects, start: Effects | None = None) -> Effects:
        """Solve the equations in floats, from a start if one is known."""
        units, windows = self.nested(right.units, right.windows)
        places = units[self.own.unit_of] + windows
        target = (
            right.types - self._window_type.T @ places,
            right.raters - self.sums.rater_window @ places,
        )
        begin = (start.types, start.raters) if start else tuple(np.zeros_like(e) for e in target)
        types, raters = _iterated(self._reduced, self._easier, target, (begin[0], begin[1]))
        seen = self._window_type @ types + self.sums.window_rater @ raters
        units, windows = self.nested(right.units - self.of_units(seen), right.windows - seen)
        return Effects(types, units, windows, raters)

    def _easier(self, types: Floats, raters: Floats) -> tuple[Floats, Floats]:
        return self._block @ types, raters / self.easy

    def right(self, center: int) -> Whole:
        """Return the right side of the equations: sums of scores off a center."""
        windows = self.sums.window_total - center * self.sums.window_n
        return Whole(
            types=self.sums.type_total - center * self.sums.type_n,
            units=_add(self.own.unit_of, windows, len(self.own.units)),
            windows=windows,
            raters=self.sums.rater_total - center * self.sums.rater_n,
        )

    def left(self, before: Whole, effects: Whole) -> Whole:
        """Return what whole effects leave of a thousand times the equations, exactly.

        64-bit sums may run over on the way; what is left is far smaller, so it comes out right.
        """
        pairs = self.sums.window_rater.astype(np.int64)
        places = effects.units[self.own.unit_of] + effects.windows
        windows = (
            self.sums.window_type @ effects.types + pairs @ effects.raters
            + self.sums.window_n * places
        )  # fmt: skip
        types = (
            self.sums.type_n * effects.types + self.sums.rater_type.T @ effects.raters
            + self.sums.window_type.T @ places
        )  # fmt: skip
        raters = (
            self.sums.rater_n * effects.raters + self.sums.rater_type @ effects.types
            + pairs.T @ places
        )  # fmt: skip
        return Whole(
            before.types - RATIO * types,
            before.units - RATIO * _add(self.own.unit_of, windows, len(self.own.units))
            - self.ratios.unit * effects.units,
            before.windows - RATIO * windows - self.ratios.window * effects.windows,
            before.raters - RATIO * raters - self.ratios.rater * effects.raters,
        )  # fmt: skip


def solve(system: System, center: int, start: Effects | None = None) -> Solution:
    """Solve the equations and refine the solution once, to eighteen digits."""
    right = system.right(center)
    floats = system.solved(Effects(*(each.astype(np.float64) for each in right)), start)
    first = _whole(floats)
    scaled = Whole(*(each * (RATIO * _TENS) for each in right))
    return refined(system, Solution((first,), system.left(scaled, first)))


def refined(system: System, before: Solution) -> Solution:
    """Add nine digits to a solution."""
    scaled = Effects(*(each.astype(np.float64) / (RATIO * _TENS) for each in before.left))
    more = _whole(Effects(*(each * _TENS for each in system.solved(scaled))))
    left = system.left(Whole(*(each * _TENS for each in before.left)), more)
    return Solution((*before.digits, more), left)


def _whole(effects: Effects) -> Whole:
    return Whole(*(np.rint(each * _TENS).astype(np.int64) for each in effects))


def _add(level: Ints, values: Ints, size: int) -> Ints:
    found = np.zeros(size, dtype=np.int64)
    np.add.at(found, level, values)
    return found


Pair = tuple[Floats, Floats]


def _dot(one: Pair, other: Pair) -> float:
    """Multiply exactly rounded: no order of addition changes a bit."""
    return fsum(np.concatenate([one[0] * other[0], one[1] * other[1]]).tolist())


def _iterated(
    apply: Callable[[Floats, Floats], Pair],
    easier: Callable[[Floats, Floats], Pair],
    target: Pair,
    start: Pair,
) -> Pair:
    """Solve by preconditioned conjugate gradients."""
    x = start
    image = apply(*x)
    rest = (target[0] - image[0], target[1] - image[1])
    way = close = easier(*rest)
    product = _dot(rest, close)
    goal = _CLOSE**2 * _dot(target, easier(*target))
    for _ in range(_MOST):
        if product <= goal:
            return x
        image = apply(*way)
        step = product / _dot(way, image)
        x = (x[0] + step * way[0], x[1] + step * way[1])
        rest = (rest[0] - step * image[0], rest[1] - step * image[1])
        close = easier(*rest)
        before, product = product, _dot(rest, close)
        way = (close[0] + product / before * way[0], close[1] + product / before * way[1])
    message = "the equations do not settle"
    raise ArithmeticError(message)
