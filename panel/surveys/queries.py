"""Reads of the collective evaluation."""

from __future__ import annotations

from datetime import date
from typing import Any, Final

from panel.db import raw
from panel.errors import Missing
from panel.ids import Code, PersonId
from panel.rulebook import queries as rulebooks
from panel.surveys import rules
from panel.surveys.types import Collected, SessionState, SessionView, TallyView, VoidReason

_SELECT: Final = (
    "SELECT s.*, (SELECT count(*) FROM ballot_count b WHERE b.session = s.id) AS units "
    "FROM collective_session s "
)


def _numbers(text: str) -> tuple[int, ...]:
    return tuple(int(each) for each in text.split(",") if each)


async def _view(row: dict[str, Any]) -> SessionView:
    book = (await rulebooks.frozen(Code(row["rulebook"]))).rulebook
    held = row["held_on"]
    return SessionView(
        id=row["id"],
        code=Code(row["code"]),
        year=row["year"],
        held_on=date.fromisoformat(held) if isinstance(held, str) else held,
        title=row["title"],
        title_en=row["title_en"],
        entitled=row["entitled"],
        present=row["present"],
        issued=row["issued"],
        returned=row["returned"],
        spoiled=row["spoiled"],
        document=row["document"],
        rulebook_code=Code(row["rulebook"]),
        levels=book.collective.levels,
        state=SessionState(row["state"]),
        void_reason=VoidReason(row["void_reason"]) if row["void_reason"] else None,
        reason=row["reason"],
        editors=frozenset(PersonId(each) for each in _numbers(row["editors"])),
        units=int(row["units"]),
        checked_at=row["checked_at"],
        void_asked_by=None if row["void_asked_by"] is None else PersonId(row["void_asked_by"]),
        void_asked_at=row["void_asked_at"],
        void_asked_reason=row["void_asked_reason"],
    )


async def session(code: Code) -> SessionView:
    """Return one session."""
    rows = await raw(_SELECT + "WHERE s.code = {}", code)
    if not rows:
        raise Missing("session.missing")
    return await _view(rows[0])


async def sessions(year: int | None = None) -> list[SessionView]:
    """Return the sessions of a year or of all, the latest first."""
    order = " ORDER BY s.held_on DESC, s.id DESC"
    rows = (
        await raw(_SELECT.rstrip() + order)
        if year is None
        else await raw(_SELECT + "WHERE s.year = {}" + order, year)
    )
    return [await _view(row) for row in rows]


async def tallies(view: SessionView) -> list[TallyView]:
    """Return the counts of a session in the order of the city's numbers."""
    rows = await raw(
        "SELECT b.levels, b.unknown, u.code AS unit_code, u.name AS unit_name, "
        "u.name_en AS unit_name_en, u.peer_group FROM ballot_count b "
        "JOIN unit u ON u.id = b.unit WHERE b.session = {} ORDER BY u.number",
        view.id,
    )
    return [
        TallyView(
            unit_code=Code(row["unit_code"]),
            unit_name=row["unit_name"],
            unit_name_en=row["unit_name_en"],
            group=row["peer_group"],
            levels=_numbers(row["levels"]),
            unknown=row["unknown"],
        )
        for row in rows
    ]


async def missing_units(view: SessionView) -> list[str]:
    """Return the names of active units that the session has no counts of."""
    rows = await raw(
        "SELECT u.name FROM unit u WHERE u.active AND NOT EXISTS (SELECT 1 FROM ballot_count b "
        "WHERE b.session = {} AND b.unit = u.id) ORDER BY u.number",
        view.id,
    )
    return [row["name"] for row in rows]


async def collected(year: int) -> dict[Code, Collected]:
    """Return what the valid sessions of a year say about each unit."""
    found = [(view, await tallies(view)) for view in reversed(await sessions(year))]
    return rules.collect(found)


def figure_of(tally: TallyView, view: SessionView, minimum: int) -> int | None:
    """Return what the ballots of a session say of a unit, in hundredths."""
    return rules.figure(tally.levels, view.levels, minimum)
