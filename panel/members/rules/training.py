"""Decisions about learning: what a quiz and a training sheet give, how long it holds."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence

from panel.errors import Closed, Conflict, Fault, Invalid, Missing
from panel.members.rules.seats import term_end
from panel.members.types import (
    AttemptView,
    CertificateView,
    Chosen,
    Compared,
    Comparison,
    CourseStanding,
    Grade,
    Marked,
    MemberState,
    MemberView,
)
from panel.rulebook.types import Case, Conduct, Course, Form, Item, Rulebook, Training, Unit
from panel.workdays import SHANGHAI, days_before

_WHOLE = 100


def valid_until(on: dt.date, months: int) -> dt.date:
    """Return the last day of a certificate: the day before the same day so many months later."""
    return term_end(on, months)


def covered_until(forms: Sequence[str], certificates: Iterable[CertificateView]) -> dt.date | None:
    """Return until when certificates cover every form; none while one has never been covered."""
    latest: dict[str, dt.date] = {}
    for each in certificates:
        latest[each.form] = max(each.valid_until, latest.get(each.form, each.valid_until))
    if not forms or any(form not in latest for form in forms):
        return None
    return min(latest[form] for form in forms)


def again_from(until: dt.date, rulebook: Rulebook) -> dt.date:
    """Return the day from which a certificate's holder is reminded and may pass again."""
    limit = rulebook.deadline("certificate_reminder")
    return days_before(until, limit.amount, limit.unit, rulebook.calendar)


def reminded_until(today: dt.date, rulebook: Rulebook) -> dt.date:
    """Return the last day of the certificates that end soon as seen from today."""
    day = today
    while again_from(day + dt.timedelta(days=1), rulebook) <= today:
        day += dt.timedelta(days=1)
    return day


def ends_soon(member: MemberView, rulebook: Rulebook, today: dt.date) -> dt.date | None:
    """Return the last day on which a member may judge, when it is near and not the term's end."""
    until = member.qualified_until
    if until is None or member.left or not today <= until < member.term_end:
        return None
    return until if again_from(until, rulebook) <= today else None


def training_occasion(member: MemberView, rulebook: Rulebook, today: dt.date) -> str:
    """Return under which name a member is told that the course waits now; empty when it does not.

    Before the first certificate, before one ends, and after one has ended: each is told once.
    """
    if member.left or member.state is MemberState.SUSPENDED or today < member.term_start:
        return ""
    until = member.qualified_until
    if until is None:
        return f"{member.code} course"
    if until < today:
        return f"{member.code} course ended {until.isoformat()}"
    near = ends_soon(member, rulebook, today)
    return f"{member.code} course until {near.isoformat()}" if near else ""


def may_learn(member: MemberView) -> None:
    """Refuse whoever does not serve any more."""
    if member.left:
        raise Conflict("member.left")


def unit_of(course: Course | None, key: str) -> Unit:
    """Return a unit of a course; ``Missing`` when there is none."""
    unit = course.unit(key) if course else None
    if unit is None:
        raise Missing("training.missing")
    return unit


def case_of(course: Course | None, key: str) -> Case:
    """Return a training sheet of a course; ``Missing`` when there is none."""
    case = course.case(key) if course else None
    if case is None:
        raise Missing("training.missing")
    return case


def may_attempt(standing: CourseStanding, member: MemberView) -> Course:
    """Return the course whose quiz is open to a member.

    Refuses one without a course, with units unread or training sheets empty, a member whose
    certificate holds for long yet, and more attempts than a day allows.
    """
    may_learn(member)
    if standing.course is None:
        raise Missing("training.missing")
    if standing.unread:
        raise Conflict("training.unread", n=len(standing.unread))
    if standing.unpractised:
        raise Conflict("training.unpractised", n=len(standing.unpractised))
    if standing.held and standing.again_from is not None:
        raise Conflict("training.held", day=standing.again_from.isoformat())
    if standing.left_today < 1:
        raise Closed("training.attempts")
    return standing.course


def grade(course: Course, answers: Chosen, pass_percent: int) -> Grade:
    """Judge a quiz: a question is right when exactly its right options are ticked.

    Refuses one with unanswered questions, naming each, or with an option that does not exist.
    """
    faults = []
    for question in course.questions:
        given = answers.get(question.key, ())
        if not given or not set(given) <= set(range(len(question.options))):
            faults.append(Fault(f"q.{question.key}", "training.no_answer"))
    if faults:
        raise Invalid("form.faults", *faults)
    correct = frozenset(
        question.key
        for question in course.questions
        if set(answers[question.key]) == set(question.right)
    )
    total = len(course.questions)
    return Grade(
        right=len(correct),
        total=total,
        passed=_WHOLE * len(correct) >= pass_percent * total,
        correct=correct,
    )


def needed(total: int, pass_percent: int) -> int:
    """Return how many questions of a quiz must be right."""
    return -(-total * pass_percent // _WHOLE)


def revealed(attempt: AttemptView, all_of_form: Sequence[AttemptView], training: Training) -> bool:
    """Tell whether the right answers may be shown: passed, or the attempts of its day used up."""
    if any(each.passed and each.rulebook == attempt.rulebook for each in all_of_form):
        return True
    day = attempt.at.astimezone(SHANGHAI).date()
    on_the_day = [each for each in all_of_form if each.at.astimezone(SHANGHAI).date() == day]
    return len(on_the_day) >= training.attempts


def practice_items(form: Form) -> tuple[Item, ...]:
    """Return the items that a training sheet asks: all but those of re-visits."""
    return tuple(item for item in form.items if not item.revisit_only)


def compare(form: Form, case: Case, answers: Marked) -> Comparison:
    """Lay a training sheet beside its model answer, item by item.

    Refuses items without an answer, values that the item does not have, and a sheet with nothing
    that both observed.
    """
    faults = []
    for item in practice_items(form):
        allowed = {None, *(anchor.value for anchor in item.anchors)}
        if item.id not in answers or answers[item.id] not in allowed:
            faults.append(Fault(f"items.{item.id}", "training.no_answer"))
    if faults:
        raise Invalid("form.faults", *faults)
    items = tuple(
        Compared(item.id, answers[item.id], case.answer(item.id).value)
        for item in practice_items(form)
    )
    differences = [each.difference for each in items if each.difference is not None]
    if not differences:
        raise Invalid("training.nothing_observed")
    return Comparison(
        severity=_hundredths(sum(differences), len(differences)),
        distance=_hundredths(sum(map(abs, differences)), len(differences)),
        items=items,
    )


def _hundredths(total: int, count: int) -> int:
    """Return a mean in hundredths, halves away from zero."""
    size = (abs(total) * _WHOLE * 2 + count) // (2 * count)
    return size if total >= 0 else -size


def improves(held: Iterable[CertificateView], form: str, rulebook: str, until: dt.date) -> bool:
    """Tell whether a certificate of these measures would hold longer than those held already."""
    return all(
        each.valid_until < until for each in held if each.form == form and each.rulebook == rulebook
    )


def may_pledge(conduct: Conduct, version: str) -> None:
    """Refuse a pledge of another version than the one in force."""
    if version != conduct.version:
        raise Conflict("training.conduct_changed")


def same_body(known: Mapping[str, object], given: Mapping[str, object]) -> None:
    """Refuse another body under a key that has its result already."""
    if known != given:
        raise Conflict("training.other_body")


def still_valid(until: dt.date, on: dt.date) -> None:
    """Refuse to record an examination whose certificate would be over already."""
    if until < on:
        raise Invalid("training.too_old")
