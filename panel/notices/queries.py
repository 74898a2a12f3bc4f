"""Reads of messages."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from panel.db import raw
from panel.errors import Missing
from panel.ids import Code, PersonId
from panel.notices import rules
from panel.notices.tables import Contact
from panel.notices.types import (
    Batch,
    Call,
    Channel,
    Count,
    MessageKind,
    MessageState,
    Outgoing,
    Preference,
    Reach,
)
from panel.rulebook import queries as rulebooks
from panel.rulebook.types import Messages
from panel.vault import queries as vault

_CHUNK: Final = 500
_FIELDS: Final = {Channel.SMS: "phone", Channel.EMAIL: "email"}
"""The field of the vault to which each way leads."""


async def measures() -> Messages:
    """Return the hours and prices in force; the usual ones in a city without measures."""
    try:
        return (await rulebooks.current()).rulebook.messages
    except Missing:
        return Messages()


async def preference(person: PersonId) -> Preference:
    """Return how a person wants to be told."""
    return (await preferences([person]))[person]


async def preferences(persons: Sequence[PersonId]) -> dict[PersonId, Preference]:
    """Return how persons want to be told; whoever never chose gets the usual way."""
    found = dict.fromkeys(persons, Preference())
    for start in range(0, len(persons), _CHUNK):
        rows = await Contact.select(Contact.person, Contact.channel, Contact.lang).where(
            Contact.person.is_in(list(persons[start : start + _CHUNK]))
        )
        for row in rows:
            found[PersonId(row["person"])] = Preference(Channel(row["channel"]), row["lang"])
    return found


async def reach(persons: Sequence[PersonId]) -> Reach:
    """Return how a message to these persons would travel and what it would cost."""
    return rules.reach((await preferences(persons)).values(), await measures())


async def calls(*, limit: int = 500) -> list[Call]:
    """Return whom the office should call, the longest waiting first."""
    rows = await raw(
        "SELECT code, kind, person, made_at FROM message WHERE state = {} AND person IS NOT NULL "
        "ORDER BY made_at, id LIMIT {}",
        MessageState.FAILED,
        limit,
    )
    return [
        Call(
            code=Code(row["code"]),
            kind=MessageKind(row["kind"]),
            person=PersonId(row["person"]),
            since=row["made_at"],
        )
        for row in rows
    ]


async def waiting() -> int:
    """Return how many messages are still to be sent."""
    rows = await raw("SELECT count(*) AS count FROM message WHERE state = {}", MessageState.WAITING)
    return int(rows[0]["count"])


async def to_call() -> int:
    """Return how many people are to be called."""
    rows = await raw(
        "SELECT count(*) AS count FROM message WHERE state = {} AND person IS NOT NULL",
        MessageState.FAILED,
    )
    return int(rows[0]["count"])


async def counts(at: datetime, *, days: int = 30) -> list[Count]:
    """Return what was done by day, kind and way during the last days, the newest day first."""
    rows = await raw(
        "SELECT settled_on, kind, channel, state, count(*) AS count, "
        "sum(cost_hundredths) AS cost FROM message WHERE settled_on >= {} "
        "GROUP BY settled_on, kind, channel, state ORDER BY settled_on DESC, kind, channel, state",
        (at - timedelta(days=days)).date(),
    )
    return [
        Count(
            on=row["settled_on"],
            kind=MessageKind(row["kind"]),
            channel=Channel(row["channel"]),
            state=MessageState(row["state"]),
            count=row["count"],
            cost_hundredths=int(row["cost"] or 0) if row["state"] == MessageState.SENT else 0,
        )
        for row in rows
    ]


async def batches(*, limit: int = 20) -> list[Batch]:
    """Return what coordinators sent to many, the newest first."""
    rows = await raw(
        "SELECT code, kind, audience, sms, email, call, cost_hundredths, created_by, created_at "
        "FROM message_batch ORDER BY id DESC LIMIT {}",
        limit,
    )
    return [
        Batch(
            code=Code(row["code"]),
            kind=MessageKind(row["kind"]),
            audience=row["audience"],
            reach=Reach(
                sms=row["sms"],
                email=row["email"],
                call=row["call"],
                cost_hundredths=row["cost_hundredths"],
            ),
            created_by=row["created_by"],
            created_at=row["created_at"],
        )
        for row in rows
    ]


async def addresses(messages: Sequence[Outgoing]) -> dict[int, str]:
    """Return where messages go, by their ids: for the transports alone, nobody reads it.

    A look that a person makes is logged; a machine that delivers what was asked for is not one.
    """
    found: dict[int, str] = {}
    for channel, field in _FIELDS.items():
        some = [message for message in messages if message.channel is channel]
        opened = await vault.opened([message.person for message in some], (field,))
        for message in some:
            identity = opened.get(message.person)
            found[message.id] = getattr(identity, field) if identity is not None else ""
    return found
