"""A unit or a window for its page: its line, its parts, and why it stands where it stands."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Any

from panel import score
from panel.rankings.types import Kind, ListView, Method, Model, Row, WindowFigure
from panel.rulebook.types import Rulebook
from web.i18n import Lang
from web.standings.board import Board
from web.standings.lines import ALONE, Around, place
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
    return unit_page(row, one, Board(lists, rulebook, lang, around))


def unit_page(row: Row, one: ListView, board: Board) -> dict[str, Any]:
    """Return a unit of a board for its page."""
    places = board.windows.get(row.code, {})
    model = board.around.model
    evened = one.method is Method.CROSSED_EFFECTS
    windows = [
        {
            "key": figure.code,
            "code": figure.code
            if figure.code in places and has_page(places[figure.code])
            else None,
            "name": called(figure.name, figure.name_en, board.lang),
            "visits": figure.visits,
            "mean": evened_mean(figure, row, model) if evened else mean(figure.sum, figure.visits),
            "place": place(places[figure.code], board.lang, board.around)
            if figure.code in places
            else None,
        }
        for figure in row.windows
        if figure.code != row.code
    ]
    return {
        **_line(row, one, board),
        "windows": windows,
        "figure_name": board.say("Mean, evened out" if evened else "Mean of its sheets"),
        "sum": made_of(row) if one.method is Method.MEAN_OF_WINDOW_MEANS else None,
    }


def window_page(row: Row, one: ListView, board: Board) -> dict[str, Any]:
    """Return a window of a board for its page, which leads to its unit's where that has one."""
    return {
        **_line(row, one, board),
        "unit": called(row.unit_name, row.unit_name_en, board.lang),
        "unit_code": row.unit_code if row.unit_code in board.units else None,
    }


def has_page(row: Row | None) -> bool:
    """Tell whether a window has a page of its own: its figures may be shown."""
    return row is not None and row.shown and row.score is not None


def window_rows(lists: list[ListView]) -> Iterator[tuple[Row, ListView]]:
    """Give the windows that have a page of their own: those whose figures may be shown."""
    for one in lists:
        if one.kind is Kind.WINDOW:
            yield from ((row, one) for row in one.rows if has_page(row))


def _line(row: Row, one: ListView, board: Board) -> dict[str, Any]:
    """Return what the pages of a unit and of a window have in common."""
    band = board.rulebook.band(row.score) if row.score is not None else None
    line = board.line(row, one)
    return {
        "row": row,
        "one": one,
        "gate": board.gate,
        "page_name": page_name(one),
        "place": place(row, board.lang, board.around),
        "standing": line["standing"],
        "confirmed": line["confirmed"],
        "band": band.text.get(board.lang) if band else None,
        "axis": board.axis(one),
        "strip": line["strip"],
        **why(row, one, board),
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
    if rest is not None and rest.weighted_sum is not None:
        return None
    number = len(means) + (rest.windows if rest else 0)
    exact = sum((Fraction(f.sum, f.visits) for f in row.windows), Fraction())
    total = score.rounded(exact) + (rest.sum_of_means if rest else 0)
    return {"means": means, "rest": rest, "number": number, "total": total, "score": row.score}
