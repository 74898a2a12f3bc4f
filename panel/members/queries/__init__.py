"""Reads of seats and recusals."""

from __future__ import annotations

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

__all__ = [
    "codes_of",
    "composition",
    "count_of",
    "exclusions",
    "member",
    "of_campaign",
    "qualified",
    "serving",
    "several",
    "some",
]
