"""The history is append-only: triggers refuse any change or removal, whoever asks."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from panel import db

ID = "2026-11-22T23:00:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "append-only history"

TABLES = ("audit_entry", "audit_link", "audit_sealed_row")


async def refuse() -> None:
    if isinstance(db.engine(), db.SQLite):
        for table in TABLES:
            for action in ("UPDATE", "DELETE"):
                await db.raw(
                    f"CREATE TRIGGER {table}_no_{action.lower()} BEFORE {action} ON {table} "
                    "BEGIN SELECT RAISE(ABORT, 'the history is append-only'); END"
                )
        return
    await db.raw(
        "CREATE FUNCTION audit_append_only() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'the history is append-only'; END $$"
    )
    for table in TABLES:
        await db.raw(
            f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION audit_append_only()"
        )


async def allow() -> None:
    if isinstance(db.engine(), db.SQLite):
        for table in TABLES:
            for action in ("update", "delete"):
                await db.raw(f"DROP TRIGGER {table}_no_{action}")
        return
    for table in TABLES:
        await db.raw(f"DROP TRIGGER {table}_append_only ON {table}")
    await db.raw("DROP FUNCTION audit_append_only()")


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="panel", description=DESCRIPTION)
    manager.add_raw(refuse)
    manager.add_raw_backwards(allow)
    return manager
