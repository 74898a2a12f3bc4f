"""Jobs as the worker sees them."""

from __future__ import annotations

import datetime as dt
from enum import StrEnum
from typing import Any

import msgspec


class JobState(StrEnum):
    """A job waits, is done, or was given up after too many attempts."""

    READY = "ready"
    DONE = "done"
    DEAD = "dead"


class Job(msgspec.Struct, frozen=True):
    """One claimed job; its id is the idempotency key of its external effects."""

    id: int
    kind: str
    payload: dict[str, Any]
    attempts: int
    run_at: dt.datetime
