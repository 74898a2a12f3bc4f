"""Who is reminded of what: never which task, never where."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

import msgspec

from panel.ids import Code
from panel.visits.types.tasks import TaskState


class Audience(StrEnum):
    """To whom a coordinator may write."""

    ALL = "all"
    UNANSWERED = "unanswered"
    """Who has not answered an offer yet."""
    OPEN_TASKS = "open_tasks"
    """Who accepted and has not sent the sheet."""
    UNQUALIFIED = "unqualified"
    """Who serves and has no certificate that holds."""


class Pending(msgspec.Struct, frozen=True):
    """What one visitor still has to do in a round, as far as a reminder needs it."""

    round_code: Code
    visitor: str
    state: TaskState
    due_at: datetime
    """Last moment of the visit, or of the answer to a reviewer."""
    sheet_by: datetime
    """Last moment of the sheet."""
    answer_by: datetime | None
