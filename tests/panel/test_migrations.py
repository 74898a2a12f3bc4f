"""Migrations: one folder, forwards and backwards on both engines, with rows present."""

import asyncio
from pathlib import Path

import pytest
from piccolo.apps.migrations.tables import Migration
from piccolo.columns import ForeignKey, Integer, Serial, Text, Varchar
from piccolo.constraints import Check, Unique
from piccolo.table import Table

from panel import db, piccolo_app
from panel.db import migrations
from panel.db.migrations import SchemaState
from panel.piccolo_app import our_tables


def first() -> list[type[Table]]:
    """Return the tables of the first version."""

    class Rack(Table, tablename="rack"):
        id: Serial
        name = Varchar(length=20, unique=True)

    class Cup(Table, tablename="cup"):
        id: Serial
        rack = ForeignKey(Rack, null=False)
        size = Integer()
        check_size = Check(size > 0)

    return [Rack, Cup]


def second() -> list[type[Table]]:
    """Return the tables of the next version."""

    class Rack(Table, tablename="rack"):
        id: Serial
        name = Varchar(length=20, unique=True)
        place = Text(default="hall, (left) wing", unique=False)
        inspector = Text(default=None, null=True, unique=True)

    class Cup(Table, tablename="cup"):
        id: Serial
        rack = ForeignKey(Rack, null=False)
        size = Integer()
        colour = Text(default="red")
        check_cup_size = Check((size > 0) & (size < 100))
        one_colour = Unique([rack, colour])
        by_size = db.Index([size, colour], where="size > 5")

    return [Rack, Cup]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Point our app at an empty folder."""
    monkeypatch.setattr(piccolo_app.APP_CONFIG, "migrations_folder_path", tmp_path)
    monkeypatch.setattr(migrations, "FOLDER", tmp_path)
    return tmp_path


async def _write(
    monkeypatch: pytest.MonkeyPatch, tables: list[type[Table]], engine: db.Engine
) -> None:
    monkeypatch.setattr(piccolo_app.APP_CONFIG, "table_classes", tables)
    assert await migrations.write_migration("test") is not None
    db.bind(engine, [*tables, Migration])


_ours: dict[str, str] = {}
"""The files of all our tables, written once: they are the same for both engines."""


def _files(folder: Path) -> dict[str, str]:
    return {path.name: path.read_text("utf-8") for path in folder.glob("*.py")}


async def _write_ours(
    monkeypatch: pytest.MonkeyPatch, tables: list[type[Table]], engine: db.Engine, folder: Path
) -> None:
    if not _ours:
        await _write(monkeypatch, tables, engine)
        _ours.update(_files(folder))
    for name, text in _ours.items():
        (folder / name).write_text(text, "utf-8")
    monkeypatch.setattr(piccolo_app.APP_CONFIG, "table_classes", tables)
    db.bind(engine, [*tables, Migration])


async def test_the_schema_moves_forwards_and_backwards_with_rows(
    blank: db.Engine, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rack, cup = old = first()
    await _write(monkeypatch, old, blank)
    assert await migrations.schema_state(blank) is SchemaState.BEHIND
    assert len(await migrations.migrate(blank)) == 1
    assert await migrations.schema_state(blank) is SchemaState.CURRENT
    (home,) = await db.insert_rows(rack, [rack(name="a")])
    await db.insert_rows(cup, [cup(rack=home, size=n) for n in (1, 2)])

    new = second()
    await _write(monkeypatch, new, blank)
    with pytest.raises(db.Duplicate):  # two red cups on one rack
        await migrations.migrate(blank)
    assert await db.raw("SELECT count(*) AS n FROM cup") == [{"n": 2}]
    assert await migrations.schema_state(blank) is SchemaState.BEHIND
    await db.raw("DELETE FROM cup WHERE size = {}", 2)
    assert len(await migrations.migrate(blank)) == 1
    assert await migrations.drift() == []
    assert await db.raw("SELECT colour FROM cup") == [{"colour": "red"}]
    with pytest.raises(Exception, match="check_cup_size"):
        await db.raw("UPDATE cup SET size = 100")
    with pytest.raises(db.Duplicate):
        await db.raw("INSERT INTO cup (rack, size, colour) VALUES ({}, 9, 'red')", home)

    assert len(await migrations.migrate_back(blank, 1)) == 1
    assert await db.raw("SELECT size FROM cup") == [{"size": 1}]
    await db.raw("UPDATE cup SET size = 100")
    with pytest.raises(Exception, match="check_size"):
        await db.raw("UPDATE cup SET size = 0")

    assert len(await migrations.migrate_back(blank)) == 1
    assert await migrations.schema_state(blank) is SchemaState.BEHIND
    for table in new:
        assert not await table.table_exists()
    assert len(await migrations.migrate(blank)) == 2
    assert await rack.count() == 0


async def test_two_processes_may_migrate_at_once(
    blank: db.Engine, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await _write(monkeypatch, first(), blank)
    ran = await asyncio.gather(migrations.migrate(blank), migrations.migrate(blank))
    assert sorted(len(names) for names in ran) == [0, 1]


async def test_a_database_from_a_newer_version_is_refused(
    blank: db.Engine, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await _write(monkeypatch, first(), blank)
    await migrations.migrate(blank)
    await Migration.insert(Migration(name="9999", app_name="panel"))
    assert await migrations.schema_state(blank) is SchemaState.NEWER
    with pytest.raises(db.NewerDatabase):
        await migrations.migrate(blank)
    with pytest.raises(db.NewerDatabase):
        await migrations.migrate_back(blank, 1)


async def test_drift_names_new_tables_and_changed_checks(
    blank: db.Engine, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, cup = tables = first()
    monkeypatch.setattr(piccolo_app.APP_CONFIG, "table_classes", tables)
    assert any("rack" in line for line in await migrations.drift())
    await _write(monkeypatch, tables, blank)
    assert await migrations.drift() == []
    cup._meta.constraints[0]._meta.params["condition"] = "size > 1"
    assert await migrations.drift() == ["cup.check_size changed: give it another name"]


async def test_without_changes_no_file_is_written(
    blank: db.Engine, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tables = first()
    await _write(monkeypatch, tables, blank)
    assert await migrations.write_migration("again") is None
    db.bind(blank, tables)


def test_no_two_tables_share_a_class_name() -> None:
    # Piccolo's snapshots know tables by the names of their classes: of two, one would be lost.
    names = [table.__name__ for table in our_tables()]
    assert sorted(set(names)) == sorted(names)


async def test_all_our_tables_move_forwards_and_backwards(
    blank: db.Engine, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tables = our_tables()
    await _write_ours(monkeypatch, tables, blank, folder)
    await migrations.migrate(blank)
    assert await migrations.drift() == []
    for table in tables:
        assert await table.count() == 0
    await migrations.migrate_back(blank)
    for table in tables:
        assert not await table.table_exists()


async def test_the_migrations_hold_all_our_tables(blank: db.Engine) -> None:
    db.bind(blank, our_tables())
    assert await migrations.drift() == []
    await migrations.migrate(blank)
    for table in our_tables():
        assert await table.count() == 0
    assert await migrations.schema_state(blank) is SchemaState.CURRENT
    await migrations.migrate_back(blank)


def test_no_two_tables_share_a_name() -> None:
    # Piccolo's migrations tell tables apart by the name of their class.
    names = [table.__name__ for table in our_tables()]
    assert len(set(names)) == len(names)
    names = [table._meta.tablename for table in our_tables()]
    assert len(set(names)) == len(names)
