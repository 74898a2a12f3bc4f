"""The method in plain words: a tiny city to step through, and a real unit to work out on paper."""

from __future__ import annotations

from fractions import Fraction
from typing import Any, Final

import msgspec

from panel import score
from panel.rankings.rules.publication import rest_sums
from panel.rankings.rules.ranking.recompute import (
    GAIN,
    together,
    unit_effect,
    unit_value,
    weigh,
)
from panel.rankings.rules.ranking.recompute import RATIO as RATIO_UNIT
from panel.rankings.types import Kind, ListView, Method, Model, Part, Row, Standing
from web.i18n import Lang
from web.standings.names import called, mean
from web.standings.subjects import made_of


class Mark(msgspec.Struct, frozen=True):
    """One visit of the tiny city: who came, where, and the points given."""

    visitor: str
    window: str
    points: int


LEANING: Final = {"strict": -1000, "middle": 0, "lenient": 1000}
"""How far the three visitors mark from the others at the same windows, in hundredths."""
MARKS: Final = (
    Mark("strict", "east", 6800), Mark("strict", "east", 7200), Mark("middle", "east", 8000),
    Mark("lenient", "west", 9200), Mark("lenient", "west", 8800), Mark("middle", "west", 8000),
)  # fmt: skip
MIDDLE: Final = 8500
"""The mean of all windows of the tiny city, in hundredths."""
RATIO: Final = 2
"""A window moves by so many visits' worth towards the middle."""
MANY: Final = 48
FINE: Final = 6
"""Decimals of numbers that are multiplied again."""


def town() -> dict[str, Any]:
    """Return the tiny city step by step: two windows that are equally good and don't look so."""
    plain = {each: _mean(each, evened=False) for each in ("east", "west")}
    evened = {each: _mean(each, evened=True) for each in ("east", "west")}
    visits = sum(mark.window == "east" for mark in MARKS)
    return {
        "marks": [
            {
                "visitor": mark.visitor,
                "window": mark.window,
                "points": mark.points,
                "evened": mark.points - LEANING[mark.visitor],
            }
            for mark in MARKS
        ],
        "plain": plain,
        "gap": plain["west"] - plain["east"],
        "leaning": LEANING["lenient"],
        "evened": evened,
        "middle": MIDDLE,
        "visits": visits,
        "few": _pulled(evened["east"], visits),
        "many_visits": MANY,
        "many": _pulled(evened["east"], MANY),
    }


def _mean(window: str, *, evened: bool) -> int:
    found = [
        mark.points - (LEANING[mark.visitor] if evened else 0)
        for mark in MARKS
        if mark.window == window
    ]
    return mean(sum(found), len(found))


def _pulled(own: int, visits: int) -> int:
    """Move a mean towards the middle, the more the fewer visits it rests on."""
    return score.rounded(Fraction(own * visits + MIDDLE * RATIO, visits + RATIO))


def example(lists: list[ListView], lang: Lang, model: Model | None = None) -> dict[str, Any] | None:
    """Return a ranked unit with several windows, to be worked out on paper."""
    found = _candidates(lists)
    if not found:
        return None
    row, one = next((each for each in found if len(each[0].windows) > 1), found[0])
    crossed = one.method is Method.CROSSED_EFFECTS
    return {
        "row": row,
        "name": called(row.name, row.name_en, lang),
        "windows": [
            {
                "name": called(figure.name, figure.name_en, lang),
                "visits": figure.visits,
                "sum": figure.sum,
                "mean": mean(figure.sum, figure.visits),
            }
            for figure in row.windows
        ],
        "sum": made_of(row) if one.method is Method.MEAN_OF_WINDOW_MEANS else None,
        "worked": _worked(row, model, lang) if crossed and model else None,
    }


def _worked(row: Row, model: Model, lang: Lang) -> dict[str, Any] | None:
    """Follow the public formula for one unit, number by number; see `recompute`."""
    if model.window_ratio is None or model.unit_ratio is None or row.score is None:
        return None
    parts = [
        (called(each.name, each.name_en, lang), weigh(part, model), part)
        for each in row.windows
        for part in (Part(each.code, each.visits, 0, each.sum, each.weight),)
    ]
    sums = [own for _, own, _ in parts]
    if row.rest is not None:
        sums.append(rest_sums(row.rest))
    whole = together(sums)

    def plain(value: Fraction | int, places: int = 4) -> str:
        return _decimals(Fraction(value) / (model.scale * 100), places)

    return {
        "a": _decimals(Fraction(model.window_ratio, RATIO_UNIT)),
        "b": _decimals(Fraction(model.unit_ratio, RATIO_UNIT)),
        "base": plain(model.types.get(row.form, 0)),
        "windows": [
            {
                "name": name,
                "visits": part.n,
                "sum": plain(part.sum),
                "gain": _decimals(Fraction(own.gain, GAIN), FINE),
                "pull": plain(own.pull, FINE),
            }
            for name, own, part in parts
        ],
        "rest": row.rest.windows if row.rest else 0,
        "rest_gain": _decimals(Fraction(row.rest.gain, GAIN), FINE) if row.rest else "",
        "rest_pull": plain(row.rest.sum_of_means, FINE) if row.rest else "",
        "gain": _decimals(Fraction(whole.gain, GAIN), FINE),
        "pull": plain(whole.pull, FINE),
        "effect": plain(unit_effect(whole, model)),
        "exact": plain(unit_value(whole, row.form, model)),
        "number": whole.windows,
    }


def _decimals(value: Fraction, places: int = 4) -> str:
    """Write an exact number with so many decimals and a true minus sign."""
    unit = 10**places
    found = score.half_up(abs(value.numerator) * unit, value.denominator)
    return f"{'−' if value < 0 and found else ''}{found // unit}.{found % unit:0{places}}"


def _candidates(lists: list[ListView]) -> list[tuple[Row, ListView]]:
    return [
        (row, one)
        for one in lists
        if one.kind is Kind.UNIT
        for row in one.rows
        if row.standing is Standing.RANKED and row.shown and row.windows
    ]
