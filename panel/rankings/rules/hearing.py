"""What a unit may say beside its line, and when: answer and reply."""

import re
from datetime import datetime
from typing import Final

from panel.errors import Closed, Conflict, Fault, Invalid, Missing
from panel.evaluations.rules.texts import HIDDEN, masked, text_check
from panel.rankings.types.procedure import (
    AnswerState,
    AnswerView,
    RankingState,
    RankingView,
    Reply,
)
from panel.rulebook.types import Rulebook
from panel.workdays import SHANGHAI, deadline

LONGEST: Final = 4000
"""Characters of an answer or a reply."""
_HEARD: Final = frozenset({RankingState.DRAFT, RankingState.CHECKED, RankingState.NOTIFIED})
"""Until the public notice; a ranking that is computed again starts anew."""
_GAP: Final = re.compile(f"{HIDDEN}+")


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


def may_consider(view: RankingView, found: AnswerView, given: Reply) -> str:
    """Return what is printed of the answer; nothing where it is not.

    Refuses a reply without words, a second one, and one after the notice began. What is printed
    was screened: neither answer nor reply may tell names, numbers or times, and nothing may stand
    in the answer that the unit did not write.
    """
    if view.state not in _HEARD:
        raise Conflict("hearing.closed")
    if found.state is not AnswerState.OPEN:
        raise Conflict("hearing.considered")
    _worded("reply", given.reply)
    if not given.shown:
        return ""
    text = given.printed.replace("\r\n", "\n").strip() or found.text
    faults = [
        Fault(name, "hearing.text_tells", {"found": tuple(hit.text for hit in hits)})
        for name, hits in (("printed", text_check(text)), ("reply", text_check(given.reply)))
        if hits
    ]
    if not left_of(found.text.replace("\r\n", "\n"), text):
        faults.append(Fault("printed", "hearing.not_its_words"))
    if not given.screened:
        faults.append(Fault("screened", "form.required"))
    if faults:
        raise Invalid("form.faults", *faults)
    return text


def left_of(text: str, printed: str) -> bool:
    """Tell whether something printed is a text with parts left out, each marked where it stood."""
    if printed == text:
        return True
    first, *pieces = _GAP.split(printed)
    if not pieces or not (first or any(pieces)):
        return False
    last = pieces.pop()
    start, end = len(first), len(text) - len(last)
    if not (text.startswith(first) and text.endswith(last)):
        return False
    for piece in pieces:
        found = text.find(piece, start, end)
        if found < 0:
            return False
        start = found + len(piece)
    return start <= end


def printed(text: str, kept: str) -> str:
    """Return what may be printed of an answer: as it was screened, or masked where it was not.

    Answers that were considered before there was a screening have no screened text.
    """
    return kept or masked(text, ())


def _worded(field: str, text: str) -> None:
    if not text.strip():
        raise Invalid("form.faults", Fault(field, "form.required"))
    if len(text) > LONGEST:
        raise Invalid("form.faults", Fault(field, "hearing.too_long", {"characters": LONGEST}))


def day(moment: datetime) -> str:
    """Write the day of a moment as the city's calendar has it."""
    return moment.astimezone(SHANGHAI).date().isoformat()
