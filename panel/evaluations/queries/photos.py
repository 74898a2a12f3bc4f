"""Reads of the pictures and the distance that go with a sheet."""

from __future__ import annotations

from typing import Any, Final

from panel import keys
from panel.db import raw
from panel.errors import Missing
from panel.evaluations.types import PhotoView, Picture
from panel.ids import Code
from panel.visits import queries as visits

_COLUMNS: Final = (
    "SELECT p.code, p.task, p.item, p.size, p.kept_at, EXISTS (SELECT 1 FROM sheet_photo o "
    "WHERE o.digest = p.digest AND o.task <> p.task) AS elsewhere"
)


def photo_context(code: Code) -> str:
    """Return what the ciphertext of a picture is bound to."""
    return f"sheet_photo:{code}:sealed"


def whereabouts_context(task_id: int) -> str:
    """Return what the ciphertext of a phone's place is bound to."""
    return f"sheet_whereabouts:{task_id}:sealed"


def _view(row: dict[str, Any]) -> PhotoView:
    return PhotoView(
        code=Code(row["code"]),
        task_id=row["task"],
        item=row["item"],
        size=row["size"],
        kept_at=row["kept_at"],
        elsewhere=bool(row["elsewhere"]),
    )


async def photos(task_id: int) -> list[PhotoView]:
    """Return the pictures of a task in the order in which they came, without their bytes."""
    rows = await raw(f"{_COLUMNS} FROM sheet_photo p WHERE p.task = {{}} ORDER BY p.id", task_id)
    return [_view(row) for row in rows]


async def photo(code: Code) -> Picture:
    """Return one picture for the office; the caller asks first who may see its task."""
    rows = await raw(f"{_COLUMNS}, p.sealed FROM sheet_photo p WHERE p.code = {{}}", code)
    if not rows:
        raise Missing("photo.missing")
    data = keys.current().open("visit", bytes(rows[0]["sealed"]), photo_context(code))
    return Picture(view=_view(rows[0]), data=data)


async def own_photo(member: Code | None, code: Code) -> Picture:
    """Return a picture of a member's own task; somebody else's is ``Missing``."""
    found = await photo(code)
    task = await visits.task_by_id(found.view.task_id)
    if member is None or visits.link(member, task.round_code) != task.visitor:
        raise Missing("photo.missing")
    return found


async def distance(task_id: int) -> int | None:
    """Return how many metres from its hall a visitor's phone was, if the visitor chose to say."""
    rows = await raw("SELECT distance FROM sheet_whereabouts WHERE task = {}", task_id)
    return rows[0]["distance"] if rows else None
