"""Reads of the lottery's runs, their files and results."""

from __future__ import annotations

import asyncio
import zlib
from typing import Any, TypeVar

import msgspec

from panel.db import raw
from panel.errors import Conflict, Missing
from panel.ids import Code, PersonId
from panel.recruitment.queries.pool import frozen, roster
from panel.recruitment.rules import lottery as rules
from panel.recruitment.rules import places
from panel.recruitment.tables import Drawn, Lottery, NumberEntry, Slice
from panel.recruitment.types.campaigns import CampaignView, SeatKind
from panel.recruitment.types.lottery import DrawPlan, Relaxation, RosterEntry
from panel.recruitment.types.runs import (
    ALIVE,
    Demand,
    LotteryView,
    Method,
    Mine,
    Outlook,
    Reading,
    RunKind,
    RunState,
    SelectedView,
    Source,
)

_T = TypeVar("_T")
_HEAVY = (Lottery.people, Lottery.preparation, Lottery.file)
PUBLIC = (RunState.PUBLISHED, RunState.DRAWN)


def _optional(text: str, kind: type[_T]) -> _T | None:
    return msgspec.json.decode(text, type=kind) if text else None


def _view(row: dict[str, Any]) -> LotteryView:
    return LotteryView(
        id=row["id"],
        code=Code(row["code"]),
        campaign=Code(row["campaign.code"]),
        kind=RunKind(row["kind"]),
        method=Method(row["method"]),
        state=RunState(row["state"]),
        seats=row["seats"],
        reserve=row["reserve"],
        lists=row["lists"],
        plan=msgspec.json.decode(row["plan"], type=DrawPlan),
        relaxed=msgspec.json.decode(row["relaxed"], type=tuple[Relaxation, ...]),
        root=row["root"],
        applicants=row["applicants"],
        pool=row["pool"],
        sealed_hash=row["sealed_hash"],
        seed=row["seed"],
        done=row["done"],
        error=row["error"],
        detail=_optional(row["detail"], tuple[str, ...]) or (),
        outlook=_optional(row["outlook"], Outlook),
        file_hash=row["file_hash"],
        reason=row["reason"],
        source=_optional(row["source"], Source),
        started_at=row["started_at"],
        started_by=None if row["started_by"] is None else PersonId(row["started_by"]),
        listed_at=row["listed_at"],
        published_at=row["published_at"],
        demand=_optional(row["demand"], Demand),
        value=row["value"],
        number=row["number"],
        document=row["document"],
        drawn_at=row["drawn_at"],
        ended_at=row["ended_at"],
        end_reason=row["end_reason"],
    )


def _select() -> Any:
    return Lottery.select(*Lottery.all_columns(exclude=list(_HEAVY)), Lottery.campaign.code)


async def lottery(code: Code) -> LotteryView:
    """Return one run; ``Missing`` when there is none with this code."""
    row = await _select().where(Lottery.code == code).first()
    if row is None:
        raise Missing("lottery.unknown")
    return _view(row)


async def runs_of(campaign: CampaignView) -> list[LotteryView]:
    """Return every run of a campaign, the newest first."""
    rows = (
        await _select().where(Lottery.campaign == campaign.id).order_by(Lottery.id, ascending=False)
    )
    return [_view(row) for row in rows]


async def real_run(campaign: Code) -> LotteryView | None:
    """Return the real run of a campaign that counts, if there is one."""
    row = await _select().where(
        Lottery.campaign.code == campaign,
        Lottery.kind == RunKind.REAL,
        Lottery.state.is_in([each.value for each in ALIVE]),
    ).first()  # fmt: skip
    return _view(row) if row else None


async def published_runs(campaign: CampaignView) -> list[LotteryView]:
    """Return the real runs that the public is told of, the newest first.

    Void ones stay listed, those too that were made and put aside before they were published.
    """
    return [
        each
        for each in await runs_of(campaign)
        if each.kind is RunKind.REAL
        and (each.published_at or (each.listed_at and each.state is RunState.VOID))
    ]


async def published_run(campaign: CampaignView, code: Code) -> LotteryView:
    """Return one run as the public may see it."""
    for each in await published_runs(campaign):
        if each.code == code and each.published_at is not None:
            return each
    raise Missing("lottery.unknown")


async def file(view: LotteryView) -> bytes:
    """Return the file of a run byte for byte: its SHA-256 is what was published."""
    row = await Lottery.select(Lottery.file).where(Lottery.id == view.id).first()
    if row is None or not row["file"]:
        raise Missing("lottery.no_file")
    return zlib.decompress(row["file"])


async def people_of(view: LotteryView, campaign: CampaignView) -> list[RosterEntry]:
    """Return the roster that a run draws from: its own copy, or the campaign's frozen one."""
    row = await Lottery.select(Lottery.people).where(Lottery.id == view.id).first()
    if row is not None and row["people"]:
        return msgspec.json.decode(zlib.decompress(row["people"]), type=list[RosterEntry])
    return await roster(campaign)


async def made_of(view: LotteryView) -> tuple[bytes, tuple[bytes, ...]]:
    """Return what a run has made so far: its preparation, and its lists slice by slice."""
    row = await Lottery.select(Lottery.preparation).where(Lottery.id == view.id).first()
    slices = await Slice.select(Slice.data).where(Slice.lottery == view.id).order_by(Slice.first)
    preparation = bytes(row["preparation"]) if row else b""
    return preparation, tuple(zlib.decompress(each["data"]) for each in slices)


async def readings(view: LotteryView) -> dict[int, Reading]:
    """Return what each person read as the number of the announced issue, by person."""
    issue = view.source.issue if view.source else ""
    rows = await NumberEntry.select().where(
        NumberEntry.lottery == view.id, NumberEntry.issue == issue
    )
    return {row["person"]: Reading(row["issue"], row["value"], row["document"]) for row in rows}


async def selected(view: LotteryView, kind: SeatKind) -> list[dict[str, Any]]:
    """Return the applications that hold a seat or a reserve place of a run, in their order."""
    rows: list[dict[str, Any]] = (
        await Drawn.select(Drawn.position, Drawn.reason, *Drawn.application.all_columns())
        .where(Drawn.lottery == view.id, Drawn.kind == kind)
        .order_by(Drawn.position)
        .output(nested=True)
    )
    return [row["application"] | {"position": row["position"]} for row in rows]


async def result(view: LotteryView) -> list[SelectedView]:
    """Return a run's result as it is published: tickets with their category, seats first."""
    rows = await raw(
        "SELECT application.code, application.category, lottery_selected.kind, "
        "lottery_selected.position FROM lottery_selected "
        "JOIN application ON application.id = lottery_selected.application "
        "WHERE lottery_selected.lottery = {} ORDER BY lottery_selected.kind, "
        "lottery_selected.position",
        view.id,
    )
    found = [
        SelectedView(Code(row["code"]), row["kind"], row["position"], row["category"])
        for row in rows
    ]
    return sorted(found, key=lambda each: each.kind != SeatKind.SEAT)


async def composition(view: LotteryView) -> dict[str, dict[str, int]]:
    """Count the seats of a result by feature and value."""
    found: dict[str, dict[str, int]] = {}
    for name in ("category", "sex", "age_band", "district"):
        rows = await raw(
            f"SELECT application.{name} AS value, count(*) AS n FROM lottery_selected "
            "JOIN application ON application.id = lottery_selected.application "
            f"WHERE lottery_selected.lottery = {{}} AND lottery_selected.kind = {{}} "
            f"GROUP BY application.{name}",
            view.id,
            SeatKind.SEAT,
        )
        found[name] = {row["value"]: row["n"] for row in rows if row["value"]}
    return found


async def mine(campaign: CampaignView, ticket: Code, view: LotteryView | None) -> Mine:
    """Return what proves an applicant's place in the roster, and on which lists the ticket is.

    Only the applicant may call this, with the receipt's code: it shows the own features.
    """
    if await frozen(campaign) is None:
        raise Conflict("lottery.not_frozen")
    people = await roster(campaign)
    own = next((each for each in people if each.ticket == ticket), None)
    if own is None:
        raise Missing("lottery.not_in_roster")
    # Seconds for a great roster: in a thread, so that nobody else's page waits for it.
    proof = msgspec.json.encode(await asyncio.to_thread(rules.roster_proof, people, ticket))
    found = Mine(ticket, own.features, own.eligible, proof)
    if view is None or not view.file_hash or view.published_at is None or view.lists <= 1:
        return found
    seats, reserve = await asyncio.to_thread(places.of_ticket, await file(view), ticket)
    return msgspec.structs.replace(found, seats=seats, reserve=reserve)


def checker() -> bytes:
    """Return the checker that is shipped with every published file."""
    return rules.checker_source()


async def sealed(campaign: CampaignView) -> bytes:
    """Return the sealed roster, whose hash is published: for witnesses, on the record."""
    return rules.sealed_roster(await roster(campaign))
