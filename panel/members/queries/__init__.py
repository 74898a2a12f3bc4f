"""Reads of seats, terms and learning."""

from __future__ import annotations

from panel.members.queries.certificates import certificate, unpledged
from panel.members.queries.progress import calibration, progress
from panel.members.queries.readiness import ready_for
from panel.members.queries.seats import (
    codes_of,
    composition,
    count_of,
    everybody,
    exclusions,
    households,
    housemates,
    member,
    of_campaign,
    qualified,
    serving,
    several,
    some,
)
from panel.members.queries.terms import (
    course,
    ending,
    following,
    learning,
    over,
    recusals,
    seats_of,
)
from panel.members.queries.training import (
    attempt,
    attempt_by_key,
    attempts,
    certificate_due,
    certificates,
    certificates_of,
    learner,
    may_explain,
    pass_mark,
    practice,
    practice_by_key,
)

__all__ = [
    "attempt",
    "attempt_by_key",
    "attempts",
    "calibration",
    "certificate",
    "certificate_due",
    "certificates",
    "certificates_of",
    "codes_of",
    "composition",
    "count_of",
    "course",
    "ending",
    "everybody",
    "exclusions",
    "following",
    "households",
    "housemates",
    "learner",
    "learning",
    "may_explain",
    "member",
    "of_campaign",
    "over",
    "pass_mark",
    "practice",
    "practice_by_key",
    "progress",
    "qualified",
    "ready_for",
    "recusals",
    "seats_of",
    "serving",
    "several",
    "some",
    "unpledged",
]
