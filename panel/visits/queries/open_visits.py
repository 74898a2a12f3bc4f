"""Reads of open visits: the notice in force, and check-ins."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Final

import msgspec

from panel.db import raw
from panel.errors import Missing
from panel.ids import Code
from panel.rulebook.types import Rulebook
from panel.visits import rules
from panel.visits.types import NoticeTexts, OpenNoticeView, RoundState, RoundView, TaskView

_SELECT: Final = (
    "SELECT n.code, n.texts, n.texts_en, n.posted_on, n.withdrawn_at, r.id AS round_id, "
    "r.code AS round_code, r.groups FROM open_notice n JOIN visit_round r ON r.id = n.round "
)
_HANGING: Final = (
    "n.withdrawn_at IS NULL AND r.ends >= {} AND r.covert_percent < 100 "
    f"AND r.state IN ('{RoundState.APPROVED}', '{RoundState.COMMITTED}', '{RoundState.RUNNING}') "
)
_EMPTY: Final = NoticeTexts("", "", "", "", "", "")


def _view(row: dict[str, Any]) -> OpenNoticeView:
    english = row["texts_en"]
    return OpenNoticeView(
        code=Code(row["code"]),
        round_id=row["round_id"],
        round_code=Code(row["round_code"]),
        texts=msgspec.json.decode(row["texts"], type=NoticeTexts),
        texts_en=msgspec.json.decode(english, type=NoticeTexts) if english else _EMPTY,
        posted_on=row["posted_on"],
        withdrawn_at=row["withdrawn_at"],
        groups=tuple(msgspec.json.decode(row["groups"], type=list[str])),
    )


async def open_notice(code: Code) -> OpenNoticeView:
    """Return a notice by its code, also one that was withdrawn."""
    rows = await raw(_SELECT + "WHERE n.code = {}", code)
    if not rows:
        raise Missing("open_notice.missing")
    return _view(rows[0])


async def notice_of_round(round_id: int) -> OpenNoticeView | None:
    """Return the notice of a round that was not withdrawn."""
    rows = await raw(_SELECT + "WHERE n.round = {} AND n.withdrawn_at IS NULL", round_id)
    return _view(rows[0]) if rows else None


def notice_by(view: RoundView, rulebook: Rulebook) -> date:
    """Return the day on which the notice of a round hangs at the latest."""
    return rules.notice_by(view, rulebook)


async def last_notice() -> OpenNoticeView | None:
    """Return the newest notice, from which the next one is written."""
    rows = await raw(_SELECT + "ORDER BY n.id DESC LIMIT 1")
    return _view(rows[0]) if rows else None


async def notices_at(unit: Code, *, at: datetime) -> list[OpenNoticeView]:
    """Return the notices that hang in a unit now.

    Every place of a round is told alike, whether its visits are open or covert: a notice that only
    some were given would tell the others what comes.
    """
    rows = await raw(
        _SELECT + "WHERE " + _HANGING + "AND EXISTS (SELECT 1 FROM round_window p "
        "JOIN unit u ON u.id = p.unit WHERE p.round = r.id AND u.code = {}) ORDER BY n.id DESC",
        at,
        unit,
    )
    return [_view(row) for row in rows]


async def checked_in(task: TaskView) -> datetime | None:
    """Return when the visitor of an open task scanned the window's code."""
    rows = await raw("SELECT at FROM visit_check_in WHERE task = {}", task.id)
    return rows[0]["at"] if rows else None
