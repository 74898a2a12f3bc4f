"""The default method: score = kind of visit + unit + window + rater + error (methods.md 2).

Effects of units, windows and raters are random and shrunken by published ratios; the rest is one
linear system with whole numbers in it. What is published of a window is the sum of its scores freed
from kinds of visit and severity, rounded to a thousandth of a hundredth: the solution is refined
until its proven bound leaves no doubt about any such digit.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Final, NamedTuple

import numpy as np

from panel import score
from panel.rankings.rules.ranking import figures, recompute, solving
from panel.rankings.rules.ranking.certificate import bound
from panel.rankings.rules.ranking.design import (
    Design,
    Floats,
    Sums,
    changed,
    design,
    moved,
    sums,
    within,
)
from panel.rankings.rules.ranking.figures import Figure
from panel.rankings.rules.ranking.moments import Variances, deviation, ratios, variances
from panel.rankings.rules.ranking.recompute import Sums as Weighed
from panel.rankings.rules.ranking.solving import STEP, Solution, System
from panel.rankings.types.editions import Model
from panel.rankings.types.ranking import Cell, Certificate, Kind, Method, Options, Part, Step

SCALE: Final = 1000
GROUPS: Final = 4
"""Most groups of nine digits that a solution is given."""


class Fit(NamedTuple):
    """A solved model, with everything that is published of it."""

    own: Design
    sums: Sums
    variances: Variances
    system: System
    center: int
    solution: Solution
    error: int
    """Bound of the error, in the last digit of the solution."""
    adjusted: tuple[int, ...]
    """Sum of adjusted scores of each window, in the model's unit."""
    types: Mapping[str, int]
    """Means by kind of visit and by form, in the model's unit."""
    kept: Floats | None = None
    """Of each cell of the design, how much more its raters take off by the severity that was told
    first than by the one estimated now, in hundredths; None where nothing was told before."""


def fit(cells: Sequence[Cell]) -> Fit:
    """Fit the model to cells."""
    own = design(cells)
    return _fitted(own, sums(own), None)


def refit(before: Fit, cell: Cell, sign: int) -> Fit:
    """Fit the model again after one more sheet, or (sign -1) without one."""
    first = before.solution.digits[0]
    start = solving.Effects(*(each / 10.0**STEP for each in first))
    own = changed(before.own, cell, sign)
    return _fitted(own, moved(before.own, before.sums, cell, sign), (start, before.center))


def _fitted(own: Design, counts: Sums, start: tuple[solving.Effects, int] | None) -> Fit:
    if not counts.type_n.all():
        message = "a kind of visit without visits has no effect"
        raise ValueError(message)
    moments = variances(own, counts)
    system = System(own, counts, ratios(moments))
    center = score.half_up(int(counts.type_total.sum()), int(counts.type_n.sum()))
    if start is not None:
        center = start[1]
    solution = solving.solve(system, center, start[0] if start else None)
    while True:
        error = _error(system, solution)
        last = len(solution.digits) >= GROUPS  # whatever is still in doubt is a half exactly
        adjusted = tuple(_adjusted(system, center, solution, 0 if last else error))
        types = dict(_types(system, center, solution, 0 if last else error))
        if None not in adjusted and None not in types.values():
            break
        solution = solving.refined(system, solution)
    return Fit(
        own, counts, moments, system, center, solution, error,
        tuple(each or 0 for each in adjusted), {key: each or 0 for key, each in types.items()},
    )  # fmt: skip


def finer(found: Fit, groups: int) -> Fit:
    """Return a fit whose solution has at least so many groups of nine digits."""
    solution = found.solution
    while len(solution.digits) < groups:
        solution = solving.refined(found.system, solution)
    return found._replace(solution=solution, error=_error(found.system, solution))


def _error(system: System, solution: Solution) -> int:
    left = solution.left
    own = system.sums
    largest = (
        int(np.bincount(system.own.unit_of, own.window_n.astype(np.float64)).max()),
        int(own.window_n.max()),
        int(own.rater_n.max()),
    )
    random = [*left.units.tolist(), *left.windows.tolist(), *left.raters.tolist()]
    pairs = list(zip(largest, system.ratios, strict=True))
    return bound(own.type_n.tolist(), pairs, left.types.tolist(), random)


def joined(digits: Sequence[Sequence[int]]) -> list[int]:
    """Put numbers together from their digits, nine by nine."""
    found = [0] * len(digits[0])
    for each in digits:
        found = [value * 10**STEP + more for value, more in zip(found, each, strict=True)]
    return found


def _rounded(value: int, error: int, under: int) -> int | None:
    """Round a value to the model's unit; None while the error leaves a doubt."""
    low, high = (score.half_up(SCALE * (value + off), under) for off in (-error, error))
    return low if low == high else None


def _adjusted(system: System, center: int, solution: Solution, error: int) -> Iterator[int | None]:
    one = 10 ** (STEP * len(solution.digits))
    counts = system.sums.window_n.tolist()
    for n, value in zip(counts, freed(system, center, solution), strict=True):
        yield _rounded(value, 2 * n * error, one)


def freed(system: System, center: int, solution: Solution) -> list[int]:
    """Return the sum of each window without kinds of visit and severity, to its last digit."""
    own, one = system.sums, 10 ** (STEP * len(solution.digits))
    pairs = own.window_rater.astype(np.int64)
    taken = joined(
        [(own.window_type @ e.types + pairs @ e.raters).tolist() for e in solution.digits]
    )
    off = (own.window_total - center * own.window_n).tolist()
    return [total * one - less for total, less in zip(off, taken, strict=True)]


def adjusted(system: System, center: int, solution: Solution) -> tuple[int, ...]:
    """Return the adjusted sum of each window by effects that are taken as they are."""
    return tuple(each or 0 for each in _adjusted(system, center, solution, 0))


def _types(
    system: System, center: int, solution: Solution, error: int
) -> Iterator[tuple[str, int | None]]:
    one = 10 ** (STEP * len(solution.digits))
    effects = joined([e.types.tolist() for e in solution.digits])
    forms: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for name, n, value in zip(system.own.types, system.sums.type_n.tolist(), effects, strict=True):
        whole = value + center * one
        forms[name.partition(":")[0]].append((n, whole))
        yield name, _rounded(whole, error, one)
    for name, kinds in forms.items():
        count = sum(n for n, _ in kinds)
        total = sum(n * value for n, value in kinds)
        yield name, _rounded(total, count * error, count * one)


def model(found: Fit, options: Options) -> Model:
    """Return what is published of a fit."""
    return Model(
        method=Method.CROSSED_EFFECTS,
        scale=SCALE,
        unit_ratio=found.system.ratios.unit,
        window_ratio=found.system.ratios.window,
        rater_ratio=found.system.ratios.rater,
        types=dict(sorted(found.types.items())),
        spread={name: deviation(getattr(found.variances, name)) for name in Variances._fields},
        seed=options.seed,
        draws=options.draws,
    )


def certificate(found: Fit) -> Certificate:
    """Return the solution with the bound of its error."""
    digits, own = found.solution.digits, found.own
    one = 10 ** (STEP * len(digits))
    types, units, windows, raters = (
        joined([each[i].tolist() for each in digits]) for i in range(4)
    )
    return Certificate(
        decimals=STEP * len(digits),
        types={
            name: value + found.center * one for name, value in zip(own.types, types, strict=True)
        },
        units=dict(zip(own.units, units, strict=True)),
        windows={w or u: value for (u, w), value in zip(own.windows, windows, strict=True)},
        raters=dict(zip(own.raters, raters, strict=True)),
        bound=found.error,
    )


class Window(NamedTuple):
    """One window that was visited, ready to be listed."""

    row: int
    unit: str
    key: str
    named: bool
    """Whether it is a window at all, not a unit without any."""
    part: Part
    sums: Weighed
    total: int
    """Sum of its plain scores."""
    freed: Fraction
    """Sum of its scores, freed from kinds of visit alone."""


def windows(found: Fit, options: Options, published: Model) -> dict[str, list[Window]]:
    """Return every visited window by its unit."""
    own, counts = found.own, found.sums
    by_unit: dict[str, list[int]] = defaultdict(list)
    for index, (unit, _) in enumerate(own.windows):
        if counts.window_n[index]:
            by_unit[unit].append(index)
    raters = np.diff(counts.window_rater.indptr).tolist()
    n, total = counts.window_n.tolist(), counts.window_total.tolist()
    means = np.array([found.types[name] for name in own.types], dtype=np.int64)
    taken = (counts.window_type @ means).tolist()
    made = {}
    for unit, places in by_unit.items():
        names = {i: own.windows[i][1] or unit for i in places}
        weights = figures.weights(names.values(), options)
        made[unit] = [
            Window(
                i, unit, key, own.windows[i][1] is not None, part, recompute.weigh(part, published),
                total[i], total[i] - Fraction(taken[i], SCALE),
            )
            for i, key in names.items()
            for part in [Part(key, n[i], raters[i], found.adjusted[i], weights[key])]
        ]  # fmt: skip
    return made


def listed(
    found: Fit,
    kind: Kind,
    by_unit: Mapping[str, Sequence[Window]],
    published: Model,
    *,
    story: bool = True,
) -> dict[str, Figure]:
    """Return the figure of every visited subject of a kind, without an interval yet."""
    raters = _raters_of_units(found)
    made = {}
    for unit, places in by_unit.items():
        whole = recompute.together(each.sums for each in places)
        if kind is Kind.UNIT:
            form = _form(found, places)
            value = recompute.unit_value(whole, form, published)
            figure = _figure(places, raters[unit], value, form, published)
            made[unit] = figure._replace(story=_story(places, figure, published) if story else ())
            continue
        for each in places:
            if each.named:
                form = _form(found, [each])
                value = recompute.window_value(each.sums, whole, form, published)
                figure = _figure([each], each.part.raters, value, form, published)
                told = _story([each], figure, published) if story else ()
                made[each.key] = figure._replace(story=told)
    return made


def _figure(
    places: Sequence[Window], raters: int, value: Fraction, form: str, published: Model
) -> Figure:
    return Figure(
        n=sum(each.part.n for each in places),
        raters=raters,
        value=value / SCALE,
        score=recompute.published(value, published),
        spread=None,
        form=form,
        parts=tuple(each.part for each in places),
    )


def _story(places: Sequence[Window], figure: Figure, published: Model) -> tuple[Step, ...]:
    """Tell the way from the mean of all sheets to the score."""
    weight = sum(each.part.weight for each in places)

    def mean(sums: Iterable[Fraction | int]) -> Fraction:
        shares = (
            Fraction(each.part.weight * own, each.part.n)
            for each, own in zip(places, sums, strict=True)
        )
        return sum(shares, Fraction()) / weight

    base = Fraction(published.types[figure.form], SCALE)
    steps = {
        "mean": Fraction(sum(each.total for each in places), figure.n),
        "windows": mean(each.total for each in places),
        "types": base + mean(each.freed for each in places),
        "raters": base + mean(Fraction(each.part.sum, SCALE) for each in places),
        "shrinkage": figure.value,
    }
    return figures.told(steps, figure.score)


def _form(found: Fit, places: Sequence[Window]) -> str:
    """Return the form by which most visits were scored."""
    visits: dict[str, int] = defaultdict(int)
    for each in places:
        row = found.sums.window_type[each.row].tolist()
        for name, n in zip(found.own.types, row, strict=True):
            visits[name.partition(":")[0]] += n
    return min(visits, key=lambda key: (-visits[key], key))


def _raters_of_units(found: Fit) -> dict[str, int]:
    pairs = within(found.own, np.ones(len(found.own.windows))) @ found.sums.window_rater
    counts = np.diff(pairs.tocsr().indptr)
    return dict(zip(found.own.units, counts.tolist(), strict=True))
