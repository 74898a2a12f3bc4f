"""Vetting as pages and other contexts see it: what is open, lists to offices, staff lists."""

from __future__ import annotations

import datetime as dt
from enum import StrEnum
from typing import Final

import msgspec

from panel.ids import Code, PersonId
from panel.recruitment.types.applications import APPLICATION_COLUMNS, ApplicationState
from panel.vault.types import Identity

SHEET_COLUMNS: Final = (
    *APPLICATION_COLUMNS, "本人签名", "本人签字", "推荐单位", "推荐人", "推荐人职务", "推荐人电话",
    "推荐理由",
)  # fmt: skip
"""Column titles that a sheet of applications on paper may have."""
LIST_COLUMNS: Final = (
    "报名号", "姓名", "性别", "身份证号", "工作单位", "核对码", "审查意见", "原因",
)  # fmt: skip
"""Column titles of a list to a vetting office; the office fills in the last two."""
STAFF_COLUMNS: Final = ("身份证号", "姓名", "性别", "部门", "科室", "职务", "单位", "岗位")
"""Column titles that a staff list may have; only the id number is read, and not kept."""


class ListState(StrEnum):
    """A list is with its office, came back with its stamp, or was called back."""

    SENT = "sent"
    RETURNED = "returned"
    CANCELLED = "cancelled"


class ListedState(StrEnum):
    """Where one line of a list stands."""

    SENT = "sent"
    PASSED = "passed"
    HIT = "hit"
    """The office found something; a person decides."""
    CONFIRMED = "confirmed"
    MISTAKEN = "mistaken"
    """The hit was somebody else's, or is no reason."""


class HitKind(StrEnum):
    """Who stands on a unit's staff list."""

    APPLICANT = "applicant"
    MEMBER = "member"


class HitState(StrEnum):
    """What a person decided about somebody on a staff list."""

    OPEN = "open"
    RECUSED = "recused"
    INELIGIBLE = "ineligible"
    MISTAKEN = "mistaken"


class ImportState(StrEnum):
    """How far a sheet of applications on paper has come."""

    QUEUED = "queued"
    READING = "reading"
    STAGING = "staging"
    DONE = "done"
    REFUSED = "refused"
    CANCELLED = "cancelled"


class AskedView(msgspec.Struct, frozen=True):
    """What stands between an office and an applicant: question, answer, until when."""

    state: ApplicationState
    reason: str
    question: str
    answer: str
    answer_until: dt.datetime | None
    answered_at: dt.datetime | None

    def __repr__(self) -> str:
        """Show nothing: the texts are the applicant's own."""
        return "AskedView(…)"


class ListView(msgspec.Struct, frozen=True):
    """One list to a vetting office, counted."""

    id: int
    code: Code
    office: str
    size: int
    root: str
    state: ListState
    sent_at: dt.datetime
    returned_at: dt.datetime | None
    document: str
    hits: int = 0
    open_hits: int = 0


class LineView(msgspec.Struct, frozen=True):
    """One line of a list."""

    id: int
    ticket: Code
    hit: str
    state: ListedState
    category: str
    district: str


class StaffListView(msgspec.Struct, frozen=True):
    """The current staff list of a unit."""

    unit: Code
    unit_name: str
    size: int
    received_at: dt.datetime


class HitView(msgspec.Struct, frozen=True):
    """One applicant or member who stands on a unit's staff list."""

    id: int
    kind: HitKind
    subject: Code
    campaign: Code | None
    unit: Code
    unit_name: str
    quarter: str
    state: HitState
    found_at: dt.datetime
    note: str


class CheckView(msgspec.Struct, frozen=True):
    """One comparison with the staff lists."""

    quarter: str
    day: dt.date
    lists: int
    compared: int
    hits: int


class RunView(msgspec.Struct, frozen=True):
    """One sheet of applications on its way in."""

    id: int
    code: Code
    campaign: Code
    filename: str
    state: ImportState
    done: int
    total: int
    faults: int
    started_at: dt.datetime
    ended_at: dt.datetime | None

    @property
    def running(self) -> bool:
        """Tell whether the worker still has to do with it."""
        return self.state in {ImportState.QUEUED, ImportState.READING, ImportState.STAGING}


class Slip(msgspec.Struct, frozen=True):
    """The receipt of one application on paper, to be printed and handed over."""

    ticket: Code
    receipt: Code
    person: PersonId
    received_at: dt.datetime

    def __repr__(self) -> str:
        """Show nothing: the receipt code opens the application."""
        return "Slip(…)"


class Reissued(msgspec.Struct, frozen=True):
    """A new receipt with the person whose identity card was compared."""

    slip: Slip
    identity: Identity

    def __repr__(self) -> str:
        """Show nothing: the receipt code opens the application."""
        return "Reissued(…)"
