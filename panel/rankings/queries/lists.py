"""Reads of the lists: whole for the office and the public, its own line for a unit."""

from __future__ import annotations

from typing import Any

import msgspec

from panel.db import raw
from panel.errors import Missing
from panel.ids import Code
from panel.rankings.queries.appeals import appeals_of
from panel.rankings.queries.deliveries import delivery
from panel.rankings.queries.procedure import answers, ranking, rankings
from panel.rankings.types import (
    AppealKind,
    DeliveryView,
    Kind,
    ListView,
    Method,
    OwnRanking,
    RankingState,
    RankingView,
    Row,
)

_SETTLED = frozenset(
    {
        RankingState.NOTICE,
        RankingState.FINAL,
        RankingState.PUBLISHED,
    }
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
    """Return a unit's own line once it was told; ``Missing`` before, and where it has none.

    While a later edition is on its way, the unit reads the one that it was told of. No other
    unit's line is in it.
    """
    found = await ranking(round)
    told = await _told(found.id, unit)
    if told is None:
        raise Missing("ranking.missing")
    edition = found.edition if found.state in _SETTLED else told.edition
    every = await lists(found.id, edition)
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
    filed = await appeals_of(AppealKind.RANKING, round)
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
        delivery=told,
        appeal=next(
            (
                each
                for each in reversed(filed)
                if each.unit_code == unit and each.edition == told.edition
            ),
            None,
        ),
    )


async def _told(ranking_id: int, unit: Code) -> DeliveryView | None:
    try:
        return await delivery(ranking_id, unit)
    except Missing:
        return None


async def own_rounds(unit: Code) -> list[RankingView]:
    """Return the rankings of which a unit was told, the newest first."""
    rows = await raw(
        "SELECT DISTINCT d.ranking FROM ranking_delivery d JOIN unit u ON u.id = d.unit "
        "WHERE u.code = {}",
        unit,
    )
    told = {row["ranking"] for row in rows}
    return [one for one in await rankings() if one.id in told]
