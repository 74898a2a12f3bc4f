"""The printed codes at the office's desk: which hangs where, posters to print, files of them."""

from __future__ import annotations

import asyncio
from itertools import groupby
from operator import itemgetter
from typing import Any, Final
from urllib.parse import urlencode

from litestar import Response, get, post
from litestar.params import FromPath

from panel.actor import Role
from panel.errors import Fault, Invalid
from panel.ids import Code, read_code
from panel.roster import queries as roster
from panel.roster.commands import posters as commands
from panel.roster.queries import posters as queries
from panel.roster.types import KEPT, ON_A_PAGE, Filter, PosterSize, WindowState
from web import errors, posters, qr
from web.forms import Form, fields
from web.i18n import ZONE
from web.pages import Request, download, page, redirect

_PAGE: Final = 50
_FILES: Final = 6
"""Files of posters that are told below the list."""
_EVERY: Final = "3"
"""Seconds after which the page of a file on its way asks again."""


def _filter(search: str, unit: str, hall: str, state: str) -> Filter:
    """Return what was chosen; a pasted or scanned address counts as its code."""
    found = search.strip().rpartition("/w/")[2]
    return Filter(search=found, unit=unit, hall=hall, state=state)


def _sizes(request: Request) -> list[dict[str, str]]:
    return [{"value": k.value, "label": request.text(f"posters.size.{k}")} for k in PosterSize]


@get("/posters")
async def index(request: Request) -> Response[str]:
    """List the windows with their codes, and offer to print those that a filter shows."""
    given = request.query_params
    chosen = _filter(*(given.get(name, "").strip() for name in ("q", "unit", "hall", "state")))
    return await _index(request, chosen)


async def _index(
    request: Request, chosen: Filter, refusal: Invalid | None = None, reason: str = ""
) -> Response[str]:
    after = request.query_params.get("after", "")
    lines = await queries.lines(chosen, after=after, limit=_PAGE + 1)
    kept = {
        "q": chosen.search, "unit": chosen.unit, "hall": chosen.hall, "state": chosen.state,
    }  # fmt: skip
    query = urlencode({key: value for key, value in kept.items() if value})
    last = urlencode({"after": lines[_PAGE - 1].window.ref}) if len(lines) > _PAGE else ""
    return page(
        request,
        "office/posters/index.html",
        status=422 if refusal else 200,
        faults=errors.texts(request, refusal) if refusal else [],
        kept=kept,
        lines=lines[:_PAGE],
        total=await queries.count(chosen),
        printable=len(await queries.printable(chosen)),
        on_a_page=ON_A_PAGE,
        previous=f"/office/posters?{query}" if after else None,
        following=f"/office/posters?{query}&{last}" if last else None,
        units=await roster.units(),
        halls=await roster.halls(),
        states=[each.value for each in WindowState],
        sizes=_sizes(request),
        files=await queries.runs(limit=_FILES),
        reason=reason,
        may=request.actor.may(Role.COORDINATOR),
    )


@get("/posters/{code:str}")
async def show(request: Request, code: FromPath[str]) -> Response[str]:
    """Show a window's code with its printings and what may be done with it."""
    return await _show(request, read_code(code))


async def _show(
    request: Request, code: Code, refusal: Invalid | None = None, reason: str = ""
) -> Response[str]:
    window = await roster.window(code)
    poster = posters.poster(request.config.base_url, window)
    return page(
        request,
        "office/posters/show.html",
        status=422 if refusal else 200,
        faults=errors.texts(request, refusal) if refusal else [],
        window=window,
        poster=poster,
        symbol=qr.svg(poster.address, request.text("QR code of the window")),
        printings=await queries.printings(window),
        sizes=_sizes(request),
        reason=reason,
        may=request.actor.may(Role.COORDINATOR),
    )


async def _codes(form: Form) -> tuple[Filter, list[Code]]:
    """Return the windows that a form means: those it names, else those its filter shows."""
    chosen = _filter(*(form.text(name) for name in ("q", "unit", "hall", "state")))
    named = [read_code(code) for code in form.many("code")]
    return chosen, named or await queries.printable(chosen)


def _size(form: Form) -> PosterSize:
    found = form.text("size")
    if found not in set(PosterSize):
        raise Invalid("form.faults", Fault("size", "form.required"))
    return PosterSize(found)


@post("/posters/print", roles=(Role.COORDINATOR,), status_code=200)
async def print_page(request: Request) -> Response[str]:
    """Show posters ready to print, and keep that they were printed."""
    form = await fields(request)
    size = _size(form)
    _, codes = await _codes(form)
    windows = await commands.print_page(request.actor, size, codes, at=request.at)
    label = request.text("QR code of the window")
    wanted = [posters.poster(request.config.base_url, window) for window in windows]
    # Drawing takes milliseconds each: many must not hold up everybody else.
    drawn = await asyncio.to_thread(
        lambda: [
            {"poster": each, "symbol": qr.svg(each.address, label), "hall": each.window.hall_code}
            for each in wanted
        ]
    )
    halls = groupby(drawn, key=itemgetter("hall"))
    return page(
        request,
        "office/posters/print_page.html",
        size=size.value,
        posters=drawn,
        sheets=[list(each) for _, each in halls],
        back_url=f"/office/posters/{codes[0]}" if len(codes) == 1 else "/office/posters",
    )


@post("/posters/reprint", roles=(Role.COORDINATOR,))
async def reprint(request: Request) -> Response[str]:
    """Raise the printing number of posters with a reason; the addresses stay."""
    form = await fields(request)
    chosen, codes = await _codes(form)
    single = form.text("code")
    try:
        await commands.reprint(request.actor, codes, form.text("reason"), at=request.at)
    except Invalid as refusal:
        if single:
            return await _show(request, codes[0], refusal, form.text("reason"))
        return await _index(request, chosen, refusal, form.text("reason"))
    back = f"/{codes[0]}?" if single else f"?state={queries.DUE}&"
    return redirect(request, f"/office/posters{back}said=posters_renumbered")


@post("/posters/files", roles=(Role.COORDINATOR,))
async def start(request: Request) -> Response[str]:
    """Let the worker make one file of posters, and show how far it is."""
    form = await fields(request)
    size = _size(form)
    _, codes = await _codes(form)
    run = await commands.start(request.actor, size, codes, at=request.at)
    return redirect(request, f"/office/posters/files/{run}")


@get("/posters/files/{code:str}")
async def run(request: Request, code: FromPath[str]) -> Response[str]:
    """Show how far a file has come; while it is on its way the page asks again by itself."""
    found = await queries.run(read_code(code))
    return page(
        request,
        "office/posters/run.html",
        headers={"Refresh": _EVERY} if found.running else {},
        run=found,
        until=(found.finished_at or found.started_at) + KEPT,
        may=request.actor.may(Role.COORDINATOR),
    )


@post("/posters/files/{code:str}/cancel", roles=(Role.COORDINATOR,))
async def cancel(request: Request, code: FromPath[str]) -> Response[str]:
    """Stop a file on its way."""
    found = read_code(code)
    await commands.cancel(request.actor, found, at=request.at)
    return redirect(request, f"/office/posters/files/{found}")


@get("/posters/files/{code:str}/posters.pdf")
async def file(request: Request, code: FromPath[str]) -> Response[bytes]:
    """Give a file that is ready."""
    found = await queries.run(read_code(code))
    data = await queries.file(found.code)
    day = (found.finished_at or request.at).astimezone(ZONE).date().isoformat()
    name = f"{request.text('Posters')}-{found.size.upper()}-{found.total}-{day}.pdf"
    return download(data, name, posters.PDF)


handlers: list[Any] = [index, show, print_page, reprint, start, run, cancel, file]
