"""Reads of leads: a member's own, the office's without a member."""

from __future__ import annotations

import base64
from datetime import date, datetime
from typing import Any, Final

import msgspec

from panel import keys
from panel.db import raw
from panel.errors import Missing
from panel.evaluations.types import LeadState, LeadView, Share
from panel.ids import Code, PersonId
from panel.vault.types import Attached
from panel.workdays import SHANGHAI

_MONTHS: Final = 24
"""How far back a member sees what was told."""
_SELECT: Final = (
    "SELECT l.id, l.code, l.reporter, l.state, l.seen_on, l.content, l.share, l.received_at, "
    "l.due_at, l.answer, l.answered_at, l.finding, l.picture, u.id AS unit_id, "
    "u.code AS unit_code, u.name AS unit_name, u.name_en AS unit_name_en, w.id AS window_id, "
    "w.name AS window_name, w.name_en AS window_name_en "
    "FROM lead l JOIN unit u ON u.id = l.unit "
    'LEFT JOIN service_window w ON w.id = l."window" '
)


def reporter(member: Code, at: datetime) -> str:
    """Return the link of a member who tells something: another one each month.

    One for ever would join what a member tells, and where one sees things tells where one lives.
    """
    day = at.astimezone(SHANGHAI).date()
    return _link(member, day.year, day.month)


def reporters(member: Code | None, at: datetime) -> list[str]:
    """Return a member's links of the last two years, the newest first."""
    if member is None:
        return []
    day = at.astimezone(SHANGHAI).date()
    last = day.year * 12 + day.month - 1
    return [_link(member, *_month(last - ago)) for ago in range(_MONTHS)]


def _month(number: int) -> tuple[int, int]:
    return number // 12, number % 12 + 1


def _link(member: Code, year: int, month: int) -> str:
    return keys.current().hash("link", member, f"told:{year:04}-{month:02}")


def sealed(plain: bytes, context: str) -> str:
    """Encrypt a text for storage; ``context`` binds it to its place."""
    return base64.b64encode(keys.current().seal("reporter", plain, context)).decode()


def unsealed(stored: str, context: str) -> bytes:
    """Decrypt a stored text; nothing where nothing is stored."""
    if not stored:
        return b""
    return keys.current().open("reporter", base64.b64decode(stored), context)


def lead_context(code: Code, column: str) -> str:
    """Return what a ciphertext of a lead is bound to."""
    return f"lead:{code}:{column}"


def _view(row: dict[str, Any]) -> LeadView:
    code = Code(row["code"])
    return LeadView(
        id=row["id"],
        code=code,
        reporter=row["reporter"],
        state=LeadState(row["state"]),
        unit_id=row["unit_id"],
        unit_code=Code(row["unit_code"]),
        unit_name=row["unit_name"],
        unit_name_en=row["unit_name_en"],
        window_id=row["window_id"],
        window_name=row["window_name"] or "",
        window_name_en=row["window_name_en"] or "",
        seen_on=_day(row["seen_on"]),
        text=unsealed(row["content"], lead_context(code, "content")).decode(),
        share=Share(row["share"]),
        has_picture=bool(row["picture"]),
        received_at=row["received_at"],
        due_at=row["due_at"],
        answer=unsealed(row["answer"], lead_context(code, "answer")).decode(),
        answered_at=row["answered_at"],
        finding=row["finding"],
    )


def _day(value: date | str) -> date:
    return date.fromisoformat(value) if isinstance(value, str) else value


async def lead(code: Code) -> LeadView:
    """Return a lead for the office; who told it is a link, never a member."""
    rows = await raw(_SELECT + "WHERE l.code = {}", code)
    if not rows:
        raise Missing("lead.missing")
    return _view(rows[0])


async def own_lead(member: Code | None, code: Code, *, at: datetime) -> LeadView:
    """Return a member's own lead; somebody else's is ``Missing`` like one that is not there."""
    found = await lead(code)
    if found.reporter not in reporters(member, at):
        raise Missing("lead.missing")
    return found


async def own_leads(member: Code | None, *, at: datetime) -> list[LeadView]:
    """Return what a member has told in two years, the newest first."""
    links = reporters(member, at)
    if not links:
        return []
    marks = ", ".join("{}" for _ in links)
    rows = await raw(f"{_SELECT}WHERE l.reporter IN ({marks}) ORDER BY l.id DESC", *links)
    return [_view(row) for row in rows]


async def leads(
    *, waiting: bool = True, before: int | None = None, limit: int = 50
) -> list[LeadView]:
    """Return leads for the office: those that wait by their limit, else the answered ones.

    The answered ones come the newest first; ``before`` is the last id that was seen.
    """
    states = (LeadState.RECEIVED, LeadState.TAKEN)
    if not waiting:
        states = (LeadState.ANSWERED, LeadState.DECLINED)
    order = "l.due_at, l.id" if waiting else "l.id DESC"
    rows = await raw(
        f"{_SELECT}WHERE l.state IN ({{}}, {{}}) AND l.id < {{}} ORDER BY {order} LIMIT {{}}",
        *states,
        before or 2**31 - 1,
        limit,
    )
    return [_view(row) for row in rows]


async def leads_waiting(*, at: datetime) -> tuple[int, int]:
    """Return how many leads wait for an answer, and how many of them too long."""
    rows = await raw(
        "SELECT count(*) AS waiting, coalesce(sum(CASE WHEN due_at < {} THEN 1 ELSE 0 END), 0) "
        "AS late FROM lead WHERE state IN ({}, {})",
        at,
        LeadState.RECEIVED,
        LeadState.TAKEN,
    )
    return int(rows[0]["waiting"]), int(rows[0]["late"])


async def lead_by_key(reporter_link: str, key: str) -> Code | None:
    """Return the lead that was told with an idempotency key."""
    rows = await raw("SELECT code FROM lead WHERE reporter = {} AND key = {}", reporter_link, key)
    return Code(rows[0]["code"]) if rows else None


async def lead_picture(code: Code) -> Attached:
    """Return the picture of a lead."""
    rows = await raw("SELECT picture FROM lead WHERE code = {}", code)
    if not rows or not rows[0]["picture"]:
        raise Missing("lead.missing")
    plain = keys.current().open(
        "reporter", bytes(rows[0]["picture"]), lead_context(code, "picture")
    )
    return Attached(plain, "image/jpeg")


async def own_reporters(person: PersonId | None, *, at: datetime) -> list[str]:
    """Return the links by which a person of the office would have told something."""
    rows = await raw("SELECT code FROM member WHERE person = {}", person)
    return [link for row in rows for link in reporters(Code(row["code"]), at)]


class InfluenceContent(msgspec.Struct, frozen=True):
    """What a report of influence says, as it is encrypted."""

    kind: str
    text: str
    who: str
    unit: str = ""
    task: str = ""
    paper: str = ""
