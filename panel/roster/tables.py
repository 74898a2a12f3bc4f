"""Tables of the roster; a ``number`` is the city's own, a ``code`` the printed public one."""

from __future__ import annotations

from typing import Any

from piccolo.columns import (
    Boolean,
    Bytea,
    Date,
    ForeignKey,
    Integer,
    Serial,
    Text,
    Timestamptz,
    Varchar,
)
from piccolo.constraints import Check, Unique
from piccolo.table import Table

from panel.roster.types import DutyState, OfficerState, PosterState, WindowState
from panel.vault.tables import Person


class Unit(Table, tablename="unit"):
    """A body under supervision: department, enforcement body, utility, county bureau."""

    id: Serial
    code = Varchar(length=10, unique=True)
    number = Varchar(length=40, unique=True)
    name = Varchar(length=120)
    name_en = Varchar(length=200, default="")
    kind = Varchar(length=20)
    level = Varchar(length=10)
    district = Varchar(length=60, default="")
    peer_group = Varchar(length=60, index=True)
    parent: ForeignKey[Any] = ForeignKey("self", null=True, default=None)
    active = Boolean(default=True)


class Hall(Table, tablename="hall"):
    """A place where windows stand; coordinates in micro-degrees."""

    id: Serial
    code = Varchar(length=10, unique=True)
    number = Varchar(length=40, unique=True)
    name = Varchar(length=120)
    name_en = Varchar(length=200, default="")
    district = Varchar(length=60, default="")
    address = Varchar(length=200, default="")
    latitude = Integer()
    longitude = Integer()


class Window(Table, tablename="service_window"):
    """A service window of a unit in a hall; ``printing`` counts the posters printed for it."""

    id: Serial
    code = Varchar(length=10, unique=True)
    number = Varchar(length=40, unique=True)
    name = Varchar(length=120)
    name_en = Varchar(length=200, default="")
    unit = ForeignKey(Unit, null=False, default=None, index=True)
    hall = ForeignKey(Hall, null=False, default=None, index=True)
    place = Varchar(length=120, default="")
    hours = Varchar(length=200, default="")
    staff = Integer(default=0)
    transactions = Integer(default=0)
    covert_ok = Boolean(default=True)
    state = Varchar(length=10, default=WindowState.ACTIVE.value)
    reason = Text(default="")
    printing = Integer(default=1)

    counts_not_negative = Check((staff >= 0) & (transactions >= 0) & (printing >= 1))


class Item(Table, tablename="service_item"):
    """A matter that a window deals with: what is promised, asked for and charged."""

    id: Serial
    code = Varchar(length=10, unique=True)
    number = Varchar(length=40, unique=True)
    name = Varchar(length=120)
    name_en = Varchar(length=200, default="")
    window = ForeignKey(Window, null=False, default=None, index=True)
    promised_days = Integer(null=True, default=None)
    papers = Text(default="")
    fee = Varchar(length=200, default="")
    fee_basis = Text(default="")


class Liaison(Table, tablename="liaison"):
    """Who speaks for a unit, and the deputy; ``match`` is a keyed hash of name and telephone."""

    id: Serial
    unit = ForeignKey(Unit, null=False, default=None, index=True)
    person = ForeignKey(Person, null=False, default=None, index=True)
    deputy = Boolean(default=False)
    match = Varchar(length=64)

    one_of_each = Unique([unit, deputy])


class Printing(Table, tablename="poster_printing"):
    """One printing of a window's poster: why the number was raised, when it was last printed."""

    id: Serial
    window = ForeignKey(Window, null=False, default=None)
    number = Integer()
    reason = Text(default="")
    raised_at = Timestamptz(null=True, default=None)
    printed_at = Timestamptz(null=True, default=None)

    one_of_each = Unique([window, number])


class PosterRun(Table, tablename="poster_run"):
    """Posters as one file, made by a worker; the file goes after its time, the row stays."""

    id: Serial
    code = Varchar(length=10, unique=True)
    size = Varchar(length=10)
    name = Varchar(length=120, default="")
    """The unit or hall that all windows belong to; empty where they belong to several."""
    name_en = Varchar(length=200, default="")
    windows = Text(default="[]")
    state = Varchar(length=10, default=PosterState.QUEUED.value, index=True)
    done = Integer(default=0)
    total = Integer()
    file = Bytea(null=True, default=None)
    bytes = Integer(default=0)
    started_at = Timestamptz(default=None)
    finished_at = Timestamptz(null=True, default=None)


class Officer(Table, tablename="officer"):
    """Somebody who serves at a unit's windows; the name lies in the vault.

    ``match`` is a keyed hash of the name, so that an import sees a change without opening it.
    """

    id: Serial
    code = Varchar(length=10, unique=True)
    unit = ForeignKey(Unit, null=False, default=None)
    number = Varchar(length=40)
    """The unit's own number of its staff."""
    person = ForeignKey(Person, null=False, default=None, index=True)
    match = Varchar(length=64)
    post = Varchar(length=120)
    post_en = Varchar(length=200, default="")
    mid_level = Boolean(default=False)
    state = Varchar(length=12, default=OfficerState.IN_POST.value)
    erase_asked_by = Integer(null=True, default=None)
    """Who asked that the name of somebody who left be erased; a second person does it."""
    erase_asked_at = Timestamptz(null=True, default=None)
    erased_at = Timestamptz(null=True, default=None)

    one_of_each_number = Unique(["unit", "number"])


class DutyRoster(Table, tablename="duty_roster"):
    """Who was on duty at a unit's windows in some days: handed in whole, agreed to by two sides."""

    id: Serial
    code = Varchar(length=10, unique=True)
    unit = ForeignKey(Unit, null=False, default=None, index=True)
    first_day = Date(default=None)
    last_day = Date(default=None)
    state = Varchar(length=10, default=DutyState.DRAFT.value, index=True)
    digest = Varchar(length=64)
    """Over all shifts: a shift changed afterwards is noticed."""
    filed_by = Integer(null=True, default=None)
    filed_at = Timestamptz(default=None)
    agreed_by = Integer(null=True, default=None)
    agreed_at = Timestamptz(null=True, default=None)
    confirmed_by = Integer(null=True, default=None)
    confirmed_at = Timestamptz(null=True, default=None)
    reason = Text(default="")
    """Why it was sent back."""


class DutyShift(Table, tablename="duty_shift"):
    """One officer at one window for half a day."""

    id: Serial
    roster = ForeignKey(DutyRoster, null=False, default=None, index=True)
    window = ForeignKey(Window, null=False, default=None)
    day = Date(default=None)
    half = Varchar(length=10)
    officer = ForeignKey(Officer, null=False, default=None)

    once = Unique(["roster", "window", "day", "half", "officer"])
