"""What happens to a term: suspension and reply, dismissal, resignation, its end, renewal."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any, Final

from piccolo.columns import Column

from panel.actor import SYSTEM, Actor, Role, Signature
from panel.audit.commands import entry
from panel.chance import canonical
from panel.db import Duplicate, insert_rows
from panel.entropy import code as fresh_code
from panel.errors import Conflict, Fault, Invalid, Missing
from panel.evaluations import commands as evaluations
from panel.ids import Code, PersonId
from panel.members import commands as members
from panel.members import queries as seats
from panel.members.types import MemberView
from panel.notices import commands as notices
from panel.notices.types import MessageKind
from panel.recruitment.commands import papers
from panel.recruitment.queries import tenure
from panel.recruitment.rules import terms as rules
from panel.recruitment.tables import Proceeding, Renewal
from panel.recruitment.types.paper import PaperAct
from panel.recruitment.types.terms import (
    Ground,
    ProceedingState,
    ProceedingView,
    RenewalState,
    RenewalView,
    Texts,
)
from panel.rulebook import queries as rulebook
from panel.vault import commands as vault
from panel.visits import commands as visits
from panel.workdays import SHANGHAI

_TEXT: Final = "text/plain"
_LOOK: Final = "proceeding"
_PIECE: Final = 500
"""Members whom one transaction of a job changes."""


async def suspend(
    actor: Actor, member: Code, ground: str, reason: str, *, at: dt.datetime
) -> ProceedingView:
    """Suspend a member with a reason that the member reads and answers; tasks go to others."""
    actor.require(Role.COORDINATOR)
    why, told = rules.ground_given(ground), rules.text_given(reason, "reason")
    try:
        code = await _open(actor, await seats.member(member), why, told, at)
    except Duplicate:
        raise Conflict("proceeding.open_already") from None
    # In a transaction of its own: no entry may name both a member and visits.
    await visits.take_back([member], at=at)
    return await tenure.proceeding(code)


async def _open(
    actor: Actor, view: MemberView, ground: Ground, reason: str, at: dt.datetime
) -> Code:
    async with entry(actor, "recruitment.suspend", at=at) as note:
        rules.may_suspend(view, actor, at)
        version = await rulebook.current()
        code = fresh_code()
        sealed = await vault.attach(view.person, reason.encode(), _TEXT, at=at)
        await insert_rows(
            Proceeding,
            [
                Proceeding(
                    code=code,
                    member=view.code,
                    person=view.person,
                    ground=ground,
                    state=ProceedingState.OPEN,
                    reason=sealed,
                    opened_at=at,
                    opened_by=actor.person,
                    reply_until=rules.reply_until(version.rulebook, at),
                )
            ],
        )
        await members.suspend(actor, view.code, at=at)
        await _tell(view.person, f"opened {code}", at=at)
        note.about("proceeding", code, ground=ground.value)
    return code


async def _move(found: ProceedingView, values: dict[Column | str, Any]) -> None:
    """Change a proceeding that is still as it was read."""
    same = [
        Proceeding.id == found.id,
        Proceeding.state == ProceedingState.OPEN,
        Proceeding.reply == found.reply,
        Proceeding.hearing == found.hearing,
    ]
    same.append(
        Proceeding.first_at.is_null()
        if found.first_at is None
        else Proceeding.first_at.is_not_null()
    )
    done = await Proceeding.update(values).where(*same).returning(Proceeding.id)
    if not done:
        raise Conflict("proceeding.changed")


async def reply(actor: Actor, code: Code, text: str, *, at: dt.datetime) -> None:
    """Keep a suspended member's reply, once and in time."""
    actor.require(Role.MEMBER)
    async with entry(actor, "recruitment.reply", at=at) as note:
        found = await tenure.proceeding(code)
        rules.may_reply(found, actor, at)
        told = rules.text_given(text, "reply")
        sealed = await vault.attach(found.person, told.encode(), _TEXT, at=at)
        await _move(found, {Proceeding.reply: sealed, Proceeding.replied_at: at})
        note.about("proceeding", code, replied=True)


async def lift(actor: Actor, code: Code, reason: str, *, at: dt.datetime) -> None:
    """End a suspension without consequence; the member comes back to where certificates allow."""
    actor.require(Role.COORDINATOR)
    async with entry(actor, "recruitment.lift", at=at) as note:
        found = await tenure.proceeding(code)
        rules.may_decide(found, actor)
        told = rules.text_given(reason, "outcome")
        sealed = await vault.attach(found.person, told.encode(), _TEXT, at=at)
        await _move(
            found,
            {
                Proceeding.state: ProceedingState.LIFTED,
                Proceeding.outcome: sealed,
                Proceeding.ended_at: at,
                Proceeding.ended_by: actor.person,
            },
        )
        await members.reinstate(actor, found.member, at=at)
        await _tell(found.person, f"lifted {code}", at=at)
        note.about("proceeding", code, state=ProceedingState.LIFTED.value)


async def _tell(person: PersonId, occasion: str, *, at: dt.datetime) -> None:
    """Tell a member of a step about the own membership, once, without saying which."""
    await notices.post([person], MessageKind.MEMBERSHIP, f"proceeding {occasion}", at=at)


async def invite(actor: Actor, code: Code, on: dt.date, *, at: dt.datetime) -> None:
    """Invite a member to the hearing: the day stands on the own page, a message says to look."""
    actor.require(Role.COORDINATOR)
    async with entry(actor, "recruitment.invite_to_hearing", at=at) as note:
        found = await tenure.proceeding(code)
        rules.may_invite(found, actor, on, at)
        await _move(found, {Proceeding.hearing_on: on})
        await _tell(found.person, f"hearing {code} {on}", at=at)
        note.about("proceeding", code, hearing=on.isoformat())


async def hear(
    actor: Actor, code: Code, *, on: dt.date, document: str, record: str, at: dt.datetime
) -> None:
    """Keep the record of the hearing: its day, its document's number and what was said."""
    actor.require(Role.COORDINATOR)
    async with entry(actor, "recruitment.hear", at=at) as note:
        found = await tenure.proceeding(code)
        rules.may_hear(found, actor, on, document, at)
        told = rules.text_given(record, "record")
        sealed = await vault.attach(found.person, told.encode(), _TEXT, at=at)
        await _move(
            found,
            {
                Proceeding.heard_on: on,
                Proceeding.hearing: sealed,
                Proceeding.document: document.strip(),
            },
        )
        note.about("proceeding", code, heard=on.isoformat(), document=document.strip())


async def approve_dismissal(
    actor: Actor, code: Code, *, at: dt.datetime, paper: Signature | None = None
) -> ProceedingView:
    """Agree to a dismissal; the second of two persons carries it out.

    Sheets stay and are put before a reviewer again; tasks go to others; the card ends.
    """
    actor.require(*rules.APPROVERS)
    async with entry(actor, "recruitment.approve_dismissal", at=at, paper=paper) as note:
        found = await tenure.proceeding(code)
        rules.may_approve(found, actor, paper, at)
        if paper is not None:
            await papers.confirm(actor, paper, PaperAct.DISMISSAL, code, at=at)
        person = None if paper else actor.person
        values: dict[Column | str, Any] = {}
        if paper is not None:
            values[Proceeding.paper] = canonical(
                [paper.document, paper.signer, paper.signed_on.isoformat(), paper.scan]
            ).decode()
        second = found.first_at is not None
        if second:
            values |= {
                Proceeding.second_approver: person,
                Proceeding.second_at: at,
                Proceeding.state: ProceedingState.DISMISSED,
                Proceeding.ended_at: at,
                Proceeding.ended_by: actor.person,
            }
        else:
            values |= {Proceeding.first_approver: person, Proceeding.first_at: at}
        await _move(found, values)
        note.about("proceeding", code, approval=2 if second else 1)
        if second:
            await members.dismiss(actor, found.member, at=at)
            await _tell(found.person, f"dismissed {code}", at=at)
            await evaluations.recheck([found.member])
    if second:
        await visits.take_back([found.member], at=at)
    return await tenure.proceeding(code)


async def look_into(actor: Actor, code: Code, *, at: dt.datetime) -> Texts:
    """Open the texts of a proceeding in the office; the look is logged and shown to the member."""
    actor.require(*rules.APPROVERS)
    found = await tenure.proceeding(code)
    names = [name for name in tenure.TEXTS if getattr(found, name)]
    codes = [Code(getattr(found, name)) for name in names]
    opened = await vault.look_attached(actor, found.person, codes, _LOOK, at=at)
    return Texts(**{name: one.data.decode() for name, one in zip(names, opened, strict=True)})


async def resign(actor: Actor, member: Code, reason: str, *, at: dt.datetime) -> MemberView:
    """End a term at the member's own wish; tasks go to others, a proceeding ends undecided."""
    told = rules.text_given(reason, "reason")
    async with entry(actor, "recruitment.resign", at=at):
        view = await members.resign(actor, member, told, at=at)
        await _overtake([member], at=at)
    await visits.take_back([member], at=at)
    return view


async def _overtake(codes: list[Code], *, at: dt.datetime) -> None:
    """End what was still open about terms that are over."""
    if codes:
        await Proceeding.update(
            {Proceeding.state: ProceedingState.OVERTAKEN, Proceeding.ended_at: at}
        ).where(Proceeding.member.is_in(codes), Proceeding.state == ProceedingState.OPEN)
        await Renewal.update({Renewal.state: RenewalState.LAPSED, Renewal.decided_at: at}).where(
            Renewal.member.is_in(codes), Renewal.state == RenewalState.ASKED
        )


async def expire_due(*, at: dt.datetime) -> int:
    """End the terms whose last day has passed: cards withdrawn, sessions ended, tasks to others.

    Run as a job, in pieces, so that nobody waits long for the database.
    """
    total, today = 0, at.astimezone(SHANGHAI).date()
    while await seats.over(today, 1):
        async with entry(SYSTEM, "recruitment.expire_due", at=at):
            ended = await members.expire(at=at)
            await _overtake([code for code, following in ended.items() if following is None], at=at)
            for code, following in ended.items():
                if following is not None:
                    await Proceeding.update({Proceeding.member: following}).where(
                        Proceeding.member == code, Proceeding.state == ProceedingState.OPEN
                    )
        await visits.take_back(list(ended), at=at)
        total += len(ended)
    return total


async def remind_due(*, at: dt.datetime) -> int:
    """Remind the members whose term ends soon, each once; run as a job."""
    found = [each.code for each in await tenure.to_remind(at) if each.reminded_at is None]
    total = 0
    for start in range(0, len(found), _PIECE):
        total += await members.remind(found[start : start + _PIECE], at=at)
    return total


async def ask_renewal(actor: Actor, *, at: dt.datetime) -> RenewalView:
    """Ask for another term, in the last weeks of this one."""
    actor.require(Role.MEMBER)
    if actor.member is None:
        raise Missing("member.unknown")
    try:
        async with entry(actor, "recruitment.ask_renewal", at=at) as note:
            view = await seats.member(actor.member)
            known = (await tenure.renewals([actor.member])).get(actor.member)
            version = await rulebook.current()
            rules.may_ask_renewal(view, version.rulebook, known, at)
            code = fresh_code()
            await insert_rows(
                Renewal,
                [
                    Renewal(
                        code=code,
                        member=view.code,
                        person=view.person,
                        state=RenewalState.ASKED,
                        asked_at=at,
                    )
                ],
            )
            note.about("renewal", code)
    except Duplicate:
        raise Conflict("renewal.asked_already") from None
    return await tenure.renewal(code)


async def decide_renewal(
    actor: Actor, code: Code, *, grant: bool, reason: str, at: dt.datetime
) -> RenewalView:
    """Grant another term, or refuse it with a reason that the member tenure."""
    actor.require(Role.COORDINATOR)
    async with entry(actor, "recruitment.decide_renewal", at=at) as note:
        await members.alone()
        found = await tenure.renewal(code)
        view = await seats.member(found.member)
        rules.may_decide_renewal(found, view, actor, at, grant=grant)
        sealed = ""
        if not grant:
            told = rules.text_given(reason, "reason")
            sealed = await vault.attach(view.person, told.encode(), _TEXT, at=at)
        state = RenewalState.GRANTED if grant else RenewalState.REFUSED
        done = (
            await Renewal.update(
                {
                    Renewal.state: state,
                    Renewal.decided_at: at,
                    Renewal.decided_by: actor.person,
                    Renewal.reason: sealed,
                }
            )
            .where(Renewal.code == code, Renewal.state == RenewalState.ASKED)
            .returning(Renewal.id)
        )
        if not done:
            raise Conflict("renewal.decided")
        if grant:
            renewed = await members.renew(actor, view.code, at=at)
            await Renewal.update({Renewal.renewed: renewed}).where(Renewal.code == code)
        note.about("renewal", code, state=state.value)
    return await tenure.renewal(code)


async def grant_renewals(actor: Actor, codes: Sequence[Code], *, at: dt.datetime) -> int:
    """Grant several wishes for another term at once: all of them, or none and why not."""
    actor.require(Role.COORDINATOR)
    if not codes:
        raise Invalid("form.faults", Fault("renewal", "form.required"))
    async with entry(actor, "recruitment.grant_renewals", at=at):
        for code in codes:
            await decide_renewal(actor, code, grant=True, reason="", at=at)
    return len(codes)
