"""Reads of the lists to vetting offices."""

from __future__ import annotations

from typing import Any, Final

from panel import keys
from panel.db import raw
from panel.errors import Missing
from panel.ids import Code, PersonId
from panel.recruitment.tables import VettingList
from panel.recruitment.types.applications import ApplicationState
from panel.recruitment.types.campaigns import CampaignView
from panel.recruitment.types.vetting import LineView, ListedState, ListState, ListView
from panel.vault import rules as vault

_CHECK: Final = 10
_COUNTED: Final = (
    "SELECT v.id, v.code, v.office, v.size, v.root, v.state, v.sent_at, v.returned_at, v.document,"
    " (SELECT COUNT(*) FROM vetting_listed l WHERE l.sheet = v.id AND l.hit <> '') AS hits,"
    " (SELECT COUNT(*) FROM vetting_listed l WHERE l.sheet = v.id AND l.state = {}) AS open_hits"
    " FROM vetting_list v WHERE v.campaign = {}"
)


def check_code(sheet: Code, ticket: str, name: str, national_id: str) -> str:
    """Return what proves that a line of a reply is the one that went out."""
    plain = "".join(name.split()).lstrip("'")
    return keys.current().hash("person", "line", sheet, ticket, plain, vault.plain(national_id))[
        :_CHECK
    ]


def _list(row: dict[str, Any]) -> ListView:
    return ListView(
        id=row["id"],
        code=Code(row["code"]),
        office=row["office"],
        size=row["size"],
        root=row["root"],
        state=ListState(row["state"]),
        sent_at=row["sent_at"],
        returned_at=row["returned_at"],
        document=row["document"],
        hits=int(row["hits"]),
        open_hits=int(row["open_hits"]),
    )


async def lists(campaign: CampaignView) -> list[ListView]:
    """Return a campaign's lists to offices, the newest first."""
    rows = await raw(f"{_COUNTED} ORDER BY v.id DESC", ListedState.HIT, campaign.id)
    return [_list(row) for row in rows]


async def vetting_list(campaign: CampaignView, code: Code) -> ListView:
    """Return one list; ``Missing`` when the campaign has none with this code."""
    rows = await raw(f"{_COUNTED} AND v.code = {{}}", ListedState.HIT, campaign.id, code)
    if not rows:
        raise Missing("vetting.list_unknown")
    return _list(rows[0])


async def hits(sheet: ListView) -> list[LineView]:
    """Return the lines about which an office found something, the open ones first."""
    rows = await raw(
        "SELECT l.id, a.code, l.hit, l.state, a.category, a.district FROM vetting_listed l "
        "JOIN application a ON a.id = l.application WHERE l.sheet = {} AND l.hit <> '' "
        "ORDER BY CASE WHEN l.state = {} THEN 0 ELSE 1 END, l.id",
        sheet.id,
        ListedState.HIT,
    )
    return [
        LineView(
            id=row["id"],
            ticket=Code(row["code"]),
            hit=row["hit"],
            state=ListedState(row["state"]),
            category=row["category"],
            district=row["district"],
        )
        for row in rows
    ]


async def listed(sheet: ListView) -> dict[Code, tuple[int, PersonId, ApplicationState]]:
    """Return row id, person and state of everybody on a list, by ticket, in its order."""
    rows = await raw(
        "SELECT a.id, a.code, a.person, a.state FROM vetting_listed l "
        "JOIN application a ON a.id = l.application WHERE l.sheet = {} ORDER BY l.id",
        sheet.id,
    )
    return {
        Code(row["code"]): (
            row["id"], PersonId(row["person"]), ApplicationState(row["state"])
        )
        for row in rows
    }  # fmt: skip


async def hands(sheet: ListView) -> list[tuple[PersonId, str]]:
    """Return who entered other offices' replies about somebody on this list, and as whose clerk."""
    rows = await raw(
        "SELECT DISTINCT s.returned_by, s.returned_office FROM vetting_list s "
        "JOIN vetting_listed other ON other.sheet = s.id "
        "JOIN vetting_listed own ON own.application = other.application "
        "WHERE own.sheet = {} AND s.office <> {} AND s.state = {} AND s.returned_by IS NOT NULL",
        sheet.id,
        sheet.office,
        ListState.RETURNED,
    )
    return [(PersonId(row["returned_by"]), row["returned_office"]) for row in rows]


async def offices(campaign: CampaignView) -> list[str]:
    """Return the offices that lists went to, for the next list's form."""
    rows = (
        await VettingList.select(VettingList.office)
        .where(VettingList.campaign == campaign.id)
        .order_by(VettingList.id)
    )
    return list(dict.fromkeys(row["office"] for row in rows))


async def to_list(campaign: CampaignView, office: str, *, disputed: bool) -> list[dict[str, Any]]:
    """Return the open applications on which an office has not been heard, nor is to be.

    With ``disputed`` those alone about which two verdicts differ: the office is the third.
    """
    given = "(SELECT COUNT(*) FROM application_vetting v WHERE v.application = a.id)"
    return await raw(
        "SELECT a.id, a.code FROM application a WHERE a.campaign = {} AND a.state = {} "
        "AND NOT EXISTS (SELECT 1 FROM application_vetting v WHERE v.application = a.id "
        "AND v.office = {}) AND NOT EXISTS (SELECT 1 FROM vetting_listed l "
        "JOIN vetting_list s ON s.id = l.sheet WHERE l.application = a.id AND s.office = {} "
        f"AND s.state <> {{}}) AND {given} >= {{}} ORDER BY a.id",
        campaign.id,
        ApplicationState.SUBMITTED,
        office,
        office,
        ListState.CANCELLED,
        2 if disputed else 0,
    )
