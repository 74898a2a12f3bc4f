"""Lists of the measures that a page edits line by line: levels, quotas, checks, thresholds."""

from __future__ import annotations

from typing import Any, Final, get_args

import msgspec

from panel.errors import Fault, Invalid, Missing
from panel.rulebook.rules import kinds
from panel.rulebook.rules.kinds import Bound, Kind
from panel.rulebook.rules.numbers import within
from panel.rulebook.types import Rows, Rulebook

LISTS: Final = {
    "bands": ("bands",),
    "quotas": ("recruitment", "quotas"),
    "group_quotas": ("recruitment", "groups"),
    "exclusions": ("recruitment", "exclusions"),
    "thresholds": ("assessment", "thresholds"),
}
"""Lists with a page of their own, by where they stand."""


def _steps(chapter: str) -> tuple[str, ...]:
    if chapter not in LISTS:
        raise Missing("rulebook.no_part")
    return LISTS[chapter]


def path_of(chapter: str) -> str:
    """Return the path by which faults name a list."""
    return ".".join(_steps(chapter))


def rows(book: Rulebook, chapter: str) -> list[dict[str, Bound]]:
    """Return the lines of a list, each value by its name; a text has one for each language."""
    return [dict(kinds.flat(row)) for row in _rows(book, chapter)]


def _rows(book: Rulebook, chapter: str) -> tuple[msgspec.Struct, ...]:
    found: Any = book
    for step in _steps(chapter):
        found = getattr(found, step)
    return tuple(found)


def columns(chapter: str) -> dict[str, Kind]:
    """Return how each value of a line is typed, by its name."""
    return {
        name: kind
        for name, type_ in kinds.fields_of(row_type(chapter)).items()
        if (kind := kinds.kind_of(type_)) is not None
    }


def choices(chapter: str, name: str) -> tuple[str, ...]:
    """Return the words that may be chosen for a value of a line; none where it is typed."""
    return kinds.options(kinds.fields_of(row_type(chapter))[name.partition(".")[0]])


def row_type(chapter: str) -> type[msgspec.Struct]:
    """Return the struct of a list's lines."""
    found: Any = Rulebook
    for step in _steps(chapter):
        found = kinds.fields_of(found)[step]
    kind: type[msgspec.Struct] = get_args(found)[0]
    return kind


def put(book: Rulebook, edit: Rows) -> Rulebook:
    """Return the measures with other lines in a list; refuses a line that can't be one."""
    kind = row_type(edit.chapter)
    found = []
    for place, row in enumerate(edit.rows):
        try:
            found.append(msgspec.convert(_tree(row), kind))
        except msgspec.ValidationError as fault:
            name = str(fault).partition("$.")[2].rstrip("`")
            where = f"rows[{place}].{name}" if name else ""
            raise Invalid("form.faults", Fault(where, "form.required")) from fault
    after: Rulebook = within(book, _steps(edit.chapter), tuple(found))
    return after


def _tree(row: dict[str, Any]) -> dict[str, Any]:
    """Return a line with its texts put together."""
    tree: dict[str, Any] = {}
    for name, value in row.items():
        whole, _, lang = name.partition(".")
        if lang:
            tree.setdefault(whole, {})[lang] = value
        else:
            tree[name] = value
    return tree
