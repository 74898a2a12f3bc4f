"""Tables for spreadsheets."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Final

from web.i18n import datetime_
from web.pages import Request

_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""How a formula begins; office programs read the full-width signs (＋, －, …) the same way."""
_FIRST: Final = frozenset((" ", *_FORMULA))
"""How a text begins that must be looked at more closely."""
_BOM: Final = "\ufeff"
Cell = str | int | None


def csv_file(header: Sequence[str], rows: Iterable[Sequence[Cell]]) -> bytes:
    """Return a table that spreadsheets read as UTF-8 and in which no text acts as a formula."""
    return csv_head(header) + csv_lines(rows)


def csv_head(header: Sequence[str]) -> bytes:
    """Return the beginning of a table that is sent while it is read."""
    return _BOM.encode() + csv_lines([header])


def csv_lines(rows: Iterable[Sequence[Cell]]) -> bytes:
    """Return further lines of a table; no text acts as a formula."""
    text = io.StringIO(newline="")
    csv.writer(text).writerows(
        [harmless(cell) if isinstance(cell, str) and cell[:1] in _FIRST else cell for cell in row]
        for row in rows
    )
    return text.getvalue().encode()


class Cells(dict[Cell, str]):
    """The text of each cell of a table, made once: for columns in which few values come again."""

    def __missing__(self, cell: Cell) -> str:
        """Write a cell as it stands between two commas of a table."""
        found = self[cell] = csv_lines([[cell, None]]).decode()[: -len(",\r\n")]
        return found


def watermark(request: Request) -> str:
    """Return the mark of an export: who took it out of which office, and when."""
    return request.text(
        "Taken out by {name}, {office}, {time}",
        name=request.actor.name,
        office=request.actor.office,
        time=datetime_(request.lang, request.at),
    )


def harmless(cell: Cell) -> str | int:
    """Return a cell whose text no office program takes for a formula."""
    if isinstance(cell, str) and cell.lstrip(" ").startswith(_FORMULA):
        return f"'{cell}"
    return "" if cell is None else cell
