"""Opening the year from a published ranking; what becomes of orders."""

from panel.assessments.commands.marks import open_year
from panel.assessments.commands.orders import receive

__all__ = [
    "open_year",
    "receive",
]
