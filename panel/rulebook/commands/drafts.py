"""Writing measures by pages: start a draft, edit it, propose or discard it."""

from __future__ import annotations

import datetime as dt

import msgspec

from panel import entropy
from panel.actor import Actor, Role
from panel.audit.commands import entry
from panel.db import insert_rows, transaction
from panel.errors import Conflict, Fault, Invalid
from panel.ids import Code, PersonId
from panel.rulebook import queries, rules
from panel.rulebook.commands.versions import put
from panel.rulebook.tables import RulebookDraft
from panel.rulebook.types import DraftState, DraftView, Edit, Rulebook, RulebookVersion


async def start(
    actor: Actor, toml: str = "", *, based_on: Code | None = None, at: dt.datetime
) -> DraftView:
    """Begin a draft as a copy of a version, or from a file, which may not have faults."""
    actor.require(Role.COORDINATOR)
    base = await queries.version(based_on) if based_on is not None else None
    book = base.rulebook if base else rules.read(toml)
    row = RulebookDraft(
        code=entropy.code(),
        based_on=based_on or "",
        content=rules.content(book),
        author=actor.person,
        editors=_people(frozenset(), actor),
        saved_at=at,
    )
    async with entry(actor, "rulebook.start", at=at) as note:
        await insert_rows(RulebookDraft, [row])
        note.about("rulebook_draft", row.code, based_on=based_on or "")
    return await queries.draft(Code(row.code))


async def edit(
    actor: Actor, code: Code, change: Edit, *, seen: str = "", at: dt.datetime
) -> DraftView:
    """Save one edit; with ``seen`` it refuses to write over what somebody else saved since.

    Saving is no step of the history: the proposal is.
    """
    actor.require(Role.COORDINATOR)
    async with transaction():
        found = await queries.draft(code)
        rules.may_edit(found.state)
        if seen and rules.piece(found.rulebook, change) != seen:
            raise Invalid("form.faults", Fault("", "rulebook.changed_meanwhile"))
        kept = await queries.groups_kept(found.based_on)
        await _save(actor, found, rules.apply(found.rulebook, _tidy(change), kept), at=at)
    return await queries.draft(code)


def _tidy(change: Edit) -> Edit:
    """Trim and compose every text of an edit, as those of a file are."""
    return msgspec.convert(rules.tidy(msgspec.to_builtins(change)), type(change))


async def _save(actor: Actor, found: DraftView, book: Rulebook, *, at: dt.datetime) -> None:
    """Write the draft if nobody else did since it was read."""
    saved = (
        await RulebookDraft.update(
            {
                RulebookDraft.content: rules.content(book),
                RulebookDraft.revision: found.revision + 1,
                RulebookDraft.editors: _people(found.editors, actor),
                RulebookDraft.saved_at: at,
            }
        )
        .where(
            RulebookDraft.code == found.code,
            RulebookDraft.revision == found.revision,
            RulebookDraft.state == DraftState.DRAFT,
        )
        .returning(RulebookDraft.id)
    )
    if not saved:
        raise Conflict("rulebook.draft_changed")


def _people(known: frozenset[PersonId], actor: Actor) -> str:
    """Add whoever writes to those who wrote."""
    wrote = known if actor.person is None else known | {actor.person}
    return ",".join(str(person) for person in sorted(wrote))


async def propose_draft(actor: Actor, code: Code, *, at: dt.datetime) -> RulebookVersion:
    """Propose a draft; refuses it while it has faults. Whoever wrote at it will not approve it."""
    actor.require(Role.COORDINATOR)
    async with entry(actor, "rulebook.propose", at=at):
        found = await queries.draft(code)
        rules.may_edit(found.state)
        if found.faults:
            raise Invalid("rulebook.faults", *found.faults)
        version = await put(actor, rules.content(found.rulebook), found.editors, at=at)
        changed = (
            await RulebookDraft.update(
                {
                    RulebookDraft.state: DraftState.IN_REVIEW.value,
                    RulebookDraft.version: version.code,
                }
            )
            .where(
                RulebookDraft.code == code,
                RulebookDraft.state == DraftState.DRAFT,
                RulebookDraft.revision == found.revision,
            )
            .returning(RulebookDraft.id)
        )
        if not changed:
            raise Conflict("rulebook.draft_changed")
    return version


async def discard(actor: Actor, code: Code, *, at: dt.datetime) -> None:
    """Put a draft away; it stays readable in the history only by its code."""
    actor.require(Role.COORDINATOR)
    async with entry(actor, "rulebook.discard", at=at) as note:
        found = await queries.draft(code)
        rules.may_edit(found.state)
        await RulebookDraft.update({RulebookDraft.state: DraftState.DISCARDED.value}).where(
            RulebookDraft.code == code, RulebookDraft.state == DraftState.DRAFT
        )
        note.about("rulebook_draft", code)
