"""The list of officers: rosters that two sides confirm, commendations, hearing, vote, decision."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Iterable, Sequence
from typing import Final

from panel.actor import Actor
from panel.demo import cast
from panel.demo.people import applicants
from panel.demo.timeline import Timeline, morning_after
from panel.ids import Code
from panel.rankings.commands import officer_lists, officers
from panel.rankings.types.officers import Ballot
from panel.roster import queries as roster
from panel.roster.commands import duty
from panel.roster.queries import duty as rosters
from panel.roster.types import DUTY_COLUMNS, OFFICER_COLUMNS, WindowView
from panel.workdays import SHANGHAI

_UNITS: Final = 2
"""Units whose duty rosters the story keeps."""
_EACH: Final = 3
"""Officers of each window: fewer would make the window a named person."""
_LISTED: Final = 2
_COMMENDED: Final = 3
_POST: Final = "窗口科科长"


async def promote(
    staff: dict[str, Actor],
    time: Timeline,
    code: Code,
    *,
    days: int,
    seed: str,
    liaisons: dict[str, str],
) -> None:
    """Take two officers from commendations to a list that stays internal.

    ``days`` before the clock's end the round was computed.
    """
    windows = await _windows()
    await _rosters(staff, time, windows, days, seed, liaisons)
    coordinator, second = staff["coordinator"], staff["approver"]
    at = time.days_ago(days - 1, 9)
    await officer_lists.compute(coordinator, code, at=at)
    chosen = [each for each in await rosters.officers() if each.mid_level][:_LISTED]
    for number, officer in enumerate(chosen):
        for turn in range(_COMMENDED):
            praised = await officer_lists.commend(
                coordinator,
                officer.code,
                received_on=time.day(days + 12 + turn),
                document=f"表扬〔{number * _COMMENDED + turn + 1}〕号",
                text="群众来信：主动延时服务，当天办结。",
                at=at,
            )
            await officer_lists.verify(second, praised.code, at=at + dt.timedelta(hours=1))
        await _case(staff, code, officer.code, number, at=at + dt.timedelta(hours=2))


async def _case(
    staff: dict[str, Actor], round_code: Code, officer: Code, number: int, *, at: dt.datetime
) -> None:
    """Take one case from its nomination to the decision, told and kept internal."""
    coordinator, second = staff["coordinator"], staff["approver"]
    case = await officer_lists.nominate(coordinator, round_code, officer, "top", at=at)
    code = case.code
    await officers.check(second, code, eligible=True, document="", text="符合条件。", at=at)
    notice = morning_after(at)
    await officers.notify(
        coordinator, code, delivered_on=_day(notice), document=f"告知〔{number + 1}〕号",
        at=notice + dt.timedelta(hours=2),
    )  # fmt: skip
    heard = notice + dt.timedelta(days=3)
    case = await officers.hear(
        coordinator, code, "oral", on=_day(heard), document=f"笔录〔{number + 1}〕号",
        record="本人对材料无异议。", at=heard + dt.timedelta(hours=2),
    )  # fmt: skip
    met = morning_after(case.hear_until or heard)
    ballot = Ballot(
        body="监督评议领导小组",
        held_on=_day(met),
        entitled=9,
        present=8,
        in_favour=6,
        against=1,
        abstained=1,
        document=f"纪要〔{number + 1}〕号",
        record="八人到会，六人赞成。",
    )
    await officers.vote(coordinator, code, ballot, at=met + dt.timedelta(hours=2))
    decided = morning_after(met)
    await officers.decide(
        second, code, listed=True, on=_day(decided), document=f"决定〔{number + 1}〕号",
        text="列入名单，内部掌握。", at=decided + dt.timedelta(hours=1),
    )  # fmt: skip
    case = await officers.tell(
        coordinator, code, told_on=_day(decided), at=decided + dt.timedelta(hours=2)
    )
    over = morning_after(case.appeal_until or decided)
    await officers.publish(staff["publisher"], code, "internal", at=over)


async def _windows() -> list[WindowView]:
    """Return the windows of the first units that have some."""
    found = []
    for unit in [each for each in await roster.units() if each.windows][:_UNITS]:
        found += await roster.windows(unit.code)
    return found


async def _rosters(  # noqa: PLR0917 - what a roster is made of
    staff: dict[str, Actor],
    time: Timeline,
    windows: Sequence[WindowView],
    days: int,
    seed: str,
    liaisons: dict[str, str],
) -> None:
    """Import officers and one month's rosters; each unit agrees, another person confirms."""
    at = time.days_ago(days + 32, 9)
    refs = {unit.code: unit.ref for unit in await roster.units()}
    names = [person.name for person in applicants(len(windows) * _EACH, f"{seed}/officers")]
    staffed = [
        (window, f"{place * _EACH + turn + 1:03d}", names[place * _EACH + turn], not turn)
        for place, window in enumerate(windows)
        for turn in range(_EACH)
    ]
    table = [
        (refs[window.unit_code], number, name, _POST if middle else "窗口工作人员",
         "Head of section" if middle else "Window staff", "是" if middle else "否", "在任")
        for window, number, name, middle in staffed
    ]  # fmt: skip
    coordinator = staff["coordinator"]
    await duty.import_officers(coordinator, _csv(OFFICER_COLUMNS, table), "officers.csv", at=at)
    first = time.day(days + 30)
    month = [first + dt.timedelta(days=n) for n in range(28)]
    shifts = [
        (window.ref, day.isoformat(), "全天", number)
        for window, number, _, _ in staffed
        for n, day in enumerate(month)
        if n % _EACH == int(number) % _EACH
    ]
    for view in await duty.import_roster(
        coordinator, _csv(DUTY_COLUMNS, shifts), "duty.csv", at=at + dt.timedelta(hours=1)
    ):
        speaker = await cast.speaker(staff["admin"], view.unit_code, liaisons, at=at)
        agreed = await duty.agree(speaker, view.code, at=at + dt.timedelta(hours=2))
        await duty.confirm(staff["approver"], agreed.code, at=at + dt.timedelta(hours=3))


def _csv(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(columns)
    writer.writerows(rows)
    return text.getvalue().encode("utf-8-sig")


def _day(moment: dt.datetime) -> dt.date:
    return moment.astimezone(SHANGHAI).date()
