"""Reads of rounds: plans, counts, coverage, loads, and what earlier rounds forbid."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final

import msgspec

from panel.chance import canonical
from panel.db import forwards, raw
from panel.errors import Missing
from panel.ids import Code, PersonId
from panel.members import queries as members
from panel.visits import rules
from panel.visits.queries.links import links
from panel.visits.queries.places import code_of
from panel.visits.rules import covert
from panel.visits.tables import Round
from panel.visits.types import (
    LIVE,
    Announced,
    CoverageRow,
    Figures,
    GroupWeeks,
    Mode,
    Past,
    RoundDraft,
    RoundKind,
    RoundState,
    RoundView,
    SeedSource,
    TaskCount,
    TaskState,
    Witnesses,
)

_HAPPENED = (
    TaskState.OFFERED,
    TaskState.ACCEPTED,
    TaskState.IN_PROGRESS,
    TaskState.SUBMITTED,
    TaskState.RETURNED,
    TaskState.DONE,
    TaskState.VOIDED,
)
"""States of tasks that were visits or may still become one."""


def _person(value: int | None) -> PersonId | None:
    return PersonId(value) if value is not None else None


def _view(row: dict[str, Any]) -> RoundView:
    """Turn a row into the struct that readers get."""
    return RoundView(
        id=row["id"],
        code=Code(row["code"]),
        state=RoundState(row["state"]),
        draft=RoundDraft(
            title=row["title"],
            title_en=row["title_en"],
            theme=row["theme"],
            groups=msgspec.json.decode(row["groups"], type=tuple[str, ...]),
            unranked=msgspec.json.decode(row["unranked"], type=tuple[str, ...]),
            covert_percent=row["covert_percent"],
            visits_per_window=row["visits_per_window"],
            visits_per_unit=row["visits_per_unit"],
            starts=row["starts"],
            ends=row["ends"],
            due_hours=row["due_hours"],
            legal_basis=row["legal_basis"],
            register_number=row["register_number"],
            max_tasks=row["max_tasks"],
            disclosure=row["disclosure"],
            disclosed_on=row["disclosed_on"],
            kind=RoundKind(row["kind"]),
            parent=row["parent"],
            targets=msgspec.json.decode(row["targets"], type=dict[str, int]),
            claims=bool(row["claims"]),
            double_percent=row["double_percent"],
            source=SeedSource(row["source"]),
        ),
        rulebook_code=Code(row["rulebook"]),
        created_by=PersonId(row["created_by"]),
        created_at=row["created_at"],
        approved_by=_person(row["approved_by"]),
        approved_at=row["approved_at"],
        approval_document=row["approval_document"],
        committed_at=row["committed_at"],
        drawn_by=_person(row["drawn_by"]),
        drawn_at=row["drawn_at"],
        closed_at=row["closed_at"],
        closes_at=row["closes_at"],
        commitment=row["commitment"],
        record_hash=row["record_hash"],
        announced=msgspec.json.decode(row["announced"], type=tuple[Announced, ...]),
        witnesses=(
            msgspec.json.decode(row["witnesses"], type=Witnesses) if row["witnesses"] else None
        ),
        cancelled_by=_person(row["cancelled_by"]),
        cancelled_at=row["cancelled_at"],
        cancelled_reason=row["cancelled_reason"],
    )


_COLUMNS = Round.all_columns(exclude=[Round.labels, Round.record, Round.spread])
"""All but the long texts."""


async def round(code: Code) -> RoundView:  # noqa: A001 - queries are nouns of the domain
    """Return one round."""
    row = await Round.select(*_COLUMNS).where(Round.code == code).first()
    if row is None:
        raise Missing("round.missing")
    return _view(row)


async def round_by_id(number: int) -> RoundView:
    """Return one round by its inner id."""
    row = await Round.select(*_COLUMNS).where(Round.id == number).first()
    if row is None:
        raise Missing("round.missing")
    return _view(row)


async def rounds() -> list[RoundView]:
    """Return all rounds, the newest first."""
    return [_view(row) for row in await Round.select(*_COLUMNS).order_by(Round.id, ascending=False)]


async def record(round_id: int) -> str:
    """Return the canonical JSON of a round's draw; empty before it."""
    rows = await raw("SELECT record FROM visit_round WHERE id = {}", round_id)
    return str(rows[0]["record"])


async def public_record(view: RoundView) -> bytes:
    """Return what anybody may see of a draw as canonical JSON.

    How a second stage was shared out is told once it is closed.
    """
    told = rules.public_record(view, await record(view.id))
    if view.closed_at is not None:
        rows = await raw("SELECT spread FROM visit_round WHERE id = {}", view.id)
        if rows[0]["spread"]:
            told["spread"] = msgspec.json.decode(rows[0]["spread"])
    return canonical(told)


async def figures(round_id: int) -> Figures:
    """Return what the draw of a round came to; only counts and places, no visitor."""
    found = msgspec.json.decode(await record(round_id))
    return Figures(
        position=found["source"]["position"],
        wanted=found["wanted"],
        far=found["far"],
        unmet=tuple((code, missing, reason) for code, missing, reason in found["unmet"]),
        skipped=len(found["skipped"]),
        doubles=found.get("doubles", 0),
    )


async def labels(round_id: int) -> list[str]:
    """Return the committed labels of a round."""
    rows = await raw("SELECT labels FROM visit_round WHERE id = {}", round_id)
    return msgspec.json.decode(rows[0]["labels"], type=list[str])


async def counts(round_id: int) -> list[TaskCount]:
    """Return how many tasks of a round are in which mode and state."""
    rows = await raw(
        "SELECT mode, state, COUNT(*) AS n FROM visit_task WHERE round = {} "
        "GROUP BY mode, state ORDER BY mode, state",
        round_id,
    )
    return [TaskCount(Mode(row["mode"]), TaskState(row["state"]), int(row["n"])) for row in rows]


async def counts_by_round() -> dict[int, list[TaskCount]]:
    """Return how many tasks are in which mode and state, by the inner id of their round."""
    found: dict[int, list[TaskCount]] = defaultdict(list)
    for row in await raw(
        "SELECT round, mode, state, COUNT(*) AS n FROM visit_task GROUP BY round, mode, state"
    ):
        count = TaskCount(Mode(row["mode"]), TaskState(row["state"]), int(row["n"]))
        found[row["round"]].append(count)
    return dict(found)


async def loads(round_id: int) -> dict[str, int]:
    """Return how many tasks each visitor of a round carries."""
    marks = ", ".join("{}" for _ in LIVE)
    rows = await raw(
        "SELECT visitor, COUNT(*) AS n FROM visit_task "
        f"WHERE round = {{}} AND state IN ({marks}) GROUP BY visitor",
        round_id,
        *LIVE,
    )
    return {row["visitor"]: int(row["n"]) for row in rows}


def _weeks(view: RoundView) -> tuple[str, list[object]]:
    """Return SQL that tells the week of a task ``t`` as ``rules.week_of`` does, with its values."""
    weeks = rules.weeks(view.draft.starts, view.draft.ends)
    parts = "".join(f"WHEN t.due_at <= {{}} THEN {week} " for week in range(weeks - 1))
    ends: list[object] = [
        view.draft.starts + timedelta(days=7 * (week + 1)) for week in range(weeks - 1)
    ]
    return (f"CASE {parts}ELSE {weeks - 1} END" if parts else "0"), ends


_COUNTED: Final = (
    f"SUM(CASE WHEN t.state IN ({', '.join('{}' for _ in LIVE)}) THEN 1 ELSE 0 END) AS planned, "
    f"SUM(CASE WHEN t.state IN ({', '.join('{}' for _ in rules.DELIVERED)}) THEN 1 ELSE 0 END) "
    "AS done"
)


def _strip(rows: list[dict[str, Any]], column: str, view: RoundView) -> tuple[int, ...]:
    """Return one number a week, from rows of single weeks."""
    found = {row["week"]: int(row[column]) for row in rows}
    weeks = range(rules.weeks(view.draft.starts, view.draft.ends))
    return tuple(found.get(week, 0) for week in weeks)


async def group_coverage(view: RoundView) -> list[GroupWeeks]:
    """Return the live tasks and the sheets of each peer group by week of the round."""
    week, ends = _weeks(view)
    found: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in await raw(
        f"SELECT u.peer_group, {week} AS week, {_COUNTED} FROM visit_task t "
        "JOIN unit u ON u.id = t.unit WHERE t.round = {} GROUP BY 1, 2 ORDER BY 1, 2",
        *ends,
        *LIVE,
        *rules.DELIVERED,
        view.id,
    ):
        found[row["peer_group"]].append(row)
    return [
        GroupWeeks(group, _strip(rows, "planned", view), _strip(rows, "done", view))
        for group, rows in found.items()
    ]


async def places_of(view: RoundView, group: str) -> int:
    """Count the places of one peer group in a round."""
    (row,) = await raw(
        "SELECT COUNT(*) AS n FROM round_window p JOIN unit u ON u.id = p.unit "
        "WHERE p.round = {} AND u.peer_group = {}",
        view.id,
        group,
    )
    return int(row["n"])


_PLACES: Final = (
    'round_window p JOIN unit u ON u.id = p.unit LEFT JOIN service_window w ON w.id = p."window"'
)
_PLACED: Final = "u.number, COALESCE(w.number, ''), p.id"
_PLACED_BACK: Final = "u.number DESC, COALESCE(w.number, '') DESC, p.id DESC"


async def coverage(
    view: RoundView,
    group: str,
    *,
    limit: int,
    after: int = 0,
    before: int = 0,
    shown: bool = False,
) -> list[CoverageRow]:
    """Return some places of a peer group with their live tasks and their sheets by week.

    They come by the numbers of units and windows, after one place or the last before one. Covert
    visits to come are not among the tasks unless they may be ``shown`` after a look.
    """
    way, order = ("<", _PLACED_BACK) if before else (">", _PLACED)
    here = f"AND ({_PLACED}) {way} (SELECT {_PLACED} FROM {_PLACES} WHERE p.id = {{}}) "
    found_places = await raw(
        "SELECT p.id, p.demand, u.code AS unit_code, u.name AS unit_name, "
        "u.name_en AS unit_name_en, u.peer_group, w.code AS window_code, w.name AS window_name, "
        f"w.name_en AS window_name_en FROM {_PLACES} "
        "WHERE p.round = {} AND u.peer_group = {} "
        f"{here if after or before else ''}ORDER BY {order} LIMIT {{}}",
        view.id,
        group,
        *([before or after] if after or before else []),
        limit,
    )
    places = forwards(found_places, before)
    if not places:
        return []
    week, ends = _weeks(view)
    marks = ", ".join("{}" for _ in covert.TOLD)
    told = "" if shown else f"AND (t.mode <> {{}} OR t.state IN ({marks})) "
    found: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for row in await raw(
        f"SELECT t.place, {week} AS week, {_COUNTED} FROM visit_task t "
        f"WHERE t.place IN ({', '.join('{}' for _ in places)}) {told}GROUP BY 1, 2",
        *ends,
        *LIVE,
        *rules.DELIVERED,
        *(row["id"] for row in places),
        *([] if shown else [Mode.COVERT, *covert.TOLD]),
    ):
        found[row["place"]].append(row)
    return [
        CoverageRow(
            place_id=row["id"],
            unit_code=Code(row["unit_code"]),
            unit_name=row["unit_name"],
            unit_name_en=row["unit_name_en"],
            window_code=code_of(row["window_code"]),
            window_name=row["window_name"] or "",
            window_name_en=row["window_name_en"] or "",
            peer_group=row["peer_group"],
            demand=row["demand"],
            planned=_strip(found[row["id"]], "planned", view),
            done=_strip(found[row["id"]], "done", view),
        )
        for row in places
    ]


async def past(
    people: Sequence[Code], view: RoundView, rotation_days: int, rest_rounds: int = 1
) -> Past:
    """Return what earlier rounds forbid: windows visited lately, units of the last, recusals.

    Units rest since so many scheduled rounds, whatever was drawn besides. The links of every
    drawn round are computed anew, since no table knows who visited what.
    """
    since = view.draft.starts - timedelta(days=rotation_days)
    windows: dict[Code, set[int]] = defaultdict(set)
    units: dict[Code, set[int]] = defaultdict(set)
    recused: dict[Code, set[int]] = defaultdict(set)
    drawn = await raw(
        "SELECT id, code, kind FROM visit_round WHERE drawn_at IS NOT NULL AND id <> {} "
        "ORDER BY drawn_at DESC, id DESC",
        view.id,
    )
    scheduled = 0
    for one in drawn:
        resting = scheduled < rest_rounds
        scheduled += one["kind"] == RoundKind.SCHEDULED
        of_link = links(people, Code(one["code"]))
        for row in await _visits(one["id"], since, everything=resting):
            member = of_link.get(row["visitor"])
            if member is None:
                continue
            if row["state"] == TaskState.RECUSED:
                recused[member].add(row["unit"])
                continue
            if row["recognised_at"] is not None and row["window_id"] is None:
                units[member].add(row["unit"])
            if row["window_id"] is not None and (
                row["due_at"] >= since or row["recognised_at"] is not None
            ):
                windows[member].add(row["window_id"])
            if resting:
                units[member].add(row["unit"])
    for member, barred in (await _barred(people, view)).items():
        recused[member] |= barred
    return Past(
        windows=dict(windows),
        units=dict(units),
        recused=dict(recused),
        homes=await members.households(people),
    )


async def _barred(people: Sequence[Code], view: RoundView) -> dict[Code, set[int]]:
    """Return the units that somebody is not sent to, since a re-visit checks what they found."""
    found: dict[Code, set[int]] = defaultdict(set)
    for row in await raw(
        "SELECT t.visitor, t.unit, r.code FROM round_bar b JOIN visit_task t ON t.id = b.task "
        "JOIN visit_round r ON r.id = t.round WHERE b.round = {} ORDER BY b.id",
        view.id,
    ):
        member = links(people, Code(row["code"])).get(row["visitor"])
        if member is not None:
            found[member].add(row["unit"])
    return found


async def _visits(round_id: int, since: datetime, *, everything: bool) -> list[dict[str, Any]]:
    """Return visits of one round: all, or those that bar for good and what is recent."""
    marks = ", ".join("{}" for _ in _HAPPENED)
    where = f"state = {{}} OR recognised_at IS NOT NULL OR (state IN ({marks})"
    values: list[object] = [round_id, TaskState.RECUSED, *_HAPPENED]
    if not everything:
        where += " AND due_at >= {}"
        values.append(since)
    return await raw(
        'SELECT visitor, unit, "window" AS window_id, state, due_at, recognised_at FROM visit_task '
        f"WHERE round = {{}} AND ({where}))",
        *values,
    )


async def recused(round_id: int) -> dict[int, frozenset[str]]:
    """Return the visitors of a round who recused themselves, by unit."""
    found: dict[int, set[str]] = defaultdict(set)
    for row in await raw(
        "SELECT visitor, unit FROM visit_task WHERE round = {} AND state = {}",
        round_id,
        TaskState.RECUSED,
    ):
        found[row["unit"]].add(row["visitor"])
    return {unit: frozenset(visitors) for unit, visitors in found.items()}
