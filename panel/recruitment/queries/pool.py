"""Reads of the people a lottery is about: who applied, who may be drawn, who serves already."""

from __future__ import annotations

import datetime as dt
import zlib
from collections.abc import Sequence
from typing import Any

import msgspec

from panel.db import raw
from panel.errors import Closed
from panel.ids import PersonId
from panel.members import queries as members
from panel.recruitment.rules import pool as rules
from panel.recruitment.tables import Application, Campaign, FrozenPool
from panel.recruitment.types.applications import ApplicationState
from panel.recruitment.types.campaigns import CampaignView
from panel.recruitment.types.lottery import PoolEntry, RosterEntry
from panel.recruitment.types.runs import Features, Frozen, Serving
from panel.workdays import SHANGHAI

_CHUNK = 1000
_REPLACEMENT = "replacement"


async def frozen(campaign: CampaignView) -> Frozen | None:
    """Return the roster as it was frozen at the end of screening; none while it may change."""
    row = (
        await FrozenPool.select(
            FrozenPool.root, FrozenPool.size, FrozenPool.sealed_hash, FrozenPool.frozen_at
        )
        .where(FrozenPool.campaign == campaign.id)
        .first()
    )
    if row is None:
        return None
    return Frozen(row["root"], row["size"], row["sealed_hash"], row["frozen_at"])


async def roster(campaign: CampaignView) -> list[RosterEntry]:
    """Return every application that counts, by ticket, with whether it may be drawn.

    Once screening is finished this is the frozen roster: a later withdrawal changes nothing in it.
    """
    row = await FrozenPool.select(FrozenPool.data).where(FrozenPool.campaign == campaign.id).first()
    if row is not None:
        if not row["data"]:
            raise Closed("lottery.roster_forgotten")
        return msgspec.json.decode(zlib.decompress(row["data"]), type=list[RosterEntry])
    return await live_roster(campaign)


def packed(people: Sequence[RosterEntry]) -> bytes:
    """Return a roster as it is kept."""
    return zlib.compress(msgspec.json.encode(people))


async def pool(campaign: CampaignView, *, undecided: bool = False) -> list[PoolEntry]:
    """Return those who may be drawn, by ticket; ``undecided`` adds whoever is not vetted yet."""
    if undecided and await frozen(campaign) is None:
        return rules.eligible(await live_roster(campaign, undecided=True))
    return rules.eligible(await roster(campaign))


async def live_roster(campaign: CampaignView, *, undecided: bool = False) -> list[RosterEntry]:
    """Return the roster as it would be frozen now; ``undecided`` counts whoever is not vetted."""
    rows = await raw(
        "SELECT code, category, district, sex, age_band, household, mark, salt, state "
        "FROM application WHERE campaign = {} AND state NOT IN ({}, {}) ORDER BY code",
        campaign.id,
        ApplicationState.STAGED,
        ApplicationState.WITHDRAWN,
    )
    kind = await Campaign.select(Campaign.kind).where(Campaign.id == campaign.id).first()
    seated = Serving()
    if kind is not None and kind["kind"] == _REPLACEMENT:
        seated = await serving(campaign.term_start)
    return [_entry(row, seated, undecided=undecided) for row in rows]


def _entry(row: dict[str, Any], seated: Serving, *, undecided: bool) -> RosterEntry:
    state = ApplicationState(row["state"])
    free = row["household"] not in seated.households and row["mark"] not in seated.marks
    return RosterEntry(
        ticket=row["code"],
        features=_features(row),
        eligible=free and rules.may_be_drawn(state, undecided=undecided),
        salt=row["salt"],
        household=row["household"] or None,
    )


def _features(row: dict[str, Any]) -> Features:
    return tuple((name, row[name]) for name in rules.FEATURES)


async def serving_features(on: dt.date) -> list[Features]:
    """Return the features of everybody whose seat is held on a day, for what is missing then."""
    return list((await serving(on)).features)


async def serving(on: dt.date) -> Serving:
    """Return who holds a seat on a day: features, addresses and marks, and no names."""
    seats = await members.serving(dt.datetime.combine(on, dt.time(12), SHANGHAI))
    homes: set[str] = set()
    marks: set[str] = set()
    persons: list[PersonId] = [each.person for each in seats]
    for start in range(0, len(persons), _CHUNK):
        some = Application.person.is_in(list(persons[start : start + _CHUNK]))
        for row in await Application.select(Application.household, Application.mark).where(some):
            homes.add(row["household"])
            marks.add(row["mark"])
    return Serving(
        features=tuple(
            tuple((name, str(getattr(each, name))) for name in rules.FEATURES) for each in seats
        ),
        households=frozenset(homes - {""}),
        marks=frozenset(marks - {""}),
    )
