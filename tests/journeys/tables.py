"""Spreadsheets as offices send them: written and filled in outside of the service."""

from __future__ import annotations

import io
from collections.abc import Collection, Mapping, Sequence

import python_calamine
import xlsxwriter

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def workbook(rows: Sequence[Sequence[object]]) -> bytes:
    """Return a workbook of one sheet with these cells as texts."""
    file = io.BytesIO()
    with xlsxwriter.Workbook(file, {"in_memory": True}) as book:
        sheet = book.add_worksheet()
        for number, cells in enumerate(rows):
            for place, cell in enumerate(cells):
                sheet.write_string(number, place, str(cell))
    return file.getvalue()


def sheet(rows: Sequence[Mapping[str, str]]) -> bytes:
    """Return a workbook with column titles, as an office keeps its list."""
    titles = list(dict.fromkeys(name for row in rows for name in row))
    return workbook([titles, *([row.get(name, "") for name in titles] for row in rows)])


def answered(data: bytes, hits: Collection[str]) -> bytes:
    """Fill in a vetting list as its office does: a finding about some, nothing about the others."""
    book = python_calamine.load_workbook(io.BytesIO(data))
    cells = [list(row) for row in book.get_sheet_by_index(0).to_python()]
    titles = [str(cell) for cell in cells[1]]
    ticket, verdict, why = (titles.index(name) for name in ("报名号", "审查意见", "原因"))
    reason = book.get_sheet_by_name("原因").to_python()[0][0]
    for row in cells[2:]:
        if isinstance(row[0], float):  # the others are empty, or tell who made the list
            row[verdict] = "不通过" if row[ticket] in hits else "通过"
            row[why] = reason if row[ticket] in hits else ""
    return workbook(
        [
            [str(int(cell)) if isinstance(cell, float) else str(cell) for cell in row]
            for row in cells
        ]
    )
