"""Lists for their pages: the first and last, then all in runs of neighbours that look alike."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from itertools import groupby
from typing import Any

from panel.rankings.types import Kind, ListView, Row
from panel.rulebook.types import Rulebook
from web import pictures
from web.i18n import Lang, gettext
from web.standings.funnels import funnel
from web.standings.lines import ALONE, Around, confirmed, rank_row, scale, standing_key
from web.standings.names import called, page_name


def line(
    row: Row, lang: Lang, drawn_on: pictures.Scale, gate: int, around: Around = ALONE
) -> dict[str, Any]:
    """Return one line of a list for its table."""
    return {
        "row": row,
        "name": called(row.name, row.name_en, lang),
        "unit": called(row.unit_name, row.unit_name_en, lang),
        "standing": standing_key(row, around),
        "confirmed": confirmed(row) and not standing_key(row, around),
        "strip": pictures.dot_strip(rank_row(row, lang), drawn_on, partial(gettext, lang), gate),
    }


def shown_list(
    one: ListView, rulebook: Rulebook, lang: Lang, around: Around = ALONE
) -> dict[str, Any]:
    """Return a list for its page: top and bottom first, then all in runs that look alike."""
    say = partial(gettext, lang)
    gate = rulebook.ranking.gate_hundredths
    drawn_on = scale(one, gate)
    lines = [line(row, lang, drawn_on, gate, around) for row in one.rows]
    return {
        "one": one,
        "gate": gate,
        "page_name": page_name(one),
        "axis": pictures.axis_strip(drawn_on, say, gate),
        "highest": runs([each for each in lines if each["row"].in_top]),
        "lowest": runs([each for each in lines if each["row"].in_bottom]),
        "runs": runs(lines),
        "certain": any(row.certainty is not None for row in one.rows),
        "appealed": sum(row.code in around.appealed for row in one.rows),
        "funnel": funnel(one, None, lang, around),
    }


def runs(lines: Sequence[dict[str, Any]]) -> list[list[dict[str, Any]]]:
    """Put neighbours that can't be told apart into one run."""
    return [
        list(run)
        for _, run in groupby(lines, key=lambda each: each["row"].band or each["row"].code)
    ]


def groups(
    lists: list[ListView], rulebook: Rulebook, lang: Lang, around: Around = ALONE
) -> dict[str, Any]:
    """Return all lists for the page that leads to them, the largest group first."""
    units = [each for each in lists if each.kind is Kind.UNIT]
    return {
        "lists": [
            {
                **shown_list(each, rulebook, lang, around),
                "visits": sum(row.visits or 0 for row in each.rows),
            }
            for each in sorted(units, key=lambda each: -len(each.rows))
        ],
        "windows": {each.scope: page_name(each) for each in lists if each.kind is Kind.WINDOW},
        "earlier": [
            {"code": each.code, "title": called(each.title, each.title_en, lang)}
            for each in around.earlier
        ],
    }
