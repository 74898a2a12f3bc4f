"""The plan register for everybody: what a round is about, its basis and its draw, never dates."""

from __future__ import annotations

from typing import Any

import msgspec
from litestar import Response, get
from litestar.params import FromPath

from panel.errors import Missing
from panel.evaluations import queries as evaluations
from panel.evaluations.types import Agreement
from panel.ids import read_code
from panel.rulebook import queries as rulebooks
from panel.rulebook.types import Rulebook
from panel.visits import queries
from panel.visits.queries import draws
from panel.visits.types import RoundView
from web.pages import Request, download, shared_page
from web.text.campaigns import both


@get(both("/rounds"))
async def index(request: Request) -> Response[Any]:
    """List the approved rounds, the newest first."""
    return shared_page(
        request,
        "public/visits/index.html",
        rounds=[view for view in await queries.rounds() if view.public],
    )


@get(both("/rounds/{code:str}"))
async def show(request: Request, code: FromPath[str]) -> Response[Any]:
    """Show one round: theme, forms, basis, disclosure, what became of it, how it is drawn."""
    view = await _found(code)
    version = await rulebooks.version(view.rulebook_code)
    names = {group.key: group.text.get(request.lang) for group in version.rulebook.peer_groups}
    parent = await queries.round(read_code(view.draft.parent)) if view.draft.parent else None
    return shared_page(
        request,
        "public/visits/show.html",
        view=view,
        groups=[names[key] for key in view.draft.groups if key in names],
        version=version,
        parent=parent,
        voided=await evaluations.void_share(view.id) if view.closed_at else None,
        agreed=await _agreed(view, version.rulebook),
    )


@get(both("/rounds/{code:str}/draw"))
async def draw(request: Request, code: FromPath[str]) -> Response[Any]:
    """Explain the draw of a round step by step, with what anybody can check at each."""
    view = await _found(code)
    if not view.commitment:
        raise Missing("round.missing")
    fixed = msgspec.json.decode(view.commitment)
    told = msgspec.json.decode(await queries.public_record(view))
    return shared_page(
        request,
        "public/visits/draw.html",
        view=view,
        fixed=fixed,
        told=told,
        fingerprint=draws.commitment_hash(view),
        open_record="seed" in told,
    )


@get(both("/rounds/{code:str}/draw.json"))
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


@get(both("/draw/verify_draw.py"))
async def program(request: Request) -> Response[bytes]:
    """Give the checker: one file, nothing but Python's own library."""
    del request
    return download(draws.program(), "verify_draw.py", "text/x-python")


async def _agreed(view: RoundView, rulebook: Rulebook) -> Agreement | None:
    """Return what the blind double visits of a closed round say, if they are enough to hide one."""
    if not view.closed_at:
        return None
    return await evaluations.agreement(view.id, least=rulebook.publication.minimum_visitors)


async def _found(code: str) -> RoundView:
    """Return a public round."""
    view = await queries.round(read_code(code))
    if not view.public:
        raise Missing("round.missing")
    return view


handlers = [index, show, draw, record, program]
