"""Decisions about seats, terms and learning: pure."""

from __future__ import annotations

from panel.members.rules.certificates import (
    certificate_state,
)
from panel.members.rules.seats import (
    WAITING,
    activates,
    compose,
    may_appoint,
    may_leave,
    may_record,
    term_end,
)
from panel.members.rules.terms import (
    carried,
    course,
    may_renew,
    may_suspend,
    resumed,
    suspended,
)
from panel.members.rules.training import (
    again_from,
    case_of,
    compare,
    covered_until,
    ends_soon,
    grade,
    improves,
    may_attempt,
    may_learn,
    may_pledge,
    needed,
    practice_items,
    reminded_until,
    revealed,
    same_body,
    still_valid,
    unit_of,
    valid_until,
)

__all__ = [
    "WAITING",
    "activates",
    "again_from",
    "carried",
    "case_of",
    "certificate_state",
    "compare",
    "compose",
    "course",
    "covered_until",
    "ends_soon",
    "grade",
    "improves",
    "may_appoint",
    "may_attempt",
    "may_learn",
    "may_leave",
    "may_pledge",
    "may_record",
    "may_renew",
    "may_suspend",
    "needed",
    "practice_items",
    "reminded_until",
    "resumed",
    "revealed",
    "same_body",
    "still_valid",
    "suspended",
    "term_end",
    "unit_of",
    "valid_until",
]
