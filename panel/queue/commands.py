"""Enqueueing jobs, claiming them by lease, finishing or putting them off."""

from __future__ import annotations

import datetime as dt
from typing import Any, Final

import msgspec

from panel.db import Duplicate, insert_rows, savepoint, transaction
from panel.queue.tables import JobRow
from panel.queue.types import Job, JobState

ATTEMPTS: Final = 8
_BACKOFF: Final = 15
"""Seconds before the second attempt; each further one waits twice as long."""


async def enqueue(
    kind: str, payload: dict[str, Any], *, run_at: dt.datetime, dedupe: str | None = None
) -> None:
    """Add a job to the caller's transaction; one with a known ``dedupe`` key is the same job."""
    text = msgspec.json.encode(payload, order="deterministic").decode()
    row = JobRow(kind=kind, payload=text, run_at=run_at, dedupe=dedupe)
    async with transaction():
        try:
            async with savepoint():
                await insert_rows(JobRow, [row])
        except Duplicate:
            return


async def claim(
    kinds: list[str], worker: str, *, at: dt.datetime, lease: dt.timedelta
) -> Job | None:
    """Lease the job that is due longest, if any; a lapsed lease is free again."""
    free = JobRow.lease_until.is_null() | (JobRow.lease_until < at)
    due = (
        await JobRow.select(JobRow.id)
        .where(JobRow.state == JobState.READY, JobRow.run_at <= at, JobRow.kind.is_in(kinds), free)
        .order_by(JobRow.run_at)
        .limit(5)
    )
    for candidate in due:
        rows = (
            await JobRow.update(
                {
                    JobRow.lease_until: at + lease,
                    JobRow.worker: worker,
                    JobRow.attempts: JobRow.attempts + 1,
                }
            )
            .where(JobRow.id == candidate["id"], JobRow.state == JobState.READY, free)
            .returning(JobRow.id, JobRow.kind, JobRow.payload, JobRow.attempts, JobRow.run_at)
        )
        if rows:
            row = rows[0]
            return Job(
                id=row["id"],
                kind=row["kind"],
                payload=msgspec.json.decode(row["payload"], type=dict[str, Any]),
                attempts=row["attempts"],
                run_at=row["run_at"],
            )
    return None


async def renew(job: Job, worker: str, *, until: dt.datetime) -> bool:
    """Keep a job leased while it runs; tell whether it is still this worker's."""
    rows = (
        await JobRow.update({JobRow.lease_until: until})
        .where(JobRow.id == job.id, JobRow.worker == worker, JobRow.lease_until.is_not_null())
        .returning(JobRow.id)
    )
    return bool(rows)


async def done(job: Job) -> None:
    """Mark a job as done; called inside the transaction of its effects where it has one."""
    await JobRow.update({JobRow.state: JobState.DONE, JobRow.lease_until: None}).where(
        JobRow.id == job.id
    )


async def again(job: Job, *, run_at: dt.datetime) -> None:
    """Let a recurring job come back at a time, with fresh attempts."""
    await JobRow.update(
        {JobRow.run_at: run_at, JobRow.lease_until: None, JobRow.attempts: 0, JobRow.error: ""}
    ).where(JobRow.id == job.id)


async def fail(job: Job, error: str, *, at: dt.datetime) -> None:
    """Put a failed job off, doubling the wait; give it up after the last attempt.

    A worker whose lease lapsed has no say any more: another one has begun the job, or ended it.
    """
    wait = dt.timedelta(seconds=_BACKOFF * 2 ** (job.attempts - 1))
    state = JobState.DEAD if job.attempts >= ATTEMPTS else JobState.READY
    await JobRow.update(
        {
            JobRow.state: state,
            JobRow.run_at: at + wait,
            JobRow.lease_until: None,
            JobRow.error: error,
        }
    ).where(JobRow.id == job.id, JobRow.state == JobState.READY, JobRow.attempts == job.attempts)
