"""Builders of rounds: planned, approved, committed to and drawn by the real commands."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import msgspec

from panel import rulebook
from panel.actor import Actor
from panel.errors import Missing
from panel.ids import Code, PersonId
from panel.members import commands as members
from panel.members.types import NewExclusion, NewSeat
from panel.rulebook import commands as rulebooks
from panel.rulebook import queries as versions
from panel.vault import commands as vault
from panel.visits import commands, queries
from panel.visits.types import (
    Errand,
    Mode,
    RoundDraft,
    RoundView,
    TaskState,
    TaskView,
    Why,
)
from panel.workdays import SHANGHAI
from tests import people
from tests.make import roster
from tests.make.vault import identity
from tests.tables import remembered

AT = datetime(2026, 3, 8, 2, 0, tzinfo=UTC)
STARTS = datetime(2026, 3, 9, 0, 0, tzinfo=SHANGHAI)
ENDS = datetime(2026, 4, 12, 23, 59, 59, tzinfo=SHANGHAI)
DURING = datetime(2026, 3, 11, 2, 0, tzinfo=UTC)
"""A moment of the round at which offers of `AT` are still open."""
DEFAULT = Path(rulebook.__file__).parent / "default.toml"
NOBODY = Code("000000000N")
"""A code that no member has."""
_DISTRICTS = ("任城区", "兖州区", "曲阜市")


@remembered
async def measures(**rounds: int) -> None:
    """Put the default rulebook in force, with other bounds of rounds if wanted."""
    try:
        await versions.current()
    except Missing:
        text = DEFAULT.read_text(encoding="utf-8")
        for name, value in rounds.items():
            old = next(line for line in text.splitlines() if line.startswith(f"{name} = "))
            text = text.replace(old, f"{name} = {value}", 1)
        version = await rulebooks.propose(people.coordinator, text, at=AT)
        await rulebooks.approve(people.second, version.code, at=AT)


def seat(number: int, person: PersonId, *exclusions: NewExclusion) -> NewSeat:
    """Return the seat of an invented member; the districts take turns."""
    return NewSeat(
        person=person,
        category="resident",
        district=_DISTRICTS[number % 3],
        sex="female",
        age_band="40-59",
        latitude=35_400_000 + 10_000 * (number % 10),
        longitude=116_500_000 + 10_000 * (number % 10),
        campaign=Code("0000000000"),
        exclusions=exclusions,
    )


@remembered
async def panel_of(
    count: int, *, at: datetime = AT, exclusions: tuple[NewExclusion, ...] = (), first: int = 1
) -> list[Code]:
    """Appoint, train and pledge invented members; the exclusions are the first one's."""
    enrolled = await vault.enrol_many([identity(first + n) for n in range(count)], at=at)
    seats = [
        seat(first + number, person, *(exclusions if number == 0 else ()))
        for number, person in enumerate(enrolled)
    ]
    today = at.astimezone(SHANGHAI).date()
    codes = await members.appoint(people.coordinator, seats, term_start=today, months=24, at=at)
    await members.record_training(people.coordinator, codes, on=today, at=at)
    await members.record_pledge(people.coordinator, codes, version="1", on=today, at=at)
    return codes


def draft(**more: object) -> RoundDraft:
    """Return a plan that the small city can carry."""
    plain = RoundDraft(
        title="第一轮走访",
        title_en="First round",
        theme="窗口服务作风",
        groups=("service", "enforcement", "utility"),
        covert_percent=0,
        visits_per_window=2,
        visits_per_unit=2,
        starts=STARTS,
        ends=ENDS,
        due_hours=48,
        legal_basis="群众监督评议办法",
        register_number="计划〔2026〕1号",
        max_tasks=4,
        disclosure="今年开展走访和暗访,结果用于改进服务。",
        disclosed_on=date(2026, 2, 20),
    )
    return msgspec.structs.replace(plain, **more)


def task_in(state: TaskState) -> TaskView:
    """Return a task in some state, without storing anything."""
    return TaskView(
        id=1, code=Code("T"), place_id=1, round_id=1, round_code=Code("R"), round_title="轮",
        round_title_en="", round_ends=ENDS, unit_id=1, unit_code=Code("U"), unit_name="单位",
        unit_name_en="", peer_group="service", window_id=1, window_code=Code("W"),
        window_name="窗口", window_name_en="", hall_name="大厅", hall_name_en="", place="",
        hours="", mode=Mode.OPEN, errand=Errand.ENQUIRY, state=state, form_key="window",
        rulebook_code=Code("B"), visitor="0" * 64, opens_at=STARTS, due_at=ENDS,
        closes_at=ENDS + timedelta(days=7), due_hours=48, answer_by=None, offered_at=AT,
        briefed_at=None, assigned_by=None,
        why=Why(candidates=1, eligible=1, excluded={}, far=False, load=1),
    )  # fmt: skip


class Setting(msgspec.Struct, frozen=True):
    """A round with its members' codes."""

    round: RoundView
    members: list[Code]


@remembered
async def city(
    *, members_count: int = 12, units: int = 3, windows: int = 2, offices: int = 0
) -> list[Code]:
    """Make rulebook, roster and a small panel; every window needs two visits at least."""
    await measures(visits_per_window=2)
    await roster.small_city(units=units, windows=windows, offices=offices)
    return await panel_of(members_count)


@remembered
async def approved_round(**more: object) -> RoundView:
    """Plan and approve a round."""
    planned = await commands.plan(people.coordinator, draft(**more), at=AT)
    return await commands.approve(people.second, planned.code, at=AT)


@remembered
async def committed_round(**more: object) -> RoundView:
    """Plan, approve and commit to a round, two hours before it is drawn."""
    found = await approved_round(**more)
    return await commands.commit(people.coordinator, found.code, at=AT - timedelta(hours=2))


@remembered
async def running_round(
    *, members_count: int = 12, units: int = 3, windows: int = 2, offices: int = 0, **more: object
) -> Setting:
    """Make a small city and draw a round in it; its tasks are offered."""
    codes = await city(members_count=members_count, units=units, windows=windows, offices=offices)
    committed = await committed_round(**more)
    view = await commands.draw(people.coordinator, committed.code, at=AT)
    return Setting(round=view, members=codes)


async def tasks_of(setting: Setting, *, at: datetime = DURING) -> dict[Code, list[TaskView]]:
    """Return each member's tasks."""
    return {code: await queries.member_tasks(code, at=at) for code in setting.members}


async def one_task(setting: Setting, *, covert: bool | None = None) -> tuple[Actor, TaskView]:
    """Return some offered task with the member whose it is."""
    for number, code in enumerate(setting.members):
        for task in await queries.member_tasks(code, at=DURING):
            if task.state is TaskState.OFFERED and covert in {None, task.covert}:
                return people.member(code, 100 + number), task
    message = "no task is offered"
    raise LookupError(message)


async def accepted_task(setting: Setting) -> tuple[Actor, TaskView]:
    """Return a task that its member accepted."""
    actor, task = await one_task(setting)
    return actor, await commands.accept(actor, task.code, at=DURING)


def after(days: int) -> datetime:
    """Return a moment after the end of the round."""
    return ENDS.astimezone(UTC) + timedelta(days=days)
