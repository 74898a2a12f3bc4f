"""The worker: runs due jobs by lease and seals the history; any number may run side by side."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any, Final

from panel import clock, entropy
from panel.audit import commands as audit
from panel.db import Unavailable
from panel.log import logger
from panel.queue import commands as queue
from panel.queue.types import Job
from panel.settings import Settings

LEASE: Final = dt.timedelta(seconds=30)
"""How long a job of a killed worker waits for the next one; a living worker renews it."""
_SEAL_EVERY: Final = 0.5
_LOOK_EVERY: Final = 2.0
Work = Callable[[Settings, dict[str, Any], dt.datetime], Awaitable[None]]


class Recurring:
    """A job that comes back by itself, under one dedupe key for all workers."""

    def __init__(self, work: Work, every: dt.timedelta) -> None:
        """Keep what to do and how often."""
        self.work = work
        self.every = every


async def run(settings: Settings, stop: asyncio.Event) -> None:
    """Seal and work until told to stop; a database that is away is tried again."""
    from web import jobs

    at = clock.now()
    for kind in jobs.RECURRING:
        await queue.enqueue(kind, {}, run_at=at, dedupe=kind)
    await asyncio.gather(_seal(stop), _work(settings, stop, jobs.KINDS, jobs.RECURRING))


async def _pause(stop: asyncio.Event, seconds: float) -> None:
    """Wait, but no longer than until the stop."""
    try:
        await asyncio.wait_for(stop.wait(), seconds)
    except TimeoutError:
        return


async def _seal(stop: asyncio.Event) -> None:
    """Link committed entries into the hash chain within a second."""
    while not stop.is_set():
        try:
            while await audit.seal_chain():
                pass
        except Unavailable:
            logger().warning("sealer waits for the database")
        except Exception as fault:  # noqa: BLE001 - without a sealer nothing could be published
            logger().error("sealer stumbled", fault=type(fault).__name__)
        await _pause(stop, _SEAL_EVERY)


async def _work(
    settings: Settings,
    stop: asyncio.Event,
    kinds: Mapping[str, Work],
    recurring: Mapping[str, Recurring],
) -> None:
    """Claim one job after the other; sleep when none is due."""
    name = entropy.token()[:16]
    known = [*kinds, *recurring]
    while not stop.is_set():
        try:
            worked = await once(settings, name, known, kinds, recurring)
        except Unavailable:
            logger().warning("worker waits for the database")
            worked = False
        except Exception as fault:  # noqa: BLE001 - one bad row must not end all work
            logger().error("worker stumbled", fault=type(fault).__name__)
            worked = False
        if not worked:
            await _pause(stop, _LOOK_EVERY)


async def once(
    settings: Settings,
    name: str,
    known: list[str],
    kinds: Mapping[str, Work],
    recurring: Mapping[str, Recurring],
) -> bool:
    """Run one due job, if there is one; a failing job is put off, never lost."""
    job = await queue.claim(known, name, at=clock.now(), lease=LEASE)
    if job is None:
        return False
    again = recurring.get(job.kind)
    work = again.work if again else kinds[job.kind]
    try:
        async with _leased(job, name):
            await work(settings, job.payload, clock.now())
    except Unavailable:
        raise
    except Exception as fault:  # noqa: BLE001 - whatever a job does wrong, the worker goes on
        logger().error("job failed", job=job.id, kind=job.kind, fault=type(fault).__name__)
        if again:  # it has no last attempt: nobody would enqueue it anew
            await queue.again(job, run_at=clock.now() + again.every)
        else:
            await queue.fail(job, type(fault).__name__, at=clock.now())
        return True
    if again:
        await queue.again(job, run_at=clock.now() + again.every)
    else:
        await queue.done(job)
    return True


@asynccontextmanager
async def _leased(job: Job, name: str) -> AsyncIterator[None]:
    """Keep a job leased while it runs, however long that takes."""
    beat = asyncio.create_task(_renew(job, name))
    try:
        yield
    finally:
        beat.cancel()
        await asyncio.gather(beat, return_exceptions=True)


async def _renew(job: Job, name: str) -> None:
    while True:
        await asyncio.sleep(LEASE.total_seconds() / 3)
        await queue.renew(job, name, until=clock.now() + LEASE)
