"""Appointment: seats with certificates for the cleared, and the end of a campaign."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

import msgspec

from panel.actor import Actor, Role
from panel.audit.commands import entry
from panel.errors import Conflict
from panel.ids import Code, PersonId
from panel.members import commands as members
from panel.members import queries as seats
from panel.members import rules as terms
from panel.members.types import ExclusionKind, NewExclusion, NewSeat
from panel.notices import commands as notices
from panel.notices.types import MessageKind
from panel.recruitment.commands import turns
from panel.recruitment.commands.notice import advance, mark
from panel.recruitment.queries import notice as queries
from panel.recruitment.rules import appointment as rules
from panel.recruitment.tables import Application, Campaign
from panel.recruitment.types.applications import ApplicationState
from panel.recruitment.types.campaigns import CampaignState, CampaignView
from panel.recruitment.types.notice import NoticedState, NoticedView
from panel.rulebook import queries as rulebook

_CHUNK = 1000


async def appoint(actor: Actor, campaign: Code, *, at: dt.datetime) -> list[Code]:
    """Give the cleared their seats and certificates; also those who moved up later.

    Of two cohorts the first serves half a term at first. Whoever moved up serves what is left of
    the term. Where a firm share would break, people outside of it wait, by a rule that is not
    anybody's choice.
    """
    actor.require(Role.COORDINATOR)
    async with entry(actor, "recruitment.appoint", at=at) as note:
        found = await turns.alone(campaign)
        rules.may_appoint(found.state, await queries.overview(found, at=at))
        now, waiting = await queries.seating(found, at=at)
        if not now:
            raise Conflict("appointment.all_waiting", count=len(waiting))
        start, ends = await _terms(found, at)
        codes = await members.appoint(
            actor,
            await _new_seats(found, now, ends),
            term_start=start,
            months=found.term_months,
            at=at,
        )
        ids = [each.application_id for each in now]
        await mark(ids, NoticedState.CLEARED, NoticedState.APPOINTED)
        await _appointed(ids)
        people = [PersonId(each.person) for each in now]
        await notices.post(people, MessageKind.APPOINTED, f"appointed {campaign}", at=at)
        note.about("campaign", campaign, appointed=len(codes), waiting=len(waiting))
    return codes


async def _terms(campaign: CampaignView, at: dt.datetime) -> tuple[dt.date, dict[int, dt.date]]:
    """Return the first day of the new terms, and the last one of each cohort.

    Terms are counted from the day on which the campaign's first ones began.
    """
    start = rules.first_day(campaign.term_start, at)
    begun = min((each.term_start for each in await seats.of_campaign(campaign.code)), default=start)
    return start, {
        cohort: terms.term_end(
            begun, rules.months_of(cohort, campaign.cohorts, campaign.term_months)
        )
        for cohort in range(1, campaign.cohorts + 1)
    }


async def _new_seats(
    campaign: CampaignView, people: Sequence[NoticedView], ends: dict[int, dt.date]
) -> list[NewSeat]:
    rows: dict[int, dict[str, Any]] = {}
    for start in range(0, len(people), _CHUNK):
        some = [each.application_id for each in people[start : start + _CHUNK]]
        for row in await Application.select(
            Application.id,
            Application.latitude,
            Application.longitude,
            Application.exclusions,
            Application.household,
        ).where(Application.id.is_in(some)):
            rows[row["id"]] = row
    return [
        NewSeat(
            person=PersonId(each.person),
            category=each.category,
            district=each.district,
            sex=each.sex,
            age_band=each.age_band,
            latitude=rows[each.application_id]["latitude"],
            longitude=rows[each.application_id]["longitude"],
            campaign=campaign.code,
            exclusions=tuple(
                NewExclusion(Code(unit), ExclusionKind(kind))
                for unit, kind in msgspec.json.decode(rows[each.application_id]["exclusions"])
            ),
            cohort=each.cohort,
            term_end=ends[each.cohort],
            household=rows[each.application_id]["household"],
        )
        for each in people
    ]


async def _appointed(applications: Sequence[int]) -> None:
    """Mark applications as appointed; refuse where somebody withdrew meanwhile."""
    for start in range(0, len(applications), _CHUNK):
        some = list(applications[start : start + _CHUNK])
        changed = (
            await Application.update({Application.state: ApplicationState.APPOINTED})
            .where(Application.id.is_in(some), Application.state == ApplicationState.SELECTED)
            .returning(Application.id)
        )
        if len(changed) != len(some):
            raise Conflict("notice.changed")


async def complete(actor: Actor, campaign: Code, *, at: dt.datetime) -> None:
    """End a campaign once every member holds a certificate and pledged the code now in force."""
    actor.require(Role.COORDINATOR)
    async with entry(actor, "recruitment.complete", at=at) as note:
        found = await turns.alone(campaign)
        overview = await queries.overview(found, at=at)
        version = (await rulebook.current()).rulebook.conduct.version
        appointed = await seats.of_campaign(campaign)
        now, waiting = await queries.seating(found, at=at)
        rules.may_complete(
            found.state,
            overview,
            members=len(appointed),
            unpledged=await seats.unpledged(campaign, version),
            seatable=len(now),
        )
        await advance(found, CampaignState.APPOINTING, CampaignState.COMPLETED)
        await Campaign.update({Campaign.completed_at: at}).where(Campaign.id == found.id)
        note.about(
            "campaign", campaign, members=len(appointed), vacant=len(overview.vacant),
            waiting=len(waiting),
        )  # fmt: skip
