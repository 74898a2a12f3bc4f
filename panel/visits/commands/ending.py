"""Calling a round off: with a reason that stays, and a code that is used up."""

from __future__ import annotations

from datetime import datetime

from panel.actor import Actor, Role, Signature, second_person
from panel.audit import commands as audit
from panel.audit.commands import entry
from panel.ids import Code
from panel.visits import queries, rules
from panel.visits.commands.rounds import end_unfinished, seal, step
from panel.visits.types import RoundState, RoundView, TaskState


async def cancel(
    actor: Actor, code: Code, reason: str, *, at: datetime, paper: Signature | None = None
) -> RoundView:
    """Call a round off; once it was approved, that takes another person than its author.

    A committed round that is never drawn uses up its code of the chain, so that later rounds may
    go on, and stays listed with its reason. Tasks that are not finished end; sheets stay as they
    are and count nowhere.
    """
    actor.require(Role.COORDINATOR)
    async with entry(actor, "visits.cancel", at=at, paper=paper, reason=reason.strip()) as note:
        view = await queries.round(code)
        rules.may_cancel(view, reason)
        if view.state is not RoundState.DRAFT:
            second_person(view.created_by, actor, paper)
        await step(
            view,
            RoundState.CANCELLED,
            {
                "cancelled_by": actor.person,
                "cancelled_at": at,
                "cancelled_reason": reason.strip(),
            },
        )
        if view.state is RoundState.COMMITTED:
            await audit.void_code(code, at=at)
        ended = await end_unfinished(view, TaskState.CANCELLED)
        await seal(note, view.id)
        note.about(
            "round",
            code,
            before=view.state.value,
            after=RoundState.CANCELLED.value,
            cancelled=ended,
        )
    return await queries.round(code)
