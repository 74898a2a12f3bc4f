"""The story of a year: four rounds whose visits add up, and what follows from the lists."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import AsyncIterator
from typing import Final

import msgspec

from panel.actor import Actor
from panel.demo import visiting
from panel.demo.progress import Progress
from panel.demo.recruiting import Recruited
from panel.demo.timeline import Timeline
from panel.ids import Code
from panel.visits import commands as visits
from panel.visits.types import RoundDraft
from panel.workdays import SHANGHAI

VISITS: Final = 3
"""Visits of each window in a round; only the year's together reach the minimum."""
_OFFICE_VISITS: Final = 6
ROUNDS: Final = 4
_APART: Final = 70
"""Days between two rounds: a member comes back to a window after more than 90."""
_LAST: Final = 60
"""Days between the story's end and the day from which the last round is counted back."""
_BEFORE: Final = 30
"""Days between the recruitment's end and the first round's beginning."""
_FROM: Final = (10, 16)
"""From this month and day on, all rounds of the story lie in one calendar year."""
_NUMBERS: Final = ("一", "二", "三", "四")
_ORDINALS: Final = ("First", "Second", "Third", "Fourth")


def end(now: dt.datetime) -> Timeline:
    """Return the clock of the story: now, or the December before while the year is young."""
    day = now.astimezone(SHANGHAI)
    if (day.month, day.day) >= _FROM:
        return Timeline(now)
    return Timeline(day.replace(year=day.year - 1, month=12, day=20).astimezone(dt.UTC))


def beginning(time: Timeline) -> Timeline:
    """Return the clock of the recruitment, which ended before the first round."""
    return _back(time, _of_round(0) + _BEFORE)


def measures(toml: str) -> str:
    """Return measures by which windows gather few visits a round, but enough over the year."""
    return re.sub(r"(?m)^visits_per_window = \d+$", f"visits_per_window = {VISITS}", toml)


def _of_round(number: int) -> int:
    return _LAST + (ROUNDS - 1 - number) * _APART


def _back(time: Timeline, days: int) -> Timeline:
    return Timeline(time.now - dt.timedelta(days=days))


def clock(time: Timeline, number: int) -> Timeline:
    """Return the clock by which a round of the year is played."""
    return _back(time, _of_round(number))


def draft(time: Timeline, number: int) -> RoundDraft:
    """Return the plan of one of the year's rounds."""
    return msgspec.structs.replace(
        visiting.first_round(time, VISITS, double_percent=4),
        title=f"第{_NUMBERS[number]}轮走访评议",
        title_en=f"{_ORDINALS[number]} round of visits",
        visits_per_unit=_OFFICE_VISITS,
        register_number=f"JN-2026-{17 + number:03d}",
    )


async def round_of_year(
    staff: dict[str, Actor], time: Timeline, number: int, recruited: Recruited, seed: str
) -> AsyncIterator[Progress | Code]:
    """Plan, draw, visit and close one round; ends with its code."""
    own = clock(time, number)
    view = await visiting.plan(staff, own, draft(own, number), days=42)
    course = msgspec.structs.replace(
        visiting.first_course(own, recruited.members, seed), name=f"year{number}/"
    )
    async for step in visiting.play(staff, own, view, course):
        yield step
    await visits.close(staff["coordinator"], view.code, at=own.days_ago(10, 19))
    yield view.code
