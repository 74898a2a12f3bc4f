"""Proposing a rulebook and approving it."""

from __future__ import annotations

import datetime as dt

from panel import entropy
from panel.actor import Actor, Role, Signature
from panel.audit.commands import Note, entry
from panel.db import Duplicate, insert_rows, savepoint
from panel.errors import Conflict
from panel.ids import Code, PersonId
from panel.rulebook import queries, rules
from panel.rulebook.commands.following import publish_draft, reopen_draft
from panel.rulebook.tables import Version
from panel.rulebook.types import RulebookState, RulebookVersion

_SEALED = ("code", "content", "hash", "state")


async def propose(actor: Actor, toml: str, *, at: dt.datetime) -> RulebookVersion:
    """Store a new version from a file; refuses every fault by its path, and a known text."""
    return await put(actor, rules.content(rules.read(toml)), frozenset(), at=at)


async def put(
    actor: Actor, content: str, editors: frozenset[PersonId], *, at: dt.datetime
) -> RulebookVersion:
    """Store a checked text as a proposal; ``editors`` wrote at it besides whoever proposes."""
    actor.require(Role.COORDINATOR)
    row = Version(
        code=entropy.code(),
        content=content,
        hash=rules.fingerprint(content),
        author=actor.person,
        editors=",".join(str(person) for person in sorted(editors)),
        proposed_at=at,
    )
    async with entry(actor, "rulebook.propose", at=at) as note:
        again = await Version.objects().get(
            (Version.hash == row.hash) & (Version.state == RulebookState.RETURNED)
        )
        if again is not None:
            row = await _proposed_again(again, actor, editors, at=at)
        else:
            try:
                async with savepoint():
                    (row.id,) = await insert_rows(Version, [row])
            except Duplicate as known:
                raise Conflict("rulebook.known", hash=row.hash[:12]) from known
        note.seal(row, *_SEALED)
        note.about("rulebook", row.code, hash=row.hash)
    return await queries.version(Code(row.code))


async def _proposed_again(
    row: Version, actor: Actor, editors: frozenset[PersonId], *, at: dt.datetime
) -> Version:
    """Propose a text anew that was given back; everybody who proposed it before stays an editor."""
    wrote = queries.people(row.editors) | editors
    if row.author is not None:
        wrote |= {PersonId(row.author)}
    row.state, row.author, row.proposed_at = RulebookState.PROPOSED.value, actor.person, at
    row.editors, row.reason = ",".join(str(person) for person in sorted(wrote)), ""
    await row.save()
    return row


async def approve(
    actor: Actor, code: Code, *, at: dt.datetime, paper: Signature | None = None
) -> RulebookVersion:
    """Put a version into force and freeze it; refuses its author unless signed on paper."""
    actor.require(Role.COORDINATOR)
    async with entry(actor, "rulebook.approve", at=at, paper=paper) as note:
        found = await queries.version(code)
        rules.may_approve(
            found,
            await queries.dry_run(found.hash),
            actor,
            paper,
            first=not await queries.approved_before(),
        )
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
        await publish_draft(code)
        note.about("rulebook", code, hash=found.hash)
    return await queries.version(code)


async def give_back(actor: Actor, code: Code, reason: str, *, at: dt.datetime) -> None:
    """Give a proposal back to its authors with a reason; its draft is open again."""
    actor.require(Role.COORDINATOR)
    async with entry(actor, "rulebook.give_back", at=at, reason=reason.strip()) as note:
        found = await queries.version(code)
        rules.may_return(found, actor, reason)
        await _withdrawn(note, found, reason.strip())


async def withdraw(actor: Actor, code: Code, *, at: dt.datetime) -> None:
    """Take one's own proposal back to go on writing; refuses what is frozen."""
    actor.require(Role.COORDINATOR)
    async with entry(actor, "rulebook.withdraw", at=at) as note:
        found = await queries.version(code)
        rules.may_withdraw(found.state)
        await _withdrawn(note, found, "")


async def _withdrawn(note: Note, found: RulebookVersion, reason: str) -> None:
    """Let a proposal end without effect; the same text may be proposed again later."""
    row = await Version.objects().get(
        (Version.code == found.code) & (Version.state == RulebookState.PROPOSED)
    )
    if row is None:
        raise Conflict("rulebook.frozen")
    row.state, row.reason = RulebookState.RETURNED.value, reason
    await row.save([Version.state, Version.reason])
    note.seal(row, *_SEALED)
    await reopen_draft(found.code)
    note.about("rulebook", found.code, hash=found.hash)
