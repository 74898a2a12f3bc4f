"""Walking over a rulebook: its texts, keys and repetitions, each with its path."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from typing import Any, Final

import msgspec

from panel.errors import Fault
from panel.rulebook.types import Text

KEY: Final = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,39}")
"""What may name a field, an address and a file."""


def repeated(path: str, keys: list[str]) -> Iterator[Fault]:
    """Yield a fault for each key that stands more than once."""
    for key, times in Counter(keys).items():
        if times > 1:
            yield Fault(path, "rulebook.repeated", {"id": key})


def texts(value: Any, path: str) -> Iterator[tuple[str, Text]]:
    """Yield every text of the tree that must be Chinese; proofs may stay empty."""
    if isinstance(value, Text):
        if not path.endswith(".proof"):
            yield path, value
    elif isinstance(value, msgspec.Struct):
        for name in value.__struct_fields__:
            yield from texts(getattr(value, name), f"{path}.{name}" if path else name)
    elif isinstance(value, tuple):
        for place, inner in enumerate(value):
            yield from texts(inner, f"{path}[{place}]")


def keys(value: Any, path: str) -> Iterator[tuple[str, str]]:
    """Yield every key and id: they name fields, addresses and files of a publication."""
    if isinstance(value, msgspec.Struct):
        for name in value.__struct_fields__:
            inner, here = getattr(value, name), f"{path}.{name}" if path else name
            if name in {"key", "id"} and isinstance(inner, str):
                yield here, inner
            else:
                yield from keys(inner, here)
    elif isinstance(value, tuple):
        for place, inner in enumerate(value):
            yield from keys(inner, f"{path}[{place}]")
