"""Reads of people's wishes about their data, and of everything that is kept about a member."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

import msgspec

from panel.errors import Missing
from panel.ids import Code, PersonId
from panel.members.types import MemberView
from panel.rankings import queries as rankings
from panel.rankings.types import AppealKind, RankingState
from panel.recruitment.queries import tenure
from panel.recruitment.tables import Application, Correction
from panel.recruitment.types.terms import (
    OwnApplication,
    OwnProceeding,
    OwnRequest,
    RequestKind,
    RequestState,
    RequestView,
)
from panel.vault import queries as vault
from panel.visits import queries as visits
from panel.visits.types import RoundState
from panel.workdays import SHANGHAI


def _request(row: dict[str, Any]) -> RequestView:
    return RequestView(
        id=row["id"],
        code=Code(row["code"]),
        person=PersonId(row["person"]),
        kind=RequestKind(row["kind"]),
        field=row["field"],
        text=row["text"],
        state=RequestState(row["state"]),
        asked_at=row["asked_at"],
        decided_at=row["decided_at"],
        reason=row["reason"],
    )


async def request(code: Code) -> RequestView:
    """Return one wish about own data; ``Missing`` when there is none with this code."""
    row = await Correction.select().where(Correction.code == code).first()
    if row is None:
        raise Missing("right.unknown")
    return _request(row)


async def asked_requests() -> list[RequestView]:
    """Return the wishes that wait for the office, the oldest first."""
    rows = (
        await Correction.select()
        .where(Correction.state == RequestState.ASKED)
        .order_by(Correction.id)
    )
    return [_request(row) for row in rows]


async def requests_of(person: PersonId) -> list[RequestView]:
    """Return a person's wishes, the oldest first."""
    rows = await Correction.select().where(Correction.person == person).order_by(Correction.id)
    return [_request(row) for row in rows]


async def own_requests(person: PersonId) -> list[OwnRequest]:
    """Return a person's own wishes with their texts."""
    return [
        OwnRequest(
            kind=each.kind,
            field=each.field,
            text=await _opened(person, each.text),
            state=each.state,
            asked_at=each.asked_at,
            decided_at=each.decided_at,
            reason=await _opened(person, each.reason),
        )
        for each in await requests_of(person)
    ]


async def _opened(person: PersonId, code: str) -> str:
    return (await vault.attachment(person, Code(code))).data.decode() if code else ""


async def own_proceedings(person: PersonId) -> list[OwnProceeding]:
    """Return a person's own proceedings with their texts."""
    return [
        OwnProceeding(
            code=each.code,
            ground=each.ground,
            state=each.state,
            opened_at=each.opened_at,
            reply_until=each.reply_until,
            replied_at=each.replied_at,
            heard_on=each.heard_on,
            document=each.document,
            ended_at=each.ended_at,
            texts=await tenure.texts(each),
        )
        for each in await tenure.proceedings_of(person)
    ]


async def own_applications(person: PersonId) -> list[OwnApplication]:
    """Return a person's own applications as they are kept."""
    rows = await Application.select(
        Application.code.as_alias("ticket"),
        Application.campaign.code.as_alias("campaign"),
        Application.state,
        Application.category,
        Application.district,
        Application.sex,
        Application.birth_year,
        Application.age_band,
        Application.occupation,
        Application.latitude,
        Application.longitude,
        Application.received_at,
    ).where(Application.person == person)
    return [msgspec.convert(row, OwnApplication) for row in rows]


async def hearings_open(seats: Sequence[MemberView]) -> bool:
    """Tell whether a round of somebody's terms still runs or can still be appealed."""
    unpublished = {
        each.round_id
        for each in await rankings.rankings()
        if each.state not in {RankingState.PUBLISHED, RankingState.WITHHELD}
        or await rankings.under_appeal(AppealKind.RANKING, each.round_code)
    }
    for view in await visits.rounds():
        if view.state is not RoundState.RUNNING and view.id not in unpublished:
            continue
        if any(_touches(seat, view.draft.starts, view.closes_at) for seat in seats):
            return True
    return False


def _touches(seat: MemberView, starts: dt.datetime, ends: dt.datetime) -> bool:
    """Tell whether a round fell into a term."""
    last = seat.term_end
    if seat.left_at is not None:
        last = min(last, seat.left_at.astimezone(SHANGHAI).date())
    return (
        starts.astimezone(SHANGHAI).date() <= last
        and seat.term_start <= ends.astimezone(SHANGHAI).date()
    )
