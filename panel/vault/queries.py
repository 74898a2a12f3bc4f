"""Reading the vault: what needs no record of its own."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

import msgspec

from panel import keys
from panel.actor import Actor
from panel.errors import Closed, Missing, Refusal
from panel.ids import Code, PersonId
from panel.vault import rules
from panel.vault.tables import Attachment, Field, IdentityOpening, Look, Person
from panel.vault.types import (
    FIELDS,
    Attached,
    Identity,
    LookView,
    OpeningKind,
    OpeningState,
    OpeningView,
    PersonView,
    Purpose,
)

_CHUNK = 500


def identity_hash(identity: Identity, unique: str) -> str | None:
    """Return the keyed hash that tells persons apart in a namespace; none without a basis."""
    basis = rules.basis(identity)
    return keys.current().hash("person", unique, basis) if unique and basis else None


async def known(identities: Sequence[Identity], unique: str) -> frozenset[int]:
    """Return the positions of persons already enrolled in a namespace, or named twice here."""
    hashes = [identity_hash(identity, unique) for identity in identities]
    wanted = sorted({value for value in hashes if value})
    stored: set[str] = set()
    for start in range(0, len(wanted), _CHUNK):
        rows = await Person.select(Person.id_hash).where(
            Person.id_hash.is_in(wanted[start : start + _CHUNK])
        )
        stored.update(row["id_hash"] for row in rows)
    found: set[int] = set()
    for position, value in enumerate(hashes):
        if value is None:
            continue
        if value in stored:
            found.add(position)
        stored.add(value)
    return frozenset(found)


async def person_like(identity: Identity, unique: str) -> PersonId | None:
    """Find a person by the keyed hash: exact search without reading a single name."""
    value = identity_hash(identity, unique)
    if value is None:
        return None
    row = await Person.select(Person.id).where(Person.id_hash == value).first()
    return PersonId(row["id"]) if row else None


async def person(number: PersonId) -> PersonView:
    """Return a person without personal data, or refuse with ``person.unknown``."""
    row = await Person.select().where(Person.id == number).first()
    if row is None:
        raise Missing("person.unknown")
    return PersonView(
        id=PersonId(row["id"]),
        code=row["code"],
        purpose=Purpose(row["purpose"]),
        erased_at=row["erased_at"],
    )


async def opened(
    persons: Iterable[PersonId], fields: Sequence[str] = FIELDS
) -> dict[PersonId, Identity]:
    """Decrypt fields of persons: for commands that log the look; others take the rest here."""
    wanted = sorted(set(persons))
    names = list(fields)
    found: dict[PersonId, Identity] = {}
    for start in range(0, len(wanted), _CHUNK):
        part = wanted[start : start + _CHUNK]
        people = await Person.select(
            Person.id, Person.code, Person.purpose, Person.wrapped_key, Person.erased_at
        ).where(Person.id.is_in(part))
        stored = await Field.select(Field.person, Field.name, Field.sealed).where(
            Field.person.is_in(part), Field.name.is_in(names)
        )
        sealed: dict[int, dict[str, bytes]] = {}
        for row in stored:
            sealed.setdefault(row["person"], {})[row["name"]] = bytes(row["sealed"])
        for row in people:
            if row["erased_at"] is not None:
                continue
            key = keys.current().open(
                row["purpose"], bytes(row["wrapped_key"]), rules.key_context(row["code"])
            )
            plain = {
                name: keys.unseal(key, text, rules.field_context(row["code"], name)).decode()
                for name, text in sealed.get(row["id"], {}).items()
            }
            found[PersonId(row["id"])] = Identity(**{"name": "", **plain})
    return found


async def _one(number: PersonId, fields: Sequence[str]) -> Identity:
    """Decrypt fields of one person; an erased one is ``person.erased``."""
    identity = (await opened([number], fields)).get(number)
    if identity is None:
        await person(number)
        raise Closed("person.erased")
    return identity


async def attachment(person: PersonId, code: Code) -> Attached:
    """Decrypt a text or scan of a person; whoever shows it to others logs a look first."""
    row = (
        await Attachment.select(
            Attachment.media,
            Attachment.sealed,
            Attachment.person.code.as_alias("person_code"),
            Attachment.person.purpose.as_alias("purpose"),
            Attachment.person.wrapped_key.as_alias("wrapped_key"),
            Attachment.person.erased_at.as_alias("erased_at"),
        )
        .where(Attachment.person == person, Attachment.code == code)
        .first()
    )
    if row is None:
        raise Missing("attachment.unknown")
    if row["erased_at"] is not None:
        raise Closed("person.erased")
    key = keys.current().open(
        row["purpose"], bytes(row["wrapped_key"]), rules.key_context(row["person_code"])
    )
    context = rules.attachment_context(row["person_code"], code)
    return Attached(keys.unseal(key, bytes(row["sealed"]), context), row["media"])


async def reveal_own(number: PersonId) -> Identity:
    """Show a person the own data."""
    return await _one(number, FIELDS)


async def phone_ends(number: PersonId, last: str) -> bool:
    """Tell whether a person's phone ends with these four digits; shows nothing."""
    identity = (await opened([number], ["phone"])).get(number)
    return identity is not None and rules.ends_with(identity.phone, last)


async def masked_names(persons: Iterable[PersonId]) -> dict[PersonId, str]:
    """Return names fit for a public notice (张**)."""
    return {
        number: rules.masked(identity.name)
        for number, identity in (await opened(persons, ["name"])).items()
    }


async def names(persons: Iterable[PersonId]) -> dict[PersonId, str]:
    """Return names of staff and liaisons, who act in office; anybody else is left out."""
    wanted = sorted(set(persons))
    staff: list[PersonId] = []
    for start in range(0, len(wanted), _CHUNK):
        rows = await Person.select(Person.id).where(
            Person.id.is_in(wanted[start : start + _CHUNK]),
            Person.purpose == Purpose.STAFF.value,
        )
        staff.extend(PersonId(row["id"]) for row in rows)
    return {number: one.name for number, one in (await opened(staff, ["name"])).items()}


async def looks(number: PersonId) -> list[LookView]:
    """Return who looked at a person's data, newest first: for that person."""
    rows = (
        await Look.select()
        .where(Look.person == number)
        .order_by(Look.at, ascending=False)
        .order_by(Look.id, ascending=False)
    )
    return [
        LookView(
            looker=row["looker"],
            office=row["office"],
            fields=tuple(row["fields"].split(",")),
            reason=row["reason"],
            at=row["at"],
        )
        for row in rows
    ]


def _opening(row: dict[str, Any]) -> OpeningView:
    """Turn a row into the struct that readers get, its subject and reason decrypted."""
    plain = keys.current().open("visit", bytes(row["sealed"]), rules.opening_context(row["code"]))
    ref, reason = msgspec.json.decode(plain, type=tuple[str, str])
    decided = row["decided_by"]
    return OpeningView(
        id=row["id"],
        code=Code(row["code"]),
        kind=OpeningKind(row["kind"]),
        ref=ref,
        reason=reason,
        state=OpeningState(row["state"]),
        asked_by=PersonId(row["asked_by"]),
        asked_name=row["asked_name"],
        asked_office=row["asked_office"],
        asked_roles=tuple(row["asked_roles"].split(",")),
        asked_at=row["asked_at"],
        decided_by=PersonId(decided) if decided is not None else None,
        decided_name=row["decided_name"],
        decided_office=row["decided_office"],
        decided_at=row["decided_at"],
        until=row["until"],
        opened_at=row["opened_at"],
    )


async def opening(code: Code) -> OpeningView:
    """Return one wish to open an identity."""
    row = await IdentityOpening.select().where(IdentityOpening.code == code).first()
    if row is None:
        raise Missing("opening.unknown")
    return _opening(row)


async def own_opening(actor: Actor, code: Code) -> OpeningView:
    """Return a wish to one of its two persons, to who may approve it, or to an auditor."""
    found = await opening(code)
    if not rules.may_see(actor, found):
        raise Missing("opening.unknown")
    return found


async def openings(actor: Actor, *, limit: int = 100) -> list[OpeningView]:
    """Return the wishes that this reader may know of, the newest first."""
    rows = await IdentityOpening.select().order_by(IdentityOpening.id, ascending=False).limit(limit)
    return [view for view in map(_opening, rows) if rules.may_see(actor, view)]


def askable(actor: Actor) -> list[OpeningKind]:
    """Return what somebody may ask to have opened."""
    return [kind for kind in OpeningKind if actor.may(*rules.ASKERS[kind])]


def decidable(actor: Actor, view: OpeningView, *, at: datetime) -> bool:
    """Tell whether a reader may decide a wish now as its second person."""
    try:
        rules.may_decide(actor, view, at)
    except Refusal:
        return False
    return True


def redeemable(actor: Actor, view: OpeningView, *, at: datetime) -> bool:
    """Tell whether a reader may open now what was approved."""
    try:
        rules.may_redeem(actor, view, view.kind, at)
    except Refusal:
        return False
    return True
