"""Decisions about sheets on paper: who may do what when, and what two persons read differently."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Mapping
from datetime import date, datetime
from typing import Final

import msgspec

from panel.actor import Actor, Role, second_person
from panel.errors import Closed, Conflict, Fault, Forbidden, Invalid
from panel.evaluations.types import Answers, PaperState, PaperView
from panel.ids import PersonId
from panel.rulebook.types import Item
from panel.visits.types import OPEN, TaskState, TaskView
from panel.workdays import SHANGHAI

_ITEM_PARTS: Final = frozenset({"items", "reasons", "minutes", "vetoes"})
_PLAIN: Final = tuple(name for name in Answers.__struct_fields__ if name not in _ITEM_PARTS)
_VETO: Final = "veto."
_LIVE: Final = frozenset({PaperState.PRINTED, PaperState.ENTERED, PaperState.DIFFERS})
_MOST_PAGES: Final = 6
_UNANSWERED: Final = "unanswered"
"""Not the same as "not observed", which is None."""


def may_print(task: TaskView, at: datetime, *, signs_in: bool) -> bool:
    """Tell whether a task can still be done on paper; a covert place is not told too early.

    Nor needlessly: where a member who has a phone goes covertly is no one person's to open.
    """
    if task.hidden or (task.covert and signs_in):
        return False
    if task.state is TaskState.OFFERED and task.answer_by is not None and at > task.answer_by:
        return False
    return task.state in OPEN and at <= task.closes_at


def may_arrive(paper: PaperView, on: date, at: datetime) -> None:
    """Refuse a page of a sheet that is typed already, or on a day that cannot be."""
    if paper.state is not PaperState.PRINTED:
        raise Conflict("paper.state_changed")
    first, last = (moment.astimezone(SHANGHAI).date() for moment in (paper.task.opens_at, at))
    if not first <= on <= last:
        raise Invalid("paper.faults", Fault("arrived_on", "paper.day_outside"))
    if paper.pages >= _MOST_PAGES:
        raise Invalid("paper.faults", Fault("scan", "paper.pages", {"most": _MOST_PAGES}))


def may_enter(paper: PaperView, at: datetime) -> None:
    """Refuse to type a sheet without its scan, twice, or after its grace."""
    if paper.state is not PaperState.PRINTED:
        raise Conflict("paper.state_changed")
    if not paper.pages:
        raise Invalid("paper.faults", Fault("scan", "paper.scan_missing"))
    _in_time(paper, at)


def may_reread(paper: PaperView, actor: Actor, at: datetime) -> None:
    """Refuse a second reading by the person who read first."""
    if paper.state is not PaperState.ENTERED:
        raise Conflict("paper.state_changed")
    second_person(paper.first_by, actor)
    _in_time(paper, at)


def may_settle(paper: PaperView, actor: Actor, at: datetime) -> None:
    """Refuse to settle differences by the person who read first."""
    if paper.state is not PaperState.DIFFERS:
        raise Conflict("paper.state_changed")
    second_person(paper.first_by, actor)
    _in_time(paper, at)


def may_spoil(paper: PaperView, reason: str) -> str:
    """Refuse to give up a sheet that counts, or without a reason; return the tidy reason."""
    if paper.state not in _LIVE:
        raise Conflict("paper.state_changed")
    tidy = reason.strip()
    if not tidy:
        raise Invalid("paper.faults", Fault("reason", "form.required"))
    return tidy[:200]


def may_see_scan(actor: Actor, paper: PaperView) -> None:
    """Refuse the scan to whoever neither types nor checks nor reviews it."""
    if actor.may(Role.COORDINATOR, Role.INTAKE_CLERK, Role.AUDITOR):
        return
    actor.require(Role.REVIEWER)
    if paper.state is not PaperState.COUNTED:
        raise Forbidden("actor.role")


def may_review_paper(actor: Actor, hands: Collection[PersonId]) -> None:
    """Refuse to review a sheet that one has typed or checked."""
    if actor.person in hands:
        raise Forbidden("paper.typed_by_you")


def no_accusations(answers: Answers, sealed: Collection[str]) -> None:
    """Refuse to type what belongs into the envelope for the discipline office."""
    found = [key for key in answers.vetoes if key in sealed]
    if found:
        raise Invalid("paper.faults", *(Fault(f"vetoes.{key}", "paper.envelope") for key in found))


def _in_time(paper: PaperView, at: datetime) -> None:
    """Refuse what was handed in too late; how long the office takes to type it is not its fault."""
    last = paper.task.closes_at.astimezone(SHANGHAI).date()
    if (paper.arrived_on or at.astimezone(SHANGHAI).date()) > last:
        raise Closed("sheet.closed")


def counts_at(paper: PaperView, at: datetime) -> datetime:
    """Return the moment at which a sheet handed in in time is judged, however late it is typed."""
    return min(at, paper.task.closes_at)


def differences(items: Collection[Item], first: Answers, second: Answers) -> tuple[str, ...]:
    """Return what two persons read differently, in the order of the sheet.

    Texts are compared without spaces and punctuation, which nobody copies alike.
    """
    found = [item.id for item in items if _item(item.id, first) != _item(item.id, second)]
    found += [
        f"{_VETO}{key}"
        for key in sorted(first.vetoes.keys() | second.vetoes.keys())
        if _text(first.vetoes.get(key)) != _text(second.vetoes.get(key))
    ]
    found += [
        name for name in _PLAIN if _plain(getattr(first, name)) != _plain(getattr(second, name))
    ]
    return tuple(found)


def settled(first: Answers, second: Answers, from_second: Collection[str]) -> Answers:
    """Return the first reading with the named parts as the second person read them."""
    parts: dict[str, dict[str, object]] = {
        name: dict(getattr(first, name)) for name in ("items", "reasons", "minutes", "vetoes")
    }
    plain: dict[str, object] = {}
    for key in from_second:
        if key.startswith(_VETO):
            _take(parts["vetoes"], second.vetoes, key.removeprefix(_VETO))
        elif key in _PLAIN:
            plain[key] = getattr(second, key)
        else:
            for name in ("items", "reasons", "minutes"):
                _take(parts[name], getattr(second, name), key)
    return msgspec.structs.replace(first, **parts, **plain)


def _take(into: dict[str, object], source: Mapping[str, object], key: str) -> None:
    into.pop(key, None)
    if key in source:
        into[key] = source[key]


def _item(key: str, answers: Answers) -> tuple[object, ...]:
    return (
        answers.items.get(key, _UNANSWERED),
        answers.minutes.get(key),
        _text(answers.reasons.get(key)),
    )


def _plain(value: object) -> object:
    return _text(value) if type(value) is str else value


def _text(value: str | None) -> str | None:
    if value is None:
        return None
    return re.sub(r"\W", "", unicodedata.normalize("NFKC", value)).lower()
