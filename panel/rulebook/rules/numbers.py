"""The bounds of one chapter: what may be changed by a page, and the change itself."""

from __future__ import annotations

from typing import Any, Final, get_args

import msgspec

from panel.errors import Fault, Invalid, Missing
from panel.rulebook.rules.bounds import CHAPTERS
from panel.rulebook.rules.checking import METHODS
from panel.rulebook.types import Deadline, Numbers, Rulebook

EDITABLE: Final = (*CHAPTERS, "weights", "deadlines")
"""Chapters with a page of their own."""


def fields(book: Rulebook, chapter: str) -> dict[str, int | str | tuple[int, ...]]:
    """Return the numbers, times and documents of a chapter by name; deadlines by their keys."""
    if chapter == "deadlines":
        return {deadline.key: deadline.amount for deadline in book.deadlines}
    part = part_of(book, chapter)
    found = {}
    for name in part.__struct_fields__:
        value = getattr(part, name)
        if _editable(value):
            found[name] = value
    return found


def choices(book: Rulebook, chapter: str, name: str) -> tuple[str, ...]:
    """Return the values that may be chosen for a name; none where a value is typed."""
    if chapter == "deadlines":
        return ()
    if (chapter, name) == ("ranking", "method"):
        return METHODS
    fields_of = msgspec.structs.fields(type(part_of(book, chapter)))
    kind = next((field.type for field in fields_of if field.name == name), None)
    return tuple(each for each in get_args(kind) if isinstance(each, str))


def part_of(book: Rulebook, chapter: str) -> Any:
    """Return the struct of a chapter; refuses one that is not there."""
    if chapter not in EDITABLE or chapter == "deadlines":
        raise Missing("rulebook.no_part")
    return book.assessment.weights if chapter == "weights" else getattr(book, chapter)


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
        return msgspec.structs.replace(
            book, deadlines=tuple(_with(each, edit.values) for each in book.deadlines)
        )
    changed = msgspec.structs.replace(part_of(book, edit.chapter), **edit.values)
    if edit.chapter == "weights":
        assessment = msgspec.structs.replace(book.assessment, weights=changed)
        return msgspec.structs.replace(book, assessment=assessment)
    return msgspec.structs.replace(book, **{edit.chapter: changed})


def _with(deadline: Deadline, values: dict[str, int | str | tuple[int, ...]]) -> Deadline:
    amount = values.get(deadline.key, deadline.amount)
    return msgspec.structs.replace(deadline, amount=amount)


def _editable(value: object) -> bool:
    if isinstance(value, tuple):
        return bool(value) and all(type(each) is int for each in value)
    return type(value) in {int, str}
