"""The year's marks: ballots of the whole panel, figures from elsewhere, marks, what follows."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Final

from panel.actor import Actor
from panel.assessments import commands, queries
from panel.assessments.types import NewFigures, Talk
from panel.assessments.types.consequences import LETTERS, TALKS, ConsequenceState
from panel.chance import Stream
from panel.demo import behaviour, cast
from panel.demo.targeting import counts
from panel.demo.timeline import Timeline, morning_after
from panel.roster import queries as roster
from panel.roster.types import UnitView
from panel.surveys import commands as surveys
from panel.surveys.types import NewSession, NewTally
from panel.visits import commands as visits

_BALLOTS, _FIGURES, _FREEZE = 36, 34, 32
"""Days before the story's end on which ballots, figures and the freezing take place."""
_MONTHS: Final = 9
_PRESENT: Final = 92
"""Of a hundred members, so many come to the collective evaluation."""


async def begin(staff: dict[str, Actor], year: int, *, at: dt.datetime) -> None:
    """Bind the year to the measures in force when it began."""
    await commands.begin(staff["coordinator"], year, at=at)


async def mark(
    staff: dict[str, Actor],
    time: Timeline,
    year: int,
    *,
    seats: int,
    seed: str,
    liaisons: dict[str, str],
) -> None:
    """Hold the collective evaluation, bring in figures, compute, explain, make final, follow up."""
    units = [unit for unit in await roster.units() if unit.active]
    await _ballots(staff, time, year, seats, units, seed)
    await _figures(staff, time, year, units, seed)
    second = staff["approver"]
    await commands.freeze(second, year, at=time.days_ago(_FREEZE, 9))
    await commands.compute(second, year, at=time.days_ago(_FREEZE, 11))
    await commands.explain(second, year, at=time.days_ago(_FREEZE, 15))
    for login in sorted(liaisons)[:2]:
        await _receive(staff, login, liaisons, at=time.days_ago(_FREEZE - 1, 10))
    waits = [line.appeal_until for line in await queries.lines(year) if line.appeal_until]
    at = morning_after(max(waits))
    await commands.finalise(staff["publisher"], year, "考核〔1〕号", at=at)
    await _follow(staff, year, at=at + dt.timedelta(hours=2))
    await commands.export(staff["publisher"], year, "xlsx", at=at + dt.timedelta(hours=4))


async def _ballots(  # noqa: PLR0917 - what a session is made of
    staff: dict[str, Actor],
    time: Timeline,
    year: int,
    seats: int,
    units: Sequence[UnitView],
    seed: str,
) -> None:
    present = seats * _PRESENT // 100
    session = NewSession(
        year=year,
        held_on=time.day(_BALLOTS),
        title="年度集中评议",
        title_en="Collective evaluation of the year",
        entitled=seats,
        present=present,
        issued=present,
        returned=present - 2,
        spoiled=1,
        document="评议记录〔1〕号",
    )
    at = time.days_ago(_BALLOTS, 16)
    code = await surveys.hold(staff["coordinator"], session, at=at)
    valid = present - 3
    tallies = [_tally(unit, valid, seed) for unit in units]
    await surveys.enter(staff["coordinator"], code, tallies, at=at + dt.timedelta(hours=1))
    await surveys.hand_on(staff["coordinator"], code, at=at + dt.timedelta(hours=2))
    await surveys.check(staff["approver"], code, at=at + dt.timedelta(days=1))


def _tally(unit: UnitView, valid: int, seed: str) -> NewTally:
    """Return how the panel judges a unit: by how well it serves, four answers and "don't know"."""
    stream = Stream(seed, f"ballots/{unit.ref}")
    unknown = valid * (5 + stream.below(20)) // 100
    left = valid - unknown
    quality = behaviour.unit_quality(unit.ref, seed)
    best = left * max(5, quality // 100 - 30) // 100
    good = (left - best) * 6 // 10
    fair = (left - best - good) * 7 // 10
    return NewTally(unit.code, (best, good, fair, left - best - good - fair), unknown)


async def _figures(
    staff: dict[str, Actor], time: Timeline, year: int, units: Sequence[UnitView], seed: str
) -> None:
    """Enter complaints by month and what hotline and survey say of the year."""
    serving = [unit for unit in units if unit.windows]
    worst = sorted(serving, key=lambda unit: behaviour.unit_quality(unit.ref, seed))[:2]
    months = [dt.date(year, month, 1) for month in range(1, _MONTHS + 1)]
    found = counts(months, serving, {unit.code for unit in worst}, seed)
    at = time.days_ago(_FIGURES, 9)
    await visits.enter_counts(staff["coordinator"], found, at=at)
    figures = [_brought(unit, seed) for unit in units]
    await commands.enter_figures(staff["coordinator"], year, figures, at=at + dt.timedelta(hours=1))


def _brought(unit: UnitView, seed: str) -> NewFigures:
    stream = Stream(seed, f"figures/{unit.ref}")
    closed = 40 + stream.below(60)
    asked = closed // 2
    quality = behaviour.unit_quality(unit.ref, seed)
    return NewFigures(
        unit=unit.code,
        source="12345热线年度统计、满意度调查",
        closed=closed,
        on_time=closed - stream.below(6),
        asked=asked,
        satisfied=asked * quality // 10_000,
        survey=min(10_000, quality + 300),
        survey_issued=120,
        survey_returned=110,
        survey_valid=108,
    )


async def _receive(
    staff: dict[str, Actor], login: str, liaisons: dict[str, str], *, at: dt.datetime
) -> None:
    unit = next(each for each in await roster.units() if each.ref.lower() == login)
    speaker = await cast.speaker(staff["admin"], unit.code, liaisons, at=at)
    for line in await queries.unit_lines(unit.code):
        await commands.receive_line(speaker, line.code, at=at)
        await commands.accept_line(speaker, line.code, at=at + dt.timedelta(hours=1))


async def _follow(staff: dict[str, Actor], year: int, *, at: dt.datetime) -> None:
    """Send the first letter to the competent body, hold the first talk; the others are due."""
    due = [each for each in await queries.consequences(year) if each.state is ConsequenceState.DUE]
    letters = [each.code for each in due if each.kind in LETTERS]
    talks = [each.code for each in due if each.kind in TALKS]
    coordinator = staff["coordinator"]
    for code in letters[:1]:
        await commands.send_letter(coordinator, code, "主管部门", "评议函〔1〕号", at=at)
    for code in talks[:1]:
        talk = Talk(
            held_on=at.date(),
            held_by="监督评议领导小组办公室主任",
            spoke_with="单位主要负责人",
            summary="通报评议结果，要求限期整改。",
            document="约谈记录〔1〕号",
        )
        await commands.hold_talk(coordinator, code, talk, at=at + dt.timedelta(hours=1))
