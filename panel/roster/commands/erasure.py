"""Erasing who an officer was who left: the name goes, the post stays on the record."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from piccolo.columns import Column

from panel.actor import Actor, Role
from panel.audit.commands import Note, entry
from panel.errors import Conflict
from panel.ids import Code
from panel.roster.queries import duty
from panel.roster.rules import erasure as rules
from panel.roster.tables import Officer
from panel.roster.types import OfficerView
from panel.vault import commands as vault

SEALED: Final = ("code", "unit", "number", "person", "post", "mid_level", "state")
_REASON: Final = "officer left"


async def ask(actor: Actor, code: Code, *, at: datetime) -> None:
    """Ask that the name of an officer who left be erased; another person does it."""
    actor.require(Role.COORDINATOR, Role.PUBLISHER)
    async with entry(actor, "roster.ask_to_erase_officer", at=at) as note:
        view = await duty.officer(code)
        rules.may_ask(view)
        await _change(
            note, view, {Officer.erase_asked_by: actor.person, Officer.erase_asked_at: at}
        )
        note.about("officer", code, erasing=True)


async def keep(actor: Actor, code: Code, *, at: datetime) -> None:
    """Turn a request down, or take the own one back."""
    actor.require(Role.COORDINATOR, Role.PUBLISHER)
    async with entry(actor, "roster.keep_officer", at=at) as note:
        view = await duty.officer(code)
        rules.may_keep(view)
        await _change(note, view, {Officer.erase_asked_by: None, Officer.erase_asked_at: None})
        note.about("officer", code, erasing=False)


async def erase(actor: Actor, code: Code, *, at: datetime) -> None:
    """Erase an officer who left as another person than who asked.

    Name and texts can't be read by anybody any more; number, unit and post stay.
    """
    actor.require(Role.COORDINATOR, Role.PUBLISHER)
    async with entry(actor, "roster.erase_officer", at=at) as note:
        view = await duty.officer(code)
        rules.may_erase(view, actor)
        await _change(note, view, {Officer.erased_at: at, Officer.match: ""})
        await vault.erase(actor, view.person, _REASON, at=at)
        note.about("officer", code, erased=True)


async def _change(note: Note, view: OfficerView, values: dict[Column | str, Any]) -> None:
    """Change an officer who still stands as the command found it."""
    asked = (
        Officer.erase_asked_at.is_null()
        if view.erase_asked_at is None
        else Officer.erase_asked_at == view.erase_asked_at
    )
    done = (
        await Officer.update(values)
        .where(
            Officer.id == view.id,
            Officer.state == view.state.value,
            Officer.erased_at.is_null(),
            asked,
        )
        .returning(*Officer.all_columns())
    )
    if not done:
        raise Conflict("officer.changed")
    note.seal(Officer(**done[0]), *SEALED)
