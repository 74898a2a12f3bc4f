"""A later edition of lists that were told before: what was estimated then stays.

Estimated anew, one sheet less would move the severity of its rater, and with it the published sums
of every other window that this rater saw: two editions side by side would tell where. So severity,
kinds of visit, ratios and what they leave open stay as they were first told, and only windows whose
own sheets changed get other sums.

From round to round of a year ratios and kinds of visit are estimated anew, but the sheets of an
earlier round keep the severity that they were first told with: what a further round moves in the
sum of a window are its own new sheets, and kinds of visit, whose means are published.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np

from panel import score
from panel.rankings.rules.ranking import crossed
from panel.rankings.rules.ranking.crossed import SCALE, Fit
from panel.rankings.rules.ranking.design import Floats, Ints, design, sums
from panel.rankings.rules.ranking.posterior import Known
from panel.rankings.rules.ranking.solving import STEP, Solution, System, Whole
from panel.rankings.types.ranking import Cell

GROUPS: Final = 2
"""Groups of nine digits of a severity that is kept: no machine rounds a sum otherwise then."""
_MOST: Final = crossed.GROUPS
_Severity = Mapping[str, int]


def held(first: Fit, cells: Sequence[Cell]) -> Fit:
    """Return what cells give by the severity, kinds of visit and ratios of an earlier fit.

    Whoever was not there then is taken for neither severe nor mild.
    """
    own = design(cells)
    counts = sums(own)
    system = System(own, counts, first.system.ratios)
    types, raters = _numbers(first.own.types), _numbers(first.own.raters)
    known = [
        (_taken(each.types, types, own.types), _taken(each.raters, raters, own.raters))
        for each in first.solution.digits
    ]
    units, windows = _nested(system, first.center, *known[0])
    digits = tuple(
        Whole(kinds, units if not i else units * 0, windows if not i else windows * 0, severity)
        for i, (kinds, severity) in enumerate(known)
    )
    solution = Solution(digits, first.solution.left)
    adjusted = crossed.adjusted(system, first.center, solution)
    names = {*own.types, *(each.partition(":")[0] for each in own.types)}
    middle = dict.fromkeys(sorted(names - first.types.keys()), first.center * SCALE)
    return Fit(
        own, counts, first.variances, system, first.center, solution, first.error, adjusted,
        {**middle, **first.types},
    )  # fmt: skip


def _numbers(names: Sequence[str]) -> dict[str, int]:
    return {name: i for i, name in enumerate(names)}


def _taken(values: Ints, at: Mapping[str, int], names: Sequence[str]) -> Ints:
    found = [int(values[at[name]]) if name in at else 0 for name in names]
    return np.array(found, dtype=np.int64)


def _nested(system: System, center: int, types: Ints, raters: Ints) -> tuple[Ints, Ints]:
    """Return the effects of units and windows, given those of kinds of visit and raters."""
    counts, one = system.sums, 10.0**STEP
    freed = counts.window_type @ types + counts.window_rater.astype(np.int64) @ raters
    right = (counts.window_total - center * counts.window_n) - freed / one
    found = system.nested(system.of_units(right), right)
    units, windows = (np.rint(each * one).astype(np.int64) for each in found)
    return units, windows


def held_known(first: Known, now: Known) -> Known:
    """Return the errors of a held fit: what raters leave open is told as it was first.

    Who was not listed then has it as an error of its own.
    """
    at = [first.keys.get(key) for key in now.keys]

    def columns(old: Floats) -> Floats:
        found = np.zeros((len(old), len(at)))
        for i, place in enumerate(at):
            if place is not None:
                found[:, i] = old[:, place]
        return found

    new = np.array([place is None for place in at])
    return now._replace(
        own=now.own + new * (now.common**2).sum(axis=0),
        noise=now.noise + new * (now.raw**2).sum(axis=0),
        common=columns(first.common),
        raw=columns(first.raw),
    )


def kept(found: Fit, cells: Sequence[Cell], before: Sequence[Sequence[Cell]]) -> Fit:
    """Return a fit by which the sheets of earlier rounds keep the severity first told with them.

    ``before`` are the cells of what was told, the oldest first. Whoever was not there then is taken
    for neither severe nor mild, as in a correction. A fit that was held has digits enough already.
    """
    told = _told(before)
    old = [cell for cell in cells if cell.period in told]
    if not old:
        return found
    if len(found.solution.digits) < GROUPS:
        found = crossed.finer(found, GROUPS)
    own, digits = found.own, len(found.solution.digits)
    now = _severity(found)
    rows = {key: i for i, key in enumerate(_rows(found))}
    more = [0] * len(own.n)
    for cell in old:
        row = rows[cell.rater, (cell.unit, cell.window), cell.type]
        more[row] += cell.n * (told[cell.period].get(cell.rater, 0) - now[cell.rater])
    one = 10 ** (STEP * _MOST)
    scale = 10 ** (STEP * (_MOST - digits))
    sums = [each * scale for each in crossed.freed(found.system, found.center, found.solution)]
    for window, value in zip(own.window.tolist(), more, strict=True):
        sums[window] -= value
    return found._replace(
        adjusted=tuple(score.half_up(SCALE * each, one) for each in sums),
        kept=np.array([each / one for each in more]),
    )


def _told(before: Sequence[Sequence[Cell]]) -> dict[str, _Severity]:
    """Return the severity of each rater as it was when a round was told first, by round."""
    found: dict[str, _Severity] = {}
    for cells in before:
        fresh = {cell.period for cell in cells} - found.keys()
        if fresh:
            found |= dict.fromkeys(fresh, _severity(crossed.finer(crossed.fit(cells), GROUPS)))
    return found


def _severity(found: Fit) -> _Severity:
    """Return the severity of each rater, in the last digit that any solution has."""
    digits = found.solution.digits
    scale = 10 ** (STEP * (_MOST - len(digits)))
    values = crossed.joined([each.raters.tolist() for each in digits])
    return {name: value * scale for name, value in zip(found.own.raters, values, strict=True)}


def _rows(found: Fit) -> list[tuple[str, tuple[str, str | None], str]]:
    """Return rater, window and kind of visit of each cell of a design."""
    own = found.own
    return [
        (own.raters[rater], own.windows[window], own.types[kind])
        for rater, window, kind in zip(
            own.rater.tolist(), own.window.tolist(), own.type.tolist(), strict=True
        )
    ]
