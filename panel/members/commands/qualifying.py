"""What makes a member fit to judge, and what takes it away: certificates and pledges."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping, Sequence

from panel import keys
from panel.actor import SYSTEM, Actor, Role
from panel.audit.commands import Note, entry
from panel.chance import digest
from panel.db import insert_rows
from panel.entropy import code as fresh_code
from panel.ids import Code
from panel.members import queries, rules
from panel.members.commands import bulk
from panel.members.tables import Member, Qualification
from panel.members.types import MemberState, MemberView
from panel.rulebook import queries as rulebook
from panel.rulebook.types import RulebookVersion
from panel.workdays import SHANGHAI

SEALED = ("code", "member", "form", "rulebook", "attempt")


async def record_training(
    actor: Actor, codes: Sequence[Code], *, on: dt.date, at: dt.datetime
) -> int:
    """Record who passed the examination on paper: a certificate for every form.

    Whoever pledged before becomes active. Whoever holds a certificate as good gets no other.
    """
    actor.require(Role.COORDINATOR)
    async with entry(actor, "members.record_training", at=at) as note:
        members = await bulk.several(codes)
        today = at.astimezone(SHANGHAI).date()
        for each in members:
            rules.may_record(each, on, today)
        version = await rulebook.current()
        until = rules.valid_until(on, version.rulebook.training.valid_months)
        rules.still_valid(until, today)
        await bulk.change(members, {Member.trained_on: on})
        forms = dict.fromkeys(version.rulebook.judged, Code(""))
        await certify(note, members, version, forms, on=on, at=at)
        note.bulk("member", [digest([each.code, on.isoformat()]) for each in members])
    return len(members)


async def certify(
    note: Note,
    members: Sequence[MemberView],
    version: RulebookVersion,
    forms: Mapping[str, Code],
    *,
    on: dt.date,
    at: dt.datetime,
) -> None:
    """Issue certificates for forms (with the attempt that earned each, if any) to members.

    Joins the caller's entry; whoever lacks nothing else becomes active.
    """
    until = rules.valid_until(on, version.rulebook.training.valid_months)
    held = await queries.certificates_of(members)
    rows = [
        Qualification(
            code=fresh_code(),
            member=each.id,
            form=form,
            rulebook=version.code,
            attempt=attempt,
            passed_on=on,
            valid_until=until,
            issued_at=at,
        )
        for each in members
        for form, attempt in forms.items()
        if rules.improves(held[each.code], form, version.code, until)
    ]
    for row, number in zip(rows, await insert_rows(Qualification, rows), strict=True):
        row.id = number
        note.seal(row, *SEALED)
    await _cover(members, version, at=at)


async def _cover(
    members: Sequence[MemberView], version: RulebookVersion, *, at: dt.datetime
) -> None:
    """Write until when each member may judge with every form, and make the fit active."""
    held = await queries.certificates_of(members)
    by_day: dict[dt.date, list[MemberView]] = defaultdict(list)
    for each in members:
        until = rules.covered_until(version.rulebook.judged, held[each.code])
        if until is not None:
            by_day[until].append(each)
    today = at.astimezone(SHANGHAI).date()
    for until, some in by_day.items():
        await bulk.change(some, {Member.qualified_until: until})
        await bulk.activate([e for e in some if rules.activates(until, e.pledged_on, today)])


async def record_pledge(
    actor: Actor, codes: Sequence[Code], *, version: str = "", on: dt.date, at: dt.datetime
) -> int:
    """Record the pledge to the code of conduct in force: in bulk, or a member's own.

    Refuses another version than the one in force; without a version that one is meant.
    """
    if actor.member is None or list(codes) != [actor.member]:
        actor.require(Role.COORDINATOR)
    async with entry(actor, "members.record_pledge", at=at) as note:
        members = await bulk.several(codes)
        today = at.astimezone(SHANGHAI).date()
        conduct = (await rulebook.current()).rulebook.conduct
        for each in members:
            rules.may_record(each, on, today)
            rules.may_pledge(conduct, version or conduct.version)
        await bulk.change(members, {Member.pledged_on: on, Member.pledge: conduct.version})
        await bulk.activate([e for e in members if rules.activates(e.qualified_until, on, today)])
        facts = [[each.code, conduct.version, on.isoformat()] for each in members]
        note.bulk("member", [digest(fact) for fact in facts])
    return len(members)


async def pledge(actor: Actor, version: str, *, at: dt.datetime) -> None:
    """Give the own pledge on the phone to the text that was read; a second time changes nothing.

    Refuses a version that is not in force any more: its reader has not seen the new one.
    """
    actor.require(Role.MEMBER)
    learner = await queries.learner(_own(actor), at=at)
    rules.may_learn(learner.member)
    if learner.pledged and version == learner.member.pledge:
        return
    today = at.astimezone(SHANGHAI).date()
    await record_pledge(actor, [learner.member.code], version=version, on=today, at=at)


def _own(actor: Actor) -> Code:
    return actor.member or Code("")


async def lapse_due(*, at: dt.datetime) -> int:
    """Send members whose certificate ran out back to the course; return how many.

    Run as a job. What they had accepted is handed on by the visits' own job.
    """
    today = at.astimezone(SHANGHAI).date()
    over = (Member.qualified_until < today) | Member.qualified_until.is_null()
    if not await Member.exists().where(Member.state == MemberState.ACTIVE, over):
        return 0
    async with entry(SYSTEM, "members.lapse_due", at=at) as note:
        rows = (
            await Member.update({Member.state: MemberState.TRAINING})
            .where(Member.state == MemberState.ACTIVE, over)
            .returning(Member.code)
        )
        marks = [keys.current().hash("audit", "member", "lapsed", row["code"]) for row in rows]
        note.bulk("member", marks)
    return len(rows)
