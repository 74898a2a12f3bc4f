"""Decisions about terms: suspension and reply, dismissal, renewal; pure."""

from __future__ import annotations

import datetime as dt
from typing import Final

from panel.actor import Actor, Role, Signature
from panel.errors import Closed, Conflict, Fault, Forbidden, Invalid, Missing
from panel.members.types import MemberState, MemberView
from panel.recruitment.types.terms import (
    LINE_LIMIT,
    TEXT_LIMIT,
    Ground,
    ProceedingState,
    ProceedingView,
    RenewalState,
    RenewalView,
)
from panel.rulebook.types import Deadline, Rulebook
from panel.workdays import SHANGHAI, Calendar, days_before, deadline

_FAR: Final = dt.timedelta(days=90)
"""How far ahead a hearing may be announced."""
APPROVERS: Final = (Role.COORDINATOR, Role.PUBLISHER)
"""Who may agree to a dismissal."""


def calendar_of(rulebook: Rulebook) -> Calendar:
    """Return the working days of a rulebook."""
    return rulebook.calendar


def text_given(text: str, field: str) -> str:
    """Return a tidy text; refuse an empty or endless one by its field."""
    tidy = text.strip()
    if not tidy:
        raise Invalid("form.faults", Fault(field, "form.required"))
    if len(tidy) > TEXT_LIMIT:
        raise Invalid("form.faults", Fault(field, "form.too_long", {"most": TEXT_LIMIT}))
    return tidy


def ground_given(ground: str) -> Ground:
    """Return the ground of a suspension; refuse an unknown one."""
    if ground not in set(Ground):
        raise Invalid("form.faults", Fault("ground", "form.required"))
    return Ground(ground)


def reply_until(rulebook: Rulebook, at: dt.datetime) -> dt.datetime:
    """Return the last moment at which a suspended member may reply."""
    limit = rulebook.deadline("suspension_reply")
    return deadline(at, limit.amount, limit.unit, calendar_of(rulebook))


def may_suspend(member: MemberView, actor: Actor, at: dt.datetime) -> None:
    """Refuse to suspend oneself, somebody who left, or a second time."""
    if actor.person is None or actor.person == member.person:
        raise Forbidden("proceeding.own")
    if member.left or over(member, at):
        raise Conflict("member.left")
    if member.state is MemberState.SUSPENDED:
        raise Conflict("proceeding.open_already")


def over(member: MemberView, at: dt.datetime) -> bool:
    """Tell whether the last day of a term has passed."""
    return at.astimezone(SHANGHAI).date() > member.term_end


def may_reply(found: ProceedingView, actor: Actor, at: dt.datetime) -> None:
    """Refuse a reply of somebody else, a second one, and one after its time."""
    if actor.member != found.member:
        raise Missing("proceeding.unknown")
    still_open(found)
    if found.replied_at is not None:
        raise Conflict("proceeding.replied")
    if at > found.reply_until:
        raise Closed("proceeding.reply_over")


def still_open(found: ProceedingView) -> None:
    """Refuse to go on with what is decided."""
    if found.state is not ProceedingState.OPEN:
        raise Conflict("proceeding.decided")


def may_decide(found: ProceedingView, actor: Actor) -> None:
    """Refuse to decide about oneself, or about what is decided."""
    if actor.person is None or actor.person == found.person:
        raise Forbidden("proceeding.own")
    still_open(found)


def may_invite(found: ProceedingView, actor: Actor, on: dt.date, at: dt.datetime) -> None:
    """Refuse a hearing that was held already, one about oneself, and a day that is not to come."""
    may_decide(found, actor)
    if found.heard_on is not None:
        raise Conflict("proceeding.heard")
    today = at.astimezone(SHANGHAI).date()
    if not today < on <= today + _FAR:
        raise Invalid("form.faults", Fault("hearing_on", "proceeding.hearing_to_come"))


def may_hear(
    found: ProceedingView, actor: Actor, on: dt.date, document: str, at: dt.datetime
) -> None:
    """Refuse a second record, one without its document, one of a day that cannot be."""
    may_decide(found, actor)
    if found.heard_on is not None:
        raise Conflict("proceeding.heard")
    today = at.astimezone(SHANGHAI).date()
    faults = []
    if not found.opened_at.astimezone(SHANGHAI).date() <= on <= today:
        faults.append(Fault("heard_on", "proceeding.hearing_day"))
    if not document.strip():
        faults.append(Fault("document", "form.required"))
    if len(document) > LINE_LIMIT:
        faults.append(Fault("document", "form.too_long", {"most": LINE_LIMIT}))
    if faults:
        raise Invalid("form.faults", *faults)


def may_approve(
    found: ProceedingView, actor: Actor, paper: Signature | None, at: dt.datetime
) -> None:
    """Refuse a dismissal without a hearing, before the reply's time is over, by one person twice.

    Two natural persons other than the one who opened it agree; one of them may sign on paper.
    """
    may_decide(found, actor)
    if found.heard_on is None:
        raise Conflict("proceeding.not_heard")
    if found.replied_at is None and at <= found.reply_until:
        raise Conflict("proceeding.reply_runs")
    if paper is not None:
        if found.paper:
            raise Conflict("proceeding.paper_twice")
        return
    if actor.person == found.opened_by:
        raise Forbidden("proceeding.opener")
    if found.first_at is not None and actor.person == found.first_approver:
        raise Forbidden("proceeding.same_approver")


def remind_from(term_end: dt.date, limit: Deadline, calendar: Calendar) -> dt.date:
    """Return the first day on which a member is reminded of the end of the term."""
    return days_before(term_end, limit.amount, limit.unit, calendar)


def reminded_until(today: dt.date, limit: Deadline, calendar: Calendar) -> dt.date:
    """Return the last day of the terms that are to be reminded of today."""
    day = today
    while remind_from(day + dt.timedelta(days=1), limit, calendar) <= today:
        day += dt.timedelta(days=1)
    return day


def ending(member: MemberView, rulebook: Rulebook, at: dt.datetime) -> bool:
    """Tell whether a term runs and ends soon."""
    today = at.astimezone(SHANGHAI).date()
    first = remind_from(member.term_end, rulebook.deadline("term_reminder"), calendar_of(rulebook))
    return not member.left and first <= today <= member.term_end


def can_renew(member: MemberView, rulebook: Rulebook) -> bool:
    """Tell whether another term is possible at all."""
    return (
        member.state is not MemberState.SUSPENDED and member.term < rulebook.recruitment.most_terms
    )


def may_ask_renewal(
    member: MemberView, rulebook: Rulebook, known: RenewalView | None, at: dt.datetime
) -> None:
    """Refuse to ask too early or too late, twice, while suspended, or for a term too many."""
    if member.left or over(member, at):
        raise Closed("renewal.term_over")
    if member.state is MemberState.SUSPENDED:
        raise Conflict("renewal.suspended")
    if known is not None:
        raise Conflict("renewal.asked_already")
    if member.term >= rulebook.recruitment.most_terms:
        raise Conflict("renewal.most_terms", most=rulebook.recruitment.most_terms)
    if not ending(member, rulebook, at):
        raise Conflict("renewal.too_early")


def may_decide_renewal(
    found: RenewalView, member: MemberView, actor: Actor, at: dt.datetime, *, grant: bool
) -> None:
    """Refuse a second decision, one about oneself, and a grant to who left or is suspended."""
    if actor.person is None or actor.person == member.person:
        raise Forbidden("renewal.own")
    if found.state is not RenewalState.ASKED:
        raise Conflict("renewal.decided")
    if not grant:
        return
    if member.left or over(member, at):
        raise Closed("renewal.term_over")
    if member.state is MemberState.SUSPENDED:
        raise Conflict("renewal.suspended")
