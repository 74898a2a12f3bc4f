"""Writing the vault: enrolling, looking on the record, erasing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

import msgspec

from panel import entropy, keys
from panel.actor import Actor
from panel.audit.commands import entry
from panel.db import Duplicate, insert_rows, insert_values, savepoint, transaction
from panel.errors import Closed, Conflict, Missing
from panel.ids import Code, PersonId
from panel.vault import queries, rules
from panel.vault.tables import Attachment, Field, Look, Person
from panel.vault.types import ATTACHED, FIELDS, Attached, Identity, Purpose

_DATA_KEY = 32
_PIECE = 500
_CHUNK = 500


async def enrol(
    identity: Identity, *, at: datetime, purpose: str = Purpose.MEMBER, unique: str = ""
) -> PersonId:
    """Enrol one person; in a namespace ``unique`` a second time is ``person.known``."""
    (number,) = await enrol_many([identity], at=at, purpose=purpose, unique=unique)
    return number


async def enrol_many(
    identities: Sequence[Identity],
    *,
    at: datetime,
    purpose: str = Purpose.MEMBER,
    unique: str = "",
) -> list[PersonId]:
    """Enrol persons in the order given; joins the caller's command, all or nothing.

    Which of them are known tells ``queries.known`` beforehand; here one is enough to refuse.
    """
    return await enrol_sealed(seal_many(identities, at=at, purpose=purpose, unique=unique))


class Sealed(msgspec.Struct, frozen=True):
    """One person encrypted, with the values of the rows to be; nothing in it can be read."""

    person: tuple[object, ...]
    fields: tuple[tuple[str, bytes], ...]
    attached: tuple[tuple[object, ...], ...] = ()

    @property
    def attachment(self) -> Code | None:
        """Return the code of what was sealed along with the person."""
        return Code(str(self.attached[0][0])) if self.attached else None


def seal_many(
    identities: Sequence[Identity],
    *,
    at: datetime,
    purpose: str = Purpose.MEMBER,
    unique: str = "",
    texts: Sequence[bytes] = (),
) -> list[Sealed]:
    """Encrypt persons without storing them: the work of a thread, for the thousands.

    ``texts`` holds one for each of them, sealed along with the person.
    """
    use = Purpose(purpose)
    found = []
    for place, identity in enumerate(identities):
        rules.check(identity)
        code = entropy.code()
        key = entropy.octets(_DATA_KEY)
        wrapped = keys.current().seal(use, key, rules.key_context(code))
        fields = tuple(
            (name, keys.seal(key, value.encode(), rules.field_context(code, name)))
            for name, value in rules.present(identity).items()
        )
        person = (code, use.value, queries.identity_hash(identity, unique), wrapped, at)
        attached: tuple[tuple[object, ...], ...] = ()
        if texts:
            own = entropy.code()
            sealed = keys.seal(key, texts[place], rules.attachment_context(code, own))
            attached = ((own, "text/plain", sealed, at),)
        found.append(Sealed(person, fields, attached))
    return found


async def enrol_sealed(persons: Sequence[Sealed]) -> list[PersonId]:
    """Store encrypted persons in the order given; a known one is ``person.known``."""
    columns = ("code", "purpose", "id_hash", "wrapped_key", "enrolled_at")
    numbers: list[int] = []
    async with transaction():
        known = False
        try:
            async with savepoint():
                numbers = await insert_values(Person, columns, [each.person for each in persons])
        except Duplicate:
            known = True
        if known:
            raise Conflict("person.known")
        fields = [
            (number, name, sealed)
            for number, each in zip(numbers, persons, strict=True)
            for name, sealed in each.fields
        ]
        await insert_values(Field, ("person", "name", "sealed"), fields)
        attached = [
            (number, *each)
            for number, one in zip(numbers, persons, strict=True)
            for each in one.attached
        ]
        columns = ("person", "code", "media", "sealed", "kept_at")
        await insert_values(Attachment, columns, attached)
    return [PersonId(number) for number in numbers]


async def discard(persons: Sequence[PersonId]) -> None:
    """Forget persons who were enrolled and never counted; joins the caller's transaction."""
    wanted = list(persons)
    async with transaction():
        for start in range(0, len(wanted), _CHUNK):
            some = wanted[start : start + _CHUNK]
            await Attachment.delete().where(Attachment.person.is_in(some))
            await Field.delete().where(Field.person.is_in(some))
            await Person.delete().where(Person.id.is_in(some))


async def look(
    actor: Actor, person: PersonId, fields: tuple[str, ...], reason: str, *, at: datetime
) -> Identity:
    """Open fields of one person; the look is logged and shown to the person."""
    found = await look_many(actor, [person], fields, reason, at=at)
    if person not in found:
        await queries.person(person)
        raise Closed("person.erased")
    return found[person]


async def look_many(
    actor: Actor,
    persons: Iterable[PersonId],
    fields: tuple[str, ...],
    reason: str,
    *,
    at: datetime,
) -> dict[PersonId, Identity]:
    """Open fields of many persons (a list to print); each look is logged, erased ones left out."""
    rules.check_fields(fields, reason)
    async with entry(actor, "vault.look", at=at, reason=reason) as note:
        found = await queries.opened(persons, fields)
        await insert_rows(
            Look,
            [
                Look(
                    person=number,
                    looker=actor.name,
                    looker_person=actor.person,
                    office=actor.office,
                    fields=",".join(fields),
                    reason=reason,
                    at=at,
                )
                for number in found
            ],
        )
        note.bulk(
            "look",
            # With the moment in it, nobody compares two looks to find out that they met one person.
            [
                keys.current().hash("audit", "look", str(number), *fields, at.isoformat())
                for number in found
            ],
        )
    return found


async def _key_of(person: PersonId) -> tuple[str, bytes]:
    """Return a person's code and own key; an erased person has none any more."""
    row = (
        await Person.select(Person.code, Person.purpose, Person.wrapped_key, Person.erased_at)
        .where(Person.id == person)
        .first()
    )
    if row is None:
        raise Missing("person.unknown")
    if row["erased_at"] is not None:
        raise Closed("person.erased")
    key = keys.current().open(
        row["purpose"], bytes(row["wrapped_key"]), rules.key_context(row["code"])
    )
    return row["code"], key


async def replace(person: PersonId, identity: Identity, *, whole: bool = False) -> None:
    """Write the filled fields of an identity over the stored ones; joins the caller's command.

    As a ``whole`` it needs a name and also removes the stored fields that it leaves empty.
    """
    if whole:
        rules.check(identity)
    async with transaction():
        code, key = await _key_of(person)
        new: list[Field] = []
        for name, value in rules.present(identity).items():
            sealed = keys.seal(key, value.encode(), rules.field_context(code, name))
            changed = (
                await Field.update({Field.sealed: sealed})
                .where(Field.person == person, Field.name == name)
                .returning(Field.id)
            )
            if not changed:
                new.append(Field(person=person, name=name, sealed=sealed))
        await insert_rows(Field, new)
        if whole:
            kept = list(rules.present(identity))
            await Field.delete().where(Field.person == person, Field.name.not_in(kept))


async def forget(person: PersonId, name: str) -> None:
    """Forget one stored field of a person for good; joins the caller's command."""
    async with transaction():
        await Field.delete().where(Field.person == person, Field.name == name)


async def attach(person: PersonId, data: bytes, media: str, *, at: datetime) -> Code:
    """Keep a text or scan under a person's own key; joins the caller's command."""
    async with transaction():
        owner, key = await _key_of(person)
        code = entropy.code()
        sealed = keys.seal(key, data, rules.attachment_context(owner, code))
        await insert_rows(
            Attachment,
            [Attachment(code=code, person=person, media=media, sealed=sealed, kept_at=at)],
        )
        return code


async def detach(person: PersonId, codes: Iterable[Code]) -> None:
    """Forget some texts or scans of a person for good; joins the caller's command."""
    async with transaction():
        await Attachment.delete().where(
            Attachment.person == person, Attachment.code.is_in(list(codes))
        )


async def look_attached(
    actor: Actor, person: PersonId, codes: Iterable[Code], reason: str, *, at: datetime
) -> list[Attached]:
    """Open texts or scans of one person and nothing else; the look is logged like any other."""
    rules.check_fields(FIELDS[:1], reason)
    async with entry(actor, "vault.look", at=at, reason=reason) as note:
        found = [await queries.attachment(person, each) for each in codes]
        await insert_rows(
            Look,
            [
                Look(
                    person=person,
                    looker=actor.name,
                    looker_person=actor.person,
                    office=actor.office,
                    fields=ATTACHED,
                    reason=reason,
                    at=at,
                )
            ],
        )
        note.bulk("look", [keys.current().hash("audit", "look", str(person), ATTACHED)])
    return found


async def erase(actor: Actor, person: PersonId, reason: str, *, at: datetime) -> None:
    """Destroy a person's data key and hash, so that nobody can read the data any more."""
    async with entry(actor, "vault.erase", at=at, reason=reason) as note:
        view = await queries.person(person)
        done = (
            await Person.update(
                {Person.wrapped_key: b"", Person.id_hash: None, Person.erased_at: at}
            )
            .where(Person.id == person, Person.erased_at.is_null())
            .returning(Person.id)
        )
        if not done:
            raise Closed("person.erased")
        await Field.update({Field.sealed: b""}).where(Field.person == person)
        await Attachment.update({Attachment.sealed: b""}).where(Attachment.person == person)
        note.about("person", view.code, erased=True)


async def erase_many(
    actor: Actor, persons: Iterable[PersonId], reason: str, *, at: datetime
) -> int:
    """Destroy the data keys of many persons, those erased before left out; return how many."""
    wanted = sorted(set(persons))
    codes: list[str] = []
    async with entry(actor, "vault.erase_many", at=at, reason=reason) as note:
        for start in range(0, len(wanted), _PIECE):
            part = wanted[start : start + _PIECE]
            rows = (
                await Person.update(
                    {Person.wrapped_key: b"", Person.id_hash: None, Person.erased_at: at}
                )
                .where(Person.id.is_in(part), Person.erased_at.is_null())
                .returning(Person.code)
            )
            codes += [row["code"] for row in rows]
            await Field.update({Field.sealed: b""}).where(Field.person.is_in(part))
            await Attachment.update({Attachment.sealed: b""}).where(Attachment.person.is_in(part))
        note.bulk("person", [keys.current().hash("audit", "erased", code) for code in codes])
    return len(codes)


async def identify(person: PersonId, identity: Identity, unique: str) -> None:
    """Keep by which hash a person is found, after a correction; joins the caller's command.

    A person whom nobody was to be told apart from stays so; a known one is ``person.known``.
    """
    known = False
    async with transaction():
        try:
            async with savepoint():
                await Person.update(
                    {Person.id_hash: queries.identity_hash(identity, unique)}
                ).where(Person.id == person, Person.id_hash.is_not_null())
        except Duplicate:
            known = True
    if known:
        raise Conflict("person.known")
