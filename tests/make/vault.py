"""Builders of the vault: invented people of any number."""

from __future__ import annotations

from datetime import UTC, datetime

from panel.ids import PersonId
from panel.vault import commands
from panel.vault.types import Identity, Purpose

AT = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)


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
