"""Screening: verdicts in bulk, by two persons, and a third one where they differ."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence

from panel.actor import Actor, Role
from panel.audit.commands import entry
from panel.chance import digest
from panel.db import Duplicate, insert_rows
from panel.errors import Conflict, Forbidden, Missing
from panel.ids import Code
from panel.recruitment import queries
from panel.recruitment.rules import campaigns as rules
from panel.recruitment.rules import screening
from panel.recruitment.tables import Application, Campaign, Vetting
from panel.recruitment.types.campaigns import (
    ApplicationState,
    CampaignState,
    CampaignView,
    Verdict,
    VettingReport,
)

_CHUNK = 1000


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
    if actor.person is None:
        raise Forbidden("vetting.nobody")
    kept = screening.read_reason(verdict, reason)
    try:
        async with entry(actor, "recruitment.vet", at=at) as note:
            found = await queries.campaign(campaign)
            rules.may_screen(found, at)
            await _hold(found)
            rows = await _rows(found, tickets)
            cast = await queries.votes(found, only_open=True)
            own = screening.Vote(actor.person, actor.office, verdict, kept)
            settled: dict[tuple[ApplicationState, str], list[int]] = defaultdict(list)
            disputed = 0
            for number, (_, state) in rows.items():
                votes = cast.get(number, [])
                screening.may_judge(
                    state, votes, own.clerk, own.office, two_offices=found.two_offices
                )
                after = [*votes, own]
                disputed += screening.disputed(after)
                settled[screening.outcome(after), screening.reason(after)].append(number)
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
            for (state, told), numbers in settled.items():
                if state is not ApplicationState.SUBMITTED:
                    await _settle(numbers, state, told)
            note.about("campaign", campaign, verdict=verdict.value, reason=kept)
            note.bulk("application", [digest([code, verdict.value]) for code, _ in rows.values()])
    except Duplicate as fault:
        raise Conflict("vetting.same_person") from fault
    return VettingReport(
        judged=len(rows),
        eligible=_count(settled, ApplicationState.ELIGIBLE),
        ineligible=_count(settled, ApplicationState.INELIGIBLE),
        disputed=disputed,
    )


def _count(settled: dict[tuple[ApplicationState, str], list[int]], wanted: ApplicationState) -> int:
    return sum(len(numbers) for (state, _), numbers in settled.items() if state is wanted)


async def _hold(campaign: CampaignView) -> None:
    """Let one screening at a time into a campaign, so that no verdict is counted without another.

    Two first verdicts side by side would each see no other and leave both applications open.
    """
    held = (
        await Campaign.update({Campaign.state: CampaignState.ANNOUNCED})
        .where(Campaign.id == campaign.id, Campaign.state == CampaignState.ANNOUNCED)
        .returning(Campaign.id)
    )
    if not held:
        raise Conflict("vetting.not_now")


async def _rows(
    campaign: CampaignView, tickets: Sequence[Code]
) -> dict[int, tuple[str, ApplicationState]]:
    """Return ticket and state by row id; one unknown ticket refuses them all."""
    wanted = sorted(set(tickets))
    found: dict[int, tuple[str, ApplicationState]] = {}
    for start in range(0, len(wanted), _CHUNK):
        rows = await Application.select(Application.id, Application.code, Application.state).where(
            Application.campaign == campaign.id,
            Application.code.is_in(wanted[start : start + _CHUNK]),
        )
        found |= {row["id"]: (row["code"], ApplicationState(row["state"])) for row in rows}
    if not wanted or len(found) != len(wanted):
        raise Missing("application.unknown")
    return found


async def _settle(numbers: Sequence[int], state: ApplicationState, reason: str) -> None:
    for start in range(0, len(numbers), _CHUNK):
        some = list(numbers[start : start + _CHUNK])
        updated = (
            await Application.update(
                {
                    Application.state: state,
                    Application.reason: reason if state is ApplicationState.INELIGIBLE else "",
                }
            )
            .where(Application.id.is_in(some), Application.state == ApplicationState.SUBMITTED)
            .returning(Application.id)
        )
        if len(updated) != len(some):
            raise Conflict("vetting.settled")
