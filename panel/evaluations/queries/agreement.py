"""Reads of blind double visits: what the sheets of a round say about the measure."""

from __future__ import annotations

import msgspec

from panel.db import raw
from panel.evaluations import rules
from panel.evaluations.types import Agreement, Answers, Read, SheetState
from panel.ids import Code
from panel.rulebook import queries as rulebooks


async def agreement(round_id: int, *, least: int) -> Agreement | None:
    """Return how far the visitors of blind double visits agree; None below ``least`` pairs."""
    groups: dict[int, list[Read]] = {}
    for row in await raw(
        "SELECT t.pair, s.answers, s.score, s.rulebook, s.form_key FROM sheet_submission s "
        "JOIN visit_task t ON t.id = s.task WHERE t.round = {} AND t.pair > 0 AND s.state = {} "
        "ORDER BY t.pair, t.id",
        round_id,
        SheetState.ACCEPTED,
    ):
        version = await rulebooks.frozen(Code(row["rulebook"]))
        form = version.rulebook.form(row["form_key"])
        answers = msgspec.json.decode(row["answers"], type=Answers)
        groups.setdefault(row["pair"], []).append(
            Read(rules.values(form.items, answers), row["score"])
        )
    pairs = [group for group in groups.values() if len(group) > 1]
    return rules.agreement(pairs) if len(pairs) >= max(1, least) else None
