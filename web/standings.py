"""Lists of rankings as pages show them: names, places in words, dots on a common scale."""

from __future__ import annotations

from fractions import Fraction
from functools import partial
from itertools import groupby
from typing import Any

from panel import score
from panel.rankings.types import Kind, ListView, Row, Standing
from panel.rulebook.types import Rulebook
from web import pictures
from web.i18n import Lang, gettext


def called(name: str, name_en: str, lang: Lang) -> str:
    """Return a name in a language, the Chinese one where there is no other."""
    return name_en if lang == "en" and name_en else name


def group_name(rulebook: Rulebook, key: str, lang: Lang) -> str:
    """Return what a peer group is called; the empty key is the whole city."""
    for group in rulebook.peer_groups:
        if group.key == key:
            return group.text.get(lang)
    return gettext(lang, "The whole city")


def plain(value: int | None) -> str | None:
    """Write hundredths as a plain number for a table."""
    return None if value is None else score.text(value)


def page_name(one: ListView) -> str:
    """Return the name of a list's page: ``units-service``."""
    return f"{one.kind.value}s-{one.scope or 'all'}"


def place(row: Row, lang: Lang) -> str:
    """Return a place as a number, or why there is none: an unsettled one is not numbered."""
    if row.provisional:
        return gettext(lang, "ranking.provisional")
    if row.place is not None:
        return str(row.place)
    return gettext(lang, f"ranking.standing.{row.standing.value}")


def rank_row(row: Row, lang: Lang) -> pictures.RankRow:
    """Return a line as the pictures draw it."""
    return pictures.RankRow(
        name=called(row.name, row.name_en, lang), score=row.score, low=row.low, high=row.high
    )


def _scale(one: ListView, gate: int) -> pictures.Scale:
    return pictures.scale_of([rank_row(row, "zh") for row in one.rows], gate)


def shown_list(one: ListView, rulebook: Rulebook, lang: Lang) -> dict[str, Any]:
    """Return a list for its page: top and bottom first, then all in runs that look alike."""
    say = partial(gettext, lang)
    gate = rulebook.ranking.gate_hundredths
    scale = _scale(one, gate)
    lines: list[dict[str, Any]] = [
        {
            "row": row,
            "name": called(row.name, row.name_en, lang),
            "unit": called(row.unit_name, row.unit_name_en, lang),
            "strip": pictures.dot_strip(rank_row(row, lang), scale, say, gate),
        }
        for row in one.rows
    ]
    return {
        "one": one,
        "gate": gate,
        "page_name": page_name(one),
        "axis": pictures.axis_strip(scale, say, gate),
        "highest": _runs([line for line in lines if line["row"].in_top]),
        "lowest": _runs([line for line in lines if line["row"].in_bottom]),
        "runs": _runs(lines),
    }


def _runs(lines: list[dict[str, Any]]) -> list[list[dict[str, Any]]]:
    """Put neighbours that can't be told apart into one run."""
    return [
        list(run)
        for _, run in groupby(lines, key=lambda line: line["row"].band or line["row"].code)
    ]


def groups(lists: list[ListView], rulebook: Rulebook, lang: Lang) -> dict[str, Any]:
    """Return all lists for the page that leads to them, the largest group first."""
    units = [each for each in lists if each.kind is Kind.UNIT]
    return {
        "lists": [
            {
                **shown_list(each, rulebook, lang),
                "visits": sum(row.visits or 0 for row in each.rows),
            }
            for each in sorted(units, key=lambda each: -len(each.rows))
        ],
        "windows": {each.scope: page_name(each) for each in lists if each.kind is Kind.WINDOW},
    }


def shown_unit(
    row: Row, one: ListView, lists: list[ListView], rulebook: Rulebook, lang: Lang
) -> dict[str, Any]:
    """Return a unit for its page: its line, its windows, how its score is made of them."""
    say = partial(gettext, lang)
    gate = rulebook.ranking.gate_hundredths
    scale = _scale(one, gate)
    places = {
        each.code: each
        for other in lists
        if other.kind is Kind.WINDOW
        for each in other.rows
        if each.unit_code == row.code
    }
    windows = [
        {
            "name": called(figure.name, figure.name_en, lang),
            "visits": figure.visits,
            "mean": mean(figure.sum, figure.visits),
            "place": place(places[figure.code], lang) if figure.code in places else None,
        }
        for figure in row.windows
        if figure.code != row.code
    ]
    return {
        "row": row,
        "one": one,
        "gate": gate,
        "page_name": page_name(one),
        "place": place(row, lang),
        "band": rulebook.band(row.score).text.get(lang) if row.score is not None else None,
        "axis": pictures.axis_strip(scale, say, gate),
        "strip": pictures.dot_strip(rank_row(row, lang), scale, say, gate),
        "windows": windows,
        "sum": _sum(row),
    }


def mean(total: int, count: int) -> int:
    """Return the mean of scores in hundredths, rounded half up once."""
    return score.mean_hundredths(total, count)


def _sum(row: Row) -> dict[str, Any] | None:
    """Return how a unit's score is made: means of its windows, their number, the score."""
    if row.score is None or not row.windows:
        return None
    means = [mean(figure.sum, figure.visits) for figure in row.windows]
    rest = row.rest
    number = len(means) + (rest.windows if rest else 0)
    exact = sum((Fraction(f.sum, f.visits) for f in row.windows), Fraction())
    total = score.rounded(exact) + (rest.sum_of_means if rest else 0)
    return {"means": means, "rest": rest, "number": number, "total": total, "score": row.score}


def example(lists: list[ListView], lang: Lang) -> dict[str, Any] | None:
    """Return a ranked unit with several windows, to be worked out on paper."""
    candidates = [
        row
        for one in lists
        if one.kind is Kind.UNIT
        for row in one.rows
        if row.standing is Standing.RANKED and row.shown and row.windows
    ]
    if not candidates:
        return None
    row = next((each for each in candidates if len(each.windows) > 1), candidates[0])
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
        "sum": _sum(row),
    }
