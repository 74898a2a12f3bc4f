"""Reads of a dry run: the last closed round and its counted sheets, page by page."""

from __future__ import annotations

from typing import Final

import msgspec

from panel.db import raw
from panel.evaluations.types import Answers, SheetState
from panel.ids import Code
from panel.visits import queries as visits
from panel.visits.types import Mode, RoundState, RoundView

PAGE: Final = 500
_OVER: Final = (RoundState.CLOSED, RoundState.COMPUTED)


class Given(msgspec.Struct, frozen=True):
    """The answers of one counted sheet with what its score hangs on."""

    code: Code
    answers: Answers
    score: int
    confirmed: bool
    form_key: str
    rulebook: Code
    covert: bool
    visitor: str
    unit: Code
    window: Code | None
    group: str


async def last_round() -> RoundView | None:
    """Return the round that ended last, of those that are over and have counted sheets."""
    over = [view for view in await visits.rounds() if view.state in _OVER]
    for view in sorted(over, key=lambda each: each.draft.ends, reverse=True):
        if await accepted(view.id):
            return view
    return None


async def accepted(round_id: int) -> int:
    """Return how many sheets of a round count."""
    rows = await raw(
        "SELECT count(*) AS count FROM sheet_submission s JOIN visit_task t ON t.id = s.task "
        "WHERE t.round = {} AND s.state = {}",
        round_id,
        SheetState.ACCEPTED,
    )
    return int(rows[0]["count"])


async def given(round_id: int, after: str, *, limit: int = PAGE) -> list[Given]:
    """Return the counted sheets of a round whose codes follow, in the order of their codes."""
    rows = await raw(
        "SELECT s.code, s.answers, s.score, s.veto_confirmed, s.form_key, s.rulebook, t.mode, "
        "t.visitor, u.code AS unit, u.peer_group, w.code AS counter FROM sheet_submission s "
        "JOIN visit_task t ON t.id = s.task JOIN unit u ON u.id = t.unit "
        'LEFT JOIN service_window w ON w.id = t."window" '
        "WHERE t.round = {} AND s.state = {} AND s.code > {} ORDER BY s.code LIMIT {}",
        round_id,
        SheetState.ACCEPTED,
        after,
        limit,
    )
    return [
        Given(
            code=Code(row["code"]),
            answers=msgspec.json.decode(row["answers"], type=Answers),
            score=row["score"],
            confirmed=bool(row["veto_confirmed"]),
            form_key=row["form_key"],
            rulebook=Code(row["rulebook"]),
            covert=row["mode"] == Mode.COVERT,
            visitor=row["visitor"],
            unit=Code(row["unit"]),
            window=Code(row["counter"]) if row["counter"] else None,
            group=row["peer_group"],
        )
        for row in rows
    ]
