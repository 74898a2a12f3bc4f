"""Who writes to the embedded file: one at a time, and brief ones together in a group.

A group is one transaction of SQLite in which every brief transaction is a savepoint. Whoever ends
waits until the common COMMIT is on the disk, or is refused together with all others of the group.
Nobody's failure undoes another's work. The statements of a brief transaction run at once in this
thread: each takes microseconds, handing it to another thread would take several times as long.
"""

from __future__ import annotations

import asyncio
import re
import sqlite3
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from contextvars import Context
from typing import Any, Final

import aiosqlite

from panel.db.errors import Duplicate, TooLong, Unavailable
from panel.db.transactions import Row, Session

GROUP: Final = 64
"""Brief transactions that share a COMMIT at most."""
AGE: Final = 0.05
"""Seconds after which a group takes in nobody else."""
BRIEF: Final = 1.0
"""Seconds after which a brief transaction that is not is undone: others wait for its group."""
_POLL: Final = 0.003

_UNIQUE = {
    sqlite3.SQLITE_CONSTRAINT_UNIQUE,
    sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY,
    sqlite3.SQLITE_CONSTRAINT_ROWID,
}
_LATER = {
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_LOCKED,
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_PROTOCOL,
}
# Anything else, such as PRAGMA defer_foreign_keys, could make the COMMIT of all others fail.
_ROWS = "SELECT|INSERT|UPDATE|DELETE|WITH|SAVEPOINT|RELEASE|ROLLBACK TO"
_BRIEF = re.compile(rf"\s*({_ROWS})\b", re.IGNORECASE)


def translated(error: sqlite3.Error) -> Exception:
    """Turn the driver's error into ours where callers must tell it apart; else give it back."""
    code = getattr(error, "sqlite_errorcode", 0)
    if code in _UNIQUE:
        return Duplicate(str(error))
    if code == sqlite3.SQLITE_CONSTRAINT_CHECK and "length(" in str(error):
        return TooLong("text")
    if code & 0xFF in _LATER:
        full = code & 0xFF == sqlite3.SQLITE_FULL
        return Unavailable(getattr(error, "sqlite_errorname", "sqlite"), full=full)
    return error


class Connection(aiosqlite.Connection):
    """A connection with a thread of its own, of which the bare one is at hand too."""

    bare: sqlite3.Connection

    def __init__(self, **how: Any) -> None:
        """Open nothing yet; ``how`` is what sqlite3 takes."""

        def connect() -> sqlite3.Connection:
            self.bare = sqlite3.connect(check_same_thread=False, **how)
            return self.bare

        super().__init__(connect, iter_chunk_size=64)

    async def tuples(self, sql: str, args: Sequence[Any]) -> list[tuple[Any, ...]]:
        """Run one statement in the connection's thread; rows without their names."""

        def run() -> list[tuple[Any, ...]]:
            cursor = self.bare.cursor()
            cursor.row_factory = None
            return cursor.execute(sql, args).fetchall()

        try:
            found: list[tuple[Any, ...]] = await self._execute(run)  # type: ignore[no-untyped-call]
        except sqlite3.Error as error:
            known = translated(error)
            if known is error:
                raise
            raise known from error
        return found


async def fetch(connection: Connection, sql: str, args: list[Any]) -> list[Row]:
    """Run one statement to its end in the connection's thread."""
    try:
        return list(await connection.execute_fetchall(sql, args))  # type: ignore[arg-type]
    except sqlite3.Error as error:
        found = translated(error)
        if found is error:
            raise
        raise found from error


def fetch_now(bare: sqlite3.Connection, sql: str, args: Sequence[Any] = ()) -> list[Row]:
    """Run one short statement in this thread, while the connection's own thread has no work."""
    try:
        cursor = bare.cursor()
        cursor.row_factory = None
        found = cursor.execute(sql, args).fetchall()
    except sqlite3.Error as error:
        known = translated(error)
        if known is error:
            raise
        raise known from error
    if not found:
        return []
    names = [column[0] for column in cursor.description]
    return [dict(zip(names, values, strict=True)) for values in found]


async def begin(connection: Connection, patience: float) -> None:
    """Begin for writing; asks again and again while another process writes."""
    # SQLite's own waiting backs off to a tenth of a second and would starve beside a busy process.
    # IMMEDIATE: a deferred one that reads before it writes ends with "database is locked".
    loop = asyncio.get_running_loop()
    until = loop.time() + patience
    bare = connection.bare
    while True:
        fetch_now(bare, "PRAGMA busy_timeout = 0")
        try:
            fetch_now(bare, "BEGIN IMMEDIATE")
        except Unavailable as error:
            if error.full or loop.time() >= until:
                raise
        else:
            return
        finally:
            fetch_now(bare, f"PRAGMA busy_timeout = {round(patience * 1000)}")
        await asyncio.sleep(_POLL)


class Group:
    """One transaction of SQLite that several brief ones share."""

    def __init__(self, connection: Connection, now: float) -> None:
        """Begin with nobody in it, on a connection where BEGIN was said."""
        self._began = now
        self.connection = connection
        self._waiting: list[asyncio.Future[Exception | None]] = []
        self.kept = 0
        self.broken: Exception | None = None

    def has_room(self, now: float) -> bool:
        """Tell whether another brief transaction may join before the COMMIT."""
        return self.broken is None and self.kept < GROUP and now - self._began < AGE

    def outcome(self) -> asyncio.Future[Exception | None]:
        """Return what will tell how the COMMIT went: nothing, or why it failed."""
        future: asyncio.Future[Exception | None] = asyncio.get_running_loop().create_future()
        self._waiting.append(future)
        return future

    def tell(self, failure: Exception | None) -> None:
        """Tell everybody who waits."""
        for future in self._waiting:
            if not future.done():
                future.set_result(failure)


class Writer:
    """The one connection that writes, and the queue before it."""

    def __init__(self, connect: Callable[[], Awaitable[Connection]], patience: float) -> None:
        """``patience`` bounds the wait for other processes; twice as long that for one another."""
        self._connect = connect
        self._waiting: deque[tuple[asyncio.Future[None], bool]] = deque()
        self._finishing: asyncio.Task[None] | None = None
        self.patience = patience
        self.connection: Connection | None = None
        self.group: Group | None = None
        self.taken = False

    async def take(self, *, brief: bool = False) -> Connection:
        """Wait for the turn, first come first served; ``Unavailable`` when that takes too long."""
        if self.taken:
            await self._queue(brief=brief)
        self.taken = True
        try:
            if self.connection is None:
                self.connection = await self._connect()
        except BaseException:
            self.pass_on()
            raise
        return self.connection

    async def _queue(self, *, brief: bool) -> None:
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((turn, brief))
        try:
            async with asyncio.timeout(2 * self.patience):
                await turn
        except BaseException as error:
            if turn.done() and not turn.cancelled():
                self.pass_on()  # the turn came at the very moment of giving up
            turn.cancel()
            if isinstance(error, TimeoutError):
                raise Unavailable("queue") from error
            raise

    def pass_on(self) -> None:
        """Let the next one write; an open group takes it in, or commits first."""
        while self._waiting and self._waiting[0][0].done():
            self._waiting.popleft()
        if self.group is not None:
            joins = bool(self._waiting) and self._waiting[0][1]
            if not (joins and self.group.has_room(asyncio.get_running_loop().time())):
                self._finishing = asyncio.create_task(self._finish(self.group), context=Context())
                return
        if self._waiting:
            self._waiting.popleft()[0].set_result(None)
        else:
            self.taken = False

    async def _finish(self, group: Group) -> None:
        """Commit what a group keeps and tell all of it; whatever happens, the turn goes on."""
        failure: Exception | None = group.broken or Unavailable("interrupted")
        try:
            if group.broken is None and group.kept:
                await fetch(group.connection, "COMMIT", [])
                failure = None
        except Exception as error:  # noqa: BLE001 - told to everybody who waits
            failure = error
        finally:
            self.group = None
            try:
                if failure is not None:
                    await self._reset(group.connection)
            finally:
                group.tell(failure if group.kept else None)
                self.pass_on()

    async def give_back(self, connection: Connection) -> None:
        """Roll back what is open and pass the writer on; a broken one is closed and replaced."""
        try:
            await self._reset(connection)
        finally:
            self.pass_on()

    async def _reset(self, connection: Connection) -> None:
        try:
            await connection.rollback()  # queued behind a statement that still runs; else nothing
        except (sqlite3.Error, ValueError):
            self.connection = None
            await connection.close()


class Alone(Session):
    """The writer, on loan to a transaction that may take its time."""

    def __init__(self, writer: Writer, connection: Connection) -> None:
        """Hold the turn."""
        self._writer = writer
        self._connection = connection

    async def run(self, sql: str, args: list[Any]) -> list[Row]:
        """Run in the connection's thread."""
        return await fetch(self._connection, sql, args)

    async def begin(self) -> None:
        """Begin for writing."""
        await begin(self._connection, self._writer.patience)

    async def commit(self) -> None:
        """Commit, in words of SQL: the driver says nothing when SQLite has rolled back."""
        await self.run("COMMIT", [])

    def done(self) -> None:
        """Pass the writer on."""
        self._writer.pass_on()

    async def release(self) -> None:
        """Roll back and pass the writer on."""
        await self._writer.give_back(self._connection)


class Member(Session):
    """The writer, on loan to a brief transaction that shares its COMMIT."""

    def __init__(self, writer: Writer, connection: Connection) -> None:
        """Hold the turn."""
        self._writer = writer
        self._connection = connection
        self._group: Group | None = None
        self._open = False
        self._over = False
        self._watch: asyncio.TimerHandle | None = None

    async def begin(self) -> None:
        """Join the open group or begin one."""
        loop = asyncio.get_running_loop()
        if self._writer.group is None:
            await begin(self._connection, self._writer.patience)
            self._writer.group = Group(self._connection, loop.time())
        self._group = self._writer.group
        self._now("SAVEPOINT member")
        self._open = True
        self._watch = loop.call_later(BRIEF, self._revoke)

    async def run(self, sql: str, args: list[Any]) -> list[Row]:
        """Run at once; refused when it has kept others waiting."""
        if not self._open:
            raise Unavailable("slow")
        if _BRIEF.match(sql) is None:
            message = "a brief transaction reads and changes rows, nothing else"
            raise RuntimeError(message)
        return self._now(sql, args)

    def _now(self, sql: str, args: Sequence[Any] = ()) -> list[Row]:
        try:
            return fetch_now(self._connection.bare, sql, args)
        except Exception as error:
            # Some failures (a full disk) make SQLite roll back everything, the others' work too.
            if self._group is not None and self._lost():
                self._group.broken = self._group.broken or error
            raise

    def _lost(self) -> bool:
        try:
            return not self._connection.bare.in_transaction
        except sqlite3.Error:
            return True

    async def commit(self) -> None:
        """Give the work to the group and wait until it is on the disk; else ``Unavailable``."""
        if not self._open or self._group is None:
            raise Unavailable("slow")
        self._now("RELEASE SAVEPOINT member")
        self._group.kept += 1
        outcome = self._group.outcome()
        self._leave()
        failure = await outcome
        if failure is not None:
            raise _refused(failure) from failure

    def done(self) -> None:
        """Do nothing: the turn was passed on before the COMMIT."""

    async def release(self) -> None:
        """Undo this one's work alone.

        What it saw may have been another's that is not on the disk yet: whoever fails beside such
        work learns of it only when that is, or gets ``Unavailable`` when it never will be.
        """
        if self._over:
            return
        if self._group is None:
            self._over = True
            await self._writer.give_back(self._connection)
            return
        outcome = self._group.outcome() if self._group.kept else None
        self._undo()
        failure = await outcome if outcome is not None else None
        if failure is not None:
            raise _refused(failure) from failure

    def _undo(self) -> None:
        assert self._group is not None  # noqa: S101 - only called inside of one
        try:
            if self._open:
                self._now("ROLLBACK TO SAVEPOINT member")
                self._now("RELEASE SAVEPOINT member")
        except Exception as error:  # noqa: BLE001 - whatever it was, nobody knows what is left
            self._group.broken = self._group.broken or error
        self._leave()

    def _revoke(self) -> None:
        if self._open:
            self._undo()

    def _leave(self) -> None:
        self._open, self._over = False, True
        if self._watch is not None:
            self._watch.cancel()
        self._writer.pass_on()


def _refused(failure: Exception) -> Unavailable:
    """Return a fresh error for each of those whom a failed COMMIT refuses."""
    return Unavailable("commit", full=getattr(failure, "full", False))
