"""Reads of printed codes: which printing hangs where, and the files of posters."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import msgspec

from panel.db import raw
from panel.errors import Missing
from panel.ids import Code
from panel.roster.queries.places import WINDOW_COLUMNS, WINDOW_PLACES, window_view
from panel.roster.tables import PosterRun, Printing
from panel.roster.types import (
    Filter,
    PosterLine,
    PosterRunView,
    PosterSize,
    PosterState,
    PrintingView,
    WindowState,
    WindowView,
)

DUE: Final = "due"
LIVING: Final = (PosterState.QUEUED, PosterState.DRAWING)
_TEXTS: Final = (
    "w.number", "w.name", "w.name_en", "w.code", "u.name", "u.name_en", "h.name", "h.name_en",
)  # fmt: skip
_PRINTED: Final = 'LEFT JOIN poster_printing p ON p."window" = w.id AND p.number = w.printing'
_FACTS: Final = (
    "id, code, size, name, name_en, windows, state, done, total, bytes, started_at, finished_at"
)
"""Everything of a file but its bytes."""


async def lines(chosen: Filter, *, after: str = "", limit: int) -> list[PosterLine]:
    """Return windows with their printing, by the city's numbers, from behind one of them."""
    where, values = _where(chosen)
    rows = await raw(
        f"SELECT {WINDOW_COLUMNS}, p.printed_at {WINDOW_PLACES} {_PRINTED} "
        f"WHERE {where} AND w.number > {{}} ORDER BY w.number LIMIT {{}}",
        *values,
        after,
        limit,
    )
    return [PosterLine(window=window_view(row), printed_at=row["printed_at"]) for row in rows]


async def count(chosen: Filter) -> int:
    """Return how many windows a filter shows."""
    where, values = _where(chosen)
    rows = await raw(f"SELECT count(*) AS n {WINDOW_PLACES} {_PRINTED} WHERE {where}", *values)
    return int(rows[0]["n"])


async def printable(chosen: Filter) -> list[Code]:
    """Return the codes of the windows of a filter that have a poster, in the order of halls."""
    where, values = _where(chosen)
    rows = await raw(
        f"SELECT w.code {WINDOW_PLACES} {_PRINTED} WHERE {where} AND w.state <> {{}} "
        "ORDER BY h.number, w.number",
        *values,
        WindowState.RETIRED,
    )
    return [Code(row["code"]) for row in rows]


async def windows(codes: Sequence[Code]) -> list[WindowView]:
    """Return the windows of some codes that still have a poster, hall by hall."""
    if not codes:
        return []
    marks = ", ".join("{}" for _ in codes)
    rows = await raw(
        f"SELECT {WINDOW_COLUMNS} {WINDOW_PLACES} WHERE w.state <> {{}} AND w.code IN ({marks}) "
        "ORDER BY h.number, w.number",
        WindowState.RETIRED,
        *codes,
    )
    return [window_view(row) for row in rows]


async def printings(window: WindowView) -> list[PrintingView]:
    """Return the printings of a window's poster that left a trace, the latest first."""
    rows = (
        await Printing.select(
            Printing.number, Printing.reason, Printing.raised_at, Printing.printed_at
        )
        .where(Printing.window == window.id)
        .order_by(Printing.number, ascending=False)
    )
    return [PrintingView(**row) for row in rows]


async def run(code: Code) -> PosterRunView:
    """Return one file of posters."""
    rows = await raw(f"SELECT {_FACTS} FROM poster_run WHERE code = {{}}", code)
    if not rows:
        raise Missing("posters.run")
    return _run(rows[0])


async def runs(*, limit: int) -> list[PosterRunView]:
    """Return the latest files of posters."""
    rows = await raw(f"SELECT {_FACTS} FROM poster_run ORDER BY id DESC LIMIT {{}}", limit)
    return [_run(row) for row in rows]


async def lasting() -> list[PosterRunView]:
    """Return the files that have an end before them: made, or on their way."""
    rows = await raw(
        f"SELECT {_FACTS} FROM poster_run WHERE state IN ({{}}, {{}}, {{}}) ORDER BY id",
        *LIVING,
        PosterState.DONE,
    )
    return [_run(row) for row in rows]


async def living(size: PosterSize, packed: str) -> Code | None:
    """Return the file that a worker is already making of the very same posters, if there is one."""
    rows = await raw(
        "SELECT code FROM poster_run WHERE state IN ({}, {}) AND size = {} AND windows = {}",
        *LIVING,
        size,
        packed,
    )
    return Code(rows[0]["code"]) if rows else None


async def file(code: Code) -> bytes:
    """Return the bytes of a file; refuses one that is not there yet, or not any more."""
    row = await PosterRun.select(PosterRun.file).where(PosterRun.code == code).first()
    if row is None or row["file"] is None:
        raise Missing("posters.no_file")
    return bytes(row["file"])


def _where(chosen: Filter) -> tuple[str, list[Any]]:
    """Return the condition of a filter with its values."""
    parts, values = ["1 = 1"], []
    typed = chosen.search.strip().lower()
    if typed:
        like = "%" + typed.replace("!", "!!").replace("%", "!%").replace("_", "!_") + "%"
        parts.append(
            "(" + " OR ".join(f"lower({name}) LIKE {{}} ESCAPE '!'" for name in _TEXTS) + ")"
        )
        values += [like] * len(_TEXTS)
    for column, value in (("u.code", chosen.unit), ("h.code", chosen.hall)):
        if value:
            parts.append(f"{column} = {{}}")
            values.append(value)
    if chosen.state == DUE:
        parts.append("p.printed_at IS NULL AND w.state <> {}")
        values.append(WindowState.RETIRED)
    elif chosen.state in set(WindowState):
        parts.append("w.state = {}")
        values.append(chosen.state)
    return " AND ".join(parts), values


def _run(row: dict[str, Any]) -> PosterRunView:
    """Make the struct of a row."""
    codes = msgspec.json.decode(row["windows"], type=tuple[str, ...])
    return PosterRunView(
        **{
            **row,
            "code": Code(row["code"]),
            "size": PosterSize(row["size"]),
            "state": PosterState(row["state"]),
            "windows": tuple(Code(code) for code in codes),
        }
    )
