"""Reads of annual lines and of orders; a unit reads its own only."""

from panel.assessments.queries.appeals import appeals_of_line, open_appeals, subject
from panel.assessments.queries.consequences import (
    consequence,
    consequences,
    letters,
    unit_consequences,
)
from panel.assessments.queries.inputs import enterers, gathered, units_of
from panel.assessments.queries.marks import (
    begun,
    figures,
    line,
    lines,
    unit_line,
    unit_lines,
    versions,
    year,
    years,
)
from panel.assessments.queries.order_views import orders, orders_of_year, unit_order, unit_orders
from panel.assessments.queries.whatif import empty_mark, whatif

__all__ = [
    "appeals_of_line",
    "begun",
    "consequence",
    "consequences",
    "empty_mark",
    "enterers",
    "figures",
    "gathered",
    "letters",
    "line",
    "lines",
    "open_appeals",
    "orders",
    "orders_of_year",
    "subject",
    "unit_consequences",
    "unit_line",
    "unit_lines",
    "unit_order",
    "unit_orders",
    "units_of",
    "versions",
    "whatif",
    "year",
    "years",
]
