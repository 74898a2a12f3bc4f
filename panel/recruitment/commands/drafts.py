"""Drafts: what somebody typed and keeps for later; not a command, so it leaves no entry."""

from __future__ import annotations

import datetime as dt

import msgspec

from panel import keys
from panel.accounts.commands import limits
from panel.db import Duplicate, savepoint, transaction
from panel.errors import Invalid, Missing, Refusal
from panel.ids import Code, read_code, read_key
from panel.recruitment import queries
from panel.recruitment.queries import keyed
from panel.recruitment.rules import campaigns as rules
from panel.recruitment.rules.applications import draft_ends
from panel.recruitment.tables import ApplicationDraft
from panel.recruitment.types.applications import SavedDraft
from panel.rulebook import queries as rulebook

_LONGEST = 20_000
_FREE_TRIES = 10
_CONTEXT = "application_draft:{}:sealed"


async def save(campaign: Code, fields: dict[str, str], *, key: str, at: dt.datetime) -> SavedDraft:
    """Keep what was typed, right or wrong; the same form's key keeps it in the same draft.

    It is sealed with a key that is made of the draft's own code, which is stored nowhere.
    """
    read_key(key)
    found = await queries.announced_campaign(campaign)
    rules.may_apply(found, at)
    data = msgspec.json.encode({**fields, "key": key})
    if len(data) > _LONGEST:
        raise Invalid("draft.too_long")
    code = keyed.draft_code(campaign, key)
    mark = keyed.draft_hash(campaign, code)
    sealed = keys.seal(keyed.draft_key(campaign, code), data, _CONTEXT.format(mark))
    version = await rulebook.version(found.rulebook)
    ends = draft_ends(found, version.rulebook, at)
    if not await _update(mark, sealed, at, ends):
        try:
            async with transaction(), savepoint():
                await ApplicationDraft.insert(
                    ApplicationDraft(
                        campaign=found.id,
                        code_hash=mark,
                        sealed=sealed,
                        saved_at=at,
                        expires_at=ends,
                    )
                )
        except Duplicate:
            await _update(mark, sealed, at, ends)
    return SavedDraft(code, ends)


async def _update(mark: str, sealed: bytes, at: dt.datetime, ends: dt.datetime) -> bool:
    async with transaction():
        changed = (
            await ApplicationDraft.update(
                {
                    ApplicationDraft.sealed: sealed,
                    ApplicationDraft.saved_at: at,
                    ApplicationDraft.expires_at: ends,
                }
            )
            .where(ApplicationDraft.code_hash == mark)
            .returning(ApplicationDraft.id)
        )
    return bool(changed)


async def open_draft(campaign: Code, code: str, caller: str, *, at: dt.datetime) -> dict[str, str]:
    """Return what was typed; a wrong code and an expired draft are refused alike.

    Tries of one code wait; an address alone only slows down, for a hall or a carrier shares it.
    """
    try:
        typed = read_code(code)
    except Refusal:
        typed = Code("")
    turn = f"draft {campaign} {typed} {caller}"
    failed = await limits.tries_left_open(turn, at=at)
    mark = keyed.draft_hash(campaign, typed)
    row = (
        await ApplicationDraft.select(ApplicationDraft.sealed)
        .where(
            ApplicationDraft.campaign.code == campaign,
            ApplicationDraft.code_hash == mark,
            ApplicationDraft.expires_at > at,
        )
        .first()
    )
    if row is None:
        await limits.take_turn(turn, at=at, free=_FREE_TRIES)
        await limits.note_failure(caller, at=at)
        raise Missing("draft.unknown")
    if failed:
        await limits.forgive(turn)
    data = keys.unseal(
        keyed.draft_key(campaign, typed), bytes(row["sealed"]), _CONTEXT.format(mark)
    )
    return msgspec.json.decode(data, type=dict[str, str])


async def discard(campaign: Code, key: str) -> None:
    """Delete the draft of a form that was sent; joins the caller's command."""
    mark = keyed.draft_hash(campaign, keyed.draft_code(campaign, key))
    await ApplicationDraft.delete().where(ApplicationDraft.code_hash == mark)


async def expire(*, at: dt.datetime) -> int:
    """Delete drafts whose time is over: an hourly job; return how many."""
    async with transaction():
        gone = (
            await ApplicationDraft.delete()
            .where(ApplicationDraft.expires_at <= at)
            .returning(ApplicationDraft.id)
        )
    return len(gone)
