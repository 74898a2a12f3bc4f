"""Decisions about people's rights to their own data: correction, erasure, deletion; pure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from panel.actor import Actor
from panel.errors import Conflict, Fault, Forbidden, Invalid, Value
from panel.members.types import MemberView
from panel.recruitment.rules import identity, terms
from panel.recruitment.types.terms import (
    ASKED_FIELDS,
    Change,
    ProceedingState,
    ProceedingView,
    RequestState,
    RequestView,
)
from panel.rulebook.types import Rulebook
from panel.vault.types import Identity
from panel.workdays import deadline

_LONGEST = {"name": 60, "national_id": 40, "address": 200, "employer": 120}


def read_change(typed: Change, kept: Identity) -> Identity:
    """Return the identity after a member's own correction; every fault by its field.

    What is left empty stays as it is.
    """
    faults = []
    phone = kept.phone
    if typed.phone.strip():
        found = identity.read_phone(typed.phone)
        if found is None:
            faults.append(Fault("phone", "application.phone"))
        phone = found or phone
    faults += [
        _long(field)
        for field in ("address", "employer")
        if len(getattr(typed, field)) > _LONGEST[field]
    ]
    changed = Identity(
        name=kept.name,
        phone=phone,
        national_id=kept.national_id,
        address=identity.tidy(typed.address) or kept.address,
        employer=identity.tidy(typed.employer) or kept.employer,
    )
    if faults:
        raise Invalid("form.faults", *faults)
    if changed == kept and not typed.unit and not typed.hall:
        raise Invalid("form.faults", Fault("phone", "right.nothing_changed"))
    return changed


def _long(field: str) -> Fault:
    values: dict[str, Value] = {"most": _LONGEST[field]}
    return Fault(field, "form.too_long", values)


def read_wish(field: str, text: str) -> str:
    """Return the new name or number that a person asks for; refuse what can't be one."""
    if field not in ASKED_FIELDS:
        raise Invalid("form.faults", Fault("field", "form.required"))
    if not text.strip():
        raise Invalid("form.faults", Fault("text", "form.required"))
    if len(text) > _LONGEST[field]:
        raise Invalid("form.faults", Fault("text", "form.too_long", {"most": _LONGEST[field]}))
    if field == "name":
        return identity.read_name(text)
    found = identity.read_national_id(text)
    if isinstance(found, str):
        raise Invalid("form.faults", Fault("text", found))
    return found.number


def may_ask(field: str, asked: Sequence[RequestView]) -> None:
    """Refuse to ask for the same thing twice while the first wish waits."""
    if any(each.state is RequestState.ASKED and each.field == field for each in asked):
        raise Conflict("right.asked_already")


def may_decide(found: RequestView, actor: Actor) -> None:
    """Refuse a second decision, and one about oneself."""
    if actor.person is None or actor.person == found.person:
        raise Forbidden("right.own")
    if found.state is not RequestState.ASKED:
        raise Conflict("right.decided")


def may_erase(
    seats: Sequence[MemberView],
    proceedings: Sequence[ProceedingView],
    at: dt.datetime,
    *,
    hearings: bool,
) -> None:
    """Refuse while a term runs, a proceeding is open, or a round of the term can be appealed."""
    if any(not (each.left or terms.over(each, at)) for each in seats):
        raise Conflict("right.term_runs")
    if any(each.state is ProceedingState.OPEN for each in proceedings):
        raise Conflict("right.proceeding_open")
    if hearings:
        raise Conflict("right.hearings_open")


def kept_until(rulebook: Rulebook, ended: dt.datetime) -> dt.datetime:
    """Return the last moment at which the data of unsuccessful applicants is kept."""
    limit = rulebook.deadline("applicants_kept")
    return deadline(ended, limit.amount, limit.unit, terms.calendar_of(rulebook))
