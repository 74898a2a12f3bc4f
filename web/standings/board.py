"""All lists of one publication with what every page asks of them, looked up once."""

from __future__ import annotations

from functools import partial
from typing import Any, NamedTuple

from panel.ids import Code
from panel.rankings.types import Kind, ListView, Row
from panel.rulebook.types import Rulebook
from web import pictures
from web.i18n import Lang, gettext
from web.standings.lines import ALONE, Around, Period, confirmed, rank_row, scale, standing_key
from web.standings.names import called


class Placed(NamedTuple):
    """The lines of a list that have a place, in their order, and where each code stands."""

    rows: list[Row]
    at: dict[Code, int]
    bands: dict[int, tuple[int, int]]
    """First and last of the neighbours who can't be told apart."""


class Past(NamedTuple):
    """A line in an earlier period."""

    period: Period
    one: ListView
    row: Row


class Board:
    """The lists in one language; a city has thousands of lines, so nothing is searched twice."""

    def __init__(
        self, lists: list[ListView], rulebook: Rulebook, lang: Lang, around: Around = ALONE
    ) -> None:
        """Keep the lists and note who stands where."""
        self.lists = lists
        self.rulebook = rulebook
        self.lang = lang
        self.around = around
        self.gate = rulebook.ranking.gate_hundredths
        self.say = partial(gettext, lang)
        self.units = {row.code for one in lists if one.kind is Kind.UNIT for row in one.rows}
        self.windows: dict[Code, dict[Code, Row]] = {}
        for one in lists:
            if one.kind is Kind.WINDOW:
                for row in one.rows:
                    self.windows.setdefault(row.unit_code, {})[row.code] = row
        self.past: dict[tuple[Kind, Code], list[Past]] = {}
        for period in around.earlier:
            for one in period.lists:
                for row in one.rows:
                    if row.score is not None:
                        found = self.past.setdefault((one.kind, row.code), [])
                        found.append(Past(period, one, row))
        self._scales: dict[int, pictures.Scale] = {}
        self._placed: dict[int, Placed] = {}

    def scale(self, one: ListView) -> pictures.Scale:
        """Return the one scale on which all lines of a list are drawn."""
        found = self._scales.get(id(one))
        if found is None:
            found = self._scales[id(one)] = scale(one, self.gate)
        return found

    def placed(self, one: ListView) -> Placed:
        """Return the lines of a list that have a place."""
        found = self._placed.get(id(one))
        if found is None:
            rows = [row for row in one.rows if row.place is not None]
            bands: dict[int, tuple[int, int]] = {}
            for number, row in enumerate(rows):
                if row.band:
                    bands[row.band] = (bands.get(row.band, (number, 0))[0], number)
            at = {row.code: number for number, row in enumerate(rows)}
            found = self._placed[id(one)] = Placed(rows, at, bands)
        return found

    def axis(self, one: ListView) -> str:
        """Draw the head of a list's strips."""
        return pictures.axis_strip(self.scale(one), self.say, self.gate)

    def line(self, row: Row, one: ListView) -> dict[str, Any]:
        """Return one line of a list for its table."""
        key = standing_key(row, self.around)
        drawn = rank_row(row, self.lang)
        return {
            "row": row,
            "name": called(row.name, row.name_en, self.lang),
            "unit": called(row.unit_name, row.unit_name_en, self.lang),
            "standing": key,
            "confirmed": confirmed(row) and not key,
            "strip": pictures.dot_strip(drawn, self.scale(one), self.say, self.gate),
        }
