"""The range of places that a subject would have if any one rater had not come.

Everything else stays as it was estimated: ratios, kinds of visit, the severity of the others. So
leaving a rater out only takes that rater's part out of the windows, in closed form.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np

from panel.rankings.rules.ranking.crossed import SCALE, Fit, Window
from panel.rankings.rules.ranking.design import Floats, Ints
from panel.rankings.rules.ranking.figures import Figure
from panel.rankings.rules.ranking.recompute import RATIO
from panel.rankings.rules.ranking.solving import STEP
from panel.rankings.types.ranking import Kind, Method

_CHUNK: Final = 100
_MOST: Final = 10_000


class Without:
    """Scores of units and windows without one rater each time, by one method."""

    def __init__(self, fit: Fit, by_unit: Mapping[str, Sequence[Window]], method: Method) -> None:
        """Take each rater's part out of each window."""
        self._fit, self._own = fit, fit.own
        self._pooled = method is Method.POOLED_MEAN
        self._model = method is Method.CROSSED_EFFECTS
        ratios = fit.system.ratios
        self._window = ratios.window / RATIO if self._model else 0.0
        self._unit = ratios.unit / RATIO
        self._weight = np.zeros(len(fit.own.windows))
        for places in by_unit.values():
            for each in places:
                self._weight[each.row] = each.part.weight
        self._n = fit.sums.window_n.astype(np.float64)
        self._sum = self._sums()
        self._cut()

    def _sums(self) -> Floats:
        if self._model:
            return np.array(self._fit.adjusted, dtype=np.float64) / SCALE
        return self._fit.sums.window_total.astype(np.float64)

    def _cut(self) -> None:
        """List every rater's windows as they would be without."""
        own = self._own
        freed = own.total.astype(np.float64)
        if self._model:
            effects = [each / 10.0**STEP for each in self._fit.solution.digits[0]]
            freed -= own.n * (self._fit.center + effects[0][own.type] + effects[3][own.rater])
            if self._fit.kept is not None:
                freed -= self._fit.kept
        key = own.rater * len(own.windows) + own.window
        new = np.concatenate(([True], key[1:] != key[:-1]))
        run = np.cumsum(new) - 1  # one number after the other: the same sums on every machine
        self._row, self._rater = own.window[new], own.rater[new]
        self._n_left = self._n[self._row] - np.bincount(run, own.n)
        left = self._sum[self._row] - np.bincount(run, freed)
        self._sum_left = np.where(self._n_left > 0, left, 0.0)

    def _weighed(self, n: Floats, sums: Floats, weight: Floats) -> list[Floats]:
        """Return weight, gain and pull, plain and weighted, and plain sums, of windows."""
        weight = np.where(n > 0, weight, 0.0)
        under = np.maximum(n + self._window, 1e-9)
        gain, pull = n / under if self._model else np.zeros_like(n), sums / under
        return [weight, gain, pull, weight * gain, weight * pull, n, sums]

    def places(
        self, kind: Kind, keys: Sequence[str], found: Mapping[str, Figure]
    ) -> dict[str, tuple[int, int]]:
        """Return the best and the worst place of each subject of one list."""
        rows = self._rows(kind, keys)
        base = np.array([self._fit.types[found[key].form] / SCALE for key in keys])
        if not self._model:
            base = np.zeros(len(keys))
        low = np.full(len(keys), len(keys), dtype=np.int64)
        high = np.ones(len(keys), dtype=np.int64)
        for first in range(0, len(self._own.raters), _CHUNK):
            last = min(first + _CHUNK, len(self._own.raters))
            values = base[:, None] + self._values(kind, rows, first, last)
            scores = np.clip(np.floor(values + 0.5), 0, _MOST)
            for column in scores.T:
                ascending = np.sort(column)
                place = 1 + len(keys) - np.searchsorted(ascending, column, side="right")
                low, high = np.minimum(low, place), np.maximum(high, place)
        pairs = zip(low.tolist(), high.tolist(), strict=True)
        return dict(zip(keys, pairs, strict=True))

    def _rows(self, kind: Kind, keys: Sequence[str]) -> Ints:
        own = self._own
        if kind is Kind.UNIT:
            known = {name: i for i, name in enumerate(own.units)}
        else:
            known = {window: i for i, (_, window) in enumerate(own.windows) if window is not None}
        return np.array([known[key] for key in keys], dtype=np.int64)

    def _values(self, kind: Kind, rows: Ints, first: int, last: int) -> Floats:
        """Return the scores of some subjects without each of some raters, off their form's mean."""
        start, end = np.searchsorted(self._rater, [first, last])
        at, column = self._row[start:end], self._rater[start:end] - first
        own = self._weighed(self._n, self._sum, self._weight)
        left = self._weighed(self._n_left[start:end], self._sum_left[start:end], self._weight[at])
        size, width = len(self._own.units), last - first
        flat = self._own.unit_of[at] * width + column
        whole: list[Floats] = [
            np.bincount(self._own.unit_of, each, size)[:, None]
            + np.bincount(flat, less - each[at], size * width).reshape(size, width).astype(float)
            for each, less in zip(own, left, strict=True)
        ]
        effect = np.zeros((size, width))
        if self._model:
            effect = self._window * whole[2] / (self._unit + self._window * whole[1])
        if kind is Kind.UNIT:
            return self._of_units(whole, effect)[rows]
        values = self._of_windows(own, left, effect, (at, column))
        return values[rows]

    def _of_units(self, whole: Sequence[Floats], effect: Floats) -> Floats:
        weight, _, _, gain, pull, n, sums = whole
        if self._pooled:
            return sums / np.maximum(n, 1)
        return effect + (pull - gain * effect) / np.maximum(weight, 1)

    def _of_windows(
        self,
        own: Sequence[Floats],
        left: Sequence[Floats],
        effect: Floats,
        cut: tuple[Ints, Ints],
    ) -> Floats:
        effects = effect[self._own.unit_of]
        values = effects + own[2][:, None] - own[1][:, None] * effects
        of_unit = effects[cut]
        seen = left[5] > 0  # a window without any visit left keeps what it had
        at = (cut[0][seen], cut[1][seen])
        values[at] = (of_unit + left[2] - left[1] * of_unit)[seen]
        return values
