"""Checks of a published lottery, by anybody, from the files alone."""

from __future__ import annotations

from panel.errors import Invalid
from panel.recruitment.rules import lottery
from panel.recruitment.types.lottery import Check


def checks(
    data: bytes,
    sha: str | None = None,
    number: str | None = None,
    proof: bytes | None = None,
    sealed: bytes | None = None,
) -> tuple[Check, ...]:
    """Check a published file, and what else is at hand: a proof, the sealed roster."""
    found = lottery.verify(data, sha, number, proof)
    return found if sealed is None else (*found, *lottery.check_sealed(data, sealed))


def named(data: bytes, number: str) -> tuple[str, tuple[str, ...], tuple[str, ...]] | None:
    """Return a list's label, tickets and reserves, None where the file has no such list."""
    try:
        book = lottery.read_document(data).book
        place = lottery.list_number(number, len(book.lists))
    except Invalid:
        return None
    return lottery.label(place, len(book.lists)), book.lists[place], book.reserves[place]
