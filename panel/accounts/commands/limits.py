"""Counting tries in the database, so that any number of processes slow down together.

A count has a transaction of its own, before the check: a refusal must not undo it.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from math import ceil

from panel import keys
from panel.accounts import queries, rules
from panel.accounts.tables import Limit, OneTime, Session
from panel.accounts.types import Counted, OneTimeView
from panel.db import Duplicate, savepoint, transaction
from panel.errors import Closed, Forbidden

_KEEP = timedelta(hours=24)
_TURNS = 5


def _bucket(login: str) -> str:
    """Name the count of a sign-in name by its keyed hash: people type passwords there too."""
    return "login:" + keys.current().hash("address", "login", login)


async def take_turn(login: str, *, at: datetime, free: int = 3) -> None:
    """Count a try of a name, known or not, or refuse with ``signin.wait`` and the seconds.

    So many tries are ``free``; each further one waits twice as long as the one before.
    """
    bucket = _bucket(login)
    for _ in range(_TURNS):
        row = await Limit.select().where(Limit.bucket == bucket).first()
        if row is None:
            if await _begin(bucket, at):
                return
            continue
        if row["next_at"] > at:
            raise Forbidden("signin.wait", seconds=ceil((row["next_at"] - at).total_seconds()))
        tries = 0 if row["since"] + _KEEP <= at else row["tries"]
        done = (
            await Limit.update(
                {
                    Limit.tries: tries + 1,
                    Limit.since: at if tries == 0 else row["since"],
                    Limit.next_at: at + rules.wait_after(tries + 1, free),
                }
            )
            .where(
                Limit.id == row["id"], Limit.tries == row["tries"], Limit.next_at == row["next_at"]
            )
            .returning(Limit.id)
        )
        if done:
            return
    raise Forbidden("signin.wait", seconds=1)


async def tries_left_open(name: str, *, at: datetime) -> bool:
    """Refuse while a name waits; tell whether failures are counted. Itself it counts nothing.

    For secrets that no burst of guesses can reach, so that their owner's many posts at once
    (a bad network) never wait for each other: only what failed is counted, by ``take_turn``.
    """
    row = await Limit.select().where(Limit.bucket == _bucket(name)).first()
    if row is None:
        return False
    if row["next_at"] > at:
        raise Forbidden("signin.wait", seconds=ceil((row["next_at"] - at).total_seconds()))
    return True


async def _begin(bucket: str, at: datetime) -> bool:
    """Insert a first count; tell whether nobody was faster."""
    try:
        async with transaction(), savepoint():
            await Limit.insert(Limit(bucket=bucket, tries=1, since=at, next_at=at))
    except Duplicate:
        return False
    return True


async def forgive(login: str) -> None:
    """Forget the failures of a name after a success."""
    await Limit.delete().where(Limit.bucket == _bucket(login))


async def note_failure(address: str, *, at: datetime) -> None:
    """Count a failure of an address; it slows answers down and never locks."""
    await _note(address, Counted.FAILURES, at=at)


async def note_sending(address: str, *, at: datetime) -> None:
    """Count a form that anybody may send from an address; it slows answers down, never locks."""
    await _note(address, Counted.SENDINGS, at=at)


async def _note(address: str, counts: Counted, *, at: datetime) -> None:
    if not address:
        return
    bucket = queries.address_bucket(address, counts)
    counted = (
        await Limit.update({Limit.tries: Limit.tries + 1})
        .where(Limit.bucket == bucket)
        .returning(Limit.id)
    )
    if not counted and not await _begin(bucket, at):
        await Limit.update({Limit.tries: Limit.tries + 1}).where(Limit.bucket == bucket)


async def take_try(view: OneTimeView, *, at: datetime) -> int:
    """Count a try of a one-time token and return how many are left, or refuse."""
    rules.may_open(view, at)
    most = rules.tries_of(view.kind)
    rows = (
        await OneTime.update({OneTime.tries: OneTime.tries + 1})
        .where(
            OneTime.id == view.id,
            OneTime.tries < most,
            OneTime.used_at.is_null(),
            OneTime.replaced_at.is_null(),
        )
        .returning(OneTime.tries)
    )
    if not rows:
        raise Closed(f"{view.kind.value}.exhausted")
    return most - int(rows[0]["tries"])


async def forget(*, at: datetime) -> None:
    """Delete counts older than a day and sessions that ended a day ago: an hourly job."""
    await Limit.delete().where(Limit.since <= at - _KEEP)
    await Session.delete().where(Session.ends_at <= at - _KEEP)
