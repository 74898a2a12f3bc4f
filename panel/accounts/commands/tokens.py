"""Tokens by which other programs read; they open what their scopes name and nothing else."""

from __future__ import annotations

from datetime import datetime, timedelta

from panel import entropy
from panel.accounts import rules
from panel.accounts.tables import ApiToken
from panel.accounts.types import NewToken, Scope
from panel.actor import Actor, Role
from panel.audit.commands import entry
from panel.db import insert_rows
from panel.errors import Conflict
from panel.ids import Code


async def make_token(
    actor: Actor, name: str, scopes: tuple[Scope, ...], days: int, *, at: datetime
) -> NewToken:
    """Make a token for a program; its text is shown once and kept as a hash.

    Refuses one without a name or scope, and a life of more than a year.
    """
    actor.require(Role.ADMINISTRATOR)
    rules.check_token(name, scopes, days)
    token = entropy.token()
    row = ApiToken(
        code=entropy.code(),
        name=name.strip(),
        token_hash=rules.token_hash(token),
        scopes=",".join(scopes),
        created_by=actor.name,
        created_at=at,
        expires_at=at + timedelta(days=days),
    )
    async with entry(actor, "accounts.make_token", at=at) as note:
        await insert_rows(ApiToken, [row])
        note.about("token", row.code, scopes=row.scopes, days=days)
    return NewToken(code=Code(row.code), token=token)


async def revoke_token(actor: Actor, code: Code, *, at: datetime) -> None:
    """End a token at once."""
    actor.require(Role.ADMINISTRATOR)
    async with entry(actor, "accounts.revoke_token", at=at) as note:
        done = (
            await ApiToken.update({ApiToken.revoked_at: at})
            .where(ApiToken.code == code, ApiToken.revoked_at.is_null())
            .returning(ApiToken.id)
        )
        if not done:
            raise Conflict("token.revoked")
        note.about("token", code, revoked=True)


async def use_token(code: Code, *, at: datetime) -> None:
    """Note the day on which a token was used last; no command of the history."""
    today = at.date()
    await ApiToken.update({ApiToken.used_on: today}).where(
        ApiToken.code == code, (ApiToken.used_on != today) | ApiToken.used_on.is_null()
    )
