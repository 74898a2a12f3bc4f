"""Decisions about objections to a ranking in public notice: pure."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Final

from panel.errors import Closed, Conflict, Fault, Forbidden, Invalid
from panel.ids import PersonId
from panel.rankings.rules.hearing import day
from panel.rankings.types import (
    ObjectionDecision,
    ObjectionForm,
    ObjectionGround,
    ObjectionOutcome,
    ObjectionState,
    ObjectionView,
    RankingState,
    RankingView,
)

LONGEST: Final = 4000
_LINE: Final = 120
_PHONE: Final = 7
"""Digits of the shortest telephone number."""


def may_object(view: RankingView, at: datetime) -> None:
    """Refuse an objection before and after the notice; its last moment still counts."""
    if view.notice_until is None or view.state is not RankingState.NOTICE:
        raise Closed("protest.not_in_notice")
    if at > view.notice_until:
        raise Closed("protest.over", until=day(view.notice_until))


def check(form: ObjectionForm, units: frozenset[str]) -> ObjectionGround:
    """Return the ground of an objection; every fault is named by its field.

    ``units`` are the codes of those on the lists.
    """
    faults = [
        Fault(name, "form.required")
        for name in ("ground", "text", "name", "phone")
        if not getattr(form, name).strip()
    ]
    if form.phone.strip() and sum(each.isdecimal() for each in form.phone) < _PHONE:
        faults.append(Fault("phone", "objection.phone"))
    if form.ground.strip() and form.ground not in set(ObjectionGround):
        faults.append(Fault("ground", "form.required"))
    if form.unit and form.unit not in units:
        faults.append(Fault("unit", "protest.unit_not_listed"))
    faults += [
        Fault(name, "form.too_long", {"most": most})
        for name, most in (("name", _LINE), ("phone", _LINE), ("text", LONGEST))
        if len(getattr(form, name)) > most
    ]
    if faults:
        raise Invalid("form.faults", *faults)
    return ObjectionGround(form.ground)


def may_decide(
    view: ObjectionView,
    outcome: ObjectionOutcome,
    person: PersonId | None,
    computed: Collection[PersonId | None],
) -> ObjectionDecision:
    """Return the decision; refuse a second one, one without words, and one by who computed.

    ``computed`` are those who computed any edition: the one objected to may be an earlier one.
    """
    if view.state is not ObjectionState.OPEN:
        raise Conflict("objection.decided")
    if person is None or person in computed:
        raise Forbidden("protest.computed_by_you")
    fields = (("finding", LONGEST), ("reply", LONGEST), ("document", _LINE))
    faults = [
        Fault(name, "form.required") for name, _ in fields if not getattr(outcome, name).strip()
    ]
    if outcome.decision not in set(ObjectionDecision):
        faults.insert(0, Fault("decision", "form.required"))
    faults += [
        Fault(name, "form.too_long", {"most": most})
        for name, most in fields
        if len(getattr(outcome, name)) > most
    ]
    if faults:
        raise Invalid("form.faults", *faults)
    return ObjectionDecision(outcome.decision)
