"""Decisions about leads and reported attempts to influence: never a score."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime, timedelta
from typing import Final

from panel.errors import Conflict, Fault, Forbidden, Invalid
from panel.evaluations.types import InfluenceState, LeadState
from panel.rulebook.types import Rulebook
from panel.workdays import SHANGHAI, deadline

_LONGEST_TEXT: Final = 2000
_LONGEST_LINE: Final = 200
_OLDEST: Final = timedelta(days=366)
"""Nobody can look into what was seen longer ago."""
_OPEN: Final = frozenset({LeadState.RECEIVED, LeadState.TAKEN})


def may_report_lead(text: str, seen_on: date | None, at: datetime, *, unit: bool) -> date:
    """Refuse a lead without its unit, its text or a day of the last year; return the day."""
    faults = list(_text_faults("text", text, "lead.text_missing"))
    if not unit:
        faults.insert(0, Fault("unit", "lead.unit_missing"))
    today = at.astimezone(SHANGHAI).date()
    if seen_on is None or not today - _OLDEST <= seen_on <= today:
        faults.append(Fault("seen_on", "lead.day_outside"))
    if faults or seen_on is None:
        raise Invalid("lead.faults", *faults)
    return seen_on


def lead_due(rulebook: Rulebook, at: datetime) -> datetime:
    """Return until when the member of a lead is to be answered."""
    limit = rulebook.deadline("lead_answer")
    return deadline(at, limit.amount, limit.unit, rulebook.calendar)


def not_own(reporter: str, own: Collection[str]) -> None:
    """Refuse to handle what one has told oneself as a member."""
    if reporter and reporter in own:
        raise Forbidden("lead.yours")


def may_take_lead(state: LeadState) -> None:
    """Refuse to take a lead that somebody has taken or that is answered."""
    if state is not LeadState.RECEIVED:
        raise Conflict("lead.taken")


def may_answer_lead(state: LeadState) -> None:
    """Refuse to answer a lead that nobody looks into, or that is answered."""
    if state is not LeadState.TAKEN:
        raise Conflict("lead.not_taken" if state is LeadState.RECEIVED else "lead.answered")


def may_tie_lead(state: LeadState, finding: str) -> None:
    """Refuse to make a second finding of a lead, or one of an answered lead."""
    if state not in _OPEN:
        raise Conflict("lead.answered")
    if finding:
        raise Conflict("lead.has_finding")


def may_report_influence(text: str, who: str) -> None:
    """Refuse endless texts; nothing has to be written, since one tap must do."""
    faults = [
        Fault(field, "sheet.too_long", {"limit": limit})
        for field, value, limit in (
            ("text", text, _LONGEST_TEXT),
            ("who", who, _LONGEST_LINE),
        )
        if len(value) > limit
    ]
    if faults:
        raise Invalid("lead.faults", *faults)


def may_close_influence(state: InfluenceState) -> None:
    """Refuse to close a report that nobody has opened, or twice."""
    if state is not InfluenceState.OPENED:
        raise Conflict("lead.not_taken" if state is InfluenceState.RECEIVED else "lead.answered")


def answer_given(answer: str) -> str:
    """Return the tidy answer that a member reads; refuse an empty or endless one."""
    faults = list(_text_faults("answer", answer, "lead.answer_missing"))
    if faults:
        raise Invalid("lead.faults", *faults)
    return answer.strip()


def _text_faults(path: str, text: str, missing: str) -> list[Fault]:
    if not text.strip():
        return [Fault(path, missing)]
    if len(text) > _LONGEST_TEXT:
        return [Fault(path, "sheet.too_long", {"limit": _LONGEST_TEXT})]
    return []
