"""Builders of the vault: invented people and the keys of a test."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime

from panel import keys
from panel.ids import PersonId
from panel.vault import commands
from panel.vault.types import Identity, Purpose

AT = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)


def bind_keys() -> keys.Keys:
    """Bind keys that are the same in every test and good for nothing else."""
    made = keys.Keys({name: hashlib.sha256(name.encode()).digest() for name in keys.NAMES})
    keys.bind(made)
    return made


def identity(number: int = 1, name: str = "林示例") -> Identity:
    """Return an invented person; the phone ends with the number."""
    return Identity(
        name=name,
        phone=f"1390000{number:04d}",
        national_id=f"99000019800101{number:04d}",
        address="示例路 1 号",
        employer="示例公司",
    )


async def person(number: int = 1, *, purpose: Purpose = Purpose.MEMBER) -> PersonId:
    """Enrol an invented person."""
    return await commands.enrol(identity(number), at=AT, purpose=purpose)


async def people(count: int) -> list[PersonId]:
    """Enrol many invented people."""
    return await commands.enrol_many([identity(n) for n in range(1, count + 1)], at=AT)
