"""A unit or a window for its page: its line, its parts, and why it stands where it stands."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from functools import partial
from typing import Any

from panel import score
from panel.rankings.types import Kind, ListView, Method, Model, Row, WindowFigure
from panel.rulebook.types import Rulebook
from web import pictures
from web.i18n import Lang, gettext
from web.standings.lines import ALONE, Around, confirmed, place, rank_row, scale, standing_key
from web.standings.names import called, mean, page_name
from web.standings.why import why


def shown_unit(
    row: Row,
    one: ListView,
    lists: list[ListView],
    rulebook: Rulebook,
    lang: Lang,
    *,
    around: Around = ALONE,
) -> dict[str, Any]:
    """Return a unit for its page: its line, its windows, how its score is made of them."""
    places = {
        each.code: each
        for other in lists
        if other.kind is Kind.WINDOW
        for each in other.rows
        if each.unit_code == row.code
    }
    evened = one.method is Method.CROSSED_EFFECTS
    windows = [
        {
            "key": figure.code,
            "code": figure.code if figure.code in places and places[figure.code].shown else None,
            "name": called(figure.name, figure.name_en, lang),
            "visits": figure.visits,
            "mean": evened_mean(figure, row, around.model)
            if evened
            else mean(figure.sum, figure.visits),
            "place": place(places[figure.code], lang, around) if figure.code in places else None,
        }
        for figure in row.windows
        if figure.code != row.code
    ]
    return {
        **_line(row, one, rulebook, lang, around),
        "windows": windows,
        "figure_name": gettext(lang, "Mean, evened out" if evened else "Mean of its sheets"),
        "sum": made_of(row) if one.method is Method.MEAN_OF_WINDOW_MEANS else None,
    }


def shown_window(
    row: Row,
    one: ListView,
    lists: list[ListView],
    rulebook: Rulebook,
    lang: Lang,
    *,
    around: Around = ALONE,
) -> dict[str, Any]:
    """Return a window for its page, which leads to its unit's where that has one."""
    units = {each.code for other in lists if other.kind is Kind.UNIT for each in other.rows}
    return {
        **_line(row, one, rulebook, lang, around),
        "unit": called(row.unit_name, row.unit_name_en, lang),
        "unit_code": row.unit_code if row.unit_code in units else None,
    }


def window_rows(lists: list[ListView]) -> Iterator[tuple[Row, ListView]]:
    """Give the windows that have a page of their own: those whose figures may be shown."""
    for one in lists:
        if one.kind is Kind.WINDOW:
            yield from ((row, one) for row in one.rows if row.shown and row.score is not None)


def _line(
    row: Row, one: ListView, rulebook: Rulebook, lang: Lang, around: Around
) -> dict[str, Any]:
    """Return what the pages of a unit and of a window have in common."""
    say = partial(gettext, lang)
    gate = rulebook.ranking.gate_hundredths
    drawn_on = scale(one, gate)
    return {
        "row": row,
        "one": one,
        "gate": gate,
        "page_name": page_name(one),
        "place": place(row, lang, around),
        "standing": standing_key(row, around),
        "confirmed": confirmed(row) and not standing_key(row, around),
        "band": rulebook.band(row.score).text.get(lang) if row.score is not None else None,
        "axis": pictures.axis_strip(drawn_on, say, gate),
        "strip": pictures.dot_strip(rank_row(row, lang), drawn_on, say, gate),
        **why(row, one, rulebook, lang, around),
    }


def evened_mean(figure: WindowFigure, row: Row, model: Model | None) -> int | None:
    """Return a window's mean, freed from severity and kind of visit, in hundredths."""
    if model is None:
        return None
    base = model.types.get(row.form, 0)
    return score.rounded((base + Fraction(figure.sum, figure.visits)) / model.scale)


def made_of(row: Row) -> dict[str, Any] | None:
    """Return how a unit's score is made: means of its windows, their number, the score."""
    if row.score is None or not row.windows:
        return None
    means = [mean(figure.sum, figure.visits) for figure in row.windows]
    rest = row.rest
    number = len(means) + (rest.windows if rest else 0)
    exact = sum((Fraction(f.sum, f.visits) for f in row.windows), Fraction())
    total = score.rounded(exact) + (rest.sum_of_means if rest else 0)
    return {"means": means, "rest": rest, "number": number, "total": total, "score": row.score}
