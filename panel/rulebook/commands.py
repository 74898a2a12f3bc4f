"""Proposing a rulebook and approving it."""

from __future__ import annotations

import datetime as dt

from panel import entropy
from panel.actor import Actor, Role, Signature, second_person
from panel.audit.commands import entry
from panel.db import Duplicate, insert_rows, savepoint
from panel.errors import Conflict
from panel.ids import Code
from panel.rulebook import queries, rules
from panel.rulebook.tables import Version
from panel.rulebook.types import RulebookState, RulebookVersion

_SEALED = ("code", "content", "hash", "state")


async def propose(actor: Actor, toml: str, *, at: dt.datetime) -> RulebookVersion:
    """Store a new version; refuses every fault by its path and a text that is known already."""
    actor.require(Role.COORDINATOR)
    content = rules.content(rules.read(toml))
    row = Version(
        code=entropy.code(),
        content=content,
        hash=rules.fingerprint(content),
        author=actor.person,
        proposed_at=at,
    )
    async with entry(actor, "rulebook.propose", at=at) as note:
        try:
            async with savepoint():
                (row.id,) = await insert_rows(Version, [row])
        except Duplicate as known:
            raise Conflict("rulebook.known", hash=row.hash[:12]) from known
        note.seal(row, *_SEALED)
        note.about("rulebook", row.code, hash=row.hash)
    return await queries.version(Code(row.code))


async def approve(
    actor: Actor, code: Code, *, at: dt.datetime, paper: Signature | None = None
) -> RulebookVersion:
    """Put a version into force and freeze it; refuses its author unless signed on paper."""
    actor.require(Role.COORDINATOR)
    async with entry(actor, "rulebook.approve", at=at, paper=paper) as note:
        found = await queries.version(code)
        rules.may_approve(found.state)
        second_person(found.author, actor, paper)
        for old in await Version.objects().where(Version.state == RulebookState.APPROVED):
            old.state = RulebookState.SUPERSEDED.value
            await old.save([Version.state])
            note.seal(old, *_SEALED)
        changed = (
            await Version.update(
                {
                    Version.state: RulebookState.APPROVED,
                    Version.approved_by: actor.person,
                    Version.approved_at: at,
                    Version.document: paper.document if paper else "",
                }
            )
            .where(Version.code == code, Version.state == RulebookState.PROPOSED)
            .returning(Version.id)
        )
        if not changed:
            raise Conflict("rulebook.frozen")
        row = await Version.objects().get(Version.code == code)
        if row is not None:
            note.seal(row, *_SEALED)
        note.about("rulebook", code, hash=found.hash)
    return await queries.version(code)
