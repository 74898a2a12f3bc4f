"""Lists for their pages: the first and last, then all in runs of neighbours that look alike."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import Any

from panel.rankings.types import Kind, ListView
from panel.rulebook.types import Rulebook
from web.i18n import Lang
from web.standings.board import Board
from web.standings.funnels import funnel
from web.standings.lines import ALONE, Around
from web.standings.names import called, page_name


def shown_list(
    one: ListView, rulebook: Rulebook, lang: Lang, around: Around = ALONE
) -> dict[str, Any]:
    """Return a list for its page: top and bottom first, then all in runs that look alike."""
    return whole_list(one, Board([one], rulebook, lang, around))


def whole_list(one: ListView, board: Board) -> dict[str, Any]:
    """Return a list of a board for its page."""
    lines = [board.line(row, one) for row in one.rows]
    return {
        "one": one,
        "gate": board.gate,
        "page_name": page_name(one),
        "axis": board.axis(one),
        "highest": runs([each for each in lines if each["row"].in_top]),
        "lowest": runs([each for each in lines if each["row"].in_bottom]),
        "runs": runs(lines),
        "certain": any(row.certainty is not None for row in one.rows),
        "appealed": sum(row.code in board.around.appealed for row in one.rows),
        "funnel": funnel(one, None, board.lang, board.around),
    }


def runs(lines: Sequence[dict[str, Any]]) -> list[list[dict[str, Any]]]:
    """Put neighbours that can't be told apart into one run."""
    return [
        list(run)
        for _, run in groupby(lines, key=lambda each: each["row"].band or each["row"].code)
    ]


def groups(board: Board) -> dict[str, Any]:
    """Return all lists for the page that leads to them, the largest group first."""
    units = [each for each in board.lists if each.kind is Kind.UNIT]
    return {
        "lists": [
            {**whole_list(each, board), "visits": sum(row.visits or 0 for row in each.rows)}
            for each in sorted(units, key=lambda each: -len(each.rows))
        ],
        "windows": {
            each.scope: page_name(each) for each in board.lists if each.kind is Kind.WINDOW
        },
        "earlier": [
            {"code": each.code, "title": called(each.title, each.title_en, board.lang)}
            for each in board.around.earlier
        ],
    }
