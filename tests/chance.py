"""What nobody can predict, told beforehand: a test that fails fails the same way again.

Codes and tokens decide who is drawn and in which order rows stand. Here they come out of the name
of the test, or out of what was asked of a builder whose city is kept.
"""

from __future__ import annotations

import base64
import hashlib
import itertools
from collections.abc import Iterator
from contextlib import contextmanager

from panel import entropy


class Told:
    """Stands where the source of entropy stands, and says the same for the same name."""

    def __init__(self, name: str) -> None:
        """Begin at the beginning."""
        self._name = name
        self._turns = itertools.count()

    def token_bytes(self, count: int) -> bytes:
        """Return so many bytes."""
        return hashlib.shake_256(f"{self._name}|{next(self._turns)}".encode()).digest(count)

    def token_urlsafe(self, count: int) -> str:
        """Return so many bytes as text."""
        return base64.urlsafe_b64encode(self.token_bytes(count)).rstrip(b"=").decode()


def begin(name: str) -> None:
    """Let everything that follows come out of a name."""
    vars(entropy)["secrets"] = Told(name)


@contextmanager
def begun(name: str) -> Iterator[None]:
    """Let what happens inside come out of a name, and go on outside as before."""
    before = vars(entropy)["secrets"]
    begin(name)
    try:
        yield
    finally:
        vars(entropy)["secrets"] = before
