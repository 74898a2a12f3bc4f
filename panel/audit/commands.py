"""Writing the history: one transaction and one entry a command; the sealer; the draw chain."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from contextvars import ContextVar
from typing import Any, Final

import msgspec
from piccolo.table import Table

from panel import keys
from panel.actor import Actor, Signature
from panel.audit import rules
from panel.audit.tables import ChainUse, Entry, Instance, Link, SealedRow
from panel.audit.types import ChainCode
from panel.chance import Json, canonical
from panel.db import Duplicate, in_transaction, insert_rows, insert_values, transaction
from panel.errors import Conflict, Missing


class _Part(msgspec.Struct):
    """What happened to one thing in the course of a command."""

    kind: str
    ref: str
    values: dict[str, Json]


class Note:
    """What a command tells the history about itself, written when its transaction commits."""

    def __init__(self) -> None:
        """Start with nothing to tell."""
        self.parts: list[_Part] = []
        self.rows: list[tuple[str, int, tuple[str, ...], str]] = []

    def about(self, kind: str, ref: str, **values: Json) -> None:
        """Tell what happened to a thing; ``ref`` is its code, never a person's name."""
        self.parts.append(_Part(kind, ref, values))

    def seal(self, row: Table, *columns: str) -> None:
        """Keep the digest of a saved row's columns, which no one may change outside commands."""
        relation = row._meta.tablename  # noqa: SLF001 - Piccolo's documented name of its metadata
        self.seal_values(relation, row["id"], {name: getattr(row, name) for name in columns})

    def seal_values(self, relation: str, number: int, values: dict[str, Any]) -> None:
        """Keep the digest of columns that were inserted as values."""
        digest = row_digest(relation, number, values)
        self.rows.append((relation, number, tuple(values), digest))

    def keep(self, relation: str, columns: tuple[str, ...], digests: Mapping[int, str]) -> None:
        """Keep digests of rows that ``row_digest`` has made beforehand, for many at once."""
        self.rows += [(relation, number, columns, digest) for number, digest in digests.items()]

    def bulk(self, kind: str, digests: Iterable[str]) -> None:
        """Tell how many rows a bulk command wrote and the root over their sorted digests."""
        ordered = sorted(digests)
        root = hashlib.sha256("".join(ordered).encode()).hexdigest()
        self.parts.append(_Part(kind, "", {"count": len(ordered), "root": root}))


def row_digest(relation: str, number: int, values: dict[str, Any]) -> str:
    """Return the keyed digest of a row's columns, as the history keeps it."""
    return keys.current().hash("audit", rules.row_facts(relation, number, values))


_ENTRY: Final = (
    "at", "command", "actor", "account", "office", "reason", "document", "detail", "digest",
)  # fmt: skip
_open: ContextVar[Note | None] = ContextVar("audit_note", default=None)


@asynccontextmanager
async def entry(
    actor: Actor,
    command: str,
    *,
    at: dt.datetime,
    reason: str = "",
    paper: Signature | None = None,
    name: str | None = None,
    brief: bool = False,
) -> AsyncIterator[Note]:
    """Open the command's transaction and write its entry; inside another command, join that one.

    A ``brief`` command promises what a brief transaction does. ``name`` replaces the actor's name,
    account and office by a pseudonym (covert work).
    """
    outer = _open.get()
    if outer is not None and in_transaction():
        outer.about("part", command)
        yield outer
        return
    async with transaction(brief=brief):
        note = Note()
        token = _open.set(note)
        try:
            yield note
        finally:
            _open.reset(token)
        await _write(note, actor, command, at=at, reason=reason, paper=paper, name=name)


async def _write(
    note: Note,
    actor: Actor,
    command: str,
    *,
    at: dt.datetime,
    reason: str,
    paper: Signature | None,
    name: str | None,
) -> None:
    """Insert the entry and the digests of the rows that it protects."""
    document = ""
    if paper is not None:
        document = canonical(
            [paper.document, paper.signer, paper.signed_on.isoformat(), paper.scan]
        ).decode()
    told = (
        at,
        command,
        actor.name if name is None else name,
        actor.account if name is None else None,
        actor.office if name is None else "",
        reason,
        document,
        msgspec.json.encode(note.parts, order="deterministic").decode(),
    )
    digest = keys.current().hash("audit", rules.entry_facts(*told))
    (number,) = await insert_values(Entry, _ENTRY, [(*told, digest)])
    await insert_values(
        SealedRow,
        ("entry", "relation", "row", "columns", "digest"),
        [
            (number, relation, key, ",".join(columns), digest)
            for relation, key, columns, digest in note.rows
        ],
    )


async def seal_chain(*, limit: int = 2000) -> int:
    """Link committed entries into the hash chain; return how many. Safe beside other sealers.

    A chain written inside the commands' transactions would let them commit one at a time only.
    """
    try:
        async with transaction():
            last = (
                await Link.select(Link.sequence, Link.hash)
                .order_by(Link.sequence, ascending=False)
                .first()
            )
            sequence, previous = (last["sequence"], last["hash"]) if last else (0, rules.GENESIS)
            waiting = await Entry.raw(
                "SELECT id, digest FROM audit_entry WHERE NOT EXISTS "
                "(SELECT 1 FROM audit_link WHERE audit_link.entry = audit_entry.id) "
                "ORDER BY id LIMIT {}",
                limit,
            )
            links = []
            for one in waiting:
                sequence += 1
                current = rules.link_hash(previous, sequence, one["digest"])
                links.append(
                    Link(entry=one["id"], sequence=sequence, previous=previous, hash=current)
                )
                previous = current
            await insert_rows(Link, links)
            return len(links)
    except Duplicate:
        return 0  # another sealer was faster; what it left comes with the next turn


async def commit_code(purpose: str, draw: str, *, at: dt.datetime) -> int:
    """Promise the next position of the organiser's chain to a draw; return the position."""
    async with transaction():
        last = (
            await ChainUse.select(ChainUse.position)
            .order_by(ChainUse.position, ascending=False)
            .first()
        )
        position = last["position"] + 1 if last else 1
        if position > rules.CHAIN_LENGTH:
            raise Conflict("chain.exhausted")
        await insert_rows(
            ChainUse,
            [ChainUse(position=position, purpose=purpose, draw=draw, committed_at=at)],
        )
        return position


async def reveal(draw: str, *, at: dt.datetime) -> ChainCode:
    """Reveal the code promised to a draw, once; earlier promises must be kept first.

    A code shows all codes before it, so an unrevealed earlier one would be known by then.
    """
    async with transaction():
        use = await ChainUse.select().where(ChainUse.draw == draw).first()
        if use is None:
            raise Missing("chain.not_promised")
        earlier = (
            await ChainUse.select(ChainUse.draw)
            .where(ChainUse.position < use["position"], ChainUse.revealed_at.is_null())
            .first()
        )
        if earlier is not None:
            raise Conflict("chain.earlier_open", draw=earlier["draw"])
        done = (
            await ChainUse.update({ChainUse.revealed_at: at})
            .where(ChainUse.draw == draw, ChainUse.revealed_at.is_null())
            .returning(ChainUse.id)
        )
        if not done:
            raise Conflict("chain.revealed")
        return rules.chain_code(keys.current().secret("chain"), use["position"])


async def void_code(draw: str, *, at: dt.datetime) -> None:
    """Use up the code of a draw that will not take place, so that later ones may go on."""
    await ChainUse.update({ChainUse.revealed_at: at}).where(
        ChainUse.draw == draw, ChainUse.revealed_at.is_null()
    )


async def claim_keys(fingerprint: str) -> None:
    """Bind the database to its keys at the first start; refuse foreign keys ever after."""
    async with transaction():
        known = await Instance.select(Instance.value).where(Instance.name == "keys").first()
        if known is None:
            await insert_rows(Instance, [Instance(name="keys", value=fingerprint)])
        elif known["value"] != fingerprint:
            raise keys.KeyFault(
                "the key folder belongs to another database: start with its own keys"
            )
