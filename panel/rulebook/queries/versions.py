"""Versions of the rulebook."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Final

import msgspec

from panel.errors import Missing
from panel.ids import Code, PersonId
from panel.rulebook import rules
from panel.rulebook.tables import Version
from panel.rulebook.types import Frozen, Rulebook, RulebookState, RulebookVersion


@lru_cache(maxsize=8)
def _decode(content: str) -> Rulebook:
    """Decode a version's text once: versions never change."""
    return msgspec.json.decode(content, type=Rulebook)


def _view(row: dict[str, Any]) -> RulebookVersion:
    """Turn a row into the struct that readers get."""
    return RulebookVersion(
        id=row["id"],
        code=Code(row["code"]),
        hash=row["hash"],
        state=RulebookState(row["state"]),
        rulebook=_decode(row["content"]),
        author=PersonId(row["author"]) if row["author"] is not None else None,
        proposed_at=row["proposed_at"],
        approved_at=row["approved_at"],
        document=row["document"],
        editors=people(row["editors"]),
        reason=row["reason"],
    )


def people(text: str) -> frozenset[PersonId]:
    """Read who wrote at a text."""
    return frozenset(PersonId(int(each)) for each in text.split(",") if each)


async def current() -> RulebookVersion:
    """Return the version in force; ``Missing`` before the first approval."""
    row = (
        await Version.select()
        .where(Version.state == RulebookState.APPROVED)
        .order_by(Version.id, ascending=False)
        .first()
    )
    if row is None:
        raise Missing("rulebook.none")
    return _view(row)


async def version(code: Code) -> RulebookVersion:
    """Return one version."""
    row = await Version.select().where(Version.code == code).first()
    if row is None:
        raise Missing("rulebook.missing")
    return _view(row)


_frozen: Final[dict[Code, Frozen]] = {}
"""Approved versions by their random codes; what is kept of them never changes again."""
_KEPT: Final = 16


async def frozen(code: Code) -> Frozen:
    """Return what is pinned by a round, from memory after the first time."""
    if (known := _frozen.get(code)) is not None:
        return known
    found = await version(code)
    pinned = Frozen(code=found.code, hash=found.hash, rulebook=found.rulebook)
    if found.approved_at is not None:
        while len(_frozen) >= _KEPT:
            del _frozen[next(iter(_frozen))]
        _frozen[code] = pinned
    return pinned


async def versions() -> list[RulebookVersion]:
    """Return all versions, the newest first."""
    return [_view(row) for row in await Version.select().order_by(Version.id, ascending=False)]


async def content(code: Code) -> str:
    """Return the canonical JSON of a version: the very text that its hash was taken from."""
    row = await Version.select(Version.content).where(Version.code == code).first()
    if row is None:
        raise Missing("rulebook.missing")
    return str(row["content"])


async def published(code: Code) -> str:
    """Return what everybody reads of a version: its text without the examination's answers."""
    return rules.published(await content(code))
