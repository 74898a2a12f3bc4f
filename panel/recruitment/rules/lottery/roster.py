"""The roster's commitment: every application is a leaf of a tree whose root is published.

A leaf is SHA-256(0x00 ‖ canonical JSON of [salt, ticket, features, eligible]) (RFC 6962). Addresses
stand in no leaf; the sealed roster holds them and is committed by its own SHA-256.
"""

import hashlib
from collections.abc import Sequence
from typing import Final

import msgspec

from panel import chance
from panel.errors import Invalid, Missing
from panel.recruitment.types.lottery import RosterEntry, RosterProof

_FIRST: Final = b"panel roster 1\n"


def roster_leaf(entry: RosterEntry | RosterProof) -> bytes:
    """Return the bytes that one application's leaf is made from."""
    features = [list(feature) for feature in sorted(entry.features)]
    return chance.canonical([entry.salt, entry.ticket, features, entry.eligible])


def roster_root(roster: Sequence[RosterEntry]) -> str:
    """Return the root over all applications, sorted by ticket, in hex."""
    return chance.merkle_root([roster_leaf(entry) for entry in _sorted(roster)])


def roster_proof(roster: Sequence[RosterEntry], ticket: str) -> RosterProof:
    """Return the proof of one ticket; ``Missing`` where it stands not in the roster."""
    entries = _sorted(roster)
    index = next((i for i, entry in enumerate(entries) if entry.ticket == ticket), None)
    if index is None:
        raise Missing("lottery.ticket_unknown")
    leaves = [roster_leaf(entry) for entry in entries]
    entry = entries[index]
    return RosterProof(
        ticket=entry.ticket,
        features=tuple(sorted(entry.features)),
        eligible=entry.eligible,
        salt=entry.salt,
        index=index,
        size=len(leaves),
        path=tuple(chance.inclusion(leaves, index)),
        root=chance.merkle_root(leaves),
    )


def proves(proof: RosterProof) -> bool:
    """Tell whether a proof leads to the root that it names."""
    leaf = roster_leaf(proof)
    return chance.includes(proof.root, leaf, proof.index, proof.size, proof.path)


def sealed_roster(roster: Sequence[RosterEntry]) -> bytes:
    """Return the roster with salts and addresses, for witnesses: a line each, sorted by ticket."""
    lines = [
        chance.canonical(
            [
                entry.ticket,
                [list(feature) for feature in sorted(entry.features)],
                entry.eligible,
                entry.salt,
                entry.household,
            ]
        )
        for entry in _sorted(roster)
    ]
    return _FIRST + b"".join(line + b"\n" for line in lines)


def read_sealed(data: bytes) -> tuple[RosterEntry, ...]:
    """Return the applications of a sealed roster; ``Invalid`` where it is not one."""
    first, _, rest = data.partition(b"\n")
    if first + b"\n" != _FIRST:
        raise Invalid("lottery.sealed_file")
    try:
        rows = [msgspec.json.decode(line, type=_Row) for line in rest.splitlines()]
    except msgspec.DecodeError as fault:
        raise Invalid("lottery.sealed_file") from fault
    return tuple(
        RosterEntry(row.ticket, row.features, row.eligible, row.salt, row.household) for row in rows
    )


def file_digest(data: bytes) -> str:
    """Return the SHA-256 of a whole file, in hex."""
    return hashlib.sha256(data).hexdigest()


class _Row(msgspec.Struct, frozen=True, array_like=True):
    ticket: str
    features: tuple[tuple[str, str], ...]
    eligible: bool
    salt: str
    household: str | None


def _sorted(roster: Sequence[RosterEntry]) -> list[RosterEntry]:
    entries = sorted(roster, key=lambda entry: entry.ticket)
    if len({entry.ticket for entry in entries}) != len(entries):
        message = "a ticket stands twice"
        raise ValueError(message)
    return entries
