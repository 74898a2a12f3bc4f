"""The year's marks and rectification orders in the office."""

from __future__ import annotations

from typing import Any

from litestar import Response, get

from panel.assessments import queries
from panel.assessments.types import Component, LineView
from panel.rulebook import queries as rulebooks
from panel.rulebook.types import Rulebook
from web import standings
from web.exports import csv_file
from web.pages import Request, download, page


@get("/assessments")
async def index(request: Request) -> Response[Any]:
    """Show the lines of a year, of one peer group or of all, and the orders."""
    years = await queries.years()
    if not years:
        return page(request, "office/assessments/empty.html")
    year, group = _wanted(request, years)
    book = (await rulebooks.current()).rulebook
    return page(
        request,
        "office/assessments/index.html",
        years=years,
        year=year,
        group=group,
        groups=[
            {"value": each.key, "label": each.text.get(request.lang)} for each in book.peer_groups
        ],
        weights=[(each.value, getattr(book.assessment.weights, each.value)) for each in Component],
        lines=_rows(await queries.lines(year, group or None), book, request),
        orders=[each for each in await queries.orders(year) if group in {"", each.group}],
    )


@get("/assessments.csv")
async def table(request: Request) -> Response[Any]:
    """Give the lines of a year as a table."""
    years = await queries.years()
    year, group = _wanted(request, years) if years else (0, "")
    book = (await rulebooks.current()).rulebook
    header = [
        request.text(text)
        for text in (
            "Peer group",
            "Rank",
            "Public code",
            "Unit",
            "Annual mark",
            "Weight present (%)",
        )
    ]
    header += [request.text(f"component.{each.value}") for each in Component]
    header += [request.text("Deductions"), request.text("Excellence")]
    rows = [
        [
            row["group"],
            row["line"].place,
            row["line"].unit_code,
            row["name"],
            standings.plain(row["line"].mark.total),
            row["line"].mark.present_percent,
            *(standings.plain(row["line"].components[each]) for each in Component),
            standings.plain(row["line"].deductions),
            request.text(f"eligibility.{row['line'].eligibility.value}"),
        ]
        for row in _rows(await queries.lines(year, group or None), book, request)
    ]
    return download(csv_file(header, rows), f"assessments-{year}.csv", "text/csv")


def _wanted(request: Request, years: list[int]) -> tuple[int, str]:
    """Return the year and peer group that the address asks for."""
    text = request.query_params.get("year", "")
    year = int(text) if text.isascii() and text.isdigit() else 0
    return (year if year in years else years[0]), request.query_params.get("group", "")


def _rows(lines: list[LineView], book: Rulebook, request: Request) -> list[dict[str, Any]]:
    """Add to each line what its unit and group are called."""
    return [
        {
            "line": line,
            "components": [(each.value, line.components[each]) for each in Component],
            "name": standings.called(line.unit_name, line.unit_name_en, request.lang),
            "group": standings.group_name(book, line.group, request.lang),
        }
        for line in lines
    ]


handlers = [index, table]
