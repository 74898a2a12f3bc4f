"""Sheets for exports: page by page by key, so that a hundred thousand cost no more memory."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any, Final

import msgspec

from panel.db import raw
from panel.evaluations.rules import value_of_wait
from panel.evaluations.types import Flag, SheetState, Source
from panel.ids import Code
from panel.reports.types import SheetFilter, SheetLine
from panel.rulebook import queries as rulebooks
from panel.visits.types import Mode

PAGE: Final = 1000
_FROM: Final = (
    "FROM sheet_submission s JOIN visit_task t ON t.id = s.task "
    "JOIN visit_round r ON r.id = t.round JOIN unit u ON u.id = t.unit "
)
_ALONE: Final = "FROM sheet_submission s "
"""Enough for counting where nothing beyond the sheets is asked for."""
_COLUMNS: Final = (
    "s.code, t.place, t.mode, s.form_key, s.errand, CAST(s.visited_on AS TEXT) AS visited_on, "
    "s.state, s.score, s.answered_weight, s.flags, "
    "CASE WHEN s.late THEN 1 ELSE 0 END AS late, s.answers "
)
"""What differs from sheet to sheet; names of places are read once for all of them."""
_OPEN, _PAPER, _PHONE = Mode.OPEN.value, Source.PAPER.value, Source.PHONE.value
_COUNTED: Final = (SheetState.SUBMITTED, SheetState.ACCEPTED, SheetState.HELD)


class _Wait(msgspec.Struct):
    waited: int | None = None
    posted: int | None = None


class _Answers(msgspec.Struct):
    """The part of the stored answers that an export shows."""

    items: dict[str, int | None] = {}
    minutes: dict[str, _Wait] = {}


_decoder: Final = msgspec.json.Decoder(_Answers)


def _where(chosen: SheetFilter) -> tuple[str, list[object]]:
    """Return the condition of a filter; versions that were sent back are never exported."""
    states = [*_COUNTED, SheetState.VOIDED] if chosen.voided else [*_COUNTED]
    # Text is added so that no index of states is taken: sheets are read along their codes.
    where = f"WHERE s.state || '' IN ({', '.join('{}' for _ in states)}) "
    values: list[object] = list(states)
    if chosen.round:
        where += "AND r.code = {} "
        values.append(chosen.round)
    if chosen.ended:
        where += "AND (t.mode <> {} OR r.closed_at IS NOT NULL) "
        values.append(Mode.COVERT)
    if chosen.group:
        where += "AND u.peer_group = {} "
        values.append(chosen.group)
    return where, values


def _source(chosen: SheetFilter) -> str:
    return _FROM if chosen.round or chosen.group else _ALONE


async def count_sheets(chosen: SheetFilter) -> int:
    """Return how many sheets an export would hold."""
    where, values = _where(chosen)
    rows = await raw("SELECT count(*) AS count " + _source(chosen) + where, *values)
    return int(rows[0]["count"])


async def items_of(chosen: SheetFilter) -> list[str]:
    """Return the items that the sheets of an export may answer, in printed order."""
    where, values = _where(chosen)
    rows = await raw("SELECT DISTINCT s.rulebook, s.form_key " + _source(chosen) + where, *values)
    found: dict[str, None] = {}
    for row in sorted(rows, key=lambda each: (each["rulebook"], each["form_key"]), reverse=True):
        book = (await rulebooks.version(Code(row["rulebook"]))).rulebook
        found |= dict.fromkeys(item.id for item in book.form(row["form_key"]).items)
    return sorted(found)


async def sheet_pages(
    chosen: SheetFilter, *, after: str = "", page: int = PAGE
) -> AsyncIterator[list[SheetLine]]:
    """Yield the sheets by their codes, which are chance, a page at a time.

    In the order in which they came in, a covert visit would lie between two open ones whose days
    are told.
    What changes while an export runs shows as it was when its page was read.
    """
    where, values = _where(chosen)
    places = await _places()
    sql = "SELECT " + _COLUMNS + _FROM + where + "AND s.code > {} ORDER BY s.code LIMIT {}"
    while rows := await raw(sql, *values, after, page):
        yield [_line(row, places[row["place"]]) for row in rows]
        after = rows[-1]["code"]


async def _places() -> dict[int, dict[str, str]]:
    """Return the names of all places of all rounds, by their ids."""
    rows = await raw(
        "SELECT p.id, r.code AS round, u.number AS unit, u.name AS unit_name, "
        "w.number AS window_number, w.name AS window_name, u.peer_group "
        "FROM round_window p JOIN visit_round r ON r.id = p.round JOIN unit u ON u.id = p.unit "
        'LEFT JOIN service_window w ON w.id = p."window"'
    )
    return {
        row["id"]: {
            "round": row["round"],
            "unit": row["unit"],
            "unit_name": row["unit_name"],
            "window": row["window_number"] or "",
            "window_name": row["window_name"] or "",
            "group": row["peer_group"],
        }
        for row in rows
    }


def _line(row: dict[str, Any], place: dict[str, str]) -> SheetLine:
    answers = _decoder.decode(row["answers"])
    values = answers.items
    for key, wait in answers.minutes.items():
        if wait.waited is None or wait.posted is None:
            values[key] = None
        else:
            values[key] = value_of_wait(wait.waited, wait.posted)
    visited, flags = row["visited_on"], row["flags"]
    return SheetLine(
        code=row["code"],
        form=row["form_key"],
        mode=row["mode"],
        errand=row["errand"],
        visited=visited if row["mode"] == _OPEN else visited[:7],
        source=_PAPER if flags and Flag.PAPER in flags.split(",") else _PHONE,
        state=row["state"],
        score=row["score"],
        weight=row["answered_weight"],
        flags=flags,
        late=bool(row["late"]),
        values=values,
        **place,
    )
