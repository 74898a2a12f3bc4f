"""Reads of the public notice: batches, who stands on them, the reserve, and where all of it is."""

from __future__ import annotations

import datetime as dt
from typing import Any

from panel.db import raw
from panel.errors import Missing
from panel.ids import Code, PersonId
from panel.members import queries as members
from panel.members.types import MemberState, MemberView
from panel.recruitment.queries.campaigns import plan
from panel.recruitment.rules import appointment
from panel.recruitment.rules import notice as rules
from panel.recruitment.tables import NoticeBatch, Objection
from panel.recruitment.types.applications import ApplicationState
from panel.recruitment.types.campaigns import CampaignKind, CampaignState, CampaignView
from panel.recruitment.types.notice import (
    Batch,
    Candidate,
    Firm,
    NoticedState,
    NoticedView,
    ObjectionState,
    Overview,
    Replacement,
    Work,
)
from panel.rulebook import queries as rulebook
from panel.workdays import SHANGHAI

_GONE = (ApplicationState.STRUCK.value, ApplicationState.WITHDRAWN.value)
_LEFT = (MemberState.RESIGNED, MemberState.DISMISSED)
_FEATURES = ("category", "district", "sex", "age_band")
_DAY = dt.time()
_VIEW = (
    "SELECT a.id, a.code, a.person, a.category, a.district, a.sex, a.age_band, a.household, "
    "a.state AS application, n.state, n.instead_of, n.cohort, b.number, b.closes_at "
    "FROM noticed n JOIN notice_batch b ON b.id = n.batch JOIN application a "
    "ON a.id = n.application WHERE b.campaign = {} "
)


def _moment(value: dt.datetime | str) -> dt.datetime:
    """Read a moment as either engine gives it."""
    return value if isinstance(value, dt.datetime) else dt.datetime.fromisoformat(value)


def _view(row: dict[str, Any]) -> NoticedView:
    return NoticedView(
        application_id=row["id"],
        ticket=Code(row["code"]),
        person=PersonId(row["person"]),
        category=row["category"],
        district=row["district"],
        sex=row["sex"],
        age_band=row["age_band"],
        household=row["household"],
        application=row["application"],
        state=NoticedState(row["state"]),
        instead_of=row["instead_of"],
        cohort=row["cohort"],
        batch=row["number"],
        closes_at=_moment(row["closes_at"]),
    )


async def batches(campaign: CampaignView) -> list[Batch]:
    """Return the notices of a campaign in the order in which they were opened."""
    rows = await raw(
        "SELECT b.id, b.number, b.opened_at, b.closes_at, b.calendar, count(n.id) AS size "
        "FROM notice_batch b JOIN noticed n ON n.batch = b.id WHERE b.campaign = {} "
        "GROUP BY b.id, b.number, b.opened_at, b.closes_at, b.calendar ORDER BY b.number",
        campaign.id,
    )
    return [
        Batch(
            id=row["id"],
            number=row["number"],
            opened_at=_moment(row["opened_at"]),
            closes_at=_moment(row["closes_at"]),
            calendar=row["calendar"],
            size=row["size"],
        )
        for row in rows
    ]


async def noticed(campaign: CampaignView) -> list[NoticedView]:
    """Return everybody who ever stood on a notice of a campaign, by district and ticket."""
    rows = await raw(_VIEW + "ORDER BY a.district, a.category, a.code", campaign.id)
    return [_view(row) for row in rows]


async def listed(campaign: CampaignView, *, at: dt.datetime) -> list[NoticedView]:
    """Return who stands on the public page now: only while one may object."""
    return [
        each
        for each in await noticed(campaign)
        if each.state is NoticedState.OPEN
        and each.application == ApplicationState.SELECTED
        and at <= each.closes_at
    ]


async def one_noticed(campaign: CampaignView, ticket: str) -> NoticedView:
    """Return one proposed member by the ticket number; unknown ones are ``Missing``."""
    rows = await raw(_VIEW + "AND a.code = {}", campaign.id, ticket)
    if not rows:
        raise Missing("objection.no_such_ticket")
    return _view(rows[0])


async def reserve(campaign: CampaignView) -> list[Candidate]:
    """Return who is left on the reserve list, in the order drawn."""
    rows = await raw(
        "SELECT a.code, a.category, a.district, a.sex, a.age_band, a.household "
        "FROM lottery_selected s JOIN application a ON a.id = s.application "
        "WHERE a.campaign = {} AND s.kind = 'reserve' AND a.state = {} "
        "AND a.erased_at IS NULL ORDER BY s.position",
        campaign.id,
        ApplicationState.RESERVE,
    )
    return [
        Candidate(
            row["code"],
            {name: row[name] for name in _FEATURES},
            row["household"],
        )
        for row in rows
    ]


async def _left(campaign: CampaignView, at: dt.datetime) -> set[PersonId]:
    """Return the members of a campaign who left while their first term still runs.

    Whoever was granted another term is followed by a new recruitment, not by an old reserve.
    """
    today = at.astimezone(SHANGHAI).date()
    return {
        each.person
        for each in await members.of_campaign(campaign.code)
        if each.state in _LEFT and each.term == 1 and each.term_end >= today
    }


class _Standing:
    """Who is on a campaign's notices, split into those who stay and those to be replaced."""

    def __init__(self, everybody: list[NoticedView], left: set[PersonId]) -> None:
        replaced = {each.instead_of for each in everybody}
        gone = [
            each
            for each in everybody
            if each.application in _GONE
            or (each.state is NoticedState.APPOINTED and each.person in left)
        ]
        self.vacant = [each for each in gone if each.ticket not in replaced]
        self.staying = [each for each in everybody if each not in gone]
        self.size = sum(not each.instead_of for each in everybody)


async def _standing(campaign: CampaignView, at: dt.datetime) -> _Standing:
    return _Standing(await noticed(campaign), await _left(campaign, at))


async def replacement(campaign: CampaignView, *, at: dt.datetime) -> Replacement:
    """Return who would move up for whom now, and for whom the reserve holds nobody."""
    return await _chosen(campaign, await _standing(campaign, at), await reserve(campaign), at)


async def _chosen(
    campaign: CampaignView, standing: _Standing, left: list[Candidate], at: dt.datetime
) -> Replacement:
    beside: list[Candidate] = []
    if campaign.kind is CampaignKind.REPLACEMENT:
        beside = [
            _serving(each) for each in await members.serving(at) if each.campaign != campaign.code
        ]
    return rules.replacements(
        [each.candidate() for each in standing.vacant],
        left,
        [each.candidate() for each in standing.staying],
        size=standing.size,
        firm=await firm_shares(campaign),
        soft=(await plan(campaign)).quotas,
        beside=beside,
    )


def _serving(member: MemberView) -> Candidate:
    return Candidate(member.code, {name: getattr(member, name) for name in _FEATURES})


async def firm_shares(campaign: CampaignView) -> tuple[Firm, ...]:
    """Return the shares that never give way, from the campaign's own rulebook."""
    version = await rulebook.version(campaign.rulebook)
    return rules.firm_shares(version.rulebook.recruitment)


async def overview(campaign: CampaignView, *, at: dt.datetime) -> Overview:
    """Return where the notice stands as a whole."""
    everybody = await noticed(campaign)
    standing = _Standing(everybody, await _left(campaign, at))
    left = await reserve(campaign)
    found = await _chosen(campaign, standing, left, at) if standing.vacant else Replacement((), ())
    counts: dict[str, int] = {}
    for each in everybody:
        state = each.state
        if each.application in _GONE and state in {NoticedState.OPEN, NoticedState.CLEARED}:
            state = NoticedState.WITHDRAWN
        counts[state.value] = counts.get(state.value, 0) + 1
    version = await rulebook.version(campaign.rulebook)
    filed = await Objection.select(Objection.filed_at).where(
        Objection.campaign == campaign.id, Objection.state == ObjectionState.OPEN
    )
    return Overview(
        batches=tuple(await batches(campaign)),
        counts=counts,
        vacant=tuple(sorted(each.ticket for each in standing.vacant)),
        fillable=len(found.pairs),
        reserve=len(left),
        open_objections=len(filed),
        overdue=sum(at > rules.decide_by(row["filed_at"], version.rulebook) for row in filed),
    )


async def started(campaign: CampaignView) -> bool:
    """Tell whether a campaign has been on public notice: cheap enough for every page."""
    return bool(await NoticeBatch.exists().where(NoticeBatch.campaign == campaign.id))


async def seating(
    campaign: CampaignView, *, at: dt.datetime
) -> tuple[list[NoticedView], list[NoticedView]]:
    """Return the cleared who can take a seat now, and those who wait for a firm share's sake."""
    cleared = {
        each.ticket: each
        for each in await noticed(campaign)
        if each.state is NoticedState.CLEARED and each.application == ApplicationState.SELECTED
    }
    version = await rulebook.current()
    begins = dt.datetime.combine(appointment.first_day(campaign.term_start, at), _DAY, SHANGHAI)
    serving = [_serving(each) for each in await members.serving(max(at, begins))]
    now, waiting = appointment.seated(
        [each.candidate() for each in cleared.values()],
        serving,
        rules.firm_groups(version.rulebook.recruitment),
        campaign.code,
    )
    return (
        [cleared[Code(each.ticket)] for each in now],
        [cleared[Code(each.ticket)] for each in waiting],
    )


async def work(campaign: CampaignView, *, at: dt.datetime) -> Work:
    """Return what the office has to do for a campaign after its lottery."""
    found = await overview(campaign, at=at)
    now, waiting = await seating(campaign, at=at)
    appointed = len(await members.of_campaign(campaign.code))
    unpledged = await members.unpledged(
        campaign.code, (await rulebook.current()).rulebook.conduct.version
    )
    return Work(
        due=appointment.due(
            campaign.state,
            found,
            at,
            members=appointed,
            unpledged=unpledged,
            seatable=len(now),
        ),
        overview=found,
        appointed=appointed,
        unpledged=unpledged,
        seatable=len(now),
        waiting=len(waiting),
        moved_up=tuple(each for each in await noticed(campaign) if each.instead_of),
    )


async def run_out(at: dt.datetime) -> list[Code]:
    """Return the campaigns with somebody on a notice whose last moment has passed."""
    rows = await raw(
        "SELECT DISTINCT c.code FROM campaign c JOIN notice_batch b ON b.campaign = c.id "
        "JOIN noticed n ON n.batch = b.id WHERE n.state = {} AND b.closes_at < {} "
        "AND c.state <> {} ORDER BY c.code",
        NoticedState.OPEN,
        at,
        CampaignState.CANCELLED,
    )
    return [Code(row["code"]) for row in rows]
