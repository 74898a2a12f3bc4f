"""The only source of what nobody can predict: tokens, codes, salts."""

from __future__ import annotations

import secrets
import uuid

from panel.ids import Code, code_from


def token() -> str:
    """Return 256 random bits as URL-safe text."""
    return secrets.token_urlsafe(32)


def octets(count: int) -> bytes:
    """Return that many random bytes."""
    return secrets.token_bytes(count)


def code() -> Code:
    """Return a fresh printable code."""
    return code_from(secrets.token_bytes(8))


def key() -> str:
    """Return a random idempotency key (UUIDv4: a time-ordered one would be a clock)."""
    return str(uuid.UUID(bytes=secrets.token_bytes(16), version=4))
