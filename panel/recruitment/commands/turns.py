"""One at a time: what depends on a whole campaign holds its row until it commits."""

from __future__ import annotations

from panel.db import raw
from panel.ids import Code
from panel.recruitment import queries
from panel.recruitment.types.campaigns import CampaignView


async def alone(campaign: Code) -> CampaignView:
    """Wait for every other command that holds this campaign, then read it; ends with the commit.

    Two coordinators who promote reserves at once would otherwise both fill the same place.
    """
    await raw("UPDATE campaign SET state = state WHERE code = {} RETURNING id", campaign)
    return await queries.campaign(campaign)
