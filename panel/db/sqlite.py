"""The embedded engine: one SQLite file, one writer, several readers, nothing lost at power loss."""

import asyncio
import contextlib
import os
import re
import sqlite3
from pathlib import Path
from typing import Any

from piccolo.engine.sqlite import SQLiteEngine, TransactionType
from piccolo.querystring import QueryString

from panel.db.ddl import run_on_sqlite
from panel.db.errors import Unavailable, UnsafeDatabase
from panel.db.transactions import Row, Transaction, Transactional, settle
from panel.db.writer import Alone, Connection, Member, Writer, fetch, fetch_now, translated

READERS = 4
PATIENCE = 5.0  # seconds to wait for another process that is writing
MAX_ARGUMENTS = 32_000  # SQLite takes 32 766 parameters in one statement

# A word in a text constant may send a read to the writer, which costs time and no more.
_WRITES = re.compile(r"\b(INSERT|UPDATE|DELETE|REPLACE)\b", re.IGNORECASE)


def _to_int(value: bytes) -> int:
    # Piccolo's converter goes through Decimal for every integer it reads.
    return int(value) if value.lstrip(b"-").isdigit() else int(float(value))


sqlite3.register_converter("INTEGER", _to_int)


def _to_row(cursor: sqlite3.Cursor, values: tuple[Any, ...]) -> Row:
    return {column[0]: value for column, value in zip(cursor.description, values, strict=True)}


class SQLite(Transactional, SQLiteEngine):
    """Piccolo's SQLite engine with a pool, immediate transactions and full synchronisation."""

    def __init__(self, path: Path, *, readers: int = READERS, patience: float = PATIENCE) -> None:
        """Name the file; nothing is opened before `start_connection_pool`."""
        super().__init__(path=str(path))
        self._file = path
        self._size = readers
        self._patience = patience
        self._writing = Writer(self._open_writer, patience)
        self._readers: asyncio.LifoQueue[Connection] = asyncio.LifoQueue()
        self._all: list[Connection] = []
        self._at_hand: Connection | None = None

    async def start_connection_pool(self) -> None:
        """Open the writer and the readers; refuses a file that cannot be written ahead."""
        if self._all:
            return
        self._writing = Writer(self._open_writer, self._patience)
        self._readers = asyncio.LifoQueue()
        # Only the account that serves may read it: the file holds everything.
        os.close(os.open(self._file, os.O_CREAT | os.O_RDWR, 0o600))
        try:
            self._writing.connection = await self._open_writer()
            for _ in range(self._size):
                self._readers.put_nowait(await self._open_reader())
            self._at_hand = await self._open_reader()
        except BaseException:
            await settle(self.close_connection_pool())
            raise

    async def close_connection_pool(self) -> None:
        """Close every connection once the open transaction, if any, has had time to end."""
        if self._writing.connection is None and not self._all:
            return
        with contextlib.suppress(Unavailable):
            await self._writing.take()
        opened, self._all = self._all, []
        if (writer := self._writing.connection) is not None:
            opened.append(writer)
        self._writing.connection = self._at_hand = None
        for connection in opened:
            await connection.close()

    def _require_started(self) -> None:
        if not self._all:
            raise RuntimeError("the engine is not started")

    async def _open(self) -> Connection:
        try:
            connection = Connection(**self.connection_kwargs, timeout=self._patience)
            await connection
        except sqlite3.Error as error:
            raise translated(error) from error
        connection.row_factory = _to_row  # type: ignore[assignment]
        return connection

    async def _open_reader(self) -> Connection:
        reader = await self._open()
        self._all.append(reader)
        await fetch(reader, "PRAGMA query_only = ON", [])
        # The system's own cache stands behind it; each reader's would only fill the memory.
        await fetch(reader, "PRAGMA cache_size = -800", [])
        return reader

    async def _open_writer(self) -> Connection:
        connection = await self._open()
        try:
            await self._prepare(connection)
        except BaseException:
            await connection.close()
            raise
        return connection

    async def _prepare(self, connection: Connection) -> None:
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

    async def borrow(self, *, brief: bool = False) -> Alone | Member:
        """Wait for the writer's turn, first come first served."""
        self._require_started()
        connection = await self._writing.take(brief=brief)
        return (Member if brief else Alone)(self._writing, connection)

    async def tidy(self) -> None:
        """Empty the write-ahead log, where bytes of changed rows last longer than in the file."""
        await self.run("PRAGMA wal_checkpoint(TRUNCATE)", [])

    def idle(self) -> bool:
        """Tell whether every connection is back in the pool."""
        return not self._writing.taken and self._readers.qsize() == self._size

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

    async def tuples(self, sql: str, args: list[Any]) -> list[tuple[Any, ...]]:
        """Read rows without their names; in a transaction, inside of it."""
        if (current := self.open_transaction()) is not None:
            return [tuple(row.values()) for row in await current.run(sql, args)]
        self._require_started()
        reader = await self._readers.get()
        try:
            return await reader.tuples(sql, args)
        finally:
            self._readers.put_nowait(reader)

    async def look(self, sql: str, args: list[Any]) -> list[Row]:
        """Read a few rows by a key at once in this thread; in a transaction, inside of it."""
        if (current := self.open_transaction()) is not None:
            return await current.run(sql, args)
        self._require_started()
        assert self._at_hand is not None  # noqa: S101 - opened with the others
        return fetch_now(self._at_hand.bare, sql, args)

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
        *,
        brief: bool = False,
    ) -> Transaction:
        """Open or join a transaction, always immediate; brief ones share a COMMIT."""
        return Transaction(self, brief=brief)


def _reads(sql: str) -> bool:
    word = sql.lstrip()[:7].upper()
    if word.startswith("WITH"):
        return _WRITES.search(sql) is None
    return word.startswith(("SELECT", "VALUES", "EXPLAIN"))
