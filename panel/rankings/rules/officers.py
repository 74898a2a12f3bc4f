"""Officers' lists: who may be proposed, and what each step of a case asks for."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Final, TypeVar

from panel.actor import Actor, Role, second_person
from panel.errors import Closed, Conflict, Fault, Forbidden, Invalid
from panel.ids import Code
from panel.rankings.types.appeals import AppealView
from panel.rankings.types.officers import (
    LINE,
    LONGEST,
    Ballot,
    Basis,
    Candidate,
    CaseState,
    CaseView,
    Disclosure,
    Evidence,
    Figure,
    Hearing,
    MeasureOutcome,
    OfficerList,
    Side,
)
from panel.rankings.types.ranking import Standing
from panel.roster.types import OfficerState, OfficerView
from panel.rulebook.types import Officers, Rulebook
from panel.workdays import SHANGHAI, deadline

READERS: Final = (Role.COORDINATOR, Role.PUBLISHER, Role.INDEPENDENT_REVIEWER, Role.AUDITOR)
"""Who may know of cases at all; who they are about opens to a look on the record."""
WORKERS: Final = (Role.COORDINATOR, Role.PUBLISHER)
CHECKERS: Final = (Role.COORDINATOR, Role.PUBLISHER, Role.INDEPENDENT_REVIEWER)
_HUNDRED: Final = 100
_ORDER: Final = (Disclosure.INTERNAL, Disclosure.POST_ONLY, Disclosure.NAMED)
_Choice = TypeVar("_Choice", Hearing, Disclosure, MeasureOutcome, Side)


def candidates(
    made: OfficerList, commendations: Mapping[Code, Sequence[Code]], measures: Officers
) -> list[Candidate]:
    """Return who may be proposed by figures or by evidence, the best first, the lowest last."""
    found = []
    for each in made.figures:
        cut = min(each.ranked * measures.tail_percent // _HUNDRED, measures.list_size)
        praise = tuple(commendations.get(each.officer, ()))
        for side, place, items in (
            (Side.TOP, each.place, praise),
            (Side.BOTTOM, each.place_from_below, each.findings),
        ):
            bases = []
            if place is not None and place <= cut:
                bases.append(Basis.STATISTICS)
            if len(items) >= measures.minimum_items:
                bases.append(Basis.EVIDENCE)
            if bases:
                found.append(
                    Candidate(
                        officer=each.officer,
                        side=side,
                        bases=tuple(bases),
                        findings=each.findings if side is Side.BOTTOM else (),
                        commendations=praise if side is Side.TOP else (),
                        figure=each if each.standing is Standing.RANKED else None,
                    )
                )
    return sorted(found, key=_order)


def unvisited(officer: Code, unit: Code) -> Figure:
    """Return the line of an officer about whom nobody came: evidence alone may speak."""
    return Figure(officer, unit, Standing.INSUFFICIENT, visits=0, raters=0)


def shown_until(published: dt.datetime, years: int) -> dt.date:
    """Return the last day on which a published line may be shown."""
    day = local(published)
    leap = (day.month, day.day) == (2, 29)
    return day.replace(year=day.year + years, day=28 if leap else day.day)


def _order(candidate: Candidate) -> tuple[bool, int, int, str]:
    figure = candidate.figure
    place = figure.place if figure is not None else None
    items = len(candidate.findings) + len(candidate.commendations)
    return candidate.side is Side.BOTTOM, place or 1_000_000, -items, candidate.officer


def may_nominate(
    found: Sequence[Candidate], officer: OfficerView, side: Side, made: OfficerList
) -> Evidence:
    """Return what a case rests on; refuse whom neither figures nor evidence allow to propose."""
    if not officer.mid_level:
        raise Conflict("officers.not_mid_level")
    if officer.state is not OfficerState.IN_POST:
        raise Conflict("officers.not_in_post")
    for each in found:
        if each.officer == officer.code and each.side is side:
            return _evidence(each, made)
    raise Conflict("officers.no_ground")


def _evidence(candidate: Candidate, made: OfficerList) -> Evidence:
    figure: Figure | None = candidate.figure
    return Evidence(
        bases=candidate.bases,
        edition=made.number,
        findings=candidate.findings,
        commendations=candidate.commendations,
        score=figure.score if figure else None,
        low=figure.low if figure else None,
        high=figure.high if figure else None,
        place=figure.place if figure else None,
        place_from_below=figure.place_from_below if figure else None,
        ranked=figure.ranked if figure else 0,
    )


def expect(case: CaseView, *states: CaseState) -> None:
    """Refuse a step that does not follow the one before."""
    if case.state not in states:
        raise Conflict("officers.state", state=case.state.value)


def may_check(case: CaseView, actor: Actor, officer: OfficerView, *, eligible: bool) -> None:
    """Refuse a check by who proposed, and a pass for who is not in post or not of that level."""
    actor.require(*CHECKERS)
    expect(case, CaseState.NOMINATED)
    second_person(case.nominated_by, actor)
    if eligible and officer.state is not OfficerState.IN_POST:
        raise Conflict("officers.not_in_post")
    if eligible and not officer.mid_level:
        raise Conflict("officers.not_mid_level")


def may_notify(case: CaseView, actor: Actor, on: dt.date, at: dt.datetime) -> None:
    """Refuse a notice before the check, and a day of delivery that cannot be."""
    actor.require(*WORKERS)
    expect(case, CaseState.ELIGIBLE)
    _day("delivered_on", on, local(case.checked_at or case.nominated_at), at)


def hear_until(on: dt.date, book: Rulebook) -> dt.datetime:
    """Return the last moment at which an officer who got the notice that day may be heard."""
    return _limit(on, book, "officer_hearing")


def appeal_until(on: dt.date, book: Rulebook) -> dt.datetime:
    """Return the last moment of an appeal against a decision that was delivered that day."""
    return _limit(on, book, "appeal")


def _limit(on: dt.date, book: Rulebook, key: str) -> dt.datetime:
    limit = book.deadline(key)
    start = dt.datetime.combine(on, dt.time(12), SHANGHAI)
    return deadline(start, limit.amount, limit.unit, book.calendar)


def may_hear(case: CaseView, actor: Actor, kind: Hearing, on: dt.date, at: dt.datetime) -> None:
    """Refuse a hearing before the notice, and "said nothing" while something may still be said."""
    actor.require(*WORKERS)
    expect(case, CaseState.NOTIFIED)
    _day("heard_on", on, case.delivered_on or on, at)
    if kind is Hearing.SILENT and not _past(case.hear_until, at):
        raise Conflict("officers.hearing_open", until=_moment(case.hear_until))


def may_vote(
    case: CaseView, actor: Actor, ballot: Ballot, measures: Officers, at: dt.datetime
) -> bool:
    """Tell whether a vote is carried; refuse sums that do not add up and a meeting too small.

    Refuses a meeting before the time of the hearing was over: it could not know what was said.
    """
    actor.require(*WORKERS)
    expect(case, CaseState.HEARD)
    faults = []
    counts = ("entitled", "present", "in_favour", "against", "abstained")
    faults += [Fault(name, "form.integer") for name in counts if getattr(ballot, name) < 0]
    if ballot.present > ballot.entitled:
        faults.append(Fault("present", "officers.more_present"))
    if ballot.in_favour + ballot.against + ballot.abstained != ballot.present:
        faults.append(Fault("in_favour", "officers.votes_do_not_add_up"))
    if faults:
        raise Invalid("form.faults", *faults)
    _day("held_on", ballot.held_on, case.heard_on or ballot.held_on, at)
    if case.hear_until is None or ballot.held_on <= local(case.hear_until):
        raise Conflict("officers.hearing_open", until=_moment(case.hear_until))
    if ballot.present * _HUNDRED <= measures.quorum_percent * ballot.entitled:
        raise Conflict("officers.no_quorum", percent=measures.quorum_percent)
    return ballot.in_favour * _HUNDRED > measures.majority_percent * ballot.present


def may_decide(case: CaseView, actor: Actor, on: dt.date, at: dt.datetime, *, listed: bool) -> None:
    """Refuse a decision against the vote, before it, or by who recorded it."""
    actor.require(*WORKERS)
    expect(case, CaseState.VOTED)
    vote = case.vote
    if vote is None:
        raise Conflict("officers.state", state=case.state.value)
    second_person(vote.recorded_by, actor)
    _day("decided_on", on, vote.held_on, at)
    if listed and not vote.carried:
        raise Conflict("officers.not_carried")


def may_tell(case: CaseView, actor: Actor, on: dt.date, at: dt.datetime) -> None:
    """Refuse a second delivery of the decision, and a day that cannot be."""
    actor.require(*WORKERS)
    expect(case, CaseState.DECIDED)
    if case.told_on is not None:
        raise Conflict("officers.told")
    _day("told_on", on, case.decided_on or on, at)


def may_appeal(case: CaseView, at: dt.datetime) -> None:
    """Refuse an appeal before the decision was delivered, and one after its time."""
    expect(case, CaseState.DECIDED, CaseState.PUBLISHED)
    if case.told_on is None:
        raise Conflict("officers.not_told")
    if _past(case.appeal_until, at):
        raise Closed("officers.appeal_over")


def reconsidered(appeals: Sequence[AppealView]) -> Code:
    """Return the appeal of which an officer may ask that it be looked at again."""
    if not appeals:
        raise Conflict("officers.not_appealed")
    return appeals[-1].code


def may_erase(cases: Sequence[CaseView], open_appeals: int) -> None:
    """Refuse to erase somebody while a case goes on, an appeal is open or an answer is awaited."""
    over = {
        CaseState.INELIGIBLE, CaseState.PUBLISHED, CaseState.NOT_PUBLISHED, CaseState.WITHDRAWN,
    }  # fmt: skip
    waiting = any(each.measure is not None and each.measure.outcome is None for each in cases)
    if waiting or open_appeals or any(each.state not in over for each in cases):
        raise Conflict("officers.case_open")


def may_publish(  # noqa: PLR0917 - all that stands in the way
    case: CaseView,
    actor: Actor,
    level: Disclosure,
    approval: str,
    appeals: Sequence[AppealView],
    measures: Officers,
    at: dt.datetime,
) -> None:
    """Refuse to publish before the officer could appeal, while an appeal is open or was upheld.

    Refuses a level beyond what the measures allow, a public honour without the number of its
    approval, and publication by who recorded the decision.
    """
    actor.require(Role.PUBLISHER)
    expect(case, CaseState.DECIDED)
    second_person(case.decided_by, actor)
    if not case.listed or not case.decision_document:
        raise Conflict("officers.not_listed")
    if case.told_on is None:
        raise Conflict("officers.not_told")
    if not _past(case.appeal_until, at):
        raise Conflict("officers.appeal_open", until=_moment(case.appeal_until))
    if any(not each.settled for each in appeals):
        raise Conflict("officers.under_appeal")
    if any(each.granted for each in appeals):
        raise Conflict("officers.appeal_granted")
    if _ORDER.index(level) > _ORDER.index(Disclosure(measures.level)):
        raise Conflict("officers.level", level=measures.level)
    if case.side is Side.TOP and level is not Disclosure.INTERNAL and not approval.strip():
        raise Invalid("form.faults", Fault("approval", "officers.approval_missing"))


def may_drop(case: CaseView, actor: Actor) -> None:
    """Allow to end a decided case without publishing it, by a second person."""
    actor.require(*WORKERS)
    expect(case, CaseState.DECIDED)
    second_person(case.decided_by, actor)


def may_withdraw(case: CaseView, actor: Actor) -> None:
    """Allow to take a published name off the list again, by another person than who published."""
    actor.require(*WORKERS)
    expect(case, CaseState.PUBLISHED)
    second_person(case.published_by, actor)


def may_propose(case: CaseView, actor: Actor, on: dt.date, at: dt.datetime) -> None:
    """Allow one proposal to the competent body, after the list was published."""
    actor.require(*WORKERS)
    expect(case, CaseState.PUBLISHED)
    if case.measure is not None:
        raise Conflict("officers.proposed")
    _day("sent_on", on, local(case.published_at or at), at)


def may_answer(case: CaseView, actor: Actor, on: dt.date, at: dt.datetime) -> None:
    """Allow to record the competent body's answer, once."""
    actor.require(*WORKERS)
    if case.measure is None:
        raise Conflict("officers.not_proposed")
    if case.measure.outcome is not None:
        raise Conflict("officers.answered")
    _day("answered_on", on, case.measure.sent_on, at)


def may_verify(actor: Actor, recorded_by: int | None, *, verified: bool) -> None:
    """Refuse a second verification of a commendation, and one by who recorded it."""
    actor.require(Role.COORDINATOR, Role.REVIEWER, Role.PUBLISHER)
    if verified:
        raise Conflict("officers.verified")
    if actor.person is None or actor.person == recorded_by:
        raise Forbidden("approval.same_person")


def line(text: str, field: str, *, optional: bool = False) -> str:
    """Return one tidy line; refuse none and one too long by its field."""
    tidy = " ".join(text.split())
    if not tidy and not optional:
        raise Invalid("form.faults", Fault(field, "form.required"))
    if len(tidy) > LINE:
        raise Invalid("form.faults", Fault(field, "form.too_long", {"most": LINE}))
    return tidy


def passage(text: str, field: str) -> str:
    """Return a tidy text; refuse none and one too long by its field."""
    tidy = text.strip()
    if not tidy:
        raise Invalid("form.faults", Fault(field, "form.required"))
    if len(tidy) > LONGEST:
        raise Invalid("form.faults", Fault(field, "form.too_long", {"most": LONGEST}))
    return tidy


def chosen(kind: type[_Choice], text: str, field: str) -> _Choice:
    """Return a choice of a form; refuse none and an unknown one by its field."""
    if text not in set(kind):
        raise Invalid("form.faults", Fault(field, "form.required"))
    return kind(text)


def local(at: dt.datetime) -> dt.date:
    """Return the city's day of a moment."""
    return at.astimezone(SHANGHAI).date()


def _day(field: str, on: dt.date, earliest: dt.date, at: dt.datetime) -> None:
    if not earliest <= on <= local(at):
        raise Invalid("form.faults", Fault(field, "officers.day", {"from": earliest.isoformat()}))


def _past(until: dt.datetime | None, at: dt.datetime) -> bool:
    return until is not None and at > until


def _moment(until: dt.datetime | None) -> str:
    return local(until).isoformat() if until is not None else ""
