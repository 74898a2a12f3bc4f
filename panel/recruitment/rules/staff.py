"""Staff lists of evaluated units: what is read of them, and what may follow from a hit."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Final

from panel.errors import Conflict, Fault, Invalid
from panel.recruitment.rules import identity
from panel.recruitment.rules.sheets import MOST
from panel.recruitment.types.applications import ApplicationState
from panel.recruitment.types.vetting import HitKind, HitState, HitView
from panel.roster.types import SheetRow
from panel.workdays import SHANGHAI

_MONTHS: Final = 3
_NOTE: Final = 200
STRIKABLE: Final = (
    ApplicationState.SUBMITTED,
    ApplicationState.NEEDS_INFO,
    ApplicationState.ELIGIBLE,
)
"""States in which a staff list can still make somebody ineligible."""
COMPARED: Final = (
    *STRIKABLE,
    ApplicationState.REPLIED,
    ApplicationState.SELECTED,
    ApplicationState.RESERVE,
)


def quarter(at: dt.datetime) -> str:
    """Return the quarter of a moment, as 2026-Q1."""
    day = at.astimezone(SHANGHAI).date()
    return f"{day.year}-Q{(day.month - 1) // _MONTHS + 1}"


def read(rows: Sequence[SheetRow], faults: Sequence[Fault] = ()) -> list[str]:
    """Return the id numbers of a staff list, each once; ``Invalid`` names what can't be read."""
    told = list(faults)
    cells = {fault.path for fault in faults}
    found: dict[str, None] = {}
    for row in rows:
        card = identity.read_national_id(row.cells["身份证号"])
        path = f"row {row.number}, 身份证号"
        if not isinstance(card, str):
            found.setdefault(card.number)
        elif path not in cells:
            told.append(Fault(path, card, {"row": row.number, "column": "身份证号"}))
    if told:
        raise Invalid("import.faults", *told[:MOST], total=len(told))
    return list(found)


def may_decide(hit: HitView, state: HitState) -> None:
    """Refuse a second decision, and one that does not fit: members are not made ineligible."""
    if hit.state is not HitState.OPEN:
        raise Conflict("staff.decided")
    if state is HitState.OPEN or (hit.kind is HitKind.MEMBER and state is HitState.INELIGIBLE):
        raise Invalid("form.faults", Fault("decision", "form.required"))


def read_note(state: HitState, note: str) -> str:
    """Return why a hit was decided so; whoever says it is a mistake says why."""
    plain = note.strip()
    if state is HitState.MISTAKEN and not plain:
        raise Invalid("form.faults", Fault("note", "form.required"))
    if len(plain) > _NOTE:
        raise Invalid("form.faults", Fault("note", "form.too_long", {"most": _NOTE}))
    return plain
