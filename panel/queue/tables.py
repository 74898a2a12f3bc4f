"""The one table of jobs."""

from __future__ import annotations

from piccolo.columns import Integer, Serial, Text, Timestamptz, Varchar
from piccolo.table import Table

from panel.queue.types import JobState


class JobRow(Table, tablename="job"):
    """A job with its lease; ``dedupe`` lets a job be enqueued again and again as one."""

    id: Serial
    kind = Varchar(length=60)
    payload = Text(default="{}")
    run_at = Timestamptz(default=None, index=True)
    attempts = Integer(default=0)
    state = Varchar(length=10, default=JobState.READY.value, index=True)
    lease_until = Timestamptz(null=True, default=None)
    worker = Varchar(length=60, default="")
    dedupe = Varchar(length=120, null=True, default=None, unique=True)
    error = Text(default="")
