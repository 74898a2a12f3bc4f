"""The pages of one publication: their names, templates and contents, in one language."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from panel.ids import Code
from panel.rankings.types import AnswerView, Kind, ListView
from panel.rulebook.types import Rulebook
from web.i18n import Lang
from web.standings.board import Board
from web.standings.letters import by_letter
from web.standings.lines import ALONE, Around, Period
from web.standings.lists import groups, whole_list
from web.standings.method import example, town
from web.standings.names import called, page_name
from web.standings.subjects import unit_page, window_page, window_rows


class Page(NamedTuple):
    """One page: its name below the tree of a language and size, its template, its content."""

    name: str
    template: str
    content: dict[str, Any]


def pages(
    lists: list[ListView],
    rulebook: Rulebook,
    lang: Lang,
    *,
    around: Around = ALONE,
    answers: Mapping[Code, AnswerView] | None = None,
) -> Iterator[Page]:
    """Give every page of a publication; the empty name is the page of all lists."""
    board = Board(lists, rulebook, lang, around)
    yield _page("", "index", groups(board))
    yield _page("method", "method", {"example": example(lists, lang, around.model), "town": town()})
    yield _page("names", "names", by_letter(lists, lang))
    for one in lists:
        yield _page(page_name(one), "list", whole_list(one, board))
        if one.kind is Kind.UNIT:
            for row in one.rows:
                answer = (answers or {}).get(row.code)
                found = {**unit_page(row, one, board), "answer": answer}
                yield _page(f"unit/{row.code}", "unit", found)
    for row, one in window_rows(lists):
        yield _page(f"window/{row.code}", "window", window_page(row, one, board))
    for period in around.earlier:
        yield from _earlier(period, rulebook, lang)


def _earlier(period: Period, rulebook: Rulebook, lang: Lang) -> Iterator[Page]:
    """Give the lists of an earlier period again, as they were published."""
    tree = f"earlier/{period.code}"
    more = {"period": called(period.title, period.title_en, lang), "tree": f"{tree}/"}
    board = Board(list(period.lists), rulebook, lang)
    yield _page(tree, "index", {**groups(board), **more})
    for one in board.lists:
        yield _page(f"{tree}/{page_name(one)}", "list", {**whole_list(one, board), **more})


def _page(name: str, template: str, content: dict[str, Any]) -> Page:
    return Page(name, f"public/rankings/{template}.html", {"tree": "", "period": "", **content})
