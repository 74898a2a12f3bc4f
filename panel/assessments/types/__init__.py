"""Annual marks and rectification orders; marks are integers in hundredths of a point."""

from panel.assessments.types.marks import Component, Eligibility, LineView, Mark, Opening
from panel.assessments.types.orders import OrderState, OrderView

__all__ = [
    "Component",
    "Eligibility",
    "LineView",
    "Mark",
    "Opening",
    "OrderState",
    "OrderView",
]
