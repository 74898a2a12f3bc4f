"""The server engine: PostgreSQL shared by any number of application processes."""

import asyncio
from typing import Any, Protocol

import asyncpg
from piccolo.engine.postgres import PostgresEngine
from piccolo.querystring import QueryString

from panel.db.ddl import run_on_postgres
from panel.db.errors import Duplicate, Unavailable, UnsafeDatabase
from panel.db.transactions import Row, Session, Transaction, Transactional

CONNECTIONS = 10
PATIENCE = 10.0  # seconds to wait for a free connection
MAX_ARGUMENTS = 32_000  # the protocol counts parameters in 16 bits

_DURABLE = ("fsync", "full_page_writes", "synchronous_commit")
# Classes of SQLSTATE that pass by themselves: connection lost, out of resources, shutting down,
# I/O error; and single states: serialisation, deadlock, lock wait, read-only standby, idle cut-off.
_LATER_CLASSES = ("08", "53", "57P", "58")
_LATER = {"40001", "40P01", "55P03", "25006", "25P03", "57014"}
_FULL = "53100"


class _Connection(Protocol):
    """The part of asyncpg's untyped connection that we use."""

    async def fetch(self, sql: str, *args: object) -> list[Any]: ...
    async def execute(self, sql: str) -> str: ...
    def is_closed(self) -> bool: ...
    def is_in_transaction(self) -> bool: ...
    def terminate(self) -> None: ...


def translated(error: Exception, *, lost: bool = False) -> Exception:
    """Turn the driver's error into ours where callers must tell it apart; else give it back."""
    if isinstance(error, asyncpg.UniqueViolationError):
        # Only the name: the server's detail would repeat the values.
        return Duplicate(str(getattr(error, "constraint_name", "") or "unique"))
    if isinstance(error, asyncpg.PostgresError):
        state = str(getattr(error, "sqlstate", ""))
        if state in _LATER or state.startswith(_LATER_CLASSES):
            return Unavailable(state, full=state == _FULL)
    elif isinstance(error, OSError | TimeoutError) or lost:
        return Unavailable(type(error).__name__)
    return error


def _is_lost(connection: _Connection) -> bool:
    try:
        return connection.is_closed()
    except asyncpg.InterfaceError:
        # The pool takes a lost connection back by itself, and its proxy then answers nothing.
        return True


async def fetch(connection: _Connection, sql: str, args: list[Any]) -> list[Row]:
    """Run one statement and return its rows."""
    try:
        return [dict(row) for row in await connection.fetch(sql, *args)]
    except Exception as error:
        found = translated(error, lost=_is_lost(connection))
        if found is error:
            raise
        raise found from error


class _Borrowed(Session):
    """A connection of the pool, on loan."""

    def __init__(self, pool: Any, connection: _Connection) -> None:
        self._pool = pool
        self._connection = connection

    async def run(self, sql: str, args: list[Any]) -> list[Row]:
        return await fetch(self._connection, sql, args)

    async def _say(self, sql: str) -> str:
        try:
            return await self._connection.execute(sql)
        except Exception as error:
            found = translated(error, lost=_is_lost(self._connection))
            if found is error:
                raise
            raise found from error

    async def begin(self) -> None:
        await self._say("BEGIN ISOLATION LEVEL READ COMMITTED")

    async def commit(self) -> None:
        # PostgreSQL answers a COMMIT of a failed transaction with ROLLBACK and no error.
        answer = await self._say("COMMIT")
        if answer != "COMMIT":
            message = f"COMMIT was answered {answer}"
            raise RuntimeError(message)

    async def release(self) -> None:
        try:
            if not _is_lost(self._connection) and self._connection.is_in_transaction():
                await asyncio.wait_for(self._connection.execute("ROLLBACK"), PATIENCE)
        except Exception:  # noqa: BLE001 - whatever it was, the server rolls back what it loses
            if not _is_lost(self._connection):
                self._connection.terminate()
        finally:
            await self._pool.release(self._connection)


async def _keep(_: object) -> None:
    """Skip asyncpg's reset, a round trip at each release: sessions change no settings."""


class Postgres(Transactional, PostgresEngine):
    """Piccolo's PostgreSQL engine that refuses unsafe servers and loses no connection."""

    def __init__(
        self, url: str, *, connections: int = CONNECTIONS, allow_unsafe: bool = False
    ) -> None:
        """Name the server; nothing is opened before `start_connection_pool`."""
        self._connections = connections
        self._allow_unsafe = allow_unsafe
        super().__init__(config={"dsn": url})

    async def check_version(self) -> None:
        """Do nothing: the constructor must not connect."""

    async def start_connection_pool(self, **kwargs: object) -> None:
        """Connect; refuses a server that may forget what it has acknowledged."""
        if self.pool is not None:
            return
        try:
            self.pool = await asyncpg.create_pool(
                **self.config,
                min_size=1,
                max_size=self._connections,
                reset=_keep,
                server_settings={"application_name": "panel", "timezone": "UTC", "jit": "off"},
                **kwargs,
            )
            if not self._allow_unsafe:
                await self._require_durability()
        except BaseException as error:
            if self.pool is not None:
                self.pool.terminate()
                self.pool = None
            if isinstance(error, Exception) and (found := translated(error)) is not error:
                raise found from error
            raise

    async def _require_durability(self) -> None:
        columns = ", ".join(f"current_setting('{name}') AS {name}" for name in _DURABLE)
        (settings,) = await self.run(f"SELECT {columns}", [])
        off = [name for name in _DURABLE if settings[name] == "off"]
        if off:
            message = f"PostgreSQL would lose data at a crash: {', '.join(off)} is off"
            raise UnsafeDatabase(message)

    async def close_connection_pool(self) -> None:
        """Close every connection once it is back."""
        pool, self.pool = self.pool, None
        if pool is not None:
            await pool.close()

    async def borrow(self) -> _Borrowed:
        """Wait for a free connection."""
        if self.pool is None:
            message = "the engine is not started"
            raise RuntimeError(message)
        try:
            return _Borrowed(self.pool, await self.pool.acquire(timeout=PATIENCE))
        except Exception as error:
            found = translated(error)
            if found is error:
                raise
            raise found from error

    def idle(self) -> bool:
        """Tell whether every connection is back in the pool."""
        return self.pool is not None and self.pool.get_idle_size() == self.pool.get_size()

    async def run(self, sql: str, args: list[Any]) -> list[Row]:
        """Run in this task's transaction, else on a connection of the pool."""
        if (current := self.open_transaction()) is not None:
            return await current.run(sql, args)
        session = await self.borrow()
        try:
            return await session.run(sql, args)
        finally:
            await session.release()

    async def run_querystring(self, querystring: QueryString, in_pool: bool = True) -> list[Row]:  # noqa: ARG002, FBT001, FBT002
        """Run a Piccolo query."""
        sql, args = querystring.compile_string(engine_type="postgres")
        return await self.run(sql, args)

    async def run_ddl(self, ddl: str, in_pool: bool = True) -> list[Row]:  # noqa: ARG002, FBT001, FBT002
        """Run a change of the schema; one that takes several statements is all or nothing."""
        async with Transaction(self) as current:
            return await run_on_postgres(ddl, current.run)

    def transaction(self, allow_nested: bool = True) -> Transaction:  # type: ignore[override]  # noqa: ARG002, FBT001, FBT002
        """Open or join a transaction, read committed."""
        return Transaction(self)
