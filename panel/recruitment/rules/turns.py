"""A run of the lottery turn by turn: bytes in, bytes out, for a process of its own."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import msgspec

from panel.errors import Conflict
from panel.recruitment.rules import lottery
from panel.recruitment.rules.feasibility import feasibility
from panel.recruitment.types.lottery import (
    Book,
    DrawPlan,
    Facts,
    PoolEntry,
    Preparation,
    Sheaf,
)
from panel.recruitment.types.runs import Method, Outlook, Span, Turn, Weighing, Work

_MILLION = 1_000_000
_Strata = list[tuple[tuple[str, ...], tuple[str, ...]]]


def answer(question: bytes) -> bytes:
    """Answer a question in its own bytes: the next turn of a run, or how quotas weigh."""
    asked = msgspec.json.decode(question, type=Work | Weighing)
    if isinstance(asked, Weighing):
        return msgspec.json.encode(feasibility(asked.people, asked.plan))
    return msgspec.json.encode(turn(asked))


def turn(work: Work) -> Turn:
    """Make a run's next lists and, with the last of them, the file; refusals are part of it."""
    try:
        return _leximin(work) if work.method is Method.LEXIMIN else _stratified(work)
    except Conflict as refusal:
        quotas = refusal.values.get("quotas", ())
        return Turn(refusal=refusal.code, detail=quotas if isinstance(quotas, tuple) else ())


def _leximin(work: Work) -> Turn:
    if work.preparation:
        preparation = msgspec.json.decode(work.preparation, type=Preparation)
    else:
        preparation = lottery.prepare(work.people, work.plan, work.seed, work.lists)
    sheaves = [msgspec.json.decode(each, type=Sheaf) for each in work.slices]
    more = lottery.extend(work.people, preparation, sheaves, work.count)
    sheaves.append(more)
    made = Turn(
        preparation=b"" if work.preparation else msgspec.json.encode(preparation),
        size=len(more.panels),
        slice=msgspec.json.encode(more),
    )
    if lottery.made(sheaves) < work.lists:
        return made
    book = lottery.deal(work.people, preparation, sheaves, work.seed)
    outlook = Outlook(
        bound=preparation.bound,
        least=preparation.least,
        never=tuple(preparation.never),
        always=tuple(preparation.always),
        spans=spans(work.people, work.plan, book.lists),
    )
    return _finished(work, made, book, outlook)


def _stratified(work: Work) -> Turn:
    done: _Strata = []
    for each in work.slices:
        done += msgspec.json.decode(each, type=_Strata)
    more: _Strata = []
    while len(more) < work.count and len(done) + len(more) < work.lists:
        number = len(done) + len(more)
        book = lottery.stratified(work.people, work.plan, f"{work.seed}:{number}")
        more.append((book.lists[0], book.reserves[0]))
    made = Turn(size=len(more), slice=msgspec.json.encode(more))
    everything = done + more
    if len(everything) < work.lists:
        return made
    book = Book(
        lists=tuple(seats for seats, _ in everything),
        reserves=tuple(reserves for _, reserves in everything),
    )
    counts = Counter(ticket for seats, _ in everything for ticket in seats)
    shares = [counts[each.ticket] * _MILLION // work.lists for each in work.people]
    outlook = Outlook(
        bound=0,
        least=min((share for share in shares if share), default=0),
        never=tuple(e.ticket for e in work.people if not counts[e.ticket]),
        always=tuple(e.ticket for e in work.people if counts[e.ticket] == work.lists),
        spans=spans(work.people, work.plan, book.lists),
    )
    return _finished(work, made, book, outlook)


def _finished(work: Work, made: Turn, book: Book, outlook: Outlook) -> Turn:
    facts = msgspec.json.decode(work.facts, type=Facts)
    file = lottery.document(work.people, book, facts)
    return msgspec.structs.replace(made, file=file, outlook=outlook)


def spans(
    people: Sequence[PoolEntry], plan: DrawPlan, lists: Sequence[Sequence[str]]
) -> tuple[Span, ...]:
    """Count every quota among the applicants, and the fewest and most seats it has on any list."""
    rows: list[tuple[str, int, int, str, tuple[str, ...]]] = [
        (q.name, q.minimum, q.maximum, q.feature, (q.value,)) for q in plan.quotas
    ]
    rows += [(g.name, g.minimum, plan.seats, g.feature, g.values) for g in plan.groups]
    kinds: dict[tuple[tuple[str, str], ...], int] = {}
    kind_of = {each.ticket: kinds.setdefault(each.features, len(kinds)) for each in people}
    applied = Counter(kind_of.values())
    taken = [Counter(kind_of[ticket] for ticket in names) for names in lists]
    found = []
    for name, minimum, maximum, feature, values in rows:
        mine = [n for key, n in kinds.items() if any(f == feature and v in values for f, v in key)]
        held = [sum(count[number] for number in mine) for count in taken]
        everybody = sum(applied[number] for number in mine)
        found.append(
            Span(name, minimum, maximum, everybody, min(held, default=0), max(held, default=0))
        )
    return tuple(found)
