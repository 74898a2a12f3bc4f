"""One line of a list in words and signs: its place or why there is none, its dot and interval."""

from __future__ import annotations

import msgspec

from panel.ids import Code
from panel.rankings.types import Certainty, ListView, Model, Row
from web import pictures
from web.i18n import Lang, gettext
from web.standings.names import called


class Period(msgspec.Struct, frozen=True):
    """What was published of an earlier period, as it was published."""

    code: Code
    title: str
    title_en: str
    lists: tuple[ListView, ...]


class Around(msgspec.Struct, frozen=True):
    """What stands around the lists of one publication."""

    appealed: frozenset[Code] = frozenset()
    """Units and windows whose place is withheld: an appeal about it is not decided."""
    earlier: tuple[Period, ...] = ()
    """Earlier periods, the newest first."""
    model: Model | None = None


ALONE = Around()


def unsettled(row: Row) -> bool:
    """Tell whether a line has no number of its own: in a list or outside of it, but not surely."""
    return row.provisional or row.certainty is Certainty.PROVISIONAL


def standing_key(row: Row, around: Around = ALONE) -> str:
    """Return the key of the word that stands where the place would; none where it is a number."""
    if row.code in around.appealed:
        return "ranking.under_appeal"
    if unsettled(row):
        return "ranking.provisional"
    return "" if row.place is not None else f"ranking.standing.{row.standing.value}"


def place(row: Row, lang: Lang, around: Around = ALONE) -> str:
    """Return a place as a number, or why there is none: an unsettled one is not numbered."""
    key = standing_key(row, around)
    return gettext(lang, key) if key else str(row.place)


def confirmed(row: Row) -> bool:
    """Tell whether a line is surely one of the first or last."""
    return row.certainty is Certainty.CONFIRMED and (row.in_top or row.in_bottom)


def rank_row(row: Row, lang: Lang) -> pictures.RankRow:
    """Return a line as the pictures draw it."""
    return pictures.RankRow(
        name=called(row.name, row.name_en, lang), score=row.score, low=row.low, high=row.high
    )


def scale(one: ListView, gate: int) -> pictures.Scale:
    """Return the one scale on which all lines of a list are drawn."""
    return pictures.scale_of([rank_row(row, "zh") for row in one.rows], gate)
