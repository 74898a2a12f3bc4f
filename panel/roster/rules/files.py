"""From the bytes of a file to a grid of texts: encodings and delimiters of CSV, cells of XLSX."""

from __future__ import annotations

import codecs
import csv
import io
import re
import zipfile
import zlib
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Final

import msgspec

from panel.errors import Invalid

MAX_BYTES: Final = 10_000_000
_MAX_UNPACKED: Final = 200_000_000
_DAMAGE: Final = (zipfile.BadZipFile, zlib.error, OSError, RuntimeError)
"""What reading a damaged, encrypted or invented archive may raise."""
_MAX_CELLS: Final = 5_000_000
_ZIP: Final = b"PK\x03\x04"
_OLE: Final = b"\xd0\xcf\x11\xe0"
_DELIMITERS: Final = ",;\t"
_EXACT: Final = 10**15
"""Office programs keep 15 digits of a number; a longer one has lost its end."""

_CELL = re.compile(rb"<(?:\w+:)?c\s")
_FORMULA = re.compile(rb"<(?:\w+:)?f[\s>/]")
_PLACE = re.compile(rb'\br="([A-Z]{1,3})(\d{1,7})"')
_SHEET = re.compile(rb'<(?:\w+:)?sheet\s[^>]*?\b\w+:id="([^"]+)"')
_RELATION = re.compile(rb"<(?:\w+:)?Relationship\s[^>]*>")
_ATTRIBUTE = re.compile(rb'\b(Id|Target)="([^"]+)"')

Cell = int | float | str | bool | date | time | timedelta


class Grid(msgspec.Struct, frozen=True):
    """Rows of raw texts; formulas by row and column (both from 1) where the file marks them."""

    rows: list[list[str]]
    formulas: frozenset[tuple[int, int]] = frozenset()
    guessed: bool = False
    """The encoding was not certain: a missing header then means another encoding."""


def read(data: bytes, filename: str, columns: Sequence[str]) -> Grid:
    """Read a file by what it holds, not by its name; refuse what is no table."""
    if not data.strip():
        raise Invalid("import.empty_file")
    if len(data) > MAX_BYTES:
        raise Invalid("import.too_large", megabytes=MAX_BYTES // 1_000_000)
    if data.startswith(_ZIP):
        return _xlsx(data)
    if data.startswith(_OLE) or filename.lower().endswith((".xls", ".xlsx", ".et", ".ods")):
        raise Invalid("import.old_format")
    text, guessed = _decode(data)
    return Grid(rows=_csv(text, columns), guessed=guessed)


def misread(rows: Sequence[Sequence[str]], columns: Sequence[str]) -> bool:
    """Tell whether the columns appear once a text read in the wrong encoding is put right."""
    text = "\n".join(cell for row in rows for cell in row)
    for wrong, right in (("gb18030", "utf-8"), ("latin-1", "utf-8"), ("latin-1", "gb18030")):
        again = text.encode(wrong, "ignore").decode(right, "ignore")
        if sum(column in again for column in columns) >= min(2, len(columns)):
            return True
    return False


def _decode(data: bytes) -> tuple[str, bool]:
    """Decode UTF-8 (with or without mark), UTF-16 (with mark) or GB18030."""
    encodings: tuple[str, ...]
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        encodings = ("utf-16",)
    elif data.startswith(codecs.BOM_UTF8):
        encodings = ("utf-8-sig",)
    else:
        encodings = ("utf-8", "gb18030")
    for encoding in encodings:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text, encoding == "gb18030"
    raise Invalid("import.encoding")


def _csv(text: str, columns: Sequence[str]) -> list[list[str]]:
    """Split by the delimiter that brings out the most of the columns."""
    best: list[list[str]] = []
    hits = -1
    for delimiter in _DELIMITERS:
        try:
            rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
        except csv.Error as problem:
            raise Invalid("import.unreadable") from problem
        found = max(
            (len({cell.strip() for cell in row} & set(columns)) for row in rows[:10]), default=0
        )
        if found > hits:
            best, hits = rows, found
    return best


def _xlsx(data: bytes) -> Grid:
    """Read the first visible sheet."""
    from python_calamine import CalamineError, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            if sum(info.file_size for info in archive.infolist()) > _MAX_UNPACKED:
                raise Invalid("import.too_large", megabytes=MAX_BYTES // 1_000_000)
            if archive.testzip() is not None:  # a part is larger than the list of contents says
                raise Invalid("import.unreadable")
            with CalamineWorkbook.from_filelike(io.BytesIO(data)) as book:
                place = next(
                    number
                    for number, sheet in enumerate(book.sheets_metadata)
                    if sheet.visible == SheetVisibleEnum.Visible
                    and sheet.typ == SheetTypeEnum.WorkSheet
                )
                found, formulas = _places(archive.read(_path(archive, place)))
                if found > _MAX_CELLS:  # one cell far out would be read as a grid up to it
                    raise Invalid("import.too_large", megabytes=MAX_BYTES // 1_000_000)
                cells = book.get_sheet_by_index(place).to_python(skip_empty_area=False)
    except (*_DAMAGE, CalamineError, StopIteration, KeyError) as problem:
        raise Invalid("import.unreadable") from problem
    return Grid(rows=[[_text(cell) for cell in row] for row in cells], formulas=formulas)


def _text(cell: Cell) -> str:
    """Write a cell as people see it; a number too long for Excel as 1.5E+17, like Excel does."""
    if isinstance(cell, bool):
        return "是" if cell else "否"
    if isinstance(cell, int | float):
        if abs(cell) >= _EXACT:
            return f"{cell:.5E}"
        return str(int(cell)) if cell == int(cell) else repr(cell)
    if isinstance(cell, datetime):
        midnight = cell.time() == time()
        return cell.date().isoformat() if midnight else cell.isoformat(" ")
    if isinstance(cell, date | time):
        return cell.isoformat()
    return str(cell)


def _places(sheet: bytes) -> tuple[int, frozenset[tuple[int, int]]]:
    """Return the size of the grid that holds all cells, and the cells whose value was computed.

    The reader of values tells neither before it reads.
    """
    found = set()
    last_row = last_column = 0
    for part in _CELL.split(sheet)[1:]:
        own = part.split(b"</c>", 1)[0]
        where = _PLACE.search(own.split(b">", 1)[0])
        if where is None:
            continue
        column = 0
        for letter in where[1]:
            column = column * 26 + letter - 64
        last_row, last_column = max(last_row, int(where[2])), max(last_column, column)
        if _FORMULA.search(own):
            found.add((int(where[2]), column))
    return last_row * last_column, frozenset(found)


def _path(archive: zipfile.ZipFile, place: int) -> str:
    """Return the path of the sheet at this place of the workbook."""
    wanted = _SHEET.findall(archive.read("xl/workbook.xml"))[place : place + 1]
    for relation in _RELATION.findall(archive.read("xl/_rels/workbook.xml.rels")):
        facts = dict(_ATTRIBUTE.findall(relation))
        if [facts.get(b"Id")] == wanted:
            target = facts[b"Target"].decode()
            return target.lstrip("/") if target.startswith("/") else f"xl/{target}"
    raise KeyError(place)
