"""Pure parts of the history: digests of entries, links of the chain."""

from __future__ import annotations

import datetime as dt
import hashlib

from panel.audit.types import ChainCode
from panel.chance import Json, canonical, code_at

CHAIN_LENGTH = 4096
"""Draws for which the organiser's chain has codes; its anchor is published at the start."""
GENESIS = "0" * 64


def entry_facts(  # noqa: PLR0917 - the columns of an entry in their order
    at: dt.datetime,
    command: str,
    actor: str,
    account: int | None,
    office: str,
    reason: str,
    document: str,
    detail: str,
) -> str:
    """Return the canonical text of an entry: what its digest is taken from."""
    moment = at.astimezone(dt.UTC).isoformat(timespec="microseconds")
    return canonical([moment, command, actor, account, office, reason, document, detail]).decode()


def row_facts(relation: str, row: int, values: dict[str, Json]) -> str:
    """Return the canonical text of the protected columns of a row."""
    return canonical({"relation": relation, "row": row, "values": values}).decode()


def link_hash(previous: str, sequence: int, digest: str) -> str:
    """Return the hash of a link: previous link, place and entry's digest."""
    return hashlib.sha256(f"{previous}:{sequence}:{digest}".encode()).hexdigest()


def chain_code(secret: bytes, position: int) -> ChainCode:
    """Return the code at a position (from 1); its SHA-256 is the code before it."""
    return ChainCode(
        position=position,
        code=code_at(secret, CHAIN_LENGTH, position),
        previous=code_at(secret, CHAIN_LENGTH, position - 1),
    )
