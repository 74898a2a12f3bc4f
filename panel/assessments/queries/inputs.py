"""Gathering what the marks of a year are made of, each figure from where it is kept."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime

import msgspec

from panel.assessments.queries.marks import figures, lines
from panel.assessments.queries.order_views import orders_of_year
from panel.assessments.types import (
    CollectiveInput,
    ComplaintsInput,
    FindingInput,
    NewFigures,
    RectificationInput,
    SurveyInput,
    UnitInputs,
)
from panel.assessments.types.orders import OrderOutcome
from panel.db import raw
from panel.evaluations.queries import findings as verified
from panel.ids import Code, PersonId
from panel.roster import queries as roster
from panel.roster.types import UnitView
from panel.surveys import queries as surveys


async def units_of(year: int) -> list[UnitView]:
    """Return the units that a year judges: those in service, and those that it has a line of."""
    known = {line.unit_code for line in await lines(year)}
    return [unit for unit in await roster.units() if unit.active or unit.code in known]


async def gathered(year: int, *, at: datetime) -> dict[Code, UnitInputs]:
    """Return everything that the marks of a year are made of, for every unit.

    An order counts once it was verified or its time is over: nobody is late before.
    """
    visits = {line.unit_code: line.inputs.visits for line in await lines(year)}
    ballots = await surveys.collected(year)
    brought = {each.figures.unit: each.figures for each in await figures(year)}
    counts = await complaint_sums(year)
    orders: dict[Code, list[OrderOutcome]] = {}
    for order in await orders_of_year(year):
        if order.verified_at is None and at <= order.due:
            continue
        orders.setdefault(order.unit_code, []).append(order)
    found: dict[Code, list[FindingInput]] = {}
    for each in await verified.verified_findings(year):
        one = FindingInput(each.code, each.severity, each.veto)
        found.setdefault(each.unit_code, []).append(one)
    return {
        unit.code: UnitInputs(
            visits=visits.get(unit.code),
            collective=None
            if unit.code not in ballots
            else msgspec.convert(ballots[unit.code], CollectiveInput, from_attributes=True),
            complaints=_complaints(counts.get(unit.code), brought.get(unit.code)),
            rectification=_rectification(orders.get(unit.code, ())),
            survey=_survey(brought.get(unit.code)),
            findings=tuple(found.get(unit.code, ())),
        )
        for unit in await units_of(year)
    }


async def complaint_sums(year: int) -> dict[Code, ComplaintsInput]:
    """Return the complaint numbers of a year's months, added up by unit."""
    rows = await raw(
        "SELECT u.code, SUM(c.received) AS received, SUM(c.upheld) AS upheld, "
        "SUM(c.transactions) AS transactions, COUNT(*) AS months FROM complaint_count c "
        "JOIN unit u ON u.id = c.unit WHERE c.month >= {} AND c.month <= {} GROUP BY u.code",
        date(year, 1, 1),
        date(year, 12, 1),
    )
    return {
        Code(row["code"]): ComplaintsInput(
            received=int(row["received"]),
            upheld=int(row["upheld"]),
            transactions=int(row["transactions"]),
            months=int(row["months"]),
            closed=0,
            on_time=0,
            asked=0,
            satisfied=0,
            source="",
        )
        for row in rows
    }


def _complaints(
    counts: ComplaintsInput | None, brought: NewFigures | None
) -> ComplaintsInput | None:
    """Join the months' numbers with what the hotline says of their handling."""
    if counts is None or brought is None:
        return counts
    return msgspec.structs.replace(
        counts,
        closed=brought.closed or 0,
        on_time=brought.on_time or 0,
        asked=brought.asked or 0,
        satisfied=brought.satisfied or 0,
        source=brought.source,
    )


def _survey(brought: NewFigures | None) -> SurveyInput | None:
    if brought is None or brought.survey is None:
        return None
    return SurveyInput(
        score=brought.survey,
        issued=brought.survey_issued or 0,
        returned=brought.survey_returned or 0,
        valid=brought.survey_valid or 0,
        source=brought.source,
    )


def _rectification(orders: Iterable[OrderOutcome]) -> RectificationInput | None:
    known = tuple(orders)
    if not known:
        return None
    return RectificationInput(
        due=len(known),
        in_time=sum(each.in_time for each in known),
        late=sum(each.verified_at is not None and not each.in_time for each in known),
        recurrences=sum(each.recurrences for each in known),
        orders=tuple(each.code for each in known),
    )


async def enterers(year: int) -> tuple[frozenset[PersonId], frozenset[str]]:
    """Return who brought figures of a year: as persons, and by the names of the history."""
    brought = await raw("SELECT person, entered_by FROM assessment_figure WHERE year = {}", year)
    counted = await raw(
        "SELECT DISTINCT entered_by FROM complaint_count WHERE month >= {} AND month <= {}",
        date(year, 1, 1),
        date(year, 12, 1),
    )
    return (
        frozenset(PersonId(row["person"]) for row in brought if row["person"] is not None),
        frozenset(row["entered_by"] for row in (*brought, *counted)),
    )
