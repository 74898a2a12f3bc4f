"""Reads of hearings that are overdue and have not reached everybody yet."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from panel.db import raw
from panel.ids import Code, PersonId
from panel.rankings.rules.overdue import LEADER
from panel.rankings.types import AnswerState, Late, LateKind, RankingState
from panel.rankings.types.officers import CaseState


async def late(at: datetime) -> list[Late]:
    """Return answers without a reply and officers not heard whose time is over at a moment."""
    answers = await raw(
        "SELECT a.id, a.code, a.overdue, r.answer_by AS due_at, NULL AS handler "
        "FROM ranking_answer a JOIN ranking r ON r.id = a.ranking "
        "WHERE a.state = {} AND a.overdue < {} AND r.answer_by < {} AND r.state IN ({}, {}, {}) "
        "ORDER BY a.id",
        AnswerState.OPEN,
        LEADER,
        at,
        RankingState.DRAFT,
        RankingState.CHECKED,
        RankingState.NOTIFIED,
    )
    cases = await raw(
        "SELECT id, code, overdue, hear_until AS due_at, notified_by AS handler "
        "FROM officer_case WHERE state = {} AND overdue < {} AND hear_until < {} ORDER BY id",
        CaseState.NOTIFIED,
        LEADER,
        at,
    )
    found = [_late(LateKind.ANSWER, row) for row in answers]
    return found + [_late(LateKind.OFFICER, row) for row in cases]


def _late(kind: LateKind, row: dict[str, Any]) -> Late:
    return Late(
        kind=kind,
        id=row["id"],
        code=Code(row["code"]),
        due_at=row["due_at"],
        handler=None if row["handler"] is None else PersonId(row["handler"]),
        level=row["overdue"],
    )
