"""The server engine: PostgreSQL shared by any number of application processes."""

import asyncio
from collections.abc import Coroutine
from typing import Any, Protocol, TypeVar

import asyncpg
from piccolo.engine.postgres import PostgresEngine
from piccolo.querystring import QueryString

from panel.db.ddl import run_on_postgres
from panel.db.errors import Duplicate, TooLong, Unavailable, UnsafeDatabase
from panel.db.transactions import Row, Session, Transaction, Transactional, settle

T = TypeVar("T")

CONNECTIONS = 10
PATIENCE = 10.0  # seconds to wait for a free connection
LOCK_WAIT = "5s"  # then the one who holds the lock is the one who goes on
MAX_ARGUMENTS = 32_000  # the protocol counts parameters in 16 bits

_DURABLE = ("fsync", "full_page_writes", "synchronous_commit")
# Classes of SQLSTATE that pass by themselves: connection lost, out of resources, shutting down,
# I/O error; and single states: serialisation, deadlock, lock wait, read-only standby, idle cut-off.
_LATER_CLASSES = ("08", "53", "57P", "58")
_LATER = {"40001", "40P01", "55P03", "25006", "25P03", "57014"}
_FULL = "53100"


class _Connection(Protocol):
    """The part of asyncpg's untyped connection that we use."""

    def fetch(self, sql: str, *args: object) -> Coroutine[Any, Any, list[Any]]: ...
    def execute(self, sql: str) -> Coroutine[Any, Any, str]: ...
    def is_closed(self) -> bool: ...
    def is_in_transaction(self) -> bool: ...
    def terminate(self) -> None: ...
    async def close(self, *, timeout: float) -> None: ...  # noqa: ASYNC109 - asyncpg's


def translated(error: Exception, *, lost: bool = False) -> Exception:
    """Turn the driver's error into ours where callers must tell it apart; else give it back."""
    if isinstance(error, asyncpg.UniqueViolationError):
        # Only the name: the server's detail would repeat the values.
        return Duplicate(str(getattr(error, "constraint_name", "") or "unique"))
    if isinstance(error, asyncpg.StringDataRightTruncationError):
        return TooLong("text")
    if isinstance(error, asyncpg.PostgresError):
        state = str(getattr(error, "sqlstate", ""))
        if state in _LATER or state.startswith(_LATER_CLASSES):
            return Unavailable(state, full=state == _FULL)
    elif isinstance(error, OSError | TimeoutError) or lost:
        return Unavailable(type(error).__name__)
    return error


class _Pool:
    """Open connections and turns to use them, first come first served.

    asyncpg's own pool adds two tasks, a proxy and a reset to every loan.
    """

    def __init__(self, size: int, config: dict[str, Any]) -> None:
        self.size = size
        self._config = config
        self._turns = asyncio.Semaphore(size)
        self._idle: list[_Connection] = []
        self._lent: set[_Connection] = set()

    async def acquire(self) -> _Connection:
        try:
            if self._turns.locked():
                async with asyncio.timeout(PATIENCE):
                    await self._turns.acquire()
            else:
                await self._turns.acquire()
            try:
                connection = self._take() or await self._connect()
            except BaseException:
                self._turns.release()
                raise
        except Exception as error:
            found = translated(error)
            if found is error:
                raise
            raise found from error
        self._lent.add(connection)
        return connection

    def _take(self) -> _Connection | None:
        while self._idle:
            connection = self._idle.pop()
            if not connection.is_closed():
                return connection
        return None

    async def _connect(self) -> _Connection:
        settings = {
            "application_name": "panel",
            "timezone": "UTC",
            "jit": "off",
            "lock_timeout": LOCK_WAIT,
        }
        connection: _Connection = await asyncpg.connect(
            **self._config, timeout=PATIENCE, server_settings=settings
        )
        return connection

    def release(self, connection: _Connection) -> None:
        self._lent.discard(connection)
        if not connection.is_closed():
            self._idle.append(connection)
        self._turns.release()

    def idle(self) -> bool:
        return not self._lent

    async def close(self) -> None:
        try:
            async with asyncio.timeout(PATIENCE):
                for _ in range(self.size):
                    await self._turns.acquire()
        except TimeoutError:
            for connection in self._lent:
                connection.terminate()
        while (found := self._take()) is not None:
            await found.close(timeout=PATIENCE)


class _Borrowed(Session):
    """A connection of the pool, on loan."""

    def __init__(self, pool: _Pool, connection: _Connection) -> None:
        self._pool = pool
        self._connection = connection

    async def run(self, sql: str, args: list[Any]) -> list[Row]:
        return [dict(row) for row in await self.records(sql, args)]

    async def records(self, sql: str, args: list[Any]) -> list[Any]:
        return await self._say(self._connection.fetch(sql, *args))

    async def _say(self, work: Coroutine[Any, Any, T]) -> T:
        try:
            return await work
        except asyncio.CancelledError:
            # Nobody waits for the answer, so nobody knows the state: the server rolls back.
            self._connection.terminate()
            raise
        except Exception as error:
            found = translated(error, lost=self._connection.is_closed())
            if found is error:
                raise
            raise found from error

    async def begin(self) -> None:
        await self._say(self._connection.execute("BEGIN ISOLATION LEVEL READ COMMITTED"))

    async def commit(self) -> None:
        # PostgreSQL answers a COMMIT of a failed transaction with ROLLBACK and no error.
        answer = await self._say(self._connection.execute("COMMIT"))
        if answer != "COMMIT":
            message = f"COMMIT was answered {answer}"
            raise RuntimeError(message)

    def done(self) -> None:
        self._pool.release(self._connection)

    async def release(self) -> None:
        try:
            if not self._connection.is_closed() and self._connection.is_in_transaction():
                async with asyncio.timeout(PATIENCE):
                    await self._connection.execute("ROLLBACK")
        except Exception:  # noqa: BLE001 - whatever it was, the server rolls back what it loses
            self._connection.terminate()
        finally:
            self._pool.release(self._connection)


class Postgres(Transactional, PostgresEngine):
    """Piccolo's PostgreSQL engine that refuses unsafe servers and loses no connection."""

    def __init__(
        self, url: str, *, connections: int = CONNECTIONS, allow_unsafe: bool = False
    ) -> None:
        """Name the server; nothing is opened before `start_connection_pool`."""
        self._connections = connections
        self._allow_unsafe = allow_unsafe
        self._pool: _Pool | None = None
        super().__init__(config={"dsn": url})

    async def check_version(self) -> None:
        """Do nothing: the constructor must not connect."""

    async def start_connection_pool(self, **_: object) -> None:
        """Connect once; refuses a server that may forget what it has acknowledged."""
        if self._pool is not None:
            return
        self._pool = _Pool(self._connections, self.config)
        try:
            await self.run("SELECT 1", [])
            if not self._allow_unsafe:
                await self._require_durability()
        except BaseException:
            await settle(self.close_connection_pool())
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
        pool, self._pool = self._pool, None
        if pool is not None:
            await pool.close()

    async def borrow(self, *, brief: bool = False) -> _Borrowed:  # noqa: ARG002 - all are alike here
        """Wait for a free connection."""
        if self._pool is None:
            raise RuntimeError("the engine is not started")
        return _Borrowed(self._pool, await self._pool.acquire())

    def idle(self) -> bool:
        """Tell whether every connection is back in the pool."""
        return self._pool is None or self._pool.idle()

    async def run(self, sql: str, args: list[Any]) -> list[Row]:
        """Run in this task's transaction, else on a connection of the pool."""
        if (current := self.open_transaction()) is not None:
            return await current.run(sql, args)
        session = await self.borrow()
        try:
            rows = await session.run(sql, args)
        except BaseException:
            await settle(session.release())
            raise
        session.done()
        return rows

    async def tuples(self, sql: str, args: list[Any]) -> list[tuple[Any, ...]]:
        """Read rows without their names: the driver's records, which unpack like tuples."""
        if (current := self.open_transaction()) is not None:
            return [tuple(row.values()) for row in await current.run(sql, args)]
        session = await self.borrow()
        try:
            rows = await session.records(sql, args)
        except BaseException:
            await settle(session.release())
            raise
        session.done()
        return rows

    async def run_querystring(self, querystring: QueryString, in_pool: bool = True) -> list[Row]:  # noqa: ARG002, FBT001, FBT002
        """Run a Piccolo query."""
        sql, args = querystring.compile_string(engine_type="postgres")
        return await self.run(sql, args)

    async def run_ddl(self, ddl: str, in_pool: bool = True) -> list[Row]:  # noqa: ARG002, FBT001, FBT002
        """Run a change of the schema; one that takes several statements is all or nothing."""
        async with Transaction(self) as current:
            return await run_on_postgres(ddl, current.run)

    async def look(self, sql: str, args: list[Any]) -> list[Row]:
        """Read a few rows by a key."""
        return await self.run(sql, args)

    def transaction(  # type: ignore[override]
        self,
        allow_nested: bool = True,  # noqa: ARG002, FBT001, FBT002
        *,
        brief: bool = False,  # noqa: ARG002 - the server groups commits by itself
    ) -> Transaction:
        """Open or join a transaction, read committed."""
        return Transaction(self)
