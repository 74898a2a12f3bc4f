"""Whether the quotas can be met by these applicants, and if not, the smallest way out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from panel.recruitment.types.lottery import (
    Available,
    DrawPlan,
    Feasibility,
    PoolEntry,
    Relaxation,
)
from panel.score import half_up

if TYPE_CHECKING:
    from panel.recruitment.rules.types_model import Model, Row

_UNIT: Final = 1000  # the price of raising a maximum by one
_MUCH: Final = 1_000_000  # hard rows bend last, only to find out which of them is in the way


def feasibility(pool: Sequence[PoolEntry], plan: DrawPlan) -> Feasibility:
    """Tell whether a panel exists; name the quotas in the way and the smallest relaxation.

    Only soft quotas are ever relaxed: lowering a minimum m by one costs 1 + 2/m, raising a maximum
    by one costs 1 (methods.md 5.1). Where that is not enough, the hard ones in the way are named.
    """
    from panel.recruitment.rules import types_model  # brings numpy along, as bending does
    from panel.recruitment.rules.lottery import bending

    model = types_model.build(pool, plan.seats, plan.quotas, plan.groups)
    soft = [row for row in model.rows if not row.hard]
    lowering = {row.name: _price(row.lower) for row in soft if row.lower > 0}
    raising = {row.name: _UNIT for row in soft}
    bent = bending.bend(model, lowering, raising)
    impossible: tuple[str, ...] = ()
    relaxations: tuple[Relaxation, ...] = ()
    if bent is None:
        impossible = _blame(model, lowering, raising)
    else:
        relaxations = tuple(
            Relaxation(row.name, bound, value, value + sign * by[row.name])
            for row in soft
            for bound, value, sign, by in (
                ("minimum", row.lower, -1, bent.lowered),
                ("maximum", row.upper, 1, bent.raised),
            )
            if row.name in by
        )
    possible = not impossible and not relaxations
    return Feasibility(
        possible=possible,
        seats=plan.seats,
        applicants=len(pool),
        reachable=_reachable(model, model.rows[0]),
        available=tuple(
            Available(
                row.name,
                row.lower,
                row.upper,
                sum(len(model.members[each]) for each in row.types),
                _reachable(model, row),
                row.hard,
            )
            for row in model.rows[1:]
            if not row.shared
        ),
        impossible=impossible,
        relaxations=relaxations,
        never=_never(pool, model) if possible else (),
    )


def _price(minimum: int) -> int:
    return half_up(_UNIT * (minimum + 2), minimum)


def _blame(model: Model, lowering: dict[str, int], raising: dict[str, int]) -> tuple[str, ...]:
    from panel.recruitment.rules.lottery import bending

    hard = [row for row in model.rows if row.hard and not row.shared]
    lowering = lowering | {row.name: _MUCH for row in hard if row.lower > 0}
    raising = raising | {row.name: _MUCH for row in hard[1:]}  # the seats are never more
    bent = bending.bend(model, lowering, raising)
    if bent is None:  # only addresses are left, and nobody need be taken from any
        message = "an empty panel keeps every address"
        raise AssertionError(message)
    names = bent.lowered.keys() | bent.raised.keys()
    return tuple(row.name for row in hard if row.name in names)


def _reachable(model: Model, row: Row) -> int:
    """Count the people that one row could be filled with, one per shared address."""
    shared = {each for home in model.rows if home.shared for each in home.types}
    alone = sum(len(model.members[each]) for each in row.types - shared)
    return alone + sum(1 for home in model.rows if home.shared and home.types & row.types)


def _never(pool: Sequence[PoolEntry], model: Model) -> tuple[str, ...]:
    """Name the applicants whom no panel contains, not even by fractions."""
    from panel.recruitment.rules.lottery import bending

    out = bending.never(model)
    return tuple(sorted(pool[position].ticket for i in out for position in model.members[i]))
