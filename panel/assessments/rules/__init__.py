"""The annual mark, eligibility, and orders to rectify (methods.md 7)."""

from panel.assessments.rules.marks import eligibility, mark, may_open, visits
from panel.assessments.rules.orders import days_left, due_dates, may_receive, to_rectify

__all__ = [
    "days_left",
    "due_dates",
    "eligibility",
    "mark",
    "may_open",
    "may_receive",
    "to_rectify",
    "visits",
]
