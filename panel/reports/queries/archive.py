"""A round's archive package: its checklist today, and the packages that were made."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any, Final

import msgspec

from panel import keys
from panel.db import raw
from panel.errors import Missing
from panel.ids import Code
from panel.reports.queries.archive_parts import MAKERS, due, found_of
from panel.reports.types import (
    ArchivedFile,
    CheckedItem,
    PackageState,
    PackageView,
    Part,
    Presence,
)
from panel.visits.types import RoundView

LIVING: Final = (PackageState.QUEUED, PackageState.PACKING)
_FACTS: Final = (
    "SELECT a.id, a.code, a.round AS round_id, r.code AS round_code, r.title, r.title_en, a.state, "
    "a.done, a.total, a.size, a.hash, a.checklist, a.files, a.started_at, a.finished_at "
    "FROM archive_package a JOIN visit_round r ON r.id = a.round "
)


async def parts(view: RoundView, *, at: datetime) -> AsyncIterator[Part]:
    """Yield every item of the checklist with its files, in the order of the catalogue."""
    found = await found_of(view)
    for item, make in MAKERS.items():
        files = [each async for each in make(found, at)]
        if files:
            yield Part(item, Presence.PRESENT, tuple(files))
        else:
            yield Part(item, Presence.MISSING if due(item, found) else Presence.NONE)


async def checklist(view: RoundView, *, at: datetime) -> list[CheckedItem]:
    """Return what of a round's archive is there and what is missing today."""
    return [
        CheckedItem(part.item, part.presence, tuple(path for path, _ in part.files))
        async for part in parts(view, at=at)
    ]


async def package(code: Code) -> PackageView:
    """Return one package without its bytes."""
    rows = await raw(_FACTS + "WHERE a.code = {}", code)
    if not rows:
        raise Missing("archive.missing")
    return _view(rows[0])


async def packages(*, round_code: Code | None = None, limit: int = 100) -> list[PackageView]:
    """Return the packages of a round (of all rounds if none is named), the newest first."""
    where, values = ("WHERE r.code = {} ", [round_code]) if round_code else ("", [])
    rows = await raw(_FACTS + where + "ORDER BY a.id DESC LIMIT {}", *values, limit)
    return [_view(row) for row in rows]


async def living(round_id: int) -> Code | None:
    """Return the package of a round that a worker is making already."""
    rows = await raw(
        "SELECT code FROM archive_package WHERE round = {} AND state IN ({}, {})",
        round_id,
        *LIVING,
    )
    return Code(rows[0]["code"]) if rows else None


async def file(code: Code) -> bytes:
    """Return the bytes of a package; refuses one that is not there yet, or not any more."""
    rows = await raw("SELECT sealed FROM archive_package WHERE code = {}", code)
    if not rows or rows[0]["sealed"] is None:
        raise Missing("archive.no_file")
    return keys.current().open("visit", bytes(rows[0]["sealed"]), context(code))


def context(code: Code | str) -> str:
    """Return what the ciphertext of a package is bound to."""
    return f"archive_package:{code}:sealed"


def _view(row: dict[str, Any]) -> PackageView:
    return PackageView(
        **{
            **row,
            "code": Code(row["code"]),
            "round_code": Code(row["round_code"]),
            "state": PackageState(row["state"]),
            "checklist": msgspec.json.decode(row["checklist"], type=tuple[CheckedItem, ...]),
            "files": msgspec.json.decode(row["files"], type=tuple[ArchivedFile, ...]),
        }
    )
