"""Within a type: who takes which of its places, so that equal people get equally many.

Round the table, list after list, seats differ by at most one. The places in reserve go to those
who had fewest and hold no seat on that list; where two people of a type still end up further
apart, the lists on which exactly one of them stands are shared out between the two anew. (That this
always succeeds is de Werra's theorem on balanced edge colourings of bipartite graphs, 1971.)
"""

from collections.abc import Sequence

from panel import chance
from panel.recruitment.rules.lottery.lists import made
from panel.recruitment.rules.lottery.preparation import opened
from panel.recruitment.types.lottery import Book, PoolEntry, Preparation, Sheaf

_SEAT, _RESERVE = 1, 2
Hands = list[dict[int, int]]
"""By person: on which lists, and whether in a seat or in reserve."""


def deal(
    pool: Sequence[PoolEntry], preparation: Preparation, sheaves: Sequence[Sheaf], seed: str
) -> Book:
    """Put tickets in the types' places; equal people's numbers of lists differ by at most one.

    Reserves stand in a seeded order: the order in which they move up.
    """
    own = opened(pool, preparation)
    count = made(sheaves)
    places: list[list[tuple[int, int, int]]] = [[] for _ in own.tickets]
    number = 0
    for sheaf in sheaves:
        for panel, reserve in zip(sheaf.panels, sheaf.reserves, strict=True):
            for kind, (seats, spare) in sorted(_counts(panel, reserve).items()):
                places[kind].append((number, seats, spare))
            number += 1
    seats_of: list[list[str]] = [[] for _ in range(count)]
    spare_of: list[list[str]] = [[] for _ in range(count)]
    for tickets, wanted in zip(own.tickets, places, strict=True):
        people = chance.order(seed, tickets)
        for ticket, hand in zip(people, hands(len(people), wanted), strict=True):
            for where, what in hand.items():
                (seats_of if what == _SEAT else spare_of)[where].append(ticket)
    return Book(
        tuple(tuple(sorted(each)) for each in seats_of),
        tuple(
            tuple(chance.order(f"{seed} reserve {where}", each))
            for where, each in enumerate(spare_of)
        ),
    )


def _counts(panel: Sequence[int], reserve: Sequence[int]) -> dict[int, tuple[int, int]]:
    found: dict[int, tuple[int, int]] = {}
    for kind in panel:
        seats, spare = found.get(kind, (0, 0))
        found[kind] = (seats + 1, spare)
    for kind in reserve:
        seats, spare = found.get(kind, (0, 0))
        found[kind] = (seats, spare + 1)
    return found


def hands(people: int, wanted: Sequence[tuple[int, int, int]]) -> Hands:
    """Share out (list, seats, reserves) among equal people: both kinds within one of each other."""
    found: Hands = [{} for _ in range(people)]
    turn = 0
    queue = list(range(people))
    for where, seats, spare in wanted:
        sitting = {(turn + each) % people for each in range(seats)}
        turn = (turn + seats) % people
        for each in sitting:
            found[each][where] = _SEAT
        waiting = [each for each in queue if each not in sitting][:spare]
        for each in waiting:
            found[each][where] = _RESERVE
        if waiting:
            gone = set(waiting)
            queue = [each for each in queue if each not in gone] + waiting
    _level(found)
    return found


def _level(found: Hands) -> None:
    counts = [sum(what == _RESERVE for what in hand.values()) for hand in found]
    while max(counts) - min(counts) > 1:
        one, other = counts.index(max(counts)), counts.index(min(counts))
        _share(found[one], found[other])
        for each in (one, other):
            counts[each] = sum(what == _RESERVE for what in found[each].values())


def _share(one: dict[int, int], other: dict[int, int]) -> None:
    """Share the lists of two equal people anew: seats and reserves each within one."""
    both = sorted(one.keys() & other.keys())
    crossed = [where for where in both if one[where] != other[where]]
    single = {
        what: sorted(
            where
            for where in one.keys() ^ other.keys()
            if (one.get(where) or other.get(where)) == what
        )
        for what in (_SEAT, _RESERVE)
    }
    for turn, where in enumerate(crossed):
        one[where], other[where] = (_SEAT, _RESERVE) if turn % 2 == 0 else (_RESERVE, _SEAT)
    # An odd crossed list gave the seat to `one`, the reserve to `other`: start on the other side.
    odd = len(crossed) % 2
    for what, start in ((_SEAT, odd), (_RESERVE, 0)):
        for turn, where in enumerate(single[what]):
            winner, loser = (one, other) if (turn + start) % 2 == 0 else (other, one)
            winner[where] = what
            loser.pop(where, None)
