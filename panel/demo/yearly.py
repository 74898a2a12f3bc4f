"""The story of a year: four rounds whose visits add up, and what follows from the lists."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import AsyncIterator, Sequence
from typing import Final

import msgspec

from panel.actor import Actor
from panel.demo import judging, marking, promoting, rectifying, visiting
from panel.demo.progress import Progress
from panel.demo.timeline import Timeline, morning_after
from panel.ids import Code
from panel.rankings import queries as rankings
from panel.visits import commands as visits
from panel.visits.types import RoundDraft
from panel.workdays import SHANGHAI, year_of

VISITS: Final = 4
"""Visits of each window in a round; only the year's together reach the minimum."""
_OFFICE_VISITS: Final = 6
ROUNDS: Final = 4
_APART: Final = 78
"""Days between two rounds: a member comes back to a window after more than 90."""
_LAST: Final = 60
"""Days between the story's end and the day from which the last round is counted back."""
_BEFORE: Final = 30
"""Days between the recruitment's end and the first round's beginning."""
_FROM: Final = (11, 12)
"""From this month and day on, all rounds of the story lie in one calendar year."""
_CORRECTED: Final = 1
_APPEALED: Final = 2
"""The round whose list is the first to rank enough units is corrected once it is public; the next
one is appealed against."""
_WORKS: Final = dt.timedelta(days=9)
_AGAIN: Final = dt.timedelta(days=7)
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
    return time.back(_of_round(0) + _BEFORE)


def measures(toml: str) -> str:
    """Return measures by which windows gather few visits a round, but enough over the year."""
    return re.sub(r"(?m)^visits_per_window = \d+$", f"visits_per_window = {VISITS}", toml)


def _of_round(number: int) -> int:
    return _LAST + (ROUNDS - 1 - number) * _APART


def clock(time: Timeline, number: int) -> Timeline:
    """Return the clock by which a round of the year is played."""
    return time.back(_of_round(number))


def draft(time: Timeline, number: int) -> RoundDraft:
    """Return the plan of one of the year's rounds."""
    return msgspec.structs.replace(
        visiting.first_round(time, VISITS, double_percent=4),
        title=f"第{_NUMBERS[number]}轮走访评议",
        title_en=f"{_ORDINALS[number]} round of visits",
        visits_per_unit=_OFFICE_VISITS,
        register_number=f"JN-2026-{17 + number:03d}",
    )


class Year:
    """The four rounds with what follows from each; `codes` are theirs."""

    def __init__(
        self,
        staff: dict[str, Actor],
        time: Timeline,
        members: Sequence[Code],
        seed: str,
        liaisons: dict[str, str],
    ) -> None:
        """Start before the first round."""
        self._staff = staff
        self._time = time
        self._members = members
        self._seed = seed
        self._liaisons = liaisons
        self.codes: list[Code] = []

    async def play(self) -> AsyncIterator[Progress]:
        """Play every round and take its list to the public; then orders, officers, the marks."""
        year = year_of(self._time.now)
        await marking.begin(self._staff, year, at=clock(self._time, 0).days_ago(50))
        for number in range(ROUNDS):
            async for step in self._round(number):
                yield step
            async for step in self._list(number):
                yield step
            await self._rectify(number)
            yield Progress("follow", number + 1, ROUNDS + 2)
        await promoting.promote(
            self._staff,
            self._time,
            self.codes[-1],
            days=_LAST + 10,
            seed=self._seed,
            liaisons=self._liaisons,
        )
        yield Progress("follow", ROUNDS + 1, ROUNDS + 2)
        await marking.mark(
            self._staff,
            self._time,
            year,
            seats=len(self._members),
            seed=self._seed,
            liaisons=self._liaisons,
        )
        yield Progress("follow", ROUNDS + 2, ROUNDS + 2)

    async def _rectify(self, number: int) -> None:
        """Take the orders of a list to their end; those of the last list wait for a re-visit."""
        view = await rankings.ranking(self.codes[number])
        if view.published_at is None:
            return
        work = rectifying.Rectifying(self._staff, self._members, self._liaisons)
        opened = await rectifying.open_from(
            view.round_code, at=view.published_at + dt.timedelta(hours=1)
        )
        done = await work.plan(opened, at=morning_after(view.published_at)) + _WORKS
        whole = await work.report(opened, at=done)
        if not whole or number == ROUNDS - 1:
            return
        failing = frozenset(whole[: rectifying.FAILING if number == _CORRECTED else 0])
        judged = await work.look(whole, failing, at=morning_after(done))
        if failing:
            await work.report([*failing], at=judged + _AGAIN)
            await work.look([*failing], frozenset(), at=morning_after(judged + _AGAIN))

    async def _round(self, number: int) -> AsyncIterator[Progress]:
        """Plan, draw, visit and close one round."""
        own = clock(self._time, number)
        view = await visiting.plan(self._staff, own, draft(own, number), days=42)
        self.codes.append(view.code)
        course = msgspec.structs.replace(
            visiting.first_course(own, self._members, self._seed), name=f"year{number}/"
        )
        async for step in visiting.play(self._staff, own, view, course):
            if step.step == "visit":
                yield Progress(f"round{number + 1}", step.done, step.total)
        await visits.close(self._staff["coordinator"], view.code, at=own.days_ago(10, 19))

    async def _list(self, number: int) -> AsyncIterator[Progress]:
        """Take a round's list to the public; in the third round units appeal."""
        appealed = number == _APPEALED
        hearing = judging.Hearing(
            clock(self._time, number).days_ago(10, 20), rejected=int(appealed), upheld=int(appealed)
        )
        steps = judging.judge(self._staff, self.codes[number], self._liaisons, hearing)
        async for step in steps:
            done = number * judging.STEPS + step.done
            yield Progress("rank", done, ROUNDS * judging.STEPS)
        if number == _CORRECTED:
            await self._correct(self.codes[number])

    async def _correct(self, code: Code) -> None:
        view = await rankings.ranking(code)
        if view.published_at is not None:
            at = morning_after(view.published_at + dt.timedelta(days=3))
            await judging.correct(self._staff, view.round_id, code, at=at)
