"""Archive packages: asked for, packed by a worker, taken on the record."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

import msgspec
from piccolo.columns import Column

from panel import keys
from panel.actor import SYSTEM, Actor, Role
from panel.audit.commands import entry
from panel.db import insert_rows, transaction
from panel.entropy import code as fresh_code
from panel.ids import Code
from panel.queue.commands import enqueue
from panel.reports.queries import archive as queries
from panel.reports.rules import archive as rules
from panel.reports.tables import ArchivePackage
from panel.reports.types import (
    ArchivedFile,
    ArchiveItem,
    CheckedItem,
    PackageState,
    PackageView,
)
from panel.visits import queries as visits

JOB: Final = "reports.archive"
"""The kind of the job that packs a round."""
PACKERS: Final = (Role.COORDINATOR, Role.PUBLISHER)
READERS: Final = (Role.COORDINATOR, Role.PUBLISHER, Role.AUDITOR)


async def pack(actor: Actor, round_code: Code, *, at: datetime) -> Code:
    """Let a worker pack a round that is over; the same wish twice is one package."""
    actor.require(*PACKERS)
    view = await visits.round(round_code)
    rules.may_pack(view)
    async with entry(actor, "reports.pack", at=at) as note:
        known = await queries.living(view.id)
        if known is not None:
            if not rules.left(await queries.package(known), at):
                note.about("archive", known, again=True)
                return known
            await _move(known, {ArchivePackage.state: PackageState.FAILED.value})
        row = ArchivePackage(
            code=fresh_code(),
            round=view.id,
            state=PackageState.QUEUED.value,
            total=len(ArchiveItem),
            started_at=at,
        )
        await insert_rows(ArchivePackage, [row])
        await enqueue(JOB, {"package": row.code}, run_at=at)
        note.about("archive", row.code, round=round_code)
    return Code(row.code)


async def advance(package: PackageView, done: int) -> bool:
    """Keep how far a worker has come; tells whether the package is still wanted."""
    async with transaction():
        return await _move(
            package.code,
            {ArchivePackage.state: PackageState.PACKING.value, ArchivePackage.done: done},
        )


async def finish(
    package: PackageView,
    data: bytes,
    checklist: Sequence[CheckedItem],
    files: Sequence[ArchivedFile],
    *,
    at: datetime,
) -> bool:
    """Keep a package that is whole, in the place of the round's earlier ones."""
    async with entry(SYSTEM, "reports.finish_archive", at=at) as note:
        digest = hashlib.sha256(data).hexdigest()
        moved = await _move(
            package.code,
            {
                ArchivePackage.state: PackageState.DONE.value,
                ArchivePackage.done: package.total,
                ArchivePackage.size: len(data),
                ArchivePackage.hash: digest,
                ArchivePackage.checklist: msgspec.json.encode(checklist).decode(),
                ArchivePackage.files: msgspec.json.encode(files).decode(),
                ArchivePackage.sealed: keys.current().seal(
                    "visit", data, queries.context(package.code)
                ),
                ArchivePackage.finished_at: at,
            },
        )
        if moved:
            await ArchivePackage.update(
                {ArchivePackage.state: PackageState.REPLACED.value, ArchivePackage.sealed: None}
            ).where(
                ArchivePackage.round == package.round_id,
                ArchivePackage.state == PackageState.DONE.value,
                ArchivePackage.code != package.code,
            )
        note.about("archive", package.code, files=len(files), hash=digest, kept=moved)
    return moved


async def take(actor: Actor, code: Code, *, at: datetime) -> bytes:
    """Give a package to a reader, and keep who took it."""
    actor.require(*READERS)
    data = await queries.file(code)
    async with entry(actor, "reports.take_archive", at=at) as note:
        note.about("archive", code, bytes=len(data))
    return data


async def _move(code: Code, values: dict[Column | str, Any]) -> bool:
    """Change a package that is still on its way."""
    moved = (
        await ArchivePackage.update(values)
        .where(
            ArchivePackage.code == code,
            ArchivePackage.state.is_in([each.value for each in queries.LIVING]),
        )
        .returning(ArchivePackage.id)
    )
    return bool(moved)
