"""What a list is made of before anybody is named: one figure for each subject."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from fractions import Fraction
from typing import Final, NamedTuple

from panel.rankings.types.ranking import Cell, Kind, Options, Part, Step

LIMIT: Final = "limit"
"""Step of a story that keeps a score between 0 and 100."""
_FINE: Final = 10_000

Tree = Mapping[str, Mapping[str, list[Cell]]]
"""Cells by unit and window; a unit without windows is its own single window."""


class Figure(NamedTuple):
    """How a subject stands: what is known of it, exact and rounded, and what it was made of."""

    n: int
    raters: int
    value: Fraction
    """The exact score, in hundredths."""
    score: int
    spread: int | None
    form: str = ""
    parts: tuple[Part, ...] = ()
    story: tuple[Step, ...] = ()
    variance: Fraction | None = None
    """Of the error of an exact mean, where it is known."""


def tree(cells: Iterable[Cell]) -> dict[str, dict[str, list[Cell]]]:
    """Sort cells by unit and window."""
    found: dict[str, dict[str, list[Cell]]] = defaultdict(lambda: defaultdict(list))
    for cell in cells:
        found[cell.unit][cell.window or cell.unit].append(cell)
    return {unit: dict(sorted(found[unit].items())) for unit in sorted(found)}


def subjects_of(kind: Kind, unit: str, windows: Mapping[str, list[Cell]]) -> dict[str, list[str]]:
    """Return who of a unit is listed among this kind, each with its windows."""
    if kind is Kind.UNIT:
        return {unit: list(windows)}
    return {key: [key] for key, own in windows.items() if own[0].window is not None}


def raters(cells: Iterable[Cell]) -> int:
    """Return how many different raters gave these cells."""
    return len({cell.rater for cell in cells})


def form(cells: Iterable[Cell]) -> str:
    """Return the form by which most visits of these cells were scored."""
    counts: dict[str, int] = defaultdict(int)
    for cell in cells:
        counts[cell.type.partition(":")[0]] += cell.n
    return min(counts, key=lambda key: (-counts[key], key))


def weights(windows: Iterable[str], options: Options) -> dict[str, int]:
    """Return the weight of each window in its unit: alike, or by transactions up to the cap."""
    own = {key: max(options.weights.get(key, 1), 1) for key in windows}
    cap = options.weight_cap_percent
    if not options.weights or len(own) * cap <= 100:  # noqa: PLR2004 - percent
        return dict.fromkeys(own, 1)
    capped: set[str] = set()
    while True:
        free = {key: value for key, value in own.items() if key not in capped}
        left, whole = 100 - cap * len(capped), sum(free.values())
        over = {key for key, value in free.items() if value * left > cap * whole}
        if not over:
            break
        capped |= over
    fair = {key: max(1, _FINE * left * value // (100 * whole)) for key, value in free.items()}
    return {key: fair.get(key, _FINE * cap // 100) for key in own}


def told(values: Mapping[str, Fraction], score: int) -> tuple[Step, ...]:
    """Tell the way through exact values to a published score in whole hundredths that add up."""
    steps, before = [], 0
    for key, value in values.items():
        now = (2 * value.numerator + value.denominator) // (2 * value.denominator)
        steps.append(Step(key, now - before))
        before = now
    if before != score:
        steps.append(Step(LIMIT, score - before))
    return tuple(steps)
