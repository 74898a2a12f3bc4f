"""Tables of annual marks and rectification orders."""

from panel.assessments.tables.marks import (
    AnnualLine,
    AssessmentYear,
    Consequence,
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
    "AnnualLine",
    "AssessmentYear",
    "Consequence",
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
