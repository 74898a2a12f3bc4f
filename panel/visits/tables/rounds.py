"""Tables of visits; no column of a task names a member."""

from __future__ import annotations

from piccolo.columns import Boolean, Date, ForeignKey, Integer, Serial, Text, Timestamptz, Varchar
from piccolo.constraints import Check, Unique
from piccolo.table import Table

from panel.db import Index
from panel.roster.tables import Unit, Window


class Round(Table, tablename="visit_round"):
    """A plan of visits and its draw; lists and records are canonical JSON."""

    id: Serial
    code = Varchar(length=10, unique=True)
    state = Varchar(length=10, index=True)
    title = Varchar(length=120)
    title_en = Varchar(length=200, default="")
    theme = Text(default="")
    groups = Text(default="[]")
    unranked = Text(default="[]")
    covert_percent = Integer(default=0)
    visits_per_window = Integer()
    visits_per_unit = Integer()
    starts = Timestamptz(default=None)
    ends = Timestamptz(default=None)
    closes_at = Timestamptz(default=None)
    due_hours = Integer()
    legal_basis = Text()
    register_number = Varchar(length=80)
    disclosure = Text(default="")
    disclosed_on = Date(null=True, default=None)
    max_tasks = Integer()
    rulebook = Varchar(length=10)
    created_by = Integer()
    created_at = Timestamptz(default=None)
    approved_by = Integer(null=True, default=None)
    approved_at = Timestamptz(null=True, default=None)
    approval_document = Text(default="")
    commitment = Text(default="")
    labels = Text(default="[]")
    committed_at = Timestamptz(null=True, default=None)
    record = Text(default="")
    record_hash = Varchar(length=64, default="")
    drawn_by = Integer(null=True, default=None)
    drawn_at = Timestamptz(null=True, default=None)
    closed_at = Timestamptz(null=True, default=None)
    kind = Varchar(length=12, default="scheduled")
    parent = Varchar(length=10, default="", index=True)
    targets = Text(default="{}")
    claims = Boolean(default=False)
    double_percent = Integer(default=0)
    source = Varchar(length=10, default="chain")
    announced = Text(default="[]")
    witnesses = Text(default="")
    spread = Text(default="")
    """How the visits of a second stage were spread: seed, weights, demands; sealed until closed."""
    cancelled_by = Integer(null=True, default=None)
    cancelled_at = Timestamptz(null=True, default=None)
    cancelled_reason = Text(default="")

    share_is_a_percentage = Check((covert_percent >= 0) & (covert_percent <= 100))  # noqa: PLR2004
    order_of_dates = Check(starts < ends)


class RoundWindow(Table, tablename="round_window"):
    """One place of a round: a window, or a unit that has none; frozen with the approval."""

    id: Serial
    round = ForeignKey(Round, null=False, default=None, index=True)
    unit = ForeignKey(Unit, null=False, default=None, index=True)
    window = ForeignKey(Window, null=True, default=None, index=True)
    demand = Integer()
    covert_ok = Boolean(default=False)
    reserve = Text(default="")
    """Encrypted: the substitutes' links in the order of the draw. In clear text the many lists
    that a visitor stands on, most of them near home, would tell where the visitor lives."""

    window_once = Unique(["round", "window"])
    bare_unit_once = Index(["round", "unit"], unique=True, where='"window" IS NULL')
    demand_is_positive = Check(demand > 0)


class Task(Table, tablename="visit_task"):
    """One visit asked of one visitor, known only by a link that changes with every round."""

    id: Serial
    code = Varchar(length=10, unique=True)
    round = ForeignKey(Round, null=False, default=None, index=True)
    place = ForeignKey(RoundWindow, null=False, default=None, index=True)
    unit = ForeignKey(Unit, null=False, default=None)
    window = ForeignKey(Window, null=True, default=None, index=True)
    visitor = Varchar(length=64)
    mode = Varchar(length=10)
    errand = Varchar(length=10)
    form_key = Varchar(length=40)
    state = Varchar(length=12)
    opens_at = Timestamptz(default=None)
    due_at = Timestamptz(default=None)
    answer_by = Timestamptz(null=True, default=None)
    offered_at = Timestamptz(default=None)
    briefed_at = Timestamptz(null=True, default=None)
    assigned_by = Integer(null=True, default=None)
    why = Text(default="{}")
    reason = Varchar(length=40, default="")
    note = Text(default="")
    happened_on = Date(null=True, default=None)
    recognised_at = Timestamptz(null=True, default=None)
    pair = Integer(default=0)
    """Number of the blind double visit within the round, the same on both its tasks; 0 for none."""

    never_twice = Unique([place, visitor])
    of_a_visitor = Index([visitor])
    of_a_unit = Index(["round", "unit"])
    by_state = Index([state, answer_by])


class RoundBar(Table, tablename="round_bar"):
    """An earlier visit whose visitor is not sent to its unit in a re-visit; names no member."""

    id: Serial
    round = ForeignKey(Round, null=False, default=None)
    task = ForeignKey(Task, null=False, default=None)

    once = Unique(["round", "task"])


class RoundNumber(Table, tablename="round_number"):
    """What one person read as the announced public numbers; two persons must have read the same."""

    id: Serial
    round = ForeignKey(Round, null=False, default=None, index=True)
    numbers = Text()
    """Canonical JSON: one value for each announced issue, in their order."""
    person = Integer()
    at = Timestamptz(default=None)

    once_per_person = Unique(["round", "person"])
