"""The pool as a programme sees it: types, quota rows, address rows; in an order of its own."""

import hashlib
from collections.abc import Collection, Sequence
from typing import Any, NamedTuple

import numpy as np

from panel.chance import canonical
from panel.recruitment.rules import types_model
from panel.recruitment.rules.lottery.solver import Whole
from panel.recruitment.types.lottery import DrawPlan, PoolEntry


class Frame(NamedTuple):
    """Types by number: tickets of each, `rows` (seats, quotas, groups), `homes` (at most one)."""

    tickets: tuple[tuple[str, ...], ...]
    sizes: Whole
    rows: Any
    lower: Whole
    upper: Whole
    names: tuple[str, ...]
    homes: Any
    clubs: Whole
    """One number for the types of an address, another for every other type."""


def frame(pool: Sequence[PoolEntry], plan: DrawPlan, without: Collection[str] = ()) -> Frame:
    """Sort a pool into types, whatever order it comes in, leaving out some tickets."""
    out = frozenset(without)
    people = sorted((each for each in pool if each.ticket not in out), key=lambda e: e.ticket)
    if len({entry.ticket for entry in people}) != len(people):
        message = "a ticket stands twice"
        raise ValueError(message)
    model = types_model.build(people, plan.seats, plan.quotas, plan.groups)
    kinds = len(model.members)
    plain = [row for row in model.rows if not row.shared]
    shared = [row for row in model.rows if row.shared]
    clubs = np.arange(kinds)
    for row in shared:
        clubs[sorted(row.types)] = min(row.types)
    return Frame(
        tickets=tuple(tuple(people[each].ticket for each in kind) for kind in model.members),
        sizes=np.array([len(kind) for kind in model.members], dtype=np.int64),
        rows=types_model.matrix(plain, kinds),
        lower=np.array([row.lower for row in plain], dtype=np.int64),
        upper=np.array([row.upper for row in plain], dtype=np.int64),
        names=tuple(row.name for row in plain),
        homes=types_model.matrix(shared, kinds),
        clubs=clubs.astype(np.int64),
    )


def fingerprint(frames: Frame) -> str:
    """Return the digest by which a pool is known again between two sittings."""
    state = hashlib.sha256()
    for tickets in frames.tickets:
        state.update(canonical(list(tickets)))
    for table in (frames.rows, frames.homes):
        state.update(table.indptr.astype("<i8").tobytes() + table.indices.astype("<i8").tobytes())
    for bounds in (frames.lower, frames.upper):
        state.update(bounds.astype("<i8").tobytes())
    return state.hexdigest()
