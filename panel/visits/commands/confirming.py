"""The second stage: a plan of further visits where a ranking's lists are unclear."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import msgspec

from panel import entropy
from panel.actor import Actor, Role
from panel.audit.commands import entry
from panel.errors import Conflict
from panel.ids import Code
from panel.rulebook import queries as rulebooks
from panel.visits import queries, rules
from panel.visits.commands.rounds import plan, seal
from panel.visits.tables import Round
from panel.visits.types import RoundDraft, RoundKind, RoundState, RoundView, Score, Spread


async def confirm(
    actor: Actor, parent: Code, scores: Sequence[Score], draft: RoundDraft, *, at: datetime
) -> RoundView:
    """Plan a second stage of a computed round; approval, draw and tasks follow as of any round.

    Nobody chooses the places: they follow from the ranking's scores, and a seed that stays sealed
    until the round is closed settles the fractions.
    """
    actor.require(Role.COORDINATOR)
    async with entry(actor, "visits.confirm", at=at) as note:
        first = await queries.round(parent)
        rules.in_state(first, RoundState.COMPUTED)
        found = await outlook(first, scores, entropy.token())
        if not found.demand:
            raise Conflict("round.nothing_unclear")
        whole = msgspec.structs.replace(
            draft,
            kind=RoundKind.CONFIRMING,
            parent=parent,
            groups=(),
            unranked=(),
            targets=dict(found.demand),
        )
        view = await plan(actor, whole, at=at)
        await Round.update({Round.spread: msgspec.json.encode(found).decode()}).where(
            Round.id == view.id
        )
        await seal(note, view.id)
        note.about("round", view.code, parent=parent, places=len(found.demand))
    return await queries.round(view.code)


async def outlook(first: RoundView, scores: Sequence[Score], seed: str) -> Spread:
    """Return how the further visits of a round would be shared out with a seed."""
    version = await rulebooks.current()
    bounds = version.rulebook.rounds
    places = await queries.frozen_places(first)
    return rules.confirming(
        scores,
        places,
        visits_per_place=bounds.confirming_visits,
        uniform_percent=bounds.uniform_percent,
        cap_times=bounds.cap_times,
        seed=seed,
    )
