"""Builders of vetting: sheets with nominations, replies of offices, staff lists."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence

from panel.actor import Actor, Signature
from panel.ids import Code, PersonId
from panel.recruitment import commands, queries
from panel.recruitment.queries import vetting as lists
from panel.recruitment.types.campaigns import CampaignView
from panel.recruitment.types.vetting import LIST_COLUMNS, ListView
from panel.vault.types import Identity
from tests import people
from tests.make import recruitment as make
from tests.tables import remembered

PAPER = Signature("示例审〔2026〕1号", "示例负责人", make.SCREENING.date(), "ab" * 32)
Line = dict[str, str]


def table(rows: Iterable[Mapping[str, str]], columns: Sequence[str] = ()) -> bytes:
    """Write rows as a CSV file with the columns that they have."""
    kept = list(rows)
    names = columns or tuple(dict.fromkeys(name for row in kept for name in row))
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, names, restval="")
    writer.writeheader()
    writer.writerows(kept)
    return text.getvalue().encode()


def nominated(number: int = 1, **more: str) -> dict[str, str]:
    """Return a row of somebody whom an organisation nominated on paper."""
    return {
        **make.row(number),
        "本人签名": "是",
        "推荐单位": "示例商会",
        "推荐人": "示例甲",
        "推荐人职务": "秘书长",
        "推荐人电话": "053700000001",
        "推荐理由": "办事公道",
        **more,
    }


@remembered
async def screening(count: int = 6, **more: object) -> tuple[CampaignView, list[Code]]:
    """Take a campaign into its vetting with so many applications."""
    campaign = await make.announced(**more)
    tickets = await make.applied(campaign.code, count)
    return await commands.start_screening(
        people.coordinator, campaign.code, at=make.SCREENING
    ), tickets


async def opened(
    campaign: CampaignView, sheet: ListView, actor: Actor = people.clerk_a
) -> list[tuple[Code, PersonId, Identity]]:
    """Open the names of a list."""
    return await commands.open_list(actor, campaign.code, sheet.code, at=make.SCREENING)


async def lines(
    campaign: CampaignView, sheet: ListView, hits: Mapping[Code, str] | None = None
) -> list[Line]:
    """Return what an office sends back: everybody passes but those with a reason."""
    found = hits or {}
    return [
        dict(
            zip(
                LIST_COLUMNS,
                (
                    ticket,
                    one.name,
                    "",
                    one.national_id,
                    one.employer,
                    lists.check_code(sheet.code, ticket, one.name, one.national_id),
                    "不通过" if ticket in found else "通过",
                    found.get(ticket, ""),
                ),
                strict=True,
            )
        )
        for ticket, _, one in await opened(campaign, sheet)
    ]


async def returned(
    campaign: CampaignView,
    office: str,
    hits: Mapping[Code, str] | None = None,
    actor: Actor = people.clerk_a,
) -> ListView:
    """Send a list to an office and enter its reply."""
    sheet = await commands.send_list(actor, campaign.code, office, at=make.SCREENING)
    data = table(await lines(campaign, sheet, hits), LIST_COLUMNS)
    await commands.take_reply(
        actor, campaign.code, sheet.code, data, "reply.csv", at=make.SCREENING, paper=PAPER
    )
    return await lists.vetting_list(await queries.campaign(campaign.code), sheet.code)
