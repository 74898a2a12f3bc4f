# ruff: noqa: SLF001 - `_meta` is how Piccolo lets a table be asked and bound
"""The schema through time: one folder of migrations, run forwards and backwards on both engines."""

import contextlib
import enum
import io
import os
import pathlib
from importlib.machinery import SourceFileLoader
from types import ModuleType
from typing import TYPE_CHECKING

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.apps.migrations.tables import Migration

from panel import db
from panel.db.errors import NewerDatabase

if TYPE_CHECKING:
    from piccolo.conf.apps import AppConfig

APP = "panel"
_FIRST = 7_026_620_514
"""The advisory lock under which the table of migrations is made."""
FOLDER = pathlib.Path(__file__).resolve().parents[2] / "migrations"


class SchemaState(enum.StrEnum):
    """How the schema of the database stands to this version of panel."""

    CURRENT = "current"
    BEHIND = "behind"
    NEWER = "newer"


def app() -> "AppConfig":
    """Return our Piccolo app, found the way Piccolo's own migrations find it."""
    from piccolo.conf.apps import ENVIRONMENT_VARIABLE, Finder

    # Piccolo looks for the engine by this name while a migration runs; no other will do.
    os.environ[ENVIRONMENT_VARIABLE] = "panel.piccolo_conf"
    found: AppConfig = Finder().get_app_config(APP)
    return found


def _known() -> dict[str, ModuleType]:
    """Load the migration files, by their ids in order."""
    found: dict[str, ModuleType] = {}
    for path in sorted(FOLDER.glob("[!_]*.py")):
        # Piccolo's own loader would put the folder on the import path for ever.
        loader = SourceFileLoader(f"panel_migration_{path.stem}", str(path))
        module = ModuleType(loader.name)
        loader.exec_module(module)
        found[module.ID] = module
    return dict(sorted(found.items()))


async def _ran() -> list[str]:
    """Return the ids of the migrations that this database has seen."""
    if not await Migration.table_exists():
        return []
    rows = await Migration.select(Migration.name).where(Migration.app_name == APP)
    return sorted(row["name"] for row in rows)


async def schema_state(engine: db.Engine) -> SchemaState:
    """Tell whether the database is current, behind, or from a newer version."""
    db.bind(engine, [Migration])
    known, ran = set(_known()), set(await _ran())
    if ran - known:
        return SchemaState.NEWER
    return SchemaState.BEHIND if known - ran else SchemaState.CURRENT


async def migrate(engine: db.Engine) -> list[str]:
    """Bring the schema up to date, all or nothing; returns the ids run, refuses a newer database.

    Two processes may start at once: the second waits and finds nothing left to do.
    """
    known = _known()
    await _prepare(engine)
    async with engine.transaction():
        await _alone(engine)
        ran = await _ran()
        if unknown := set(ran) - set(known):
            raise NewerDatabase(", ".join(sorted(unknown)))
        due = [name for name in known if name not in ran]
        for name in due:
            await _apply(known[name], backwards=False)
            await Migration.insert(Migration(name=name, app_name=APP))
    return due


async def migrate_back(engine: db.Engine, count: int | None = None) -> list[str]:
    """Undo the last `count` migrations (all without a count), all or nothing; returns their ids."""
    known = _known()
    await _prepare(engine)
    async with engine.transaction():
        await _alone(engine)
        ran = list(reversed(await _ran()))
        undone = ran if count is None else ran[:count]
        for name in undone:
            if name not in known:
                raise NewerDatabase(name)
            await _apply(known[name], backwards=True)
            await Migration.delete().where(Migration.name == name, Migration.app_name == APP)
    return undone


async def _prepare(engine: db.Engine) -> None:
    db.bind(engine, [Migration])
    async with engine.transaction():
        # Two processes creating it at once: IF NOT EXISTS alone lets PostgreSQL fail one of them.
        # SQLite's transaction is already the only one that writes.
        if isinstance(engine, db.Postgres):
            await db.raw("SELECT pg_advisory_xact_lock({})", _FIRST)
        await Migration.create_table(if_not_exists=True)


async def _alone(engine: db.Engine) -> None:
    # SQLite's transaction is already the only one that writes.
    if isinstance(engine, db.Postgres):
        await db.raw("LOCK TABLE migration IN ACCESS EXCLUSIVE MODE")


async def _apply(module: ModuleType, *, backwards: bool) -> None:
    app()
    manager = await module.forwards()
    if not isinstance(manager, MigrationManager):
        message = f"{module.ID} returns no migration manager"
        raise TypeError(message)
    # Piccolo tells its progress on the terminal; ours is told by the caller.
    with contextlib.redirect_stdout(io.StringIO()):
        await manager.run(backwards=backwards)


async def drift() -> list[str]:
    """Return what a new migration would have to say: nothing when tables and files agree."""
    from piccolo.apps.migrations.auto.schema_snapshot import SchemaSnapshot
    from piccolo.apps.migrations.commands.base import BaseMigrationManager
    from piccolo.apps.migrations.commands.new import AutoMigrationManager

    statements = await AutoMigrationManager().get_alter_statements(app_config=app())
    found = [line for part in statements for line in part.statements]
    # Piccolo compares constraints by name only, so a changed condition would pass unseen.
    managers = await BaseMigrationManager().get_migration_managers(app_config=app())
    known = {
        (table.tablename, constraint._meta.name): constraint._meta.params
        for table in SchemaSnapshot(managers).get_snapshot()
        for constraint in table.constraints
    }
    for table in app().table_classes:
        for constraint in table._meta.constraints:
            name, params = constraint._meta.name, constraint._meta.params
            if known.get((table._meta.tablename, name), params) != params:
                found.append(f"{table._meta.tablename}.{name} changed: give it another name")
    return found


async def write_migration(description: str) -> str | None:
    """Write a file with the changes of the tables since the last one; `None` without changes.

    It speaks PostgreSQL, whose column types are the richer ones; no server is needed.
    """
    from piccolo.apps.migrations.commands.new import NoChanges, _create_new_migration

    db.bind(db.Postgres("postgresql://"), app().table_classes)
    try:
        meta = await _create_new_migration(app(), auto=True, description=description)
    except NoChanges:
        return None
    return str(meta.migration_path)
