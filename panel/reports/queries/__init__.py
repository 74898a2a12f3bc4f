"""Reads of reports."""

from panel.reports.queries.allowances import allowance, paid_together
from panel.reports.queries.board import board, districts
from panel.reports.queries.places import place_lines
from panel.reports.queries.sheets import count_sheets, items_of, sheet_pages

__all__ = [
    "allowance",
    "board",
    "count_sheets",
    "districts",
    "items_of",
    "paid_together",
    "place_lines",
    "sheet_pages",
]
