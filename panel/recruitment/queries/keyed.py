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


def consent_code(key: str) -> Code:
    """Return the consent code of a nomination by its idempotency key."""
    return code_from(bytes.fromhex(keys.current().hash("person", "consent", key))[:_CODE_BYTES])


def draft_code(campaign: str, key: str) -> Code:
    """Return the code of the draft of a form, which bears the form's idempotency key."""
    drawn = keys.current().hash("person", "draft", campaign, key)
    return code_from(bytes.fromhex(drawn)[:_CODE_BYTES])


def draft_hash(campaign: str, code: str) -> str:
    """Return by what a draft is found."""
    return keys.current().hash("person", "draft code", campaign, code)


def draft_key(campaign: str, code: str) -> bytes:
    """Return the key that seals a draft: who has not the draft's own code can't make it."""
    return bytes.fromhex(keys.current().hash("person", "draft key", campaign, code))


def bar_mark(kind: str, plain: str) -> str:
    """Return the keyed hash by which an organisation or contact is barred from nominating."""
    return keys.current().hash("person", "bar", kind, plain)


def mark(national_id: str) -> str:
    """Return the keyed hash of an id number, the same in every campaign and on every staff list."""
    return keys.current().hash("person", "mark", vault.plain(national_id))
