"""Closing windows, opening them again, giving them up."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from panel.actor import Actor, Role
from panel.audit.commands import Note, entry
from panel.errors import Conflict
from panel.ids import Code
from panel.roster import queries
from panel.roster.rules import windows as rules
from panel.roster.tables import Window
from panel.roster.types import WindowState, WindowView

SEALED = ("code", "number", "unit", "staff", "transactions", "covert_ok", "state")
"""What decides about visits and rankings: a change outside of commands is found."""


async def close_window(actor: Actor, code: Code, reason: str, *, at: datetime) -> WindowView:
    """Close a window for a time; by the office or the unit's liaison, with a public reason."""
    window = await queries.window(code)
    rules.may_change(actor, window)
    reason = rules.close(window, reason)
    return await _turn(actor, window, "roster.close", WindowState.CLOSED, reason, at=at)


async def reopen_window(actor: Actor, code: Code, *, at: datetime) -> WindowView:
    """Open a closed window again; refuses one that is not closed."""
    window = await queries.window(code)
    rules.may_change(actor, window)
    rules.reopen(window)
    return await _turn(actor, window, "roster.reopen", WindowState.ACTIVE, "", at=at)


async def retire_window(actor: Actor, code: Code, reason: str, *, at: datetime) -> WindowView:
    """Give up a closed window for good; its code is never used again."""
    actor.require(Role.COORDINATOR)
    window = await queries.window(code)
    reason = rules.retire(window, reason)
    return await _turn(actor, window, "roster.retire", WindowState.RETIRED, reason, at=at)


async def seal(note: Note, refs: Sequence[str]) -> None:
    """Keep the digests of windows that were just written."""
    for row in await Window.objects().where(Window.number.is_in(list(refs))):
        note.seal(row, *SEALED)


async def _turn(
    actor: Actor,
    window: WindowView,
    command: str,
    state: WindowState,
    reason: str,
    *,
    at: datetime,
) -> WindowView:
    """Bring a window from the state that was judged into another one."""
    async with entry(actor, command, at=at, reason=reason) as note:
        rows = (
            await Window.update({Window.state: state.value, Window.reason: reason})
            .where(Window.id == window.id, Window.state == window.state.value)
            .returning(Window.id)
        )
        if not rows:
            raise Conflict("roster.window_state", state=window.state.value)
        note.about("window", window.code, before=window.state.value, after=state.value)
        await seal(note, [window.ref])
    return await queries.window(window.code)
