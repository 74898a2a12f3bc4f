"""Lists to take out: sheets and places as CSV and XLSX, the allowance list for signature."""

from __future__ import annotations

import functools
from collections.abc import AsyncIterator, Callable, Sequence
from typing import Any, Final
from urllib.parse import quote

from litestar import Response, get, post
from litestar.params import FromPath
from litestar.response import Stream

from panel.actor import Role
from panel.errors import Fault, Invalid
from panel.ids import read_code
from panel.reports import commands, queries
from panel.reports.types import SheetFilter, SheetLine
from panel.rulebook import queries as rulebooks
from panel.vault import commands as vault
from panel.visits import queries as visits
from panel.visits.types import RoundView
from web import documents, errors, exports, forms, spreadsheets
from web.i18n import score
from web.pages import Request, download, page

READERS: Final = (Role.COORDINATOR, Role.AUDITOR)
MOST_IN_WORKBOOK: Final = 20_000
"""Rows of one workbook; more come as CSV, which needs no memory."""
SHEET_COLUMNS: Final = (
    "sheet", "round", "unit", "unit name", "window", "window name", "peer group", "form", "mode",
    "errand", "visited", "source", "state", "score", "answered weight", "late", "flags",
)  # fmt: skip
_PLACE_COLUMNS: Final = (
    "unit", "unit name", "window", "window name", "peer group", "district", "planned", "made",
    "counted",
)  # fmt: skip


@get("/exports", roles=READERS)
async def index(request: Request) -> Response[str]:
    """Offer what can be taken out, with how many rows it has."""
    return await _index(request)


async def _index(request: Request, refusal: Invalid | None = None) -> Response[str]:
    chosen = _chosen(request)
    book = (await rulebooks.current()).rulebook
    return page(
        request,
        "office/exports/index.html",
        status=422 if refusal else 200,
        faults=errors.texts(request, refusal) if refusal else [],
        chosen=chosen,
        count=await queries.count_sheets(chosen),
        most=MOST_IN_WORKBOOK,
        rounds=[
            {"value": view.code, "label": _title(request, view)}
            for view in await visits.rounds()
            if view.drawn_at is not None
        ],
        groups=[
            {"value": group.key, "label": group.text.get(request.lang)}
            for group in book.peer_groups
        ],
        query=request.url.query,
    )


def _title(request: Request, view: RoundView) -> str:
    return view.draft.title_en if request.lang == "en" and view.draft.title_en else view.draft.title


def _chosen(request: Request) -> SheetFilter:
    """Read which sheets are wanted; an unknown round or group is an empty list."""
    given = request.query_params
    return SheetFilter(
        round=given.get("round", ""),
        group=given.get("group", ""),
        voided=given.get("voided", "") == "yes",
    )


async def _noted(request: Request, what: str, count: int, chosen: SheetFilter) -> str:
    """Leave the trace of an export and return the mark that it carries."""
    await commands.export(
        request.actor, what, count, at=request.at, round=chosen.round, group=chosen.group
    )
    return exports.watermark(request)


@get("/exports/sheets.csv", roles=READERS)
async def sheets_csv(request: Request) -> Stream:
    """Give sheets as CSV, sent while they are read."""
    chosen = _chosen(request)
    mark = await _noted(request, "sheets", await queries.count_sheets(chosen), chosen)
    items = await queries.items_of(chosen)
    return Stream(
        _csv(chosen, items, mark),
        media_type="text/csv; charset=utf-8",
        headers={**_named("sheets.csv"), "Cache-Control": "no-store"},
    )


def _named(name: str) -> dict[str, str]:
    return {"Content-Disposition": f"attachment; filename*=UTF-8''{quote(name)}"}


async def _csv(chosen: SheetFilter, items: Sequence[str], mark: str) -> AsyncIterator[bytes]:
    yield exports.csv_head([*SHEET_COLUMNS, *items])
    written = _written()
    async for rows in queries.sheet_rows(chosen, items):
        yield "".join([written(*row) for row in rows]).encode()
    yield exports.csv_lines([[mark]])


def _written() -> Callable[..., str]:
    """Return what writes a sheet as a line, exactly like ``sheet_row`` among ``csv_lines``.

    Of a hundred thousand sheets few cells are new: each text is made safe for spreadsheets once.
    """
    cell = exports.Cells()
    text = cell.__getitem__
    points = functools.cache(score)
    join = ",".join

    @functools.cache
    def place(names: tuple[str, ...]) -> str:
        return join([text(name) for name in names])

    def line(  # noqa: PLR0917 - a row is what it is
        code: str, where: tuple[str, ...], form: str, mode: str, errand: str, visited: str,
        source: str, state: str, hundredths: int, weight: int, late: int, flags: str,
        values: tuple[int | None, ...],
    ) -> str:  # fmt: skip
        head = (
            f"{code},{place(where)},{cell[form]},{cell[mode]},{cell[errand]},{cell[visited]},"
            f"{cell[source]},{cell[state]},{cell[points(hundredths)]},{weight},"
            f"{'late' if late else ''},{cell[flags]}"
        )
        return join([head, *map(text, values)]) + "\r\n"

    return line


def sheet_row(line: SheetLine, items: Sequence[str]) -> list[exports.Cell]:
    """Return a sheet as one row; what was not observed or not asked is empty."""
    return [
        line.code, line.round, line.unit, line.unit_name, line.window, line.window_name,
        line.group, line.form, line.mode, line.errand, line.visited, line.source, line.state,
        score(line.score), line.weight, "late" if line.late else "", line.flags,
        *[line.values.get(item) for item in items],
    ]  # fmt: skip


@get("/exports/sheets.xlsx", roles=READERS)
async def sheets_xlsx(request: Request) -> Response[Any]:
    """Give sheets as a workbook; refuses more rows than a workbook should hold."""
    chosen = _chosen(request)
    count = await queries.count_sheets(chosen)
    if count > MOST_IN_WORKBOOK:
        fault = Fault("round", "export.too_many", {"n": count, "most": MOST_IN_WORKBOOK})
        return await _index(request, Invalid("form.faults", fault))
    mark = await _noted(request, "sheets", count, chosen)
    items = await queries.items_of(chosen)
    title = request.text("Sheets")
    layout = spreadsheets.Layout(title=title, watermark=mark, foot=_foot(request))
    book = spreadsheets.Growing([*SHEET_COLUMNS, *items], layout)
    async for lines in queries.sheet_pages(chosen):
        await book.add([sheet_row(line, items) for line in lines])
    return download(await book.data(), f"{title}.xlsx", spreadsheets.XLSX)


def _foot(request: Request) -> tuple[str, ...]:
    return (
        request.text("Made by: {name}", name=request.actor.name),
        request.text("Checked by:"),
        request.text("Date:"),
    )


@get("/exports/places/{code:str}/{name:str}", roles=READERS)
async def places(request: Request, code: FromPath[str], name: FromPath[str]) -> Response[Any]:
    """Give the windows of a round with how often they were to be seen and were."""
    view = await visits.round(read_code(code))
    lines = await queries.place_lines(view.id)
    rows: list[list[exports.Cell]] = [
        [
            line.unit, line.unit_name, line.window, line.window_name, line.group, line.district,
            line.planned, line.made, line.counted,
        ]
        for line in lines
    ]  # fmt: skip
    mark = await _noted(request, "places", len(rows), SheetFilter(round=view.code))
    if name.endswith(".csv"):
        data = exports.csv_file(_PLACE_COLUMNS, [*rows, [mark]])
        return download(data, "places.csv", "text/csv; charset=utf-8")
    title = request.text("Places of a round")
    layout = spreadsheets.Layout(title=title, watermark=mark, foot=_foot(request))
    data = spreadsheets.written(_PLACE_COLUMNS, [[str(c) for c in row] for row in rows], layout)
    return download(data, f"{title}.xlsx", spreadsheets.XLSX)


@get("/rounds/{code:str}/allowance", roles=READERS)
async def allowance(request: Request, code: FromPath[str]) -> Response[str]:
    """Show how many members are owed how much for a round, and ask why the names are opened."""
    return await _allowance(request, await visits.round(read_code(code)))


async def _allowance(
    request: Request, view: RoundView, refusal: Invalid | None = None
) -> Response[str]:
    lines = await queries.allowance(view)
    together = await queries.paid_together(view)
    book = (await rulebooks.version(view.rulebook_code)).rulebook
    return page(
        request,
        "office/exports/allowance.html",
        status=422 if refusal else 200,
        faults=errors.texts(request, refusal) if refusal else [],
        view=view,
        title_of_round=_title(request, view),
        others=[_title(request, each) for each in together if each.id != view.id],
        members=len(lines),
        visits=sum(line.visits for line in lines),
        total=sum(line.hundredths for line in lines),
        bounds=book.rounds,
        may=request.actor.may(Role.COORDINATOR),
    )


@post("/rounds/{code:str}/allowance", roles=(Role.COORDINATOR,), status_code=200)
async def pay(request: Request, code: FromPath[str]) -> Response[Any]:
    """Give the list for signature: name, visits, amount, a line to sign; no unit and no day."""
    view = await visits.round(read_code(code))
    form = await forms.fields(request)
    lines = await queries.allowance(view)
    try:
        people = await vault.look_many(
            request.actor,
            [line.person for line in lines],
            ("name",),
            form.text("reason"),
            at=request.at,
        )
    except Invalid as refusal:
        return await _allowance(request, view, refusal)
    rows = [
        {"name": people[line.person].name, "visits": line.visits, "amount": score(line.hundredths)}
        for line in lines
        if line.person in people
    ]
    if form.text("as") == "xlsx":
        return _workbook(request, view, rows)
    total = sum(line.hundredths for line in lines if line.person in people)
    answer = page(
        request,
        "office/exports/signing.html",
        view=view,
        title_of_round=_title(request, view),
        rows=rows,
        total=total,
        basis=(await rulebooks.version(view.rulebook_code)).rulebook.rounds.allowance_basis,
        mark=exports.watermark(request),
    )
    return await documents.offered(
        request, answer, request.text("Allowance for travel and meals"), form=form.text("as")
    )


def _workbook(request: Request, view: RoundView, rows: list[dict[str, Any]]) -> Response[bytes]:
    title = request.text("Allowance for travel and meals")
    columns = [request.text(name) for name in ("Name", "Visits", "Amount (yuan)", "Signature")]
    layout = spreadsheets.Layout(
        title=f"{title} {_title(request, view)}",
        watermark=exports.watermark(request),
        foot=_foot(request),
        widths={columns[3]: 24},
    )
    cells = [[row["name"], str(row["visits"]), row["amount"], ""] for row in rows]
    return download(
        spreadsheets.written(columns, cells, layout), f"{title}.xlsx", spreadsheets.XLSX
    )


handlers: list[Any] = [index, sheets_csv, sheets_xlsx, places, allowance, pay]
