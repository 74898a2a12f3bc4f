"""Officers and duty rosters: taken in whole, agreed to by two sides, never changed after."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from panel.audit import queries as audit
from panel.db import raw
from panel.errors import Conflict, Forbidden, Invalid, Missing
from panel.ids import Code
from panel.piccolo_app import our_tables
from panel.roster import queries
from panel.roster.commands import duty
from panel.roster.queries import duty as rosters
from panel.roster.types import DutyState, DutyView, Half, OfficerState
from panel.vault import queries as vault
from tests import people
from tests.make import officers as make
from tests.make import roster as cities

pytestmark = pytest.mark.usefixtures("engine")
AT = cities.AT


async def setting() -> DutyView:
    """Return the draft of a roster of the first unit, of two."""
    await cities.small_city(units=2, windows=1)
    await make.officers([make.officer_row(1, 1), make.officer_row(1, 2), make.officer_row(2, 1)])
    (view,) = await make.filed([make.shift_row(1, 1, 时段="全天"), make.shift_row(1, 2)])
    return view


async def paths(rows: list[dict[str, str]]) -> set[tuple[str, str]]:
    """Return the faults of a roster by place and code."""
    with pytest.raises(Invalid, match=r"import\.faults") as refusal:
        await make.filed(rows)
    return {(fault.path, fault.code) for fault in refusal.value.faults}


async def test_names_lie_in_the_vault_and_nowhere_else() -> None:
    await cities.small_city(units=1, windows=1)
    (first,) = await make.officers([make.officer_row(1, 1)])
    assert (first.number, first.mid_level, first.state) == ("001", True, OfficerState.IN_POST)
    assert (await vault.opened([first.person]))[first.person].name == f"{make.NAME}11"
    stored = repr(await raw("SELECT * FROM officer")) + repr(await raw("SELECT * FROM audit_entry"))
    assert make.NAME not in stored
    (same,) = await make.officers([make.officer_row(1, 1)])
    assert same == first
    (moved,) = await make.officers([make.officer_row(1, 1, 姓名=f"{make.NAME}乙", 状态="调离")])
    assert (moved.code, moved.person, moved.state) == (
        first.code, first.person, OfficerState.TRANSFERRED,
    )  # fmt: skip
    assert (await vault.opened([first.person]))[first.person].name == f"{make.NAME}乙"
    assert (await audit.verify(our_tables())).findings == ()


async def test_officers_are_taken_in_whole_or_not_at_all() -> None:
    await cities.small_city(units=1, windows=1)
    rows = [make.officer_row(1, 1), make.officer_row(1, 1), make.officer_row(9, 2, 状态="走了")]
    with pytest.raises(Invalid) as refusal:
        await make.officers(rows)
    assert {(fault.path, fault.code) for fault in refusal.value.faults} == {
        ("row 3, 工号", "import.twice"),
        ("row 4, 单位编号", "import.unknown_unit"),
        ("row 4, 状态", "duty.unknown_state"),
    }
    assert await rosters.officers() == []
    with pytest.raises(Forbidden):
        await duty.import_officers(people.reviewer, b"", "a.csv", at=AT)


async def test_a_roster_counts_when_unit_and_office_agreed() -> None:
    view = await setting()
    assert (view.state, view.shifts, view.officers) == (DutyState.DRAFT, 3, 2)
    assert await rosters.waiting(view.unit_code) == 1
    with pytest.raises(Conflict, match=r"duty\.state"):
        await duty.confirm(people.second, view.code, at=AT)
    assert await rosters.confirmed(make.DAY, make.DAY) == []
    agreed = await duty.agree(people.liaison(view.unit_code), view.code, at=AT)
    assert (agreed.state, await rosters.waiting()) == (DutyState.AGREED, 1)
    assert await rosters.confirmed(make.DAY, make.DAY) == []
    done = await duty.confirm(people.second, view.code, at=AT)
    assert done.state is DutyState.CONFIRMED
    shifts = await rosters.confirmed(make.DAY, make.DAY)
    assert sorted(each.half for each in shifts) == [Half.AFTERNOON, Half.MORNING, Half.MORNING]
    assert set((await rosters.rostered_staff(make.DAY, make.DAY)).values()) == {2}
    assert await rosters.confirmed(make.DAY + timedelta(days=1), make.DAY) == []
    lines = await rosters.lines(done)
    assert [(each.half, each.number) for each in lines] == [
        (Half.MORNING, "001"), (Half.MORNING, "002"), (Half.AFTERNOON, "001"),
    ]  # fmt: skip
    assert (await audit.verify(our_tables())).findings == ()


async def test_nobody_else_agrees_and_nobody_twice() -> None:
    view = await setting()
    other = next(unit for unit in await queries.units() if unit.code != view.unit_code)
    with pytest.raises(Missing, match=r"duty\.missing"):
        await duty.agree(people.liaison(other.code), view.code, at=AT)
    with pytest.raises(Forbidden):
        await duty.agree(people.coordinator, view.code, at=AT)
    own = people.liaison(view.unit_code, 9001)  # the coordinator's own second account
    await duty.agree(own, view.code, at=AT)
    with pytest.raises(Forbidden, match=r"approval\.same_person"):
        await duty.confirm(people.coordinator, view.code, at=AT)
    with pytest.raises(Forbidden):
        await duty.confirm(people.publisher, view.code, at=AT)
    with pytest.raises(Conflict, match=r"duty\.state"):
        await duty.agree(own, view.code, at=AT)


async def test_a_roster_goes_back_only_before_it_is_confirmed() -> None:
    view = await setting()
    with pytest.raises(Invalid):
        await duty.send_back(people.second, view.code, " ", at=AT)
    with pytest.raises(Missing):
        await duty.send_back(people.liaison(Code("0000000000")), view.code, "不对", at=AT)
    with pytest.raises(Forbidden):
        await duty.send_back(people.auditor, view.code, "不对", at=AT)
    back = await duty.send_back(people.liaison(view.unit_code), view.code, "日期不对", at=AT)
    assert (back.state, back.reason) == (DutyState.RETURNED, "日期不对")
    (again,) = await make.confirmed([make.shift_row(1, 1)])
    with pytest.raises(Conflict, match=r"duty\.state"):
        await duty.send_back(people.second, again.code, "改一下", at=AT)


async def test_every_fault_of_a_roster_is_told_by_its_cell() -> None:
    await setting()
    assert await paths(
        [
            make.shift_row(1, 1),
            make.shift_row(9, 1),
            make.shift_row(2, 2),
            make.shift_row(2, 1, 日期="2026-02-30"),
            make.shift_row(2, 1, 时段="晚上"),
            make.shift_row(2, 1, 日期="2026年3月12日"),
            make.shift_row(2, 1, 日期="2026/3/12", 时段="全天"),
        ]
    ) == {
        ("row 2, 日期", "duty.covered"),
        ("row 3, 窗口编号", "import.unknown_window"),
        ("row 4, 工号", "duty.unknown_officer"),
        ("row 5, 日期", "form.date"),
        ("row 6, 时段", "duty.unknown_half"),
        ("row 8, 工号", "import.twice"),
    }
    long = [make.shift_row(2, 1), make.shift_row(2, 1, date(2028, 1, 3))]
    assert await paths(long) == {("row 3, 日期", "duty.too_long")}


async def test_a_liaison_hands_in_for_the_own_unit_alone() -> None:
    view = await setting()
    own = people.liaison(view.unit_code)
    day = make.DAY + timedelta(days=1)
    with pytest.raises(Invalid) as refusal:
        await make.filed([make.shift_row(2, 1, day)], own)
    assert [fault.code for fault in refusal.value.faults] == ["import.unknown_window"]
    (made,) = await make.filed([make.shift_row(1, 1, day)], own)
    assert made.unit_code == view.unit_code
    with pytest.raises(Forbidden):
        await make.filed([make.shift_row(1, 1)], people.reviewer)


async def test_who_left_is_on_no_new_roster() -> None:
    await cities.small_city(units=1, windows=1)
    await make.officers([make.officer_row(1, 1, 状态="离职")])
    assert await paths([make.shift_row(1, 1)]) == {("row 2, 工号", "duty.unknown_officer")}


async def test_a_shift_changed_behind_the_back_is_noticed() -> None:
    await cities.small_city(units=1, windows=1)
    await make.officers([make.officer_row(1, 1), make.officer_row(1, 2)])
    await make.confirmed([make.shift_row(1, 1)])
    other = next(each for each in await rosters.officers() if each.number == "002")
    await raw("UPDATE duty_shift SET officer = {}", other.id)
    with pytest.raises(Conflict, match=r"duty\.changed"):
        await rosters.confirmed(make.DAY, make.DAY)
