"""The roster at the office's desk: import, units, windows."""

from __future__ import annotations

import csv
import io
from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath

from panel.actor import Role
from panel.errors import Invalid, Missing
from panel.ids import Code
from panel.roster import commands, queries
from panel.roster.types import HEADERS, TableKind
from panel.rulebook import queries as rulebook
from panel.rulebook.types import RulebookState
from panel.vault import queries as vault
from web import errors
from web.forms import Form, fields
from web.pages import Request, download, page, redirect

CSV = "text/csv; charset=utf-8"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


async def _groups(request: Request) -> dict[str, str]:
    """Return the peer groups' names in the reader's language, as far as the measures name them."""
    named = {
        group.key: group.text.get(request.lang)
        for version in reversed(await rulebook.versions())
        if version.state is RulebookState.APPROVED
        for group in version.rulebook.peer_groups
    }
    return {key: named.get(key, key) for key in await queries.peer_groups()}


def _may(request: Request) -> bool:
    """Tell whether to show what changes the roster."""
    return request.actor.may(Role.COORDINATOR)


@get("/roster")
async def index(request: Request) -> Response[str]:
    """List the units, of one peer group or matching a search, and then the windows too."""
    search = request.query_params.get("q", "").strip()
    group = request.query_params.get("group", "")
    return page(
        request,
        "office/roster/index.html",
        search=search,
        group=group,
        groups=await _groups(request),
        sizes={kind.value: size for kind, size in (await queries.sizes()).items()},
        units=await queries.units(group or None, search=search),
        windows=await queries.windows(search=search) if search else [],
        may=_may(request),
    )


@get("/roster/import")
async def new(request: Request) -> Response[str]:
    """Offer the import with a template for each table."""
    return await _new(request)


async def _new(
    request: Request, refusal: Invalid | None = None, kind: str = "", filename: str = ""
) -> Response[str]:
    """Render the import page, after a refusal with every fault by row and column."""
    sizes = {key.value: size for key, size in (await queries.sizes()).items()}
    empty = next((key for key, size in sizes.items() if not size), TableKind.UNITS.value)
    found = [
        {
            "row": fault.values.get("row", ""),
            "column": fault.values.get("column", ""),
            "text": errors.text_of(request.lang, fault),
        }
        for fault in (refusal.faults if refusal else ())
    ]
    summary = [
        {"path": "found" if found else "file", "text": errors.text_of(request.lang, each)}
        for each in (refusal,)
        if each
    ]
    return page(
        request,
        "office/roster/new.html",
        status=422 if refusal else 200,
        faults=summary,
        found=found,
        total=refusal.values.get("total", len(found)) if refusal else 0,
        kind=kind or empty,
        filename=filename,
        sizes=sizes,
        columns={key.value: HEADERS[key] for key in TableKind},
        may=_may(request),
    )


@post("/roster/import", roles=(Role.COORDINATOR,))
async def create(request: Request) -> Response[str]:
    """Take in a table whole, or name every fault."""
    form = await fields(request)
    kind, upload = form.text("kind"), form.upload("file")
    if kind not in set(TableKind):
        return await _new(request, Invalid("import.no_kind"))
    if upload is None:
        return await _new(request, Invalid("import.no_file"), kind)
    data, filename = upload
    try:
        report = await commands.import_file(
            request.actor, TableKind(kind), data, filename, at=request.at
        )
    except Invalid as refusal:
        return await _new(request, refusal, kind, filename)
    order = list(TableKind)
    place = order.index(report.kind) + 1
    return page(
        request,
        "office/roster/create.html",
        report=report,
        filename=filename,
        following=order[place].value if place < len(order) else "",
    )


@get("/roster/templates/{name:str}")
async def template(request: Request, name: FromPath[str]) -> Response[bytes]:
    """Give an empty table with the right header, as CSV (with mark, for Excel) or XLSX."""
    stem, _, ending = name.partition(".")
    if stem not in set(TableKind) or ending not in {"csv", "xlsx"}:
        raise Missing("http.404")
    header = HEADERS[TableKind(stem)]
    title = request.text(f"roster.table.{stem}")
    if ending == "csv":
        text = io.StringIO(newline="")
        csv.writer(text).writerow(header)
        return download(text.getvalue().encode("utf-8-sig"), f"{title}.csv", CSV)
    return download(_workbook(title, header), f"{title}.xlsx", XLSX)


def _workbook(title: str, header: tuple[str, ...]) -> bytes:
    """Make a sheet whose cells are texts, so that Excel keeps every digit."""
    import xlsxwriter

    file = io.BytesIO()
    with xlsxwriter.Workbook(file, {"in_memory": True}) as book:
        text = book.add_format({"num_format": "@"})
        bold = book.add_format({"bold": True, "num_format": "@", "bottom": 1})
        sheet = book.add_worksheet(title)
        sheet.set_column(0, len(header) - 1, 18, text)
        sheet.write_row(0, 0, header, bold)
        sheet.freeze_panes(1, 0)
    return file.getvalue()


@get("/units/{code:str}")
async def unit(request: Request, code: FromPath[str]) -> Response[str]:
    """Show one unit with who speaks for it and its windows."""
    found = await queries.unit(Code(code))
    liaisons = await queries.liaisons(found.code)
    names = await vault.names([liaison.person for liaison in liaisons])
    return page(
        request,
        "office/roster/unit.html",
        unit=found,
        group=(await _groups(request)).get(found.peer_group, found.peer_group),
        windows=await queries.windows(found.code),
        speakers=[
            {"name": names.get(liaison.person, ""), "deputy": liaison.deputy}
            for liaison in liaisons
        ],
    )


@get("/windows/{code:str}")
async def show(request: Request, code: FromPath[str]) -> Response[str]:
    """Show one window with its service items and what may be done with it."""
    return await _show(request, Code(code))


async def _show(
    request: Request, code: Code, refusal: Invalid | None = None, form: Form | None = None
) -> Response[str]:
    """Render a window's page, after a refusal with what was typed."""
    window = await queries.window(code)
    return page(
        request,
        "office/roster/show.html",
        status=422 if refusal else 200,
        faults=errors.texts(request, refusal) if refusal else [],
        window=window,
        items=await queries.items(code),
        reason=form.text("reason") if form else "",
        address=f"{request.config.base_url}/w/{window.code}",
        may=_may(request),
    )


@post("/windows/{code:str}/close", roles=(Role.COORDINATOR,))
async def close(request: Request, code: FromPath[str]) -> Response[str]:
    """Close a window for a time, with its reason."""
    form = await fields(request)
    try:
        await commands.close_window(request.actor, Code(code), form.text("reason"), at=request.at)
    except Invalid as refusal:
        return await _show(request, Code(code), refusal, form)
    return redirect(request, f"/office/windows/{code}?said=window_closed")


@post("/windows/{code:str}/reopen", roles=(Role.COORDINATOR,))
async def reopen(request: Request, code: FromPath[str]) -> Response[str]:
    """Open a window again."""
    await commands.reopen_window(request.actor, Code(code), at=request.at)
    return redirect(request, f"/office/windows/{code}?said=window_reopened")


@post("/windows/{code:str}/retire", roles=(Role.COORDINATOR,))
async def retire(request: Request, code: FromPath[str]) -> Response[str]:
    """Give a closed window up."""
    form = await fields(request)
    try:
        await commands.retire_window(request.actor, Code(code), form.text("reason"), at=request.at)
    except Invalid as refusal:
        return await _show(request, Code(code), refusal, form)
    return redirect(request, f"/office/windows/{code}?said=window_retired")


handlers: list[Any] = [
    index,
    new,
    create,
    template,
    unit,
    show,
    close,
    reopen,
    retire,
]
