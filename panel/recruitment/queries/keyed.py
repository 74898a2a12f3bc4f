"""Keyed hashes of recruitment: receipt codes, drafts, and the marks by which persons are found."""

from __future__ import annotations

from panel import keys
from panel.ids import Code, code_from
from panel.vault import rules as vault

_CODE_BYTES = 8


def receipt_code(key: str) -> Code:
    """Return the receipt code of an application by its idempotency key.

    It follows from the key and a secret outside the database, so that a repeated post and a
    printed slip give the same code though nobody stores it.
    """
    return code_from(bytes.fromhex(keys.current().hash("person", "receipt", key))[:_CODE_BYTES])


def receipt_hash(ticket: str, code: str) -> str:
    """Return what is stored of a receipt code, bound to its ticket."""
    return keys.current().hash("person", "receipt code", ticket, code)


def mark(national_id: str) -> str:
    """Return the keyed hash of an id number, the same in every campaign and on every staff list."""
    return keys.current().hash("person", "mark", vault.plain(national_id))
