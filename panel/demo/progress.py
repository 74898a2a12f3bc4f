"""How far a story is."""

from __future__ import annotations

import msgspec


class Progress(msgspec.Struct, frozen=True):
    """One step by its key, with what is done of it and what it holds in all."""

    step: str
    done: int
    total: int
