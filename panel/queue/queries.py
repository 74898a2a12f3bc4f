"""What waits and what was given up."""

from __future__ import annotations

import datetime as dt

from panel.queue.tables import JobRow
from panel.queue.types import JobState


async def job_waits(*, since: dt.datetime) -> bool:
    """Tell whether a job that was due then is still neither done nor given up."""
    return await JobRow.exists().where(JobRow.state == JobState.READY, JobRow.run_at <= since)


async def counts() -> dict[JobState, int]:
    """Return the number of jobs by state."""
    rows = await JobRow.raw("SELECT state, count(*) AS n FROM job GROUP BY state")
    found = {row["state"]: int(row["n"]) for row in rows}
    return {state: found.get(state.value, 0) for state in JobState}
