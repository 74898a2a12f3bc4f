"""What makes a member fit to judge: training and pledge."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from panel.actor import Actor, Role
from panel.audit.commands import entry
from panel.chance import digest
from panel.ids import Code
from panel.members import rules
from panel.members.commands import bulk
from panel.members.tables import Member
from panel.rulebook import queries as rulebook
from panel.workdays import SHANGHAI


async def record_training(
    actor: Actor, codes: Sequence[Code], *, on: dt.date, at: dt.datetime
) -> int:
    """Record who attended the training; whoever pledged before becomes active."""
    actor.require(Role.COORDINATOR)
    async with entry(actor, "members.record_training", at=at) as note:
        members = await bulk.several(codes)
        for each in members:
            rules.may_record(each, on, at.astimezone(SHANGHAI).date())
        version = await rulebook.current()
        until = rules.valid_until(on, version.rulebook.training.valid_months)
        await bulk.change(members, {Member.trained_on: on, Member.qualified_until: until})
        await bulk.activate([each for each in members if rules.activates(on, each.pledged_on)])
        note.bulk("member", [digest([each.code, on.isoformat()]) for each in members])
    return len(members)


async def record_pledge(
    actor: Actor, codes: Sequence[Code], *, version: str, on: dt.date, at: dt.datetime
) -> int:
    """Record the pledge to a version of the code of conduct: in bulk, or a member's own."""
    if actor.member is None or list(codes) != [actor.member]:
        actor.require(Role.COORDINATOR)
    async with entry(actor, "members.record_pledge", at=at) as note:
        members = await bulk.several(codes)
        for each in members:
            rules.may_record(each, on, at.astimezone(SHANGHAI).date())
        await bulk.change(members, {Member.pledged_on: on, Member.pledge: version})
        await bulk.activate([each for each in members if rules.activates(each.trained_on, on)])
        note.bulk("member", [digest([each.code, version, on.isoformat()]) for each in members])
    return len(members)
