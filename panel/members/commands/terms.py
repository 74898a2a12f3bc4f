"""What happens to a term: suspension, dismissal, its end, reminder, renewal, erasure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any, Final

from piccolo.columns import Column

from panel import keys
from panel.accounts import commands as accounts
from panel.actor import SYSTEM, Actor, Role
from panel.audit.commands import Note, entry
from panel.db import insert_rows, raw
from panel.entropy import code as fresh_code
from panel.errors import Conflict
from panel.ids import Code, PersonId
from panel.members import queries, rules
from panel.members.commands.qualifying import SEALED
from panel.members.commands.seats import KEPT
from panel.members.tables import Exclusion, Member, Qualification
from panel.members.types import LEFT, Listed, MemberState, MemberView
from panel.notices import commands as notices
from panel.notices.types import MessageKind
from panel.rulebook import queries as rulebook
from panel.vault import commands as vault
from panel.workdays import SHANGHAI

_MONTHS: Final = 12
_LEARNED: Final = ("form", "rulebook", "attempt", "passed_on", "valid_until", "issued_at")
"""What a certificate keeps in the next term."""


async def _move(member: MemberView, values: dict[Column | str, Any]) -> None:
    """Change a seat that is still in the state in which it was read."""
    done = (
        await Member.update(values)
        .where(Member.id == member.id, Member.state == member.state)
        .returning(Member.id)
    )
    if not done:
        raise Conflict("member.changed")


async def end_next(member: Code, state: MemberState, *, at: dt.datetime) -> None:
    """Take back a granted next term of somebody who leaves; joins the caller's command."""
    await Member.update({Member.state: state, Member.left_at: at}).where(
        Member.previous == member, Member.state.not_in(list(LEFT))
    )


async def resign(actor: Actor, member: Code, reason: str, *, at: dt.datetime) -> MemberView:
    """End a member's term early at the member's wish; the card ends too, the seat's rows stay.

    The reason is kept under the person's own key: it may tell of an illness.
    """
    if actor.member != member:
        actor.require(Role.COORDINATOR)
    async with entry(actor, "members.resign", at=at) as note:
        view = await queries.member(member)
        rules.may_leave(view)
        sealed = await vault.attach(view.person, reason.encode(), "text/plain", at=at)
        left = (
            await Member.update(
                {Member.state: MemberState.RESIGNED, Member.left_at: at, Member.reason: sealed}
            )
            .where(Member.code == member, Member.state.not_in(list(LEFT)))
            .returning(Member.id)
        )
        if not left:
            raise Conflict("member.left")
        await end_next(member, MemberState.RESIGNED, at=at)
        await accounts.withdraw_cards(actor, [member], at=at)
        note.about("member", member, state=MemberState.RESIGNED.value)
        return await queries.member(member)


async def suspend(actor: Actor, member: Code, *, at: dt.datetime) -> MemberView:
    """Take a member out of service for a while; the card stays good, so that a reply can come."""
    actor.require(Role.COORDINATOR)
    async with entry(actor, "members.suspend", at=at) as note:
        view = await queries.member(member)
        rules.may_suspend(view)
        await _move(view, {Member.state: MemberState.SUSPENDED})
        note.about("member", member, state=MemberState.SUSPENDED.value)
        return await queries.member(member)


async def reinstate(actor: Actor, member: Code, *, at: dt.datetime) -> MemberView:
    """Take a suspended member back, to where certificate and pledge allow."""
    actor.require(Role.COORDINATOR)
    async with entry(actor, "members.reinstate", at=at) as note:
        view = await queries.member(member)
        rules.suspended(view)
        state = rules.resumed(view, at.astimezone(SHANGHAI).date())
        await _move(view, {Member.state: state})
        note.about("member", member, state=state.value)
        return await queries.member(member)


async def dismiss(actor: Actor, member: Code, *, at: dt.datetime) -> MemberView:
    """End a suspended member's term for good, a granted next term too; the card ends with it."""
    actor.require(Role.COORDINATOR, Role.PUBLISHER)
    async with entry(actor, "members.dismiss", at=at) as note:
        view = await queries.member(member)
        rules.suspended(view)
        await _move(view, {Member.state: MemberState.DISMISSED, Member.left_at: at})
        await end_next(member, MemberState.DISMISSED, at=at)
        await accounts.withdraw_cards(actor, [member], at=at)
        note.about("member", member, state=MemberState.DISMISSED.value)
        return await queries.member(member)


async def expire(*, at: dt.datetime, limit: int = 100) -> dict[Code, Code | None]:
    """End some terms whose last day has passed; return them with the term that follows, if any.

    Cards are withdrawn and sessions ended; where a next term was granted, the card goes with it,
    and so do certificates, recusals and a suspension.
    """
    found = await queries.over(at.astimezone(SHANGHAI).date(), limit)
    if not found:
        return {}
    async with entry(SYSTEM, "members.expire", at=at) as note:
        renewed = await queries.following([each.code for each in found])
        ended = (
            await Member.update({Member.state: MemberState.ENDED})
            .where(Member.id.is_in([each.id for each in found]), Member.state.not_in(list(LEFT)))
            .returning(Member.code)
        )
        codes = sorted(Code(row["code"]) for row in ended)
        for each in found:
            if each.code in renewed and each.code in codes:  # else another worker was faster
                await _carry_over(note, each, renewed[each.code])
        leaving = [each for each in codes if each not in renewed]
        await accounts.withdraw_cards(SYSTEM, leaving, at=at)
        moves = {each: renewed[each] for each in codes if each in renewed}
        await accounts.hand_over(SYSTEM, moves, at=at)
        note.bulk("member", _digests("ended", codes))
    return {each: renewed.get(each) for each in codes}


async def _carry_over(note: Note, view: MemberView, following: Code) -> None:
    """Copy what a member has learned and declared to the next term; the pledge is due anew."""
    new = await queries.member(following)
    await Member.update(
        {
            Member.state: rules.carried(view),
            Member.trained_on: view.trained_on,
            Member.qualified_until: view.qualified_until,
        }
    ).where(Member.id == new.id)
    known = {(each.unit, each.kind) for each in await queries.recusals(new)}
    await insert_rows(
        Exclusion,
        [
            Exclusion(member=new.id, unit=each.unit, kind=each.kind, since=each.since)
            for each in await queries.recusals(view)
            if (each.unit, each.kind) not in known
        ],
    )
    rows = [
        Qualification(code=fresh_code(), member=new.id, **{name: old[name] for name in _LEARNED})
        for old in await Qualification.select().where(Qualification.member == view.id)
    ]
    for row, number in zip(rows, await insert_rows(Qualification, rows), strict=True):
        row.id = number
        note.seal(row, *SEALED)


async def remind(codes: Sequence[Code], *, at: dt.datetime) -> int:
    """Write to members that their term ends soon, and note it; each once."""
    async with entry(SYSTEM, "members.remind", at=at) as note:
        rows = (
            await Member.update({Member.reminded_at: at})
            .where(Member.code.is_in(list(codes)), Member.reminded_at.is_null())
            .returning(Member.code, Member.person)
        )
        persons = [PersonId(row["person"]) for row in rows]
        await notices.post(persons, MessageKind.TERM_ENDS, f"term {at.date()}", at=at)
        note.bulk("member", _digests("reminded", [Code(row["code"]) for row in rows]))
    return len(rows)


def _digests(what: str, codes: Sequence[Code]) -> list[str]:
    return [keys.current().hash("audit", "member", what, code) for code in codes]


async def alone() -> None:
    """Wait for every other command that gives seats; ends with the caller's commit.

    Two renewals side by side would each keep a group quota that both together break.
    """
    await raw(
        "UPDATE member SET state = state WHERE id = (SELECT MIN(id) FROM member) RETURNING id"
    )


async def renew(actor: Actor, member: Code, *, at: dt.datetime) -> Code:
    """Give a member another term from the day after this one; what was learned is kept.

    Refused where a hard group quota could then not be met by the places that are left.
    """
    actor.require(Role.COORDINATOR)
    async with entry(actor, "members.renew", at=at) as note:
        view = await queries.member(member)
        recruitment = (await rulebook.current()).rulebook.recruitment
        start = view.term_end + dt.timedelta(days=1)
        first = dt.datetime.combine(start, dt.time(), SHANGHAI)
        places = await queries.count_of(at, Listed.ALL)
        rules.may_renew(await queries.serving(first), view, places, recruitment.groups)
        row = await _next_term(note, view, start, recruitment.term_years * _MONTHS, at)
        note.about("member", row.code, previous=member)
        return Code(row.code)


async def _next_term(
    note: Note, view: MemberView, start: dt.date, months: int, at: dt.datetime
) -> Member:
    """Write the row of the next term; what was learned meanwhile follows when it begins."""
    home = await Member.select(Member.household).where(Member.id == view.id).first()
    row = Member(
        code=fresh_code(),
        household=home["household"] if home else "",
        person=view.person,
        category=view.category,
        district=view.district,
        sex=view.sex,
        age_band=view.age_band,
        latitude=view.latitude,
        longitude=view.longitude,
        campaign=view.campaign,
        state=MemberState.APPOINTED,
        cohort=view.cohort,
        term=view.term + 1,
        previous=view.code,
        certificate=fresh_code(),
        certified_on=at.astimezone(SHANGHAI).date(),
        term_start=start,
        term_end=rules.term_end(start, months),
    )
    (row.id,) = await insert_rows(Member, [row])
    note.seal(row, *KEPT)
    return row


async def unlink(actor: Actor, person: PersonId, *, at: dt.datetime) -> dict[Code, Code]:
    """Cut what leads from an erased person's seats to visits and home; return new codes by old.

    Visits know a member by a keyed hash of the code: under a new code nobody can find them again.
    """
    async with entry(actor, "members.unlink", at=at) as note:
        renamed: dict[Code, Code] = {}
        for each in await queries.seats_of(person):
            fresh = fresh_code()
            renamed[each.code] = fresh
            rows = (
                await Member.update(
                    {
                        Member.code: fresh,
                        Member.previous: renamed.get(Code(each.previous), ""),
                        Member.latitude: None,
                        Member.household: "",
                        Member.longitude: None,
                        Member.reason: "",
                    }
                )
                .where(Member.id == each.id)
                .returning(*Member.all_columns())
            )
            note.seal(Member(**rows[0]), *KEPT)
            await Exclusion.delete().where(Exclusion.member == each.id)
        await accounts.close_for_good(actor, list(renamed), at=at)
        return renamed
