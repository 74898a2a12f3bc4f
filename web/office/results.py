"""Batched results at the office's desk: made, comments screened, released by another person."""

from __future__ import annotations

from typing import Any, Final

from litestar import Response, get, post
from litestar.params import FromPath

from panel.actor import Role
from panel.errors import Conflict, Invalid
from panel.evaluations import commands, queries
from panel.evaluations.types.releases import CommentState
from panel.ids import Code, read_code
from panel.rulebook import queries as rulebooks
from web import errors, forms
from web.pages import Flash, Request, page, redirect
from web.text import results as words

READERS: Final = (Role.COORDINATOR, Role.REVIEWER, Role.PUBLISHER, Role.AUDITOR)


@get("/results", roles=READERS)
async def index(request: Request) -> Response[str]:
    """List the batches, and how results are told."""
    return await _index(request)


async def _index(request: Request, flash: Flash | None = None, status: int = 200) -> Response[str]:
    book = (await rulebooks.current()).rulebook
    return page(
        request,
        "office/results/index.html",
        status=status,
        flash=flash,
        releases=await queries.result_releases(),
        minimum=book.publication.minimum_visitors,
        days=book.covert.release_days,
        may=request.actor.may(Role.COORDINATOR),
    )


@post("/results", roles=(Role.COORDINATOR,), status_code=200)
async def make(request: Request) -> Response[str]:
    """Gather what may be told now."""
    try:
        view = await commands.make_results(request.actor, at=request.at)
    except Conflict as refusal:
        if refusal.code != "release.nothing":
            raise
        text = request.text(refusal.code, **refusal.values)
        return await _index(request, Flash("info", text), status=409)
    return redirect(request, f"/office/results/{view.code}")


@get("/results/{code:str}", roles=READERS)
async def show(request: Request, code: FromPath[str]) -> Response[str]:
    """Show a batch: its figures, and the next comment to decide."""
    return await _show(request, read_code(code))


async def _show(
    request: Request, code: Code, refusal: Invalid | None = None, typed: str = ""
) -> Response[str]:
    view = await queries.result_release(code)
    comments = await queries.result_comments(view)
    waiting = [each for each in comments if each.state is CommentState.WAITING]
    first = waiting[0] if waiting else None
    return page(
        request,
        "office/results/show.html",
        status=422 if refusal else 200,
        faults=errors.texts(request, refusal) if refusal else [],
        view=view,
        cells=[await words.cell(request, each) for each in await queries.result_cells(view)],
        comment=first,
        typed=typed or (first.suggestion if first and first.hits else ""),
        sure=refusal is not None,
        decided=[each for each in comments if each.state is CommentState.PASSED],
        withheld=sum(each.state is CommentState.WITHHELD for each in comments),
        may_screen=request.actor.may(Role.COORDINATOR, Role.REVIEWER),
        may_release=request.actor.may(Role.COORDINATOR, Role.PUBLISHER),
        own=request.actor.person == view.made_by,
        may=request.actor.may(Role.COORDINATOR),
    )


@post(
    "/results/{code:str}/comments/{comment:str}",
    roles=(Role.COORDINATOR, Role.REVIEWER),
    status_code=200,
)
async def screen(request: Request, code: FromPath[str], comment: FromPath[str]) -> Response[str]:
    """Let a comment pass in other words, or keep it in the office."""
    form = await forms.fields(request)
    wanted = read_code(comment)
    try:
        if form.text("decision") == "withhold":
            await commands.withhold_comment(request.actor, wanted, at=request.at)
        else:
            await commands.screen_comment(
                request.actor,
                wanted,
                form.text("text"),
                at=request.at,
                sure=form.ticked("sure"),
            )
    except Invalid as refusal:
        return await _show(request, read_code(code), refusal, form.text("text"))
    return redirect(request, f"/office/results/{code}#next")


@post("/results/{code:str}/release", roles=(Role.COORDINATOR, Role.PUBLISHER))
async def release(request: Request, code: FromPath[str]) -> Response[str]:
    """Tell a batch to its units from the next release day on."""
    await commands.release_results(request.actor, read_code(code), at=request.at)
    return redirect(request, f"/office/results/{code}?said=results_released")


@post("/results/{code:str}/drop", roles=(Role.COORDINATOR,))
async def drop(request: Request, code: FromPath[str]) -> Response[str]:
    """Give a batch up before it is told."""
    await commands.drop_results(request.actor, read_code(code), at=request.at)
    return redirect(request, "/office/results?said=results_dropped")


handlers: list[Any] = [index, make, show, screen, release, drop]
