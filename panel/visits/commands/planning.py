"""The next scheduled round, planned from what the last ranking left unclear."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import msgspec

from panel import keys
from panel.actor import Actor, Role
from panel.audit.commands import entry
from panel.errors import Conflict
from panel.ids import Code
from panel.rulebook import queries as rulebooks
from panel.visits import queries, rules
from panel.visits.commands.rounds import plan, seal
from panel.visits.tables import Round
from panel.visits.types import RoundDraft, RoundKind, RoundState, RoundView, Side


async def plan_next(
    actor: Actor, parent: Code, sides: Mapping[Code, Side], draft: RoundDraft, *, at: datetime
) -> RoundView:
    """Plan a scheduled round whose visits go where the lists are unclear; approval follows.

    Nobody chooses the places: they follow from the lists, and a seed that stays sealed until the
    round is closed settles the fractions.
    """
    actor.require(Role.COORDINATOR)
    async with entry(actor, "visits.plan_next", at=at) as note:
        last = await queries.round(parent)
        rules.in_state(last, RoundState.COMPUTED)
        whole = msgspec.structs.replace(draft, kind=RoundKind.SCHEDULED, parent=parent, targets={})
        bounds = (await rulebooks.current()).rulebook.rounds
        found = rules.planned(
            sides,
            await queries.places(whole),
            uniform_percent=bounds.uniform_percent,
            cap_times=bounds.cap_times,
            # The same however often somebody plans: nobody draws again until a place pleases.
            seed=keys.current().hash("link", "plan_next", parent, last.record_hash),
        )
        if not found.demand:
            raise Conflict("round.nothing_to_visit")
        view = await plan(actor, msgspec.structs.replace(whole, targets=dict(found.demand)), at=at)
        await Round.update({Round.spread: msgspec.json.encode(found).decode()}).where(
            Round.id == view.id
        )
        await seal(note, view.id)
        note.about("round", view.code, parent=parent, places=len(found.demand))
    return await queries.round(view.code)
