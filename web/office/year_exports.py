"""Final marks taken out: CSV, workbook, JSON to compute again, a page to print and sign."""

from __future__ import annotations

from typing import Any, Final

import msgspec
from litestar import Response, get, post
from litestar.params import FromPath

from panel.assessments import commands, queries
from panel.assessments.types import Component, LineView, YearView
from panel.errors import Missing
from panel.rulebook.types import Rulebook
from web import documents, exports, forms, marks, standings
from web.office.assessments import READERS, WORKERS, book_of, wanted
from web.pages import Request, download, page
from web.spreadsheets import XLSX, Layout, written

_CSV: Final = "text/csv; charset=utf-8"


@get("/assessments.csv", roles=READERS)
async def table(request: Request) -> Response[Any]:
    """Give the lines of a year as they stand, as a table to work with."""
    years = await queries.years()
    year = wanted(request, years) if years else 0
    book = await book_of(await queries.begun(year))
    group = request.query_params.get("group", "")
    lines = [each for each in await queries.lines(year) if group in {"", each.group}]
    data = exports.csv_file(_header(request), _rows(request, lines, book))
    return download(data, f"assessments-{year}.csv", _CSV)


def _header(request: Request) -> list[str]:
    """Return the titles of the columns."""
    return [
        request.text("Peer group"),
        request.text("Rank"),
        request.text("Public code"),
        request.text("Unit"),
        request.text("Annual mark"),
        request.text("Weight present (%)"),
        *(request.text(f"component.{each.value}") for each in Component),
        request.text("Deductions"),
        request.text("Missing parts"),
        request.text("Excellence"),
        request.text("Version"),
    ]


def _rows(request: Request, lines: list[LineView], book: Rulebook) -> list[list[exports.Cell]]:
    found: list[list[exports.Cell]] = []
    for line in lines:
        values = {part.component: part.value for part in line.mark.parts}
        found.append(
            [
                standings.group_name(book, line.group, request.lang),
                line.place,
                line.unit_code,
                standings.called(line.unit_name, line.unit_name_en, request.lang),
                standings.plain(line.mark.total),
                line.mark.present_percent,
                *(standings.plain(values.get(each)) for each in Component),
                standings.plain(line.mark.deducted),
                "、".join(request.text(f"component.{each.value}") for each in line.mark.missing),
                request.text(f"eligibility.{line.eligibility.value}"),
                line.version,
            ]
        )
    return found


@post("/assessments/{year:int}/export", roles=WORKERS, status_code=200)
async def export(request: Request, year: FromPath[int]) -> Response[Any]:
    """Take final marks out as a file, with its trace in the history."""
    form = (await forms.fields(request)).text("form")
    if form not in {"csv", "xlsx", "json"}:
        raise Missing("assessment.missing")
    view = await commands.export(request.actor, year, form, at=request.at)
    book = await book_of(view)
    lines = await queries.lines(year)
    mark = exports.watermark(request)
    title = f"{request.text('Annual assessment')} {year}"
    if form == "json":
        return download(await _json(view, lines, book), f"{title}.json", "application/json")
    header, rows = _header(request), _rows(request, lines, book)
    if form == "csv":
        return download(exports.csv_file(header, [*rows, [mark]]), f"{title}.csv", _CSV)
    layout = Layout(
        title=title,
        watermark=mark,
        foot=(
            request.text("Made by: {name}", name=request.actor.name),
            request.text("Checked by:"),
            request.text("Date:"),
        ),
        widths={header[3]: 32},
    )
    cells = [["" if cell is None else str(cell) for cell in row] for row in rows]
    return download(written(header, cells, layout), f"{title}.xlsx", XLSX)


async def _json(view: YearView, lines: list[LineView], book: Rulebook) -> bytes:
    """Return everything that is needed to compute the marks again."""
    (version, *_) = await queries.versions(view.year)
    whole = {
        "year": view.year,
        "version": view.version,
        "formula": book.assessment,
        "collective": book.collective,
        "points": book.findings.points,
        "rulebook": view.rulebook_hash,
        "fixed_late": view.late,
        "decision": view.decision,
        "document": view.final_document,
        "digest": version.digest,
        "lines": [
            {
                "unit": line.unit_code,
                "name": line.unit_name,
                "group": line.group,
                "inputs": line.inputs,
                "mark": line.mark,
                "eligibility": line.eligibility,
                "version": line.version,
            }
            for line in lines
        ],
    }
    return msgspec.json.format(msgspec.json.encode(whole, order="deterministic"), indent=1)


@get("/assessments/{year:int}/print", roles=READERS)
async def sheet(request: Request, year: FromPath[int]) -> Response[Any]:
    """Show a year's marks as a page to print and sign."""
    view = await queries.year(year)
    book = await book_of(view)
    answer = page(
        request,
        "office/assessments/print.html",
        view=view,
        year=year,
        edition=book.edition,
        lines=[marks.explained(request, line, book) for line in await queries.lines(year)],
        components=[(each.component.value, marks.share(each.planned)) for each in _planned(book)],
        versions=await queries.versions(year),
        mark=exports.watermark(request),
    )
    return await documents.offered(request, answer, request.text("Annual assessment"))


def _planned(book: Rulebook) -> tuple[Any, ...]:
    return queries.empty_mark(book).parts


handlers: list[Any] = [table, export, sheet]
