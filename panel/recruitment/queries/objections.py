"""Reads of objections: never who objects, and the texts only by commands that log the look."""

from __future__ import annotations

import hmac
from typing import Any

from panel import keys
from panel.errors import Missing
from panel.ids import Code, PersonId, code_from
from panel.recruitment.rules import notice as rules
from panel.recruitment.tables import Objection, Vetting
from panel.recruitment.types.campaigns import CampaignView
from panel.recruitment.types.notice import (
    Answer,
    Decision,
    Ground,
    ObjectionReceipt,
    ObjectionState,
    ObjectionView,
)
from panel.rulebook import queries as rulebook
from panel.rulebook.types import Rulebook
from panel.vault import queries as vault

_CODE_BYTES = 8


def receipt_code(key: str) -> Code:
    """Return the receipt code of an objection: it follows from the idempotency key and a secret.

    A repeated post gives the same one, though nobody stores it.
    """
    digest = keys.current().hash("person", "objection receipt", key)
    return code_from(bytes.fromhex(digest)[:_CODE_BYTES])


def _view(row: dict[str, Any], book: Rulebook) -> ObjectionView:
    return ObjectionView(
        id=row["id"],
        number=Code(row["code"]),
        campaign=Code(row["campaign_code"]),
        ticket=Code(row["ticket"]) if row["ticket"] else None,
        person=PersonId(row["person"]),
        ground=Ground(row["ground"]),
        state=ObjectionState(row["state"]),
        filed_at=row["filed_at"],
        decide_by=rules.decide_by(row["filed_at"], book),
        decision=Decision(row["decision"]) if row["decision"] else None,
        document=row["document"],
        decided_at=row["decided_at"],
    )


async def _book(campaign: str) -> Rulebook:
    return (await rulebook.version(Code(campaign))).rulebook


_COLUMNS = (
    *Objection.all_columns(),
    Objection.campaign.code.as_alias("campaign_code"),
    Objection.campaign.rulebook.as_alias("rulebook"),
    Objection.application.code.as_alias("ticket"),
)


async def objections(campaign: CampaignView) -> list[ObjectionView]:
    """Return the objections to a campaign's notices, open ones first, then the newest."""
    rows = await Objection.select(*_COLUMNS).where(Objection.campaign == campaign.id)
    book = await _book(campaign.rulebook)
    found = [_view(row, book) for row in rows]
    found.sort(key=lambda each: each.filed_at, reverse=True)
    return sorted(found, key=lambda each: each.state is not ObjectionState.OPEN)


async def objection(number: Code) -> ObjectionView:
    """Return one objection by its number."""
    row = await Objection.select(*_COLUMNS).where(Objection.code == number).first()
    if row is None:
        raise Missing("objection.unknown")
    return _view(row, await _book(row["rulebook"]))


async def receipt(campaign: CampaignView, key: str) -> tuple[ObjectionReceipt, str] | None:
    """Return the receipt that an idempotency key was given, with the digest of what was sent."""
    row = (
        await Objection.select(Objection.code, Objection.filed_at, Objection.body_digest)
        .where(Objection.campaign == campaign.id, Objection.key == key)
        .first()
    )
    if row is None:
        return None
    book = await _book(campaign.rulebook)
    given = ObjectionReceipt(
        Code(row["code"]),
        receipt_code(key),
        row["filed_at"],
        rules.decide_by(row["filed_at"], book),
    )
    return given, row["body_digest"]


async def answer(campaign: CampaignView, number: str, secret: str) -> Answer | None:
    """Return what an objector may read; none where the code is not the number's."""
    row = (
        await Objection.select(*_COLUMNS)
        .where(Objection.campaign == campaign.id, Objection.code == number)
        .first()
    )
    wanted = receipt_code(row["key"] if row else "")
    if not hmac.compare_digest(wanted, secret) or row is None:
        return None
    view = _view(row, await _book(campaign.rulebook))
    reply = ""
    if row["reply"]:
        reply = (await vault.attachment(view.person, Code(row["reply"]))).data.decode()
    return Answer(
        number=view.number,
        state=view.state,
        filed_at=view.filed_at,
        decide_by=view.decide_by,
        decision=view.decision,
        reply=reply,
        decided_at=view.decided_at,
    )


async def texts(number: Code) -> tuple[Code, ...]:
    """Return the codes of an objection's sealed texts: what was said, found and replied."""
    row = (
        await Objection.select(Objection.text, Objection.finding, Objection.reply)
        .where(Objection.code == number)
        .first()
    )
    if row is None:
        raise Missing("objection.unknown")
    return tuple(Code(row[name]) for name in ("text", "finding", "reply") if row[name])


async def vetted_by(ticket: Code | None, person: PersonId | None) -> bool:
    """Tell whether a person gave a verdict on the application that an objection is about."""
    if ticket is None or person is None:
        return False
    return bool(
        await Vetting.exists().where(Vetting.application.code == ticket, Vetting.clerk == person)
    )
