"""Reading a rulebook from TOML; its canonical text and hash."""

from __future__ import annotations

import hashlib
import re
import tomllib
import unicodedata
from collections.abc import Iterator
from functools import cache
from typing import Any, Final

import msgspec

from panel.chance import canonical
from panel.errors import Fault, Invalid
from panel.rulebook.rules.checking import check
from panel.rulebook.types import Rulebook

_CONTROL: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")


def read(toml: str) -> Rulebook:
    """Turn TOML text into a checked rulebook; refuse it with every fault named by its path."""
    try:
        tree = tomllib.loads(toml)
    except (tomllib.TOMLDecodeError, RecursionError) as fault:
        raise Invalid(
            "rulebook.faults", Fault("", "rulebook.no_toml", {"detail": str(fault)})
        ) from fault
    faults: list[Fault] = []
    rulebook = _convert(tree, faults)
    if rulebook is not None:
        faults.extend(check(rulebook))
    if rulebook is None or faults:
        raise Invalid("rulebook.faults", *faults)
    return rulebook


def _convert(tree: dict[str, Any], faults: list[Fault]) -> Rulebook | None:
    """Convert the tree; unknown names, missing fields and wrong types become faults."""
    faults.extend(
        Fault(path, "rulebook.unknown_name") for path in _unknown(tree, Rulebook, path="")
    )
    try:
        return msgspec.convert(tidy(tree), Rulebook)
    except msgspec.ValidationError as fault:
        text, _, path = str(fault).partition(" - at `$")
        where = path.rstrip("`").lstrip(".")
        faults.append(Fault(where, "rulebook.unreadable", {"detail": text}))
        return None


def _unknown(value: Any, kind: Any, *, path: str) -> Iterator[str]:
    """Yield the paths of keys that the rulebook does not know (misspelt names)."""
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct) and isinstance(value, dict):
        fields = _fields(kind)
        for key, inner in value.items():
            here = f"{path}.{key}" if path else key
            if key not in fields:
                yield here
            else:
                yield from _unknown(inner, fields[key], path=here)
    elif isinstance(value, list) and getattr(kind, "__args__", None):
        for place, inner in enumerate(value):
            yield from _unknown(inner, kind.__args__[0], path=f"{path}[{place}]")


@cache
def _fields(kind: type[msgspec.Struct]) -> dict[str, Any]:
    """Return the types of a chapter's values by their names; finding them takes longest."""
    return {field.encode_name: field.type for field in msgspec.structs.fields(kind)}


def tidy(value: Any) -> Any:
    """Compose (NFC) and trim every text of a tree: a page and a file can't differ unseen."""
    if isinstance(value, str):
        composed = unicodedata.normalize("NFC", value).replace("\r\n", "\n")
        return _CONTROL.sub("", composed).strip()
    if isinstance(value, dict):
        return {key: tidy(inner) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [tidy(inner) for inner in value]
    return value


def content(rulebook: Rulebook) -> str:
    """Return the canonical JSON of a rulebook: what is stored, hashed and published."""
    return canonical(msgspec.to_builtins(rulebook)).decode()


def fingerprint(text: str) -> str:
    """Return the SHA-256 of a rulebook's canonical JSON."""
    return hashlib.sha256(text.encode()).hexdigest()
