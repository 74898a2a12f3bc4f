"""Builders of officers, duty rosters and cases, made by the real commands."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final

from panel.actor import Actor
from panel.evaluations.commands import findings, replies
from panel.evaluations.types.findings import FindingDraft, NewReply, Outcome, Stance
from panel.ids import Code
from panel.rankings.commands import closing, officer_lists
from panel.rankings.commands import officers as commands
from panel.rankings.types.officers import Ballot, CaseState, CaseView
from panel.roster.commands import duty
from panel.roster.queries import duty as rosters
from panel.roster.types import DUTY_COLUMNS, OFFICER_COLUMNS, DutyView, OfficerView
from panel.workdays import SHANGHAI
from tests import people
from tests.make import evaluations as made
from tests.make import findings as found
from tests.make import rankings
from tests.make import roster as cities
from tests.tables import remembered

DAY = made.DAY
NAME = "示例甲"
"""What every invented officer's name begins with."""


def table(columns: Sequence[str], rows: Iterable[Mapping[str, str]]) -> bytes:
    """Write rows as a CSV file; absent cells are empty."""
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, columns, restval="")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


def officer_row(unit: int = 1, number: int = 1, **more: str) -> dict[str, str]:
    """Return a row of the table of officers."""
    return {
        "单位编号": f"U-{unit:02}",
        "工号": f"{number:03}",
        "姓名": f"{NAME}{unit}{number}",
        "职务": f"第{number}科科长",
        "英文职务": f"Head of section {number}",
        "中层干部": "是",
        "状态": "在任",
        **more,
    }


def shift_row(window: int = 1, number: int = 1, on: date = DAY, **more: str) -> dict[str, str]:
    """Return a row of a duty roster."""
    return {
        "窗口编号": f"W-{window:03}",
        "日期": on.isoformat(),
        "时段": "上午",
        "工号": f"{number:03}",
        **more,
    }


async def officers(rows: Iterable[Mapping[str, str]]) -> list[OfficerView]:
    """Import officers and return all that are stored."""
    await duty.import_officers(
        people.coordinator, table(OFFICER_COLUMNS, rows), "officers.csv", at=cities.AT
    )
    return await rosters.officers()


async def filed(
    rows: Iterable[Mapping[str, str]], actor: Actor = people.coordinator
) -> list[DutyView]:
    """Hand in duty rosters."""
    return await duty.import_roster(actor, table(DUTY_COLUMNS, rows), "duty.csv", at=cities.AT)


async def confirmed(rows: Iterable[Mapping[str, str]]) -> list[DutyView]:
    """Hand in duty rosters that both sides agree to."""
    return [
        await duty.confirm(
            people.second,
            (await duty.agree(people.liaison(view.unit_code), view.code, at=cities.AT)).code,
            at=cities.AT,
        )
        for view in await filed(rows)
    ]


@remembered
async def city(*, sheets_differ: bool = True, **bounds: Any) -> rankings.City:
    """Return a city whose ranking is computed; officer 1 of each unit serves at its only window.

    Alone and through a whole week. Officer 2 of a unit serves nowhere.
    """
    measures = {"minimum_visits": 5, "minimum_raters": 5, "minimum_items": 2, "tail_percent": 50}
    value = rankings.by_unit if sheets_differ else lambda _: 4
    place = await rankings.closed_round(value, windows=1, **{**measures, **bounds})
    await officers(officer_row(unit, number) for unit in (1, 2, 3) for number in (1, 2))
    week = [DAY + timedelta(days=n) for n in range(-2, 3)]
    await confirmed(shift_row(unit, 1, day, 时段="全天") for unit in (1, 2, 3) for day in week)
    await closing.close(people.coordinator, place.round.code, at=rankings.COMPUTED)
    return place


@remembered
async def computed(**bounds: Any) -> rankings.City:
    """Return a city whose officers' figures are computed."""
    place = await city(**bounds)
    await officer_lists.compute(people.coordinator, place.round.code, at=rankings.NOTIFIED)
    return place


async def officer(unit: int, number: int) -> OfficerView:
    """Return one officer by the numbers of unit and staff."""
    return next(
        each
        for each in await rosters.officers()
        if each.number == f"{number:03}" and each.unit_name == f"第{unit}单位"
    )


async def verified_finding(sheet: Code, *, item: str = "A3") -> Code:
    """Take a finding of an accepted sheet through its whole course."""
    at = found.AT
    draft = FindingDraft(facts="窗口没有人", item=item, sheet=sheet)
    code = await findings.note_finding(people.reviewer, draft, at=at)
    await findings.triage(people.coordinator, code, found.judged(2), at=at)
    await findings.send(people.coordinator, code, at=at)
    liaison = await found.liaison_of(code)
    await replies.receive(liaison, code, at=at)
    given = NewReply(Stance.ACCEPTED, "已整改。")
    await replies.reply(liaison, code, given, at=at + timedelta(hours=1))
    await findings.conclude(
        people.second_reviewer, code, Outcome.VERIFIED, "情况属实。", at=at + timedelta(hours=3)
    )
    return code


NOTICE = date(2026, 4, 22)
"""The day on which a notice is handed over; the hearing runs to the 29th."""
MEETING = date(2026, 5, 6)
DECIDED = date(2026, 5, 7)
TOLD = date(2026, 5, 8)
"""The day on which the decision is handed over; the appeal runs to the 15th."""
AFTER = datetime(2026, 5, 18, 2, 0, tzinfo=UTC)


def on(day: date) -> datetime:
    """Return an hour of a day at which the office works."""
    return datetime.combine(day, time(15), SHANGHAI)


def ballot(**more: Any) -> Ballot:
    """Return a vote that is carried."""
    values: dict[str, Any] = {
        "body": "评议工作领导小组",
        "held_on": MEETING,
        "entitled": 9,
        "present": 7,
        "in_favour": 5,
        "against": 1,
        "abstained": 1,
        "document": "纪要〔2026〕9号",
        "record": "七人发言，五人赞成。",
    }
    return Ballot(**{**values, **more})


_WAY: Final = (
    CaseState.NOMINATED, CaseState.ELIGIBLE, CaseState.NOTIFIED, CaseState.HEARD, CaseState.VOTED,
    CaseState.DECIDED, CaseState.PUBLISHED,
)  # fmt: skip


async def brought(
    place: rankings.City, about: OfficerView, side: str, state: CaseState, **more: Any
) -> CaseView:
    """Return a case that has come as far as a state by the real commands, and told if decided."""
    view = await officer_lists.nominate(
        people.coordinator, place.round.code, about.code, side, at=on(NOTICE)
    )
    for step in _WAY[1 : _WAY.index(state) + 1]:
        view = await _next(view, step, **more)
    return view


async def _next(view: CaseView, step: CaseState, **more: Any) -> CaseView:
    code = view.code
    match step:
        case CaseState.ELIGIBLE:
            return await commands.check(
                people.second, code, eligible=True, document="", text="符合条件。", at=on(NOTICE)
            )
        case CaseState.NOTIFIED:
            return await commands.notify(
                people.coordinator, code, delivered_on=NOTICE, document="告知〔2026〕1号",
                at=on(NOTICE),
            )  # fmt: skip
        case CaseState.HEARD:
            return await commands.hear(
                people.coordinator, code, "oral", on=NOTICE + timedelta(days=3),
                document="笔录〔2026〕1号", record="本人说明了情况。", at=on(MEETING),
            )  # fmt: skip
        case CaseState.VOTED:
            return await commands.vote(people.coordinator, code, ballot(), at=on(MEETING))
        case CaseState.DECIDED:
            await commands.decide(
                people.second, code, listed=True, on=DECIDED, document="决定〔2026〕3号",
                text="列入名单。", at=on(DECIDED),
            )  # fmt: skip
            return await commands.tell(people.coordinator, code, told_on=TOLD, at=on(TOLD))
        case _:
            values = {"level": "internal", **more}
            return await commands.publish(people.publisher, code, at=AFTER, **values)
