"""What nobody could be sent to, and what of it a member may take; numbers read by two."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime

import msgspec

from panel.db import raw
from panel.errors import Refusal
from panel.ids import Code
from panel.members import queries as members
from panel.rulebook import queries as rulebooks
from panel.visits import rules
from panel.visits.queries.links import link
from panel.visits.queries.places import frozen_places
from panel.visits.queries.rounds import loads, past, record, rounds
from panel.visits.types import LIVE, Place, Pool, RoundState, RoundView, Score, Spread


async def open_places(view: RoundView) -> list[Place]:
    """Return the places of a round for which fewer visits are under way or made than planned."""
    marks = ", ".join("{}" for _ in LIVE)
    rows = await raw(
        f"SELECT place, COUNT(*) AS n FROM visit_task WHERE round = {{}} AND state IN ({marks}) "
        "GROUP BY place",
        view.id,
        *LIVE,
    )
    live = {row["place"]: int(row["n"]) for row in rows}
    return [place for place in await frozen_places(view) if live.get(place.id, 0) < place.demand]


async def pool_open(*, at: datetime) -> bool:
    """Tell whether some running round lets members take visits; told without looking for them."""
    rows = await raw(
        "SELECT COUNT(*) AS n FROM visit_round WHERE state = {} AND claims = {} AND ends > {}",
        RoundState.RUNNING,
        True,  # noqa: FBT003 - a value of the database
        at,
    )
    return bool(rows[0]["n"])


async def pools(member: Code | None, *, at: datetime) -> list[Pool]:
    """Return by district how many places of running rounds a member may take a visit of."""
    found: list[Pool] = []
    if member is None:
        return found
    for view in await rounds():
        if view.state is not RoundState.RUNNING:
            continue
        try:
            rules.may_claim(view, at)
        except Refusal:
            continue
        places = await _free(view, member)
        counts = Counter(place.district for place in places)
        found += [
            Pool(view.code, view.draft.title, view.draft.title_en, district, count)
            for district, count in sorted(counts.items())
        ]
    return found


async def _free(view: RoundView, member: Code) -> list[Place]:
    """Return the open places of a round that a member may visit."""
    places = await open_places(view)
    if not places:
        return []
    (seat,) = await members.several([member])
    bounds = (await rulebooks.version(view.rulebook_code)).rulebook.rounds
    together = await members.housemates(member)
    visitor = link(member, view.code)
    before = await past(together, view, bounds.rotation_days, bounds.rest_rounds)
    (own,) = rules.visitors(
        {visitor: seat}, await members.exclusions(), before, places, view.draft.max_tasks
    )
    own = msgspec.structs.replace(own, load=(await loads(view.id)).get(visitor, 0))
    met = await units_met(view.id, [link(each, view.code) for each in together])
    return [place for place in places if rules.allowed(own, place, met)]


async def units_met(round_id: int, visitors: list[str]) -> frozenset[str]:
    """Return the codes of the units that some of these visitors were asked to visit."""
    marks = ", ".join("{}" for _ in visitors)
    rows = await raw(
        "SELECT DISTINCT u.code FROM visit_task t JOIN unit u ON u.id = t.unit "
        f"WHERE t.round = {{}} AND t.visitor IN ({marks})",
        round_id,
        *visitors,
    )
    return frozenset(row["code"] for row in rows)


async def seed(round_id: int) -> str:
    """Return the seed of a drawn round."""
    found = msgspec.json.decode(await record(round_id))
    return str(found["seed"])


async def pairs(round_id: int) -> list[tuple[int, ...]]:
    """Return the tasks of each blind double visit, by their inner ids, to measure agreement."""
    found: dict[int, list[int]] = {}
    for row in await raw(
        "SELECT id, pair FROM visit_task WHERE round = {} AND pair > 0 ORDER BY pair, id", round_id
    ):
        found.setdefault(row["pair"], []).append(row["id"])
    return [tuple(each) for each in found.values()]


async def pair_of(task_id: int) -> int:
    """Return the number of the blind double visit that a task belongs to, 0 for none."""
    rows = await raw("SELECT pair FROM visit_task WHERE id = {}", task_id)
    return int(rows[0]["pair"]) if rows else 0


async def readings(round_id: int) -> dict[int, tuple[str, ...]]:
    """Return the announced numbers as each person read them."""
    rows = await raw("SELECT person, numbers FROM round_number WHERE round = {}", round_id)
    return {
        row["person"]: msgspec.json.decode(row["numbers"], type=tuple[str, ...]) for row in rows
    }


def drawable_from(view: RoundView) -> datetime | None:
    """Return from when a draw by the chain's code needs no witnesses."""
    return rules.drawable_from(view)


def numbers_known(view: RoundView) -> bool:
    """Tell whether two persons have read the same announced numbers."""
    return rules.known(view)


def unclear(scores: Sequence[Score]) -> list[Score]:
    """Return the units of the lowest band, and those whose side of a line is unclear."""
    return rules.unclear(scores)


async def spread(round_id: int) -> Spread | None:
    """Return how the visits of a second stage were shared out."""
    rows = await raw("SELECT spread FROM visit_round WHERE id = {}", round_id)
    text = rows[0]["spread"] if rows else ""
    return msgspec.json.decode(text, type=Spread) if text else None


async def children(code: Code) -> list[RoundView]:
    """Return the rounds that continue another one."""
    return [view for view in await rounds() if view.draft.parent == code]
