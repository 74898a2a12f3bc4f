"""Sheets for exports: page by page by key, so that a hundred thousand cost no more memory."""

from __future__ import annotations

import functools
from collections.abc import AsyncIterator, Callable, Sequence
from typing import Any, Final

import msgspec

from panel.db import raw, tuples
from panel.evaluations.rules import value_of_wait
from panel.evaluations.types import Flag, SheetState, Source
from panel.ids import Code
from panel.reports.types import SheetFilter, SheetLine, SheetRow
from panel.rulebook import queries as rulebooks
from panel.visits.types import Mode

PAGE: Final = 1000
_FROM: Final = (
    "FROM sheet_submission s JOIN visit_task t ON t.id = s.task "
    "JOIN visit_round r ON r.id = t.round JOIN unit u ON u.id = t.unit "
)
_BESIDE: Final = "s.state || ''"
"""Text is added so that no index of states is taken: sheets are read along another one."""
_ALONE: Final = "FROM sheet_submission s "
"""Enough for counting where nothing beyond the sheets is asked for."""
_COLUMNS: Final = (
    "s.code, t.place + 0, s.form_key, t.mode, s.errand, CAST(s.visited_on AS TEXT), "
    "s.state, s.score + 0, s.answered_weight + 0, CASE WHEN s.late THEN 1 ELSE 0 END, s.flags, "
    "s.answers "
)
"""What differs from sheet to sheet; names of places are read once for all of them.

Sums and cases spare SQLite a converter in Python for every single number.
"""
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


def _where(chosen: SheetFilter, *, state: str = "s.state") -> tuple[str, list[object]]:
    """Return the condition of a filter; versions that were sent back are never exported."""
    states = [*_COUNTED, SheetState.VOIDED] if chosen.voided else [*_COUNTED]
    where = f"WHERE {state} IN ({', '.join('{}' for _ in states)}) "
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
    return _FROM if chosen.round or chosen.group or chosen.ended else _ALONE


async def count_sheets(chosen: SheetFilter) -> int:
    """Return how many sheets an export would hold."""
    where, values = _where(chosen)
    rows = await raw("SELECT count(*) AS count " + _source(chosen) + where, *values)
    return int(rows[0]["count"])


async def items_of(chosen: SheetFilter) -> list[str]:
    """Return the items that the sheets of an export may answer, in printed order."""
    where, values = _where(chosen, state=_BESIDE)
    one = _source(chosen) + where
    found: set[str] = set()
    for book, form in await _forms():
        # A form that is answered is found at the first sheet, however many there are.
        if chosen.round:
            sql = "SELECT s.id " + one + "AND s.rulebook || '' = {} AND s.form_key || '' = {} "
        else:
            sql = "SELECT s.id " + one + "AND s.rulebook = {} AND s.form_key = {} "
        if await raw(sql + "LIMIT 1", *values, book, form):
            version = await rulebooks.frozen(Code(book))
            found |= {item.id for item in version.rulebook.form(form).items}
    return sorted(found)


async def _forms() -> list[tuple[str, str]]:
    """Return which forms of which versions were ever answered, from one to the next by index."""
    found: list[tuple[str, str]] = []
    last = ("", "")
    while rows := await tuples(
        "SELECT s.rulebook, s.form_key FROM sheet_submission s "
        "WHERE (s.rulebook, s.form_key) > ({}, {}) ORDER BY s.rulebook, s.form_key LIMIT 1",
        *last,
    ):
        last = (rows[0][0], rows[0][1])
        found.append(last)
    return found


async def sheet_pages(
    chosen: SheetFilter, *, after: str = "", page: int = PAGE
) -> AsyncIterator[list[SheetLine]]:
    """Yield the sheets by their codes, which are chance, a page at a time.

    In the order in which they came in, a covert visit would lie between two open ones whose days
    are told.
    What changes while an export runs shows as it was when its page was read.
    """
    places = await _places()
    async for rows in _read(chosen, after, page):
        yield [_line(row, places[row[1]]) for row in rows]


async def sheet_rows(
    chosen: SheetFilter, items: Sequence[str], *, page: int = PAGE
) -> AsyncIterator[list[SheetRow]]:
    """Yield what ``sheet_pages`` does as plain tuples, with the values of some items.

    For lists of very many sheets, where an object for each would cost more than reading it.
    """
    places = {
        number: (each["round"], each["unit"], each["unit_name"], each["window"],
                 each["window_name"], each["group"])
        for number, each in (await _places()).items()
    }  # fmt: skip
    values = _reader(tuple(items))
    source = functools.cache(_source_of)
    async for rows in _read(chosen, "", page):
        yield [
            (code, places[place], form, mode, errand, day if mode == _OPEN else day[:7],
             source(flags), state, score, weight, late, flags, values(answers))
            for code, place, form, mode, errand, day, state, score, weight, late, flags, answers
            in rows
        ]  # fmt: skip


async def _read(chosen: SheetFilter, after: str, page: int) -> AsyncIterator[list[tuple[Any, ...]]]:
    where, values = _where(chosen, state=_BESIDE)
    sql = "SELECT " + _COLUMNS + _FROM + where + "AND s.code > {} ORDER BY s.code LIMIT {}"
    while rows := await tuples(sql, *values, after, page):
        yield rows
        after = rows[-1][0]


def _reader(items: tuple[str, ...]) -> Callable[[str], tuple[int | None, ...]]:
    """Return what reads the values of some items out of stored answers, in their order."""
    names = [f"item{number}" for number in range(len(items))]
    held = msgspec.defstruct(
        "_Items",
        [(name, int | None, None) for name in names],
        rename=dict(zip(names, items, strict=True)),
    )
    decode = msgspec.json.Decoder(
        msgspec.defstruct(
            "_Sheet",
            [
                ("items", held, msgspec.field(default_factory=held)),
                ("minutes", dict[str, _Wait], msgspec.field(default_factory=dict)),
            ],
        )
    ).decode
    plain = msgspec.structs.astuple
    at = {item: number for number, item in enumerate(items)}

    def values(answers: str) -> tuple[int | None, ...]:
        sheet: Any = decode(answers)
        if not sheet.minutes:
            return plain(sheet.items)
        found = list(plain(sheet.items))
        for key, wait in sheet.minutes.items():
            if key in at:
                found[at[key]] = _value(wait)
        return tuple(found)

    return values


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


def _value(wait: _Wait) -> int | None:
    if wait.waited is None or wait.posted is None:
        return None
    return value_of_wait(wait.waited, wait.posted)


def _source_of(flags: str) -> str:
    return _PAPER if Flag.PAPER in flags.split(",") else _PHONE


def _line(row: tuple[Any, ...], place: dict[str, str]) -> SheetLine:
    code, _, form, mode, errand, visited, state, score, weight, late, flags, answers = row
    sheet = _decoder.decode(answers)
    return SheetLine(
        code=code,
        form=form,
        mode=mode,
        errand=errand,
        visited=visited if mode == _OPEN else visited[:7],
        source=_source_of(flags),
        state=state,
        score=score,
        weight=weight,
        flags=flags,
        late=bool(late),
        values=sheet.items | {key: _value(wait) for key, wait in sheet.minutes.items()},
        **place,
    )
