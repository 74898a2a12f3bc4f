"""The embedded engine: one SQLite file, one writer, several readers, nothing lost at power loss."""

import asyncio
import contextlib
import os
import re
import sqlite3
from pathlib import Path
from typing import Any

import aiosqlite
from piccolo.engine.sqlite import SQLiteEngine, TransactionType
from piccolo.querystring import QueryString

from panel.db.ddl import run_on_sqlite
from panel.db.errors import Duplicate, TooLong, Unavailable, UnsafeDatabase
from panel.db.transactions import Row, Session, Transaction, Transactional, settle

READERS = 4
PATIENCE = 5.0  # seconds to wait for another process that is writing
MAX_ARGUMENTS = 32_000  # SQLite takes 32 766 parameters in one statement

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
# A word in a text constant may send a read to the writer, which costs time and no more.
_WRITES = re.compile(r"\b(INSERT|UPDATE|DELETE|REPLACE)\b", re.IGNORECASE)


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


def _to_int(value: bytes) -> int:
    # Piccolo's converter goes through Decimal for every integer it reads.
    return int(value) if value.lstrip(b"-").isdigit() else int(float(value))


sqlite3.register_converter("INTEGER", _to_int)


def _to_row(cursor: sqlite3.Cursor, values: tuple[Any, ...]) -> Row:
    return {column[0]: value for column, value in zip(cursor.description, values, strict=True)}


class _Writing(Session):
    """The writer, on loan."""

    def __init__(self, engine: "SQLite", connection: aiosqlite.Connection) -> None:
        self._engine = engine
        self._connection = connection

    async def run(self, sql: str, args: list[Any]) -> list[Row]:
        return await fetch(self._connection, sql, args)

    async def begin(self) -> None:
        # IMMEDIATE: a deferred one that reads before it writes ends with "database is locked".
        await self.run("BEGIN IMMEDIATE", [])

    async def commit(self) -> None:
        # As SQL: the driver's commit() is silent when SQLite has rolled back by itself.
        await self.run("COMMIT", [])

    def done(self) -> None:
        self._engine.pass_on()

    async def release(self) -> None:
        await self._engine.give_back(self._connection)


async def fetch(connection: aiosqlite.Connection, sql: str, args: list[Any]) -> list[Row]:
    """Run one statement to its end in the connection's thread."""
    try:
        return list(await connection.execute_fetchall(sql, args))  # type: ignore[arg-type]
    except sqlite3.Error as error:
        found = translated(error)
        if found is error:
            raise
        raise found from error


class SQLite(Transactional, SQLiteEngine):
    """Piccolo's SQLite engine with a pool, immediate transactions and full synchronisation."""

    def __init__(self, path: Path, *, readers: int = READERS, patience: float = PATIENCE) -> None:
        """Name the file; nothing is opened before `start_connection_pool`."""
        super().__init__(path=str(path))
        self._file = path
        self._size = readers
        self._patience = patience
        self._writer: aiosqlite.Connection | None = None
        self._readers: asyncio.LifoQueue[aiosqlite.Connection] = asyncio.LifoQueue()
        self._all: list[aiosqlite.Connection] = []
        self._turn = asyncio.Lock()

    async def start_connection_pool(self) -> None:
        """Open the writer and the readers; refuses a file that cannot be written ahead."""
        if self._all:
            return
        self._turn = asyncio.Lock()
        self._readers = asyncio.LifoQueue()
        # Only the account that serves may read it: the file holds everything.
        os.close(os.open(self._file, os.O_CREAT | os.O_RDWR, 0o600))
        try:
            self._writer = await self._open_writer()
            for _ in range(self._size):
                reader = await self._open()
                self._all.append(reader)
                await fetch(reader, "PRAGMA query_only = ON", [])
                self._readers.put_nowait(reader)
        except BaseException:
            await settle(self.close_connection_pool())
            raise

    async def close_connection_pool(self) -> None:
        """Close every connection once the open transaction, if any, has had time to end."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self._patience), self._turn:
                pass
        opened, self._all, self._writer = self._all, [], None
        for connection in opened:
            await connection.close()

    def _require_started(self) -> None:
        if not self._all:
            raise RuntimeError("the engine is not started")

    async def _open(self) -> aiosqlite.Connection:
        try:
            connection = await aiosqlite.connect(**self.connection_kwargs, timeout=self._patience)
        except sqlite3.Error as error:
            raise translated(error) from error
        connection.row_factory = _to_row  # type: ignore[assignment]
        return connection

    async def _open_writer(self) -> aiosqlite.Connection:
        connection = await self._open()
        self._all.append(connection)
        mode = await fetch(connection, "PRAGMA journal_mode = WAL", [])
        if mode != [{"journal_mode": "wal"}]:
            message = "the file system cannot hold SQLite's write-ahead log"
            raise UnsafeDatabase(message)
        for pragma in (
            "synchronous = FULL",  # NORMAL forgets acknowledged rows at power loss
            "foreign_keys = ON",
            "secure_delete = ON",  # a data key that was destroyed leaves no bytes behind
            "trusted_schema = OFF",
            "journal_size_limit = 67108864",
        ):
            await fetch(connection, f"PRAGMA {pragma}", [])
        return connection

    async def borrow(self) -> _Writing:
        """Wait for the writer's turn, first come first served."""
        await self._turn.acquire()
        try:
            if self._writer is None:
                self._require_started()
                self._writer = await self._open_writer()
            return _Writing(self, self._writer)
        except BaseException:
            self._turn.release()
            raise

    async def give_back(self, connection: aiosqlite.Connection) -> None:
        """Roll back what is open and pass the writer on; a broken one is closed and replaced."""
        try:
            await connection.rollback()  # queued behind a statement that still runs; else nothing
        except (sqlite3.Error, ValueError):
            self._writer = None
            if connection in self._all:
                self._all.remove(connection)
            await connection.close()
        finally:
            self.pass_on()

    async def tidy(self) -> None:
        """Empty the write-ahead log, where bytes of changed rows last longer than in the file."""
        await self.run("PRAGMA wal_checkpoint(TRUNCATE)", [])

    def pass_on(self) -> None:
        """Let the next one write."""
        self._turn.release()

    def idle(self) -> bool:
        """Tell whether every connection is back in the pool."""
        return not self._turn.locked() and self._readers.qsize() == self._size

    async def run(self, sql: str, args: list[Any]) -> list[Row]:
        """Run in this task's transaction, else on a reader, else as a transaction of its own."""
        if (current := self.open_transaction()) is not None:
            return await current.run(sql, args)
        if _reads(sql):
            self._require_started()
            reader = await self._readers.get()
            try:
                return await fetch(reader, sql, args)
            finally:
                # A cancelled statement still runs in its thread; the next one queues behind it.
                self._readers.put_nowait(reader)
        session = await self.borrow()
        try:
            rows = await session.run(sql, args)
        except BaseException:
            await settle(session.release())
            raise
        session.done()
        return rows

    async def run_querystring(self, querystring: QueryString, in_pool: bool = True) -> list[Row]:  # noqa: ARG002, FBT001, FBT002
        """Run a Piccolo query."""
        sql, args = querystring.compile_string(engine_type="sqlite")
        return await self.run(sql, args)

    async def run_ddl(self, ddl: str, in_pool: bool = True) -> list[Row]:  # noqa: ARG002, FBT001, FBT002
        """Run a change of the schema; one that takes several statements is all or nothing."""
        async with Transaction(self) as current:
            return await run_on_sqlite(ddl, current.run)

    def transaction(  # type: ignore[override]
        self,
        transaction_type: TransactionType = TransactionType.immediate,  # noqa: ARG002
        allow_nested: bool = True,  # noqa: ARG002, FBT001, FBT002
    ) -> Transaction:
        """Open or join a transaction, always immediate."""
        return Transaction(self)


def _reads(sql: str) -> bool:
    word = sql.lstrip()[:7].upper()
    if word.startswith("WITH"):
        return _WRITES.search(sql) is None
    return word.startswith(("SELECT", "VALUES", "EXPLAIN"))
