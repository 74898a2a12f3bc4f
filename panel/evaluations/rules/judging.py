"""From answers to a score: every fault by the path of its field, one rounding at the end."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from typing import Final

from panel.errors import Fault, Invalid
from panel.evaluations.types import Answers, Score, Wait
from panel.rulebook.types import Form, Item, ItemKind
from panel.score import hundredths
from panel.visits.types import TaskView
from panel.workdays import SHANGHAI

_FULL: Final = 4
_ALLOWED: Final = {ItemKind.FACT: frozenset({0, 2, 4}), ItemKind.SCALE: frozenset(range(5))}
_LONGEST_WAIT: Final = 24 * 60
_LONGEST_TEXT: Final = 1000
_LONGEST_TICKET: Final = 40
_IMPRESSIONS: Final = range(1, 6)
_TIME: Final = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]", re.ASCII)


def asked(form: Form, *, covert: bool, revisit: bool) -> tuple[Item, ...]:
    """Return the items that a visit asks: some are for re-visits or for open visits only."""
    return tuple(
        item
        for item in form.items
        if (revisit or not item.revisit_only) and (item.covert or not covert)
    )


def value_of_wait(waited: int, posted: int) -> int:
    """Return 4 within the posted minutes, 3, 2, 1 up to 1.25, 1.5 and 2 times them, else 0."""
    if waited <= posted:
        return 4
    if 4 * waited <= 5 * posted:
        return 3
    if 2 * waited <= 3 * posted:
        return 2
    return 1 if waited <= 2 * posted else 0


def judge(form: Form, answers: Answers, *, covert: bool = False, revisit: bool = False) -> Score:
    """Return the score of a sheet: 100·Σ(w·a)/Σ(4·w) over what was answered, half up once.

    Refuses (``Invalid``) unknown or missing answers, low ones without their reason, grave events
    without a description, and a sheet that answers too little (methods.md 1).
    """
    found = list(faults(form, answers, covert=covert, revisit=revisit))
    if found:
        raise Invalid("sheet.faults", *found)
    return _score(asked(form, covert=covert, revisit=revisit), answers)


def check(
    form: Form,
    task: TaskView,
    answers: Answers,
    *,
    declared: bool,
    at: datetime,
) -> Score:
    """Judge a sheet with all that belongs to its visit; ``declared`` asks for the declaration."""
    found = [
        *_visit_faults(task, answers, at),
        *faults(form, answers, covert=task.covert, revisit=task.revisit),
    ]
    if declared and not answers.declared:
        found.append(Fault("declared", "sheet.not_declared"))
    if found:
        raise Invalid("sheet.faults", *found)
    return _score(asked(form, covert=task.covert, revisit=task.revisit), answers)


def capped(form: Form, score: int) -> int:
    """Return what a sheet with a confirmed grave event counts, in hundredths."""
    return min(score, form.veto_cap_hundredths)


def values(items: tuple[Item, ...], answers: Answers) -> dict[str, int]:
    """Return the value of each answered item, minutes turned into 0 to 4."""
    found = {}
    for item in items:
        if item.kind is ItemKind.MINUTES:
            wait = answers.minutes.get(item.id, Wait())
            if wait.waited is not None and wait.posted is not None:
                found[item.id] = value_of_wait(wait.waited, wait.posted)
        else:
            value = answers.items.get(item.id)
            if value is not None:
                found[item.id] = value
    return found


def _score(items: tuple[Item, ...], answers: Answers) -> Score:
    found = values(items, answers)
    weights = {item.id: item.weight for item in items}
    weight = sum(weights[key] for key in found)
    earned = sum(weights[key] * value for key, value in found.items())
    return Score(
        hundredths=hundredths(100 * earned, _FULL * weight), answered_weight=weight, values=found
    )


def faults(form: Form, answers: Answers, *, covert: bool, revisit: bool) -> Iterator[Fault]:
    """Yield what keeps the answers from being judged, in the order of the sheet."""
    items = asked(form, covert=covert, revisit=revisit)
    whole = True
    for item in items:
        if _plain(form, item, answers):
            continue
        found = list(_item_faults(form, item, answers))
        whole = whole and not found
        yield from found
    known = {item.id for item in items}
    for kind, given in (
        ("items", answers.items), ("minutes", answers.minutes), ("reasons", answers.reasons)
    ):  # fmt: skip
        yield from (Fault(f"{kind}.{key}", "sheet.unknown_item") for key in given.keys() - known)
    if whole:
        yield from _too_little(form, items, answers)
    yield from _veto_faults(form, answers)
    if answers.impression is not None and answers.impression not in _IMPRESSIONS:
        yield Fault("impression", "sheet.out_of_range")
    yield from _too_long("good", answers.good)
    for key, text in answers.replies.items():
        if key in known:
            yield from _too_long(f"replies.{key}", text)
        else:
            yield Fault(f"replies.{key}", "sheet.unknown_item")


def _plain(form: Form, item: Item, answers: Answers) -> bool:
    """Tell whether an answer is one of the many that need no reason and have none."""
    value = answers.items.get(item.id)
    return (
        value is not None
        and item.kind is not ItemKind.MINUTES
        and value > form.reason_at_or_below
        and value in _ALLOWED[item.kind]
        and item.id not in answers.reasons
    )


def _item_faults(form: Form, item: Item, answers: Answers) -> Iterator[Fault]:
    if item.kind is ItemKind.MINUTES:
        yield from _wait_faults(item, answers)
        yield from _too_long(f"reasons.{item.id}", answers.reasons.get(item.id, ""))
        return
    path = f"items.{item.id}"
    if item.id not in answers.items:
        yield Fault(path, "sheet.unanswered", {"item": item.id})
        return
    value = answers.items[item.id]
    if value is None:
        return
    reason = answers.reasons.get(item.id, "").strip()
    if value not in _ALLOWED[item.kind]:
        yield Fault(path, "sheet.out_of_range")
    elif value <= form.reason_at_or_below and not reason:
        yield Fault(f"reasons.{item.id}", "sheet.reason_missing", {"item": item.id})
    yield from _too_long(f"reasons.{item.id}", reason)


def _wait_faults(item: Item, answers: Answers) -> Iterator[Fault]:
    """Minutes need no reason: the two numbers say it. No posted limit: the item does not apply."""
    wait = answers.minutes.get(item.id)
    if wait is None or wait == Wait():
        if item.id not in answers.items:
            yield Fault(f"minutes.{item.id}.waited", "sheet.unanswered", {"item": item.id})
        elif answers.items[item.id] is not None:
            yield Fault(f"items.{item.id}", "sheet.out_of_range")
        return
    if wait.waited is None:
        yield Fault(f"minutes.{item.id}.waited", "sheet.waited_missing")
    elif not 0 <= wait.waited <= _LONGEST_WAIT:
        yield Fault(f"minutes.{item.id}.waited", "sheet.minutes_range", {"most": _LONGEST_WAIT})
    if wait.posted is not None and not 1 <= wait.posted <= _LONGEST_WAIT:
        yield Fault(f"minutes.{item.id}.posted", "sheet.minutes_range", {"most": _LONGEST_WAIT})


def _too_little(form: Form, items: tuple[Item, ...], answers: Answers) -> Iterator[Fault]:
    """Too little answered can't be judged: the weight, and one of the decisive items."""
    found = values(items, answers)
    weight = sum(item.weight for item in items if item.id in found)
    if weight < form.minimum_answered_weight or not weight:
        yield Fault(
            "", "sheet.too_little", {"weight": weight, "minimum": form.minimum_answered_weight}
        )
    if form.decisive and not any(key in found for key in form.decisive):
        decisive = tuple(key for key in form.decisive if any(item.id == key for item in items))
        yield Fault(f"items.{form.decisive[0]}", "sheet.no_decisive", {"items": decisive})


def _veto_faults(form: Form, answers: Answers) -> Iterator[Fault]:
    known = {veto.id for veto in form.vetoes}
    for key, text in answers.vetoes.items():
        path = f"vetoes.{key}"
        if key not in known:
            yield Fault(path, "sheet.unknown_item")
        elif not text.strip():
            yield Fault(path, "sheet.veto_text_missing", {"item": key})
        yield from _too_long(path, text)


def _visit_faults(task: TaskView, answers: Answers, at: datetime) -> Iterator[Fault]:
    first, last = (
        moment.astimezone(SHANGHAI).date() for moment in (task.opens_at, min(at, task.round_ends))
    )
    if answers.visited_on is None:
        yield Fault("visited_on", "sheet.day_missing")
    elif not first <= answers.visited_on <= last:
        yield Fault(
            "visited_on",
            "sheet.day_outside",
            {"first": first.isoformat(), "last": last.isoformat()},
        )
    if answers.visited_at and not _TIME.fullmatch(answers.visited_at):
        yield Fault("visited_at", "sheet.time_of_day")
    if answers.ticket_at and not _TIME.fullmatch(answers.ticket_at):
        yield Fault("ticket_at", "sheet.time_of_day")
    if len(answers.ticket) > _LONGEST_TICKET:
        yield Fault("ticket", "sheet.too_long", {"limit": _LONGEST_TICKET})
    if task.covert and answers.recognised is None:
        yield Fault("recognised", "sheet.recognised_missing")


def _too_long(path: str, text: str) -> Iterator[Fault]:
    if len(text) > _LONGEST_TEXT:
        yield Fault(path, "sheet.too_long", {"limit": _LONGEST_TEXT})
