"""What a value of the measures is, by its type: how a page offers it and what it reads back."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from enum import StrEnum
from functools import cache
from typing import Any, Literal, get_args, get_origin

import msgspec

from panel.rulebook.types import Text

Bound = int | str | tuple[int | str, ...]
"""A value as a page holds it: a number, a word, or a list of them; a text has one per language."""


class Kind(StrEnum):
    """How a value is typed."""

    NUMBER = "number"
    WORD = "word"
    CHOICE = "choice"
    NUMBERS = "numbers"
    LINES = "lines"
    """Words, one a line."""
    DAYS = "days"
    """Days, one a line."""
    TEXT = "text"
    LEVELS = "levels"
    """A choice for each of several names."""
    TICK = "tick"


@cache
def kind_of(type_: Any) -> Kind | None:
    """Return how a value of a type is typed; None for what has a page of its own, or none."""
    if get_origin(type_) is Literal:
        return Kind.CHOICE
    if get_origin(type_) is dict:
        return Kind.LEVELS
    lists = {int: Kind.NUMBERS, str: Kind.LINES, dt.date: Kind.DAYS}
    if get_origin(type_) is tuple:
        return lists.get(get_args(type_)[0])
    plain = {int: Kind.NUMBER, str: Kind.WORD, bool: Kind.TICK, Text: Kind.TEXT}
    return plain.get(type_)


@cache
def fields_of(struct: type[msgspec.Struct]) -> dict[str, Any]:
    """Return the types of a struct's values by their names."""
    return {field.name: field.type for field in msgspec.structs.fields(struct)}


def options(type_: Any) -> tuple[str, ...]:
    """Return the words that may be chosen for a value; none where it is typed."""
    if get_origin(type_) is dict:
        type_ = get_args(type_)[1]
    return tuple(str(each) for each in get_args(type_)) if get_origin(type_) is Literal else ()


def flat(struct: msgspec.Struct, names: tuple[str, ...] = ()) -> Iterator[tuple[str, Bound]]:
    """Yield the values of a struct as a page holds them; texts and levels with a name for each."""
    for name, type_ in fields_of(type(struct)).items():
        if names and name not in names:
            continue
        value, kind = getattr(struct, name), kind_of(type_)
        if kind is Kind.TEXT:
            yield f"{name}.zh", value.zh
            yield f"{name}.en", value.en
        elif kind is Kind.LEVELS:
            yield from ((f"{name}.{key}", each) for key, each in value.items())
        elif kind is Kind.DAYS:
            yield name, tuple(day.isoformat() for day in value)
        elif kind is not None:
            yield name, value


def put(struct: Any, values: dict[str, Any]) -> Any:
    """Return a struct with other values, as `flat` names them; refuses what can't be, by name."""
    tree = msgspec.to_builtins(struct)
    for name, value in values.items():
        whole, _, part = name.partition(".")
        if part:
            tree[whole] = {**tree[whole], part: value}
        else:
            tree[name] = value
    return msgspec.convert(tree, type(struct))
