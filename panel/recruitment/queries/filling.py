"""How a campaign's quotas are filled, counted live, and whether a panel can be made of it."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Hashable
from typing import Any, Final

from panel.db import raw
from panel.recruitment.queries.campaigns import plan
from panel.recruitment.queries.pool import pool
from panel.recruitment.rules import pool as counting
from panel.recruitment.rules.feasibility import feasibility
from panel.recruitment.rules.filling import filled
from panel.recruitment.types.applications import ApplicationState
from panel.recruitment.types.campaigns import CampaignKind, CampaignView
from panel.recruitment.types.filling import Crowd, Filling
from panel.recruitment.types.lottery import Feasibility

_KEPT: Final = 8
_known: dict[Hashable, Feasibility] = {}
"""The latest checks by all that they depend on: a pool is weighed once, however often it is asked.

A pool of fifty thousand takes seconds to weigh, and a page asks each time it is opened.
"""


async def _standing(campaign: CampaignView) -> list[dict[str, Any]]:
    """Count the applications by features and state; the rest tells whether any of them changed."""
    return await raw(
        "SELECT category, district, sex, age_band, state, COUNT(*) AS n, SUM(id) AS ids, "
        "MAX(changed_at) AS changed FROM application WHERE campaign = {} "
        "GROUP BY category, district, sex, age_band, state "
        "ORDER BY category, district, sex, age_band, state",
        campaign.id,
    )


async def filling(campaign: CampaignView) -> Filling:
    """Count the applicants in the running against every quota."""
    found: dict[tuple[tuple[str, str], ...], list[int]] = defaultdict(lambda: [0, 0])
    for row in await _standing(campaign):
        state = ApplicationState(row["state"])
        counts = found[tuple((name, row[name]) for name in counting.FEATURES)]
        counts[0] += int(row["n"]) * counting.may_be_drawn(state, undecided=True)
        counts[1] += int(row["n"]) * counting.may_be_drawn(state)
    crowds = [Crowd(features, *counts) for features, counts in found.items()]
    return filled(await plan(campaign), crowds)


async def weighed(campaign: CampaignView, *, undecided: bool = False) -> Feasibility:
    """Weigh the quotas against those who may be drawn, or against all who still may become it."""
    quotas = await plan(campaign)
    standing = tuple(tuple(row.values()) for row in await _standing(campaign))
    key = (campaign.code, campaign.state, undecided, quotas, standing)
    # Who may be drawn for a replacement depends on the serving members too: never kept.
    keep = campaign.kind is CampaignKind.PANEL
    if keep and key in _known:
        return _known[key]
    people = await pool(campaign, undecided=undecided)
    found = await asyncio.to_thread(feasibility, people, quotas)
    if keep:
        _known[key] = found
        while len(_known) > _KEPT:
            del _known[next(iter(_known))]
    return found
