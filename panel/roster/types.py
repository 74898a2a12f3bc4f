"""Units, halls, windows, service items: what rules take and queries give."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final

import msgspec

from panel.ids import Code, PersonId


class UnitKind(StrEnum):
    """What kind of body a unit is."""

    PARTY_DEPT = "party_dept"
    GOV_DEPT = "gov_dept"
    ENFORCEMENT = "enforcement"
    PUBLIC_UTILITY = "public_utility"
    HALL = "hall"


class Level(StrEnum):
    """Level of administration of a unit."""

    CITY = "city"
    COUNTY = "county"
    TOWN = "town"


class WindowState(StrEnum):
    """Whether a window can be visited; ``closed`` is for a time, ``retired`` for good."""

    ACTIVE = "active"
    CLOSED = "closed"
    RETIRED = "retired"


class TableKind(StrEnum):
    """The tables that an office can upload, in the order in which they build on each other."""

    UNITS = "units"
    HALLS = "halls"
    WINDOWS = "windows"
    ITEMS = "items"


HEADERS: dict[TableKind, tuple[str, ...]] = {
    TableKind.UNITS: (
        "单位编号",
        "单位名称",
        "英文名称",
        "单位类型",
        "层级",
        "行政区",
        "同类组",
        "上级单位编号",
        "联络员",
        "联络员电话",
        "副联络员",
        "副联络员电话",
    ),
    TableKind.HALLS: (
        "大厅编号",
        "大厅名称",
        "英文名称",
        "行政区",
        "地址",
        "纬度",
        "经度",
    ),
    TableKind.WINDOWS: (
        "窗口编号",
        "窗口名称",
        "英文名称",
        "单位编号",
        "大厅编号",
        "位置",
        "办公时间",
        "窗口人数",
        "季度办件量",
        "适合暗访",
    ),
    TableKind.ITEMS: (
        "事项编号",
        "事项名称",
        "英文名称",
        "窗口编号",
        "承诺工作日",
        "材料",
        "收费",
        "收费依据",
    ),
}
"""Column titles of each table as they stand in the offices' files."""


class SheetRow(msgspec.Struct, frozen=True):
    """One row of an uploaded table: its number in the file and its texts by column."""

    number: int
    cells: dict[str, str]


class Sheet(msgspec.Struct, frozen=True):
    """An uploaded table without faults of form."""

    header: tuple[str, ...]
    rows: tuple[SheetRow, ...]


class UnitView(msgspec.Struct, frozen=True):
    """One unit; the place is that of its first window's hall, in micro-degrees."""

    id: int
    code: Code
    ref: str
    name: str
    name_en: str
    kind: UnitKind
    level: Level
    district: str
    peer_group: str
    parent_id: int | None
    parent_name: str
    active: bool
    windows: int
    latitude: int | None
    longitude: int | None


class WindowView(msgspec.Struct, frozen=True):
    """One window with its unit and hall; coordinates in micro-degrees."""

    id: int
    code: Code
    ref: str
    name: str
    name_en: str
    unit_id: int
    unit_code: Code
    unit_name: str
    unit_name_en: str
    peer_group: str
    hall_id: int
    hall_code: Code
    hall_name: str
    hall_name_en: str
    district: str
    address: str
    latitude: int
    longitude: int
    place: str
    hours: str
    staff: int
    transactions: int
    covert_ok: bool
    state: WindowState
    reason: str
    printing: int


class HallView(msgspec.Struct, frozen=True):
    """A hall that has windows; coordinates are micro-degrees."""

    code: Code
    name: str
    name_en: str
    district: str
    latitude: int
    longitude: int


class ItemView(msgspec.Struct, frozen=True):
    """One service item of a window: what is promised and asked for."""

    id: int
    code: Code
    ref: str
    name: str
    name_en: str
    promised_days: int | None
    papers: str
    fee: str
    fee_basis: str


class LiaisonView(msgspec.Struct, frozen=True):
    """Who speaks for a unit; the name lies in the vault."""

    person: PersonId
    deputy: bool


class ImportReport(msgspec.Struct, frozen=True):
    """What an accepted table changed; rows that stand unchanged are counted too."""

    kind: TableKind
    rows: int
    added: int
    changed: int
    unchanged: int


ON_A_PAGE: Final = 50
"""Posters that a page shows for printing; more come as a file."""
KEPT: Final = timedelta(days=14)
"""How long a file of posters waits to be fetched; it can be made again at any time."""


class PosterSize(StrEnum):
    """What posters are printed on: a page each, or all windows of a hall on sheets of A4."""

    A4 = "a4"
    A5 = "a5"
    A6 = "a6"
    SHEETS = "sheets"


class PosterState(StrEnum):
    """How far a file of posters has come; ``gone`` is a file whose time is over."""

    QUEUED = "queued"
    DRAWING = "drawing"
    DONE = "done"
    CANCELLED = "cancelled"
    GONE = "gone"


class Filter(msgspec.Struct, frozen=True):
    """Which windows a list of codes shows; empty parts choose nothing."""

    search: str = ""
    unit: str = ""
    hall: str = ""
    state: str = ""
    """A state of windows, or ``due``: the printing that counts was not printed yet."""


class PosterLine(msgspec.Struct, frozen=True):
    """A window and when the printing that counts was last printed."""

    window: WindowView
    printed_at: datetime | None


class PrintingView(msgspec.Struct, frozen=True):
    """One printing of a poster."""

    number: int
    reason: str
    raised_at: datetime | None
    printed_at: datetime | None


class PosterRunView(msgspec.Struct, frozen=True):
    """A file of posters without its bytes."""

    id: int
    code: Code
    size: PosterSize
    name: str
    name_en: str
    windows: tuple[Code, ...]
    state: PosterState
    done: int
    total: int
    bytes: int
    started_at: datetime
    finished_at: datetime | None

    @property
    def running(self) -> bool:
        """Tell whether a worker still has to do with it."""
        return self.state in {PosterState.QUEUED, PosterState.DRAWING}


class OfficerState(StrEnum):
    """Whether somebody still holds the post; only who holds it may be proposed for a list."""

    IN_POST = "in_post"
    TRANSFERRED = "transferred"
    LEFT = "left"


class Half(StrEnum):
    """The half of a working day, the least that a duty roster knows."""

    MORNING = "morning"
    AFTERNOON = "afternoon"


class DutyState(StrEnum):
    """How far a duty roster is; only a confirmed one says whose a visit was."""

    DRAFT = "draft"
    AGREED = "agreed"
    """By the unit's liaison."""
    CONFIRMED = "confirmed"
    """By the office too; never changed again."""
    RETURNED = "returned"


OFFICER_COLUMNS: Final = ("单位编号", "工号", "姓名", "职务", "英文职务", "中层干部", "状态")
"""Column titles of the table of officers."""
DUTY_COLUMNS: Final = ("窗口编号", "日期", "时段", "工号")
"""Column titles of a duty roster."""


class OfficerView(msgspec.Struct, frozen=True):
    """One officer; the name lies in the vault."""

    id: int
    code: Code
    number: str
    unit_id: int
    unit_code: Code
    unit_name: str
    unit_name_en: str
    peer_group: str
    person: PersonId
    post: str
    post_en: str
    mid_level: bool
    state: OfficerState
    erase_asked_by: PersonId | None = None
    erase_asked_at: datetime | None = None
    """When somebody asked that the name be erased; another person does it."""
    erased_at: datetime | None = None


class Shift(msgspec.Struct, frozen=True, order=True):
    """One officer at one window for half a day, by their ids."""

    day: date
    window_id: int
    half: Half
    officer_id: int


class ShiftView(msgspec.Struct, frozen=True):
    """A line of a duty roster as its readers know it: by window and the unit's own number."""

    day: date
    half: Half
    window_code: Code
    window_name: str
    window_name_en: str
    number: str
    post: str
    post_en: str


class DutyView(msgspec.Struct, frozen=True):
    """A duty roster with its size and who agreed to it."""

    id: int
    code: Code
    unit_id: int
    unit_code: Code
    unit_name: str
    unit_name_en: str
    first_day: date
    last_day: date
    shifts: int
    windows: int
    officers: int
    state: DutyState
    filed_by: PersonId | None
    filed_at: datetime
    agreed_by: PersonId | None
    agreed_at: datetime | None
    confirmed_by: PersonId | None
    confirmed_at: datetime | None
    reason: str


class OfficerReport(msgspec.Struct, frozen=True):
    """What an accepted table of officers changed."""

    rows: int
    added: int
    changed: int
