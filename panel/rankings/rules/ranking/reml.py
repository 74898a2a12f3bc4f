"""Variances by restricted maximum likelihood: the textbook cross-check of the moments.

Dense, so for small data; the lists never rest on it. The criterion is that of lme4 (Bates, Mächler,
Bolker & Walker 2015, equation 41), from sums alone.
"""

from __future__ import annotations

from math import log, pi
from typing import NamedTuple

import numpy as np
from scipy import linalg, optimize

from panel.rankings.rules.ranking.design import Design, Floats, Sums


class Reml(NamedTuple):
    """Standard deviations in hundredths, and the criterion that they minimise."""

    residual: float
    unit: float
    window: float
    rater: float
    criterion: float


class _Squares(NamedTuple):
    """Squares and products of the columns of all effects, fixed ones last, and with the scores."""

    matrix: Floats
    toward: Floats
    scores: float
    visits: int
    kinds: int
    sizes: tuple[int, int, int]


def reml(own: Design, sums: Sums) -> Reml:
    """Estimate the variances; where each unit has one window, the window takes no part."""
    squares = _squares(own, sums)
    free = [0, 2] if squares.sizes[0] == squares.sizes[1] else [0, 1, 2]

    def criterion(some: Floats) -> float:
        theta = np.zeros(3)
        theta[free] = np.abs(some)
        return _criterion(squares, theta)[0]

    found = optimize.minimize(
        criterion, np.ones(len(free)), method="Nelder-Mead",
        options={"xatol": 1e-9, "fatol": 1e-10, "maxiter": 4000, "maxfev": 4000},
    )  # fmt: skip
    theta = np.zeros(3)
    theta[free] = np.abs(found.x)
    value, residual = _criterion(squares, theta)
    unit, window, rater = (theta * residual).tolist()
    return Reml(residual, unit, window, rater, value)


def _squares(own: Design, sums: Sums) -> _Squares:
    sizes = (len(own.units), len(own.windows), len(own.raters))
    starts = np.concatenate([[0], np.cumsum([*sizes, len(own.types)])])
    columns = [
        starts[0] + own.unit_of[own.window], starts[1] + own.window, starts[2] + own.rater,
        starts[3] + own.type,
    ]  # fmt: skip
    matrix = np.zeros((starts[-1], starts[-1]))
    toward = np.zeros(starts[-1])
    visits = int(own.n.sum())
    center = float(sums.type_total.sum() / visits)
    scores = own.total - own.n * center
    for one in columns:
        np.add.at(toward, one, scores)
        for other in columns:
            np.add.at(matrix, (one, other), own.n)
    spread = float(own.squares.sum() - center * sums.type_total.sum())
    return _Squares(matrix, toward, spread, visits, len(own.types), sizes)


def _criterion(squares: _Squares, theta: Floats) -> tuple[float, float]:
    """Return minus twice the restricted log-likelihood, and the residual deviation."""
    scale = np.concatenate([np.repeat(theta, squares.sizes), np.ones(squares.kinds)])
    matrix = squares.matrix * np.outer(scale, scale)
    random = np.arange(sum(squares.sizes))
    matrix[random, random] += 1
    lower = linalg.cholesky(matrix, lower=True)
    part = linalg.solve_triangular(lower, squares.toward * scale, lower=True)
    freedom = squares.visits - squares.kinds
    variance = (squares.scores - float(part @ part)) / freedom
    determinant = 2 * float(np.log(np.diag(lower)).sum())
    return determinant + freedom * (1 + log(2 * pi * variance)), variance**0.5
