"""Reads of sheets."""

from __future__ import annotations

from panel.db import raw
from panel.evaluations import rules
from panel.evaluations.types import CountedSheet, SheetState
from panel.ids import Code
from panel.rulebook import queries as rulebooks


async def counted(round_id: int) -> list[CountedSheet]:
    """Return the accepted sheets of a round, in the order of their codes."""
    rows = await raw(
        'SELECT t."window" AS window_id, t.unit AS unit_id, t.visitor, s.score, s.veto_confirmed, '
        "s.rulebook, s.form_key FROM sheet_submission s JOIN visit_task t ON t.id = s.task "
        "WHERE t.round = {} AND s.state = {} ORDER BY s.code",
        round_id,
        SheetState.ACCEPTED,
    )
    sheets = []
    for row in rows:
        score, confirmed = row["score"], bool(row["veto_confirmed"])
        if confirmed:
            version = await rulebooks.version(Code(row["rulebook"]))
            score = rules.capped(version.rulebook.form(row["form_key"]), score)
        sheets.append(
            CountedSheet(
                window_id=row["window_id"],
                unit_id=row["unit_id"],
                visitor=row["visitor"],
                score=score,
                veto_confirmed=confirmed,
            )
        )
    return sheets


async def undecided(round_id: int) -> int:
    """Return how many sheets of a round still wait for a reviewer or for a second person."""
    rows = await raw(
        "SELECT count(*) AS count FROM sheet_submission s JOIN visit_task t ON t.id = s.task "
        "WHERE t.round = {} AND (s.state = {} OR (s.state = {} AND s.void_reason <> ''))",
        round_id,
        SheetState.SUBMITTED,
        SheetState.ACCEPTED,
    )
    return int(rows[0]["count"])
