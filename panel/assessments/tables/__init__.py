"""Tables of annual marks and rectification orders."""

from panel.assessments.tables.marks import Line, Opening
from panel.assessments.tables.orders import Order

__all__ = [
    "Line",
    "Opening",
    "Order",
]
