"""Opening and closing what a process works with: data folder, engine, schema, keys."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import msgspec

from panel import db, keys
from panel.audit.commands import claim_keys
from panel.db import migrations
from panel.piccolo_app import our_tables
from panel.settings import Settings


class StartFault(Exception):  # noqa: N818 - said to an operator as it is
    """The service can't start; the message says why and what to do."""


class Runtime(msgspec.Struct, frozen=True):
    """What a running process holds."""

    settings: Settings
    engine: db.Engine
    keys: keys.Keys


@asynccontextmanager
async def opened(settings: Settings, *, migrate: bool | None = None) -> AsyncIterator[Runtime]:
    """Open everything; migrate by itself only the embedded SQLite file, unless told."""
    _writable(settings.data_dir)
    try:
        own = keys.load(settings.key_dir, create=settings.embedded)
    except (keys.KeyFault, OSError) as fault:
        raise StartFault(str(fault)) from fault
    keys.bind(own)
    engine = db.open_engine(settings.database_url or None, path=settings.database_path)
    try:
        await db.start(engine)
    except (db.UnsafeDatabase, db.Unavailable, OSError, ValueError) as fault:
        raise StartFault(f"the database can't be used: {fault}") from fault
    try:
        db.bind(engine, our_tables())
        await _schema(engine, migrate=settings.embedded if migrate is None else migrate)
        try:
            await claim_keys(own.fingerprint())
        except keys.KeyFault as fault:
            raise StartFault(str(fault)) from fault
        yield Runtime(settings, engine, own)
    finally:
        await db.stop(engine)


def _writable(folder: Path) -> None:
    """Make the data folder, or say that it can't be written."""
    probe = folder / ".writable"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe.write_bytes(b"")
        probe.unlink()
    except OSError as fault:
        raise StartFault(
            f"the data folder {folder} can't be written ({fault.strerror}); "
            "set PANEL_DATA_DIR to a folder of yours"
        ) from fault


async def _schema(engine: db.Engine, *, migrate: bool) -> None:
    """Refuse a database from a newer version; bring an older one up to date where allowed."""
    state = await migrations.schema_state(engine)
    if state is migrations.SchemaState.NEWER:
        raise StartFault(
            "the database was written by a newer version of panel; install that version"
        )
    if state is migrations.SchemaState.BEHIND:
        if not migrate:
            raise StartFault("the database is older than this version; run: panel migrate")
        await migrations.migrate(engine)
