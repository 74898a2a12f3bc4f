"""The bounds of one chapter: what may be changed by a page, and the change itself."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import msgspec

from panel.errors import Fault, Invalid, Missing
from panel.rulebook.rules import kinds
from panel.rulebook.rules.bounds import CHAPTERS
from panel.rulebook.rules.checking import METHODS
from panel.rulebook.rules.kinds import Bound, Kind
from panel.rulebook.types import Deadline, Numbers, Rulebook
from panel.rulebook.types.measures import USUAL

_INNER: Final = {
    "weights": ("assessment", "weights"),
    "complaints": ("assessment", "complaints"),
    "public_work": ("assessment", "public_work"),
    "training": ("training",),
    "conduct": ("conduct",),
    "calendar": (),
}
"""Chapters that are no bounds of their own, by where they stand."""
_CALENDAR: Final = ("calendar_version", "holidays", "workdays")
_UNIT: Final = ".unit"
EDITABLE: Final = (*CHAPTERS, *_INNER, "deadlines")
"""Chapters with a page of their own."""
SHARES: Final = ("weights", "complaints")
"""Chapters whose numbers sum to 100."""


def path_of(chapter: str) -> str:
    """Return the path by which faults name a chapter."""
    if chapter == "deadlines":
        return chapter
    return ".".join(_steps(chapter))


def _steps(chapter: str) -> tuple[str, ...]:
    if chapter in _INNER:
        return _INNER[chapter]
    if chapter in CHAPTERS:
        return (chapter,)
    raise Missing("rulebook.no_part")


def fields(book: Rulebook, chapter: str) -> dict[str, Bound]:
    """Return the values of a chapter by name; deadlines by their keys, their units beside."""
    if chapter == "deadlines":
        return dict(_deadlines(book))
    return dict(kinds.flat(part_of(book, chapter), _CALENDAR if chapter == "calendar" else ()))


def _deadlines(book: Rulebook) -> Iterator[tuple[str, Bound]]:
    for deadline in all_deadlines(book):
        yield deadline.key, deadline.amount
        yield f"{deadline.key}{_UNIT}", deadline.unit


def all_deadlines(book: Rulebook) -> tuple[Deadline, ...]:
    """Return every limit: those of the measures, then the usual ones they do not speak of."""
    own = {deadline.key for deadline in book.deadlines}
    return (*book.deadlines, *(each for each in USUAL if each.key not in own))


def kind(book: Rulebook, chapter: str, name: str) -> Kind:
    """Return how a value of a chapter is typed."""
    if chapter == "deadlines":
        return Kind.CHOICE if name.endswith(_UNIT) else Kind.NUMBER
    if (chapter, name) == ("ranking", "method"):
        return Kind.CHOICE
    found = kinds.kind_of(_type(book, chapter, name))
    return Kind.CHOICE if found is Kind.LEVELS else found or Kind.WORD


def choices(book: Rulebook, chapter: str, name: str) -> tuple[str, ...]:
    """Return the values that may be chosen for a name; none where a value is typed."""
    if chapter == "deadlines":
        return kinds.options(kinds.fields_of(Deadline)["unit"]) if name.endswith(_UNIT) else ()
    if (chapter, name) == ("ranking", "method"):
        return METHODS
    return kinds.options(_type(book, chapter, name))


def _type(book: Rulebook, chapter: str, name: str) -> Any:
    part: msgspec.Struct = part_of(book, chapter)
    return kinds.fields_of(type(part)).get(name.partition(".")[0])


def part_of(book: Rulebook, chapter: str) -> Any:
    """Return the struct of a chapter; refuses one that is not there."""
    if chapter == "deadlines":
        raise Missing("rulebook.no_part")
    found: Any = book
    for step in _steps(chapter):
        found = getattr(found, step)
    return found


def put(book: Rulebook, edit: Numbers) -> Rulebook:
    """Return the measures with other bounds; refuses names that the chapter does not have."""
    known = fields(book, edit.chapter)
    for name, value in edit.values.items():
        if name not in known or type(value) is not type(known[name]):
            raise Invalid("form.faults", Fault(name, "rulebook.unknown_name"))
        known_values = choices(book, edit.chapter, name)
        if known_values and value not in known_values:
            raise Invalid("form.faults", Fault(name, "form.required"))
    if edit.chapter == "deadlines":
        return _put_deadlines(book, edit)
    try:
        changed = kinds.put(part_of(book, edit.chapter), edit.values)
    except msgspec.ValidationError as fault:
        name = str(fault).partition("$.")[2].partition("[")[0].rstrip("`")
        raise Invalid("form.faults", Fault(name, "rulebook.day_list")) from fault
    after: Rulebook = within(book, _steps(edit.chapter), changed)
    return after


def within(part: Any, steps: tuple[str, ...], value: Any) -> Any:
    """Return a struct with another value at a path below it."""
    if not steps:
        return value
    inner = within(getattr(part, steps[0]), steps[1:], value)
    return msgspec.structs.replace(part, **{steps[0]: inner})


def _put_deadlines(book: Rulebook, edit: Numbers) -> Rulebook:
    """Change limits; a usual one that stays as it is needs no word in the measures."""
    found = []
    for deadline in all_deadlines(book):
        changed = msgspec.structs.replace(
            deadline,
            amount=edit.values.get(deadline.key, deadline.amount),
            unit=edit.values.get(f"{deadline.key}{_UNIT}", deadline.unit),
        )
        if deadline in book.deadlines or changed != deadline:
            found.append(changed)
    return msgspec.structs.replace(book, deadlines=tuple(found))
