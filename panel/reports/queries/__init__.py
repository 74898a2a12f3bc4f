"""Reads of reports."""

from panel.reports.queries.allowances import allowance, paid_together
from panel.reports.queries.board import board, districts
from panel.reports.queries.ledger import ledger, own_ledger
from panel.reports.queries.places import place_lines
from panel.reports.queries.scoreboard import scoreboard, scored_years
from panel.reports.queries.sheets import count_sheets, items_of, sheet_pages, sheet_rows

__all__ = [
    "allowance",
    "board",
    "count_sheets",
    "districts",
    "items_of",
    "ledger",
    "own_ledger",
    "paid_together",
    "place_lines",
    "scoreboard",
    "scored_years",
    "sheet_pages",
    "sheet_rows",
]
