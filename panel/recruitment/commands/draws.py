"""The draw of the panel: commitment, draw, appointment."""

from __future__ import annotations

import asyncio
import datetime as dt
import hashlib
from collections.abc import Sequence

import msgspec

from panel.actor import Actor, Role, Signature, second_person
from panel.audit import commands as audit
from panel.audit import queries as history
from panel.audit.commands import Note, entry
from panel.chance import canonical, digest
from panel.db import insert_rows
from panel.entropy import code as fresh_code
from panel.errors import Conflict
from panel.ids import Code, PersonId
from panel.members import commands as members
from panel.members.types import ExclusionKind, NewExclusion, NewSeat
from panel.recruitment import queries
from panel.recruitment.rules import campaigns as rules
from panel.recruitment.rules import draw as lottery
from panel.recruitment.rules import quotas
from panel.recruitment.rules.feasibility import feasibility
from panel.recruitment.tables import Application, Campaign, Chosen, Draw
from panel.recruitment.types.applications import ApplicationState
from panel.recruitment.types.campaigns import (
    CampaignState,
    CampaignView,
    DrawState,
    DrawView,
    SeatKind,
)
from panel.recruitment.types.lottery import DrawPlan, PoolEntry, Relaxation

_CHUNK = 1000
_COMMITTED = ("code", "root", "pool", "plan", "relaxed", "commitment", "position", "anchor")
_DRAWN = (*_COMMITTED, "chain_code", "seed", "record", "record_hash")


async def commit_draw(
    actor: Actor,
    campaign: Code,
    *,
    at: dt.datetime,
    relax: bool = False,
    paper: Signature | None = None,
) -> DrawView:
    """Publish what the draw will be made of, before anybody can know its seed.

    Quotas that can't be met are refused by name. With ``relax`` the soft ones give way by the
    smallest relaxation; that takes another person than the campaign's author, or paper.
    """
    actor.require(Role.COORDINATOR)
    found = await queries.campaign(campaign)
    people = await queries.pool(found)
    progress = await queries.progress(found)
    rules.may_commit(found, progress.by_state.get("submitted", 0), len(people), at)
    if relax:
        second_person(found.author, actor, paper)
    plan, relaxed = await _agreed(people, await queries.plan(found), relax=relax)
    async with entry(actor, "recruitment.commit_draw", at=at, paper=paper) as note:
        await _advance(found, CampaignState.SELECTING, CampaignState.SELECTING, "draw.not_now")
        root = lottery.pool_root(await queries.pool(found))
        if root != lottery.pool_root(people):  # somebody settled an application meanwhile
            raise Conflict("draw.pool_changed")
        code = fresh_code()
        position = await audit.commit_code("panel", code, at=at)
        row = Draw(
            code=code,
            campaign=found.id,
            state=DrawState.COMMITTED,
            root=root,
            pool=len(people),
            seats=plan.seats,
            reserve=plan.reserves,
            plan=canonical(rules.plan_facts(plan)).decode(),
            relaxed=canonical(rules.plan_facts(relaxed)).decode(),
            commitment="",
            position=position,
            anchor=history.chain_anchor(),
            committed_at=at,
            committed_by=actor.person,
        )
        (row.id,) = await insert_rows(Draw, [row])
        commitment = digest(rules.commitment(await queries.draw(code)))
        await Draw.update({Draw.commitment: commitment}).where(Draw.id == row.id)
        row.commitment = commitment
        note.seal(row, *_COMMITTED)
        note.about("draw", code, campaign=campaign, root=root, commitment=commitment)
        return await queries.draw(code)


async def _agreed(
    people: Sequence[PoolEntry], plan: DrawPlan, *, relax: bool
) -> tuple[DrawPlan, tuple[Relaxation, ...]]:
    """Return the plan that can be met; refuse by name what stands in the way."""
    found = await asyncio.to_thread(feasibility, people, plan)
    if found.possible:
        return plan, ()
    if found.impossible or not relax:
        names = found.impossible or tuple(each.name for each in found.relaxations)
        raise Conflict("recruitment.quotas_impossible", quotas=names)
    return quotas.relaxed(plan, found.relaxations), found.relaxations


async def draw(actor: Actor, draw: Code, *, at: dt.datetime) -> DrawView:
    """Reveal the chain's code, draw with the seed that follows from it, and store the record.

    Drawing takes seconds and is done before the transaction; of two who draw at once, one gets
    the result stored and the other ``draw.done``.
    """
    actor.require(Role.COORDINATOR)
    view = await queries.draw(draw)
    rules.may_draw(view)
    campaign = await queries.campaign(view.campaign)
    people = await queries.pool(campaign)
    if lottery.pool_root(people) != view.root:
        raise Conflict("draw.pool_changed")
    seed = rules.seed(view, history.chain_code(view.position).code)
    record = await asyncio.to_thread(lottery.draw, people, view.plan, seed)
    text = canonical(rules.plan_facts(record))
    async with entry(actor, "recruitment.draw", at=at) as note:
        updated = (
            await Draw.update(
                {
                    Draw.state: DrawState.DRAWN,
                    Draw.seed: seed,
                    Draw.record: text.decode(),
                    Draw.record_hash: hashlib.sha256(text).hexdigest(),
                    Draw.drawn_at: at,
                    Draw.drawn_by: actor.person,
                }
            )
            .where(Draw.id == view.id, Draw.state == DrawState.COMMITTED)
            .returning(Draw.id)
        )
        if not updated:
            raise Conflict("draw.done")
        revealed = await audit.reveal(draw, at=at)
        await Draw.update({Draw.chain_code: revealed.code}).where(Draw.id == view.id)
        await _advance(campaign, CampaignState.SELECTING, CampaignState.NOTICE, "draw.done")
        await _mark(view, SeatKind.SEAT, record.chosen)
        await _mark(view, SeatKind.RESERVE, record.reserves)
        await _seal(note, view.id)
        note.about("draw", draw, seed=seed, seats=len(record.chosen), reserve=len(record.reserves))
        return await queries.draw(draw)


async def appoint(actor: Actor, draw: Code, *, term_start: dt.date, at: dt.datetime) -> list[Code]:
    """Give the drawn their seats for the campaign's term; the reserve stays as it was drawn."""
    actor.require(Role.COORDINATOR)
    async with entry(actor, "recruitment.appoint", at=at) as note:
        view = await queries.draw(draw)
        rules.may_appoint(view)
        campaign = await queries.campaign(view.campaign)
        await _advance(campaign, CampaignState.NOTICE, CampaignState.COMPLETED, "draw.appointed")
        await Draw.update({Draw.appointed_at: at}).where(Draw.id == view.id)
        rows = await queries.selected(view, SeatKind.SEAT)
        codes = await members.appoint(
            actor,
            [
                NewSeat(
                    person=PersonId(row["person"]),
                    category=row["category"],
                    district=row["district"],
                    sex=row["sex"],
                    age_band=row["age_band"],
                    latitude=row["latitude"],
                    longitude=row["longitude"],
                    campaign=campaign.code,
                    exclusions=tuple(
                        NewExclusion(Code(unit), ExclusionKind(kind))
                        for unit, kind in msgspec.json.decode(row["exclusions"])
                    ),
                )
                for row in rows
            ],
            term_start=term_start,
            months=campaign.term_months,
            at=at,
        )
        await _state([row["id"] for row in rows], ApplicationState.APPOINTED)
        note.about("draw", draw, appointed=len(codes))
    return codes


async def _advance(
    campaign: CampaignView, before: CampaignState, after: CampaignState, code: str
) -> None:
    """Bring a campaign to its next state, or refuse where somebody was faster."""
    updated = (
        await Campaign.update({Campaign.state: after})
        .where(Campaign.id == campaign.id, Campaign.state == before)
        .returning(Campaign.id)
    )
    if not updated:
        raise Conflict(code)


async def _mark(draw: DrawView, kind: SeatKind, tickets: Sequence[str]) -> None:
    """Write who was drawn, in the record's order."""
    ids: dict[str, int] = {}
    for start in range(0, len(tickets), _CHUNK):
        some = Application.code.is_in(list(tickets[start : start + _CHUNK]))
        rows = await Application.select(Application.id, Application.code).where(some)
        ids |= {row["code"]: row["id"] for row in rows}
    await insert_rows(
        Chosen,
        [
            Chosen(draw=draw.id, application=ids[ticket], kind=kind, position=position)
            for position, ticket in enumerate(tickets, 1)
        ],
    )
    state = ApplicationState.SELECTED if kind is SeatKind.SEAT else ApplicationState.RESERVE
    await _state(list(ids.values()), state)


async def _state(ids: Sequence[int], state: ApplicationState) -> None:
    for start in range(0, len(ids), _CHUNK):
        some = Application.id.is_in(list(ids[start : start + _CHUNK]))
        await Application.update({Application.state: state}).where(some)


async def _seal(note: Note, number: int) -> None:
    row = await Draw.objects().where(Draw.id == number).first()
    if row is not None:
        note.seal(row, *_DRAWN)
