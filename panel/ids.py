"""Identifiers: integer keys that stay inside, random codes that may be printed and typed."""

from __future__ import annotations

import re
from typing import NewType

from panel.errors import Fault, Invalid, Missing

Code = NewType("Code", str)
"""Ten characters of Crockford's base 32, the last one a check character."""
PersonId = NewType("PersonId", int)
AccountId = NewType("AccountId", int)

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LENGTH = 10
_KEY = re.compile(r"[A-Za-z0-9-]{16,64}", re.ASCII)
_READ_AS = str.maketrans({"O": "0", "I": "1", "L": "1", "-": None, " ": None})


def _check_character(body: str) -> str:
    """Weigh each place by an odd number, so that one wrong character is always seen."""
    total = sum((2 * place + 1) * ALPHABET.index(char) for place, char in enumerate(body))
    return ALPHABET[total % len(ALPHABET)]


def code_from(entropy: bytes) -> Code:
    """Make a code of nine random characters (45 bits) and their check character."""
    number = int.from_bytes(entropy, "big")
    body = ""
    for _ in range(LENGTH - 1):
        number, rest = divmod(number, len(ALPHABET))
        body += ALPHABET[rest]
    return Code(body + _check_character(body))


def read_code(text: str) -> Code:
    """Read a code as people type it (small letters, O for 0, gaps); refuse a mistyped one."""
    tidy = text.strip().upper().translate(_READ_AS)
    if len(tidy) != LENGTH or any(char not in ALPHABET for char in tidy):
        msg = "code.unreadable"
        raise Missing(msg)
    if _check_character(tidy[:-1]) != tidy[-1]:
        msg = "code.mistyped"
        raise Missing(msg)
    return Code(tidy)


def read_key(text: str) -> str:
    """Return an idempotency key as clients of ours make it; refuse anything else."""
    if not _KEY.fullmatch(text):
        msg = "form.key"
        raise Invalid(msg, Fault("key", msg))
    return text
