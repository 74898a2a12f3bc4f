"""Looks at covert visits that are still to come."""

from __future__ import annotations

from datetime import datetime

import msgspec

from panel.ids import Code
from panel.visits.types.rounds import Mode


class CovertLook(msgspec.Struct, frozen=True):
    """Who looked at a round's covert visits before they were made, and why."""

    round_code: Code
    round_title: str
    round_title_en: str
    name: str
    office: str
    reason: str
    at: datetime
    until: datetime
    pages: int
    """Pages that were read meanwhile."""


class Upcoming(msgspec.Struct, frozen=True):
    """One visit that is still to come: where and until when, never who."""

    task_code: Code
    unit_name: str
    window_name: str
    district: str
    mode: Mode
    state: str
    opens_at: datetime
    due_at: datetime
