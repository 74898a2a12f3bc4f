"""Reads around covert visits: who looked at them, which are to come, who stands behind a link."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime

from panel.actor import Actor
from panel.db import raw
from panel.errors import Missing
from panel.ids import Code, PersonId
from panel.visits import rules
from panel.visits.queries.links import link
from panel.visits.queries.tasks import task
from panel.visits.types import CovertLook, Mode, Upcoming


async def looking(actor: Actor, round_id: int, *, at: datetime) -> datetime | None:
    """Return until when a reader may see a round's covert visits to come, after giving a reason."""
    rows = await raw(
        "SELECT until FROM covert_look WHERE round = {} AND person = {} AND until >= {} "
        "ORDER BY until DESC LIMIT 1",
        round_id,
        actor.person or 0,
        at,
    )
    return rows[0]["until"] if rows else None


async def looks(*, limit: int = 100) -> list[CovertLook]:
    """Return who looked at covert visits to come, the newest first: for auditors."""
    rows = await raw(
        "SELECT r.code, r.title, r.title_en, l.name, l.office, l.reason, l.at, l.until, l.pages "
        "FROM covert_look l JOIN visit_round r ON r.id = l.round ORDER BY l.id DESC LIMIT {}",
        limit,
    )
    return [
        CovertLook(
            round_code=Code(row["code"]),
            round_title=row["title"],
            round_title_en=row["title_en"],
            name=row["name"],
            office=row["office"],
            reason=row["reason"],
            at=row["at"],
            until=row["until"],
            pages=row["pages"],
        )
        for row in rows
    ]


async def upcoming(round_id: int) -> list[Upcoming]:
    """Return where the visits of a round are still to come: for a list that two persons opened."""
    rows = await raw(
        "SELECT t.code, u.name AS unit_name, w.name AS window_name, h.district AS hall_district, "
        "u.district, t.mode, t.state, t.opens_at, t.due_at FROM visit_task t "
        "JOIN unit u ON u.id = t.unit "
        'LEFT JOIN service_window w ON w.id = t."window" LEFT JOIN hall h ON h.id = w.hall '
        "WHERE t.round = {} AND t.state IN ({}, {}, {}, {}) ORDER BY t.due_at, u.number, t.code",
        round_id,
        *sorted(rules.UNFINISHED),
    )
    return [
        Upcoming(
            task_code=Code(row["code"]),
            unit_name=row["unit_name"],
            window_name=row["window_name"] or "",
            district=row["hall_district"] or row["district"],
            mode=Mode(row["mode"]),
            state=row["state"],
            opens_at=row["opens_at"],
            due_at=row["due_at"],
        )
        for row in rows
    ]


async def visitor_of(code: Code) -> PersonId:
    """Return who stands behind the link of a task: only for what two persons opened."""
    found = await task(code)
    for row in await raw("SELECT code, person FROM member"):
        if link(Code(row["code"]), found.round_code) == found.visitor:
            return PersonId(row["person"])
    raise Missing("task.no_visitor")


async def told_apart(visitors: Mapping[Code, Collection[str]]) -> dict[tuple[Code, str], int]:
    """Return a number for each person behind the links of some rounds, the same in all of them.

    The numbers hold for this one answer and tell nobody apart beyond it; who stands behind no
    link any more is the one person 0.
    """
    members = [(Code(row["code"]), row["person"]) for row in await raw(
        "SELECT code, person FROM member"
    )]  # fmt: skip
    numbers: dict[int, int] = {}
    found: dict[tuple[Code, str], int] = {}
    for code, wanted in visitors.items():
        persons = {link(member, code): person for member, person in members}
        for visitor in wanted:
            person = persons.get(visitor)
            found[code, visitor] = (
                0 if person is None else numbers.setdefault(person, len(numbers) + 1)
            )
    return found
