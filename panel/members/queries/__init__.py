"""Reads of seats and recusals."""

from __future__ import annotations

from panel.members.queries.certificates import certificate, unpledged
from panel.members.queries.seats import (
    codes_of,
    composition,
    count_of,
    exclusions,
    member,
    of_campaign,
    qualified,
    serving,
    several,
    some,
)
from panel.members.queries.terms import course, ending, following, over, recusals, seats_of

__all__ = [
    "certificate",
    "codes_of",
    "composition",
    "count_of",
    "course",
    "ending",
    "exclusions",
    "following",
    "member",
    "of_campaign",
    "over",
    "qualified",
    "recusals",
    "seats_of",
    "serving",
    "several",
    "some",
    "unpledged",
]
