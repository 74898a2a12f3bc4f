"""Refusals: what the service says no to, by stable code and values, never by sentence."""

from __future__ import annotations

import msgspec

Value = str | int | bool | None | tuple[str, ...]


class Refusal(Exception):  # noqa: N818 - a refusal is an answer, not an error
    """A lawful "no" with a stable code ``context.reason`` and the values its text needs."""

    def __init__(self, code: str, /, **values: Value) -> None:
        """Keep the code and the values; the text lives in the catalogues."""
        super().__init__(code)
        self.code = code
        self.values = values


class Missing(Refusal):
    """There is no such thing, or not for this reader."""


class Forbidden(Refusal):
    """The actor may not do this."""


class Conflict(Refusal):
    """Somebody was faster, or the thing is in another state."""


class Closed(Refusal):
    """It was possible once and its time is over."""


class Fault(msgspec.Struct, frozen=True):
    """One fault in what was sent: where it stands, its code and values."""

    path: str
    code: str
    values: dict[str, Value] = {}


class Invalid(Refusal):
    """What was sent can't be accepted as it is; every fault is named by its path."""

    def __init__(self, code: str, /, *faults: Fault, **values: Value) -> None:
        """Keep the faults in the order in which a reader meets them."""
        super().__init__(code, **values)
        self.faults = faults
