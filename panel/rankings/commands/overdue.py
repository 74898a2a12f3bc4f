"""Hearings that are overdue: answers without a reply, officers whom nobody has recorded as heard.

Appeals and orders have deadlines of their own (`appeals.turn_clocks`, assessments). A message
names nothing; each matter is told to whoever handles it, and a day later to those above, once.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from piccolo.table import Table

from panel.accounts import queries as accounts
from panel.actor import SYSTEM, Role
from panel.audit.commands import Note, entry
from panel.errors import Conflict
from panel.ids import PersonId
from panel.notices import commands as notices
from panel.notices.types import MessageKind
from panel.rankings.queries import overdue as queries
from panel.rankings.rules import overdue as rules
from panel.rankings.tables import Answer, OfficerCase
from panel.rankings.types import Late, LateKind

_TABLES: Final[dict[LateKind, type[Table]]] = {
    LateKind.ANSWER: Answer,
    LateKind.OFFICER: OfficerCase,
}


async def tell_overdue(*, at: datetime) -> int:
    """Write to whom overdue hearings reach now; return how many were told on."""
    told = 0
    for late in await queries.late(at):
        level = rules.reached(late, at)
        if level <= late.level:
            continue
        try:
            async with entry(SYSTEM, "rankings.tell_overdue", at=at) as note:
                await _tell(late, level, note, at=at)
        except Conflict:  # another worker was faster
            continue
        told += 1
    return told


async def _tell(late: Late, level: int, note: Note, *, at: datetime) -> None:
    table: Any = _TABLES[late.kind]
    done = (
        await table.update({table.overdue: level})
        .where(table.id == late.id, table.overdue == late.level)
        .returning(table.id)
    )
    if not done:
        raise Conflict("ranking.state_changed")
    about = f"hearing {late.kind} {late.id} {late.due_at.isoformat()}"
    if late.level < rules.HANDLER <= level:
        people = await handlers(late.handler, Role.COORDINATOR)
        await notices.post(people, MessageKind.STAFF_WAITS, f"{about} late", at=at)
    if level >= rules.LEADER:
        leaders = await accounts.holders(Role.PUBLISHER)
        await notices.post(leaders, MessageKind.LEADER_WAITS, f"{about} head", at=at)
    note.about(late.kind.value, late.code, overdue=level)


async def handlers(person: PersonId | None, *roles: Role) -> Sequence[PersonId]:
    """Return who handles a matter, or everybody who may where that person holds no role now."""
    active = await accounts.holders(*Role)
    return [person] if person in active and person else await accounts.holders(*roles)
