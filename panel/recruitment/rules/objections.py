"""Decisions about objections to proposed members: pure."""

from __future__ import annotations

import datetime as dt
from typing import Final

from panel.errors import Closed, Conflict, Fault, Forbidden, Invalid
from panel.recruitment.rules.notice import day
from panel.recruitment.types.applications import ApplicationState
from panel.recruitment.types.notice import (
    LONGEST_OBJECTION,
    Ground,
    NoticedState,
    NoticedView,
    ObjectionForm,
    ObjectionState,
    ObjectionView,
    Outcome,
    Overview,
)

_LINE: Final = 120
_PHONE: Final = 7
"""Digits of the shortest telephone number."""


def may_object(overview: Overview, noticed: NoticedView | None, at: dt.datetime) -> None:
    """Refuse an objection after the notice, or against somebody who is not on it any more.

    The last moment of the notice still counts. None means an objection to the list as a whole.
    """
    until = overview.closes_at if noticed is None else noticed.closes_at
    if until is None or at > until:
        raise Closed("objection.over", until=day(until))
    if noticed is not None and (
        noticed.state is not NoticedState.OPEN or noticed.application != ApplicationState.SELECTED
    ):
        raise Closed("objection.not_noticed")


def check_objection(form: ObjectionForm) -> Ground:
    """Refuse an objection that lacks something; every fault is named by its field."""
    faults = [
        Fault(name, "form.required")
        for name in ("name", "phone", "ground", "text")
        if not getattr(form, name).strip()
    ]
    if form.phone.strip() and sum(each.isdecimal() for each in form.phone) < _PHONE:
        faults.append(Fault("phone", "objection.phone"))
    if form.ground.strip() and form.ground not in set(Ground):
        faults.append(Fault("ground", "form.required"))
    faults += [
        Fault(name, "form.too_long", {"most": most})
        for name, most in (("name", _LINE), ("phone", _LINE), ("text", LONGEST_OBJECTION))
        if len(getattr(form, name)) > most
    ]
    if faults:
        raise Invalid("form.faults", *faults)
    return Ground(form.ground)


def may_decide(view: ObjectionView, outcome: Outcome, *, judged: bool) -> None:
    """Refuse a second decision, one without words, or one by somebody who vetted the person."""
    if view.state is not ObjectionState.OPEN:
        raise Conflict("objection.decided")
    if judged:
        raise Forbidden("objection.vetted_by_you")
    faults = [
        Fault(name, "form.required")
        for name in ("finding", "reply", "document")
        if not getattr(outcome, name).strip()
    ]
    faults += [
        Fault(name, "form.too_long", {"most": most})
        for name, most in (
            ("finding", LONGEST_OBJECTION),
            ("reply", LONGEST_OBJECTION),
            ("document", _LINE),
        )
        if len(getattr(outcome, name)) > most
    ]
    if faults:
        raise Invalid("form.faults", *faults)
