"""Builders of rankings: a small city whose round is over, by the real commands."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec

from panel import rulebook
from panel.actor import Actor
from panel.evaluations import commands as evaluations
from panel.ids import Code
from panel.rankings import commands, queries
from panel.rankings.queries import lifecycle
from panel.rankings.types import AppealKind, PaperReceipt, PublicationView, RankingView
from panel.rulebook import commands as rulebooks
from panel.visits import commands as visits_commands
from panel.visits import queries as visits_queries
from panel.visits.types import RoundView, TaskState, TaskView
from panel.workdays import SHANGHAI
from tests import people
from tests.make import evaluations as sheets
from tests.make import roster, visits
from tests.tables import remembered

CLOSED = visits.after(8)
COMPUTED = CLOSED + timedelta(hours=1)
RECOUNTED = COMPUTED + timedelta(minutes=30)
NOTIFIED = CLOSED + timedelta(hours=2)
ANSWERED = NOTIFIED + timedelta(days=2)
LATE = NOTIFIED + timedelta(days=20)
_BOUNDS = {
    "visits_per_window": 5,
    "unit_minimum_visits": 8,
    "unit_minimum_raters": 5,
    "window_minimum_visits": 5,
    "window_minimum_raters": 5,
    "list_size": 2,
    "bottom_share_percent": 40,
}

Value = Callable[[TaskView], int | None]
"""What a visitor answers to all but one item, by the task: 4, 2 or 0; None sends nothing."""


class City(msgspec.Struct, frozen=True):
    """A round after its end, with the units in the order of the city's numbers."""

    round: RoundView
    units: Sequence[Code]
    members: Sequence[Code]


def by_unit(task: TaskView) -> int:
    """Answer by the number in the unit's name: the first unit is the best."""
    return (4, 2, 0)[(int(task.unit_name.strip("第单位")) - 1) % 3]


class Few(msgspec.Struct, frozen=True):
    """Answer by unit, but send only so many sheets about the first window."""

    sheets: int

    def value(self) -> Value:
        """Return answers that count from the start."""
        left = [self.sheets]

        def value(task: TaskView) -> int | None:
            if task.window_name == "第1窗口":
                left[0] -= 1
                if left[0] < 0:
                    return None
            return by_unit(task)

        return value


def few(sheets: int = 3) -> Few:
    """Answer by unit, but send only so many sheets about the first window."""
    return Few(sheets)


def paper_receipt(**more: Any) -> PaperReceipt:
    """Return a receipt that a unit signed on paper the day it was told."""
    values: dict[str, Any] = {
        "document": "回执〔2026〕7号",
        "signer": "办公室主任",
        "signed_on": NOTIFIED.astimezone(SHANGHAI).date(),
        "scan": b"picture of the receipt",
    }
    return PaperReceipt(**{**values, **more})


@remembered
async def measures(**bounds: int) -> None:
    """Put the default rulebook in force with bounds that a small city can reach."""
    text = (Path(rulebook.__file__).parent / "default.toml").read_text(encoding="utf-8")
    for name, value in {**_BOUNDS, **bounds}.items():
        old = next(line for line in text.splitlines() if line.startswith(f"{name} = "))
        text = text.replace(old, f"{name} = {value}", 1)
    version = await rulebooks.propose(people.coordinator, text, at=visits.AT)
    await rulebooks.approve(people.second, version.code, at=visits.AT)


@remembered
async def closed_round(
    value: Value | Few = by_unit,
    *,
    units: int = 3,
    windows: int = 2,
    offices: int = 0,
    groups: Sequence[str] = ("service",),
    members: int = 10,
    **bounds: int,
) -> City:
    """Play a round to its end: drawn, visited, reviewed, closed."""
    await measures(**bounds)
    city = await roster.small_city(units=units, windows=windows, offices=offices, groups=groups)
    codes = await visits.panel_of(members)
    every = (*groups, *(("office",) if offices else ()))
    per_place = {**_BOUNDS, **bounds}["visits_per_window"]
    committed = await visits.committed_round(
        groups=every,
        visits_per_window=per_place,
        visits_per_unit=per_place,
        max_tasks=4,
    )
    view = await visits_commands.draw(people.coordinator, committed.code, at=visits.AT)
    await fill_in(codes, value)
    closed = await visits_commands.close(people.coordinator, view.code, at=CLOSED)
    return City(round=closed, units=[unit.code for unit in city.units], members=codes)


async def fill_in(codes: Sequence[Code], answer: Value | Few) -> None:
    """Let every member send in every sheet that gets a value, and the reviewer accept it."""
    value = answer.value() if isinstance(answer, Few) else answer
    for number, code in enumerate(codes):
        actor = people.member(code, 100 + number)
        for task in await visits_queries.member_tasks(code, at=visits.DURING):
            given = value(task)
            if task.state is not TaskState.OFFERED or given is None:
                continue
            await visits_commands.accept(actor, task.code, at=visits.DURING)
            receipt = await evaluations.submit(
                actor,
                task.code,
                sheets.answers(await sheets.form_of(task), given, B2=(given + number) % 5),
                sheets.key(task.id),
                filled_at=sheets.SENT,
                at=sheets.SENT,
            )
            await evaluations.accept(people.reviewer, receipt.code, at=sheets.SENT)


@remembered
async def computed(value: Value | Few = by_unit, **more: Any) -> City:
    """Return a city whose ranking is computed."""
    city = await closed_round(value, **more)
    await commands.close(people.coordinator, city.round.code, at=COMPUTED)
    return city


@remembered
async def recounted(value: Value | Few = by_unit, **more: Any) -> City:
    """Return a city whose ranking a second person found right."""
    city = await computed(value, **more)
    await commands.recount(people.second, city.round.code, at=RECOUNTED)
    return city


@remembered
async def notified(value: Value | Few = by_unit, **more: Any) -> City:
    """Return a city whose units have been told."""
    city = await recounted(value, **more)
    await commands.notify(people.coordinator, city.round.code, at=NOTIFIED)
    return city


async def waived(city: City, *, at: datetime = ANSWERED) -> None:
    """Let every unit that has not appealed sign for its line and give up its appeal."""
    ranking = await queries.ranking(city.round.code)
    filed = await queries.appeals_of(AppealKind.RANKING, city.round.code)
    appealed = {each.unit_code for each in filed}
    for each in await queries.deliveries(ranking.id):
        if each.waived_at is None and each.unit_code not in appealed:
            await commands.waive(people.liaison(each.unit_code), city.round.code, at=at)


async def waived_but(city: City, number: int, *, at: datetime = ANSWERED) -> None:
    """Let every unit but one give up its appeal."""
    for unit in [each for each in city.units if each != city.units[number]]:
        await commands.waive(people.liaison(unit), city.round.code, at=at)


@remembered
async def noticed(value: Value | Few = by_unit, **more: Any) -> City:
    """Return a city whose ranking is on public notice; nobody appealed."""
    city = await notified(value, **more)
    await waived(city)
    await commands.open_notice(people.publisher, city.round.code, at=ANSWERED)
    return city


async def signed(city: City, *, at: datetime = LATE) -> None:
    """Sign everything of the procedure sheet that holds and is not signed yet."""
    ranking = await queries.ranking(city.round.code)
    sheet = await lifecycle.procedure(ranking, at=at, draws_too=False)
    left = [each.key for each in sheet if each.fulfilled and not each.signed]
    await commands.sign(people.publisher, city.round.code, left, at=at)


@remembered
async def final(value: Value | Few = by_unit, **more: Any) -> City:
    """Return a city whose lists are final."""
    city = await noticed(value, **more)
    await signed(city)
    await commands.finalise(people.publisher, city.round.code, at=LATE)
    return city


@remembered
async def published(value: Value | Few = by_unit, **more: Any) -> tuple[City, PublicationView]:
    """Return a city whose ranking is public, its files not yet written."""
    city = await final(value, **more)
    return city, await commands.publish(people.publisher, city.round.code, at=LATE)


async def ranking(city: City) -> RankingView:
    """Return the ranking as it stands."""
    return await queries.ranking(city.round.code)


async def answered(city: City, text: str = "我们已经增设了一个窗口。") -> tuple[Actor, Code]:
    """Let the first unit answer; return its liaison and the answer's code."""
    actor = people.liaison(city.units[0])
    found = await commands.answer(actor, city.round.code, text, at=ANSWERED)
    return actor, found.code


def after_hearing(view: RankingView) -> datetime:
    """Return the first moment after the last at which a unit may answer."""
    assert view.answer_by is not None
    return view.answer_by + timedelta(seconds=1)
