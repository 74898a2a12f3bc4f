"""What commands about many members at once share."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from piccolo.columns import Column

from panel.errors import Conflict, Missing
from panel.ids import Code
from panel.members import queries, rules
from panel.members.tables import Member
from panel.members.types import LEFT, MemberState, MemberView

_CHUNK = 1000


async def several(codes: Sequence[Code]) -> list[MemberView]:
    """Return the members of a bulk command; one unknown code refuses them all."""
    wanted = sorted(set(codes))
    if not wanted:
        raise Missing("member.nobody")
    found = await queries.several(wanted)
    if len(found) != len(wanted):
        raise Missing("member.unknown")
    return found


async def change(members: Sequence[MemberView], values: dict[Column | str, Any]) -> None:
    """Change serving members; refuses all when one of them left meanwhile."""
    for start in range(0, len(members), _CHUNK):
        ids = [each.id for each in members[start : start + _CHUNK]]
        updated = (
            await Member.update(values)
            .where(Member.id.is_in(ids), Member.state.not_in(list(LEFT)))
            .returning(Member.id)
        )
        if len(updated) != len(ids):
            raise Conflict("member.left")


async def activate(members: Sequence[MemberView]) -> None:
    """Make those active who were only waiting for what they lacked."""
    waiting = [each for each in members if each.state in rules.WAITING]
    if waiting:
        await change(waiting, {Member.state: MemberState.ACTIVE})
