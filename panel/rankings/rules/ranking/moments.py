"""Variances by moments: four sums of squares, what they expect, and ratios in whole numbers.

For each grouping (none, units, windows, raters) the squares within its groups, freed from kinds of
visit, expect a known mixture of the four variances (Henderson 1953; Gao & Owen 2020). Everything is
counted in whole numbers and fractions, so that ratios come out alike on every machine and in every
order of raters. The cost grows with the number of cells, not of visits.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from math import isqrt
from typing import Final, NamedTuple

import numpy as np

from panel.rankings.rules.ranking.design import Design, Ints, Matrix, Sums, within
from panel.rankings.rules.ranking.recompute import RATIO

FACTORS: Final = ("unit", "window", "rater")
LARGEST, SMALLEST = 10_000, Fraction(1, 100)
"""A variance that is not there at all gets the largest ratio; sheets always differ a little."""
_DIGITS: Final = 1000
_FINE: Final = 1 << 40
_SHARE: Final = 1 << 20
_SINGULAR: Final = Fraction(1, 1 << 24)

Square = list[list[Fraction]]


class Variances(NamedTuple):
    """Variances in hundredths squared, as the moments give them."""

    residual: Fraction
    unit: Fraction
    window: Fraction
    rater: Fraction


class Ratios(NamedTuple):
    """Residual variance in times of the others', three figures, in thousandths."""

    unit: int
    window: int
    rater: int


class _Equation(NamedTuple):
    squares: Fraction
    expects: Mapping[str, Fraction]


class _Groups(NamedTuple):
    """One grouping: visits, sums and kinds of visit by group; and pairs with the other factors."""

    n: list[int]
    totals: list[int]
    kinds: Ints
    by_kind: list[int]
    """Sum of all scores by kind of visit."""
    pairs: Mapping[str, Matrix | None]
    """Visits by group and level of a factor; None where the group lies within one level."""


def variances(own: Design, sums: Sums) -> Variances:
    """Solve the four equations; a factor that would be negative or can't be told is left out."""
    equations = _equations(own, sums)
    tells: dict[str, str] = {"unit": "none", "window": "unit", "rater": "rater"}
    base = "window"
    if not equations["window"].expects["residual"]:  # no window was seen twice
        base = "unit" if equations["unit"].expects["residual"] else "none"
        tells = {"unit": "none", "rater": "rater"} if base == "unit" else {}
    while True:
        names, rows = ["residual", *tells], [base, *tells.values()]
        matrix = [[equations[row].expects[name] for name in names] for row in rows]
        solution: list[Fraction | None] = _solved(matrix, [equations[row].squares for row in rows])
        found = dict(zip(names, solution, strict=True))
        wrong = [name for name in tells if found[name] is None]
        wrong = wrong or [name for name in tells if (found[name] or 0) < 0]
        if not wrong:
            return Variances(*(max(found.get(k) or Fraction(), Fraction())
                               for k in Variances._fields))  # fmt: skip
        del tells[min(wrong, key=lambda name: found[name] or Fraction())]


def ratios(found: Variances) -> Ratios:
    """Round the ratios to three figures."""
    return Ratios(*(_ratio(found.residual, getattr(found, name)) for name in FACTORS))


def deviation(variance: Fraction) -> int:
    """Return the standard deviation in whole hundredths."""
    return (isqrt(int(variance * 4)) + 1) // 2


def _ratio(residual: Fraction, variance: Fraction) -> int:
    value = residual / variance if variance > 0 else Fraction(LARGEST)
    value = min(max(value, SMALLEST), Fraction(LARGEST))
    unit = Fraction(1)
    while value >= unit * _DIGITS:
        unit *= 10
    while value < unit * _DIGITS / 10:
        unit /= 10
    rounded = int(value / unit + Fraction(1, 2)) * unit
    return max(int(rounded * RATIO + Fraction(1, 2)), 1)


def _equations(own: Design, sums: Sums) -> dict[str, _Equation]:
    units = len(own.units)
    nesting = within(own, np.ones(len(own.unit_of)))
    unit_rater = (nesting @ sums.window_rater).tocsr()
    tables = {
        "unit": (nesting @ sums.window_type.astype(np.float64)).astype(np.int64),
        "window": sums.window_type,
        "rater": sums.rater_type,
    }
    unit_n = np.bincount(own.unit_of, sums.window_n.astype(np.float64), units).astype(np.int64)
    unit_total = np.bincount(own.unit_of, sums.window_total.astype(np.float64), units)
    by_kind = sums.type_total.tolist()
    inside = within(own, sums.window_n.astype(np.float64))
    groupings = {
        "unit": _Groups(
            unit_n.tolist(), unit_total.astype(np.int64).tolist(), tables["unit"], by_kind,
            {"unit": None, "window": inside, "rater": unit_rater},
        ),
        "window": _Groups(
            sums.window_n.tolist(), sums.window_total.tolist(), tables["window"], by_kind,
            {"unit": None, "window": None, "rater": sums.window_rater},
        ),
        "rater": _Groups(
            sums.rater_n.tolist(), sums.rater_total.tolist(), tables["rater"], by_kind,
            {"unit": unit_rater.T.tocsr(), "window": sums.rater_window, "rater": None},
        ),
    }  # fmt: skip
    squares = int(own.squares.sum())
    found = {name: _grouped(each, tables, squares) for name, each in groupings.items()}
    return {"none": _ungrouped(sums, tables, squares), **found}


def _ungrouped(sums: Sums, tables: Mapping[str, Ints], squares: int) -> _Equation:
    """Return the squares around the mean of each kind of visit."""
    kinds = [(int(n), int(y)) for n, y in zip(sums.type_n, sums.type_total, strict=True) if n]
    visits = sum(n for n, _ in kinds)
    left = squares - sum((Fraction(y * y, n) for n, y in kinds), Fraction())
    expects = {"residual": Fraction(visits - len(kinds))}
    counts = sums.type_n.tolist()
    for name, table in tables.items():
        shared = (table.astype(object) ** 2).sum(axis=0).tolist()
        off = (Fraction(int(s), n) for s, n in zip(shared, counts, strict=True) if n)
        expects[name] = visits - sum(off, Fraction())
    return _Equation(left, expects)


def _grouped(groups: _Groups, tables: Mapping[str, Ints], squares: int) -> _Equation:
    """Return the squares within groups, freed from kinds of visit."""
    seen = [(n, y) for n, y in zip(groups.n, groups.totals, strict=True) if n]
    visits = sum(n for n, _ in seen)
    left = squares - Fraction(sum(y * y * _FINE // n for n, y in seen), _FINE)
    kinds, toward = _kinds(groups)
    inverse, rank = _pseudo_inverse(kinds)
    left -= _form(inverse, toward, toward)
    expects = {"residual": Fraction(visits - len(seen) - rank)}
    n = np.array(groups.n, dtype=np.int64)
    for name, pairs in groups.pairs.items():
        if pairs is None:
            expects[name] = Fraction()
            continue
        inside = np.bincount(_rows(pairs), pairs.data**2, pairs.shape[0]).astype(np.int64)
        shared = sum(s * _FINE // m for s, m in zip(inside.tolist(), groups.n, strict=True) if m)
        expects[name] = visits - Fraction(shared, _FINE)
        if rank:
            share = (groups.kinds * _SHARE // np.maximum(n, 1)[:, None]).astype(np.float64)
            rest = tables[name] * _SHARE - (pairs.T @ share).astype(np.int64)
            expects[name] -= _spread(inverse, rest)
    return _Equation(left, expects)


def _rows(pairs: Matrix) -> Ints:
    return np.repeat(np.arange(pairs.shape[0]), np.diff(pairs.indptr))


def _kinds(groups: _Groups) -> tuple[Square, list[Fraction]]:
    """Return the squares and products of kinds of visit within groups, and theirs with scores."""
    rows = groups.kinds.tolist()
    size = len(rows[0])
    square = [[0] * size for _ in range(size)]
    toward = [0] * size
    for row, n, y in zip(rows, groups.n, groups.totals, strict=True):
        for i, x in enumerate(row):
            if not x:
                continue
            square[i][i] += x * _FINE
            toward[i] -= x * y * _FINE // n
            for j, z in enumerate(row):
                square[i][j] -= x * z * _FINE // n
    return [[Fraction(v, _FINE) for v in row] for row in square], [
        Fraction(v, _FINE) + y for v, y in zip(toward, groups.by_kind, strict=True)
    ]


def _pseudo_inverse(square: Square) -> tuple[Square, int]:
    """Invert the part of a symmetric matrix that can be; the rest stays zero."""
    size = len(square)
    kept: list[int] = []
    work = [row[:] for row in square]
    for k in range(size):
        if work[k][k] <= _SINGULAR * max(square[k][k], Fraction(1)):
            continue
        kept.append(k)
        for i in range(k + 1, size):
            factor = work[i][k] / work[k][k]
            work[i] = [a - factor * b for a, b in zip(work[i], work[k], strict=True)]
    part = [[square[i][j] for j in kept] for i in kept]
    found = [[Fraction()] * size for _ in range(size)]
    for column, target in enumerate(kept):
        unit = [Fraction(int(i == column)) for i in range(len(kept))]
        for row, value in zip(kept, _solved(part, unit), strict=True):
            found[row][target] = value or Fraction()
    return found, len(kept)


def _solved(matrix: Sequence[Sequence[Fraction]], right: Sequence[Fraction]
            ) -> list[Fraction | None]:  # fmt: skip
    """Solve by elimination; an unknown that nothing tells is None."""
    work = [[*row, value] for row, value in zip(matrix, right, strict=True)]
    size = len(work)
    free: list[int] = list(range(size))
    pivots: dict[int, int] = {}
    for k in range(size):
        best = max(free, key=lambda i: abs(work[i][k]), default=None)
        scale = max((abs(row[k]) for row in matrix), default=Fraction())
        if best is None or abs(work[best][k]) <= _SINGULAR * scale:
            continue
        pivots[k] = best
        free.remove(best)
        for i in range(size):
            if i != best and work[i][k]:
                factor = work[i][k] / work[best][k]
                work[i] = [a - factor * b for a, b in zip(work[i], work[best], strict=True)]
    return [work[pivots[k]][-1] / work[pivots[k]][k] if k in pivots else None for k in range(size)]


def _form(square: Square, left: Sequence[Fraction], right: Sequence[Fraction]) -> Fraction:
    return sum(
        (a * square[i][j] * b for i, a in enumerate(left) for j, b in enumerate(right) if a and b),
        Fraction(),
    )


def _spread(inverse: Square, rest: Ints) -> Fraction:
    """Return the trace of the inverse times the squares and products of the rows."""
    rows = rest.astype(object)
    product = (rows.T @ rows).tolist()
    size = len(inverse)
    return sum(
        (inverse[i][j] * Fraction(product[i][j], _SHARE**2) for i in range(size)
         for j in range(size)), Fraction(),
    )  # fmt: skip
