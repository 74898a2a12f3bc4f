"""An officer's case step by step: checked, told, heard, voted on, decided, published or not.

Names and texts lie in the vault; the history knows the case by its code alone.
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any

import msgspec
from piccolo.columns import Column

from panel.actor import Actor, Role
from panel.audit.commands import Note, entry
from panel.db import Duplicate, insert_rows, savepoint
from panel.errors import Conflict
from panel.ids import Code, PersonId
from panel.queue.commands import enqueue
from panel.rankings.commands import appeals
from panel.rankings.commands.officer_lists import CASE_SEALED, TEXT, free_place, take_place
from panel.rankings.commands.publishing import RELEASE
from panel.rankings.queries import appeals as appeal_queries
from panel.rankings.queries import officers as queries
from panel.rankings.rules import appeals as appeal_rules
from panel.rankings.rules import officers as rules
from panel.rankings.tables import OfficerCase, OfficerMeasure, RecordedVote
from panel.rankings.types import AppealDraft, AppealKind
from panel.rankings.types.officers import (
    Ballot,
    CaseState,
    CaseTexts,
    CaseView,
    Disclosure,
    Hearing,
    MeasureKind,
    MeasureOutcome,
    Side,
    Who,
)
from panel.roster.queries import duty
from panel.rulebook import queries as rulebooks
from panel.rulebook.types import Rulebook
from panel.vault import commands as vault
from panel.visits import queries as rounds
from panel.workdays import SHANGHAI

_VOTE_SEALED = (
    "case", "entitled", "present", "in_favour", "against", "abstained", "carried", "document",
)  # fmt: skip
_MEASURE_SEALED = ("case", "kind", "document", "outcome", "answer_document")


async def _book(view: CaseView) -> Rulebook:
    return (await rulebooks.version(view.rulebook_code)).rulebook


async def _keep(view: CaseView, text: str, field: str, *, at: datetime) -> Code:
    """Keep a text about somebody under that person's own key."""
    return await vault.attach(view.person, rules.passage(text, field).encode(), TEXT, at=at)


async def _move(
    note: Note, view: CaseView, state: CaseState, values: dict[Column | str, Any]
) -> None:
    """Bring a case from the state that was judged into another one."""
    done = (
        await OfficerCase.update({OfficerCase.state: state.value, **values})
        .where(
            OfficerCase.id == view.id,
            OfficerCase.state == view.state.value,
            OfficerCase.told_on.is_null() if view.told_on is None else OfficerCase.id == view.id,
        )
        .returning(*OfficerCase.all_columns())
    )
    if not done:
        raise Conflict("officers.state", state=view.state.value)
    note.seal(OfficerCase(**done[0]), *CASE_SEALED)
    note.about("officer_case", view.code, before=view.state.value, after=state.value)


async def check(
    actor: Actor, code: Code, *, eligible: bool, document: str, text: str, at: datetime
) -> CaseView:
    """Find as a second person that somebody may be proposed, or may not, and why."""
    async with entry(actor, "rankings.check_officer", at=at) as note:
        view = await queries.stored(code)
        rules.may_check(view, actor, await duty.officer(view.officer), eligible=eligible)
        state = CaseState.ELIGIBLE if eligible else CaseState.INELIGIBLE
        values: dict[Column | str, Any] = {
            OfficerCase.check_document: rules.line(document, "document", optional=eligible),
            OfficerCase.check_text: await _keep(view, text, "text", at=at),
            OfficerCase.checked_by: actor.person,
            OfficerCase.checked_at: at,
        }
        await _move(note, view, state, values)
    return await queries.stored(code)


async def notify(
    actor: Actor, code: Code, *, delivered_on: date, document: str, at: datetime
) -> CaseView:
    """Record that the officer was handed the notice: from that day the hearing runs."""
    async with entry(actor, "rankings.notify_officer", at=at) as note:
        view = await queries.stored(code)
        rules.may_notify(view, actor, delivered_on, at)
        values: dict[Column | str, Any] = {
            OfficerCase.delivered_on: delivered_on,
            OfficerCase.notice_document: rules.line(document, "document"),
            OfficerCase.hear_until: rules.hear_until(delivered_on, await _book(view)),
            OfficerCase.notified_by: actor.person,
        }
        await _move(note, view, CaseState.NOTIFIED, values)
    return await queries.stored(code)


async def hear(
    actor: Actor, code: Code, kind: str, *, on: date, document: str, record: str, at: datetime
) -> CaseView:
    """Keep the record of the hearing, or that nothing was said until its time was over."""
    how = rules.chosen(Hearing, kind, "hearing")
    async with entry(actor, "rankings.hear_officer", at=at) as note:
        view = await queries.stored(code)
        rules.may_hear(view, actor, how, on, at)
        values: dict[Column | str, Any] = {
            OfficerCase.heard_on: on,
            OfficerCase.hearing: how.value,
            OfficerCase.hearing_document: rules.line(document, "document"),
            OfficerCase.hearing_text: await _keep(view, record, "record", at=at),
            OfficerCase.heard_by: actor.person,
        }
        await _move(note, view, CaseState.HEARD, values)
    return await queries.stored(code)


async def vote(actor: Actor, code: Code, ballot: Ballot, *, at: datetime) -> CaseView:
    """Record how a meeting voted; refuses one without quorum or before the hearing was over."""
    async with entry(actor, "rankings.vote_on_officer", at=at) as note:
        view = await queries.stored(code)
        carried = rules.may_vote(view, actor, ballot, (await _book(view)).officers, at)
        row = RecordedVote(
            case=view.id,
            body=rules.line(ballot.body, "body"),
            held_on=ballot.held_on,
            entitled=ballot.entitled,
            present=ballot.present,
            in_favour=ballot.in_favour,
            against=ballot.against,
            abstained=ballot.abstained,
            carried=carried,
            document=rules.line(ballot.document, "document"),
            text=await _keep(view, ballot.record, "record", at=at),
            recorded_by=actor.person,
            recorded_at=at,
        )
        await _once(RecordedVote, row)
        note.seal(row, *_VOTE_SEALED)
        await _move(note, view, CaseState.VOTED, {})
        note.about("vote", code, present=ballot.present, entitled=ballot.entitled, carried=carried)
    return await queries.stored(code)


async def _once(table: type[Any], row: Any) -> None:
    """Insert the one row that a case may have of a kind."""
    try:
        async with savepoint():
            (row.id,) = await insert_rows(table, [row])
    except Duplicate as known:
        raise Conflict("officers.at_once") from known


async def decide(
    actor: Actor, code: Code, *, listed: bool, on: date, document: str, text: str, at: datetime
) -> CaseView:
    """Record the decision of the competent body with its number, as another person than the vote's.

    Not against a vote that was not carried, and no more than the list holds.
    """
    async with entry(actor, "rankings.decide_officer", at=at) as note:
        view = await queries.stored(code)
        rules.may_decide(view, actor, on, at, listed=listed)
        values: dict[Column | str, Any] = {
            OfficerCase.listed: listed,
            OfficerCase.decided_on: on,
            OfficerCase.decision_document: rules.line(document, "document"),
            OfficerCase.decision_text: await _keep(view, text, "text", at=at),
            OfficerCase.decided_by: actor.person,
            OfficerCase.decided_at: at,
        }
        if listed:
            await take_place(view, (await _book(view)).officers.list_size)
        state = CaseState.DECIDED if listed else CaseState.NOT_PUBLISHED
        await _move(note, view, state, values)
    return await queries.stored(code)


async def tell(actor: Actor, code: Code, *, told_on: date, at: datetime) -> CaseView:
    """Record that the officer was handed the decision: from that day the appeal runs."""
    async with entry(actor, "rankings.tell_officer", at=at) as note:
        view = await queries.stored(code)
        rules.may_tell(view, actor, told_on, at)
        values: dict[Column | str, Any] = {
            OfficerCase.told_on: told_on,
            OfficerCase.appeal_until: rules.appeal_until(told_on, await _book(view)),
        }
        await _move(note, view, CaseState.DECIDED, values)
    return await queries.stored(code)


async def appeal(actor: Actor, code: Code, draft: AppealDraft, *, at: datetime) -> Code:
    """Take in an officer's appeal on paper, once and in time; returns the code of the appeal.

    Whoever took part in the case decides nothing about it. What the officer states and who signed
    lie in the vault with the other texts of the case; the appeal itself names the case alone.
    """
    actor.require(Role.COORDINATOR)
    async with entry(actor, "rankings.appeal_officer", at=at) as note:
        view = await queries.stored(code)
        rules.may_appeal(view, at)
        bare = msgspec.structs.replace(appeal_rules.check(draft), statement=code, leader=code)
        number = await appeals.file(
            actor,
            AppealKind.OFFICER,
            view.code,
            (await duty.officer(view.officer)).unit_code,
            bare,
            until=view.appeal_until or at,
            rulebook=view.rulebook_code,
            at=at,
            edition=view.evidence.edition,
            handled_by=_handled(view),
        )
        words = f"{draft.statement.strip()}\n{draft.leader.strip()}"
        text = await vault.attach(view.person, words.encode(), TEXT, at=at)
        await _move(note, view, view.state, {OfficerCase.appeal_text: text})
    return number


async def ask_again(actor: Actor, code: Code, text: str, *, at: datetime) -> Code:
    """Take in on paper that an officer asks once for a reconsideration, in time.

    Returns the code of the appeal. What the officer states lies in the vault with the other texts;
    whoever decided before, took a step in the case or voted does not decide.
    """
    actor.require(Role.COORDINATOR)
    async with entry(actor, "rankings.ask_again_officer", at=at) as note:
        view = await queries.stored(code)
        against = await appeal_queries.appeals_of(AppealKind.OFFICER, view.code)
        number = rules.reconsidered(against)
        words = rules.passage(text, "again")
        await appeals.ask_again(actor, number, code, at=at, handled_by=_handled(view))
        kept = await vault.attach(view.person, words.encode(), TEXT, at=at)
        await _move(note, view, view.state, {OfficerCase.again_text: kept})
    return number


def _handled(view: CaseView) -> list[PersonId]:
    """Return everybody of the office who took a step in a case."""
    steps = (
        view.nominated_by, view.checked_by, view.notified_by, view.heard_by,
        view.vote.recorded_by if view.vote else None, view.decided_by, view.published_by,
    )  # fmt: skip
    return [each for each in steps if each is not None]


async def publish(
    actor: Actor, code: Code, level: str, *, approval: str = "", at: datetime
) -> CaseView:
    """Publish a decided case at a level that the measures allow; at ``internal`` nobody outside.

    Publishing by name is a look at the name, noted for whoever it is about.
    """
    how = rules.chosen(Disclosure, level, "level")
    async with entry(actor, "rankings.publish_officer", at=at) as note:
        view = await queries.stored(code)
        against = await appeal_queries.appeals_of(AppealKind.OFFICER, view.code)
        measures = (await _book(view)).officers
        rules.may_publish(view, actor, how, approval, against, measures, at)
        values: dict[Column | str, Any] = {
            OfficerCase.level: how.value,
            OfficerCase.approval: rules.line(approval, "approval", optional=True),
            OfficerCase.published_by: actor.person,
            OfficerCase.published_at: at,
        }
        await _move(note, view, CaseState.PUBLISHED, values)
        await _aside(view, how, at=at)
        if how is Disclosure.NAMED:
            await vault.look(actor, view.person, ("name",), f"publication {view.code}", at=at)
    return await queries.stored(code)


async def _aside(view: CaseView, level: Disclosure, *, at: datetime) -> None:
    """Let the public part that can be removed be written again: now, and when its time is over."""
    if level is Disclosure.INTERNAL:
        return
    years = (await _book(view)).publication.named_years
    over = rules.shown_until(view.published_at or at, years) + timedelta(days=1)
    for moment in (at, datetime.combine(over, time(1), SHANGHAI)):
        dedupe = f"{RELEASE}:{view.code}:{view.state.value}:{moment.date()}"
        await enqueue(RELEASE, {}, run_at=moment, dedupe=dedupe)


async def drop(actor: Actor, code: Code, *, document: str, text: str, at: datetime) -> CaseView:
    """End a decided case without publishing it; an upheld appeal is thereby carried out."""
    return await _end(actor, code, CaseState.NOT_PUBLISHED, document, text, at=at)


async def withdraw(actor: Actor, code: Code, *, document: str, text: str, at: datetime) -> CaseView:
    """Take a published officer off the list again; the name is shown nowhere from now on."""
    return await _end(actor, code, CaseState.WITHDRAWN, document, text, at=at)


async def _end(
    actor: Actor, code: Code, state: CaseState, document: str, text: str, *, at: datetime
) -> CaseView:
    name = "drop" if state is CaseState.NOT_PUBLISHED else "withdraw"
    async with entry(actor, f"rankings.{name}_officer", at=at) as note:
        view = await queries.stored(code)
        if state is CaseState.NOT_PUBLISHED:
            rules.may_drop(view, actor)
        else:
            rules.may_withdraw(view, actor)
        values: dict[Column | str, Any] = {
            OfficerCase.end_document: rules.line(document, "document"),
            OfficerCase.end_text: await _keep(view, text, "text", at=at),
        }
        await free_place(view)
        await _move(note, view, state, values)
        await _aside(view, view.level or Disclosure.INTERNAL, at=at)
        for each in await appeal_queries.appeals_of(AppealKind.OFFICER, view.code):
            if each.granted and not each.settled:
                await appeals.applied(actor, each.code, at=at)
    return await queries.stored(code)


async def propose(
    actor: Actor, code: Code, *, body: str, sent_on: date, document: str, text: str, at: datetime
) -> CaseView:
    """Record the proposal of merit or warning that went to the competent body."""
    async with entry(actor, "rankings.propose_measure", at=at) as note:
        view = await queries.stored(code)
        rules.may_propose(view, actor, sent_on, at)
        row = OfficerMeasure(
            case=view.id,
            kind=MeasureKind.MERIT if view.side is Side.TOP else MeasureKind.WARNING,
            body=rules.line(body, "body"),
            document=rules.line(document, "document"),
            text=await _keep(view, text, "text", at=at),
            sent_on=sent_on,
            sent_by=actor.person,
        )
        await _once(OfficerMeasure, row)
        note.seal(row, *_MEASURE_SEALED)
        note.about("officer_case", code, measure=str(row.kind))
    return await queries.stored(code)


async def answer(
    actor: Actor, code: Code, outcome: str, *, on: date, document: str, text: str, at: datetime
) -> CaseView:
    """Record what the competent body answered; the service decides nothing of it."""
    what = rules.chosen(MeasureOutcome, outcome, "outcome")
    async with entry(actor, "rankings.answer_measure", at=at) as note:
        view = await queries.stored(code)
        rules.may_answer(view, actor, on, at)
        done = (
            await OfficerMeasure.update(
                {
                    OfficerMeasure.outcome: what.value,
                    OfficerMeasure.answered_on: on,
                    OfficerMeasure.answer_document: rules.line(document, "document"),
                    OfficerMeasure.answer_text: await _keep(view, text, "text", at=at),
                    OfficerMeasure.answered_by: actor.person,
                }
            )
            .where(OfficerMeasure.case == view.id, OfficerMeasure.outcome == "")
            .returning(*OfficerMeasure.all_columns())
        )
        if not done:
            raise Conflict("officers.answered")
        note.seal(OfficerMeasure(**done[0]), *_MEASURE_SEALED)
        note.about("officer_case", code, answered=what.value)
    return await queries.stored(code)


async def look(actor: Actor, codes: list[Code], reason: str, *, at: datetime) -> dict[Code, Who]:
    """Open who some cases are about; each look is noted for whoever it is about."""
    actor.require(*rules.READERS)
    views = [await queries.stored(code) for code in codes]
    names = await vault.look_many(actor, [view.person for view in views], ("name",), reason, at=at)
    found = {}
    for view in views:
        if view.person not in names:
            continue
        officer = await duty.officer(view.officer)
        together = await rounds.counting_with(await rounds.round(view.round_code))
        least = (await _book(view)).ranking.window_minimum_staff
        where = await queries.served([officer], together, least)
        found[view.code] = Who(
            name=names[view.person].name,
            post=officer.post,
            post_en=officer.post_en,
            unit_name=officer.unit_name,
            unit_name_en=officer.unit_name_en,
            places=where[officer.code],
        )
    return found


async def read(actor: Actor, code: Code, reason: str, *, at: datetime) -> CaseTexts:
    """Open what was written in the course of a case; the look is noted."""
    actor.require(*rules.READERS)
    view = await queries.stored(code)
    codes = await queries.text_codes(view)
    opened = await vault.look_attached(actor, view.person, codes.values(), reason, at=at)
    return CaseTexts(**{name: one.data.decode() for name, one in zip(codes, opened, strict=True)})
