"""The announced public numbers: two persons read them, and neither sees what the other read."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import msgspec

from panel.actor import Actor, Role
from panel.audit.commands import entry
from panel.chance import canonical
from panel.db import insert_rows
from panel.errors import Conflict, Forbidden
from panel.ids import Code
from panel.visits import queries, rules
from panel.visits.commands.rounds import seal, step
from panel.visits.tables import RoundNumber
from panel.visits.types import RoundView

_ENTERING = (Role.COORDINATOR, Role.PUBLISHER, Role.REVIEWER)


async def enter_numbers(
    actor: Actor, code: Code, values: Sequence[str], *, at: datetime
) -> RoundView:
    """Enter the announced numbers as one person read them; two who read the same settle them.

    ``round.numbers_differ`` when somebody else read others: what was entered is kept, and both
    look again. Nobody is shown what the other entered.
    """
    actor.require(*_ENTERING)
    if actor.person is None:
        raise Forbidden("approval.same_person")
    async with entry(actor, "visits.enter_numbers", at=at) as note:
        view = await queries.round(code)
        read = rules.may_read_numbers(view, values, at)
        await step(view, view.state, {})  # two who enter at once come one after the other
        same = rules.agree(await queries.readings(view.id), actor.person, read)
        await _remember(view.id, actor.person, read, at=at)
        # The numbers stand in the history once both have read them: the other one may look there.
        note.about("round", code, values=list(read) if same else [])
        if same:
            numbers = [
                msgspec.structs.replace(each, value=value)
                for each, value in zip(view.announced, read, strict=True)
            ]
            told = canonical([msgspec.to_builtins(each) for each in numbers]).decode()
            await step(view, view.state, {"announced": told})
            await seal(note, view.id)
    if same is False:
        raise Conflict("round.numbers_differ")
    return await queries.round(code)


async def _remember(round_id: int, person: int, read: tuple[str, ...], *, at: datetime) -> None:
    text = canonical(list(read)).decode()
    changed = (
        await RoundNumber.update({RoundNumber.numbers: text, RoundNumber.at: at})
        .where(RoundNumber.round == round_id, RoundNumber.person == person)
        .returning(RoundNumber.id)
    )
    if not changed:
        row = RoundNumber(round=round_id, numbers=text, person=person, at=at)
        await insert_rows(RoundNumber, [row])
