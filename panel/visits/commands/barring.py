"""Re-visits are not made by whoever made the visits that they check."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from panel.actor import Actor, Role
from panel.audit.commands import entry
from panel.db import insert_rows
from panel.errors import Conflict
from panel.ids import Code
from panel.visits import queries, rules
from panel.visits.tables import RoundBar
from panel.visits.types import RoundKind


async def bar(actor: Actor, code: Code, tasks: Sequence[int], *, at: datetime) -> int:
    """Keep the visitors of some visits out of a re-visit of their units; return of how many visits.

    Refuses what is no re-visit, and one whose plan was approved already.
    """
    actor.require(Role.COORDINATOR)
    async with entry(actor, "visits.bar", at=at) as note:
        view = await queries.round(code)
        rules.may_change(view)
        if view.draft.kind is not RoundKind.REVISIT:
            raise Conflict("round.kind_fixed")
        chosen = sorted(set(tasks))
        await insert_rows(RoundBar, [RoundBar(round=view.id, task=task) for task in chosen])
        # How many, not which: the history must not tell where a covert visit found something.
        note.about("round", code, barred=len(chosen))
    return len(chosen)
