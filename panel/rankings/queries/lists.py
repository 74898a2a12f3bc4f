"""Reads of the lists: whole for the office and the public, its own line for a unit."""

from __future__ import annotations

from typing import Any

import msgspec

from panel.db import raw
from panel.errors import Missing
from panel.ids import Code
from panel.rankings.queries.procedure import answers, ranking, rankings
from panel.rankings.types import (
    Kind,
    ListView,
    Method,
    OwnRanking,
    RankingState,
    RankingView,
    Row,
)


class _Result(msgspec.Struct, frozen=True):
    """The stored text of a list."""

    ranked: int
    list_size: int
    rows: tuple[Row, ...]
    expected_top: int | None = None
    expected_bottom: int | None = None


def _view(row: dict[str, Any]) -> ListView:
    result = msgspec.json.decode(row["result"], type=_Result)
    return ListView(
        code=Code(row["code"]),
        kind=Kind(row["kind"]),
        scope=row["scope"],
        method=Method(row["method"]),
        rulebook_hash=row["rulebook_hash"],
        input_hash=row["input_hash"],
        code_version=row["code_version"],
        ranked=result.ranked,
        list_size=result.list_size,
        rows=result.rows,
        edition=row["edition"],
        expected_top=result.expected_top,
        expected_bottom=result.expected_bottom,
    )


async def lists(ranking_id: int, edition: int | None = None) -> list[ListView]:
    """Return the lists of an edition, units before windows; of the one that counts by default."""
    rows = await raw(
        "SELECT s.code, s.kind, s.scope, s.method, s.rulebook_hash, s.input_hash, s.code_version, "
        "s.result, s.edition FROM ranking_snapshot s JOIN ranking r ON r.id = s.ranking "
        "WHERE r.id = {} AND s.edition = COALESCE({}, r.edition) ORDER BY s.id",
        ranking_id,
        edition,
    )
    return [_view(row) for row in rows]


async def own(unit: Code, round: Code) -> OwnRanking:  # noqa: A002 - the round is what it is
    """Return a unit's own line once the units were told; ``Missing`` before, and where it has none.

    No other unit's line is in it.
    """
    found = await ranking(round)
    if found.state is RankingState.DRAFT:
        raise Missing("ranking.missing")
    every = await lists(found.id)
    mine = next(
        (
            (one, row)
            for one in every
            if one.kind is Kind.UNIT
            for row in one.rows
            if row.code == unit
        ),
        None,
    )
    if mine is None:
        raise Missing("ranking.missing")
    whole, row = mine
    said = [each for each in await answers(round) if each.unit_code == unit]
    return OwnRanking(
        ranking=found,
        list=msgspec.structs.replace(whole, rows=(row,)),
        row=row,
        windows=tuple(
            window
            for one in every
            if one.kind is Kind.WINDOW
            for window in one.rows
            if window.unit_code == unit and window.shown
        ),
        answer=said[0] if said else None,
    )


async def own_rounds(unit: Code) -> list[RankingView]:
    """Return the rankings in which a unit has a line that it may see, the newest first."""
    found = []
    for one in await rankings():
        if one.state is RankingState.DRAFT:
            continue
        every = await lists(one.id)
        if any(row.code == unit for each in every if each.kind is Kind.UNIT for row in each.rows):
            found.append(one)
    return found
