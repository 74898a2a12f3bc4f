"""Brief transactions of SQLite share a COMMIT: nobody's failure is another's, nothing half kept."""

import asyncio
import contextlib
import sqlite3
import subprocess
import sys
from collections.abc import AsyncIterator, Coroutine
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from panel import db
from panel.db import writer
from tests.panel.test_db import CancelledAt
from tests.waiting import PATIENCE, until

SCHEMA = 'CREATE TABLE "t" ("id" INTEGER PRIMARY KEY NOT NULL, "x" TEXT)'
AT_ONCE = 20


@pytest_asyncio.fixture(loop_scope="session")
async def embedded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[db.SQLite]:
    """Start an engine on a file of its own, whose groups no clock ends."""
    monkeypatch.setattr(writer, "AGE", PATIENCE)
    monkeypatch.setattr(writer, "BRIEF", PATIENCE)
    engine = db.SQLite(tmp_path / "own.sqlite", readers=2, patience=PATIENCE)
    await db.start(engine)
    db.bind(engine, [])
    await engine.run_ddl(SCHEMA)
    await engine.run_ddl('ALTER TABLE "t" ADD UNIQUE ("x")')
    yield engine
    await db.stop(engine)


class Disk:
    """Stands before the COMMIT of the engine: counts, holds back, fails."""

    def __init__(self) -> None:
        """Let everything pass."""
        self.commits = 0
        self.free = asyncio.Event()
        self.free.set()
        self.fault: Exception | None = None
        self._real = writer.fetch

    async def fetch(self, connection: writer.Connection, sql: str, args: list[Any]) -> list[db.Row]:
        """Do what the engine's own does, after what is planted here."""
        if sql == "COMMIT":
            self.commits += 1
            await self.free.wait()
            if self.fault is not None:
                raise self.fault
        return await self._real(connection, sql, args)


@pytest.fixture
def disk(monkeypatch: pytest.MonkeyPatch) -> Disk:
    """Put a disk of ours below the writer."""
    found = Disk()
    monkeypatch.setattr(writer, "fetch", found.fetch)
    return found


async def write(*texts: str, fail: Exception | None = None) -> None:
    """Write rows in one brief transaction, and fail after them if told."""
    async with db.transaction(brief=True):
        for text in texts:
            await db.raw("INSERT INTO t (x) VALUES ({})", text)
        if fail is not None:
            raise fail


async def texts() -> set[str]:
    """Return what everybody can read."""
    return {row["x"] for row in await db.raw("SELECT x FROM t")}


async def together(engine: db.SQLite, *work: Coroutine[Any, Any, object]) -> list[object]:
    """Queue all of it before the writer is free; return what each gave or raised."""
    session = await engine.borrow()
    tasks = [asyncio.create_task(one) for one in work]
    for _ in range(3):
        await asyncio.sleep(0)
    session.done()
    return list(await asyncio.gather(*tasks, return_exceptions=True))


async def test_brief_transactions_share_a_commit(embedded: db.SQLite, disk: Disk) -> None:
    ends = await together(embedded, *(write(str(n)) for n in range(AT_ONCE)))
    assert ends == [None] * AT_ONCE
    assert await texts() == {str(n) for n in range(AT_ONCE)}
    assert disk.commits == 1
    await until(embedded.idle)


async def test_nobody_is_answered_before_the_commit(embedded: db.SQLite, disk: Disk) -> None:
    disk.free.clear()
    tasks = [asyncio.create_task(write(str(n))) for n in range(3)]
    await asyncio.sleep(0.05)
    assert not any(task.done() for task in tasks)
    assert await texts() == set()
    disk.free.set()
    await asyncio.gather(*tasks)
    assert await texts() == {"0", "1", "2"}


async def test_a_failure_of_one_touches_no_other(embedded: db.SQLite) -> None:
    await write("taken")
    failing = write("lost", fail=LookupError()), write("lost too", "taken")
    ends = await together(embedded, write("a"), failing[0], write("b"), failing[1], write("c"))
    assert [type(end) for end in ends] == [
        type(None), LookupError, type(None), db.Duplicate, type(None),
    ]  # fmt: skip
    assert await texts() == {"taken", "a", "b", "c"}
    await until(embedded.idle)


async def test_if_all_of_a_group_fail_nothing_is_kept(embedded: db.SQLite, disk: Disk) -> None:
    ends = await together(embedded, *(write(str(n), fail=LookupError()) for n in range(4)))
    assert {type(end) for end in ends} == {LookupError}
    assert await texts() == set()
    assert disk.commits == 0
    await until(embedded.idle)


async def test_a_brief_transaction_reads_what_it_wrote(embedded: db.SQLite) -> None:
    async def one(text: str) -> list[db.Row]:
        async with db.transaction(brief=True):
            await db.raw("INSERT INTO t (x) VALUES ({})", text)
            with contextlib.suppress(db.Duplicate):
                async with db.savepoint():
                    await db.raw("INSERT INTO t (x) VALUES ({})", text)
            async with db.transaction():  # joins
                return await db.look("SELECT x FROM t WHERE x = {}", text)

    assert await together(embedded, one("a"), one("b")) == [[{"x": "a"}], [{"x": "b"}]]
    assert await texts() == {"a", "b"}


async def test_a_failed_commit_refuses_the_whole_group(embedded: db.SQLite, disk: Disk) -> None:
    for full in (True, False):
        disk.fault = db.Unavailable("planted", full=full)
        ends = await together(embedded, *(write(str(n)) for n in range(5)))
        assert [type(end) for end in ends] == [db.Unavailable] * 5
        assert {end.full for end in ends if isinstance(end, db.Unavailable)} == {full}
        assert len({id(end) for end in ends}) == 5
        assert await texts() == set()
    disk.fault = None
    await write("after")
    assert await texts() == {"after"}
    await until(embedded.idle)


async def test_a_failed_savepoint_refuses_one_alone(
    embedded: db.SQLite, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, seen = writer.fetch_now, []

    def planted(bare: sqlite3.Connection, sql: str, args: Any = ()) -> list[db.Row]:
        if sql == "SAVEPOINT member":
            seen.append(sql)
            if len(seen) in {1, 3}:
                raise db.Unavailable("planted")
        return real(bare, sql, args)

    monkeypatch.setattr(writer, "fetch_now", planted)
    ends = await together(embedded, *(write(str(n)) for n in range(4)))
    assert [type(end) for end in ends] == [db.Unavailable, type(None), db.Unavailable, type(None)]
    assert await texts() == {"1", "3"}
    await until(embedded.idle)


async def test_a_cancellation_at_any_await_hurts_no_neighbour(embedded: db.SQLite) -> None:
    async def cancelled_at(step: int) -> bool:
        found = CancelledAt(write(f"a{step}", f"b{step}"), step)
        with contextlib.suppress(asyncio.CancelledError):
            await found
        assert not db.in_transaction()
        return found.left <= 0

    step, more = 1, True
    while more:
        others = [asyncio.create_task(write(f"{step}.{n}")) for n in range(3)]
        await asyncio.sleep(0)
        task = asyncio.create_task(cancelled_at(step))
        others += [asyncio.create_task(write(f"{step}.{n}")) for n in range(3, 6)]
        more = await task
        async with asyncio.timeout(PATIENCE):
            await asyncio.gather(*others)
            await write(f"probe {step}")
        found = await texts()
        assert {f"{step}.{n}" for n in range(6)} <= found
        assert len({f"a{step}", f"b{step}"} & found) in {0, 2}
        await until(embedded.idle)
        step += 1
    assert step > 2


async def test_a_long_transaction_holds_nobody_in_its_commit(embedded: db.SQLite) -> None:
    ended = asyncio.Event()

    async def long() -> None:
        async with db.transaction():
            await db.raw("INSERT INTO t (x) VALUES ('long')")
            await ended.wait()

    before = [asyncio.create_task(write(str(n))) for n in range(3)]
    await asyncio.sleep(0)
    slow = asyncio.create_task(long())
    await asyncio.sleep(0)
    after = asyncio.create_task(write("after"))
    async with asyncio.timeout(PATIENCE):
        await asyncio.gather(*before)
    assert not slow.done()
    assert not after.done()
    ended.set()
    await asyncio.gather(slow, after)
    assert await texts() == {"0", "1", "2", "long", "after"}


async def test_a_brief_transaction_that_is_not_brief_is_undone(
    embedded: db.SQLite, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writer, "BRIEF", 0.05)
    ended = asyncio.Event()

    async def dawdle() -> None:
        async with db.transaction(brief=True):
            await db.raw("INSERT INTO t (x) VALUES ('dawdled')")
            await ended.wait()
            await db.raw("INSERT INTO t (x) VALUES ('later')")

    async def forget() -> None:
        async with db.transaction(brief=True):
            await db.raw("INSERT INTO t (x) VALUES ('forgotten')")
            await ended.wait()

    for slow in (dawdle, forget):
        ended.clear()
        first, second = asyncio.create_task(write(f"1 {slow}")), asyncio.create_task(slow())
        third = asyncio.create_task(write(f"2 {slow}"))
        async with asyncio.timeout(PATIENCE):
            await asyncio.gather(first, third)
        assert not second.done()
        ended.set()
        with pytest.raises(db.Unavailable, match="slow"):
            await second
        await until(embedded.idle)
    assert len(await texts()) == 4


async def test_a_conflict_with_what_is_not_on_the_disk_yet_waits_for_it(
    embedded: db.SQLite, disk: Disk
) -> None:
    disk.free.clear()
    first = asyncio.create_task(write("same"))
    second = asyncio.create_task(write("same"))
    await asyncio.sleep(0.05)
    assert not second.done()
    disk.free.set()
    await first
    with pytest.raises(db.Duplicate):
        await second
    disk.fault = db.Unavailable("planted")
    ends = await together(
        embedded, write("other"), write("other")
    )  # no duplicate of what is not there
    assert [type(end) for end in ends] == [db.Unavailable] * 2
    assert await texts() == {"same"}


async def test_a_brief_transaction_may_touch_rows_alone(embedded: db.SQLite) -> None:
    async def other(sql: str) -> None:
        async with db.transaction(brief=True):
            await db.raw(sql)

    for sql in ("PRAGMA defer_foreign_keys = ON", "COMMIT", "ROLLBACK", "VACUUM"):
        ends = await together(embedded, write(f"1 {sql}"), other(sql), write(f"2 {sql}"))
        assert [type(end) for end in ends] == [type(None), RuntimeError, type(None)]
    assert len(await texts()) == 8


async def test_a_disk_that_fills_up_refuses_the_group_and_is_survived(embedded: db.SQLite) -> None:
    async with db.transaction():
        (pages,) = await db.raw("PRAGMA page_count")
        await db.raw(f"PRAGMA max_page_count = {pages['page_count'] + 2}")
    for _ in range(3):
        ends = await together(embedded, write("a"), write("x" * 100_000), write("b"))
        refused = [end for end in ends if isinstance(end, db.Unavailable)]
        assert len(refused) in {1, 2}  # with the one before it where SQLite rolls back by itself
        assert all(end.full for end in refused)
        assert len(await texts()) == len(ends) - len(refused)
        await until(embedded.idle)
        async with db.transaction():
            await db.raw("DELETE FROM t")
    await write("after")
    assert await texts() == {"after"}


async def test_a_writer_that_breaks_in_a_group_is_replaced(embedded: db.SQLite) -> None:
    async def break_it() -> None:
        async with db.transaction(brief=True):
            await db.raw("INSERT INTO t (x) VALUES ('lost')")
            assert embedded._writing.connection is not None
            embedded._writing.connection.bare.close()
            await db.raw("INSERT INTO t (x) VALUES ('never')")

    ends = await together(embedded, write("a"), break_it(), write("b"))
    assert [type(end) for end in ends] == [db.Unavailable, db.Unavailable, type(None)]
    await write("after")
    assert await texts() == {"b", "after"}
    await until(embedded.idle)


async def test_waiting_for_the_turn_ends_some_day(tmp_path: Path) -> None:
    engine = db.SQLite(tmp_path / "own.sqlite", readers=1, patience=0.05)
    await db.start(engine)
    db.bind(engine, [])
    await engine.run_ddl(SCHEMA)
    async with db.transaction():
        await db.raw("INSERT INTO t (x) VALUES ('long')")
        for brief in (True, False):
            with pytest.raises(db.Unavailable, match="queue"):
                await db.detached(_write_alone(brief=brief))
    await write("after")
    assert await texts() == {"long", "after"}
    assert engine.idle()
    await db.stop(engine)


async def _write_alone(*, brief: bool) -> None:
    async with db.transaction(brief=brief):
        await db.raw("INSERT INTO t (x) VALUES ('late')")


OTHER = """
import asyncio, sys
from pathlib import Path
from panel import db
async def one(name):
    async with db.transaction(brief=True):
        await db.raw("INSERT INTO t (x) VALUES ({})", name)
async def main():
    engine = db.SQLite(Path(sys.argv[1]), patience=300)
    await db.start(engine)
    db.bind(engine, [])
    for turn in range(15):
        await asyncio.gather(*(one(f"other {turn} {n}") for n in range(10)))
    await db.stop(engine)
asyncio.run(main())
"""


async def test_groups_of_two_processes_take_turns(embedded: db.SQLite, tmp_path: Path) -> None:
    command = [sys.executable, "-c", OTHER, str(tmp_path / "own.sqlite")]
    other = subprocess.Popen(command)  # noqa: ASYNC220 - ourselves; does not wait
    turn = 0
    while other.poll() is None:
        await asyncio.gather(*(write(f"own {turn} {n}") for n in range(10)))
        turn += 1
    assert other.returncode == 0
    assert len(await texts()) == 150 + 10 * turn
