"""The start page, the wishes of a reader, and the health of the service."""

from __future__ import annotations

import datetime as dt
from typing import Any

from litestar import Response, get

from panel.audit import queries as audit
from panel.queue import queries as queue
from panel.queue.types import JobState
from web.pages import KEYS_COOKIE, LANG_COOKIE, LARGE_COOKIE, Request, local, page, redirect

_YEAR = 365 * 24 * 3600
_PATIENCE = dt.timedelta(minutes=10)


@get("/")
async def start(request: Request) -> Response[Any]:
    """Lead to the start page in Chinese."""
    return redirect(request, "/zh/")


@get(["/zh/", "/en/"])
async def index(request: Request) -> Response[Any]:
    """Show what the panel is and where to go."""
    return page(request, "public/home/index.html")


@get("/prefer")
async def prefer(request: Request) -> Response[Any]:
    """Keep the wish for a language or the large mode and lead back."""
    answer = redirect(request, local(request.query_params.get("next", "/")) or "/")
    for cookie, name, allowed in (
        (LANG_COOKIE, "lang", {"zh", "en"}),
        (LARGE_COOKIE, "large", {"0", "1"}),
        (KEYS_COOKIE, "keys", {"0", "1"}),
    ):
        wish = request.query_params.get(name)
        if wish in allowed:
            answer.set_cookie(
                cookie, wish, max_age=_YEAR, samesite="lax", secure=request.config.secure,
                httponly=True,
            )  # fmt: skip
    return answer


@get("/healthz")
async def healthz(request: Request) -> Response[Any]:
    """Tell a monitor whether database, sealer and worker keep up.

    No number that moves with each command: whoever watches it beside a window would see a visitor
    send a sheet.
    """
    sealer = await audit.seal_waits(since=request.at - _PATIENCE)
    worker = await queue.job_waits(since=request.at - _PATIENCE)
    return Response(
        {
            "status": "behind" if sealer or worker else "ok",
            "sealer": "behind" if sealer else "ok",
            "worker": "behind" if worker else "ok",
            "dead_jobs": (await queue.counts())[JobState.DEAD],
        },
        headers={"Cache-Control": "no-store"},
    )


handlers = [start, index, prefer, healthz]
