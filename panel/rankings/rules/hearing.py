"""What may be done to a ranking, and when: closing, notice, answer, reply, publication."""

from datetime import datetime
from typing import Final

from panel.errors import Closed, Conflict, Fault, Invalid, Missing
from panel.rankings.types.procedure import AnswerState, RankingState, RankingView
from panel.rulebook.types import Rulebook
from panel.workdays import SHANGHAI, Calendar, deadline

LONGEST: Final = 4000
"""Characters of an answer or a reply."""


def answer_by(at: datetime, rulebook: Rulebook) -> datetime:
    """Return the last moment at which a unit may answer a notice of this moment."""
    limit = rulebook.deadline("unit_answer")
    return deadline(at, limit.amount, limit.unit, _calendar(rulebook))


def _calendar(rulebook: Rulebook) -> Calendar:
    return Calendar(
        version=rulebook.calendar_version,
        holidays=frozenset(rulebook.holidays),
        workdays=frozenset(rulebook.workdays),
    )


def may_notify(state: RankingState) -> None:
    """Refuse a second notice."""
    if state is not RankingState.DRAFT:
        raise Conflict("hearing.begun")


def may_answer(view: RankingView, text: str, at: datetime) -> None:
    """Refuse an answer before the notice, after the deadline, or without words."""
    if view.state is RankingState.DRAFT or view.answer_by is None:
        raise Missing("ranking.missing")
    if at > view.answer_by or view.state is RankingState.PUBLISHED:
        raise Closed("hearing.over", until=day(view.answer_by))
    _worded("text", text)


def may_consider(view: RankingView, state: AnswerState, reply: str) -> None:
    """Refuse a reply without words, a second one, and one after the publication."""
    if view.state is RankingState.PUBLISHED:
        raise Conflict("ranking.published")
    if state is not AnswerState.OPEN:
        raise Conflict("hearing.considered")
    _worded("reply", reply)


def _worded(field: str, text: str) -> None:
    if not text.strip():
        raise Invalid("form.faults", Fault(field, "form.required"))
    if len(text) > LONGEST:
        raise Invalid("form.faults", Fault(field, "hearing.too_long", {"characters": LONGEST}))


def may_publish(view: RankingView, open_answers: int, at: datetime) -> None:
    """Refuse publication before the notice, while units may answer, while answers are open."""
    if view.state is RankingState.PUBLISHED:
        raise Conflict("ranking.published")
    if view.answer_by is None:
        raise Conflict("hearing.not_begun")
    if at <= view.answer_by:
        raise Conflict("hearing.running", until=day(view.answer_by))
    if open_answers:
        raise Conflict("hearing.open", answers=open_answers)


def day(moment: datetime) -> str:
    """Write the day of a moment as the city's calendar has it."""
    return moment.astimezone(SHANGHAI).date().isoformat()
