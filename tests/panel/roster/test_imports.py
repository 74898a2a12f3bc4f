"""Importing the offices' tables on both engines: whole or nothing, updates, history, vault."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from panel import db
from panel.actor import Actor
from panel.audit import queries as audit
from panel.errors import Forbidden, Invalid
from panel.piccolo_app import our_tables
from panel.roster import commands, queries
from panel.roster.tables import Liaison, Unit
from panel.roster.types import TableKind
from panel.rulebook import commands as rulebook
from panel.vault import queries as vault
from panel.vault.tables import Person
from tests import people
from tests.make import roster as make

UNITS, HALLS, WINDOWS, ITEMS = TableKind
DEFAULT = Path(rulebook.__file__).parents[1] / "default.toml"


async def _import(kind: TableKind, *rows: dict[str, str]) -> object:
    data = make.table(kind, rows)
    return await commands.import_file(people.coordinator, kind, data, "t.csv", at=make.AT)


async def test_a_table_adds_then_updates_and_never_deletes(engine: db.Engine) -> None:
    first = await commands.import_file(
        people.coordinator,
        UNITS,
        make.table(UNITS, [make.unit_row(1), make.unit_row(2), make.unit_row(3)]),
        "units.csv",
        at=make.AT,
    )
    assert (first.rows, first.added, first.changed, first.unchanged) == (3, 3, 0, 0)
    before = {unit.ref: unit for unit in await queries.units()}
    again = await commands.import_file(
        people.coordinator,
        UNITS,
        make.table(UNITS, [make.unit_row(1, 单位名称="新名称"), make.unit_row(2)]),
        "units.csv",
        at=make.AT,
    )
    assert (again.rows, again.added, again.changed, again.unchanged) == (2, 0, 1, 1)
    after = {unit.ref: unit for unit in await queries.units()}
    assert set(after) == {"U-01", "U-02", "U-03"}
    assert after["U-01"].name == "新名称"
    assert after["U-01"].code == before["U-01"].code


async def test_one_fault_refuses_the_whole_file(engine: db.Engine) -> None:
    with pytest.raises(Invalid) as refusal:
        await _import(UNITS, make.unit_row(1), make.unit_row(2, 层级="省级"))
    assert refusal.value.code == "import.faults"
    (fault,) = refusal.value.faults
    assert (fault.path, fault.code) == ("row 3, 层级", "import.unknown_level")
    assert await queries.units() == []
    assert await audit.entries() == []
    assert await Person.count() == 0


async def test_each_import_leaves_one_entry_with_count_and_root(engine: db.Engine) -> None:
    await _import(UNITS, make.unit_row(1), make.unit_row(2))
    (entry,) = await audit.entries()
    assert entry.command == "roster.import"
    (part,) = json.loads(entry.detail)
    assert part["kind"] == "roster.units"
    assert part["values"]["count"] == 2
    assert len(part["values"]["root"]) == 64


async def test_a_table_refers_only_to_what_is_known(engine: db.Engine) -> None:
    await _import(UNITS, make.unit_row(1))
    await _import(HALLS, make.hall_row(1))
    with pytest.raises(Invalid) as refusal:
        await _import(WINDOWS, make.window_row(1, unit=7), make.window_row(2, hall=8))
    assert [(fault.path, fault.code) for fault in refusal.value.faults] == [
        ("row 2, 单位编号", "import.unknown_unit"),
        ("row 3, 大厅编号", "import.unknown_hall"),
    ]
    with pytest.raises(Invalid) as refusal:
        await _import(ITEMS, make.item_row(1, window=9))
    assert refusal.value.faults[0].code == "import.unknown_window"


async def test_a_unit_may_stand_above_others_of_the_same_file(engine: db.Engine) -> None:
    await _import(UNITS, make.unit_row(1, 上级单位编号="U-02"), make.unit_row(2))
    units = {unit.ref: unit for unit in await queries.units()}
    assert units["U-01"].parent_id == units["U-02"].id
    assert units["U-01"].parent_name == "第2单位"
    again = await commands.import_file(
        people.coordinator,
        UNITS,
        make.table(UNITS, [make.unit_row(1, 上级单位编号="U-02")]),
        "units.csv",
        at=make.AT,
    )
    assert again.unchanged == 1


async def test_circles_and_unknown_parents_are_refused(engine: db.Engine) -> None:
    with pytest.raises(Invalid) as refusal:
        await _import(
            UNITS,
            make.unit_row(1, 上级单位编号="U-02"),
            make.unit_row(2, 上级单位编号="U-01"),
            make.unit_row(3, 上级单位编号="U-99"),
        )
    assert [fault.code for fault in refusal.value.faults] == [
        "import.own_parent",
        "import.own_parent",
        "import.unknown_unit",
    ]


async def test_a_column_left_out_keeps_what_is_stored(engine: db.Engine) -> None:
    await _import(UNITS, make.unit_row(1, 英文名称="Bureau"))
    rows = "单位编号,单位名称,单位类型,层级,同类组\nU-01,改名,政府部门,市级,service\n".encode()
    await commands.import_file(people.coordinator, UNITS, rows, "t.csv", at=make.AT)
    (unit,) = await queries.units()
    assert (unit.name, unit.name_en) == ("改名", "Bureau")
    assert len(await queries.liaisons(unit.code)) == 1


async def test_liaisons_go_to_the_vault_and_only_there(engine: db.Engine) -> None:
    row = make.unit_row(1, 联络员="陈示例", 副联络员="周样本", 副联络员电话="0537-0000099")
    await _import(UNITS, row)
    (unit,) = await queries.units()
    liaison, deputy = await queries.liaisons(unit.code)
    assert not liaison.deputy
    assert deputy.deputy
    assert await vault.names([liaison.person, deputy.person]) == {
        liaison.person: "陈示例",
        deputy.person: "周样本",
    }
    assert await queries.liaison_units(deputy.person) == [unit]
    stored = str(await Liaison.select()) + str(await Unit.select()) + str(await audit.entries())
    assert "陈示例" not in stored
    assert "0537" not in stored


async def test_a_new_liaison_replaces_the_old_one_who_is_forgotten(engine: db.Engine) -> None:
    await _import(UNITS, make.unit_row(1))
    (unit,) = await queries.units()
    (old,) = await queries.liaisons(unit.code)
    report = await commands.import_file(
        people.coordinator,
        UNITS,
        make.table(UNITS, [make.unit_row(1, 联络员="新联络")]),
        "t.csv",
        at=make.AT,
    )
    assert report.changed == 1
    (new,) = await queries.liaisons(unit.code)
    assert new.person != old.person
    assert (await vault.person(old.person)).erased_at == make.AT
    assert await vault.names([new.person]) == {new.person: "新联络"}


async def test_one_person_may_speak_for_two_units(engine: db.Engine) -> None:
    same = {"联络员": "同一人", "联络员电话": "0537-0000001"}
    await _import(UNITS, make.unit_row(1, **same), make.unit_row(2, **same))
    first, second = await queries.units()
    (one,) = await queries.liaisons(first.code)
    (two,) = await queries.liaisons(second.code)
    assert one.person == two.person
    assert await queries.liaison_units(one.person) == [first, second]
    # who leaves one unit is still needed by the other
    await _import(UNITS, make.unit_row(1, 联络员="接任者"))
    assert (await vault.person(one.person)).erased_at is None


@pytest.mark.parametrize("actor", [people.reviewer, people.auditor, people.administrator])
async def test_only_a_coordinator_imports(engine: db.Engine, actor: Actor) -> None:
    data = make.table(UNITS, [make.unit_row(1)])
    with pytest.raises(Forbidden):
        await commands.import_file(actor, UNITS, data, "t.csv", at=make.AT)
    assert await queries.units() == []


async def test_the_sample_city_comes_in_and_again_unchanged(engine: db.Engine) -> None:
    city = await make.sample_city()
    assert len(city.units) >= 90
    assert len(city.windows) >= 300
    assert sum(unit.windows for unit in city.units) == len(city.windows)
    for kind in TableKind:
        data = (make.DATA / f"{kind}.csv").read_bytes()
        report = await commands.import_file(
            people.coordinator, kind, data, f"{kind}.csv", at=make.AT
        )
        assert (report.added, report.changed) == (0, 0)
        assert report.unchanged == report.rows
    result = await audit.verify(our_tables())
    assert result.findings == ()


async def test_a_number_changed_outside_of_commands_is_found(engine: db.Engine) -> None:
    city = await make.small_city(units=1)
    await db.raw("UPDATE service_window SET transactions = 9 WHERE id = {}", city.windows[0].id)
    result = await audit.verify(our_tables())
    assert [str(finding.trouble) for finding in result.findings] == ["row_changed"]


async def test_a_group_outside_the_measures_in_force_is_refused(engine: db.Engine) -> None:
    text = DEFAULT.read_text(encoding="utf-8")
    version = await rulebook.propose(people.coordinator, text, at=make.AT)
    await _import(UNITS, make.unit_row(1, 同类组="not in force yet"))
    await rulebook.approve(people.second, version.code, at=make.AT)
    group = version.rulebook.peer_groups[0]
    await _import(UNITS, make.unit_row(2, 同类组=group.text.zh), make.unit_row(3, 同类组=group.key))
    with pytest.raises(Invalid) as refusal:
        await _import(UNITS, make.unit_row(4, 同类组="elsewhere"))
    (fault,) = refusal.value.faults
    assert (fault.path, fault.code) == ("row 2, 同类组", "import.unknown_peer_group")
    groups = {unit.ref: unit.peer_group for unit in await queries.units()}
    assert groups == {"U-01": "not in force yet", "U-02": group.key, "U-03": group.key}
