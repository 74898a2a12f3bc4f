"""The public notice: opening a batch of proposed members, replacing, closing."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import msgspec

from panel.db import Duplicate, insert_rows, savepoint, transaction
from panel.errors import Conflict, Invalid
from panel.recruitment.rules import notice as rules
from panel.recruitment.tables import Application, Campaign, NoticeBatch, Noticed
from panel.recruitment.types.campaigns import CampaignView
from panel.recruitment.types.notice import NoticedState, Proposed
from panel.rulebook import queries as rulebook

_CHUNK = 1000


async def open_batch(campaign: CampaignView, seats: Sequence[Proposed], *, at: dt.datetime) -> int:
    """Put proposed members on public notice together; joins the caller's command.

    Returns the number of the batch, from 1. ``notice.nobody`` without anybody, and
    ``notice.changed`` where one of them stands on a notice already.
    """
    if not seats:
        raise Invalid("notice.nobody")
    version = await rulebook.version(campaign.rulebook)
    async with transaction():
        seats = await _dealt(campaign, seats)
        number: int = 1 + await NoticeBatch.count().where(NoticeBatch.campaign == campaign.id)
        taken = False
        try:
            async with savepoint():
                (batch,) = await insert_rows(
                    NoticeBatch,
                    [
                        NoticeBatch(
                            campaign=campaign.id,
                            number=number,
                            opened_at=at,
                            closes_at=rules.closes_at(at, version.rulebook),
                            calendar=version.rulebook.calendar_version,
                        )
                    ],
                )
                await insert_rows(
                    Noticed,
                    [
                        Noticed(
                            batch=batch,
                            application=each.application_id,
                            instead_of=each.instead_of,
                            state=NoticedState.OPEN,
                            cohort=each.cohort,
                        )
                        for each in seats
                    ],
                )
        except Duplicate:
            taken = True
        if taken:
            raise Conflict("notice.changed")
    return number


async def _dealt(campaign: CampaignView, seats: Sequence[Proposed]) -> list[Proposed]:
    """Give a cohort to those who have none yet: all of them the first, or by turns."""
    loose = [each.application_id for each in seats if not each.cohort]
    if not loose:
        return list(seats)
    row = await Campaign.select(Campaign.cohorts).where(Campaign.id == campaign.id).first()
    cohorts = row["cohorts"] if row else 1
    rows = []
    for start in range(0, len(loose), _CHUNK):
        rows += await Application.select(
            Application.id, Application.code, Application.category
        ).where(Application.id.is_in(loose[start : start + _CHUNK]))
    version = await rulebook.version(campaign.rulebook)
    turns = rules.split(
        campaign.code,
        {row["code"]: row["category"] for row in rows},
        version.rulebook.recruitment.groups,
        cohorts,
    )
    dealt = {row["id"]: turns[row["code"]] for row in rows}
    return [
        each if each.cohort else msgspec.structs.replace(each, cohort=dealt[each.application_id])
        for each in seats
    ]
