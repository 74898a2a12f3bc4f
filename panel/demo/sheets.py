"""What sample visitors write on their sheets."""

from __future__ import annotations

import datetime as dt

from panel.demo import behaviour
from panel.demo.behaviour import Temper
from panel.evaluations.rules import asked
from panel.evaluations.types import Answers, Wait
from panel.rulebook.types import Form, Item, ItemKind
from panel.visits.types import TaskView
from panel.workdays import SHANGHAI

_POSTED = 20
"""Minutes of waiting that the sample halls post."""
_COPIED = 40
"""Of a thousand visitors, so many write what others have written too."""


def filled(  # noqa: PLR0917 - one sheet is a visitor at a place at a time
    form: Form, task: TaskView, ref: str, visit: str, temper: Temper, seed: str, at: dt.datetime
) -> Answers:
    """Return the sheet of one visit; ``ref`` is the place's city number, ``visit`` its name."""
    quality = (
        behaviour.window_quality(ref, seed)
        if task.window_id is not None
        else behaviour.unit_quality(ref, seed)
    )
    items: dict[str, int | None] = {}
    reasons: dict[str, str] = {}
    minutes: dict[str, Wait] = {}
    questions = asked(form, covert=task.covert, revisit=task.revisit)
    spare = sum(item.weight for item in questions) - form.minimum_answered_weight
    for item in questions:
        if item.weight <= spare and not _seen(item, form, seed, visit):
            spare -= item.weight
            items[item.id] = None
            continue
        value = behaviour.answer(
            item.kind, quality, temper.severity_hundredths, seed=seed, visit=visit, item=item.id
        )
        if item.kind is ItemKind.MINUTES:
            waited = behaviour.waited(value, _POSTED, seed=seed, visit=visit)
            minutes[item.id] = Wait(waited=waited, posted=_POSTED)
        else:
            items[item.id] = value
        if value <= form.reason_at_or_below:
            reasons[item.id] = behaviour.remark(item.id, seed=seed, visit=visit)
    local = at.astimezone(SHANGHAI)
    if not behaviour.happens(_COPIED, seed, "copied", visit):
        reasons = {key: f"{text}（{local:%H:%M}前后）" for key, text in reasons.items()}
    return Answers(
        items=items,
        reasons=reasons,
        minutes=minutes,
        visited_on=local.date(),
        visited_at=local.strftime("%H:%M"),
        errand=task.errand,
        recognised=task.recognised_at is not None,
        impression=max(1, min(5, (quality - temper.severity_hundredths) // 2000 + 1)),
        declared=True,
    )


def _seen(item: Item, form: Form, seed: str, visit: str) -> bool:
    """Let a visitor miss an item now and then, but never one that makes the sheet count."""
    return item.id in form.decisive or behaviour.observed(seed=seed, visit=visit, item=item.id)
