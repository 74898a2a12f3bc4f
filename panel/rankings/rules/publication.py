"""From computed lists to lines that anybody may read: nothing that rests on too few visitors."""

from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from itertools import pairwise
from typing import Final

from msgspec.structs import replace

from panel import score
from panel.ids import Code
from panel.rankings.rules.concealing import Concealed
from panel.rankings.rules.ranking.figures import LIMIT
from panel.rankings.rules.ranking.recompute import (
    Sums,
    published,
    together,
    unit_value,
    weigh,
)
from panel.rankings.rules.visible import shown
from panel.rankings.types.editions import Model, Name
from panel.rankings.types.procedure import Rest, Row, WindowFigure
from panel.rankings.types.ranking import (
    Certainty,
    Entry,
    Method,
    Other,
    Part,
    RankList,
    Standing,
)

_MOST: Final = 10_000
_PLAIN: Final = frozenset({Method.MEAN_OF_WINDOW_MEANS, Method.POOLED_MEAN})


def rows(
    found: RankList, names: Mapping[str, Name], concealed: Concealed, minimum: int, model: Model
) -> tuple[Row, ...]:
    """Return the lines of a list; what may not be shown is left out of them altogether."""
    bands = _bands(found.entries)
    unsure = _unsure(found.entries)
    return tuple(
        _line(entry, names, concealed, minimum, model, bands.get(entry.key), entry.key in unsure)
        for entry in found.entries
    )


def _line(  # noqa: PLR0917 - what a line is made of
    entry: Entry,
    names: Mapping[str, Name],
    concealed: Concealed,
    minimum: int,
    model: Model,
    band: int | None,
    unsure: bool,  # noqa: FBT001
) -> Row:
    who = _who(entry, names[entry.key])
    if entry.key in concealed.units:
        return _place_alone(who, entry, unsure=unsure)
    if entry.key in concealed.windows or not shown(entry.raters, minimum):
        return who
    windows, rest = _inputs(entry, names, concealed.windows, model)
    low = high = None
    if entry.score is not None and entry.spread is not None:
        low, high = max(entry.score - entry.spread, 0), min(entry.score + entry.spread, _MOST)
    return replace(
        _place_alone(who, entry, unsure=unsure),
        shown=True,
        withheld=False,
        score=entry.score,
        low=low,
        high=high,
        visits=entry.n,
        visitors=entry.raters,
        band=band,
        windows=windows,
        rest=rest,
        chance_top=entry.chance_top,
        chance_bottom=entry.chance_bottom,
        rank_low=entry.rank_low,
        rank_high=entry.rank_high,
        set_low=entry.set_low,
        set_high=entry.set_high,
        story=() if _untold(entry, concealed, model) else entry.story,
        others=_others(entry, concealed, model),
        without_low=entry.without_low,
        without_high=entry.without_high,
        form=entry.form,
        limit=sum(step.points for step in entry.story if step.key == LIMIT),
    )


def _untold(entry: Entry, concealed: Concealed, model: Model) -> bool:
    """Tell whether the way to a score would betray something small."""
    trimmed = model.method is Method.TRIMMED_MEAN and entry.key in concealed.trims
    return entry.key in concealed.stories or trimmed


def _others(entry: Entry, concealed: Concealed, model: Model) -> tuple[Other, ...]:
    """Return what other methods give; places alone where their scores would betray something."""
    hidden: frozenset[Method] = frozenset()
    if entry.key in concealed.trims:
        trimmed = model.method is Method.TRIMMED_MEAN
        hidden = _PLAIN if trimmed else frozenset({Method.TRIMMED_MEAN})
    if entry.key in concealed.stories:
        hidden = frozenset(Method)
    return tuple(
        replace(each, score=None) if each.method in hidden else each for each in entry.others
    )


def _who(entry: Entry, name: Name) -> Row:
    """Return who it is and nothing that was measured."""
    return Row(
        code=Code(entry.key),
        name=name.name,
        name_en=name.name_en,
        group=entry.group,
        unit_code=name.unit_code,
        unit_name=name.unit_name,
        unit_name_en=name.unit_name_en,
        standing=entry.standing,
        shown=False,
    )


def _place_alone(who: Row, entry: Entry, *, unsure: bool) -> Row:
    """Add the place and what follows from it, no figure."""
    return replace(
        who,
        withheld=True,
        place=entry.place,
        place_from_below=entry.place_from_below,
        in_top=entry.in_top,
        in_bottom=entry.in_bottom,
        under_gate=entry.under_gate,
        certainty=entry.certainty,
        provisional=unsure if entry.certainty is None else entry.certainty is Certainty.PROVISIONAL,
    )


def _inputs(
    entry: Entry, names: Mapping[str, Name], hidden: frozenset[str], model: Model
) -> tuple[tuple[WindowFigure, ...], Rest | None]:
    """Return the windows that a unit's score was made of, those not shown taken together.

    The line of a window needs none: its part stands with its unit.
    """
    if entry.score is None or (len(entry.parts) == 1 and names[entry.key].unit_code != entry.key):
        return (), None
    figures = tuple(
        WindowFigure(
            Code(part.key),
            names[part.key].name,
            names[part.key].name_en,
            part.n,
            part.sum,
            part.weight,
        )
        for part in entry.parts
        if part.key not in hidden
    )
    closed = [part for part in entry.parts if part.key in hidden]
    return figures, _rest(entry, closed, model) if closed else None


def _rest(entry: Entry, closed: Sequence[Part], model: Model) -> Rest:
    """Take windows together that are not shown one by one, so that the score follows again."""
    sums = together(weigh(part, model) for part in closed)
    if model.method is Method.POOLED_MEAN:
        return Rest(sums.windows, sums.visits, 0, weight=sums.windows, total=sums.total)
    alike = len({part.weight for part in closed}) == 1
    used = alike or model.window_ratio is not None
    rest = Rest(
        windows=sums.windows,
        visits=sums.visits,
        sum_of_means=score.rounded(Fraction(sums.pull)) if used else 0,
        gain=sums.gain,
        weight=sums.weight,
        weighted_gain=None if alike else sums.weighted_gain,
        weighted_sum=None if alike else score.rounded(Fraction(sums.weighted_pull)),
    )
    # Shrunken sums are whole already. Means are not: a whole sum near theirs gives the same score,
    # since the scores that round alike span as many hundredths as there are windows.
    shown_parts = [part for part in entry.parts if part not in closed]
    near = (rest, *(_moved(rest, by) for by in (-1, 1)))
    return next(
        each for each in near if unit_score(shown_parts, each, entry.form, model) == entry.score
    )


def _moved(rest: Rest, by: int) -> Rest:
    if rest.weighted_sum is None:
        return replace(rest, sum_of_means=rest.sum_of_means + by)
    return replace(rest, weighted_sum=rest.weighted_sum + by)


def rest_sums(rest: Rest) -> Sums:
    """Return what a rest puts into its unit's score, in the words of the formula."""
    each = Fraction(rest.weight, rest.windows)
    pull = Fraction(rest.sum_of_means)
    gain = rest.weighted_gain
    weighted = rest.weighted_sum
    return Sums(
        windows=rest.windows,
        visits=rest.visits,
        total=rest.total,
        weight=rest.weight,
        gain=rest.gain,
        pull=pull,
        weighted_gain=int(each * rest.gain) if gain is None else gain,
        weighted_pull=each * pull if weighted is None else Fraction(weighted),
    )


def unit_score(parts: Iterable[Part], rest: Rest | None, form: str, model: Model) -> int:
    """Return a unit's score from what is public of it."""
    sums = [weigh(part, model) for part in parts]
    whole = together([*sums, rest_sums(rest)] if rest else sums)
    return published(unit_value(whole, form, model), model)


def _ranked(entries: Iterable[Entry]) -> list[Entry]:
    return [entry for entry in entries if entry.standing is Standing.RANKED]


def apart(one: Entry, other: Entry) -> bool:
    """Tell whether two scores differ by more than the interval of their difference."""
    if None in {one.spread, other.spread}:
        return False
    off = (one.score or 0) - (other.score or 0)
    return off * off > (one.spread or 0) ** 2 + (other.spread or 0) ** 2


def _bands(entries: Sequence[Entry]) -> dict[str, int]:
    """Give one number to neighbours that can't be told apart from the first of their run."""
    bands: dict[str, int] = {}
    first: Entry | None = None
    number = 0
    for entry in _ranked(entries):
        if first is None or apart(first, entry):
            first, number = entry, number + 1
        bands[entry.key] = number
    return bands


def _unsure(entries: Sequence[Entry]) -> frozenset[str]:
    """Return who stands in a top or bottom list without being clear of the first one outside."""
    ranked = _ranked(entries)
    found = set()
    for before, after in pairwise(ranked):
        if before.in_top and not after.in_top:
            found |= {entry.key for entry in ranked if entry.in_top and not apart(entry, after)}
        if after.in_bottom and not before.in_bottom:
            found |= {entry.key for entry in ranked if entry.in_bottom and not apart(entry, before)}
    return frozenset(found)
