"""The smallest relaxation found by fractions and proved by a whole panel.

Fractions can only be cheaper than whole people. So where they bend every row by whole numbers and
a whole panel keeps the bent rows, nothing cheaper exists, and thousands of types take a fraction of
a second. Where that fails, the integer programme of ``types_model.bend`` decides.
"""

from typing import NamedTuple

import numpy as np

from panel.recruitment.rules import types_model
from panel.recruitment.rules.lottery.rounding import Bounds, Dice, Rounder
from panel.recruitment.rules.lottery.solver import Floats, Programme, Whole
from panel.recruitment.rules.types_model import Elastic, Model

_SMALL = 1e-6


class _Fractions(NamedTuple):
    people: Floats
    short: Whole
    over: Whole


def bend(model: Model, lowering: dict[str, int], raising: dict[str, int]) -> Elastic | None:
    """Find the cheapest total bending of the named rows (price per unit), None if not enough."""
    if all(row.lower <= row.upper for row in model.rows):
        fractions = _fractions(model, lowering, raising)
        if fractions is None:
            return None  # what fractions cannot do, whole people cannot
        found = _proved(model, fractions)
        if found is not None:
            return found
    return types_model.bend(model, lowering, raising)


def never(model: Model) -> Whole:
    """Return the types of which no panel takes anybody, not even by fractions."""
    from panel.recruitment.rules.lottery import leximin

    rows = types_model.matrix(model.rows, len(model.members))
    lower = np.array([row.lower for row in model.rows], dtype=np.float64)
    upper = np.array([row.upper for row in model.rows], dtype=np.float64)
    out = leximin.impossible(rows, lower, upper, model.sizes, model.rows[0].upper)
    return np.flatnonzero(out).astype(np.int64)


def _fractions(
    model: Model, lowering: dict[str, int], raising: dict[str, int]
) -> _Fractions | None:
    """Solve with slacks; slacks that are not whole come back rounded up and prove nothing."""
    from scipy import sparse

    count, kinds = len(model.rows), len(model.members)
    # The name of an address may be the name of a quota: it never bends.
    names = ["" if row.shared else row.name for row in model.rows]
    lower = np.array([row.lower for row in model.rows], dtype=np.float64)
    upper = np.array([row.upper for row in model.rows], dtype=np.float64)
    reach = [
        np.array([float(names[i] in prices) * most for i, most in enumerate(limits)])
        for prices, limits in ((lowering, lower), (raising, [model.sizes.sum()] * count))
    ]
    each = sparse.eye_array(count)
    programme = Programme(
        sparse.hstack([types_model.matrix(model.rows, kinds), each, -each]),
        lower,
        upper,
        np.concatenate([model.sizes, *reach]),
        np.array([0.0] * kinds + [float(p.get(n, 0)) for p in (lowering, raising) for n in names]),
    )
    found = programme.solve()
    if found is None:
        return None
    slacks = np.ceil(found[kinds:] - _SMALL).astype(np.int64)
    whole = np.abs(slacks - found[kinds:]) < _SMALL
    people = found[:kinds] if whole.all() else np.full(kinds, -1.0)
    return _Fractions(people, slacks[:count], slacks[count:])


def _proved(model: Model, found: _Fractions) -> Elastic | None:
    """Look for a whole panel that keeps the bent rows."""
    if found.people.min(initial=0.0) < -_SMALL:
        return None
    kinds = len(model.members)
    plain = np.array([not row.shared for row in model.rows])
    lower = np.array([row.lower for row in model.rows], dtype=np.int64) - found.short
    upper = np.array([row.upper for row in model.rows], dtype=np.int64) + found.over
    rows = types_model.matrix(model.rows, kinds)
    rounder = Rounder(rows[plain], rows[~plain], np.arange(kinds))
    columns = Bounds(np.zeros(kinds, dtype=np.int64), model.sizes.astype(np.int64))
    bounds = Bounds(lower[plain], upper[plain])
    rare = Bounds(lower[~plain], upper[~plain])
    whole = rounder.settled(found.people, columns, bounds, rare, Dice("", "bending"))
    if whole is None:
        return None
    names = [row.name for row in model.rows]
    lowered, raised = (
        {names[i]: int(by[i]) for i in np.flatnonzero(by)} for by in (found.short, found.over)
    )
    return Elastic(tuple(int(each) for each in whole), lowered, raised)
