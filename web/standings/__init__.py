"""Rankings as pages show them: names, places in words, dots on a common scale, and why."""

from web.standings.letters import by_letter
from web.standings.lines import ALONE, Around, Period, place, rank_row, standing_key
from web.standings.lists import shown_list
from web.standings.method import example, town
from web.standings.names import called, group_name, mean, page_name, plain
from web.standings.pages import Page, pages
from web.standings.subjects import shown_unit, window_rows

__all__ = [
    "ALONE",
    "Around",
    "Page",
    "Period",
    "by_letter",
    "called",
    "example",
    "group_name",
    "mean",
    "page_name",
    "pages",
    "place",
    "plain",
    "rank_row",
    "shown_list",
    "shown_unit",
    "standing_key",
    "town",
    "window_rows",
]
