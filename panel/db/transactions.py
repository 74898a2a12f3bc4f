"""The only opener of transactions: one per task, joined when nested, released whatever happens."""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from contextvars import Context, ContextVar
from types import TracebackType
from typing import Any, TypeVar

from panel.db.errors import ForeignTask, SpoiledTransaction, Unavailable

T = TypeVar("T")
Row = dict[str, Any]


async def settle(work: Coroutine[Any, Any, T]) -> T:
    """Finish `work` even when this task is cancelled meanwhile; the cancellation follows after."""
    task = asyncio.create_task(work, context=Context())
    cancelled: asyncio.CancelledError | None = None
    while not task.done():
        try:
            await asyncio.wait({task})
        except asyncio.CancelledError as error:
            cancelled = error
    if cancelled is not None:
        raise cancelled from (None if task.cancelled() else task.exception())
    return task.result()


def detached(work: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
    """Start background work in an empty context, so that it inherits no open transaction.

    Keep the task: the loop alone would let it be collected while it runs.
    """
    return asyncio.create_task(work, context=Context())


class Session(ABC):
    """One connection on loan to one transaction."""

    @abstractmethod
    async def run(self, sql: str, args: list[Any]) -> list[Row]:
        """Run one statement and return its rows."""

    @abstractmethod
    async def begin(self) -> None:
        """Begin for writing."""

    @abstractmethod
    async def commit(self) -> None:
        """Commit, or raise when the database did anything else."""

    @abstractmethod
    def done(self) -> None:
        """Give the connection back after a success, when nothing is open on it."""

    @abstractmethod
    async def release(self) -> None:
        """Roll back whatever is still open and give the connection back; needs `settle`."""


class Transaction:
    """The transaction of one task; inside another one of the same task it joins that one."""

    def __init__(self, engine: "Transactional", *, brief: bool = False) -> None:
        """Prepare; nothing happens before the `async with`.

        `brief` promises to wait for nothing but statements that find their rows by a key.
        """
        self._engine = engine
        self._brief = brief
        self._task: asyncio.Task[Any] | None = None
        self._parent: Transaction | None = None
        self._session: Session | None = None
        self._spoilt: BaseException | None = None
        self._savepoints = 0

    async def __aenter__(self) -> "Transaction":  # noqa: PYI034 - the joined one may be another
        """Join the open transaction of this task, or begin one."""
        self._parent = self._engine.open_transaction()
        if self._parent is not None:
            return self._parent
        session = await self._engine.borrow(brief=self._brief)
        try:
            await session.begin()
        except BaseException:
            await settle(session.release())
            raise
        self._session = session
        self._task = asyncio.current_task()
        self._engine.current_transaction.set(self)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Commit or roll back; an inner failure spoils the whole, even when it is caught."""
        if self._parent is not None:
            if error is not None:
                self._parent.spoil(error)
            return
        session, self._session = self.session, None
        self._engine.current_transaction.set(None)
        if error is not None:
            try:
                await settle(session.release())
            except Unavailable:
                if isinstance(error, Exception):
                    raise
            return
        try:
            self._require_unspoilt()
            await session.commit()
        except BaseException:
            await settle(session.release())
            raise
        session.done()

    @property
    def session(self) -> Session:
        """The connection held by this transaction."""
        if self._session is None:
            message = "the transaction is closed"
            raise RuntimeError(message)
        return self._session

    @property
    def closed(self) -> bool:
        """Whether the transaction has ended."""
        return self._session is None

    @property
    def foreign(self) -> bool:
        """Whether the running task is another one than the opener."""
        return asyncio.current_task() is not self._task

    def spoil(self, error: BaseException) -> None:
        """Remember the first failure: after it only a rollback is possible."""
        self._spoilt = self._spoilt or error

    def _require_unspoilt(self) -> None:
        if self._spoilt is not None:
            message = "an error inside this transaction was swallowed"
            raise SpoiledTransaction(message) from self._spoilt

    async def run(self, sql: str, args: list[Any]) -> list[Row]:
        """Run one statement inside; a failure spoils the whole unless a savepoint heals it."""
        self._require_unspoilt()
        try:
            return await self.session.run(sql, args)
        except BaseException as error:
            self.spoil(error)
            raise

    @asynccontextmanager
    async def savepoint(self) -> AsyncIterator[None]:
        """Undo the block when it raises and let the error pass; the transaction stays usable."""
        self._savepoints += 1
        name = f"sp{self._savepoints}"
        await self.run(f"SAVEPOINT {name}", [])
        try:
            yield
        except Exception:
            await settle(self._undo(name))
            raise
        await self.run(f"RELEASE SAVEPOINT {name}", [])

    async def _undo(self, name: str) -> None:
        try:
            await self.session.run(f"ROLLBACK TO SAVEPOINT {name}", [])
            await self.session.run(f"RELEASE SAVEPOINT {name}", [])
        except Exception as error:
            self._spoilt = self._spoilt or error
            raise
        self._spoilt = None


class Transactional(ABC):
    """What an engine offers to transactions."""

    current_transaction: ContextVar[Any]

    @abstractmethod
    async def borrow(self, *, brief: bool = False) -> Session:
        """Wait for a connection to write on."""

    def open_transaction(self) -> Transaction | None:
        """Return the open transaction of this task, if any."""
        found: Transaction | None = self.current_transaction.get()
        if found is None or found.closed:
            return None
        if found.foreign:
            message = "start the task with detached(): it may not share its parent's transaction"
            raise ForeignTask(message)
        return found

    def transaction_exists(self) -> bool:
        """Tell whether this task is inside a transaction."""
        return self.open_transaction() is not None
