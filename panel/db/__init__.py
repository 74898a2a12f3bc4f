# ruff: noqa: SLF001 - `_meta` is how Piccolo lets a table be asked and bound
"""The database: engines for SQLite and PostgreSQL, and the only opener of transactions."""

import enum
import functools
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from piccolo.table import Table

from panel.db import postgres, sqlite
from panel.db.ddl import Index
from panel.db.errors import (
    Duplicate,
    ForeignTask,
    NewerDatabase,
    SpoiledTransaction,
    TooLong,
    Unavailable,
    UnsafeDatabase,
)
from panel.db.paging import beside, forwards
from panel.db.postgres import Postgres
from panel.db.sqlite import SQLite
from panel.db.transactions import Row, detached

Engine = SQLite | Postgres

_bound: list[Engine] = []


def open_engine(url: str | None, *, path: Path | None = None, allow_unsafe: bool = False) -> Engine:
    """Choose PostgreSQL when there is a URL, else the SQLite file at `path`; opens nothing yet."""
    if url:
        if not url.startswith(("postgresql://", "postgres://")):
            message = "the database URL must begin with postgresql://"
            raise ValueError(message)
        return Postgres(url, allow_unsafe=allow_unsafe)
    if path is None:
        message = "neither a database URL nor a file is named"
        raise ValueError(message)
    return SQLite(path)


async def start(engine: Engine) -> None:
    """Open the connections; raises `UnsafeDatabase` or `Unavailable`."""
    await engine.start_connection_pool()


async def stop(engine: Engine) -> None:
    """Close the connections."""
    await engine.close_connection_pool()


def bind(engine: Engine, tables: Iterable[type[Table]]) -> None:
    """Make `engine` the one of this process and the home of `tables`."""
    _bound[:] = [engine]
    for table in tables:
        table._meta.db = engine


def engine() -> Engine:
    """Return the engine bound for this process."""
    if not _bound:
        message = "no engine is bound"
        raise RuntimeError(message)
    return _bound[0]


@asynccontextmanager
async def transaction(*, brief: bool = False) -> AsyncIterator[None]:
    """Open a transaction, or join the one this task is in; the outermost commits.

    A brief one promises to end at once: it waits for nothing but statements that find their rows
    by a key. On SQLite such transactions share the COMMIT that each of them waits for.
    """
    async with engine().transaction(brief=brief):
        yield


def in_transaction() -> bool:
    """Tell whether this task is inside a transaction."""
    return bool(_bound) and _bound[0].transaction_exists()


@asynccontextmanager
async def savepoint() -> AsyncIterator[None]:
    """Undo the block when it raises; catch the conflict outside of the block, never inside."""
    current = engine().open_transaction()
    if current is None:
        message = "a savepoint needs a transaction"
        raise RuntimeError(message)
    async with current.savepoint():
        yield


async def raw(sql: str, *args: object) -> list[Row]:
    """Run SQL with Piccolo's `{}` placeholders, without its compiling; rows as dictionaries."""
    found = engine()
    values = [arg.value if isinstance(arg, enum.Enum) else arg for arg in args]
    # Statements over many rows come in every length: kept, they would only fill the memory.
    number = _numbered if len(sql) <= _KEPT else _numbered.__wrapped__
    return await found.run(number(sql, found.engine_type), values)


async def look(sql: str, *args: object) -> list[Row]:
    """Read a few rows by a key like `raw`: where every request asks, and nothing is searched.

    SQLite answers in this thread, which takes a few microseconds instead of a change of threads.
    """
    found = engine()
    values = [arg.value if isinstance(arg, enum.Enum) else arg for arg in args]
    return await found.look(_numbered(sql, found.engine_type), values)


async def tuples(sql: str, *args: object) -> list[tuple[Any, ...]]:
    """Read like `raw`, rows as tuples in the order of the columns: for lists of very many rows.

    A column that an expression makes (`score + 0`) comes as the driver has it, without a converter.
    """
    found = engine()
    values = [arg.value if isinstance(arg, enum.Enum) else arg for arg in args]
    return await found.tuples(_numbered(sql, found.engine_type), values)


_KEPT = 4000


@functools.lru_cache(maxsize=512)
def _numbered(sql: str, engine_type: str) -> str:
    head, *tail = sql.split("{}")
    marks = (f"${n}" if engine_type == "postgres" else "?" for n in range(1, len(tail) + 1))
    return head + "".join(mark + part for mark, part in zip(marks, tail, strict=True))


async def insert_rows(table: type[Table], rows: Sequence[Table]) -> list[int]:
    """Insert many rows in one transaction, in pieces the engines accept; returns their ids.

    The database gives the ids. Piccolo's own way composes each statement anew, value by value,
    which costs several times what the insert itself does.
    """
    if not rows:
        return []
    key = table._meta.primary_key
    names = _filled(table)
    ids = await insert_values(
        table, names, [[getattr(row, name) for name in names] for row in rows]
    )
    for row, number in zip(rows, ids, strict=True):
        setattr(row, key._meta.name, number)
        row._exists_in_db = True
    return ids


async def insert_values(
    table: type[Table], names: Sequence[str], rows: Sequence[Sequence[object]]
) -> list[int]:
    """Insert many rows given as values of some columns, the others by default; returns their ids.

    For the thousands: making an object of each row costs more than the insert.
    """
    if not rows:
        return []
    head = _into(table, tuple(names))
    limit = min(sqlite.MAX_ARGUMENTS, postgres.MAX_ARGUMENTS) // len(names)
    if len(rows) == 1:
        inserted = await raw(_single(head, len(names)), *rows[0])
        return [inserted[0]["id"]]
    one = f"({', '.join('{}' for _ in names)})"
    ids: list[int] = []
    async with transaction():
        for at in range(0, len(rows), limit):
            part = rows[at : at + limit]
            sql = f"{head}{', '.join([one] * len(part))} RETURNING id"
            inserted = await raw(sql, *(value for row in part for value in row))
            ids.extend(row["id"] for row in inserted)
    return ids


@functools.cache
def _filled(table: type[Table]) -> tuple[str, ...]:
    """Return the columns that an insert fills, by their names in Python."""
    key = table._meta.primary_key
    return tuple(column._meta.name for column in table._meta.columns if column is not key)


@functools.cache
def _single(head: str, width: int) -> str:
    """Return the insert of one row."""
    return f"{head}({', '.join(['{}'] * width)}) RETURNING id"


@functools.cache
def _into(table: type[Table], names: tuple[str, ...]) -> str:
    """Return how an insert of some columns begins."""
    columns = {column._meta.name: column._meta.db_column_name for column in table._meta.columns}
    listed = ", ".join(f'"{columns[name]}"' for name in names)
    return f'INSERT INTO "{table._meta.tablename}" ({listed}) VALUES '


__all__ = [
    "Duplicate",
    "Engine",
    "ForeignTask",
    "Index",
    "NewerDatabase",
    "Postgres",
    "Row",
    "SQLite",
    "SpoiledTransaction",
    "TooLong",
    "Unavailable",
    "UnsafeDatabase",
    "beside",
    "bind",
    "detached",
    "engine",
    "forwards",
    "in_transaction",
    "insert_rows",
    "insert_values",
    "look",
    "open_engine",
    "raw",
    "savepoint",
    "start",
    "stop",
    "transaction",
    "tuples",
]
