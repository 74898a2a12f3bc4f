"""A unit's ledger: everything for the office, for the unit what it was told itself."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, time
from typing import Final

from panel.actor import Actor
from panel.assessments import queries as assessments
from panel.assessments.types import LineView, OrderView
from panel.db import raw
from panel.evaluations import queries as evaluations
from panel.evaluations.queries import findings
from panel.evaluations.types.exposures import ExposureState
from panel.ids import Code
from panel.rankings import queries as rankings
from panel.rankings.queries import appeals
from panel.rankings.types import AppealView, Kind, RankingState, RankingView, Row
from panel.reports.types import LedgerKind, LedgerLine
from panel.workdays import SHANGHAI

_MOST: Final = 500
"""Findings of one unit that its ledger holds."""
_UNTOLD: Final = frozenset({RankingState.DRAFT, RankingState.CHECKED})


async def ledger(actor: Actor, unit: Code, *, at: datetime) -> list[LedgerLine]:
    """Return what happened to a unit as far as the reader in the office may know it, newest first.

    Visits are counted by round, once it is over.
    """
    seen = await findings.findings(actor, at=at, unit=unit, limit=_MOST)
    found = [
        *await _visits(unit),
        *(
            LedgerLine(
                LedgerKind.FINDING,
                each.noted_at,
                each.code,
                state=f"finding.state.{each.state}",
                title=each.window_name,
                title_en=each.window_name_en,
                number=each.severity or None,
            )
            for each in seen
        ),
        *await _rankings(unit),
        *_appeals(await appeals.appeals_of_unit(unit)),
        *_orders(await assessments.unit_orders(unit)),
        *await _exposures(unit),
        *_marks(await assessments.unit_lines(unit)),
    ]
    return _ordered(found)


async def own_ledger(unit: Code, *, at: datetime) -> list[LedgerLine]:
    """Return what a unit was told of itself, the newest first; nothing that it was not told."""
    told = await findings.unit_findings(unit, at=at)
    found = [
        *(
            LedgerLine(
                LedgerKind.RESULTS,
                datetime.combine(each.since, time(), SHANGHAI),
                "",
                number=each.visits,
                score=each.score,
            )
            for each in await evaluations.unit_results(unit, at=at)
        ),
        *(
            LedgerLine(
                LedgerKind.FINDING,
                each.visible_at,
                each.code,
                state=f"finding.state.{each.state}",
                title=each.window_name,
                title_en=each.window_name_en,
                number=each.severity or None,
            )
            for each in told
        ),
        *await _own_rankings(unit),
        *_appeals(await appeals.appeals_of_unit(unit)),
        *_orders(await assessments.unit_orders(unit)),
        *await _exposures(unit),
        *_marks(await assessments.unit_lines(unit)),
    ]
    return _ordered(found)


def _ordered(lines: Iterable[LedgerLine]) -> list[LedgerLine]:
    return sorted(lines, key=lambda each: (each.at, each.kind, each.ref), reverse=True)


async def _visits(unit: Code) -> list[LedgerLine]:
    """Return how many visits of each closed round count for a unit."""
    rows = await raw(
        "SELECT r.code, r.title, r.title_en, r.closed_at, sum(c.n) AS n FROM counted_cell c "
        "JOIN visit_round r ON r.id = c.round JOIN unit u ON u.id = c.unit "
        "WHERE u.code = {} AND r.closed_at IS NOT NULL "
        "GROUP BY r.code, r.title, r.title_en, r.closed_at",
        unit,
    )
    return [
        LedgerLine(
            LedgerKind.VISITS,
            row["closed_at"],
            row["code"],
            title=row["title"],
            title_en=row["title_en"],
            number=int(row["n"]),
        )
        for row in rows
    ]


async def _rankings(unit: Code) -> list[LedgerLine]:
    """Return a unit's place in every ranking of which the units were told."""
    found = []
    for view in await rankings.rankings():
        if view.state in _UNTOLD or view.notified_at is None:
            continue
        for each in await rankings.lists(view.id):
            if each.kind is Kind.UNIT:
                mine = [row for row in each.rows if row.code == unit]
                found += [_line(view, view.notified_at, row, each.ranked) for row in mine]
    return found


async def _own_rankings(unit: Code) -> list[LedgerLine]:
    found = []
    for view in await rankings.own_rounds(unit):
        told = await rankings.own(unit, view.round_code)
        posted = told.delivery.posted_at if told.delivery else view.notified_at
        if posted is not None:
            found.append(_line(view, posted, told.row, told.list.ranked))
    return found


def _line(view: RankingView, at: datetime, row: Row, ranked: int) -> LedgerLine:
    return LedgerLine(
        LedgerKind.RANKING,
        at,
        view.round_code,
        state=f"ranking.state.{view.state}",
        title=view.title,
        title_en=view.title_en,
        number=row.visits,
        score=row.score,
        place=row.place,
        ranked=ranked,
    )


def _appeals(views: Iterable[AppealView]) -> list[LedgerLine]:
    return [
        LedgerLine(LedgerKind.APPEAL, view.filed_at, view.code, state=f"appeal.state.{view.state}")
        for view in views
    ]


def _orders(views: Iterable[OrderView]) -> list[LedgerLine]:
    """Return orders with their state as the unit sees it: a re-visit to come is nobody's news."""
    return [
        LedgerLine(
            LedgerKind.ORDER,
            view.opened_at,
            view.code,
            state=f"order.state.{view.told_state}",
            number=view.recurrences or None,
        )
        for view in views
    ]


def _marks(views: Iterable[LineView]) -> list[LedgerLine]:
    """Return the marks that were shown to the unit."""
    return [
        LedgerLine(
            LedgerKind.MARK, view.explained_at, view.code, number=view.year, score=view.mark.total
        )
        for view in views
        if view.explained_at is not None
    ]


async def _exposures(unit: Code) -> list[LedgerLine]:
    """Return what was made public of a unit, with what was withdrawn."""
    rows = await raw(
        "SELECT e.code, e.title, e.state, e.exposed_at FROM exposure e "
        "JOIN finding f ON f.id = e.finding JOIN unit u ON u.id = f.unit "
        "WHERE u.code = {} AND e.state IN ({}, {})",
        unit,
        ExposureState.EXPOSED,
        ExposureState.WITHDRAWN,
    )
    return [
        LedgerLine(
            LedgerKind.EXPOSURE,
            row["exposed_at"],
            row["code"],
            state=f"exposure.state.{row['state']}",
            title=row["title"] if row["state"] == ExposureState.EXPOSED else "",
        )
        for row in rows
    ]
