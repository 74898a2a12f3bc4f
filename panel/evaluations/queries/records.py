"""A unit's sheets as an appeal may show them: what was scored where, never by whom or when."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from panel.db import raw
from panel.evaluations import rules
from panel.evaluations.types import Answers, SheetState
from panel.ids import Code
from panel.rulebook import queries as rulebooks
from panel.visits.types import Mode


class SheetRecord(msgspec.Struct, frozen=True):
    """One sheet without visitor, day, hour or words; ``values`` are the items as they count."""

    code: Code
    window_name: str
    window_name_en: str
    form_key: str
    covert: bool
    score: int
    values: tuple[tuple[str, str], ...]
    counted: bool


async def of_unit(round_ids: Sequence[int], unit: Code) -> list[SheetRecord]:
    """Return the decided sheets about a unit in some rounds: those that count, and voided ones."""
    if not round_ids:
        return []
    marks = ", ".join("{}" for _ in round_ids)
    rows = await raw(
        "SELECT s.code, s.form_key, s.rulebook, s.answers, s.score, s.state, t.mode, "
        "w.name AS window_name, w.name_en AS window_name_en FROM sheet_submission s "
        "JOIN visit_task t ON t.id = s.task JOIN unit u ON u.id = t.unit "
        'LEFT JOIN service_window w ON w.id = t."window" '
        f'WHERE t."round" IN ({marks}) AND u.code = {{}} AND s.state IN ({{}}, {{}})',
        *round_ids,
        unit,
        SheetState.ACCEPTED,
        SheetState.VOIDED,
    )
    found = []
    for row in rows:
        book = (await rulebooks.frozen(Code(row["rulebook"]))).rulebook
        covert = row["mode"] == Mode.COVERT
        asked = rules.asked(book.form(row["form_key"]), covert=covert, revisit=True)
        answers = msgspec.json.decode(row["answers"], type=Answers)
        values = rules.values(asked, answers)
        found.append(
            SheetRecord(
                code=Code(row["code"]),
                window_name=row["window_name"] or "",
                window_name_en=row["window_name_en"] or "",
                form_key=row["form_key"],
                covert=covert,
                score=row["score"],
                values=tuple(
                    (item.id, str(values.get(item.id, "")))
                    for item in asked
                    if item.id in answers.items or item.id in values
                ),
                counted=row["state"] == SheetState.ACCEPTED,
            )
        )
    return found
