"""Each engine alone: what it refuses, and what it says when it cannot serve."""

import asyncio
import sqlite3
import stat
from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import pytest
import pytest_asyncio

from panel import db
from panel.db.ddl import UnsupportedChange, split
from tests.conftest import Databases
from tests.waiting import PATIENCE, until


@pytest_asyncio.fixture(loop_scope="session")
async def embedded(tmp_path: Path) -> AsyncIterator[db.SQLite]:
    """Start an engine on a file of its own that does not wait long for others."""
    engine = db.SQLite(tmp_path / "own.sqlite", readers=2, patience=0.05)
    await db.start(engine)
    db.bind(engine, [])
    await engine.run_ddl('CREATE TABLE "t" ("id" INTEGER PRIMARY KEY NOT NULL, "x" TEXT)')
    yield engine
    await db.stop(engine)


@pytest_asyncio.fixture(loop_scope="session")
async def server(engine_name: str, databases: Databases) -> db.Postgres:
    """Give the PostgreSQL engine of the session."""
    found = await databases.engine(engine_name)
    assert isinstance(found, db.Postgres)
    db.bind(found, [])
    return found


only_postgres = pytest.mark.engines("postgres")


async def test_sqlite_keeps_what_it_acknowledged(embedded: db.SQLite, tmp_path: Path) -> None:
    async with db.transaction():
        assert await db.raw("PRAGMA synchronous") == [{"synchronous": 2}]
        assert await db.raw("PRAGMA foreign_keys") == [{"foreign_keys": 1}]
        assert await db.raw("PRAGMA journal_mode") == [{"journal_mode": "wal"}]
    assert stat.S_IMODE((tmp_path / "own.sqlite").stat().st_mode) == 0o600


async def test_a_reader_of_sqlite_cannot_write(embedded: db.SQLite) -> None:
    reader = await embedded._readers.get()
    with pytest.raises(sqlite3.OperationalError, match="readonly"):
        await reader.execute("INSERT INTO t (x) VALUES ('a')")
    embedded._readers.put_nowait(reader)


async def test_another_process_that_writes_makes_sqlite_unavailable(
    embedded: db.SQLite, tmp_path: Path
) -> None:
    other = sqlite3.connect(tmp_path / "own.sqlite", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    for _ in range(3):
        with pytest.raises(db.Unavailable) as caught:
            await _write()
        assert not caught.value.full
        assert isinstance(caught.value.__cause__, sqlite3.OperationalError)
        with pytest.raises(db.Unavailable):
            await db.raw("INSERT INTO t (x) VALUES ('b')")
    assert await db.raw("SELECT count(*) AS n FROM t") == [{"n": 0}]
    other.execute("ROLLBACK")
    other.close()
    await _write()
    assert embedded.idle()


async def _write(text: str = "a") -> None:
    async with db.transaction():
        await db.raw("INSERT INTO t (x) VALUES ({})", text)


async def test_a_full_disk_is_told_and_survived(embedded: db.SQLite) -> None:
    async with db.transaction():
        (pages,) = await db.raw("PRAGMA page_count")
        await db.raw(f"PRAGMA max_page_count = {pages['page_count'] + 2}")
    for _ in range(3):
        with pytest.raises(db.Unavailable) as caught:
            await _write("x" * 100_000)
        assert caught.value.full
        with pytest.raises(db.Unavailable):
            await db.raw("INSERT INTO t (x) VALUES ({})", "x" * 100_000)
        assert not db.in_transaction()
        assert embedded.idle()
    await _write()
    assert await db.raw("SELECT count(*) AS n FROM t") == [{"n": 1}]


async def test_a_broken_writer_is_replaced(embedded: db.SQLite) -> None:
    writer = embedded._writing.connection
    assert writer is not None
    with pytest.raises(ValueError, match=r"no active connection|Connection closed"):
        await _write_and_break(embedded)
    await _write()
    assert embedded._writing.connection is not writer
    assert await db.raw("SELECT count(*) AS n FROM t") == [{"n": 1}]


async def _write_and_break(engine: db.SQLite) -> None:
    async with db.transaction():
        await db.raw("INSERT INTO t (x) VALUES ('lost')")
        assert engine._writing.connection is not None
        await engine._writing.connection.close()


async def test_a_commit_of_what_sqlite_rolled_back_is_an_error(embedded: db.SQLite) -> None:
    with pytest.raises(sqlite3.OperationalError, match="no transaction is active"):
        await _roll_back_inside()
    assert embedded.idle()


async def _roll_back_inside() -> None:
    async with db.transaction():
        await db.raw("ROLLBACK")


async def test_two_processes_take_turns_on_one_file(tmp_path: Path) -> None:
    file = tmp_path / "shared.sqlite"
    engines = [db.SQLite(file, readers=1, patience=PATIENCE) for _ in range(2)]
    for engine in engines:
        await db.start(engine)
    await engines[0].run("CREATE TABLE n (n integer)", [])
    await engines[0].run("INSERT INTO n VALUES (0)", [])

    async def grow(engine: db.SQLite) -> None:
        async with engine.transaction() as current:
            (row,) = await current.run("SELECT n FROM n", [])
            await current.run("UPDATE n SET n = ?", [row["n"] + 1])

    await asyncio.gather(*(grow(engine) for engine in engines for _ in range(20)))
    assert await engines[1].run("SELECT n FROM n", []) == [{"n": 40}]
    for engine in engines:
        await db.stop(engine)


async def test_a_common_table_expression_may_read_or_write(embedded: db.SQLite) -> None:
    await db.raw("WITH s AS (SELECT 'b' AS x) INSERT INTO t (x) SELECT x FROM s")
    async with db.transaction():
        found = db.detached(db.raw("WITH s AS (SELECT x FROM t) SELECT x FROM s"))
        async with asyncio.timeout(PATIENCE):  # does not wait for the writer
            assert await found == [{"x": "b"}]


async def test_an_engine_that_is_not_started_says_so(tmp_path: Path) -> None:
    engine = db.SQLite(tmp_path / "own.sqlite")
    db.bind(engine, [])
    with pytest.raises(RuntimeError, match="not started"):
        await db.raw("SELECT 1")
    with pytest.raises(RuntimeError, match="not started"):
        await _write()
    db.bind(db.Postgres("postgresql://nowhere"), [])
    with pytest.raises(RuntimeError, match="not started"):
        await db.raw("SELECT 1")


async def test_a_file_that_cannot_be_opened_is_refused(tmp_path: Path) -> None:
    (tmp_path / "text").write_text("certainly no database, and long enough to tell")
    with pytest.raises(sqlite3.DatabaseError, match="not a database"):
        await db.start(db.SQLite(tmp_path / "text"))


async def test_a_change_that_sqlite_does_not_know_is_refused(embedded: db.SQLite) -> None:
    with pytest.raises(UnsupportedChange):
        await embedded.run_ddl('ALTER TABLE "t" ALTER COLUMN "x" TYPE INTEGER')
    with pytest.raises(UnsupportedChange):
        await embedded.run_ddl('ALTER TABLE "t" ADD CONSTRAINT one UNIQUE NULLS NOT DISTINCT ("x")')


async def test_a_column_may_become_empty_and_get_another_default(embedded: db.SQLite) -> None:
    await embedded.run_ddl('ALTER TABLE t ADD COLUMN "n" INTEGER NOT NULL DEFAULT 7')
    await _write()
    await embedded.run_ddl('ALTER TABLE "t" ALTER COLUMN "n" DROP NOT NULL')
    await embedded.run_ddl('ALTER TABLE "t" ALTER COLUMN "n" SET DEFAULT 8')
    await _write()
    await db.raw("UPDATE t SET n = NULL WHERE id = 1")
    assert [row["n"] for row in await db.raw("SELECT n FROM t ORDER BY id")] == [None, 8]
    await embedded.run_ddl('ALTER TABLE "t" ALTER COLUMN "n" DROP DEFAULT')
    await _write()
    assert [row["n"] for row in await db.raw("SELECT n FROM t ORDER BY id")] == [None, 8, None]
    with pytest.raises(ValueError, match="have no n"):
        await embedded.run_ddl('ALTER TABLE "t" ALTER COLUMN "n" SET NOT NULL')
    await db.raw("UPDATE t SET n = 1")
    await embedded.run_ddl('ALTER TABLE "t" ALTER COLUMN "n" SET NOT NULL')
    with pytest.raises(sqlite3.IntegrityError):
        await db.raw("UPDATE t SET n = NULL WHERE id = 1")
    with pytest.raises(ValueError, match="no column"):
        await embedded.run_ddl('ALTER TABLE "t" ALTER COLUMN "none" DROP NOT NULL')


async def test_a_dropped_column_takes_its_indexes_along(embedded: db.SQLite) -> None:
    await embedded.run_ddl('ALTER TABLE t ADD COLUMN "y" TEXT UNIQUE DEFAULT null')
    await embedded.run_ddl('ALTER TABLE t DROP COLUMN "y"')
    await _write()
    assert await db.raw("SELECT * FROM t") == [{"id": 1, "x": "a"}]


def test_columns_are_split_at_their_own_commas_only() -> None:
    body = """"a" TEXT DEFAULT 'x, (y', "b" NUMERIC(1, 2), CHECK ("a" IN ('p', 'q'))"""
    assert split(body) == [
        """"a" TEXT DEFAULT 'x, (y'""",
        '"b" NUMERIC(1, 2)',
        """CHECK ("a" IN ('p', 'q'))""",
    ]


@only_postgres
@pytest.mark.parametrize("setting", ["synchronous_commit"])
async def test_a_server_that_may_forget_is_refused(
    server: db.Postgres, databases: Databases, setting: str
) -> None:
    url = str(server.config["dsn"])
    unsafe = db.Postgres(url + ("&" if "?" in url else "?") + f"{setting}=off")
    with pytest.raises(db.UnsafeDatabase, match=setting):
        await db.start(unsafe)
    assert unsafe._pool is None


async def test_a_server_that_is_not_there_is_unavailable(tmp_path: Path) -> None:
    engine = db.Postgres(f"postgresql://nobody@/nothing?host={tmp_path}")
    with pytest.raises(db.Unavailable):
        await db.start(engine)


@only_postgres
async def test_lost_connections_are_unavailable_and_replaced(server: db.Postgres) -> None:
    for _ in range(3):
        with pytest.raises(db.Unavailable):
            await _lose_connection(server)
        assert not db.in_transaction()
    assert await db.raw("SELECT 1 AS one") == [{"one": 1}]
    assert server.idle()


async def _lose_connection(server: db.Postgres) -> None:
    async with db.transaction():
        ((pid,),) = [row.values() for row in await db.raw("SELECT pg_backend_pid() AS pid")]
        other = await asyncpg.connect(server.config["dsn"])
        await other.execute(f"SELECT pg_terminate_backend({pid})")
        await other.close()
        await db.raw("SELECT 1")


@only_postgres
async def test_a_restart_between_two_requests_goes_unnoticed(server: db.Postgres) -> None:
    await asyncio.gather(*(db.detached(_sleep()) for _ in range(4)))
    other = await asyncpg.connect(server.config["dsn"])
    await other.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )
    await other.close()
    assert server._pool is not None
    idle = server._pool._idle
    await until(lambda: all(each.is_closed() for each in idle))  # the ends reach us one by one
    assert await db.raw("SELECT 1 AS one") == [{"one": 1}]


async def _sleep() -> None:
    await db.raw("SELECT pg_sleep(0.05)")


@only_postgres
async def test_a_deadlock_is_worth_another_try(server: db.Postgres) -> None:
    await db.raw("CREATE TABLE pair (id integer PRIMARY KEY, n integer)")
    await db.raw("INSERT INTO pair VALUES (1, 0), (2, 0)")

    both = asyncio.Barrier(2)

    async def swap(first: int, second: int) -> None:
        async with db.transaction():
            await db.raw("SET LOCAL lock_timeout = 0")  # the deadlock alone ends one of them
            await db.raw("SET LOCAL deadlock_timeout = '50ms'")
            await db.raw("UPDATE pair SET n = n + 1 WHERE id = {}", first)
            await both.wait()
            await db.raw("UPDATE pair SET n = n + 1 WHERE id = {}", second)

    ends = await asyncio.gather(swap(1, 2), swap(2, 1), return_exceptions=True)
    await db.raw("DROP TABLE pair")
    assert [type(end) for end in ends if end is not None] == [db.Unavailable]
    assert server.idle()


async def test_both_engines_refuse_a_text_longer_than_its_column(engine: db.Engine) -> None:
    async with db.transaction():
        await db.raw("INSERT INTO instance (name, value) VALUES ({}, {})", "fits", "x" * 120)

    async def too_long() -> None:
        await db.raw("INSERT INTO instance (name, value) VALUES ({}, {})", "long", "x" * 121)

    with pytest.raises(db.TooLong):
        await too_long()
