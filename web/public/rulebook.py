"""The measures in force, for everybody: forms, weights, thresholds, deadlines, hash."""

from __future__ import annotations

from typing import Any

import msgspec
from litestar import Response, get
from litestar.params import FromPath

from panel.audit import queries as audit
from panel.errors import Missing
from panel.rulebook import queries
from panel.rulebook.types import RulebookState, RulebookVersion
from web.pages import Request, page, shared_page
from web.text import measures


@get(["/zh/measures", "/en/measures"])
async def index(request: Request) -> Response[Any]:
    """Show the version in force, or that there is none yet."""
    found = [v for v in await queries.versions() if v.public]
    if not found:
        return page(request, "public/rulebook/empty.html")
    newest = next((v for v in found if v.state is RulebookState.APPROVED), found[0])
    return _show(request, newest, found)


@get(["/zh/measures/{fingerprint:str}", "/en/measures/{fingerprint:str}"])
async def show(request: Request, fingerprint: FromPath[str]) -> Response[Any]:
    """Show one frozen version by its hash; with ``.json`` as text, without the quiz's answers."""
    wanted = fingerprint.removesuffix(".json")
    found = [v for v in await queries.versions() if v.public]
    one = next((v for v in found if v.hash == wanted), None)
    if one is None:
        raise Missing("rulebook.missing")
    if fingerprint.endswith(".json"):
        return Response(
            await queries.published(one.code),
            media_type="application/json",
            headers={"Cache-Control": "public, max-age=86400"},
        )
    return _show(request, one, found)


def _show(
    request: Request, version: RulebookVersion, versions: list[RulebookVersion]
) -> Response[Any]:
    """Render one version with the list of the others."""
    return shared_page(
        request,
        "public/rulebook/show.html",
        version=version,
        book=msgspec.to_builtins(version.rulebook),
        chapters=measures.chapters(request.lang, version.rulebook),
        versions=versions,
        anchor=audit.chain_anchor(),
    )


handlers = [index, show]
