"""The tables of a test: emptied before it, or laid as an earlier test found the same city.

A city that many tests begin with is played by the real commands once a process and engine. What
they wrote is kept beside the tables and laid into them again, exactly, wherever a test asks for
the same while its tables hold what they held then: nothing, or what was laid before.
"""

from __future__ import annotations

import copy
import importlib
import inspect
import itertools
import sqlite3
from collections.abc import Awaitable, Callable, Hashable, Sequence
from functools import cache, wraps
from typing import Any, Final, NamedTuple, ParamSpec, TypeVar

from piccolo.table import Table

from panel import db, keys
from panel.piccolo_app import our_tables
from tests import chance

P = ParamSpec("P")
T = TypeVar("T")

_MOST: Final = 64
"""Cities kept at a time; the one not asked for the longest goes first."""
_numbers = itertools.count(1)


class _Kept(NamedTuple):
    number: int
    name: str
    names: Sequence[str]
    result: Any


_NOTHING: Final = _Kept(0, "", (), None)
_kept: dict[tuple[db.Engine, int, Hashable], _Kept] = {}
"""By engine, by what the tables held before, and by what was asked for."""
_latest: dict[db.Engine, tuple[_Kept, int]] = {}
"""What the tables of an engine held last, and how to tell whether they still do."""


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
    _latest.pop(engine, None)
    await _run(engine, [f'DELETE FROM "{table._meta.tablename}"' for table in tables])


def forget() -> None:
    """Forget what this process knows of measures in force, as if it had just begun."""
    importlib.import_module("panel.rulebook.queries.versions")._frozen.clear()


def remembered(build: Callable[P, Awaitable[T]]) -> Callable[P, Awaitable[T]]:
    """Play what `build` plays once for the same arguments; afterwards lay what it wrote."""

    @wraps(build)
    async def again(*args: P.args, **more: P.kwargs) -> T:
        engine = db.engine()
        asked = None if db.in_transaction() else _asked(build, args, more)
        before = await _state(engine) if asked is not None else None
        if before is None:
            return await build(*args, **more)
        key = (engine, before.number, asked)
        if (found := _kept.pop(key, None)) is None:
            name = f"{before.name}/{_named(build, args, more)}"
            with chance.begun(name):
                result = await build(*args, **more)
            found = await _keep(engine, name, copy.deepcopy(result))
        else:
            await _lay(engine, found, instead_of=before)
            result = copy.deepcopy(found.result)
        _kept[key] = found
        _latest[engine] = (found, await _version(engine))
        if len(_kept) > _MOST:
            oldest = next(iter(_kept))
            await _drop(oldest[0], _kept.pop(oldest))
        return result

    return again


async def _state(engine: db.Engine) -> _Kept | None:
    """Return what the tables hold; None where anything was written that was not kept."""
    if engine in _latest:
        latest, version = _latest[engine]
        return latest if await _version(engine) == version else None
    return None if await _filled(engine) else _NOTHING


async def _version(engine: db.Engine) -> int:
    """Return a number that changes with whatever others write."""
    if isinstance(engine, db.SQLite):
        return int(broom(engine.path).execute("PRAGMA data_version").fetchone()[0])
    found = await engine.run("SELECT pg_snapshot_xmax(pg_current_snapshot())::text AS n", [])
    return int(found[0]["n"])


def _asked(build: Callable[..., Any], args: Any, more: Any) -> Hashable:
    """Name what is asked for; None where an argument may answer otherwise the next time."""
    bound = inspect.signature(build).bind(*args, **more)
    bound.apply_defaults()
    values = [*bound.args, *bound.kwargs.values()]
    given = [bound.args, *sorted(bound.kwargs.items())]
    if any(inspect.isfunction(each) and "<" in each.__qualname__ for each in values):
        return None
    key = (keys.current(), build.__module__, build.__qualname__, *given)
    try:
        hash(key)
    except TypeError:
        return None
    return key


def _named(build: Callable[..., Any], args: Any, more: Any) -> str:
    """Say what is asked for in words that are the same in every process."""
    bound = inspect.signature(build).bind(*args, **more)
    words = [
        f"{name}={sorted(map(repr, value)) if isinstance(value, frozenset) else repr(value)}"
        for name, value in sorted(bound.arguments.items())
    ]
    return f"{build.__module__}.{build.__qualname__}({', '.join(words)})"


async def _keep(engine: db.Engine, name: str, result: Any) -> _Kept:
    found = _Kept(next(_numbers), name, await _filled(engine), result)
    if not isinstance(engine, db.SQLite):
        await engine.run("CREATE SCHEMA IF NOT EXISTS kept", [])
    table = 'CREATE TABLE kept."{0}_{1}" AS SELECT * FROM "{1}"'
    await _run(engine, [table.format(found.number, name) for name in found.names])
    return found


async def _lay(engine: db.Engine, found: _Kept, *, instead_of: _Kept) -> None:
    rows = 'INSERT INTO "{1}" SELECT * FROM kept."{0}_{1}"'
    old = [f'DELETE FROM "{name}"' for name in instead_of.names]
    await _run(engine, [*old, *(rows.format(found.number, name) for name in found.names)])


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
