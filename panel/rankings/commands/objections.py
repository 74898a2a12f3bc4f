"""Objections to a ranking in public notice: filing, deciding, reading the reply."""

from __future__ import annotations

import contextlib
from datetime import datetime
from typing import Final

import msgspec

from panel import keys
from panel.accounts.commands import limits
from panel.actor import ANYBODY, Actor, Role
from panel.audit.commands import entry
from panel.db import Duplicate, insert_rows
from panel.entropy import code as fresh_code
from panel.errors import Conflict, Missing, Refusal
from panel.ids import Code, PersonId, read_code, read_key
from panel.rankings import queries
from panel.rankings.queries import objections as filed
from panel.rankings.rules import objections as rules
from panel.rankings.rules.appeals import limit
from panel.rankings.tables import RankingObjection
from panel.rankings.types import (
    Kind,
    ObjectionAnswer,
    ObjectionChannel,
    ObjectionForm,
    ObjectionGround,
    ObjectionOutcome,
    ObjectionReceipt,
    ObjectionState,
    ObjectionView,
    RankingView,
)
from panel.rulebook import queries as rulebooks
from panel.vault import commands as vault
from panel.vault.types import Identity, OpeningKind, Purpose

FREE_TRIES: Final = 10
_TEXT: Final = "text/plain"
_OPENED: Final = ("name", "phone")
_WHY_OPENED: Final = "identity.opened.objector"
_SEALED: Final = ("code", "ranking", "ground", "state", "decision", "document", "decided_by")


async def object_to(
    round: Code,  # noqa: A002
    form: ObjectionForm,
    *,
    key: str,
    at: datetime,
    actor: Actor = ANYBODY,
    channel: ObjectionChannel = ObjectionChannel.ONLINE,
) -> ObjectionReceipt:
    """Take in an objection; the same key gives the same receipt, with other content a refusal.

    A clerk records for the objector what came by phone, letter or at the counter.
    """
    if channel is not ObjectionChannel.ONLINE:
        actor.require(Role.COORDINATOR, Role.INTAKE_CLERK, Role.PUBLISHER)
    read_key(key)
    sent = keys.current().hash("person", "objection", msgspec.json.encode(form).decode())
    view = await queries.ranking(round)
    earlier = await _earlier(view, key, sent)
    if earlier is not None:
        return earlier
    # The same post several times at once: one row, and its receipt for each of them.
    with contextlib.suppress(Duplicate):
        await _take_in(actor, view.round_code, form, key, sent, channel, at=at)
    found = await _earlier(view, key, sent)
    if found is None:
        raise Missing("objection.unknown")
    return found


async def _earlier(view: RankingView, key: str, sent: str) -> ObjectionReceipt | None:
    found = await filed.receipt(view.id, key)
    if found is None:
        return None
    receipt, stored = found
    if stored != sent:
        raise Conflict("objection.other_content", number=receipt.number)
    return receipt


async def readable(round: Code, form: ObjectionForm, *, at: datetime) -> ObjectionGround:  # noqa: A002
    """Refuse an objection that could not be taken in, for the page that shows it before."""
    ground, _ = await _read(round, form, at)
    return ground


async def _read(
    code: Code, form: ObjectionForm, at: datetime
) -> tuple[ObjectionGround, RankingView]:
    view = await queries.ranking(code)
    rules.may_object(view, at)
    every = await queries.lists(view.id, view.edition)
    listed = {row.code for one in every if one.kind is Kind.UNIT for row in one.rows}
    return rules.check(form, frozenset(listed)), view


async def _take_in(  # noqa: PLR0917 - what one row is made of
    actor: Actor,
    code: Code,
    form: ObjectionForm,
    key: str,
    sent: str,
    channel: ObjectionChannel,
    *,
    at: datetime,
) -> None:
    async with entry(actor, "rankings.object", at=at) as note:
        ground, view = await _read(code, form, at)
        book = (await rulebooks.version(view.rulebook_code)).rulebook
        person = await vault.enrol(
            Identity(name=form.name, phone=form.phone), at=at, purpose=Purpose.REPORTER
        )
        row = RankingObjection(
            code=fresh_code(),
            ranking=view.id,
            edition=view.edition,
            person=person,
            channel=channel.value,
            ground=ground.value,
            unit=form.unit,
            text=await _sealed(person, form.text, at),
            key=key,
            body_digest=sent,
            state=ObjectionState.OPEN.value,
            filed_at=at,
            due_at=limit(book, "objection_decision", at),
        )
        await insert_rows(RankingObjection, [row])
        note.seal(row, *_SEALED)
        note.about("objection", row.code, round=code, ground=ground.value, channel=channel.value)


async def _sealed(person: PersonId, text: str, at: datetime) -> Code:
    return await vault.attach(person, text.strip().encode(), _TEXT, at=at)


async def decide(
    actor: Actor, number: Code, outcome: ObjectionOutcome, *, at: datetime
) -> ObjectionView:
    """Decide an objection with finding, reply and document, as another than who computed.

    Upheld, it holds the ranking up until a later edition has put it right.
    """
    actor.require(Role.COORDINATOR, Role.PUBLISHER)
    async with entry(actor, "rankings.decide_objection", at=at) as note:
        view = await filed.objection(number)
        ranking = await queries.ranking(view.round_code)
        computed = {each.computed_by for each in await queries.editions(ranking.id)}
        decision = rules.may_decide(view, outcome, actor.person, computed)
        rows = (
            await RankingObjection.update(
                {
                    RankingObjection.state: ObjectionState.DECIDED.value,
                    RankingObjection.decision: decision.value,
                    RankingObjection.finding: await _sealed(view.person, outcome.finding, at),
                    RankingObjection.reply: await _sealed(view.person, outcome.reply, at),
                    RankingObjection.document: outcome.document.strip(),
                    RankingObjection.decided_at: at,
                    RankingObjection.decided_by: actor.person,
                }
            )
            .where(
                RankingObjection.id == view.id,
                RankingObjection.state == ObjectionState.OPEN.value,
            )
            .returning(*RankingObjection.all_columns())
        )
        if not rows:
            raise Conflict("objection.decided")
        note.seal(RankingObjection(**rows[0]), *_SEALED)
        note.about("objection", number, decision=decision.value)
    return await filed.objection(number)


async def read_texts(actor: Actor, number: Code, reason: str, *, at: datetime) -> tuple[str, ...]:
    """Open what was objected, found and replied, in this order; the look is logged.

    Who objects stays sealed until two persons open it.
    """
    actor.require(Role.COORDINATOR, Role.PUBLISHER)
    view = await filed.objection(number)
    attached = await vault.look_attached(
        actor, view.person, await filed.texts(number), reason, at=at
    )
    return tuple(each.data.decode() for each in attached)


async def open_objector(actor: Actor, opening: Code, *, at: datetime) -> Identity:
    """Open who objected, once, after another person approved it; the objector's data says so."""
    async with entry(actor, "rankings.open_objector", at=at) as note:
        granted = await vault.redeem(actor, opening, OpeningKind.PROTESTER, at=at)
        view = await filed.objection(read_code(granted.ref))
        note.about("opening", opening, opened=True)
        return await vault.look(actor, view.person, _OPENED, _WHY_OPENED, at=at)


async def read_answer(
    round: Code,  # noqa: A002
    number: str,
    code: str,
    caller: str,
    *,
    at: datetime,
) -> ObjectionAnswer:
    """Open the reply with number and receipt code; wrong and unknown ones are refused alike.

    Ten tries of a caller are free, then each waits longer. Joins no other command.
    """
    typed, secret = _as_code(number), _as_code(code)
    turn = f"ranking objection {round} {typed} {caller}"
    await limits.take_turn(turn, at=at, free=FREE_TRIES)
    view = await queries.ranking(round)
    found = await filed.answer_of(view.id, typed, secret)
    if found is None:
        await limits.note_failure(caller, at=at)
        raise Missing("objection.no_receipt")
    await limits.forgive(turn)
    return found


def _as_code(text: str) -> str:
    """Return a code as typed, and one that opens nothing where it can't be one."""
    try:
        return read_code(text)
    except Refusal:
        return ""
