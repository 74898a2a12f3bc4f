"""The public notice: opening a batch, who moves up from the reserve, the end, paper lists."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import msgspec

from panel.actor import SYSTEM, Actor, Role
from panel.audit.commands import entry
from panel.db import Duplicate, insert_rows, savepoint, transaction
from panel.errors import Conflict, Invalid, Missing
from panel.ids import Code
from panel.recruitment import queries as campaigns
from panel.recruitment.commands import turns
from panel.recruitment.queries import notice as queries
from panel.recruitment.rules import notice as rules
from panel.recruitment.tables import Application, Campaign, NoticeBatch, Noticed
from panel.recruitment.types.applications import ApplicationState
from panel.recruitment.types.campaigns import CampaignState, CampaignView
from panel.recruitment.types.notice import Circle, Named, NoticedState, Proposed, Replacement
from panel.rulebook import queries as rulebook
from panel.vault import commands as vault
from panel.vault import queries as identities

_CHUNK = 1000


async def open_batch(campaign: CampaignView, seats: Sequence[Proposed], *, at: dt.datetime) -> int:
    """Put proposed members on public notice together; joins the caller's command.

    Returns the number of the batch, from 1. ``notice.nobody`` without anybody, and
    ``notice.changed`` where one of them stands on a notice already.
    """
    if not seats:
        raise Invalid("notice.nobody")
    version = await rulebook.version(campaign.rulebook)
    async with transaction():
        seats = await _dealt(campaign, seats)
        number: int = 1 + await NoticeBatch.count().where(NoticeBatch.campaign == campaign.id)
        taken = False
        try:
            async with savepoint():
                (batch,) = await insert_rows(
                    NoticeBatch,
                    [
                        NoticeBatch(
                            campaign=campaign.id,
                            number=number,
                            opened_at=at,
                            closes_at=rules.closes_at(at, version.rulebook),
                            calendar=version.rulebook.calendar_version,
                        )
                    ],
                )
                await insert_rows(
                    Noticed,
                    [
                        Noticed(
                            batch=batch,
                            application=each.application_id,
                            instead_of=each.instead_of,
                            state=NoticedState.OPEN,
                            cohort=each.cohort,
                        )
                        for each in seats
                    ],
                )
        except Duplicate:
            taken = True
        if taken:
            raise Conflict("notice.changed")
    return number


async def _dealt(campaign: CampaignView, seats: Sequence[Proposed]) -> list[Proposed]:
    """Give a cohort to those who have none yet: all of them the first, or by turns."""
    loose = [each.application_id for each in seats if not each.cohort]
    if not loose:
        return list(seats)
    row = await Campaign.select(Campaign.cohorts).where(Campaign.id == campaign.id).first()
    cohorts = row["cohorts"] if row else 1
    rows = []
    for start in range(0, len(loose), _CHUNK):
        rows += await Application.select(
            Application.id, Application.code, Application.category
        ).where(Application.id.is_in(loose[start : start + _CHUNK]))
    version = await rulebook.version(campaign.rulebook)
    turns = rules.split(
        campaign.code,
        {row["code"]: row["category"] for row in rows},
        version.rulebook.recruitment.groups,
        cohorts,
    )
    dealt = {row["id"]: turns[row["code"]] for row in rows}
    return [
        each if each.cohort else msgspec.structs.replace(each, cohort=dealt[each.application_id])
        for each in seats
    ]


async def replace(actor: Actor, campaign: Code, *, at: dt.datetime) -> Replacement:
    """Let the reserve move up for those who were struck or withdrew, on a notice of their own.

    Tells also for whom the reserve holds nobody who fits; ``notice.reserve_exhausted`` where
    that is everybody.
    """
    return await _promote(
        actor, campaign, (CampaignState.NOTICE, CampaignState.APPOINTING), "replace", at
    )


async def fill_vacancies(actor: Actor, campaign: Code, *, at: dt.datetime) -> Replacement:
    """Let the reserve move up for members who left after the panel was complete."""
    return await _promote(actor, campaign, (CampaignState.COMPLETED,), "fill_vacancies", at)


async def _promote(
    actor: Actor,
    code: Code,
    states: Sequence[CampaignState],
    verb: str,
    at: dt.datetime,
) -> Replacement:
    actor.require(Role.COORDINATOR)
    async with entry(actor, f"recruitment.{verb}", at=at) as note:
        campaign = await turns.alone(code)
        rules.in_state(campaign.state, states)
        rules.may_replace(await queries.overview(campaign, at=at))
        found = await queries.replacement(campaign, at=at)
        cohorts = {each.ticket: each.cohort for each in await queries.noticed(campaign)}
        ids = await _move_up([new for _, new in found.pairs])
        number = await open_batch(
            campaign,
            [
                Proposed(ids[new], instead_of=old, cohort=cohorts[Code(old)])
                for old, new in found.pairs
            ],
            at=at,
        )
        note.about("campaign", code, notice=number, moved_up=[list(pair) for pair in found.pairs])
    return found


async def _move_up(tickets: Sequence[str]) -> dict[str, int]:
    """Turn reserves into selected ones; refuse where one of them is no reserve any more."""
    rows = (
        await Application.update({Application.state: ApplicationState.SELECTED})
        .where(Application.code.is_in(list(tickets)), Application.state == ApplicationState.RESERVE)
        .returning(Application.id, Application.code)
    )
    if len(rows) != len(tickets):
        raise Conflict("notice.changed")
    return {row["code"]: row["id"] for row in rows}


async def close_notice(actor: Actor, campaign: Code, *, at: dt.datetime) -> int:
    """Clear everybody whose notice is over and unopposed; return how many.

    Refused before the notice's last moment has passed, while an objection is open, and while
    somebody of the reserve could still move up.
    """
    actor.require(Role.COORDINATOR)
    return await _close(actor, campaign, at)


async def close_due(*, at: dt.datetime) -> int:
    """End the notices whose time is over and that nothing holds up; return how many."""
    closed = 0
    for campaign in await queries.run_out(at):
        try:
            await _close(SYSTEM, campaign, at)
        except Conflict:
            continue  # an objection or a gap holds it up, or the newest notice still runs
        closed += 1
    return closed


async def _close(actor: Actor, campaign: Code, at: dt.datetime) -> int:
    async with entry(actor, "recruitment.close_notice", at=at) as note:
        found = await turns.alone(campaign)
        rules.in_state(
            found.state, (CampaignState.NOTICE, CampaignState.APPOINTING, CampaignState.COMPLETED)
        )
        rules.may_close(await queries.overview(found, at=at), at)
        everybody = await queries.noticed(found)
        ready = [
            each.application_id
            for each in everybody
            if each.state is NoticedState.OPEN and each.application == ApplicationState.SELECTED
        ]
        await mark(ready, NoticedState.OPEN, NoticedState.CLEARED)
        await mark(
            [
                each.application_id
                for each in everybody
                if each.state is NoticedState.OPEN and each.application_id not in set(ready)
            ],
            NoticedState.OPEN,
            NoticedState.WITHDRAWN,
        )
        if found.state is CampaignState.NOTICE:
            await advance(found, CampaignState.NOTICE, CampaignState.APPOINTING)
        note.about("campaign", campaign, cleared=len(ready))
    return len(ready)


async def mark(applications: Sequence[int], before: NoticedState, after: NoticedState) -> None:
    """Bring proposed members to another state; refuse where one of them is in none such."""
    for start in range(0, len(applications), _CHUNK):
        some = list(applications[start : start + _CHUNK])
        changed = (
            await Noticed.update({Noticed.state: after})
            .where(Noticed.application.is_in(some), Noticed.state == before)
            .returning(Noticed.id)
        )
        if len(changed) != len(some):
            raise Conflict("notice.changed")


async def advance(campaign: CampaignView, before: CampaignState, after: CampaignState) -> None:
    """Bring a campaign to its next state, or refuse where somebody was faster."""
    updated = (
        await Campaign.update({Campaign.state: after})
        .where(Campaign.id == campaign.id, Campaign.state == before)
        .returning(Campaign.id)
    )
    if not updated:
        raise Conflict("notice.changed")


async def paper_list(
    actor: Actor, campaign: Code, circle: Circle, place: str, reason: str, *, at: dt.datetime
) -> list[Named]:
    """Return the full names for the paper list of one community or workplace; each look is logged.

    Only who lives or works there is looked at and listed, by ticket.
    """
    actor.require(Role.COORDINATOR)
    wanted = rules.check_place(place)
    async with entry(actor, "recruitment.paper_list", at=at) as note:
        found = await campaigns.campaign(campaign)
        people = {each.person: each for each in await queries.listed(found, at=at)}
        field = "address" if circle is Circle.COMMUNITY else "employer"
        inside = [
            person
            for person, identity in (await identities.opened(people, [field])).items()
            if wanted in rules.comparable(getattr(identity, field))
        ]
        if not inside:
            raise Missing("notice.nobody_there")
        names = await vault.look_many(actor, inside, ("name", field), reason, at=at)
        note.about("campaign", campaign, circle=circle.value, listed=len(names))
    return sorted(
        (
            Named(
                ticket=people[person].ticket,
                name=identity.name,
                category=people[person].category,
                district=people[person].district,
                batch=people[person].batch,
            )
            for person, identity in names.items()
        ),
        key=lambda each: each.ticket,
    )
