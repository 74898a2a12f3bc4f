"""Leads at the office's desk: what members saw outside their tasks, each answered in time."""

from __future__ import annotations

from typing import Any, Final

from litestar import Response, get, post
from litestar.params import FromPath

from panel.actor import Role
from panel.errors import Invalid
from panel.evaluations import commands, queries
from panel.ids import Code, read_code
from web import errors, forms
from web.office.due import Todo
from web.pages import Request, page, redirect

READERS: Final = (Role.COORDINATOR, Role.AUDITOR)
_PAGE: Final = 50


async def todo(request: Request) -> list[Todo]:
    """Return what waits of the leads."""
    waiting, late = await queries.leads_waiting(at=request.at)
    if not waiting:
        return []
    detail = request.text("{n} overdue", n=late) if late else ""
    return [Todo("/office/leads", request.text("Answer leads"), detail, waiting)]


@get("/leads", roles=READERS)
async def index(request: Request) -> Response[str]:
    """List the leads that wait, the most urgent first; ``?show=done`` the answered ones."""
    waiting = request.query_params.get("show") != "done"
    before = request.number("before") or None
    found = await queries.leads(waiting=waiting, before=before, limit=_PAGE)
    more = not waiting and len(found) == _PAGE
    return page(
        request,
        "office/leads/index.html",
        leads=found,
        waiting=waiting,
        following=f"/office/leads?show=done&before={found[-1].id}" if more else None,
    )


@get("/leads/{code:str}", roles=READERS)
async def show(request: Request, code: FromPath[str]) -> Response[str]:
    """Show one lead; who told it is not known here."""
    return await _show(request, read_code(code))


async def _show(
    request: Request, code: Code, refusal: Invalid | None = None, answer: str = ""
) -> Response[str]:
    found = await queries.lead(code)
    return page(
        request,
        "office/leads/show.html",
        status=422 if refusal else 200,
        faults=errors.texts(request, refusal) if refusal else [],
        lead=found,
        late=found.answered_at is None and request.at > found.due_at,
        answer=answer,
        may=request.actor.may(Role.COORDINATOR),
    )


@get("/leads/{code:str}/picture", roles=READERS)
async def picture(request: Request, code: FromPath[str]) -> Response[bytes]:
    """Give the picture of a lead."""
    del request
    found = await queries.lead_picture(read_code(code))
    return Response(found.data, media_type=found.media, headers={"Cache-Control": "no-store"})


@post("/leads/{code:str}/take", roles=(Role.COORDINATOR,))
async def take(request: Request, code: FromPath[str]) -> Response[str]:
    """Begin to look into a lead."""
    await commands.take_lead(request.actor, read_code(code), at=request.at)
    return redirect(request, f"/office/leads/{code}?said=lead_taken")


@post("/leads/{code:str}/answer", roles=(Role.COORDINATOR,))
async def answer(request: Request, code: FromPath[str]) -> Response[str]:
    """Answer the member, or say where the matter belongs."""
    form = await forms.fields(request)
    found = read_code(code)
    try:
        await commands.answer_lead(
            request.actor, found, form.text("answer"),
            declined=form.text("do") == "decline", at=request.at,
        )  # fmt: skip
    except Invalid as refusal:
        return await _show(request, found, refusal, form.text("answer"))
    return redirect(request, "/office/leads?said=lead_answered")


handlers: list[Any] = [index, show, picture, take, answer]
