"""Writing messages into the outbox, handing them to transports, choosing how to be told.

A reminder is no command: it is a row beside what caused it. What a coordinator sends to many is.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from piccolo.columns import Column

from panel import entropy, keys
from panel.actor import Actor, Role
from panel.audit.commands import entry
from panel.db import insert_rows, raw, transaction
from panel.errors import Conflict, Forbidden, Invalid
from panel.ids import Code, PersonId
from panel.notices import queries, rules
from panel.notices.tables import Message, MessageBatch
from panel.notices.types import (
    Channel,
    MessageKind,
    MessageState,
    Outgoing,
    Preference,
    Reach,
)
from panel.vault import commands as vault
from panel.vault.types import Identity
from panel.workdays import SHANGHAI

_LEASE: Final = timedelta(minutes=2)
"""How long a message of a killed worker waits before another one sends it again."""


async def choose(
    actor: Actor, person: PersonId, wish: Preference, email: str, *, at: datetime
) -> None:
    """Keep how a person wants to be told; refuses e-mail without an address."""
    if actor.person != person:
        raise Forbidden("actor.role")
    tidy = email.strip()
    rules.check_address(wish.channel, tidy)
    async with entry(actor, "notices.choose", at=at) as note:
        await raw(
            "INSERT INTO message_contact (person, channel, lang, changed_at) "
            "VALUES ({}, {}, {}, {}) ON CONFLICT (person) DO UPDATE SET "
            "channel = excluded.channel, lang = excluded.lang, changed_at = excluded.changed_at",
            person,
            wish.channel,
            wish.lang,
            at,
        )
        if tidy:
            await vault.replace(person, Identity(name="", email=tidy))
        else:
            await vault.forget(person, "email")
        note.about("contact", "", channel=wish.channel.value)


async def prefer(person: PersonId, wish: Preference, *, at: datetime) -> None:
    """Keep by which way somebody is reached who did not choose yet; joins the caller's command."""
    await raw(
        "INSERT INTO message_contact (person, channel, lang, changed_at) VALUES ({}, {}, {}, {}) "
        "ON CONFLICT (person) DO NOTHING",
        person,
        wish.channel,
        wish.lang,
        at,
    )


async def post(
    persons: Sequence[PersonId],
    kind: MessageKind,
    occasion: str,
    *,
    at: datetime,
    batch: Code | None = None,
    about: str = "",
) -> int:
    """Put one message to each person into the outbox; return how many are new.

    Joins the caller's transaction. The same person is told of the same occasion once. The row
    keeps the day alone: beside a name, the minute of an offer would tell whose task it is.
    """
    if not persons:
        return 0
    measures = await queries.measures()
    wishes = await queries.preferences(persons)
    leaves = rules.send_at(at, measures)
    day = rules.day_of(at)
    new = 0
    async with transaction():
        for person in dict.fromkeys(persons):
            wish = wishes[person]
            call = wish.channel is Channel.CALL
            rows = await raw(
                "INSERT INTO message (code, kind, channel, lang, person, state, run_at, made_at, "
                "attempts, error, dedupe, batch, about, cost_hundredths) "
                "VALUES ({}, {}, {}, {}, {}, {}, {}, {}, 0, '', {}, {}, {}, {}) "
                "ON CONFLICT (dedupe) DO NOTHING RETURNING id",
                entropy.code(),
                kind,
                wish.channel,
                wish.lang,
                person,
                MessageState.FAILED if call else MessageState.WAITING,
                day if call else leaves,
                day,
                keys.current().hash("address", "message", str(person), kind, occasion),
                batch or "",
                about,
                rules.price(wish.channel, measures),
            )
            new += len(rows)
    return new


async def write(
    actor: Actor,
    persons: Sequence[PersonId],
    kind: MessageKind,
    audience: str,
    shown: Reach,
    *,
    at: datetime,
) -> Code:
    """Send one neutral text to many; refuses when ways or price changed since they were shown."""
    actor.require(Role.COORDINATOR)
    async with entry(actor, "notices.write", at=at) as note:
        found = await queries.reach(persons)
        if not found.total:
            raise Invalid("message.nobody")
        if found != shown:
            raise Conflict("message.reach_changed")
        row = MessageBatch(
            code=entropy.code(),
            kind=kind,
            audience=audience,
            sms=found.sms,
            email=found.email,
            call=found.call,
            cost_hundredths=found.cost_hundredths,
            created_by=actor.name,
            created_at=at,
        )
        await insert_rows(MessageBatch, [row])
        code = Code(row.code)
        await post(persons, kind, code, at=at, batch=code)
        note.about("message", code, text=kind.value, count=found.total, cost=found.cost_hundredths)
    return code


async def take(*, at: datetime, limit: int = 20) -> list[Outgoing]:
    """Lease messages that are due; a lease that ran out is taken again with the same code."""
    async with transaction():
        due = await raw(
            "SELECT id FROM message WHERE state = {} AND run_at <= {} ORDER BY run_at, id LIMIT {}",
            MessageState.WAITING,
            at,
            limit,
        )
        taken = []
        for row in due:
            rows = await raw(
                "UPDATE message SET run_at = {}, attempts = attempts + 1 "
                "WHERE id = {} AND state = {} AND run_at <= {} "
                "RETURNING id, code, kind, channel, lang, person, attempts, about",
                at + _LEASE,
                row["id"],
                MessageState.WAITING,
                at,
            )
            taken += rows
    return [
        Outgoing(
            id=row["id"],
            code=Code(row["code"]),
            kind=MessageKind(row["kind"]),
            channel=Channel(row["channel"]),
            lang=row["lang"],
            person=PersonId(row["person"]),
            attempts=row["attempts"],
            about=row["about"],
        )
        for row in taken
    ]


async def sent(message: Outgoing, *, at: datetime) -> None:
    """Note that a message left, and forget to whom."""
    await Message.update(
        {
            Message.state: MessageState.SENT,
            Message.person: None,
            Message.error: "",
            Message.settled_on: at.astimezone(SHANGHAI).date(),
        }
    ).where(Message.id == message.id, Message.state == MessageState.WAITING)


async def failed(message: Outgoing, error: str, *, for_good: bool, at: datetime) -> None:
    """Put a message off, or after the last attempt put its person on the telephone list."""
    later = rules.again_at(at, message.attempts, await queries.measures())
    if for_good or later is None:
        changes: dict[Column | str, Any] = {
            Message.state: MessageState.FAILED,
            Message.settled_on: at.astimezone(SHANGHAI).date(),
            Message.error: error[:80],
            Message.run_at: rules.day_of(at),
        }
    else:
        changes = {Message.run_at: later, Message.error: error[:80]}
    await Message.update(changes).where(
        Message.id == message.id, Message.state == MessageState.WAITING
    )


async def called(actor: Actor, code: Code, *, at: datetime) -> None:
    """Note that somebody was called, and forget whom."""
    actor.require(Role.COORDINATOR)
    async with entry(actor, "notices.called", at=at) as note:
        done = (
            await Message.update(
                {
                    Message.state: MessageState.CALLED,
                    Message.person: None,
                    Message.settled_on: at.astimezone(SHANGHAI).date(),
                }
            )
            .where(Message.code == code, Message.state == MessageState.FAILED)
            .returning(Message.id)
        )
        if not done:
            raise Conflict("message.settled")
        note.about("message", code, after=MessageState.CALLED.value)
