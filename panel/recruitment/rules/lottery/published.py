"""The published file: plain text that a person can search and fifty lines of code can check.

Line by line: a title; the facts as canonical JSON; for every list its tickets, its reserves in the
order in which they move up, and how many of the list keep each quota and group of the plan; every
ticket of the pool with its member category (nothing finer, which could tell who it is) and its
numbers of lists; at last the SHA-256 of all bytes before. Reading and writing gives the same bytes.
"""

import hashlib
from collections import Counter
from collections.abc import Sequence
from itertools import chain
from typing import Final

import msgspec

from panel import chance
from panel.errors import Invalid
from panel.recruitment.rules.lottery.numbers import label
from panel.recruitment.types.lottery import Book, Document, DrawPlan, Facts, PoolEntry, TicketLine

LEXIMIN: Final = "leximin to 1/M over types, numbered lists"
STRATIFIED: Final = "stratified by category"
CATEGORY: Final = "category"
_TITLE: Final = "panel lottery 1"
_NONE: Final = "-"
_END: Final = "sha256 "


def document(pool: Sequence[PoolEntry], book: Book, facts: Facts) -> bytes:
    """Write the published file."""
    seats = Counter(chain.from_iterable(book.lists))
    spare = Counter(chain.from_iterable(book.reserves))
    tickets = tuple(
        TicketLine(entry.ticket, category(entry), seats[entry.ticket], spare[entry.ticket])
        for entry in sorted(pool, key=lambda each: each.ticket)
    )
    return write(Document(facts, tickets, book, totals(pool, book.lists, facts.plan)))


def category(entry: PoolEntry) -> str:
    """Return the member category of an applicant, the only feature that is published by ticket."""
    return dict(entry.features).get(CATEGORY, _NONE)


def rows(plan: DrawPlan) -> list[tuple[str, str, tuple[str, ...], int, int]]:
    """Return the plan's quotas and groups: name, feature, values, lowest and highest number."""
    found = [(q.name, q.feature, (q.value,), q.minimum, q.maximum) for q in plan.quotas]
    return found + [(g.name, g.feature, g.values, g.minimum, plan.seats) for g in plan.groups]


def totals(
    pool: Sequence[PoolEntry], lists: Sequence[Sequence[str]], plan: DrawPlan
) -> tuple[tuple[int, ...], ...]:
    """Count every quota and group of the plan on every list."""
    features = {entry.ticket: entry.features for entry in pool}
    found = []
    for tickets in lists:
        counts = Counter(chain.from_iterable(features[ticket] for ticket in tickets))
        found.append(
            tuple(
                sum(counts[feature, value] for value in values)
                for _, feature, values, _, _ in rows(plan)
            )
        )
    return tuple(found)


def write(content: Document) -> bytes:
    """Return the bytes of a document."""
    lists = len(content.book.lists)
    lines = [_TITLE, "facts " + chance.canonical(msgspec.to_builtins(content.facts)).decode()]
    parts = zip(content.book.lists, content.book.reserves, content.totals, strict=True)
    for number, (seats, spare, counts) in enumerate(parts):
        name = label(number, lists)
        lines += [
            _line("list", name, seats),
            _line("reserve", name, spare),
            _line("totals", name, [str(count) for count in counts]),
        ]
    lines += [
        f"ticket {each.ticket} {each.category} {each.seats} {each.reserve}"
        for each in content.tickets
    ]
    body = "".join(line + "\n" for line in lines).encode()
    return body + f"{_END}{hashlib.sha256(body).hexdigest()}\n".encode()


def _line(word: str, name: str, items: Sequence[str]) -> str:
    return " ".join((f"{word} {name}:", *items))


def closes(data: bytes) -> bool:
    """Tell whether the closing line holds the SHA-256 of all bytes before it."""
    body, mark, end = data.rpartition(b"\n" + _END.encode())
    body += b"\n"
    return bool(mark) and end == f"{hashlib.sha256(body).hexdigest()}\n".encode()


def read_document(data: bytes) -> Document:
    """Read a published file; ``Invalid`` where it is not one, down to the last byte."""
    try:
        found = _read(data.decode())
        same = write(found) == data
    except (ValueError, IndexError, msgspec.MsgspecError) as fault:
        raise Invalid("lottery.file") from fault
    if not same:
        raise Invalid("lottery.file")
    return found


def _read(text: str) -> Document:
    title, facts, *rest = text.split("\n")
    if title != _TITLE or not facts.startswith("facts "):
        raise Invalid("lottery.file")
    by_word: dict[str, list[list[str]]] = {word: [] for word in ("list", "reserve", "totals")}
    tickets = []
    for line in rest[:-2]:
        word, name, *items = line.split(" ")
        if word == "ticket":
            tickets.append(TicketLine(name, items[0], int(items[1]), int(items[2])))
        elif word in by_word:
            by_word[word].append(items)
        else:
            raise Invalid("lottery.file")
    return Document(
        facts=msgspec.json.decode(facts.removeprefix("facts "), type=Facts),
        tickets=tuple(tickets),
        book=Book(
            tuple(tuple(each) for each in by_word["list"]),
            tuple(tuple(each) for each in by_word["reserve"]),
        ),
        totals=tuple(tuple(int(count) for count in each) for each in by_word["totals"]),
    )
