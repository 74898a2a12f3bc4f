"""Deadlines of findings: a soft limit, a hard one, and who hears of it next."""

from __future__ import annotations

from datetime import datetime
from enum import IntEnum, StrEnum

import msgspec

from panel.ids import Code


class ClockKind(StrEnum):
    """What runs against time."""

    RECEIPT = "receipt"
    """The unit acknowledges; its reply is timed from then."""
    REPLY = "reply"
    CHECK = "check"
    TRANSFER = "transfer"
    ORDER = "order"


class ClockState(StrEnum):
    """Whether a deadline still runs."""

    RUNNING = "running"
    PAUSED = "paused"
    MET = "met"
    MISSED = "missed"


class Level(IntEnum):
    """Whom a deadline has reached so far."""

    CALM = 0
    NEAR = 1
    """Whoever has to act was told."""
    OVER = 2
    """Whoever stands above was told."""
    HEAD = 3
    """A day later the head was told."""


class ClockView(msgspec.Struct, frozen=True):
    """One deadline; the calendar that it was counted by stays with it."""

    id: int
    finding: int
    kind: ClockKind
    about: str
    """Code of the transfer that it times."""
    state: ClockState
    started_at: datetime
    soft_at: datetime
    due_at: datetime
    run_at: datetime | None
    paused_at: datetime | None
    paused_seconds: int
    extensions: int
    level: Level
    calendar_version: str

    def near(self, at: datetime) -> bool:
        """Tell whether the soft limit has passed."""
        return self.state is ClockState.RUNNING and self.soft_at <= at <= self.due_at

    def overdue(self, at: datetime) -> bool:
        """Tell whether the hard limit has passed."""
        return self.state is ClockState.RUNNING and at > self.due_at


class Limits(msgspec.Struct, frozen=True):
    """The moments of a deadline."""

    soft_at: datetime
    due_at: datetime


class Waiting(msgspec.Struct, frozen=True):
    """A deadline that has reached somebody's desk."""

    finding: Code
    unit_name: str
    unit_name_en: str
    kind: ClockKind
    level: Level
    due_at: datetime
