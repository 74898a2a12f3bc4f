"""The plan register for everybody: what a round is about, its basis and its draw, never dates."""

from __future__ import annotations

from typing import Any

from litestar import Response, get
from litestar.params import FromPath

from panel.errors import Missing
from panel.ids import read_code
from panel.rulebook import queries as rulebooks
from panel.visits import queries
from panel.visits.types import RoundState, RoundView
from web.pages import Request, shared_page


@get(["/zh/rounds", "/en/rounds"])
async def index(request: Request) -> Response[Any]:
    """List the approved rounds, the newest first."""
    return shared_page(
        request,
        "public/visits/index.html",
        rounds=[view for view in await queries.rounds() if _public(view)],
    )


@get(["/zh/rounds/{code:str}", "/en/rounds/{code:str}"])
async def show(request: Request, code: FromPath[str]) -> Response[Any]:
    """Show one round: theme, forms, months, basis, disclosure, and how its draw is checked."""
    view = await _found(code)
    version = await rulebooks.version(view.rulebook_code)
    names = {group.key: group.text.get(request.lang) for group in version.rulebook.peer_groups}
    return shared_page(
        request,
        "public/visits/show.html",
        view=view,
        groups=[names[key] for key in view.draft.groups],
        version=version,
    )


@get(["/zh/rounds/{code:str}/draw.json", "/en/rounds/{code:str}/draw.json"])
async def record(request: Request, code: FromPath[str]) -> Response[bytes]:
    """Give the public record of the draw; hashes only until the covert visits are over."""
    del request
    view = await _found(code)
    if not view.commitment:
        raise Missing("round.missing")
    return Response(
        await queries.public_record(view),
        media_type="application/json",
        headers={"Cache-Control": "public, max-age=60"},
    )


def _public(view: RoundView) -> bool:
    """Tell whether the public may know of a round: as soon as it is approved."""
    return view.state is not RoundState.DRAFT


async def _found(code: str) -> RoundView:
    """Return a public round."""
    view = await queries.round(read_code(code))
    if not _public(view):
        raise Missing("round.missing")
    return view


handlers = [index, show, record]
