"""The public formula: from each window's counted visits and adjusted sum to every score, exactly.

With the published ratios `a` (residual to window variance) and `b` (residual to unit variance), a
window of `n` visits whose adjusted scores add up to `s` has

    gain = n / (n + a), rounded to 10⁻⁹         pull = s / (n + a), rounded to the model's unit

Both simply add up over the windows of a unit: those that may not be shown can stand there as one
sum. Then, with the mean of its form as base, and shares that give each window its weight,

    effect of the unit = a · Σ pull / (b + a · Σ gain)
    score of a unit    = base + effect + Σ share · (pull - gain · effect)
    score of a window  = base + effect of its unit + pull - gain · effect

The score is rounded once, half up, to hundredths, and kept between 0 and 100. Methods without
ratios take `pull = s / n` and no gain: then the score is the weighted mean of the windows' means.
"""

from collections.abc import Iterable
from fractions import Fraction
from typing import Final, NamedTuple

from panel import score
from panel.rankings.types.editions import Model
from panel.rankings.types.ranking import Method, Part

GAIN: Final = 10**9
"""Gains are whole numbers of this part of one."""
RATIO: Final = 1000
"""Ratios are published in thousandths."""
_MOST: Final = 10_000


class Sums(NamedTuple):
    """What the windows of a unit put into its score, together; sums of windows add up."""

    windows: int
    visits: int
    total: int
    weight: int
    gain: int
    pull: Fraction | int
    weighted_gain: int
    weighted_pull: Fraction | int


def weigh(part: Part, model: Model) -> Sums:
    """Return what one window puts into its unit's score."""
    pull: Fraction | int
    if model.window_ratio is None:
        gain, pull = 0, Fraction(part.sum, part.n)
    else:
        under = RATIO * part.n + model.window_ratio
        gain = score.half_up(RATIO * part.n * GAIN, under)
        pull = score.half_up(RATIO * part.sum, under)
    return Sums(
        windows=1,
        visits=part.n,
        total=part.sum,
        weight=part.weight,
        gain=gain,
        pull=pull,
        weighted_gain=part.weight * gain,
        weighted_pull=part.weight * pull,
    )


def together(windows: Iterable[Sums]) -> Sums:
    """Add up the windows of a unit."""
    own = list(windows)
    return Sums(
        windows=sum(each.windows for each in own),
        visits=sum(each.visits for each in own),
        total=sum(each.total for each in own),
        weight=sum(each.weight for each in own),
        gain=sum(each.gain for each in own),
        pull=sum(each.pull for each in own),
        weighted_gain=sum(each.weighted_gain for each in own),
        weighted_pull=sum(each.weighted_pull for each in own),
    )


def unit_effect(unit: Sums, model: Model) -> Fraction:
    """Return how far a unit as such lies from its form's mean, in the model's unit."""
    if model.window_ratio is None or model.unit_ratio is None:
        return Fraction()
    above = model.window_ratio * unit.pull * GAIN
    return Fraction(above, model.unit_ratio * GAIN + model.window_ratio * unit.gain)


def unit_value(unit: Sums, form: str, model: Model) -> Fraction:
    """Return the exact score of a unit in the model's unit; `form` names where it starts from."""
    if model.method is Method.POOLED_MEAN:
        return Fraction(unit.total, unit.visits)
    effect = unit_effect(unit, model)
    windows = unit.weighted_pull - Fraction(unit.weighted_gain, GAIN) * effect
    return model.types.get(form, 0) + effect + windows / unit.weight


def window_value(window: Sums, unit: Sums, form: str, model: Model) -> Fraction:
    """Return the exact score of one window in the model's unit, given all windows of its unit."""
    effect = unit_effect(unit, model)
    kept = Fraction(effect.numerator * (GAIN - window.gain), effect.denominator * GAIN)
    return model.types.get(form, 0) + window.pull + kept


def published(value: Fraction, model: Model) -> int:
    """Return an exact score as it is published: whole hundredths, half up, between 0 and 100."""
    return min(max(score.rounded(value / model.scale), 0), _MOST)
