"""Archive packages at the office's desk: checklist with what is missing, hashes, the file."""

from __future__ import annotations

from typing import Any, Final

from litestar import Response, get, post
from litestar.params import FromPath

from panel.ids import read_code
from panel.reports.commands import archive as commands
from panel.reports.queries import archive as queries
from panel.visits import queries as visits
from panel.visits.types import RoundState
from web import documents
from web.archives import ZIP
from web.pages import Request, download, page, redirect

READERS: Final = commands.READERS
_EVERY: Final = "3"
"""Seconds after which the page of a package on its way asks again."""


@get("/archives", roles=READERS)
async def index(request: Request) -> Response[str]:
    """List the rounds that are over with their newest package."""
    newest: dict[str, Any] = {}
    for each in await queries.packages():
        newest.setdefault(each.round_code, each)
    return page(
        request,
        "office/archives/index.html",
        rounds=[
            (view, newest.get(view.code))
            for view in await visits.rounds()
            if view.state in {RoundState.CLOSED, RoundState.COMPUTED}
        ],
    )


@get("/rounds/{code:str}/archive", roles=READERS)
async def show(request: Request, code: FromPath[str]) -> Response[str]:
    """Show what of a round's archive is there and missing today, and its packages."""
    view = await visits.round(read_code(code))
    return page(
        request,
        "office/archives/show.html",
        view=view,
        checklist=await queries.checklist(view, at=request.at),
        packages=await queries.packages(round_code=view.code),
        over=view.state in {RoundState.CLOSED, RoundState.COMPUTED},
        may=request.actor.may(*commands.PACKERS),
    )


@post("/rounds/{code:str}/archive", roles=commands.PACKERS)
async def pack(request: Request, code: FromPath[str]) -> Response[str]:
    """Let the worker pack a round, and show how far it is."""
    made = await commands.pack(request.actor, read_code(code), at=request.at)
    return redirect(request, f"/office/archives/{made}")


@get("/archives/{code:str}", roles=READERS)
async def package(request: Request, code: FromPath[str]) -> Response[Any]:
    """Show one package: its catalogue for printing, its hashes; while it is packed, how far."""
    found = await queries.package(read_code(code))
    answer = page(
        request,
        "office/archives/package.html",
        headers={"Refresh": _EVERY} if found.running else {},
        package=found,
        sizes={each.path: each for each in found.files},
    )
    return await documents.offered(request, answer, request.text("Archive catalogue"))


@get("/archives/{code:str}/package.zip", roles=READERS)
async def file(request: Request, code: FromPath[str]) -> Response[bytes]:
    """Give a package, on the record."""
    found = await queries.package(read_code(code))
    data = await commands.take(request.actor, found.code, at=request.at)
    return download(data, f"archive-{found.round_code}-{found.code}.zip", ZIP)


handlers: list[Any] = [index, show, pack, package, file]
