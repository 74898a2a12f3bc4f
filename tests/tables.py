"""The tables of a test: emptied before it, or laid as an earlier test found the same city.

A city that many tests begin with is played by the real commands once a process and engine. What
they wrote is kept beside the tables and laid into them again, exactly, wherever a test asks for
the same city while all its tables are empty.
"""

from __future__ import annotations

import copy
import inspect
import itertools
import sqlite3
from collections.abc import Awaitable, Callable, Hashable, Sequence
from functools import cache, wraps
from typing import Any, Final, NamedTuple, ParamSpec, TypeVar

from piccolo.table import Table

from panel import db
from panel.piccolo_app import our_tables

P = ParamSpec("P")
T = TypeVar("T")

_MOST: Final = 24
"""Cities kept at a time; the one not asked for the longest goes first."""
_numbers = itertools.count(1)


class _Kept(NamedTuple):
    number: int
    names: Sequence[str]
    result: Any


_kept: dict[tuple[db.Engine, Hashable], _Kept] = {}


@cache
def broom(path: str) -> sqlite3.Connection:
    """Return a connection for emptying tables; nothing of a test has to outlive the power."""
    found = sqlite3.connect(path, isolation_level=None, cached_statements=1000)
    found.executescript(
        "PRAGMA foreign_keys = OFF; PRAGMA synchronous = OFF; ATTACH ':memory:' AS kept"
    )
    return found


async def empty(engine: db.Engine, tables: list[type[Table]]) -> None:
    """Delete every row of `tables`, whatever refers to whatever."""
    await _run(engine, [f'DELETE FROM "{table._meta.tablename}"' for table in tables])


def remembered(build: Callable[P, Awaitable[T]]) -> Callable[P, Awaitable[T]]:
    """Play what `build` plays once for the same arguments; afterwards lay what it wrote."""

    @wraps(build)
    async def again(*args: P.args, **more: P.kwargs) -> T:
        engine = db.engine()
        asked = _asked(build, args, more)
        if asked is None or await _filled(engine):
            return await build(*args, **more)
        if (found := _kept.pop((engine, asked), None)) is None:
            result = await build(*args, **more)
            found = await _keep(engine, copy.deepcopy(result))
        else:
            await _lay(engine, found)
            result = copy.deepcopy(found.result)
        _kept[engine, asked] = found
        if len(_kept) > _MOST:
            oldest = next(iter(_kept))
            await _drop(oldest[0], _kept.pop(oldest))
        return result

    return again


def _asked(build: Callable[..., Any], args: Any, more: Any) -> Hashable:
    """Name what is asked for; None where an argument may answer otherwise the next time."""
    given = [*args, *more.values()]
    if any(inspect.isfunction(each) and "<" in each.__qualname__ for each in given):
        return None
    key = (build.__module__, build.__qualname__, args, tuple(sorted(more.items())))
    try:
        hash(key)
    except TypeError:
        return None
    return key


async def _keep(engine: db.Engine, result: Any) -> _Kept:
    found = _Kept(next(_numbers), await _filled(engine), result)
    if not isinstance(engine, db.SQLite):
        await engine.run("CREATE SCHEMA IF NOT EXISTS kept", [])
    table = 'CREATE TABLE kept."{0}_{1}" AS SELECT * FROM "{1}"'
    await _run(engine, [table.format(found.number, name) for name in found.names])
    return found


async def _lay(engine: db.Engine, found: _Kept) -> None:
    rows = 'INSERT INTO "{1}" SELECT * FROM kept."{0}_{1}"'
    await _run(engine, [rows.format(found.number, name) for name in found.names])


async def _drop(engine: db.Engine, found: _Kept) -> None:
    await _run(engine, [f'DROP TABLE kept."{found.number}_{name}"' for name in found.names])


async def _filled(engine: db.Engine) -> list[str]:
    """Return the names of the tables that hold any row."""
    names = [table._meta.tablename for table in our_tables()]
    asked = " UNION ALL ".join(
        f"SELECT '{name}' AS name WHERE EXISTS (SELECT 1 FROM \"{name}\")" for name in names
    )
    if isinstance(engine, db.SQLite):
        return [name for (name,) in broom(engine.path).execute(asked)]
    return [row["name"] for row in await engine.run(asked, [])]


async def _run(engine: db.Engine, statements: Sequence[str]) -> None:
    """Run statements together, whatever refers to whatever."""
    if not statements:
        return
    if isinstance(engine, db.SQLite):
        # By a connection that keeps its statements: a hundred new ones cost as much as a test.
        bare = broom(engine.path)
        bare.execute("BEGIN IMMEDIATE")
        for each in statements:
            bare.execute(each)
        bare.execute("COMMIT")
        return
    async with engine.transaction() as current:
        await current.run("SET LOCAL session_replication_role = replica", [])
        await current.run(f"DO $$ BEGIN {'; '.join(statements)}; END $$", [])
