"""Opening an identity: asked by one person, approved by another of another role, opened once."""

from __future__ import annotations

from datetime import datetime, timedelta

import msgspec

from panel import entropy, keys
from panel.actor import Actor
from panel.audit.commands import entry
from panel.db import insert_rows
from panel.errors import Conflict
from panel.ids import Code
from panel.rulebook import queries as rulebooks
from panel.vault import queries, rules
from panel.vault.tables import IdentityOpening
from panel.vault.types import OpeningKind, OpeningState, OpeningView


async def ask(
    actor: Actor, kind: OpeningKind, ref: str, reason: str, *, at: datetime
) -> OpeningView:
    """Ask for an identity to be opened; whoever asks must have something to do with its kind.

    The history tells that something was asked for, not what: the subject and the reason stay
    encrypted for the two persons and for auditors.
    """
    rules.may_ask(actor, kind)
    rules.check_opening(ref, reason)
    async with entry(actor, "vault.ask_opening", at=at) as note:
        code = entropy.code()
        plain = msgspec.json.encode([ref.strip(), reason.strip()])
        row = IdentityOpening(
            code=code,
            kind=kind,
            sealed=keys.current().seal("visit", plain, rules.opening_context(code)),
            state=OpeningState.ASKED,
            asked_by=actor.person,
            asked_name=actor.name,
            asked_office=actor.office,
            asked_roles=",".join(sorted(role.value for role in actor.roles)),
            asked_at=at,
        )
        await insert_rows(IdentityOpening, [row])
        note.about("opening", code, what=kind.value, after=OpeningState.ASKED.value)
    return await queries.opening(code)


async def decide(actor: Actor, code: Code, *, approve: bool, at: datetime) -> OpeningView:
    """Approve or refuse as a second person of another role; from then the minutes run.

    Refuses whoever asked, another account of the same person, and the same role.
    """
    async with entry(actor, "vault.decide_opening", at=at) as note:
        view = await queries.opening(code)
        rules.may_decide(actor, view, at)
        after = OpeningState.APPROVED if approve else OpeningState.REFUSED
        minutes = (await rulebooks.current()).rulebook.covert.opening_minutes
        done = (
            await IdentityOpening.update(
                {
                    IdentityOpening.state: after,
                    IdentityOpening.decided_by: actor.person,
                    IdentityOpening.decided_name: actor.name,
                    IdentityOpening.decided_office: actor.office,
                    IdentityOpening.decided_at: at,
                    IdentityOpening.until: at + timedelta(minutes=minutes) if approve else None,
                }
            )
            .where(IdentityOpening.id == view.id, IdentityOpening.state == OpeningState.ASKED)
            .returning(IdentityOpening.id)
        )
        if not done:
            raise Conflict("opening.decided")
        note.about("opening", code, before=view.state.value, after=after.value)
    return await queries.opening(code)


async def redeem(actor: Actor, code: Code, kind: OpeningKind, *, at: datetime) -> OpeningView:
    """Use up an approval, once, in its minutes, by whoever asked; joins the caller's command."""
    async with entry(actor, "vault.redeem_opening", at=at) as note:
        view = await queries.opening(code)
        rules.may_redeem(actor, view, kind, at)
        done = (
            await IdentityOpening.update(
                {IdentityOpening.state: OpeningState.OPENED, IdentityOpening.opened_at: at}
            )
            .where(IdentityOpening.id == view.id, IdentityOpening.state == OpeningState.APPROVED)
            .returning(IdentityOpening.id)
        )
        if not done:
            raise Conflict("opening.used")
        note.about("opening", code, what=kind.value, before=view.state.value, after="opened")
    return await queries.opening(code)
