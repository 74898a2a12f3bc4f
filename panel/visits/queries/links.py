"""The link between a member and a visit: a keyed hash of member and round, stored nowhere else."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Sequence

import msgspec

from panel import keys
from panel.ids import Code


def link(member: Code, round_code: Code) -> str:
    """Return the link of a member in one round; links of two rounds can't be told to belong."""
    return keys.current().hash("link", member, round_code)


def links(members: Iterable[Code], round_code: Code) -> dict[str, Code]:
    """Return the links of many members in one round, each with its member."""
    return {link(member, round_code): member for member in members}


def blind(round_code: Code) -> str:
    """Return what is mixed into the commitment to a round's places: nobody can try them out."""
    return keys.current().hash("link", "places", round_code)


def seal_reserve(visitors: Sequence[str], place_id: int) -> str:
    """Encrypt the substitutes of a place for storage."""
    plain = msgspec.json.encode(list(visitors))
    return base64.b64encode(keys.current().seal("visit", plain, _context(place_id))).decode()


def open_reserve(stored: str, place_id: int) -> list[str]:
    """Decrypt the substitutes of a place."""
    plain = keys.current().open("visit", base64.b64decode(stored), _context(place_id))
    return msgspec.json.decode(plain, type=list[str])


def _context(place_id: int) -> str:
    return f"round_window:{place_id}:reserve"
