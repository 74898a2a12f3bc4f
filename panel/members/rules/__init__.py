"""Decisions about seats: pure."""

from __future__ import annotations

from panel.members.rules.certificates import certificate_state
from panel.members.rules.seats import (
    WAITING,
    activates,
    compose,
    may_appoint,
    may_leave,
    may_record,
    term_end,
)
from panel.members.rules.terms import course, may_renew, may_suspend, resumed, suspended
from panel.members.rules.training import valid_until

__all__ = [
    "WAITING",
    "activates",
    "certificate_state",
    "compose",
    "course",
    "may_appoint",
    "may_leave",
    "may_record",
    "may_renew",
    "may_suspend",
    "resumed",
    "suspended",
    "term_end",
    "valid_until",
]
