"""Rankings by the mean of window means: exact fractions, rounded once, ties shared."""

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from math import isqrt
from typing import Final, NamedTuple

from panel import chance, score
from panel.rankings.types.ranking import (
    Cell,
    Entry,
    Kind,
    Method,
    Naming,
    RankList,
    Scope,
    Sheet,
    Standing,
    Subject,
)

_WIDTH: Final = Fraction(196, 100) ** 2  # 95 % of a normal distribution, squared


class _Sum(NamedTuple):
    n: int
    total: int
    squares: int


class _Estimate(NamedTuple):
    n: int
    raters: int
    score: int | None
    spread: int | None


def aggregate(sheets: Iterable[Sheet]) -> tuple[Cell, ...]:
    """Sum sheets by window and rater; the order of the sheets changes nothing."""
    sums: dict[tuple[str, str | None, str], list[int]] = defaultdict(lambda: [0, 0, 0])
    for sheet in sheets:
        cell = sums[sheet.unit, sheet.window, sheet.rater]
        cell[0] += 1
        cell[1] += sheet.score
        cell[2] += sheet.score * sheet.score
    ordered = sorted(sums.items(), key=lambda item: (item[0][0], item[0][1] or "", item[0][2]))
    return tuple(Cell(*key, *values) for key, values in ordered)


def rank(
    kind: Kind,
    subjects: Sequence[Subject],
    cells: Sequence[Cell],
    naming: Naming,
    method: Method = Method.MEAN_OF_WINDOW_MEANS,
) -> tuple[RankList, ...]:
    """List every subject of each peer group, or of the city, with its place (methods.md 1, 2).

    Whoever stays under the minimums is listed without a place. Equal after rounding to 0.01 share
    a place and the next is skipped. Top and bottom lists hold the list size, but at most the share
    of the ranked; a tie over the cut names all, and who would stand in both stands in neither.
    """
    if len({subject.key for subject in subjects}) != len(subjects):
        message = "a subject stands twice"
        raise ValueError(message)
    if any(cell.n < 1 or cell.n * cell.squares < cell.total**2 for cell in cells):
        message = "the sums of a cell contradict each other"
        raise ValueError(message)
    match method:
        case Method.MEAN_OF_WINDOW_MEANS:
            found = _mean_of_window_means(kind, subjects, cells)
    lists: dict[str, list[Subject]] = defaultdict(list)
    for subject in subjects:
        lists[subject.group if naming.scope is Scope.PEER_GROUP else ""].append(subject)
    return tuple(
        _list(kind, method, group, members, found, naming)
        for group, members in sorted(lists.items())
    )


def lowest(entries: Iterable[Entry], places: int) -> tuple[Entry, ...]:
    """Return the entries on the last places of a list, the lowest first, ties included."""
    low = [
        entry
        for entry in entries
        if entry.place_from_below is not None and entry.place_from_below <= places
    ]
    return tuple(sorted(low, key=lambda entry: (entry.place_from_below or 0, entry.key)))


def input_hash(
    kind: Kind, subjects: Sequence[Subject], cells: Sequence[Cell], naming: Naming, method: Method
) -> str:
    """Return the hash of everything that a ranking depends on, in any order of entry."""
    return chance.digest(
        {
            "kind": kind,
            "method": method,
            "naming": [
                naming.scope,
                naming.minimum_visits,
                naming.minimum_raters,
                naming.list_size,
                naming.share_percent,
                naming.gate,
            ],
            "subjects": sorted([each.key, each.group, each.ranked] for each in subjects),
            "cells": [
                [cell.unit, cell.window, cell.rater, cell.n, cell.total, cell.squares]
                for cell in sorted(cells, key=lambda c: (c.unit, c.window or "", c.rater))
            ],
        }
    )


def _mean_of_window_means(
    kind: Kind, subjects: Sequence[Subject], cells: Sequence[Cell]
) -> dict[str, _Estimate]:
    """Estimate each subject: windows count alike in a unit, however often they were visited."""
    by_subject: dict[str, list[Cell]] = defaultdict(list)
    for cell in cells:
        key = cell.unit if kind is Kind.UNIT else cell.window
        if key is not None:
            by_subject[key].append(cell)
    noise = _variance_within(cells)
    return {each.key: _estimate(by_subject.get(each.key, ()), noise) for each in subjects}


def _estimate(cells: Sequence[Cell], noise: Fraction | None) -> _Estimate:
    windows = _by_window(cells)
    if not windows:
        return _Estimate(0, 0, None, None)
    count = len(windows)
    mean = sum((Fraction(each.total, each.n) for each in windows.values()), Fraction()) / count
    spread = None
    if noise is not None:
        variance = noise * sum(Fraction(1, each.n) for each in windows.values()) / count**2
        spread = _root_up(variance * _WIDTH)
    return _Estimate(
        sum(each.n for each in windows.values()),
        len({cell.rater for cell in cells}),
        score.rounded(mean),
        spread,
    )


def _by_window(cells: Iterable[Cell]) -> dict[tuple[str, str | None], _Sum]:
    sums: dict[tuple[str, str | None], _Sum] = {}
    for cell in cells:
        n, total, squares = sums.get((cell.unit, cell.window), _Sum(0, 0, 0))
        sums[cell.unit, cell.window] = _Sum(n + cell.n, total + cell.total, squares + cell.squares)
    return sums


def _variance_within(cells: Iterable[Cell]) -> Fraction | None:
    """Return the variance of sheets at one window, pooled; None where no window was seen twice."""
    windows = _by_window(cells).values()
    freedom = sum(each.n - 1 for each in windows)
    if not freedom:
        return None
    off = sum((each.squares - Fraction(each.total**2, each.n) for each in windows), Fraction())
    return off / freedom


def _root_up(value: Fraction) -> int:
    """Return the square root, rounded up: an interval is never told narrower than it is."""
    whole = -(-value.numerator // value.denominator)
    root = isqrt(whole)
    return root if root * root == whole else root + 1


def _list(  # noqa: PLR0917 - what a list is made of
    kind: Kind,
    method: Method,
    group: str,
    members: Sequence[Subject],
    found: Mapping[str, _Estimate],
    naming: Naming,
) -> RankList:
    standings = {each.key: _standing(each, found[each.key], naming) for each in members}
    scores = sorted(
        value
        for each in members
        if standings[each.key] is Standing.RANKED and (value := found[each.key].score) is not None
    )
    size = min(naming.list_size, len(scores) * naming.share_percent // 100)
    entries = [
        _entry(each, found[each.key], standings[each.key], scores, size, naming.gate)
        for each in members
    ]
    entries.sort(key=lambda entry: (entry.place is None, entry.place or 0, entry.key))
    return RankList(kind, method, group, len(scores), size, size, tuple(entries))


def _standing(subject: Subject, found: _Estimate, naming: Naming) -> Standing:
    if not subject.ranked:
        return Standing.NOT_RANKED
    enough = found.n >= naming.minimum_visits and found.raters >= naming.minimum_raters
    return Standing.RANKED if enough and found.score is not None else Standing.INSUFFICIENT


def _entry(  # noqa: PLR0917 - what a line is made of
    subject: Subject,
    found: _Estimate,
    standing: Standing,
    scores: Sequence[int],
    size: int,
    gate: int,
) -> Entry:
    place = below = None
    top = bottom = under = False
    if standing is Standing.RANKED and found.score is not None:
        place = 1 + len(scores) - bisect_right(scores, found.score)
        below = 1 + bisect_left(scores, found.score)
        top, bottom = place <= size < below, below <= size < place
        under = found.score < gate
    return Entry(
        key=subject.key,
        group=subject.group,
        n=found.n,
        raters=found.raters,
        score=found.score,
        spread=found.spread,
        place=place,
        place_from_below=below,
        standing=standing,
        in_top=top,
        in_bottom=bottom,
        under_gate=under,
    )
