"""A later edition of lists that were told before: what was estimated then stays.

Estimated anew, one sheet less would move the severity of its rater, and with it the published sums
of every other window that this rater saw: two editions side by side would tell where. So severity,
kinds of visit, ratios and what they leave open stay as they were first told, and only windows whose
own sheets changed get other sums.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from panel.rankings.rules.ranking import crossed
from panel.rankings.rules.ranking.crossed import SCALE, Fit
from panel.rankings.rules.ranking.design import Floats, Ints, design, sums
from panel.rankings.rules.ranking.posterior import Known
from panel.rankings.rules.ranking.solving import STEP, Solution, System, Whole
from panel.rankings.types.ranking import Cell


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
