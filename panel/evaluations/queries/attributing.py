"""When and where counted visits were, for comparing with duty rosters in memory."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Final

import msgspec

from panel.db import raw
from panel.evaluations import rules
from panel.evaluations.types import Share, SheetState
from panel.evaluations.types.attributing import VisitedSheet
from panel.evaluations.types.findings import Outcome
from panel.ids import Code
from panel.rulebook import queries as rulebooks

_VISITED: Final = (
    'SELECT s.id, t.round, t."window" AS window_id, t.visitor, t.mode, s.score, s.veto_confirmed, '
    "s.rulebook, s.form_key, s.visited_on, s.answers "
    "FROM sheet_submission s JOIN visit_task t ON t.id = s.task "
    'WHERE s.state = {} AND t."window" IS NOT NULL AND t.round IN '
)


class _Time(msgspec.Struct, frozen=True):
    """The part of stored answers that tells the time of day."""

    visited_at: str = ""
    ticket_at: str = ""


async def visited(rounds: Sequence[int]) -> list[VisitedSheet]:
    """Return the accepted sheets of some rounds about windows, in the order of their codes."""
    if not rounds:
        return []
    marks = ", ".join("{}" for _ in rounds)
    findings = await _findings(marks, rounds)
    found = []
    rows = await raw(f"{_VISITED} ({marks}) ORDER BY s.code", SheetState.ACCEPTED, *rounds)
    for row in rows:
        score, day = row["score"], row["visited_on"]
        if row["veto_confirmed"]:
            version = await rulebooks.version(Code(row["rulebook"]))
            score = rules.capped(version.rulebook.form(row["form_key"]), score)
        time = msgspec.json.decode(row["answers"], type=_Time)
        found.append(
            VisitedSheet(
                round_id=row["round"],
                window_id=row["window_id"],
                visitor=row["visitor"],
                type=f"{row['form_key']}:{row['mode']}",
                score=score,
                visited_on=date.fromisoformat(day) if isinstance(day, str) else day,
                visited_at=time.visited_at or time.ticket_at,
                findings=tuple(findings.get(row["id"], ())),
            )
        )
    return found


async def _findings(marks: str, rounds: Sequence[int]) -> dict[int, list[tuple[Code, Share]]]:
    """Return the verified findings of each sheet; sealed ones are the discipline office's."""
    found: dict[int, list[tuple[Code, Share]]] = {}
    rows = await raw(
        "SELECT f.sheet, f.code, f.share FROM finding f "
        "JOIN sheet_submission s ON s.id = f.sheet JOIN visit_task t ON t.id = s.task "
        f"WHERE f.outcome = {{}} AND f.sealed = {{}} AND t.round IN ({marks}) ORDER BY f.code",
        Outcome.VERIFIED,
        False,  # noqa: FBT003 - a value of the query
        *rounds,
    )
    for row in rows:
        found.setdefault(row["sheet"], []).append((Code(row["code"]), Share(row["share"])))
    return found
