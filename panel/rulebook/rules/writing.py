"""Writing a rulebook as TOML that reads back as the very same measures."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from typing import Any

import msgspec

from panel.rulebook.types import Rulebook, Text


def toml(rulebook: Rulebook) -> str:
    """Return the TOML of a rulebook; ``read`` gives back the same, so that the hash is the same."""
    return "\n".join(_table(rulebook, "")).lstrip("\n") + "\n"


def _table(value: msgspec.Struct, path: str) -> Iterator[str]:
    """Yield the lines of one table: its plain values first, then the tables below it."""
    below = []
    for name in value.__struct_fields__:
        inner = getattr(value, name)
        if inner is None:
            continue
        if _is_table(inner):
            below.append((name, inner))
        else:
            yield f"{name} = {_plain(inner)}"
    for name, inner in below:
        here = f"{path}.{name}" if path else name
        if isinstance(inner, tuple):
            for each in inner:
                yield from ("", f"[[{here}]]")
                yield from _table(each, here)
        elif isinstance(inner, dict):
            yield from ("", f"[{here}]")
            yield from (f"{_key(key)} = {_plain(each)}" for key, each in inner.items())
        else:
            yield from ("", f"[{here}]")
            yield from _table(inner, here)


def _is_table(value: Any) -> bool:
    """Tell whether a value gets a heading of its own; texts and anchors stand in a line."""
    if isinstance(value, tuple):
        return bool(value) and all(_is_table(each) or _wide(each) for each in value)
    return isinstance(value, dict) or (isinstance(value, msgspec.Struct) and _wide(value))


def _wide(value: Any) -> bool:
    return isinstance(value, msgspec.Struct) and not isinstance(value, Text)


def _plain(value: Any) -> str:
    """Return a value of one line."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, dt.date)):
        return str(value)
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, (tuple, list)):
        return "[" + ", ".join(_plain(each) for each in value) + "]"
    pairs = ((name, getattr(value, name)) for name in value.__struct_fields__)
    inner = ", ".join(f"{name} = {_plain(each)}" for name, each in pairs)
    return f"{{ {inner} }}"


def _text(value: str) -> str:
    """Return a basic string; JSON escapes what TOML wants escaped, but for the delete sign."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def _key(key: str) -> str:
    bare = key.isascii() and key.replace("_", "").replace("-", "").isalnum()
    return key if bare else _text(key)
