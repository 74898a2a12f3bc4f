"""How far two visitors who judged the same place blindly agree."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Final

from panel.evaluations.types import Agreement, Read
from panel.score import half_up, rounded

_HUNDRED: Final = 100
_NEAR: Final = 1


def agreement(pairs: Sequence[Sequence[Read]]) -> Agreement:
    """Return what blind double visits say about the measure, none of them alone.

    Equal and near answers are counted over all couples of sheets; alpha is over all answers.
    """
    couples = [(one, two) for group in pairs for one, two in _couples(group)]
    answers = [
        (one.values[item], two.values[item])
        for one, two in couples
        for item in one.values.keys() & two.values.keys()
    ]
    gaps = [abs(one.score - two.score) for one, two in couples]
    units = [
        [read.values[item] for read in group if item in read.values]
        for group in pairs
        for item in dict.fromkeys(key for read in group for key in read.values)
    ]
    found = alpha(units)
    return Agreement(
        pairs=len([group for group in pairs if len(group) > 1]),
        answers=len(answers),
        equal=sum(one == two for one, two in answers),
        near=sum(abs(one - two) <= _NEAR for one, two in answers),
        gap=half_up(sum(gaps), len(gaps)) if gaps else 0,
        alpha=None if found is None else rounded(found * _HUNDRED),
    )


def _couples(group: Sequence[Read]) -> list[tuple[Read, Read]]:
    return [(one, two) for number, one in enumerate(group) for two in group[number + 1 :]]


def alpha(units: Sequence[Sequence[int]]) -> Fraction | None:
    """Return Krippendorff's alpha for ranked answers, exactly; None where nothing varies.

    Each unit holds the answers of whoever judged it; a single answer can't agree with any.
    """
    pairable = [unit for unit in units if len(unit) > 1]
    totals = Counter(value for unit in pairable for value in unit)
    count = sum(totals.values())
    apart = _apart(totals)
    observed = sum(
        (
            Fraction(apart[one, two], len(unit) - 1)
            for unit in pairable
            for one in unit
            for two in unit
        ),
        Fraction(0),
    )
    expected = sum(totals[one] * totals[two] * apart[one, two] for one in totals for two in totals)
    if not expected:
        return None
    return 1 - (count - 1) * observed / expected


def _apart(totals: Mapping[int, int]) -> dict[tuple[int, int], int]:
    """Return four times the squared distance of two ranks: by how many answers lie between them."""
    found = {}
    for one in totals:
        for two in totals:
            low, high = sorted((one, two))
            between = sum(number for value, number in totals.items() if low <= value <= high)
            found[one, two] = (2 * between - totals[one] - totals[two]) ** 2 if one != two else 0
    return found
