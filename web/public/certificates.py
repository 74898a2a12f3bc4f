"""The check page of certificates: in force, expired or ended, and nothing more."""

from __future__ import annotations

from typing import Any

from litestar import Response, get
from litestar.params import FromPath

from panel.errors import Missing
from panel.ids import read_code
from panel.members import queries
from panel.members.types import CertificateState
from web.pages import Request, page, redirect
from web.public.notice import HIDDEN
from web.text.campaigns import both


def _page(
    request: Request, number: str, state: CertificateState | None, *, asked: bool
) -> Response[str]:
    return page(
        request,
        "public/certificates/show.html",
        status=404 if asked and state is None else 200,
        headers=HIDDEN,
        number_typed=number,
        state=state,
        asked=asked,
    )


@get(both("/certificate"))
async def ask(request: Request) -> Response[str]:
    """Ask for the number that stands on a certificate."""
    number = request.query_params.get("number", "").strip()
    if not number:
        return _page(request, "", None, asked=False)
    try:
        return redirect(request, f"/{request.lang}/certificate/{read_code(number)}")
    except Missing:
        return _page(request, number[:20], None, asked=True)


@get(both("/certificate/{number:str}"))
async def show(request: Request, number: FromPath[str]) -> Response[str]:
    """Tell whether somebody may act with this certificate today; never who."""
    try:
        code = read_code(number)
        state = await queries.certificate(code, at=request.at)
    except Missing:
        return _page(request, number[:20], None, asked=True)
    return _page(request, code, state, asked=True)


handlers: list[Any] = [ask, show]
