"""Spreadsheets as offices know them: title, numbered rows, maker and checker, ready to print."""

from __future__ import annotations

import asyncio
import io
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

import msgspec

from web.exports import harmless

XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_ORDINAL: Final = "序号"
_SHEET_NAME: Final = str.maketrans(dict.fromkeys("[]:*?/\\'", " "))
"""Signs that no sheet may have in its name."""
_WIDTH: Final = 14
_TALL: Final = 28


class Choice(msgspec.Struct, frozen=True):
    """What may be chosen in a column, with a note for each where one is needed."""

    title: str
    words: tuple[str, ...]


class Layout(msgspec.Struct, frozen=True):
    """What stands around the rows of a spreadsheet."""

    title: str
    watermark: str
    """Printed on every page: for whom, which list, by whom, when."""
    foot: tuple[str, ...]
    """Maker, checker, date."""
    widths: dict[str, int] = {}
    choices: dict[str, Choice] = {}


class Pen:
    """Writes the rows of one sheet; cells are texts, so that no digit is lost, no formula acts."""

    def __init__(self, book: Any, columns: Sequence[str], layout: Layout) -> None:
        """Write the head of the sheet."""
        name = layout.title.translate(_SHEET_NAME)[:28].strip()
        self._book = book
        self._sheet = book.add_worksheet(name or "Sheet1")
        self._last = _head(book, self._sheet, columns, layout)
        self._text = book.add_format({"num_format": "@", "border": 1, "valign": "vcenter"})
        self._columns = columns
        self._layout = layout
        self._count = 0

    def write(self, rows: Iterable[Sequence[str | int | None]]) -> None:
        """Write further rows, each with its number before it."""
        for cells in rows:
            self._count += 1
            row = self._count + 1
            self._sheet.write_number(row, 0, self._count, self._text)
            for column, cell in enumerate(cells, 1):
                self._sheet.write_string(row, column, str(harmless(cell)), self._text)

    async def add(self, rows: Sequence[Sequence[str | int | None]]) -> None:
        """Write further rows in a thread."""
        await asyncio.to_thread(self.write, rows)

    def end(self) -> None:
        """Write what stands below the rows and beside them."""
        for place, each in enumerate(self._layout.foot):
            self._sheet.write_string(self._count + 3, place * 2, each)
        _choose(self._book, self._sheet, self._columns, self._layout.choices, self._count)
        self._sheet.print_area(0, 0, self._count + 3, self._last)


def written(columns: Sequence[str], rows: Iterable[Sequence[str]], layout: Layout) -> bytes:
    """Return a workbook of some rows."""
    import xlsxwriter

    file = io.BytesIO()
    with xlsxwriter.Workbook(file, {"in_memory": True}) as book:
        pen = Pen(book, columns, layout)
        pen.write(rows)
        pen.end()
    return file.getvalue()


class Growing:
    """A workbook that is written row by row into a file and never lies in memory."""

    def __init__(self, columns: Sequence[str], layout: Layout) -> None:
        """Begin the workbook."""
        import xlsxwriter

        self._file = tempfile.TemporaryFile()  # noqa: SIM115 - lives as long as the workbook
        self._book = xlsxwriter.Workbook(self._file, {"constant_memory": True})
        self._pen = Pen(self._book, columns, layout)

    async def add(self, rows: Sequence[Sequence[str | int | None]]) -> None:
        """Write further rows."""
        await self._pen.add(rows)

    async def data(self) -> bytes:
        """End the workbook and return it."""
        self._pen.end()
        try:
            await asyncio.to_thread(self._book.close)
            self._file.seek(0)
            return self._file.read()
        finally:
            self._file.close()


def _head(book: Any, sheet: Any, columns: Sequence[str], layout: Layout) -> int:
    """Write title and column titles; return the last column."""
    last = len(columns)
    bold = {"bold": True, "align": "center", "valign": "vcenter"}
    title = str(harmless(layout.title))
    sheet.merge_range(0, 0, 0, last, title, book.add_format({**bold, "font_size": 16}))
    sheet.set_row(0, _TALL)
    text = book.add_format({"num_format": "@"})
    sheet.set_column(0, 0, 6)
    for place, name in enumerate(columns, 1):
        sheet.set_column(place, place, layout.widths.get(name, _WIDTH), text)
    sheet.write_row(1, 0, (_ORDINAL, *columns), book.add_format({**bold, "border": 1}))
    sheet.freeze_panes(2, 0)
    sheet.repeat_rows(0, 1)
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    mark = layout.watermark.replace("&", "＆")  # noqa: RUF001 - a plain one begins a code there
    sheet.set_header(f"&C&8{mark}")
    sheet.set_footer("&C&8&P / &N")
    return last


def _choose(
    book: Any, sheet: Any, columns: Sequence[str], choices: Mapping[str, Choice], count: int
) -> None:
    """Offer the words of a column as a list to choose from, kept on a sheet of their own."""
    for name, choice in choices.items():
        other = book.add_worksheet(choice.title[:28])
        other.set_column(0, 0, 60)
        other.write_column(0, 0, choice.words)
        place = list(columns).index(name) + 1
        source = f"='{choice.title[:28]}'!$A$1:$A${len(choice.words)}"
        sheet.data_validation(
            2, place, max(count + 1, 2), place, {"validate": "list", "source": source}
        )
