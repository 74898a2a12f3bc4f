"""What the model knows of scores, and how surely: covariances given raters, and theirs.

Given severity and kinds of visit, units are independent of each other and their errors stand in
closed form. What severity and kinds of visit leave open is common to whoever shares raters; it
comes from the equations that remain once units and windows are solved for.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final, NamedTuple

import numpy as np
from scipy import linalg, sparse

from panel.rankings.rules.ranking.chances import FINE, Beliefs, factor
from panel.rankings.rules.ranking.crossed import Fit, Window
from panel.rankings.rules.ranking.design import Floats, Ints
from panel.rankings.rules.ranking.figures import Figure
from panel.rankings.rules.ranking.recompute import RATIO
from panel.rankings.types.ranking import Kind

DENSE: Final = 4000
"""Most raters whose errors are taken together; beyond, each rater's is taken by itself."""
TOGETHER: Final = 600
"""Longest list whose errors are taken together."""
_WIDTH: Final = 1.96


class Known(NamedTuple):
    """Errors of all subjects of a kind, in hundredths."""

    keys: Mapping[str, int]
    own: Floats
    """Variance of what is a subject's own."""
    unit: Ints
    lift: Floats
    """Standard deviation of what a subject takes from its unit."""
    common: Floats
    """One column a subject: what raters and kinds of visit leave open, as independent errors."""
    raw: Floats
    """The same for the mean that is not shrunken."""
    noise: Floats
    """Variance of a mean that is not shrunken, given severity and kinds of visit."""


class Posterior:
    """The errors of a fit; one for all lists."""

    def __init__(self, found: Fit, by_unit: Mapping[str, Sequence[Window]]) -> None:
        """Factor what remains of the equations."""
        self._fit, self._by_unit = found, by_unit
        self._variance = float(found.variances.residual)
        self._window = found.system.ratios.window / RATIO
        self._n = found.sums.window_n.astype(np.float64)
        self._seen = sparse.hstack(
            [sparse.csr_array(found.sums.window_type.astype(np.float64)), found.sums.window_rater]
        ).tocsr()
        self._lower = self._reduced() if self._seen.shape[1] <= DENSE else None

    def _reduced(self) -> Floats:
        """Return the triangular factor of the equations of kinds of visit and raters."""
        sums, system, own = self._fit.sums, self._fit.system, self._fit.own
        seen = self._seen.toarray()
        kinds, size = len(own.types), seen.shape[1]
        left = np.zeros((size, size))
        left[:kinds, :kinds] = np.diag(sums.type_n)
        left[kinds:, :kinds] = sums.rater_type
        left[:kinds, kinds:] = sums.rater_type.T
        left[kinds:, kinds:] = np.diag(sums.rater_n + system.ratios.rater / RATIO)
        scaled = seen / np.sqrt(self._n + self._window)[:, None]
        left -= scaled.T @ scaled
        nesting = sparse.csr_array(
            (system.kept, (own.unit_of, np.arange(len(own.unit_of)))),
            shape=(len(own.units), len(own.unit_of)),
        )
        units = (nesting @ seen) / np.sqrt(system.depth)[:, None]
        left -= units.T @ units
        return np.asarray(linalg.cholesky(left, lower=True))

    def _independent(self, rows: Floats) -> Floats:
        """Return the errors that kinds of visit and raters bring in, as independent ones."""
        across = np.sqrt(self._variance) * rows.T
        if self._lower is not None:
            return np.asarray(linalg.solve_triangular(self._lower, across, lower=True))
        alone = np.concatenate([self._fit.sums.type_n, self._fit.system.easy])
        return np.asarray(across / np.sqrt(alone)[:, None])

    def known(self, kind: Kind, found: Mapping[str, Figure]) -> Known:
        """Return the errors of all visited subjects of a kind."""
        subjects = [
            _Subject(key, number, rows, shares)
            for number, places in enumerate(self._by_unit.values())
            for key, rows, shares in _subjects(kind, places)
        ]
        kept, depth = self._fit.system.kept, self._fit.system.depth[self._fit.own.unit_of]
        inside = self._n + self._window
        variance = self._variance
        shrunken, plain, own, lift, noise = [], [], [], [], []
        for each in subjects:
            rows, shares = each.rows, each.shares
            left = float((shares * kept[rows]).sum())
            whole = float(depth[rows[0]])
            shrunken.append(left * kept[rows] / whole + shares / inside[rows])
            plain.append(shares / self._n[rows])
            own.append(variance * float((shares**2 / inside[rows]).sum()))
            lift.append(left * float(np.sqrt(variance / whole)))
            noise.append(variance * float((shares**2 / self._n[rows]).sum()))
        if kind is Kind.UNIT:  # nobody else takes from the same unit
            own = [alone + each**2 for alone, each in zip(own, lift, strict=True)]
            lift = [0.0] * len(lift)
        base = self._bases([found[each.key].form for each in subjects])
        return Known(
            keys={each.key: i for i, each in enumerate(subjects)},
            own=np.array(own),
            unit=np.array([each.unit for each in subjects], dtype=np.int64),
            lift=np.array(lift),
            common=self._independent(base - self._weighed(subjects, shrunken)),
            raw=self._independent(base - self._weighed(subjects, plain)),
            noise=np.array(noise),
        )

    def _weighed(self, subjects: Sequence[_Subject], weights: Sequence[Floats]) -> Floats:
        """Return how each kind of visit and each rater enters a subject's adjusted mean."""
        sizes = [len(each.rows) for each in subjects]
        matrix = sparse.csr_array(
            (
                np.concatenate(weights),
                np.concatenate([each.rows for each in subjects]),
                np.concatenate([[0], np.cumsum(sizes)]),
            ),
            shape=(len(subjects), len(self._n)),
        )
        return np.asarray((matrix @ self._seen).toarray())

    def _bases(self, forms: Sequence[str]) -> Floats:
        """Return how each kind of visit enters the mean that a subject's score starts from."""
        names = self._fit.own.types
        counts = self._fit.sums.type_n
        rows: dict[str, Floats] = {}
        for form in set(forms):
            row = np.zeros(self._seen.shape[1])
            own = [i for i, name in enumerate(names) if name.partition(":")[0] == form]
            row[own] = counts[own] / counts[own].sum()
            rows[form] = row
        return np.stack([rows[form] for form in forms])


class _Subject(NamedTuple):
    key: str
    unit: int
    rows: Ints
    shares: Floats


def _subjects(kind: Kind, places: Sequence[Window]) -> Iterator[tuple[str, Ints, Floats]]:
    """Yield who of a unit is listed, with its windows' shares in the score."""
    rows = np.array([each.row for each in places], dtype=np.int64)
    if kind is Kind.UNIT:
        weights = np.array([each.part.weight for each in places], dtype=np.float64)
        yield places[0].unit, rows, weights / weights.sum()
        return
    for each, shares in zip(places, np.eye(len(places)), strict=True):
        if each.named:
            yield each.key, rows, shares


def intervals(known: Known) -> dict[str, int]:
    """Return the half-width of each subject's 95 % interval in whole hundredths, rounded up."""
    variance = known.own + known.lift**2 + (known.common**2).sum(axis=0)
    widths = np.ceil(_WIDTH * np.sqrt(variance)).astype(np.int64).tolist()
    return dict(zip(known.keys, widths, strict=True))


def beliefs(known: Known, found: Mapping[str, Figure], keys: Sequence[str]) -> Beliefs:
    """Return what is known of the subjects of one list, as whole numbers.

    What moves all of them alike changes no place: common errors are taken off their mean.
    """
    at = np.array([known.keys[key] for key in keys], dtype=np.int64)
    means = np.array([round(found[key].value * FINE) for key in keys], dtype=np.float64)
    common = FINE * known.common[:, at]
    common -= common.mean(axis=1, keepdims=True)
    own, lift = FINE**2 * known.own[at], FINE * known.lift[at]
    same = known.unit[at]
    if len(keys) <= TOGETHER:
        covariance = common.T @ common + (same[:, None] == same[None, :]) * np.outer(lift, lift)
        covariance[np.diag_indices(len(keys))] += own
        return Beliefs(means, factor(covariance), np.zeros(len(keys)))
    units, column = np.unique(same, return_inverse=True)
    shared = np.zeros((len(keys), len(units) if lift.any() else 0))
    if lift.any():
        shared[np.arange(len(keys)), column] = np.rint(lift)
    return Beliefs(means, shared, np.rint(np.sqrt(own + (common**2).sum(axis=0))))


def plain(
    known: Known, found: Mapping[str, Figure], keys: Sequence[str]
) -> tuple[list[int], Floats]:
    """Return the means of one list before they are shrunken, and the variances of their errors."""
    at = np.array([known.keys[key] for key in keys], dtype=np.int64)
    means = [FINE * (sum(step.points for step in found[key].story[:4])) for key in keys]
    common = known.raw[:, at]
    common = common - common.mean(axis=1, keepdims=True)
    return means, FINE**2 * (known.noise[at] + (common**2).sum(axis=0))
