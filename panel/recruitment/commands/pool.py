"""Freezing the roster that a lottery draws from, and letting it go again."""

from __future__ import annotations

import datetime as dt

from panel.db import insert_rows
from panel.errors import Conflict
from panel.recruitment.queries.pool import packed, roster
from panel.recruitment.rules import lottery
from panel.recruitment.tables import FrozenPool, Lottery
from panel.recruitment.types.campaigns import CampaignView
from panel.recruitment.types.runs import ALIVE, Frozen, RunKind


async def freeze_pool(campaign: CampaignView, *, at: dt.datetime) -> Frozen:
    """Freeze the roster as it stands now; joins the caller's transaction and entry.

    The root commits to every application with its salted features; the sealed roster, whose hash
    is published with it, lets witnesses check every quota.
    """
    await thaw_pool(campaign)
    people = await roster(campaign)
    row = FrozenPool(
        campaign=campaign.id,
        root=lottery.roster_root(people),
        size=len(people),
        sealed_hash=lottery.file_digest(lottery.sealed_roster(people)),
        data=packed(people),
        frozen_at=at,
    )
    await insert_rows(FrozenPool, [row])
    return Frozen(row.root, row.size, row.sealed_hash, at)


async def thaw_pool(campaign: CampaignView) -> None:
    """Let applications count as they are again; refused while a real run draws from the roster."""
    alive = await Lottery.exists().where(
        Lottery.campaign == campaign.id,
        Lottery.kind == RunKind.REAL,
        Lottery.state.is_in([each.value for each in ALIVE]),
    )
    if alive:
        raise Conflict("lottery.running_already")
    await FrozenPool.delete().where(FrozenPool.campaign == campaign.id)


async def forget_pool(campaign: int) -> None:
    """Forget the features in a frozen roster once their time is over; its hashes stay."""
    await FrozenPool.update({FrozenPool.data: b""}).where(FrozenPool.campaign == campaign)
