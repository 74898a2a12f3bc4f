"""Reads of review: the queue by risk, what is held, batches, the share of voided sheets."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from panel.actor import Actor
from panel.db import raw
from panel.errors import Missing
from panel.evaluations import rules
from panel.evaluations.tables import AGAIN
from panel.evaluations.types import (
    BatchItem,
    BatchOffer,
    BatchView,
    Flag,
    HoldView,
    QueueItem,
    SheetState,
    VoidShare,
)
from panel.ids import Code, PersonId
from panel.rulebook import queries as rulebooks
from panel.visits import queries as visits

_WAITING: Final = (
    "FROM sheet_submission s JOIN visit_task t ON t.id = s.task WHERE s.id IN ("
    f"SELECT id FROM sheet_submission WHERE state = '{SheetState.SUBMITTED}' UNION ALL "
    f"SELECT id FROM sheet_submission WHERE {AGAIN}) "
)
"""An index for each half: the sheets that were accepted for good cost nothing, however many."""
_TAKEN: Final = (
    "SELECT c.id FROM review_claim c WHERE c.sheet = s.id AND c.person <> {} AND c.until > {} "
)
_BATCHED: Final = (
    "SELECT i.id FROM review_batch_sheet i JOIN review_batch b ON b.id = i.batch "
    "WHERE i.sheet = s.id AND b.ended_at IS NULL AND b.started_at > {} "
)
_HOLDS: Final = (
    "SELECT h.code, s.code AS sheet, h.reason, h.revisit, h.held_by, h.held_at, h.decide_by, "
    'h."round" AS round_code, u.name AS unit_name, u.name_en AS unit_name_en, '
    "w.name AS window_name, w.name_en AS window_name_en "
    "FROM review_hold h JOIN sheet_submission s ON s.id = h.sheet "
    "JOIN visit_task t ON t.id = s.task JOIN unit u ON u.id = t.unit "
    'LEFT JOIN service_window w ON w.id = t."window" WHERE h.released_at IS NULL '
)


def flags_of(text: str) -> tuple[Flag, ...]:
    """Return the flags of a stored list."""
    return tuple(Flag(flag) for flag in text.split(",") if flag)


async def seats(person: PersonId | None) -> list[Code]:
    """Return the seats on the panel that a person of the office holds, mostly none."""
    rows = await raw("SELECT code FROM member WHERE person = {}", person)
    return [Code(row["code"]) for row in rows]


async def own_links(person: PersonId | None, round_code: Code) -> list[str]:
    """Return the links by which a person of the office would stand in a round's tasks."""
    return [visits.link(seat, round_code) for seat in await seats(person)]


async def _own_links_waiting(person: PersonId | None) -> Sequence[str]:
    own = await seats(person)
    if not own:
        return []
    rows = await raw(
        "SELECT DISTINCT r.code FROM visit_round r WHERE r.id IN (SELECT t.round " + _WAITING + ")"
    )
    return [visits.link(seat, Code(row["code"])) for seat in own for row in rows]


async def _reviewable(actor: Actor, at: datetime | None) -> tuple[str, list[object]]:
    """Return the condition and values of the sheets that wait for this person.

    With a moment, sheets are left out that a colleague reads then, or that lie in a batch.
    """
    where = _WAITING + (
        "AND (t.assigned_by IS NULL OR t.assigned_by <> {}) "
        "AND (s.void_by IS NULL OR s.void_by <> {}) "
    )
    values: list[object] = [actor.person, actor.person]
    own = await _own_links_waiting(actor.person)
    if own:
        where += f"AND t.visitor NOT IN ({', '.join('{}' for _ in own)}) "
        values += own
    if at is not None:
        where += f"AND NOT EXISTS ({_TAKEN}) "
        where += f"AND (s.void_reason <> '' OR NOT EXISTS ({_BATCHED})) "
        values += [actor.person, at, rules.batches_since(at)]
    return where, values


_RANK: Final = "CASE WHEN {0}.received_at < {{}} THEN 0 ELSE 1 END, -{0}.urgency, {0}.received_at"


async def queue(
    actor: Actor, *, at: datetime, after: Code | None = None, limit: int = 20
) -> list[QueueItem]:
    """Return the sheets that wait for this reviewer: overdue ones first, then by flags and age.

    With a sheet, those that come after it. Whoever assigned a visit, made it, or proposed to void
    its sheet does not meet it here, nor what a colleague has open or has taken into a batch.
    """
    where, values = await _reviewable(actor, at)
    overdue = rules.overdue_before((await rulebooks.current()).rulebook, at)
    rank = _RANK.format("s")
    if after is not None:
        where += (
            f"AND ({rank}, s.id) > (SELECT {_RANK.format('o')}, o.id "
            "FROM sheet_submission o WHERE o.code = {}) "
        )
        values += [overdue, overdue, after]
    rows = await raw(
        f"SELECT s.id, s.code, s.received_at, s.flags, s.void_reason {where}"
        f"ORDER BY {rank}, s.id LIMIT {{}}",
        *values,
        overdue,
        limit,
    )
    return [
        QueueItem(
            id=row["id"],
            code=Code(row["code"]),
            received_at=row["received_at"],
            flags=flags_of(row["flags"]),
            void_reason=row["void_reason"],
        )
        for row in rows
    ]


async def waiting(actor: Actor, *, at: datetime | None = None) -> int:
    """Return how many sheets wait for this reviewer; with a moment, those free at that moment."""
    where, values = await _reviewable(actor, at)
    return int((await raw("SELECT count(*) AS count " + where, *values))[0]["count"])


_CLEAN: Final = "AND s.state = {} AND s.flags = '' AND s.void_reason = '' "


async def clean(actor: Actor, *, at: datetime, limit: int) -> list[QueueItem]:
    """Return the oldest sheets without any flag that wait for this reviewer."""
    where, values = await _reviewable(actor, at)
    rows = await raw(
        "SELECT s.id, s.code, s.received_at " + where + _CLEAN + "ORDER BY s.id LIMIT {}",
        *values,
        SheetState.SUBMITTED,
        limit,
    )
    return [
        QueueItem(
            id=row["id"],
            code=Code(row["code"]),
            received_at=row["received_at"],
            flags=(),
            void_reason="",
        )
        for row in rows
    ]


async def offer(actor: Actor, *, at: datetime) -> BatchOffer:
    """Return what a new batch would hold for this reviewer."""
    where, values = await _reviewable(actor, at)
    sql = "SELECT count(*) AS count " + where + _CLEAN
    waits = int((await raw(sql, *values, SheetState.SUBMITTED))[0]["count"])
    bounds = (await rulebooks.current()).rulebook.reviewing
    size = min(waits, bounds.batch)
    return BatchOffer(
        waiting=waits,
        sheets=size,
        sample=rules.sample_size(size, bounds.spot_check_percent) if size else 0,
        percent=bounds.spot_check_percent,
    )


async def taken(sheet_id: int, person: PersonId | None, *, at: datetime) -> bool:
    """Tell whether a colleague has a sheet open, or in a batch, at a moment."""
    rows = await raw(
        "SELECT s.id FROM sheet_submission s WHERE s.id = {} AND (EXISTS ("
        + _TAKEN
        + ") OR (s.void_reason = '' AND EXISTS ("
        + _BATCHED
        + "AND b.person <> {})))",
        sheet_id,
        person,
        at,
        rules.batches_since(at),
        person,
    )
    return bool(rows)


async def undecided(round_id: int) -> int:
    """Return how many sheets of a round wait: for a reviewer, a second person, or on hold."""
    rows = await raw(
        "SELECT count(*) AS count FROM sheet_submission s JOIN visit_task t ON t.id = s.task "
        "WHERE t.round = {} AND (s.state IN ({}, {}) OR (s.state = {} AND "
        "(s.void_reason <> '' OR s.flags LIKE '%recheck%')))",
        round_id,
        SheetState.SUBMITTED,
        SheetState.HELD,
        SheetState.ACCEPTED,
    )
    return int(rows[0]["count"])


async def questions(task_id: int) -> dict[int, dict[str, str]]:
    """Return what reviewers asked about single items, by the version that went back."""
    rows = await raw(
        "SELECT s.version, q.item, q.reason FROM review_question q "
        "JOIN sheet_submission s ON s.id = q.sheet WHERE s.task = {} ORDER BY q.id",
        task_id,
    )
    found: dict[int, dict[str, str]] = {}
    for row in rows:
        found.setdefault(row["version"], {})[row["item"]] = row["reason"]
    return found


async def holds() -> list[HoldView]:
    """Return the sheets on hold, the one to be decided first at the top."""
    return await _holds("ORDER BY h.decide_by, h.id")


async def revisits() -> list[HoldView]:
    """Return the held sheets for which somebody is to look again and no round is planned yet."""
    return await _holds("AND h.revisit AND h.\"round\" = '' ORDER BY h.decide_by, h.id")


async def hold_of(sheet_id: int) -> HoldView | None:
    """Return why a sheet is on hold."""
    found = await _holds("AND h.sheet = {}", sheet_id)
    return found[0] if found else None


async def hold_by_code(code: Code) -> HoldView:
    """Return one open hold."""
    found = await _holds("AND h.code = {}", code)
    if not found:
        raise Missing("hold.missing")
    return found[0]


async def _holds(more: str, *values: object) -> list[HoldView]:
    rows = await raw(_HOLDS + more, *values)
    return [
        HoldView(
            code=Code(row["code"]),
            sheet=Code(row["sheet"]),
            reason=row["reason"],
            revisit=bool(row["revisit"]),
            held_by=PersonId(row["held_by"]),
            held_at=row["held_at"],
            decide_by=row["decide_by"],
            round_code=Code(row["round_code"]) if row["round_code"] else None,
            unit_name=row["unit_name"],
            unit_name_en=row["unit_name_en"],
            window_name=row["window_name"] or "",
            window_name_en=row["window_name_en"] or "",
        )
        for row in rows
    ]


async def batch(actor: Actor, *, at: datetime) -> BatchView | None:
    """Return the reviewer's open batch with what became of its sheets."""
    rows = await raw(
        "SELECT id, code, started_at, commitment FROM review_batch "
        "WHERE person = {} AND ended_at IS NULL AND started_at > {} ORDER BY id DESC LIMIT 1",
        actor.person,
        rules.batches_since(at),
    )
    if not rows:
        return None
    items = await raw(
        "SELECT i.sheet, i.sample, s.code, s.state, s.flags, s.void_reason "
        "FROM review_batch_sheet i JOIN sheet_submission s ON s.id = i.sheet "
        "WHERE i.batch = {} ORDER BY i.id",
        rows[0]["id"],
    )
    return BatchView(
        id=rows[0]["id"],
        code=Code(rows[0]["code"]),
        started_at=rows[0]["started_at"],
        commitment=rows[0]["commitment"],
        items=tuple(
            BatchItem(
                sheet_id=row["sheet"],
                code=Code(row["code"]),
                sample=bool(row["sample"]),
                state=SheetState(row["state"]),
                flagged=bool(row["flags"]),
                proposed=bool(row["void_reason"]),
            )
            for row in items
        ),
    )


async def void_share(round_id: int) -> VoidShare:
    """Return how many sheets of a round were found void, and for which reasons.

    Versions that went back are not counted: a visit has one sheet.
    """
    rows = await raw(
        "SELECT s.void_reason AS reason, s.state, count(*) AS count FROM sheet_submission s "
        "JOIN visit_task t ON t.id = s.task WHERE t.round = {} AND s.state <> {} "
        "GROUP BY s.void_reason, s.state ORDER BY s.void_reason",
        round_id,
        SheetState.RETURNED,
    )
    voided = [row for row in rows if row["state"] == SheetState.VOIDED]
    return VoidShare(
        sheets=sum(int(row["count"]) for row in rows),
        voided=sum(int(row["count"]) for row in voided),
        reasons=tuple((row["reason"], int(row["count"])) for row in voided),
    )
