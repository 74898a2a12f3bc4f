"""Reading single places out of a published file, whose size would make reading all of it slow."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

from panel.errors import Conflict
from panel.recruitment.rules import lottery


def of_number(
    data: bytes, number: int, lists: int, fingerprint: str
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return seats and reserves of the list with a number; refuse a file that was changed."""
    if hashlib.sha256(data).hexdigest() != fingerprint:
        raise Conflict("lottery.file")
    name = lottery.label(number, lists)
    found = {
        word: tuple(tickets.decode().split())
        for word, label, tickets in _lines(data)
        if label.decode() == name
    }
    return found[b"list"], found[b"reserve"]


def of_ticket(data: bytes, ticket: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the numbers of the lists on which a ticket has a seat, and a place in reserve."""
    wanted = f" {ticket} ".encode()
    found: dict[bytes, list[str]] = {b"list": [], b"reserve": []}
    for word, label, tickets in _lines(data):
        if wanted in b" " + tickets + b" ":
            found[word].append(label.decode())
    return tuple(found[b"list"]), tuple(found[b"reserve"])


def _lines(data: bytes) -> Iterator[tuple[bytes, bytes, bytes]]:
    for line in data.split(b"\n"):
        word, _, rest = line.partition(b" ")
        if word in {b"list", b"reserve"}:
            label, _, tickets = rest.partition(b":")
            yield word, label, tickets.strip()
