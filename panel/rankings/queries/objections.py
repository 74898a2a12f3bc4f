"""Reads of objections to rankings: never who objects; texts only by commands that log the look."""

from __future__ import annotations

import hmac
from datetime import datetime
from typing import Any, Final

from panel import keys
from panel.db import raw
from panel.errors import Missing
from panel.ids import Code, PersonId, code_from
from panel.rankings.types import (
    ObjectionAnswer,
    ObjectionChannel,
    ObjectionDecision,
    ObjectionGround,
    ObjectionReceipt,
    ObjectionState,
    ObjectionView,
)
from panel.vault import queries as vault

_CODE_BYTES: Final = 8
_OBJECTION: Final = (
    "SELECT o.id, o.code, o.ranking, v.code AS round_code, o.edition, o.person, o.channel, "
    "o.ground, o.unit, o.state, o.filed_at, o.due_at, o.decision, o.document, o.decided_at, "
    "o.key, o.body_digest, o.text, o.finding, o.reply FROM ranking_objection o "
    'JOIN ranking r ON r.id = o.ranking JOIN visit_round v ON v.id = r."round" '
)


def receipt_code(key: str) -> Code:
    """Return the receipt code of an objection: it follows from the idempotency key and a secret.

    A repeated post gives the same one, though nobody stores it.
    """
    digest = keys.current().hash("person", "ranking objection receipt", key)
    return code_from(bytes.fromhex(digest)[:_CODE_BYTES])


def _view(row: dict[str, Any]) -> ObjectionView:
    return ObjectionView(
        id=row["id"],
        number=Code(row["code"]),
        ranking_id=row["ranking"],
        round_code=Code(row["round_code"]),
        edition=row["edition"],
        person=PersonId(row["person"]),
        channel=ObjectionChannel(row["channel"]),
        ground=ObjectionGround(row["ground"]),
        unit_code=row["unit"],
        state=ObjectionState(row["state"]),
        filed_at=row["filed_at"],
        due_at=row["due_at"],
        decision=ObjectionDecision(row["decision"]) if row["decision"] else None,
        document=row["document"],
        decided_at=row["decided_at"],
    )


async def objections(ranking_id: int) -> list[ObjectionView]:
    """Return the objections to a ranking, open ones first, the one due first at the top."""
    rows = await raw(_OBJECTION + "WHERE o.ranking = {} ORDER BY o.due_at, o.id", ranking_id)
    return sorted(
        (_view(row) for row in rows), key=lambda each: each.state is not ObjectionState.OPEN
    )


async def objection(number: Code) -> ObjectionView:
    """Return one objection by its number."""
    rows = await raw(_OBJECTION + "WHERE o.code = {}", number)
    if not rows:
        raise Missing("objection.unknown")
    return _view(rows[0])


async def open_objections(*, at: datetime) -> tuple[int, int]:
    """Return how many objections wait for a decision, and how many of them too long."""
    rows = await raw(
        "SELECT due_at FROM ranking_objection WHERE state = {}", ObjectionState.OPEN.value
    )
    return len(rows), sum(row["due_at"] < at for row in rows)


async def unapplied(ranking_id: int, edition: int) -> int:
    """Return how many objections to this very edition were upheld: another one must follow."""
    rows = await raw(
        "SELECT count(*) AS n FROM ranking_objection "
        "WHERE ranking = {} AND edition = {} AND decision = {}",
        ranking_id,
        edition,
        ObjectionDecision.UPHELD.value,
    )
    return int(rows[0]["n"])


async def receipt(ranking_id: int, key: str) -> tuple[ObjectionReceipt, str] | None:
    """Return the receipt that an idempotency key was given, with the digest of what was sent."""
    rows = await raw(_OBJECTION + "WHERE o.ranking = {} AND o.key = {}", ranking_id, key)
    if not rows:
        return None
    (row,) = rows
    given = ObjectionReceipt(Code(row["code"]), receipt_code(key), row["filed_at"], row["due_at"])
    return given, row["body_digest"]


async def answer_of(ranking_id: int, number: str, secret: str) -> ObjectionAnswer | None:
    """Return what an objector may read; none where the code is not the number's."""
    rows = await raw(_OBJECTION + "WHERE o.ranking = {} AND o.code = {}", ranking_id, number)
    wanted = receipt_code(rows[0]["key"] if rows else "")
    if not hmac.compare_digest(wanted, secret) or not rows:
        return None
    (row,) = rows
    view = _view(row)
    reply = ""
    if row["reply"]:
        reply = (await vault.attachment(view.person, Code(row["reply"]))).data.decode()
    return ObjectionAnswer(
        number=view.number,
        state=view.state,
        filed_at=view.filed_at,
        due_at=view.due_at,
        decision=view.decision,
        reply=reply,
        decided_at=view.decided_at,
    )


async def texts(number: Code) -> tuple[Code, ...]:
    """Return the codes of an objection's sealed texts: what was said, found and replied."""
    rows = await raw(_OBJECTION + "WHERE o.code = {}", number)
    if not rows:
        raise Missing("objection.unknown")
    return tuple(Code(rows[0][name]) for name in ("text", "finding", "reply") if rows[0][name])
