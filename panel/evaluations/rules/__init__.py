"""Decisions about sheets: pure."""

from panel.evaluations.rules.judging import (
    asked,
    capped,
    check,
    faults,
    judge,
    value_of_wait,
    values,
)
from panel.evaluations.rules.photos import MOST_PHOTOS, check_position, may_add, metres
from panel.evaluations.rules.review import (
    decided,
    may_confirm_void,
    may_keep,
    may_review,
    may_void,
    overdue_before,
    reason_given,
    revision_due,
)
from panel.evaluations.rules.sending import (
    flags,
    is_late,
    may_write,
    sheet_due,
    text_sample,
    urgency,
)

__all__ = [
    "MOST_PHOTOS",
    "asked",
    "capped",
    "check",
    "check_position",
    "decided",
    "faults",
    "flags",
    "is_late",
    "judge",
    "may_add",
    "may_confirm_void",
    "may_keep",
    "may_review",
    "may_void",
    "may_write",
    "metres",
    "overdue_before",
    "reason_given",
    "revision_due",
    "sheet_due",
    "text_sample",
    "urgency",
    "value_of_wait",
    "values",
]
