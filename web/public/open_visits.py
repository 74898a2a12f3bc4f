"""The notice of open visits for everybody, as it hangs in the units."""

from __future__ import annotations

from typing import Any

from litestar import Response, get
from litestar.params import FromPath

from panel.ids import read_code
from panel.visits import queries
from web import documents
from web.pages import Request, shared_page


@get(["/zh/open-visits/{code:str}", "/en/open-visits/{code:str}"])
async def show(request: Request, code: FromPath[str]) -> Response[Any]:
    """Show one notice; a withdrawn one says so."""
    found = await queries.open_notice(read_code(code))
    answer = shared_page(request, "public/open_visits/show.html", notice_of=found)
    title = request.text("Notice of open visits")
    return await documents.offered(request, answer, title, letterhead=True)


handlers: list[Any] = [show]
