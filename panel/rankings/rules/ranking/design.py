"""The cells as arrays of whole numbers, in an order that no label of a rater decides."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from scipy import sparse

from panel.rankings.types.ranking import Cell

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Matrix = Any
"""A sparse matrix of scipy, which has no types."""


class Design(NamedTuple):
    """Merged cells by rater, window and kind of visit; whatever is named is numbered here.

    Raters are ordered by a digest of what they gave: another label changes nothing, not even the
    last bit of a sum of floats.
    """

    units: tuple[str, ...]
    windows: tuple[tuple[str, str | None], ...]
    """Unit and window; a unit without windows has one with no name."""
    types: tuple[str, ...]
    raters: tuple[str, ...]
    unit_of: Ints
    rater: Ints
    window: Ints
    type: Ints
    n: Ints
    total: Ints
    squares: Ints


def design(cells: Sequence[Cell]) -> Design:
    """Give numbers to all names and merge cells that have all names in common."""
    windows = sorted({(cell.unit, cell.window) for cell in cells}, key=lambda w: (w[0], w[1] or ""))
    units = sorted({unit for unit, _ in windows})
    types = sorted({cell.type for cell in cells})
    raters = sorted({cell.rater for cell in cells})
    place = {window: i for i, window in enumerate(windows)}
    kind = {name: i for i, name in enumerate(types)}
    who = {name: i for i, name in enumerate(raters)}
    unit = {name: i for i, name in enumerate(units)}
    count = len(cells)
    key = _column((who[cell.rater] for cell in cells), count) * len(windows)
    key += _column((place[cell.unit, cell.window] for cell in cells), count)
    key = key * len(types) + _column((kind[cell.type] for cell in cells), count)
    values = (
        _column((cell.n for cell in cells), count),
        _column((cell.total for cell in cells), count),
        _column((cell.squares for cell in cells), count),
    )
    found = _merged(key, values, (len(windows), len(types)))
    plain = Design(
        tuple(units), tuple(windows), tuple(types), tuple(raters),
        np.array([unit[name] for name, _ in windows], dtype=np.int64), *found,
    )  # fmt: skip
    return _ordered(plain)


def _column(values: Iterable[int], count: int) -> Ints:
    return np.fromiter(values, dtype=np.int64, count=count)


def _merged(key: Ints, values: Sequence[Ints], sizes: tuple[int, int]) -> tuple[Ints, ...]:
    """Sort by rater, window, kind and add up what has all three in common."""
    order = np.argsort(key, kind="stable")
    key = key[order]
    starts = np.flatnonzero(np.concatenate(([True], key[1:] != key[:-1])))
    sums = [np.add.reduceat(each[order], starts) for each in values]
    rest, kind = np.divmod(key[starts], sizes[1])
    rater, window = np.divmod(rest, sizes[0])
    return rater, window, kind, *sums


def _ordered(plain: Design) -> Design:
    """Give raters new numbers, by the digests of their cells."""
    table = np.stack([plain.window, plain.type, plain.n, plain.total, plain.squares], axis=1)
    table = table.astype("<i8")
    edges = np.searchsorted(plain.rater, np.arange(len(plain.raters) + 1))
    digests = [hashlib.sha256(table[a:b].tobytes()).digest() for a, b in pairwise(edges)]
    order = sorted(range(len(digests)), key=digests.__getitem__)
    index = np.concatenate([np.arange(edges[i], edges[i + 1]) for i in order])
    sizes = np.array([edges[i + 1] - edges[i] for i in order])
    return plain._replace(
        raters=tuple(plain.raters[i] for i in order),
        rater=np.repeat(np.arange(len(order)), sizes),
        window=plain.window[index],
        type=plain.type[index],
        n=plain.n[index],
        total=plain.total[index],
        squares=plain.squares[index],
    )


def changed(old: Design, cell: Cell, sign: int) -> Design:
    """Return the cells after one more sheet of known names, or (sign -1) without it.

    The raters keep their order, which certified figures do not depend on.
    """
    who, kind = old.raters.index(cell.rater), old.types.index(cell.type)
    place = old.windows.index((cell.unit, cell.window))
    start, end = np.searchsorted(old.rater, [who, who + 1])
    own = old.window[start:end] * len(old.types) + old.type[start:end]
    at = int(start + np.searchsorted(own, place * len(old.types) + kind))
    known = bool(at < end and old.window[at] == place and old.type[at] == kind)
    columns = [each.copy() for each in (old.n, old.total, old.squares)]
    keys = [old.rater, old.window, old.type]
    if not known:
        columns = [np.insert(each, at, 0) for each in columns]
        keys = [np.insert(e, at, v) for e, v in zip(keys, (who, place, kind), strict=True)]
    for column, value in zip(columns, (cell.n, cell.total, cell.squares), strict=True):
        column[at] += sign * value
    if columns[0][at] < 0:
        message = "no such sheet"
        raise ValueError(message)
    if columns[0][at] == 0:
        columns = [np.delete(each, at) for each in columns]
        keys = [np.delete(each, at) for each in keys]
    return old._replace(
        rater=keys[0], window=keys[1], type=keys[2],
        n=columns[0], total=columns[1], squares=columns[2],
    )  # fmt: skip


class Sums(NamedTuple):
    """Counts and sums of a design by window, kind of visit and rater; all of them exact."""

    window_rater: Matrix
    """Visits, as floats that are whole numbers; rows are windows."""
    rater_window: Matrix
    window_type: Ints
    rater_type: Ints
    window_n: Ints
    window_total: Ints
    rater_n: Ints
    rater_total: Ints
    type_n: Ints
    type_total: Ints


def sums(own: Design) -> Sums:
    """Add up a design."""
    shape = (len(own.windows), len(own.raters))
    n = own.n.astype(np.float64)
    pairs = _pairs(own)
    rater_window = sparse.csr_array(pairs, shape=shape[::-1])
    window_rater = rater_window.T.tocsr()
    return Sums(
        window_rater=window_rater,
        rater_window=rater_window,
        window_type=_table(own.window, own.type, n, (shape[0], len(own.types))),
        rater_type=_table(own.rater, own.type, n, (shape[1], len(own.types))),
        window_n=total(own.window, own.n, shape[0]),
        window_total=total(own.window, own.total, shape[0]),
        rater_n=total(own.rater, own.n, shape[1]),
        rater_total=total(own.rater, own.total, shape[1]),
        type_n=total(own.type, own.n, len(own.types)),
        type_total=total(own.type, own.total, len(own.types)),
    )


def within(own: Design, values: Floats) -> Matrix:
    """Return a table of units by windows, holding a value of each window."""
    places = np.arange(len(own.unit_of))
    shape = (len(own.units), len(own.windows))
    return sparse.csr_array((values, (own.unit_of, places)), shape=shape)


def moved(own: Design, before: Sums, cell: Cell, sign: int) -> Sums:
    """Return the sums after one more sheet of known names, or (sign -1) without it."""
    who, kind = own.raters.index(cell.rater), own.types.index(cell.type)
    place = own.windows.index((cell.unit, cell.window))
    n, total = sign * cell.n, sign * cell.total
    return Sums(
        window_rater=_nudged(before.window_rater, place, who, n),
        rater_window=_nudged(before.rater_window, who, place, n),
        window_type=_more(before.window_type, (place, kind), n),
        rater_type=_more(before.rater_type, (who, kind), n),
        window_n=_more(before.window_n, (place,), n),
        window_total=_more(before.window_total, (place,), total),
        rater_n=_more(before.rater_n, (who,), n),
        rater_total=_more(before.rater_total, (who,), total),
        type_n=_more(before.type_n, (kind,), n),
        type_total=_more(before.type_total, (kind,), total),
    )


def _more(values: Ints, at: tuple[int, ...], off: int) -> Ints:
    found = values.copy()
    found[at] += off
    return found


def _nudged(matrix: Matrix, row: int, column: int, off: int) -> Matrix:
    """Return a matrix with one number changed; zeros are not kept."""
    start, end = matrix.indptr[row], matrix.indptr[row + 1]
    at = int(start + np.searchsorted(matrix.indices[start:end], column))
    data, indices, pointers = matrix.data, matrix.indices, matrix.indptr
    if at == end or indices[at] != column:
        data, indices = np.insert(data, at, 0.0), np.insert(indices, at, column)
        pointers = pointers + (np.arange(len(pointers)) > row)
    else:
        data = data.copy()
    data[at] += off
    if not data[at]:
        data, indices = np.delete(data, at), np.delete(indices, at)
        pointers = pointers - (np.arange(len(pointers)) > row)
    return sparse.csr_array((data, indices, pointers), shape=matrix.shape)


def _pairs(own: Design) -> tuple[Floats, Ints, Ints]:
    """Return the counts by rater and window in the form of compressed rows."""
    key = own.rater * len(own.windows) + own.window
    starts = np.flatnonzero(np.concatenate(([True], key[1:] != key[:-1])))
    counts = np.add.reduceat(own.n, starts).astype(np.float64)
    pointers = np.searchsorted(own.rater[starts], np.arange(len(own.raters) + 1))
    return counts, own.window[starts], pointers.astype(np.int64)


def total(level: Ints, values: Ints, size: int) -> Ints:
    """Add up whole numbers by level; floats hold them exactly up to 2**53."""
    return np.bincount(level, values.astype(np.float64), size).astype(np.int64)


def _table(row: Ints, column: Ints, n: Floats, shape: tuple[int, int]) -> Ints:
    flat = np.bincount(row * shape[1] + column, n, shape[0] * shape[1])
    return flat.reshape(shape).astype(np.int64)
