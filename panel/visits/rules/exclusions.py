"""What is closed to whom: ties declared by a member or at home, the own town, rotation."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Final

import msgspec

from panel.chance import order
from panel.ids import Code
from panel.members.types import MemberView
from panel.visits.types import Past, Place
from panel.visits.types.assignment import Visitor

_COUPLE: Final = 2


def visitors(
    members: Mapping[str, MemberView],
    exclusions: Mapping[Code, frozenset[Code]],
    past: Past,
    places: Sequence[Place],
    max_tasks: int,
) -> list[Visitor]:
    """Return the members by their labels, each with what is closed to them.

    Ties and recusals of everybody at home close a unit, and so does being of the town it governs;
    rotation closes windows visited lately and the units of the rounds that must lie between.
    """
    unit_codes: dict[int, str] = {place.unit_id: place.unit_code for place in places}
    window_codes: dict[int | None, str] = {place.window_id: place.code for place in places}
    tied = _ties(exclusions, past, unit_codes)
    at_home = _homes(past)
    towns: dict[str, set[str]] = defaultdict(set)
    for place in places:
        if place.town:
            towns[place.district].add(place.unit_code)
    found = []
    for label, member in members.items():
        together = at_home.get(past.homes.get(member.code, ""), frozenset({member.code}))
        recused = set().union(*(tied[each] for each in together), towns.get(member.district, ()))
        windows = past.windows.get(member.code, set())
        units = past.units.get(member.code, set())
        visited = {window_codes[window] for window in windows if window in window_codes}
        visited |= {unit_codes[unit] for unit in units if unit in unit_codes}
        found.append(
            Visitor(
                member=label,
                latitude=member.latitude,
                longitude=member.longitude,
                district=member.district,
                cap=max_tasks,
                recused=frozenset(recused),
                visited=frozenset(visited),
                household=past.homes.get(member.code, ""),
            )
        )
    return found


def _ties(
    exclusions: Mapping[Code, frozenset[Code]], past: Past, units: Mapping[int, str]
) -> dict[Code, set[str]]:
    """Return the units that each member declared a tie to, beforehand or on a task."""
    found: dict[Code, set[str]] = defaultdict(set)
    for member, closed in exclusions.items():
        found[member] |= closed
    for member, numbers in past.recused.items():
        found[member] |= {units[number] for number in numbers if number in units}
    return found


def _homes(past: Past) -> dict[str, frozenset[Code]]:
    found: dict[str, set[Code]] = defaultdict(set)
    for member, home in past.homes.items():
        found[home].add(member)
    return {home: frozenset(people) for home, people in found.items()}


def one_of_a_home(candidates: Sequence[Visitor], units: Sequence[str], seed: str) -> list[Visitor]:
    """Close each unit to all but one of those who live together; the seed says who may go."""
    homes: dict[str, list[Visitor]] = defaultdict(list)
    for each in candidates:
        if each.household:
            homes[each.household].append(each)
    closed: dict[str, set[str]] = defaultdict(set)
    for together in homes.values():
        if len(together) < _COUPLE:
            continue
        for unit in units:
            free = [each.member for each in together if unit not in each.recused | each.visited]
            for member in order(f"{seed} home {unit}", free)[1:]:
                closed[member].add(unit)
    return [
        msgspec.structs.replace(each, home=frozenset(closed[each.member]))
        if each.member in closed
        else each
        for each in candidates
    ]
