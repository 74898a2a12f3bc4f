"""Complaint numbers brought in, and units confirmed for a targeted evaluation."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import msgspec

from panel import keys
from panel.actor import Actor, Role
from panel.audit.commands import entry
from panel.db import insert_rows
from panel.errors import Fault, Invalid
from panel.ids import Code
from panel.roster import queries as roster
from panel.rulebook import queries as rulebooks
from panel.visits import queries
from panel.visits.commands.rounds import plan
from panel.visits.rules import targeting as rules
from panel.visits.tables import ComplaintCount
from panel.visits.types import NewCount, RoundDraft, RoundKind, RoundView


async def enter_counts(actor: Actor, counts: Sequence[NewCount], *, at: datetime) -> int:
    """Store complaint numbers; a month that is known already is written over. Return how many."""
    actor.require(Role.COORDINATOR)
    for each in counts:
        rules.check_count(each, at)
    units = {unit.code: unit.id for unit in await roster.units()}
    if any(each.unit not in units for each in counts):
        raise Invalid("count.faults", Fault("unit", "count.unit_unknown"))
    async with entry(actor, "visits.enter_counts", at=at) as note:
        new = []
        for each in counts:
            changed = (
                await ComplaintCount.update(
                    {
                        ComplaintCount.received: each.received,
                        ComplaintCount.upheld: each.upheld,
                        ComplaintCount.transactions: each.transactions,
                        ComplaintCount.entered_by: actor.name,
                        ComplaintCount.at: at,
                    }
                )
                .where(ComplaintCount.unit == units[each.unit], ComplaintCount.month == each.month)
                .returning(ComplaintCount.id)
            )
            if not changed:
                new.append(
                    ComplaintCount(
                        unit=units[each.unit],
                        month=each.month,
                        received=each.received,
                        upheld=each.upheld,
                        transactions=each.transactions,
                        entered_by=actor.name,
                        at=at,
                    )
                )
        await insert_rows(ComplaintCount, new)
        note.bulk("complaint_count", [_digest(each) for each in counts])
    return len(counts)


def _digest(count: NewCount) -> str:
    return keys.current().hash("audit", "count", msgspec.json.encode(count).decode())


async def import_counts(actor: Actor, data: bytes, filename: str, *, at: datetime) -> int:
    """Store a table of complaint numbers whole, or refuse it with every fault by its cell."""
    actor.require(Role.COORDINATOR)
    found = rules.read_counts(data, filename, await roster.unit_references(), at=at)
    return await enter_counts(actor, found, at=at)


async def confirm_targets(
    actor: Actor, units: Sequence[Code], draft: RoundDraft, *, at: datetime
) -> RoundView:
    """Plan a targeted evaluation of suggested units; a second person approves it as any round.

    Refuses units that the numbers do not suggest, and those that are being looked at already.
    """
    actor.require(Role.COORDINATOR)
    suggested = {each.unit_code: each for each in (await queries.targeted(at=at)).suggestions}
    chosen = [suggested[unit] for unit in dict.fromkeys(units) if unit in suggested]
    if not chosen or len(chosen) < len(set(units)):
        raise Invalid("targeting.faults", Fault("units", "targeting.not_suggested"))
    if any(each.running for each in chosen):
        raise Invalid("targeting.faults", Fault("units", "targeting.running"))
    bounds = (await rulebooks.current()).rulebook.targeting
    groups = tuple(dict.fromkeys(each.peer_group for each in chosen))
    whole = msgspec.structs.replace(
        draft,
        kind=RoundKind.TARGETED,
        groups=groups,
        unranked=groups,
        claims=False,
        double_percent=0,
    )
    found = await queries.targets([each.unit_code for each in chosen], groups, whole, bounds)
    return await plan(actor, msgspec.structs.replace(whole, targets=found), at=at)
