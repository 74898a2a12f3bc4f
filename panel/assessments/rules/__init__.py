"""The annual mark, eligibility, and orders to rectify (methods.md 7)."""

from panel.assessments.rules.marks import eligibility, may_open, visits
from panel.assessments.rules.orders import to_rectify

__all__ = [
    "eligibility",
    "may_open",
    "to_rectify",
    "visits",
]
