"""Builders of appeals: who decides them, what units file, the way to a decision."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final

from panel.actor import Role
from panel.ids import Code
from panel.rankings import commands
from panel.rankings.commands import appeals
from panel.rankings.types import AppealDraft, AppealOutcome, Verdict
from panel.rankings.types.appeals import SCREENED
from tests import people
from tests.make import rankings as make

independent = people.staff(9040, "independent", "审计局", Role.INDEPENDENT_REVIEWER)
other = people.staff(9041, "independent2", "司法局", Role.INDEPENDENT_REVIEWER)
STATEMENT: Final = "走访当日窗口因停电暂停服务，第三项评分与事实不符。"
FILED: Final = make.NOTIFIED + timedelta(days=1)
TAKEN: Final = make.NOTIFIED + timedelta(days=2)
DECIDED: Final = make.NOTIFIED + timedelta(days=3)
APPLIED: Final = make.NOTIFIED + timedelta(days=4)


def draft(**changes: Any) -> AppealDraft:
    """Return what a unit files."""
    return AppealDraft(
        **{
            "ground": "fact",
            "statement": STATEMENT,
            "leader": "局长签",
            "document": "〔2026〕12号",
            **changes,
        }
    )


def verdict(outcome: str = AppealOutcome.REJECTED, **changes: Any) -> Verdict:
    """Return what a reviewer decides, screened."""
    return Verdict(
        **{
            "outcome": outcome,
            "reasons": "经查，记录与所述不符。",
            "checked": SCREENED,
            **changes,
        }
    )


async def filed(city: make.City, number: int = 0, *, at: datetime = FILED, **changes: Any) -> Code:
    """Let a unit appeal against its line."""
    actor = people.liaison(city.units[number])
    return await commands.appeal(actor, city.round.code, draft(**changes), at=at)


async def taken(city: make.City, number: int = 0) -> Code:
    """Return an appeal that an independent reviewer has taken."""
    code = await filed(city, number)
    await appeals.admit(people.coordinator, code, at=TAKEN)
    await appeals.take(independent, code, at=TAKEN)
    return code


async def decided(
    city: make.City, number: int = 0, *, at: datetime = DECIDED, **changes: Any
) -> Code:
    """Return an appeal that was decided; rejected unless said otherwise."""
    code = await taken(city, number)
    await appeals.decide(independent, code, verdict(**changes), at=at)
    return code
