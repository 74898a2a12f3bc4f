"""Jobs: enqueued with the business, done once, put off when they fail."""

from __future__ import annotations

import asyncio
import datetime as dt

import pytest

from panel import db
from panel.queue import commands, queries
from panel.queue.types import JobState
from tests.make.rulebook import AT

LEASE = dt.timedelta(minutes=5)
LATER = AT + dt.timedelta(hours=1)


async def test_a_job_is_claimed_once_while_its_lease_lasts(engine: db.Engine) -> None:
    await commands.enqueue("mail", {"to": 1}, run_at=AT)
    first = await commands.claim(["mail"], "a", at=AT, lease=LEASE)
    assert first is not None
    assert first.payload == {"to": 1}
    assert await commands.claim(["mail"], "b", at=AT, lease=LEASE) is None
    again = await commands.claim(["mail"], "b", at=LATER, lease=LEASE)
    assert again is not None
    assert (again.id, again.attempts) == (first.id, 2)


async def test_many_workers_share_the_jobs_without_doing_one_twice(engine: db.Engine) -> None:
    for number in range(6):
        await commands.enqueue("mail", {"n": number}, run_at=AT)
    claimed = await asyncio.gather(
        *(db.detached(commands.claim(["mail"], f"w{n}", at=AT, lease=LEASE)) for n in range(6))
    )
    ids = [job.id for job in claimed if job is not None]
    assert len(ids) == len(set(ids))


async def test_a_job_of_a_rolled_back_transaction_never_was(engine: db.Engine) -> None:
    async def broken() -> None:
        async with db.transaction():
            await commands.enqueue("mail", {}, run_at=AT)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await broken()
    assert (await queries.counts())[JobState.READY] == 0


async def test_the_same_dedupe_key_is_the_same_job(engine: db.Engine) -> None:
    await commands.enqueue("cron", {}, run_at=AT, dedupe="cron")
    await commands.enqueue("cron", {}, run_at=LATER, dedupe="cron")
    assert (await queries.counts())[JobState.READY] == 1


async def test_a_failing_job_waits_longer_each_time_and_is_given_up(engine: db.Engine) -> None:
    await commands.enqueue("mail", {}, run_at=AT)
    at = AT
    waits = []
    for _ in range(commands.ATTEMPTS):
        job = await commands.claim(["mail"], "a", at=at, lease=LEASE)
        assert job is not None
        await commands.fail(job, "RuntimeError", at=at)
        waits.append(15 * 2 ** (job.attempts - 1))
        at += dt.timedelta(seconds=waits[-1])
    assert waits[:4] == [15, 30, 60, 120]
    assert await commands.claim(["mail"], "a", at=at, lease=LEASE) is None
    assert (await queries.counts())[JobState.DEAD] == 1


async def test_a_job_before_its_time_or_of_another_kind_stays(engine: db.Engine) -> None:
    await commands.enqueue("mail", {}, run_at=LATER)
    assert await commands.claim(["mail"], "a", at=AT, lease=LEASE) is None
    assert await commands.claim(["post"], "a", at=LATER, lease=LEASE) is None


async def test_a_renewed_lease_keeps_others_away_and_a_lost_one_is_not_renewed(
    engine: db.Engine,
) -> None:
    await commands.enqueue("lists", {}, run_at=AT)
    job = await commands.claim(["lists"], "a", at=AT, lease=LEASE)
    assert job is not None
    assert await commands.renew(job, "a", until=LATER + LEASE)
    assert await commands.claim(["lists"], "b", at=LATER, lease=LEASE) is None
    much_later = LATER + 2 * LEASE
    taken = await commands.claim(["lists"], "b", at=much_later, lease=LEASE)
    assert taken is not None
    assert not await commands.renew(job, "a", until=much_later + LEASE)
    await commands.done(taken)
    assert not await commands.renew(taken, "b", until=much_later + LEASE)


async def test_a_worker_whose_lease_lapsed_puts_nothing_off(engine: db.Engine) -> None:
    await commands.enqueue("lists", {}, run_at=AT)
    slow = await commands.claim(["lists"], "a", at=AT, lease=LEASE)
    taken = await commands.claim(["lists"], "b", at=LATER, lease=LEASE)
    assert slow is not None
    assert taken is not None
    await commands.fail(slow, "RuntimeError", at=LATER)
    assert await commands.renew(taken, "b", until=LATER + LEASE)
    await commands.done(taken)
    await commands.fail(slow, "RuntimeError", at=LATER)
    assert (await queries.counts())[JobState.DONE] == 1
