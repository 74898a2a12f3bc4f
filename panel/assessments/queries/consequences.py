"""Reads of what followed from final marks."""

from __future__ import annotations

from typing import Any, Final

import msgspec

from panel.assessments.types import (
    LETTERS,
    Answer,
    Basis,
    ConsequenceKind,
    ConsequenceState,
    ConsequenceView,
    Talk,
)
from panel.db import raw
from panel.errors import Missing
from panel.ids import Code

_SELECT: Final = (
    "SELECT c.*, u.code AS unit_code, u.name AS unit_name, u.name_en AS unit_name_en "
    "FROM assessment_consequence c JOIN unit u ON u.id = c.unit "
)


def _view(row: dict[str, Any]) -> ConsequenceView:
    return ConsequenceView(
        id=row["id"],
        code=Code(row["code"]),
        year=row["year"],
        unit_code=Code(row["unit_code"]),
        unit_name=row["unit_name"],
        unit_name_en=row["unit_name_en"],
        kind=ConsequenceKind(row["kind"]),
        basis=Basis(row["basis"]),
        rule=row["rule"],
        facts=msgspec.json.decode(row["facts"], type=dict[str, int]),
        text=row["text"],
        state=ConsequenceState(row["state"]),
        made_at=row["made_at"],
        due_at=row["due_at"],
        body=row["body"],
        sent_at=row["sent_at"],
        letter=row["letter"],
        answer=Answer(row["answer"]) if row["answer"] else None,
        answer_text=row["answer_text"],
        answer_document=row["answer_document"],
        answered_at=row["answered_at"],
        talk=msgspec.json.decode(row["talk"], type=Talk) if row["talk"] else None,
        reason=row["reason"],
    )


async def consequences(year: int) -> list[ConsequenceView]:
    """Return what followed in a year, by unit."""
    rows = await raw(_SELECT + "WHERE c.year = {} ORDER BY u.number, c.id", year)
    return [_view(row) for row in rows]


async def consequence(code: Code) -> ConsequenceView:
    """Return one consequence."""
    rows = await raw(_SELECT + "WHERE c.code = {}", code)
    if not rows:
        raise Missing("consequence.missing")
    return _view(rows[0])


async def unit_consequences(unit: Code) -> list[ConsequenceView]:
    """Return what followed for a unit and still stands, the newest year first."""
    rows = await raw(
        _SELECT + "WHERE u.code = {} AND c.state <> {} ORDER BY c.year DESC, c.id",
        unit,
        ConsequenceState.WITHDRAWN,
    )
    return [_view(row) for row in rows]


async def letters() -> list[ConsequenceView]:
    """Return every letter to a competent body that is out, answered or not, the latest first."""
    marks = ", ".join("{}" for _ in LETTERS)
    rows = await raw(
        _SELECT + f"WHERE c.kind IN ({marks}) AND c.sent_at IS NOT NULL AND c.state <> {{}} "
        "ORDER BY c.sent_at DESC, c.id",
        *sorted(LETTERS),
        ConsequenceState.WITHDRAWN,
    )
    return [_view(row) for row in rows]
