"""From lists to seats: publishing them, the announced number, voiding, the organiser's choice."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

import msgspec

from panel.actor import Actor, Role, Signature
from panel.audit.commands import Note, entry
from panel.db import insert_rows
from panel.errors import Conflict, Forbidden
from panel.ids import Code, PersonId
from panel.recruitment import queries
from panel.recruitment.commands import lottery as running
from panel.recruitment.commands import notice, papers
from panel.recruitment.queries import lottery as runs
from panel.recruitment.queries.pool import frozen as frozen_pool
from panel.recruitment.rules import lottery, places
from panel.recruitment.rules import runs as rules
from panel.recruitment.tables import Application, Campaign, Drawn, Lottery, NumberEntry
from panel.recruitment.types.applications import ApplicationState
from panel.recruitment.types.campaigns import CampaignState, CampaignView, SeatKind
from panel.recruitment.types.notice import Proposed
from panel.recruitment.types.paper import PaperAct
from panel.recruitment.types.runs import (
    Demand,
    DemandKind,
    LotteryView,
    Method,
    Reading,
    RunState,
    Source,
)
from panel.vault import commands as vault

_CHUNK = 1000
_ENTERING = (Role.COORDINATOR, Role.PUBLISHER, Role.REVIEWER)


async def publish(
    actor: Actor,
    code: Code,
    source: Source | None,
    *,
    at: dt.datetime,
    paper: Signature | None = None,
) -> LotteryView:
    """Make the lists public together with where their number will come from.

    Takes another person than the one who started the run. A run without a number (all are taken,
    or the organiser chose) gives its seats with this.
    """
    actor.require(Role.COORDINATOR, Role.PUBLISHER)
    async with entry(actor, "recruitment.publish_lottery", at=at, paper=paper) as note:
        view = await runs.lottery(code)
        announced = rules.may_publish(view, source, at)
        await papers.second(view.started_by, actor, paper, PaperAct.PUBLISH, code, at=at)
        await _move(
            view,
            RunState.PUBLISHED,
            {
                Lottery.source: msgspec.json.encode(announced).decode() if announced else "",
                Lottery.published_at: at,
                Lottery.published_by: actor.person,
            },
        )
        if not rules.by_number(view.method):
            await _seat_proposed(view, at=at)
        await running.seal(note, view)
        note.about("lottery", code, file=view.file_hash)
        return await runs.lottery(code)


async def enter_number(
    actor: Actor, code: Code, reading: Reading, *, at: dt.datetime
) -> LotteryView:
    """Enter the announced number as one person read it; when two read the same, it is drawn.

    ``lottery.numbers_differ`` when somebody else read another: what was entered is kept, and both
    look again. Nobody is shown what the other entered.
    """
    actor.require(*_ENTERING)
    if actor.person is None:
        raise Forbidden("approval.same_person")
    async with entry(actor, "recruitment.enter_number", at=at) as note:
        view = await runs.lottery(code)
        read = rules.may_read(view, reading, at)
        await _hold(view)
        others = [each for who, each in (await runs.readings(view)).items() if who != actor.person]
        await _remember(view, actor.person, read, at=at)
        note.about("lottery", code, issue=read.issue, value=read.value)
        if rules.agree(read, others):
            await _draw(note, view, read, at=at)
    if others and not rules.agree(read, others):
        raise Conflict("lottery.numbers_differ")
    return await runs.lottery(code)


async def ask(actor: Actor, code: Code, demand: Demand, *, at: dt.datetime) -> LotteryView:
    """Ask for a run to be void, or for the next issue to count; another person must agree."""
    actor.require(Role.COORDINATOR, Role.PUBLISHER)
    if actor.person is None:
        raise Forbidden("approval.same_person")
    async with entry(actor, "recruitment.ask_lottery", at=at, reason=demand.reason) as note:
        view = await runs.lottery(code)
        asked = rules.may_demand(view, demand, at, read=bool(await runs.readings(view)))
        asked = msgspec.structs.replace(asked, person=actor.person, at=at)
        await _move(view, view.state, {Lottery.demand: msgspec.json.encode(asked).decode()})
        note.about("lottery", code, demand=asked.kind)
        return await runs.lottery(code)


async def settle(
    actor: Actor,
    code: Code,
    *,
    agreed: bool,
    at: dt.datetime,
    paper: Signature | None = None,
    asked: dt.datetime | None = None,
) -> LotteryView:
    """Agree to what another person asked for, or turn it down; a void run stays listed.

    ``asked`` is the moment of the wish that was read: one that came in its place is not meant.
    """
    actor.require(Role.COORDINATOR, Role.PUBLISHER)
    async with entry(actor, "recruitment.settle_lottery", at=at, paper=paper) as note:
        view = await runs.lottery(code)
        demand = view.demand
        if demand is None or asked not in {None, demand.at}:
            raise Conflict("lottery.changed")
        if agreed:
            await papers.second(demand.person, actor, paper, PaperAct.SETTLE, code, at=at)
            rules.may_demand(view, demand, at, read=bool(await runs.readings(view)))
        note.about("lottery", code, demand=demand.kind, agreed=agreed, reason=demand.reason)
        if not agreed:
            await _move(view, view.state, {Lottery.demand: ""})
        elif demand.kind is DemandKind.VOID:
            await running.end(view, (view.state,), RunState.VOID, demand.reason, at=at)
        else:
            await _pass_over(view, demand)
        return await runs.lottery(code)


async def _pass_over(view: LotteryView, demand: Demand) -> None:
    if view.source is not None:
        later = msgspec.json.encode(rules.after(view.source, demand)).decode()
        await _move(view, view.state, {Lottery.source: later, Lottery.demand: ""})


async def _move(view: LotteryView, after: RunState, values: dict[Any, Any]) -> None:
    """Bring a run to a state, or refuse where somebody was faster."""
    updated = (
        await Lottery.update({Lottery.state: after, **values})
        .where(Lottery.id == view.id, Lottery.state == view.state)
        .returning(Lottery.id)
    )
    if not updated:
        raise Conflict("lottery.changed")


async def _hold(view: LotteryView) -> None:
    """Let two who enter the number at once come one after the other."""
    await _move(view, view.state, {})


async def _remember(view: LotteryView, person: PersonId, read: Reading, *, at: dt.datetime) -> None:
    updated = (
        await NumberEntry.update(
            {NumberEntry.value: read.value, NumberEntry.document: read.document, NumberEntry.at: at}
        )
        .where(
            NumberEntry.lottery == view.id,
            NumberEntry.issue == read.issue,
            NumberEntry.person == person,
        )
        .returning(NumberEntry.id)
    )
    if not updated:
        await insert_rows(
            NumberEntry,
            [
                NumberEntry(
                    lottery=view.id,
                    issue=read.issue,
                    value=read.value,
                    document=read.document,
                    person=person,
                    at=at,
                )
            ],
        )


async def _draw(note: Note, view: LotteryView, read: Reading, *, at: dt.datetime) -> None:
    """Give the seats to the list that the number names."""
    number = lottery.list_number(read.value, view.lists)
    seats, reserves = places.of_number(await runs.file(view), number, view.lists, view.file_hash)
    await _move(
        view,
        RunState.DRAWN,
        {
            Lottery.value: read.value,
            Lottery.number: number,
            Lottery.document: read.document,
            Lottery.drawn_at: at,
        },
    )
    campaign = await queries.campaign(view.campaign)
    await keep_places(view.id, campaign, seats, reserves, {}, at=at)
    await _seat(view, campaign, at=at)
    await running.seal(note, view)
    note.about("draw", view.code, number=number, seats=len(seats), reserve=len(reserves))


async def _seat_proposed(view: LotteryView, *, at: dt.datetime) -> None:
    """Give the seats of a run that needs no number."""
    campaign = await queries.campaign(view.campaign)
    if view.method is Method.ALL:
        names = msgspec.json.decode(await runs.file(view))["seats"]
        await keep_places(view.id, campaign, names, (), {}, at=at)
    published = await runs.lottery(view.code)
    await _move(published, RunState.DRAWN, {Lottery.drawn_at: at})
    await _seat(view, campaign, at=at)


async def keep_places(
    run: int,
    campaign: CampaignView,
    seats: Sequence[str],
    reserves: Sequence[str],
    reasons: dict[str, str],
    *,
    at: dt.datetime,
) -> None:
    """Write who has which place, in the order of the list."""
    known = await Application.select(
        Application.id, Application.code, Application.person, Application.state
    ).where(Application.campaign == campaign.id)
    by_ticket = {row["code"]: row for row in known}
    rows = []
    for kind, tickets in ((SeatKind.SEAT, seats), (SeatKind.RESERVE, reserves)):
        for position, ticket in enumerate(tickets, 1):
            row = by_ticket[ticket]
            told = ""
            if reason := reasons.get(ticket, ""):
                person = PersonId(row["person"])
                told = await vault.attach(person, reason.encode(), "text/plain", at=at)
            rows.append(
                Drawn(
                    lottery=run,
                    application=row["id"],
                    kind=kind,
                    position=position,
                    reason=told,
                )
            )
    await insert_rows(Drawn, rows)


async def _seat(view: LotteryView, campaign: CampaignView, *, at: dt.datetime) -> None:
    """Bring applications and campaign to their next states and put the chosen on public notice."""
    advanced = (
        await Campaign.update({Campaign.state: CampaignState.NOTICE})
        .where(Campaign.id == campaign.id, Campaign.state == CampaignState.SELECTING)
        .returning(Campaign.id)
    )
    if not advanced:
        raise Conflict("lottery.changed")
    seats = await runs.selected(view, SeatKind.SEAT)
    await _state([row["id"] for row in seats], ApplicationState.SELECTED)
    reserves = await runs.selected(view, SeatKind.RESERVE)
    await _state([row["id"] for row in reserves], ApplicationState.RESERVE)
    await Application.update({Application.state: ApplicationState.NOT_SELECTED}).where(
        Application.campaign == campaign.id, Application.state == ApplicationState.ELIGIBLE
    )
    proposed = [Proposed(row["id"]) for row in seats]
    await notice.open_batch(await queries.campaign(campaign.code), proposed, at=at)


async def _state(ids: Sequence[int], state: ApplicationState) -> None:
    for start in range(0, len(ids), _CHUNK):
        some = Application.id.is_in(list(ids[start : start + _CHUNK]))
        await Application.update({Application.state: state}).where(
            some, Application.state == ApplicationState.ELIGIBLE
        )


async def take_roster(actor: Actor, campaign: Code, *, at: dt.datetime) -> bytes:
    """Hand out the sealed roster to a witness; who took it stands in the history."""
    actor.require(Role.COORDINATOR, Role.AUDITOR)
    async with entry(actor, "recruitment.take_roster", at=at) as note:
        found = await queries.campaign(campaign)
        if await frozen_pool(found) is None:
            raise Conflict("lottery.not_frozen")
        data = await runs.sealed(found)
        note.about("campaign", campaign, sealed=lottery.file_digest(data))
        return data
