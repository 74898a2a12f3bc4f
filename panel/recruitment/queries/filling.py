"""How a campaign's quotas are filled, counted live, and whether a panel can be made of it."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from functools import lru_cache

from panel.db import raw
from panel.recruitment.queries.campaigns import plan
from panel.recruitment.queries.pool import pool
from panel.recruitment.rules import pool as counting
from panel.recruitment.rules.feasibility import feasibility
from panel.recruitment.rules.filling import filled
from panel.recruitment.types.applications import ApplicationState
from panel.recruitment.types.campaigns import CampaignView
from panel.recruitment.types.filling import Crowd, Filling
from panel.recruitment.types.lottery import DrawPlan, Feasibility, PoolEntry


async def filling(campaign: CampaignView) -> Filling:
    """Count the applicants in the running against every quota."""
    running: dict[tuple[tuple[str, str], ...], list[int]] = defaultdict(lambda: [0, 0])
    for row in await raw(
        "SELECT category, district, sex, age_band, state, COUNT(*) AS n FROM application "
        "WHERE campaign = {} GROUP BY category, district, sex, age_band, state",
        campaign.id,
    ):
        state = ApplicationState(row["state"])
        counts = running[tuple((name, row[name]) for name in counting.FEATURES)]
        counts[0] += int(row["n"]) * counting.may_be_drawn(state, undecided=True)
        counts[1] += int(row["n"]) * counting.may_be_drawn(state)
    crowds = [Crowd(features, *counts) for features, counts in running.items()]
    return filled(await plan(campaign), crowds)


async def weighed(campaign: CampaignView, *, undecided: bool = False) -> Feasibility:
    """Weigh the quotas against those who may be drawn, or against all who still may become it."""
    people = tuple(await pool(campaign, undecided=undecided))
    return await asyncio.to_thread(_weigh, people, await plan(campaign))


@lru_cache(maxsize=2)
def _weigh(people: tuple[PoolEntry, ...], quotas: DrawPlan) -> Feasibility:
    """Weigh a pool once, however often the page that shows it is opened."""
    return feasibility(people, quotas)
