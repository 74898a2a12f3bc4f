"""Tables of annual marks and rectification orders."""

from panel.assessments.tables.marks import (
    AssessmentYear,
    Consequence,
    Line,
    Opening,
    UnitFigure,
    YearVersion,
)
from panel.assessments.tables.orders import (
    Order,
    OrderClock,
    OrderEvent,
    OrderFile,
    OrderItem,
    OrderLetter,
)

__all__ = [
    "AssessmentYear",
    "Consequence",
    "Line",
    "Opening",
    "Order",
    "OrderClock",
    "OrderEvent",
    "OrderFile",
    "OrderItem",
    "OrderLetter",
    "UnitFigure",
    "YearVersion",
]
