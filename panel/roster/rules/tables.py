"""Reading the offices' tables: CSV and XLSX into checked texts, every fault by row and column.

Office programs damage files in a few well-known ways: another encoding, long numbers turned into
3.70802E+17, formulas where texts belong, a title above the header. What can be read safely is
read; the rest is named, cell by cell. All faults are told at once.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Collection, Sequence
from typing import Final

from panel.errors import Fault, Invalid
from panel.roster.rules import files
from panel.roster.types import Sheet, SheetRow

MAX_ROWS: Final = 20_000
MAX_FAULTS: Final = 200
"""More faults than anybody reads; their number is told all the same."""
_HEADER_WITHIN: Final = 10
_IGNORED: Final = frozenset({"序号", "备注", "no", "no."})

_WIDE = {0xFF10 + n: 0x30 + n for n in range(10)}
_WIDE |= {0xFF21 + n: 0x41 + n for n in range(26)} | {0xFF41 + n: 0x61 + n for n in range(26)}
_WIDE |= {0xFF0D: 0x2D, 0xFF0E: 0x2E, 0xFF0B: 0x2B, 0xFF1D: 0x3D, 0xFF20: 0x40}
_INVISIBLE = dict.fromkeys((0xFEFF, 0x200B, 0x200C, 0x200D, 0x2060, 0x00AD))
_PLAIN = _WIDE | _INVISIBLE

_SCIENTIFIC = re.compile(r"[+-]?\d+(\.\d+)?[eE]\+\d+")
_NUMBER = re.compile(r"[+-]?\(?\d[\d\s,.()-]*%?")
_NOTHING = re.compile(r"[-–—/／]+")  # noqa: RUF001 - how "none" is written in tables
_ERROR = re.compile(r"#(REF|N/A|NAME\?|VALUE|DIV/0|NUM|NULL|GETTING_DATA)!?", re.IGNORECASE)
_AFTERWORD = re.compile(
    r"((制表|填表|填报|审核|复核|经办|负责)人?|合\s?计|总\s?计|说明|注|日期)\s?([:：].*)?"
)
_NOTE = re.compile(r"[（(].*[)）]$")
_DAMAGED = ("\ufffd", "锟斤拷")


def read_table(
    data: bytes,
    filename: str,
    columns: Sequence[str],
    *,
    required: Collection[str],
    unique: str = "",
    faults: list[Fault] | None = None,
    most: int = MAX_ROWS,
) -> Sheet:
    """Read a CSV or XLSX file with the given columns; refuse with every fault that it has.

    ``required`` columns must stand in the header and be filled in each row; ``unique`` names the
    column that tells the rows apart. Cells under 序号 and 备注 are passed over. A caller that goes
    on to judge the cells gives a list: faults of cells are added to it, to be told all at once.
    """
    grid = files.read(data, filename, columns)
    place = _header_place(grid.rows, columns, min(2, len(columns), len(required) or 2))
    if place is None:
        suspicious = grid.guessed or files.misread(grid.rows[:_HEADER_WITHIN], columns)
        code = "import.encoding" if suspicious else "import.no_header"
        raise Invalid(code, columns=tuple(columns))
    found: list[Fault] = []
    names = _columns(grid.rows[place], columns, required, place + 1, found)
    whole = not found
    rows: list[SheetRow] = []
    for number, cells in enumerate(grid.rows[place + 1 :], place + 2):
        if _is_blank(cells) or _is_afterword(cells):
            continue
        rows.append(_row(number, cells, names, grid.formulas, found))
    _check_rows(rows, required, unique, found)
    if len(rows) > most:
        raise Invalid("import.too_many_rows", maximum=most)
    if faults is None or not whole:
        refuse_faults(found)
    else:
        faults.extend(found)
    if not rows:
        raise Invalid("import.no_rows")
    header = tuple(name for name in names if name)
    return Sheet(header=header, rows=tuple(rows))


def fault(row: int, column: str, code: str, **values: str | int) -> Fault:
    """Name a fault by the row and the column in which it stands."""
    path = f"row {row}, {column}" if column else f"row {row}"
    return Fault(path=path, code=code, values={"row": row, "column": column, **values})


def refuse_faults(faults: list[Fault]) -> None:
    """Refuse the whole file when it has any fault, the first rows first, one for each cell."""
    if faults:
        first: dict[str, Fault] = {}
        for each in faults:
            first.setdefault(each.path, each)
        ordered = sorted(first.values(), key=lambda each: int(str(each.values["row"])))
        raise Invalid("import.faults", *ordered[:MAX_FAULTS], total=len(ordered))


def tidy(text: str) -> str:
    """Make full-width digits and letters plain, drop what can't be seen, join the blanks."""
    plain = " ".join(text.translate(_PLAIN).split())
    if plain[:1] in {"'", "‘", "’"} and plain[1:2].isdigit():
        plain = plain[1:]  # the mark with which people tell Excel that a number is a text
    return "" if _NOTHING.fullmatch(plain) else plain


def _title(cell: str) -> str:
    """Reduce a column title to its name: no blanks, no asterisk, no note in brackets."""
    name = "".join(tidy(cell).split()).strip("*＊：:")  # noqa: RUF001 - titles are Chinese
    return _NOTE.sub("", name) or name


def _header_place(rows: Sequence[Sequence[str]], columns: Sequence[str], least: int) -> int | None:
    """Find the header below possible titles: the row that holds the most of the columns."""
    counts = [len({_title(cell) for cell in row} & set(columns)) for row in rows[:_HEADER_WITHIN]]
    best = max(counts, default=0)
    return counts.index(best) if best >= least else None


def _columns(
    header: Sequence[str],
    columns: Sequence[str],
    required: Collection[str],
    number: int,
    faults: list[Fault],
) -> list[str]:
    """Return the name of each column, empty for those passed over; up to the last titled one."""
    names: list[str] = []
    titled = 0
    for cell in header:
        name = _title(cell)
        if name and name not in columns and name.lower() not in _IGNORED:
            close = difflib.get_close_matches(name, columns, n=1)
            code = "import.unknown_column_like" if close else "import.unknown_column"
            faults.append(fault(number, name, code, like=close[0] if close else ""))
        elif name and name in names:
            faults.append(fault(number, name, "import.column_twice"))
        names.append(name if name in columns else "")
        titled = len(names) if name else titled
    faults.extend(
        fault(number, name, "import.missing_column")
        for name in columns
        if name in required and name not in names
    )
    return names[:titled]


def _is_blank(cells: Sequence[str]) -> bool:
    return not any(cell.strip() for cell in cells)


def _is_afterword(cells: Sequence[str]) -> bool:
    """Tell whether a row is a sum or a line for signatures below the table."""
    first = next((cell.strip() for cell in cells if cell.strip()), "")
    return _AFTERWORD.fullmatch(first) is not None


def _row(
    number: int,
    cells: Sequence[str],
    names: list[str],
    formulas: frozenset[tuple[int, int]],
    faults: list[Fault],
) -> SheetRow:
    """Read one row; a cell that can't be trusted is named and left empty."""
    found: dict[str, str] = {}
    for place, cell in enumerate(cells):
        name = names[place] if place < len(names) else ""
        text = tidy(cell)
        if not name:
            if text and place >= len(names):
                faults.append(fault(number, "", "import.too_many_cells"))
                break
            continue
        code = "import.formula" if (number, place + 1) in formulas else _damage(text)
        if code:
            faults.append(fault(number, name, code))
        found[name] = text
    return SheetRow(number=number, cells={name: found.get(name, "") for name in names if name})


def _damage(text: str) -> str:
    """Return the code of what happened to a cell, or an empty text."""
    if any(mark in text for mark in _DAMAGED):
        return "import.damaged_text"
    if _SCIENTIFIC.fullmatch(text):
        return "import.lost_digits"
    if text[:1] in {"=", "+", "-", "@"} and not _NUMBER.fullmatch(text):
        return "import.formula"
    if _ERROR.fullmatch(text):
        return "import.error_cell"
    return ""


def _check_rows(
    rows: list[SheetRow], required: Collection[str], unique: str, faults: list[Fault]
) -> None:
    """Find empty cells that must be filled, and rows that can't be told apart."""
    told = {each.path for each in faults}
    seen: dict[str, int] = {}
    for row in rows:
        for name, text in row.cells.items():
            if name in required and not text:
                empty = fault(row.number, name, "import.empty_cell")
                if empty.path not in told:
                    faults.append(empty)
        key = row.cells.get(unique, "")
        if key and key in seen:
            faults.append(fault(row.number, unique, "import.twice", first=seen[key]))
        elif key:
            seen[key] = row.number
