"""Rows of long lists beside a key, which an index finds as fast at any depth."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from panel.db.transactions import Row

T = TypeVar("T", bound=Row)


def beside(column: str, after: object, before: object) -> tuple[str, list[object], str]:
    """Return the condition with its values, and the order, of rows after a key or before one.

    ``column`` is unique and written by us, never taken from a request; keys that are empty or
    0 are none. Rows before a key come backwards: ``forwards`` turns them.
    """
    if before:
        return f"{column} < {{}}", [before], f"{column} DESC"
    return f"{column} > {{}}", [after], column


def forwards(rows: Sequence[T], before: object) -> list[T]:
    """Return rows that were read beside a key in the order of their list."""
    return list(reversed(rows)) if before else list(rows)
