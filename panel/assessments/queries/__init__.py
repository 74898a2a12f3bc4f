"""Reads of annual lines and of orders; a unit reads its own only."""

from panel.assessments.queries.marks import lines, unit_lines, years
from panel.assessments.queries.orders import orders, unit_order, unit_orders

__all__ = [
    "lines",
    "orders",
    "unit_lines",
    "unit_order",
    "unit_orders",
    "years",
]
