"""The sample city's files hang together and stay inside the city."""

from __future__ import annotations

import tomllib
from collections import Counter

import pytest

from panel.actor import Role
from panel.demo.people import DATA, LATITUDES, LONGITUDES, districts, rows
from panel.errors import Fault
from panel.roster.rules.entries import KEY, REQUIRED, Known, entries
from panel.roster.rules.tables import read_table
from panel.roster.types import HEADERS, Level, TableKind, UnitKind

GROUPS = {"service": 50, "enforcement": 10, "utility": 10, "office": 10}
KEYS = {"units": "单位编号", "halls": "大厅编号", "windows": "窗口编号", "items": "事项编号"}


@pytest.mark.parametrize("kind", list(TableKind))
def test_headers_are_those_the_importer_reads(kind: TableKind) -> None:
    text = (DATA / f"{kind}.csv").read_text(encoding="utf-8")
    assert tuple(text.splitlines()[0].split(",")) == HEADERS[kind]


@pytest.mark.parametrize("kind", list(TableKind))
def test_the_importer_finds_no_fault(kind: TableKind) -> None:
    known = Known(
        units={unit["单位编号"] for unit in rows("units.csv")},
        halls={hall["大厅编号"] for hall in rows("halls.csv")},
        windows={window["窗口编号"] for window in rows("windows.csv")},
        groups={group: group for group in GROUPS},
    )
    name = f"{kind}.csv"
    faults: list[Fault] = []
    sheet = read_table(
        (DATA / name).read_bytes(), name, HEADERS[kind], required=REQUIRED[kind], unique=KEY[kind]
    )
    read = entries(kind, sheet, known, faults)
    assert faults == []
    assert [entry.ref for entry in read] == [row[KEYS[kind]] for row in rows(name)]


@pytest.mark.parametrize("kind", list(TableKind))
def test_numbers_are_unique_short_and_plain(kind: TableKind) -> None:
    numbers = [row[KEYS[kind]] for row in rows(f"{kind}.csv")]
    assert len(set(numbers)) == len(numbers)
    assert all(number.isascii() and 0 < len(number) <= 16 for number in numbers)


@pytest.mark.parametrize("name", ["units", "halls", "windows", "items", "districts", "staff"])
def test_no_cell_has_stray_spaces_or_looks_like_a_formula(name: str) -> None:
    for row in rows(f"{name}.csv"):
        assert None not in row
        for cell in row.values():
            assert cell == cell.strip()
            assert not cell.startswith(("=", "+", "@", "-"))


@pytest.mark.parametrize(
    ("name", "column"),
    [
        ("units", "单位名称"),
        ("halls", "大厅名称"),
        ("windows", "窗口名称"),
        ("items", "事项名称"),
        ("districts", "行政区"),
    ],
)
def test_everything_has_a_chinese_and_an_english_name(name: str, column: str) -> None:
    for row in rows(f"{name}.csv"):
        assert row[column]
        assert not row[column].isascii()
        assert row["英文名称"].isascii()
        assert row["英文名称"][0].isupper()


def test_districts_are_eleven_and_three_zones_with_the_citys_population() -> None:
    assert [district.name for district in districts()] == [
        *("任城区", "兖州区", "曲阜市", "邹城市", "微山县", "鱼台县", "金乡县"),
        *("嘉祥县", "汶上县", "泗水县", "梁山县", "济宁高新区", "太白湖新区", "济宁经开区"),
    ]
    assert 8_000_000 < sum(district.population for district in districts()) < 8_500_000


def test_units_fill_every_kind_level_and_peer_group() -> None:
    units = rows("units.csv")
    groups = Counter(unit["同类组"] for unit in units)
    assert len(units) >= 90
    assert set(groups) == set(GROUPS)
    assert all(groups[group] >= least for group, least in GROUPS.items())
    assert {unit["单位类型"] for unit in units} == {str(kind) for kind in UnitKind}
    assert {unit["层级"] for unit in units} == {str(Level.CITY), str(Level.COUNTY)}
    assert len({unit["单位名称"] for unit in units}) == len(units)


def test_a_superior_unit_stands_before_its_subordinates() -> None:
    seen: set[str] = set()
    for unit in rows("units.csv"):
        assert not unit["上级单位编号"] or unit["上级单位编号"] in seen
        seen.add(unit["单位编号"])


def test_places_refer_to_known_districts_units_and_halls() -> None:
    names = {district.name for district in districts()}
    units = {unit["单位编号"] for unit in rows("units.csv")}
    halls = {hall["大厅编号"] for hall in rows("halls.csv")}
    windows = rows("windows.csv")
    assert {unit["行政区"] for unit in rows("units.csv")} <= names
    assert {hall["行政区"] for hall in rows("halls.csv")} <= names
    assert all(window["单位编号"] in units for window in windows)
    assert {window["大厅编号"] for window in windows} == halls
    assert {item["窗口编号"] for item in rows("items.csv")} == {
        window["窗口编号"] for window in windows
    }


def test_halls_lie_inside_the_city() -> None:
    for hall in rows("halls.csv"):
        assert LATITUDES[0] <= float(hall["纬度"]) * 1_000_000 <= LATITUDES[1]
        assert LONGITUDES[0] <= float(hall["经度"]) * 1_000_000 <= LONGITUDES[1]


def test_units_with_windows_have_enough_of_them_and_offices_have_none() -> None:
    windows = rows("windows.csv")
    count = Counter(window["单位编号"] for window in windows)
    assert len(windows) >= 300
    for unit in rows("units.csv"):
        own = count[unit["单位编号"]]
        assert own == 0 if unit["同类组"] == "office" else own >= 2
    assert len(windows) / len(count) >= 3


def test_a_window_number_begins_with_its_units_number() -> None:
    for window in rows("windows.csv"):
        assert window["窗口编号"].rpartition("-")[0] == window["单位编号"]


def test_no_two_windows_stand_at_one_place() -> None:
    places = [(window["大厅编号"], window["位置"]) for window in rows("windows.csv")]
    assert len(set(places)) == len(places)


def test_most_windows_have_three_clerks_and_some_have_fewer() -> None:
    staff = [int(window["窗口人数"]) for window in rows("windows.csv")]
    few = sum(number < 3 for number in staff)
    assert min(staff) >= 1
    assert 5 <= few <= len(staff) // 10


def test_windows_state_hours_volume_and_whether_a_covert_visit_suits() -> None:
    windows = rows("windows.csv")
    assert all(int(window["季度办件量"]) > 0 and window["办公时间"] for window in windows)
    assert {window["适合暗访"] for window in windows} == {"是", "否"}


def test_items_promise_days_and_name_the_basis_of_every_fee() -> None:
    for item in rows("items.csv"):
        assert 1 <= int(item["承诺工作日"]) <= 60
        assert (item["收费"] == "不收费") == (not item["收费依据"])
        assert item["收费"] == "不收费" or item["收费"].removesuffix("元").isdigit()


def test_telephones_are_invented_and_never_shared() -> None:
    units = rows("units.csv")
    office = [unit["联络员电话"] for unit in units]
    mobile = [unit["副联络员电话"] for unit in units]
    assert all(number.startswith("0537-0000") for number in office)
    assert all(number.startswith("19900000") and len(number) == 11 for number in mobile)
    assert len(set(office) | set(mobile)) == 2 * len(units)


def test_nobody_speaks_for_two_units() -> None:
    people = [unit[column] for unit in rows("units.csv") for column in ("联络员", "副联络员")]
    staff = [person["姓名"] for person in rows("staff.csv")]
    assert len(set(people + staff)) == len(people + staff)


def test_staff_cover_the_roles_that_people_must_not_share() -> None:
    staff = rows("staff.csv")
    roles = Counter(Role(person["角色"]) for person in staff)
    assert roles[Role.COORDINATOR] == 2
    assert roles[Role.REVIEWER] == 3
    assert {
        *(Role.PUBLISHER, Role.AUDITOR, Role.ADMINISTRATOR),
        *(Role.INDEPENDENT_REVIEWER, Role.INTAKE_CLERK),
    } <= set(roles)
    clerks = [person["办公室"] for person in staff if person["角色"] == Role.VETTING_CLERK]
    assert len(clerks) == len(set(clerks)) == 2
    assert len({person["登录名"] for person in staff}) == len(staff)


@pytest.mark.parametrize("name", ["names", "remarks"])
def test_pools_hold_no_text_twice(name: str) -> None:
    tree = tomllib.loads((DATA / f"{name}.toml").read_text(encoding="utf-8"))

    def lists(node: object) -> list[list[object]]:
        if isinstance(node, dict):
            return [found for value in node.values() for found in lists(value)]
        return [node] if isinstance(node, list) else []

    for pool in lists(tree):
        assert len({str(text) for text in pool}) == len(pool) > 0
