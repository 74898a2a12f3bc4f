"""Tables of orders to rectify; an order names its re-visit's round, never a member."""

from __future__ import annotations

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
from piccolo.constraints import Unique
from piccolo.table import Table

from panel.db import Index
from panel.roster.tables import Unit, Window
from panel.visits.tables import Round


class Order(Table, tablename="rectification_order"):
    """An order to rectify, or to analyse causes alone, with all that the unit filed."""

    id: Serial
    code = Varchar(length=10, unique=True)
    kind = Varchar(length=10, default="order")
    year = Integer()
    unit = ForeignKey(Unit, null=False, default=None, index=True)
    round = ForeignKey(Round, null=False, default=None)
    scope = Varchar(length=40, default="")
    place = Integer()
    place_from_below = Integer()
    ranked = Integer()
    score = Integer(null=True, default=None)
    """None where the list tells the place alone: figures would betray too few visitors."""
    opened_at = Timestamptz(default=None)
    plan_due = Timestamptz(default=None)
    due = Timestamptz(default=None)
    state = Varchar(length=10)
    period = Integer(default=1)
    received_at = Timestamptz(null=True, default=None)
    received_by = Integer(null=True, default=None)
    receipt_document = Varchar(length=200, default="")
    cause = Text(default="")
    measures = Text(default="")
    owner = Varchar(length=200, default="")
    by = Date(null=True, default=None)
    leader = Varchar(length=200, default="")
    department = Varchar(length=200, default="")
    person = Varchar(length=200, default="")
    analysed_at = Timestamptz(null=True, default=None)
    filed_at = Timestamptz(null=True, default=None)
    approved_by = Integer(null=True, default=None)
    approved_at = Timestamptz(null=True, default=None)
    extension = Varchar(length=10, default="")
    extension_reason = Text(default="")
    report = Text(default="")
    report_file = Varchar(length=10, default="")
    reported_at = Timestamptz(null=True, default=None)
    revisit = Varchar(length=10, default="")
    judged_by = Integer(null=True, default=None)
    judged_at = Timestamptz(null=True, default=None)
    outcome_text = Text(default="")
    revisited_on = Date(null=True, default=None)
    closed_at = Timestamptz(null=True, default=None)
    recurrences = Integer(default=0)
    revision = Integer(default=1)

    once_a_round = Unique(["round", "unit"])


class OrderItem(Table, tablename="order_item"):
    """One item to close; ``measure``, ``due`` and ``state`` become public with the plan."""

    id: Serial
    order = ForeignKey(Order, null=False, default=None)
    number = Integer()
    source = Varchar(length=10)
    finding = Varchar(length=10, default="", index=True)
    item = Varchar(length=20, default="")
    form_key = Varchar(length=40, default="")
    window = ForeignKey(Window, null=True, default=None)
    text = Text(default="")
    measure = Text(default="")
    owner = Varchar(length=200, default="")
    due = Date(null=True, default=None)
    proof = Text(default="")
    proof_file = Varchar(length=10, default="")
    done_at = Timestamptz(null=True, default=None)
    desk = Boolean(default=False)
    document = Varchar(length=200, default="")
    checked_by = Integer(null=True, default=None)
    state = Varchar(length=10)

    numbered = Unique(["order", "number"])


class OrderClock(Table, tablename="order_clock"):
    """One deadline of an order; ``run_at`` is when it next reaches somebody's desk."""

    id: Serial
    order = ForeignKey(Order, null=False, default=None, index=True)
    kind = Varchar(length=10)
    about = Varchar(length=10, default="")
    state = Varchar(length=10)
    started_at = Timestamptz(default=None)
    soft_at = Timestamptz(default=None)
    due_at = Timestamptz(default=None)
    run_at = Timestamptz(null=True, default=None)
    extensions = Integer(default=0)
    level = Integer(default=0)
    calendar_version = Varchar(length=40, default="")

    waiting = Index([state, run_at])


class OrderEvent(Table, tablename="order_event"):
    """One step in the course of an order, for its page; the history itself is the audit."""

    id: Serial
    order = ForeignKey(Order, null=False, default=None, index=True)
    event = Varchar(length=20)
    at = Timestamptz(default=None)
    by = Varchar(length=80, default="")
    text = Text(default="")
    document = Varchar(length=200, default="")


class OrderFile(Table, tablename="order_file"):
    """A picture that the unit sent, made anew and encrypted."""

    id: Serial
    code = Varchar(length=10, unique=True)
    order = ForeignKey(Order, null=False, default=None, index=True)
    media = Varchar(length=40)
    sealed = Bytea(default=b"")
    at = Timestamptz(default=None)


class OrderLetter(Table, tablename="order_letter"):
    """An escalation to the competent body and its written answer."""

    id: Serial
    code = Varchar(length=10, unique=True)
    order = ForeignKey(Order, null=False, default=None, index=True)
    body = Varchar(length=120)
    document = Varchar(length=200)
    sent_by = Integer(null=True, default=None)
    sent_at = Timestamptz(default=None)
    due_at = Timestamptz(default=None)
    answer = Text(default="")
    answer_document = Varchar(length=200, default="")
    answered_at = Timestamptz(null=True, default=None)
