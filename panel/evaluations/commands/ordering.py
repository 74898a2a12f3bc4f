"""Findings that are items of an order to rectify: they go with it, and join its commands."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from panel.actor import Actor
from panel.audit.commands import entry
from panel.errors import Conflict
from panel.evaluations.commands import casework
from panel.evaluations.queries import findings as queries
from panel.evaluations.types.clocks import ClockKind
from panel.evaluations.types.findings import FindingState, Step
from panel.ids import Code

_TAKEN = frozenset({FindingState.VERIFIED, FindingState.ORDER_OPENED})


async def take_in(actor: Actor, findings: Mapping[Code, str], order: Code, *, at: datetime) -> int:
    """Make verified findings items of an order, each with what is to be done; return how many.

    From then on the order's re-visit settles them. One that another order holds is left alone.
    """
    taken = 0
    async with entry(actor, "evaluations.take_in", at=at) as note:
        for code, text in findings.items():
            view = await queries.stored(code)
            if view.state not in _TAKEN or view.within not in {"", order}:
                continue
            await casework.change(
                view, note, state=FindingState.ORDER_OPENED.value, order_text=text, within=order
            )
            await casework.stop(view.id, ClockKind.ORDER)
            await casework.tell(view.id, Step.ORDERED, actor, at=at, text=text, document=order)
            taken += 1
    return taken


async def settle_within(
    actor: Actor, findings: Mapping[Code, str], order: Code, *, at: datetime
) -> int:
    """Close the findings of an order that was verified, each with what showed it."""
    settled = 0
    async with entry(actor, "evaluations.settle_within", at=at) as note:
        for code, proof in findings.items():
            view = await queries.stored(code)
            if view.within != order or view.state is FindingState.CLOSED:
                continue
            if view.state is not FindingState.ORDER_OPENED:
                raise Conflict("finding.other_state")
            await casework.change(
                view, note, state=FindingState.CLOSED.value, rectified_by=proof, reported_at=at
            )
            await casework.stop_all(view.id)
            await casework.tell(view.id, Step.RECTIFIED, actor, at=at, document=proof)
            await casework.tell(view.id, Step.CLOSED, actor, at=at, document=order)
            settled += 1
    return settled
