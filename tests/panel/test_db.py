"""The engines: whatever fails, nothing stays locked, leaked or half written."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Coroutine, Generator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from piccolo.columns import ForeignKey, Integer, Serial, Text
from piccolo.constraints import Check, Unique
from piccolo.table import Table

from panel import db
from tests.waiting import PATIENCE, until


class Shelf(Table, tablename="shelf"):
    """A table that only these tests use."""

    id: Serial
    name = Text(unique=True)
    room = Integer()
    height = Integer(default=1)
    unique_shelf_place = Unique([room, height])
    check_shelf_height = Check((height > 0) & (height < 1000))
    index_shelf_tall = db.Index([room], where="height > 100")


class Book(Table, tablename="book"):
    """Refers to a shelf."""

    id: Serial
    shelf = ForeignKey(Shelf, null=False)


TABLES: list[type[Table]] = [Shelf, Book]


@pytest_asyncio.fixture(loop_scope="session")
async def shelves(engine: db.Engine) -> AsyncIterator[db.Engine]:
    """Create the tables of this file, and drop them after the test."""
    db.bind(engine, TABLES)
    for table in TABLES:
        await table.create_table()
    yield engine
    for table in reversed(TABLES):
        await table.alter().drop_table()


async def test_a_row_written_is_read(shelves: db.Engine) -> None:
    await Shelf.insert(Shelf(name="a", room=1))
    assert await Shelf.count() == 1
    assert await db.raw("SELECT name FROM shelf WHERE room = {}", 1) == [{"name": "a"}]


async def test_a_look_reads_what_is_committed_or_the_own_work_and_never_writes(
    shelves: db.Engine,
) -> None:
    found = "SELECT name FROM shelf WHERE room = {}"
    async with db.transaction():
        await Shelf.insert(Shelf(name="a", room=1))
        assert await db.look(found, 1) == [{"name": "a"}]
        assert await db.detached(db.look(found, 1)) == []
    assert await db.look(found, 1) == [{"name": "a"}]
    if isinstance(shelves, db.SQLite):
        with pytest.raises(Exception, match="readonly"):
            await db.look("DELETE FROM shelf WHERE room = {}", 1)
    assert shelves.idle()


async def test_the_same_name_again_is_a_duplicate(shelves: db.Engine) -> None:
    await Shelf.insert(Shelf(name="a", room=1))
    with pytest.raises(db.Duplicate) as caught:
        await Shelf.insert(Shelf(name="a", room=2))
    assert caught.value.__cause__ is not None
    with pytest.raises(db.Duplicate):
        await Shelf.insert(Shelf(name="b", room=1))


async def test_a_check_has_the_last_word(shelves: db.Engine) -> None:
    with pytest.raises(Exception, match="check_shelf_height"):
        await Shelf.insert(Shelf(name="a", room=1, height=0))
    assert await Shelf.count() == 0


async def test_an_unknown_shelf_is_refused(shelves: db.Engine) -> None:
    with pytest.raises(Exception, match=r"(?i)foreign key"):
        await Book.insert(Book(shelf=77))


async def test_a_read_inside_sees_what_was_written_inside_and_outside_not(
    shelves: db.Engine,
) -> None:
    async with db.transaction():
        await Shelf.insert(Shelf(name="a", room=1))
        assert await Shelf.count() == 1
        assert await db.detached(_count()) == 0
    assert await Shelf.count() == 1


async def _count() -> int:
    assert not db.in_transaction()
    count: int = await Shelf.count()
    return count


async def test_an_error_rolls_everything_back(shelves: db.Engine) -> None:
    with pytest.raises(LookupError):
        await _insert_and_fail(shelves)
    assert not db.in_transaction()
    assert await Shelf.count() == 0
    assert shelves.idle()


async def _insert_and_fail(engine: db.Engine) -> None:
    async with db.transaction():
        await Shelf.insert(Shelf(name="a", room=1))
        raise LookupError


async def test_a_nested_transaction_joins(shelves: db.Engine) -> None:
    async with db.transaction():
        await Shelf.insert(Shelf(name="a", room=1))
        async with db.transaction():
            await Shelf.insert(Shelf(name="b", room=2))
        assert db.in_transaction()
        assert await db.detached(_count()) == 0
    assert await Shelf.count() == 2


async def test_a_swallowed_inner_failure_cannot_commit(shelves: db.Engine) -> None:
    with pytest.raises(db.SpoiledTransaction) as caught:
        await _swallow(LookupError, _insert_and_fail(shelves))
    assert isinstance(caught.value.__cause__, LookupError)
    assert await Shelf.count() == 0


async def _swallow(kind: type[Exception], work: Coroutine[Any, Any, None]) -> None:
    async with db.transaction():
        await _write_one("swallowed")
        with contextlib.suppress(kind):
            await work


async def test_a_swallowed_conflict_cannot_commit(shelves: db.Engine) -> None:
    await _write_one("a")
    with pytest.raises(db.SpoiledTransaction):
        await _swallow(db.Duplicate, _write_one("a"))
    assert await Shelf.count() == 1
    assert shelves.idle()


async def test_a_savepoint_undoes_a_conflict_alone(shelves: db.Engine) -> None:
    async with db.transaction():
        await Shelf.insert(Shelf(name="a", room=1))
        with pytest.raises(db.Duplicate):
            await _write_both("b", "a")
        async with db.savepoint():
            await Shelf.insert(Shelf(name="c", room=4))
    rows = await Shelf.select(Shelf.name).order_by(Shelf.name)
    assert [row["name"] for row in rows] == ["a", "c"]


async def _write_both(*names: str) -> None:
    async with db.savepoint():
        for name in names:
            await Shelf.insert(Shelf(name=name, room=ord(name)))


async def test_a_savepoint_heals_a_nested_failure(shelves: db.Engine) -> None:
    async with db.transaction():
        with pytest.raises(LookupError):
            async with db.savepoint():
                await _insert_and_fail(shelves)
        await Shelf.insert(Shelf(name="b", room=2))
    assert await Shelf.count() == 1


async def test_a_savepoint_needs_a_transaction(shelves: db.Engine) -> None:
    with pytest.raises(RuntimeError, match="savepoint"):
        async with db.savepoint():
            pass


async def test_a_task_may_not_use_the_transaction_of_its_parent(shelves: db.Engine) -> None:
    async with db.transaction():
        with pytest.raises(db.ForeignTask):
            await asyncio.create_task(_write_one("child"))
    assert await Shelf.count() == 0


async def test_a_task_that_outlives_the_transaction_is_outside(shelves: db.Engine) -> None:
    ended = asyncio.Event()

    async def late() -> None:
        await ended.wait()
        assert not db.in_transaction()
        await Shelf.insert(Shelf(name="late", room=9))

    async with db.transaction():
        task = asyncio.create_task(late())
        await asyncio.sleep(0)
    ended.set()
    await task
    assert await Shelf.count() == 1


async def _write_one(name: str) -> None:
    await Shelf.insert(Shelf(name=name, room=len(name)))


async def test_twenty_readers_who_then_write_all_succeed(shelves: db.Engine) -> None:
    await Shelf.insert(Shelf(name="a", room=1))

    async def grow() -> None:
        async with db.transaction():
            rows = await Shelf.select(Shelf.height).where(Shelf.name == "a")
            await asyncio.sleep(0.001)
            height = rows[0]["height"]
            await Shelf.update({Shelf.height: height + 1}).where(Shelf.name == "a")

    await asyncio.gather(*(grow() for _ in range(20)))
    if isinstance(shelves, db.SQLite):  # one at a time; read committed alone does not promise it
        assert await db.raw("SELECT height FROM shelf") == [{"height": 21}]
    assert shelves.idle()


async def test_a_failed_begin_leaks_nothing(
    shelves: db.Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(_: object) -> None:
        raise db.Unavailable("planted")

    kind = type(await _session(shelves))
    for _ in range(12):
        with monkeypatch.context() as patch:
            patch.setattr(kind, "begin", fail)
            with pytest.raises(db.Unavailable):
                await _insert_and_fail(shelves)
        assert not db.in_transaction()
        assert shelves.idle()
    await _write_one("after")


async def _session(engine: db.Engine) -> object:
    session = await engine.borrow()
    await session.release()
    return session


async def test_a_failed_commit_leaks_nothing(shelves: db.Engine) -> None:
    if isinstance(shelves, db.Postgres):
        constraint = "ALTER CONSTRAINT book_shelf_fkey DEFERRABLE INITIALLY DEFERRED"
        await db.raw(f"ALTER TABLE book {constraint}")
    for _ in range(12):  # more often than there are connections
        with pytest.raises(Exception, match=r"(?i)foreign key"):
            await _break_a_reference(shelves)
        assert not db.in_transaction()
        assert shelves.idle()
    assert await Book.count() == 0
    await _write_one("after")


async def _break_a_reference(engine: db.Engine) -> None:
    async with db.transaction():
        if isinstance(engine, db.SQLite):
            await db.raw("PRAGMA defer_foreign_keys = ON")
        await Book.insert(Book(shelf=77))


class CancelledAt:
    """Runs work and cancels the task at its n-th suspension."""

    def __init__(self, work: Coroutine[Any, Any, None], step: int) -> None:
        """Count from one."""
        self.work = work
        self.left = step

    def __await__(self) -> Generator[Any, Any, None]:
        """Forward every suspension; ask for the cancellation just before the n-th."""
        task = asyncio.current_task()
        assert task is not None
        inner = self.work.__await__()
        while True:
            try:
                waited = next(inner)
            except StopIteration:
                return
            self.left -= 1
            if self.left == 0:
                asyncio.get_running_loop().call_soon(task.cancel)
            try:
                yield waited
            except BaseException as error:  # noqa: BLE001 - handed on
                try:
                    yield inner.throw(error)
                except StopIteration:
                    return


async def test_a_cancellation_at_any_await_leaks_nothing(shelves: db.Engine) -> None:
    # Each try has rows of its own: a server may commit what nobody waits for any longer.
    async def work(step: int) -> None:
        await Shelf.count()
        await Shelf.insert(Shelf(name=f"x{step}", room=3 * step))
        async with db.transaction():
            await Shelf.insert(Shelf(name=f"y{step}", room=3 * step + 1))
            async with db.savepoint():
                await Shelf.insert(Shelf(name=f"z{step}", room=3 * step + 2))

    async def cancelled_at(step: int) -> bool:
        found = CancelledAt(work(step), step)
        with contextlib.suppress(asyncio.CancelledError):
            await found
        assert not db.in_transaction()
        return found.left <= 0

    step = 1
    while await asyncio.create_task(cancelled_at(step)):
        async with asyncio.timeout(PATIENCE):
            await Shelf.insert(Shelf(name=f"probe{step}", room=-step))
            inner = {f"y{step}", f"z{step}"}
            names = {row["name"] for row in await db.raw("SELECT name FROM shelf")}
            assert len(inner & names) in {0, 2}
        await until(shelves.idle)  # what was cancelled may still be on its way back
        step += 1
    assert step > 6


async def test_waiting_for_a_turn_can_be_cancelled(shelves: db.Engine) -> None:
    async with db.transaction():
        await Shelf.insert(Shelf(name="a", room=1))
        waiting = [db.detached(_write_one("waiting")) for _ in range(3)]
        await asyncio.sleep(0.01)
        for task in waiting:
            task.cancel()
        await asyncio.wait(waiting)
    await _write_one("after")
    assert shelves.idle()


async def test_many_rows_are_inserted_in_pieces(shelves: db.Engine) -> None:
    rows = [Shelf(name=str(n), room=n) for n in range(9_000)]
    ids = await db.insert_rows(Shelf, rows)
    assert len(set(ids)) == 9_000
    assert await db.raw("SELECT id FROM shelf WHERE name = {}", "8999") == [{"id": ids[-1]}]
    assert await db.insert_rows(Shelf, []) == []


async def test_many_rows_are_inserted_all_or_none(shelves: db.Engine) -> None:
    rows = [Shelf(name=str(n % 8_999), room=n) for n in range(9_000)]
    with pytest.raises(db.Duplicate):
        await db.insert_rows(Shelf, rows)
    assert await Shelf.count() == 0


async def test_an_id_is_never_given_twice(shelves: db.Engine) -> None:
    (first,) = await db.insert_rows(Shelf, [Shelf(name="a", room=1)])
    await Shelf.delete(force=True)
    (second,) = await db.insert_rows(Shelf, [Shelf(name="a", room=1)])
    assert second > first


async def test_the_url_chooses_the_engine(tmp_path: Path) -> None:
    assert isinstance(db.open_engine(None, path=tmp_path / "a"), db.SQLite)
    assert isinstance(db.open_engine("postgresql://host/name"), db.Postgres)
    with pytest.raises(ValueError, match="neither"):
        db.open_engine(None)
    with pytest.raises(ValueError, match="postgresql://"):
        db.open_engine("mysql://host/name")
