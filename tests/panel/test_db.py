"""The engines: whatever fails, nothing stays locked, leaked or half written."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from piccolo.columns import ForeignKey, Integer, Serial, Text
from piccolo.constraints import Check, Unique
from piccolo.table import Table

from panel import db


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
