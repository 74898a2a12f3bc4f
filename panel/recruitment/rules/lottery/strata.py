"""A plain stratified draw for small panels: so many of each category, by a seeded order.

The seats are shared among the categories in proportion to the applicants, largest remainders
first, as near to it as the bounds of the categories allow. Whoever is next in the seeded order and
shares no address takes a seat. Quotas on anything but the category it cannot hold.
"""

from collections import Counter
from collections.abc import Sequence

import numpy as np

from panel import chance
from panel.errors import Conflict
from panel.recruitment.rules.lottery import elastic
from panel.recruitment.rules.lottery.published import CATEGORY, category, rows
from panel.recruitment.rules.lottery.rounding import Bounds
from panel.recruitment.types.lottery import Book, DrawPlan, PoolEntry


def stratified(pool: Sequence[PoolEntry], plan: DrawPlan, seed: str) -> Book:
    """Draw one list; ``Conflict`` names the quotas that stand in the way of this method."""
    unheld = tuple(
        name
        for name, feature, _, low, high in rows(plan)
        if feature != CATEGORY and (low > 0 or high < plan.seats)
    )
    if unheld:
        raise Conflict("lottery.stratified_impossible", quotas=unheld)
    by_ticket = {entry.ticket: entry for entry in pool}
    people = [by_ticket[ticket] for ticket in chance.order(seed, list(by_ticket))]
    homes: set[str] = set()
    chosen = _taken(people, _allotted(people, plan, plan.seats, exact=True), homes)
    if len(chosen) < plan.seats:
        raise Conflict("lottery.stratified_impossible", quotas=("seats",))
    taken = {entry.ticket for entry in chosen}
    rest = [e for e in people if e.ticket not in taken and e.household not in homes]
    spare = _reserve(rest, plan, homes)
    place = {entry.ticket: number for number, entry in enumerate(people)}
    return Book(
        (tuple(sorted(taken)),),
        (tuple(sorted((each.ticket for each in spare), key=place.__getitem__)),),
    )


def _allotted(
    people: Sequence[PoolEntry], plan: DrawPlan, seats: int, *, exact: bool
) -> dict[str, int]:
    """Share seats among the categories, as near to proportion as bounds and applicants allow."""
    names = sorted({category(entry) for entry in people})
    sizes = Counter(category(entry) for entry in people)
    reach = Counter(
        name for name, _ in {(category(e), e.household or f"own {e.ticket}") for e in people}
    )
    bounds = [("seats", CATEGORY, tuple(names), seats, seats)]
    # Reserves keep the groups in proportion, a list keeps every bound.
    bounds += [
        (name, feature, values, low if exact else -(-low * seats // plan.seats), high)
        for name, feature, values, low, high in rows(plan)
        if feature == CATEGORY and (exact or name in {group.name for group in plan.groups})
    ]
    table = np.array([[float(name in values) for name in names] for _, _, values, _, _ in bounds])
    share = np.array([seats * sizes[name] / len(people) for name in names])
    found = elastic.nearest(
        table,
        (np.array([b[3] for b in bounds], float), np.array([b[4] for b in bounds], float)),
        Bounds(share, share),
        np.array([reach[name] for name in names], float),
        np.zeros(len(names)),
    )
    if found is None:
        quotas = tuple(name for name, feature, *_ in rows(plan) if feature == CATEGORY)
        raise Conflict("lottery.stratified_impossible", quotas=quotas or ("seats",))
    return dict(zip(names, (int(count) for count in found), strict=True))


def _taken(people: Sequence[PoolEntry], places: dict[str, int], homes: set[str]) -> list[PoolEntry]:
    """Take people in their order, the categories with the least choice first."""
    sizes = Counter(category(entry) for entry in people)
    found: list[PoolEntry] = []
    for name in sorted(places, key=lambda each: (sizes[each] - places[each], each)):
        room = places[name]
        for entry in people:
            if room and category(entry) == name and entry.household not in homes:
                room -= 1
                found.append(entry)
                if entry.household is not None:
                    homes.add(entry.household)
    return found


def _reserve(rest: Sequence[PoolEntry], plan: DrawPlan, homes: set[str]) -> list[PoolEntry]:
    """Take as many reserves as the rest allows with the groups in proportion."""
    for goal in range(min(plan.reserves, len(rest)), 0, -1):
        try:
            places = _allotted(rest, plan, goal, exact=False)
        except Conflict:
            continue
        found = _taken(rest, places, set(homes))
        if len(found) == goal:
            return found
    return []
