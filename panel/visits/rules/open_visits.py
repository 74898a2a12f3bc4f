"""Decisions about open visits: when their notice may hang, and who may check in."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Final

from panel.errors import Closed, Conflict, Fault, Forbidden, Invalid
from panel.ids import Code
from panel.rulebook.types import Rulebook
from panel.visits.rules.tasks import GOING
from panel.visits.types import NoticeTexts, RoundState, RoundView, TaskState, TaskView
from panel.workdays import SHANGHAI

_LONGEST: Final = 1000
_ANNOUNCED: Final = frozenset({RoundState.APPROVED, RoundState.COMMITTED, RoundState.RUNNING})
_ALL_COVERT: Final = 100


def may_post_notice(view: RoundView, texts: NoticeTexts, texts_en: NoticeTexts) -> None:
    """Refuse a notice of covert visits, of a round that is not on, or without one of its texts.

    Where single places were chosen, a notice would tell them that covert visitors come too.
    """
    if view.draft.covert_percent >= _ALL_COVERT:
        raise Forbidden("open_notice.covert")
    if view.draft.targets and view.covert:
        raise Forbidden("open_notice.covert_chosen")
    if view.state not in _ANNOUNCED:
        raise Conflict("open_notice.not_now")
    faults = [
        Fault(name, "form.required")
        for name in NoticeTexts.__struct_fields__
        if not getattr(texts, name).strip()
    ]
    faults += [
        Fault(name + suffix, "task.too_long", {"limit": _LONGEST})
        for suffix, each in (("", texts), ("_en", texts_en))
        for name in NoticeTexts.__struct_fields__
        if len(getattr(each, name)) > _LONGEST
    ]
    if faults:
        raise Invalid("open_notice.faults", *faults)


def notice_by(view: RoundView, rulebook: Rulebook) -> date:
    """Return the day on which the notice of a round hangs at the latest."""
    first = view.draft.starts.astimezone(SHANGHAI).date()
    return first - timedelta(days=rulebook.rounds.open_notice_days)


def may_check_in(task: TaskView, window: Code, at: datetime) -> None:
    """Refuse to check in at covert visits, elsewhere, before or after one's visit."""
    if task.covert:
        raise Forbidden("check_in.covert")
    if task.window_code != window:
        raise Conflict("check_in.elsewhere")
    if task.state is TaskState.OFFERED:
        raise Conflict("task.not_accepted")
    if task.state not in GOING:
        raise Conflict("task.state_changed")
    if at < task.opens_at:
        raise Conflict("task.not_yet")
    if at > task.closes_at:
        raise Closed("task.over")
