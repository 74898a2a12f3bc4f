"""The rounds of a year that count together, and who came more than once in them."""

from __future__ import annotations

from collections.abc import Sequence

from panel import keys
from panel.members import queries as members
from panel.visits.queries.links import link
from panel.visits.queries.rounds import rounds
from panel.visits.rules import counts_with
from panel.visits.types import RoundView


async def counting_with(view: RoundView) -> list[RoundView]:
    """Return the rounds whose sheets count with those of a round, the oldest first, itself last."""
    found = [each for each in await rounds() if each.id != view.id and counts_with(each, view)]
    return [*reversed(found), view]


async def same_visitors(views: Sequence[RoundView], purpose: str) -> dict[tuple[int, str], str]:
    """Return one keyed name for all links of a person in some rounds, by round and link.

    The links of two rounds can't be told to belong together; whoever counts different people over
    a year must. The names hold for one purpose only and are no way back to anybody.
    """
    ring = keys.current()
    names = {
        member.code: ring.hash("link", "same", purpose, str(member.person))
        for member in await members.everybody()
    }
    return {
        (view.id, link(code, view.code)): name for view in views for code, name in names.items()
    }
