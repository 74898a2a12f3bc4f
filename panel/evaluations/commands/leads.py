"""Leads: told by a member, taken and answered by the office; they never touch a score."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from piccolo.columns import Column

from panel import keys
from panel.actor import Actor, Role
from panel.audit.commands import entry
from panel.db import Duplicate, insert_rows
from panel.entropy import code as fresh_code
from panel.errors import Conflict
from panel.evaluations import queries, rules
from panel.evaluations.tables import Lead
from panel.evaluations.types import LeadDraft, LeadState, LeadView
from panel.ids import Code, read_key
from panel.roster import queries as roster
from panel.rulebook import queries as rulebooks
from panel.vault.types import Attached


async def report_lead(
    actor: Actor, draft: LeadDraft, key: str, *, picture: Attached | None = None, at: datetime
) -> Code:
    """Take down what a member saw; the same key gives the same lead again.

    Refuses (``Invalid``) a lead without its unit, its text or a day of the last year. Not to be
    called inside a transaction: two equal posts are told apart by which of them commits.
    """
    actor.require(Role.MEMBER)
    told_by = queries.reporter(actor.member or Code(""), at)
    known = await queries.lead_by_key(told_by, read_key(key))
    if known is not None:
        return known
    try:
        return await _report(actor, draft, key, picture, told_by, at)
    except Duplicate:
        known = await queries.lead_by_key(told_by, key)
        if known is None:
            raise
        return known


async def _report(  # noqa: PLR0917 - all that one row is made of
    actor: Actor,
    draft: LeadDraft,
    key: str,
    picture: Attached | None,
    told_by: str,
    at: datetime,
) -> Code:
    code = fresh_code()
    async with entry(actor, "evaluations.report_lead", at=at, name=_pseudonym(told_by)) as note:
        window = await roster.window(draft.window) if draft.window else None
        unit_code = window.unit_code if window else draft.unit
        seen_on = rules.may_report_lead(draft.text, draft.seen_on, at, unit=bool(unit_code))
        unit = await roster.unit(unit_code)
        book = (await rulebooks.current()).rulebook
        row = Lead(
            code=code,
            reporter=told_by,
            state=LeadState.RECEIVED.value,
            unit=unit.id,
            window=window.id if window else None,
            seen_on=seen_on,
            content=queries.sealed(
                draft.text.strip().encode(), queries.lead_context(code, "content")
            ),
            share=draft.share.value,
            picture=_picture(picture, code),
            received_at=at,
            due_at=rules.lead_due(book, at),
            calendar=book.calendar_version,
            key=key,
        )
        await insert_rows(Lead, [row])
        note.about("lead", code, after=LeadState.RECEIVED.value)
    return code


def _pseudonym(told_by: str) -> str:
    """Return how the history names who tells something: never by account or member."""
    return f"visitor:{told_by[:16]}"


def _picture(picture: Attached | None, code: Code) -> bytes:
    if picture is None:
        return b""
    return keys.current().seal("reporter", picture.data, queries.lead_context(code, "picture"))


async def _handled(actor: Actor, code: Code, at: datetime) -> LeadView:
    """Return a lead that this person may handle."""
    actor.require(Role.COORDINATOR)
    found = await queries.lead(code)
    rules.not_own(found.reporter, await queries.own_reporters(actor.person, at=at))
    return found


async def _move(found: LeadView, **changes: Any) -> None:
    columns: dict[Column | str, Any] = {}
    columns.update(changes.items())
    done = (
        await Lead.update(columns)
        .where(
            Lead.id == found.id,
            Lead.state == found.state.value,
            Lead.finding == found.finding,
        )
        .returning(Lead.id)
    )
    if not done:
        raise Conflict("lead.taken")


async def take_lead(actor: Actor, code: Code, *, at: datetime) -> None:
    """Begin to look into a lead; refuses whoever told it, and a second one."""
    async with entry(actor, "evaluations.take_lead", at=at) as note:
        found = await _handled(actor, code, at)
        rules.may_take_lead(found.state)
        await _move(found, state=LeadState.TAKEN.value, taken_by=actor.person, taken_at=at)
        note.about("lead", code, before=found.state.value, after=LeadState.TAKEN.value)


async def answer_lead(
    actor: Actor, code: Code, answer: str, *, at: datetime, declined: bool = False
) -> None:
    """Tell the member what came of a lead, or where it belongs; refuses an empty answer."""
    async with entry(actor, "evaluations.answer_lead", at=at) as note:
        found = await _handled(actor, code, at)
        rules.may_answer_lead(found.state)
        tidy = rules.answer_given(answer)
        after = LeadState.DECLINED if declined else LeadState.ANSWERED
        await _move(
            found,
            state=after.value,
            answer=queries.sealed(tidy.encode(), queries.lead_context(code, "answer")),
            answered_by=actor.person,
            answered_at=at,
        )
        note.about("lead", code, before=found.state.value, after=after.value)


async def tie_lead(actor: Actor, code: Code, finding: Code, *, at: datetime) -> LeadView:
    """Note which finding a lead became; joins the caller's command. The member's answer stays due.

    Refuses an answered lead and a second finding.
    """
    async with entry(actor, "evaluations.tie_lead", at=at) as note:
        found = await _handled(actor, code, at)
        rules.may_tie_lead(found.state, found.finding)
        columns: dict[str, Any] = {"finding": finding, "state": LeadState.TAKEN.value}
        if found.state is LeadState.RECEIVED:
            columns |= {"taken_by": actor.person, "taken_at": at}
        await _move(found, **columns)
        note.about("lead", code, finding=finding)
    return await queries.lead(code)
