"""Reads of tasks: a member's own, the office's without a name, one place's history."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final

import msgspec

from panel.actor import Actor
from panel.chance import Json, inclusion, merkle_root
from panel.db import look, raw
from panel.errors import Missing
from panel.ids import Code, PersonId
from panel.rulebook import queries as rulebooks
from panel.visits import rules
from panel.visits.queries.links import link, open_reserve
from panel.visits.queries.places import code_of
from panel.visits.rules import covert
from panel.visits.types import OPEN, Errand, Mode, RoundKind, TaskState, TaskView, Why

_KEPT: Final = timedelta(days=180)
"""How long a member sees the tasks of a round after it was closed."""
_SELECT: Final = (
    "SELECT t.id, t.code, t.state, t.mode, t.errand, t.form_key, t.visitor, t.opens_at, "
    "t.due_at, t.answer_by, t.offered_at, t.briefed_at, t.assigned_by, t.why, t.reason, t.note, "
    "t.recognised_at, COALESCE(h.district, u.district) AS district, "
    "t.place AS place_id, r.id AS round_id, r.code AS round_code, r.title AS round_title, "
    "r.title_en AS round_title_en, r.kind AS round_kind, r.rulebook AS rulebook_code, "
    "r.due_hours, r.ends, r.closes_at, "
    "u.id AS unit_id, u.code AS unit_code, u.name AS unit_name, u.name_en AS unit_name_en, "
    "u.peer_group, w.id AS window_id, w.code AS window_code, w.name AS window_name, "
    "w.name_en AS window_name_en, w.place, w.hours, h.name AS hall_name, "
    "h.name_en AS hall_name_en "
    "FROM visit_task t JOIN visit_round r ON r.id = t.round JOIN unit u ON u.id = t.unit "
    'LEFT JOIN service_window w ON w.id = t."window" LEFT JOIN hall h ON h.id = w.hall '
)

_BY_CODE: Final = _SELECT + "WHERE t.code = {}"
_BY_ID: Final = _SELECT + "WHERE t.id = {}"


def _view(row: dict[str, Any]) -> TaskView:
    """Turn a joined row into the struct that readers get."""
    state = TaskState(row["state"])
    closes_at = row["closes_at"]
    if state is TaskState.RETURNED:
        closes_at = max(closes_at, row["due_at"])
    return TaskView(
        id=row["id"],
        code=Code(row["code"]),
        place_id=row["place_id"],
        round_id=row["round_id"],
        round_code=Code(row["round_code"]),
        round_title=row["round_title"],
        round_title_en=row["round_title_en"],
        round_ends=row["ends"],
        unit_id=row["unit_id"],
        unit_code=Code(row["unit_code"]),
        unit_name=row["unit_name"],
        unit_name_en=row["unit_name_en"],
        peer_group=row["peer_group"],
        window_id=row["window_id"],
        window_code=code_of(row["window_code"]),
        window_name=row["window_name"] or "",
        window_name_en=row["window_name_en"] or "",
        hall_name=row["hall_name"] or "",
        hall_name_en=row["hall_name_en"] or "",
        place=row["place"] or "",
        hours=row["hours"] or "",
        mode=Mode(row["mode"]),
        errand=Errand(row["errand"]),
        state=state,
        form_key=row["form_key"],
        rulebook_code=Code(row["rulebook_code"]),
        visitor=row["visitor"],
        opens_at=row["opens_at"],
        due_at=row["due_at"],
        closes_at=closes_at,
        due_hours=row["due_hours"],
        answer_by=row["answer_by"],
        offered_at=row["offered_at"],
        briefed_at=row["briefed_at"],
        assigned_by=PersonId(row["assigned_by"]) if row["assigned_by"] is not None else None,
        why=msgspec.json.decode(row["why"], type=Why),
        reason=row["reason"],
        note=row["note"],
        district=row["district"],
        recognised_at=row["recognised_at"],
        revisit=row["round_kind"] == RoundKind.REVISIT,
    )


async def task(code: Code) -> TaskView:
    """Return a task for the office; its visitor is a link, never a member."""
    rows = await look(_BY_CODE, code)
    if not rows:
        raise Missing("task.missing")
    return _view(rows[0])


async def office_task(actor: Actor, code: Code, *, shown: bool = False) -> TaskView:
    """Return a task to a reader in the office who needs it.

    Where a covert visit is to come is not told unless it may be ``shown`` after a look.
    """
    found = await task(code)
    rules.may_read(actor, found)
    return covert.as_office(found, shown=shown)


async def task_by_id(number: int) -> TaskView:
    """Return a task by its inner id."""
    rows = await look(_BY_ID, number)
    if not rows:
        raise Missing("task.missing")
    return _view(rows[0])


async def tasks(ids: Sequence[int]) -> dict[int, TaskView]:
    """Return tasks by their ids, in one query for every five hundred."""
    found: dict[int, TaskView] = {}
    for start in range(0, len(ids), 500):
        part = ids[start : start + 500]
        marks = ", ".join("{}" for _ in part)
        for row in await raw(f"{_SELECT}WHERE t.id IN ({marks})", *part):
            found[row["id"]] = _view(row)
    return found


async def member_task(member: Code | None, code: Code) -> TaskView:
    """Return a task of this member; somebody else's is ``Missing`` like one that is not there."""
    found = await task(code)
    of_member(member, found)
    return found


def of_member(member: Code | None, found: TaskView) -> None:
    """Refuse somebody else's task (``Missing``)."""
    if member is None or link(member, found.round_code) != found.visitor:
        raise Missing("task.missing")


async def _rounds_of_interest(at: datetime) -> list[Code]:
    """Return the rounds in which a member may still look for tasks."""
    rows = await raw(
        "SELECT code FROM visit_round WHERE drawn_at IS NOT NULL "
        "AND (closed_at IS NULL OR closed_at > {})",
        at - _KEPT,
    )
    return [Code(row["code"]) for row in rows]


async def member_tasks(member: Code | None, *, at: datetime) -> list[TaskView]:
    """Return a member's tasks of running rounds and of those closed lately, by due date.

    Where a covert one leads is told only from some days before it may begin.
    """
    if member is None:
        return []
    visitors = [link(member, code) for code in await _rounds_of_interest(at)]
    if not visitors:
        return []
    marks = ", ".join("{}" for _ in visitors)
    rows = await raw(f"{_SELECT}WHERE t.visitor IN ({marks}) ORDER BY t.due_at, t.code", *visitors)
    return [await _as_visitor(_view(row), at) for row in rows]


async def _as_visitor(found: TaskView, at: datetime) -> TaskView:
    if not found.covert:
        return found
    version = await rulebooks.version(found.rulebook_code)
    return covert.as_visitor(found, version.rulebook.rounds.shown_days_before, at)


async def shown_task(member: Code | None, code: Code, *, at: datetime) -> TaskView:
    """Return a member's own task as the member may see it now."""
    return await _as_visitor(await member_task(member, code), at)


async def visitor_tasks(visitor: str) -> list[TaskView]:
    """Return every task of a visitor in the round whose link it is."""
    return [
        _view(row) for row in await raw(_SELECT + "WHERE t.visitor = {} ORDER BY t.id", visitor)
    ]


async def waiting_visitors(round_id: int) -> list[str]:
    """Return the visitors of a round who have something that they have not begun."""
    rows = await raw(
        "SELECT DISTINCT visitor FROM visit_task WHERE round = {} AND state IN ({}, {}) "
        "ORDER BY visitor",
        round_id,
        *sorted(rules.REFUSABLE),
    )
    return [row["visitor"] for row in rows]


async def member_task_at(member: Code | None, window: Code, *, at: datetime) -> TaskView | None:
    """Return the member's open task at a window that is no secret there, if there is one."""
    for found in await member_tasks(member, at=at):
        if found.window_code == window and found.state in OPEN and not found.covert:
            return found
    return None


async def round_tasks(
    round_id: int,
    *,
    state: TaskState | None = None,
    after: int = 0,
    limit: int = 100,
    shown: bool = False,
) -> list[TaskView]:
    """Return tasks of a round for the office, a page at a time.

    Where covert visits are to come is not told unless it may be ``shown`` after a look.
    """
    where = "WHERE t.round = {} AND t.id > {} "
    values: list[object] = [round_id, after]
    if state is not None:
        where += "AND t.state = {} "
        values.append(state)
    rows = await raw(_SELECT + where + "ORDER BY t.id LIMIT {}", *values, limit)
    return [covert.as_office(_view(row), shown=shown) for row in rows]


async def unit_tasks(round_id: int, unit_id: int) -> list[TaskView]:
    """Return all tasks that a unit has had in a round."""
    rows = await raw(
        _SELECT + "WHERE t.round = {} AND t.unit = {} ORDER BY t.id", round_id, unit_id
    )
    return [_view(row) for row in rows]


async def unit_visitors(round_id: int, unit_id: int) -> frozenset[str]:
    """Return everybody who was ever asked to visit a unit in a round."""
    rows = await raw(
        "SELECT visitor FROM visit_task WHERE round = {} AND unit = {}", round_id, unit_id
    )
    return frozenset(row["visitor"] for row in rows)


async def reserve(place_id: int) -> list[str]:
    """Return the substitutes of a place in the order of the draw."""
    rows = await raw("SELECT reserve FROM round_window WHERE id = {}", place_id)
    if not rows or not rows[0]["reserve"]:
        return []
    return open_reserve(rows[0]["reserve"], place_id)


async def proof(found: TaskView) -> dict[str, Json]:
    """Return what shows a visitor that the own label stood in the committed roster."""
    rows = await raw("SELECT labels FROM visit_round WHERE id = {}", found.round_id)
    labels = msgspec.json.decode(rows[0]["labels"], type=list[str])
    leaves = [label.encode() for label in labels]
    index = labels.index(found.visitor)
    return {
        "draw": found.round_code,
        "label": found.visitor,
        "index": index,
        "n": len(labels),
        "root": merkle_root(leaves),
        "path": inclusion(leaves, index),
    }
