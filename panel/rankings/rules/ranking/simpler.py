"""The three simpler methods: exact means of sheets, each rounded once."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from fractions import Fraction
from itertools import chain
from math import isqrt, lcm
from typing import Final

from panel import score
from panel.rankings.rules.ranking import figures, recompute
from panel.rankings.rules.ranking.figures import Figure, Tree
from panel.rankings.types.editions import Model
from panel.rankings.types.ranking import Cell, Kind, Method, Options, Part

_WIDTH: Final = Fraction(196, 100) ** 2  # 95 % of a normal distribution, squared
_PERCENT: Final = 100


def found(kind: Kind, cells: Tree, method: Method, options: Options) -> dict[str, Figure]:
    """Return the figure of every visited subject of a kind."""
    noise = variance_within(cells)
    model = Model(method=method)
    made = {}
    for unit, windows in cells.items():
        weights = figures.weights(windows, options)
        parts = {key: part(key, own, weights[key], method, options) for key, own in windows.items()}
        for key, names in figures.subjects_of(kind, unit, windows).items():
            own = list(chain.from_iterable(windows[name] for name in names))
            made[key] = _figure(own, [parts[name] for name in names], model, noise)
    return made


def part(key: str, cells: Sequence[Cell], weight: int, method: Method, options: Options) -> Part:
    """Return what a window puts into its unit's score."""
    n = sum(cell.n for cell in cells)
    total = sum(cell.total for cell in cells)
    if method is Method.TRIMMED_MEAN:
        total = score.rounded(trimmed(cells, options.trim_percent) * n)
    return Part(key, n, figures.raters(cells), total, weight)


def trimmed(cells: Iterable[Cell], percent: int) -> Fraction:
    """Return the mean without this share of visits at either end, by the means of raters.

    A visit on the edge counts by the share of it that lies inside.
    """
    own = list(cells)
    fine = lcm(*{cell.n for cell in own})  # whole numbers, because fractions are slow
    ordered = sorted((cell.total * (fine // cell.n), cell.n) for cell in own)
    n = _PERCENT * sum(count for _, count in ordered)
    low = min(n * percent // _PERCENT, (n - _PERCENT) // 2)
    whole = begin = 0
    for mean, count in ordered:
        end = begin + _PERCENT * count
        whole += mean * max(min(end, n - low) - max(begin, low), 0)
        begin = end
    return Fraction(whole, fine * (n - 2 * low))


def _figure(
    cells: Sequence[Cell], parts: Sequence[Part], model: Model, noise: Fraction | None
) -> Figure:
    sums = recompute.together(recompute.weigh(each, model) for each in parts)
    value = recompute.unit_value(sums, "", model)
    n, total = sum(cell.n for cell in cells), sum(cell.total for cell in cells)
    rounded = recompute.published(value, model)
    variance = None if noise is None else noise * _one_over_n(parts, model.method)
    steps = {"mean": Fraction(total, n)}
    if model.method is not Method.POOLED_MEAN:
        steps["windows"] = _of_windows(cells, parts)
    if model.method is Method.TRIMMED_MEAN:
        steps["trimming"] = value
    return Figure(
        n=n,
        raters=figures.raters(cells),
        value=value,
        score=rounded,
        spread=None if variance is None else root_up(variance * _WIDTH),
        form=figures.form(cells),
        parts=tuple(parts),
        story=figures.told(steps, rounded),
        variance=variance,
    )


def _of_windows(cells: Sequence[Cell], parts: Sequence[Part]) -> Fraction:
    """Return the weighted mean of the windows' plain means."""
    totals = dict.fromkeys((each.key for each in parts), 0)
    for cell in cells:
        totals[cell.window or cell.unit] += cell.total
    means = (each.weight * Fraction(totals[each.key], each.n) for each in parts)
    return sum(means, Fraction()) / sum(each.weight for each in parts)


def _one_over_n(parts: Sequence[Part], method: Method) -> Fraction:
    """Return the variance of a score in times of a sheet's."""
    if method is Method.POOLED_MEAN:
        return Fraction(1, sum(each.n for each in parts))
    squares = sum((Fraction(each.weight**2, each.n) for each in parts), Fraction())
    return squares / sum(each.weight for each in parts) ** 2


def variance_within(cells: Tree) -> Fraction | None:
    """Return the variance of sheets at one window, pooled; None where no window was seen twice."""
    squares = freedom = 0
    totals: dict[int, int] = defaultdict(int)
    for windows in cells.values():
        for own in windows.values():
            n = sum(cell.n for cell in own)
            totals[n] += sum(cell.total for cell in own) ** 2
            squares += sum(cell.squares for cell in own)
            freedom += n - 1
    off = squares - sum((Fraction(total, n) for n, total in totals.items()), Fraction())
    return off / freedom if freedom else None


def root_up(value: Fraction) -> int:
    """Return the square root, rounded up: an interval is never told narrower than it is."""
    whole = -(-value.numerator // value.denominator)
    root = isqrt(whole)
    return root if root * root == whole else root + 1
