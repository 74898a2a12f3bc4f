"""What a unit may say beside its line, and when: answer and reply."""

from datetime import datetime
from typing import Final

from panel.errors import Closed, Conflict, Fault, Invalid, Missing
from panel.rankings.types.procedure import AnswerState, RankingState, RankingView
from panel.rulebook.types import Rulebook
from panel.workdays import SHANGHAI, deadline

LONGEST: Final = 4000
"""Characters of an answer or a reply."""
_HEARD: Final = frozenset({RankingState.DRAFT, RankingState.CHECKED, RankingState.NOTIFIED})
"""Until the public notice; a ranking that is computed again starts anew."""


def answer_by(at: datetime, rulebook: Rulebook) -> datetime:
    """Return the last moment at which a unit may answer a notice of this moment."""
    limit = rulebook.deadline("unit_answer")
    return deadline(at, limit.amount, limit.unit, rulebook.calendar)


def may_answer(view: RankingView, text: str, at: datetime) -> None:
    """Refuse an answer before the notice, after the deadline, or without words."""
    if view.answer_by is None:
        raise Missing("ranking.missing")
    if at > view.answer_by or view.state not in _HEARD:
        raise Closed("hearing.over", until=day(view.answer_by))
    _worded("text", text)


def may_consider(view: RankingView, state: AnswerState, reply: str) -> None:
    """Refuse a reply without words, a second one, and one after the notice began."""
    if view.state not in _HEARD:
        raise Conflict("hearing.closed")
    if state is not AnswerState.OPEN:
        raise Conflict("hearing.considered")
    _worded("reply", reply)


def _worded(field: str, text: str) -> None:
    if not text.strip():
        raise Invalid("form.faults", Fault(field, "form.required"))
    if len(text) > LONGEST:
        raise Invalid("form.faults", Fault(field, "hearing.too_long", {"characters": LONGEST}))


def day(moment: datetime) -> str:
    """Write the day of a moment as the city's calendar has it."""
    return moment.astimezone(SHANGHAI).date().isoformat()
