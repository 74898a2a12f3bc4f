"""What differs between two versions, for the person who approves."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from panel.rulebook.types import Change, Rulebook

_NAMES = ("key", "id", "value", "form", "item", "feature")
"""Fields by which an entry of a list is known again, the first that it has."""


def changes(before: Rulebook, after: Rulebook) -> list[Change]:
    """Return every value that differs; entries of lists are known again by key, not by place."""
    old, new = (dict(_leaves(msgspec.to_builtins(each), "")) for each in (before, after))
    return [
        Change(path, old.get(path, ""), new.get(path, ""))
        for path in dict.fromkeys([*old, *new])
        if old.get(path) != new.get(path)
    ]


def _leaves(value: Any, path: str) -> Iterator[tuple[str, str]]:
    """Yield each value with its path; a list tells its order by the names of its entries."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _leaves(inner, f"{path}.{key}" if path else key)
    elif isinstance(value, (list, tuple)):
        if value and all(isinstance(each, dict) for each in value):
            names = [_name(each, place) for place, each in enumerate(value)]
            yield f"{path}[]", " ".join(names)
            for name, each in zip(names, value, strict=True):
                yield from _leaves(each, f"{path}[{name}]")
        else:
            yield path, " ".join(str(each) for each in value)
    else:
        yield path, "" if value is None else str(value)


def _name(entry: dict[str, Any], place: int) -> str:
    """Return what an entry is known by: its key; quotas by feature and value."""
    if "feature" in entry and "value" in entry:
        return f"{entry['feature']}:{entry['value']}"
    return next((str(entry[name]) for name in _NAMES if name in entry), str(place))
