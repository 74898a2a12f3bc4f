"""Taking a visit from the open pool: the member chooses a district, chance the place."""

from __future__ import annotations

from datetime import datetime

import msgspec

from panel import entropy
from panel.actor import Actor, Role
from panel.audit.commands import entry
from panel.chance import Stream, canonical
from panel.db import insert_rows
from panel.errors import Missing
from panel.ids import Code
from panel.rulebook import queries as rulebooks
from panel.rulebook.types import Rulebook
from panel.visits import queries, rules
from panel.visits.commands.substitutes import Bench
from panel.visits.commands.tasks import PSEUDONYM
from panel.visits.tables import Task
from panel.visits.types import Errand, Mode, Place, RoundView, TaskState, TaskView, Why

_HUNDRED = 100


async def claim(actor: Actor, code: Code, district: str, *, at: datetime) -> TaskView:
    """Take one of the visits that nobody could be sent to; ties, rotation and load hold.

    Refuses rounds without an open pool, members without a certificate, and a district in which
    nothing is left for this member.
    """
    actor.require(Role.MEMBER)
    if actor.member is None:
        raise Missing("round.missing")
    view = await queries.round(code)
    visitor = queries.link(actor.member, code)
    async with entry(actor, "visits.claim", at=at, name=f"visitor:{visitor[:PSEUDONYM]}") as note:
        due = rules.may_claim(view, at)
        rules.may_begin(fit=await queries.fit(actor.member, at=at))
        bench = await Bench.of(view.id, at=at)
        free = [
            place
            for place in await queries.open_places(view)
            if place.district == district and await bench.may_go(visitor, place)
        ]
        seed = await queries.seed(view.id)
        place = rules.pick(seed, visitor, free)
        book = (await rulebooks.version(view.rulebook_code)).rulebook
        row = _task(view, book, place, visitor, seed, load=bench.load(visitor), due=due, at=at)
        await insert_rows(Task, [row])
        note.about("task", row.code, after=TaskState.ACCEPTED.value, claimed=True)
    return await queries.task(Code(row.code))


def _task(
    view: RoundView,
    rulebook: Rulebook,
    place: Place,
    visitor: str,
    seed: str,
    *,
    load: int,
    due: datetime,
    at: datetime,
) -> Task:
    """Return the row of a claimed visit; who claims it has accepted it."""
    drawn = Stream(seed, f"claimed mode {place.code} {visitor}").below(_HUNDRED)
    covert = place.covert_ok and drawn < view.draft.covert_percent
    why = Why(candidates=1, eligible=1, excluded={}, far=None, load=load + 1, claimed=True)
    return Task(
        code=entropy.code(),
        round=view.id,
        place=place.id,
        unit=place.unit_id,
        window=place.window_id,
        visitor=visitor,
        mode=Mode.COVERT if covert else Mode.OPEN,
        errand=Errand.ENQUIRY,
        form_key=rulebook.form_of(place.peer_group).key,
        state=TaskState.ACCEPTED,
        opens_at=view.draft.starts,
        due_at=due,
        answer_by=None,
        offered_at=at,
        assigned_by=view.drawn_by,
        why=canonical(msgspec.to_builtins(why)).decode(),
    )
