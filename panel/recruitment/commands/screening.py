"""Screening: verdicts in bulk, by two persons, and a third one where they differ; replies."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from panel.actor import ANYBODY, SYSTEM, Actor, Role
from panel.audit.commands import entry
from panel.chance import digest
from panel.db import Duplicate, insert_rows
from panel.errors import Conflict, Forbidden, Missing
from panel.ids import Code, PersonId
from panel.notices import commands as notices
from panel.notices.types import MessageKind
from panel.recruitment import queries
from panel.recruitment.rules import campaigns as rules
from panel.recruitment.rules import screening
from panel.recruitment.tables import Application, Campaign, Vetting
from panel.recruitment.types.applications import ApplicationState
from panel.recruitment.types.campaigns import CampaignView, Verdict, VettingReport
from panel.rulebook import queries as rulebook
from panel.vault import commands as vault

CHUNK = 1000
_TEXT = "text/plain"


async def vet(
    actor: Actor,
    campaign: Code,
    tickets: Sequence[Code],
    verdict: Verdict,
    reason: str,
    *,
    at: dt.datetime,
) -> VettingReport:
    """Give one verdict to many applications; two equal ones by two persons settle each.

    Refused as a whole: a second verdict by the same person (or office), a settled application.
    """
    actor.require(Role.VETTING_CLERK, Role.COORDINATOR)
    person = clerk(actor)
    try:
        async with entry(actor, "recruitment.vet", at=at) as note:
            found = await queries.campaign(campaign)
            rules.may_screen(found, at)
            kept = screening.read_reason(verdict, reason, await queries.reasons(found))
            await hold(found)
            rows = await rows_of(found, tickets)
            cast = await queries.votes(found, only_open=True)
            own = screening.Vote(person, actor.office, verdict, kept)
            for number, (_, state) in rows.items():
                votes = cast.get(number, [])
                screening.may_judge(
                    state, votes, own.clerk, own.office, two_offices=found.two_offices
                )
                cast[number] = [*votes, own]
            await insert_rows(
                Vetting,
                [
                    Vetting(
                        application=number,
                        clerk=own.clerk,
                        office=own.office,
                        verdict=verdict,
                        reason=kept,
                        at=at,
                    )
                    for number in rows
                ],
            )
            report = await settle(found, {number: cast[number] for number in rows}, at=at)
            note.about("campaign", campaign, verdict=verdict.value, reason=kept)
            note.bulk("application", [digest([code, verdict.value]) for code, _ in rows.values()])
    except Duplicate as fault:
        raise Conflict("vetting.same_person") from fault
    return report


def clerk(actor: Actor) -> PersonId:
    """Return the natural person who judges; an account without one can't."""
    if actor.person is None:
        raise Forbidden("vetting.nobody")
    return actor.person


async def settle(
    campaign: CampaignView, cast: dict[int, list[screening.Vote]], *, at: dt.datetime
) -> VettingReport:
    """Settle what two equal verdicts decide, unless an office has still to say something."""
    waiting = await queries.awaited(campaign)
    settled: dict[tuple[ApplicationState, str], list[int]] = defaultdict(list)
    disputed = 0
    for number, votes in cast.items():
        disputed += screening.disputed(votes)
        if number not in waiting:
            settled[screening.outcome(votes), screening.reason(votes)].append(number)
    until = screening.answer_until(at, (await rulebook.version(campaign.rulebook)).rulebook)
    for (state, told), numbers in settled.items():
        if state is not ApplicationState.SUBMITTED:
            await _settle(numbers, state, told, until, at=at)
    return VettingReport(
        judged=len(cast),
        eligible=_count(settled, ApplicationState.ELIGIBLE),
        ineligible=_count(settled, ApplicationState.INELIGIBLE),
        disputed=disputed,
    )


def _count(settled: dict[tuple[ApplicationState, str], list[int]], wanted: ApplicationState) -> int:
    return sum(len(numbers) for (state, _), numbers in settled.items() if state is wanted)


async def hold(campaign: CampaignView) -> None:
    """Let one screening at a time into a campaign, so that no verdict is counted without another.

    Two first verdicts side by side would each see no other and leave both applications open.
    """
    held = (
        await Campaign.update({Campaign.state: campaign.state})
        .where(Campaign.id == campaign.id, Campaign.state == campaign.state)
        .returning(Campaign.id)
    )
    if not held:
        raise Conflict("vetting.not_now")


async def rows_of(
    campaign: CampaignView, tickets: Sequence[Code]
) -> dict[int, tuple[str, ApplicationState]]:
    """Return ticket and state by row id; one unknown ticket refuses them all."""
    wanted = sorted(set(tickets))
    found: dict[int, tuple[str, ApplicationState]] = {}
    for start in range(0, len(wanted), CHUNK):
        rows = await Application.select(Application.id, Application.code, Application.state).where(
            Application.campaign == campaign.id,
            Application.code.is_in(wanted[start : start + CHUNK]),
            Application.state != ApplicationState.STAGED,
        )
        found |= {row["id"]: (row["code"], ApplicationState(row["state"])) for row in rows}
    if not wanted or len(found) != len(wanted):
        raise Missing("application.unknown")
    return found


async def _settle(
    numbers: Sequence[int],
    state: ApplicationState,
    reason: str,
    until: dt.datetime,
    *,
    at: dt.datetime,
) -> None:
    """Write the outcome; whoever is found ineligible is told so and may reply for some days."""
    lost = state is ApplicationState.INELIGIBLE
    for start in range(0, len(numbers), CHUNK):
        some = list(numbers[start : start + CHUNK])
        updated = (
            await Application.update(
                {
                    Application.state: state,
                    Application.reason: reason if lost else "",
                    Application.answer_until: until if lost else None,
                }
            )
            .where(Application.id.is_in(some), Application.state == ApplicationState.SUBMITTED)
            .returning(Application.id, Application.person, Application.code)
        )
        if len(updated) != len(some):
            raise Conflict("vetting.settled")
        for row in updated if lost else ():
            await tell(PersonId(row["person"]), f"verdict {row['code']} {until}", at=at)


async def tell(person: PersonId, occasion: str, *, at: dt.datetime) -> None:
    """Tell an applicant that there is something to read, once; the text says nothing of what."""
    await notices.post([person], MessageKind.APPLICATION_NEWS, occasion, at=at)


async def ask(
    actor: Actor, campaign: Code, ticket: Code, question: str, *, at: dt.datetime
) -> dt.datetime:
    """Ask an applicant for something that is missing; return until when the answer is awaited."""
    actor.require(Role.VETTING_CLERK, Role.COORDINATOR)
    text = screening.read_text(question, "question")
    async with entry(actor, "recruitment.ask", at=at) as note:
        found = await queries.campaign(campaign)
        rules.may_screen(found, at)
        view = await queries.application(found, ticket)
        screening.may_ask(view.state)
        until = screening.answer_until(at, (await rulebook.version(found.rulebook)).rulebook)
        kept = await vault.attach(view.person, text.encode(), _TEXT, at=at)
        await _move(
            view.id,
            view.state,
            {
                Application.state: ApplicationState.NEEDS_INFO,
                Application.question: kept,
                Application.answer: "",
                Application.answered_at: None,
                Application.answer_until: until,
            },
        )
        await tell(view.person, f"question {ticket} {until}", at=at)
        note.about("application", ticket, asked=True)
    return until


async def answer(campaign: Code, ticket: Code, text: str, *, at: dt.datetime) -> ApplicationState:
    """Take in an applicant's answer to a question, or reply to being found ineligible.

    The caller has opened the application by its receipt. Refused: nothing asked, too late, twice.
    """
    said = screening.read_text(text, "answer")
    async with entry(ANYBODY, "recruitment.answer", at=at) as note:
        found = await queries.announced_campaign(campaign)
        view = await queries.application(found, ticket)
        asked = await queries.asked(view)
        after = screening.after_answer(asked.state, asked.answer_until, at)
        kept = await vault.attach(view.person, said.encode(), _TEXT, at=at)
        await _move(
            view.id,
            asked.state,
            {
                Application.state: after,
                Application.answer: kept,
                Application.answered_at: at,
                Application.answer_until: None,
            },
        )
        note.about("application", ticket, state=after.value)
        if after is ApplicationState.SUBMITTED:
            await settle(found, {view.id: await queries.votes_on(view.id)}, at=at)
    return after


async def decide_reply(
    actor: Actor,
    campaign: Code,
    ticket: Code,
    verdict: Verdict,
    reason: str,
    *,
    at: dt.datetime,
) -> ApplicationState:
    """Decide a reply for good, by somebody who had no part in the verdict."""
    actor.require(Role.VETTING_CLERK, Role.COORDINATOR)
    person = clerk(actor)
    async with entry(actor, "recruitment.decide_reply", at=at) as note:
        found = await queries.campaign(campaign)
        rules.may_screen(found, at)
        kept = screening.read_reason(verdict, reason, await queries.reasons(found))
        view = await queries.application(found, ticket)
        screening.may_decide_reply(view.state, await queries.votes_on(view.id), person)
        won = verdict is Verdict.PASS
        state = ApplicationState.ELIGIBLE if won else ApplicationState.INELIGIBLE
        await _move(view.id, view.state, {Application.state: state, Application.reason: kept})
        await insert_rows(
            Vetting,
            [
                Vetting(
                    application=view.id,
                    clerk=person,
                    office=actor.office,
                    verdict=verdict,
                    reason=kept,
                    at=at,
                )
            ],
        )
        await tell(view.person, f"reply {ticket}", at=at)
        note.about("application", ticket, state=state.value)  # the reason is the person's own
    return state


async def lapse_questions(*, at: dt.datetime) -> int:
    """Give unanswered questions back to the clerks once their time is over."""
    due = Application.state == ApplicationState.NEEDS_INFO
    if not await Application.exists().where(due, Application.answer_until < at):
        return 0
    async with entry(SYSTEM, "recruitment.lapse_questions", at=at) as note:
        rows = (
            await Application.update(
                {
                    Application.state: ApplicationState.SUBMITTED,
                    Application.answer_until: None,
                }
            )
            .where(due, Application.answer_until < at)
            .returning(Application.id, Application.code)
        )
        for row in rows:  # what the offices said meanwhile may be enough
            campaign = await queries.campaign_of(row["id"])
            await settle(campaign, {row["id"]: await queries.votes_on(row["id"])}, at=at)
        note.bulk("application", [digest([row["code"], "unanswered"]) for row in rows])
    return len(rows)


async def _move(number: int, before: ApplicationState, values: dict[Any, Any]) -> None:
    """Bring one application from a state to what is given, unless somebody was faster."""
    moved = (
        await Application.update(values)
        .where(Application.id == number, Application.state == before)
        .returning(Application.id)
    )
    if not moved:
        raise Conflict("vetting.settled")
