"""Erasing who an officer was who left, once nothing of a list waits for a name."""

from __future__ import annotations

from datetime import datetime

from panel.actor import Actor
from panel.audit.commands import entry
from panel.ids import Code
from panel.rankings.queries import officers as queries
from panel.rankings.rules import officers as rules
from panel.roster.commands import erasure


async def ask_to_erase(actor: Actor, officer: Code, *, at: datetime) -> None:
    """Ask that the name of an officer who left be erased; refuses while a case needs it."""
    async with entry(actor, "rankings.ask_to_erase_officer", at=at):
        rules.may_erase(await queries.cases_of(officer), await queries.appeals_open(officer))
        await erasure.ask(actor, officer, at=at)


async def erase(actor: Actor, officer: Code, *, at: datetime) -> None:
    """Erase who an officer was, as another person than who asked; the record keeps the post."""
    async with entry(actor, "rankings.erase_officer", at=at):
        rules.may_erase(await queries.cases_of(officer), await queries.appeals_open(officer))
        await erasure.erase(actor, officer, at=at)


async def keep(actor: Actor, officer: Code, *, at: datetime) -> None:
    """Turn the request down, or take the own one back: the name stays in the vault."""
    await erasure.keep(actor, officer, at=at)
