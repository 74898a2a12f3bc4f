"""Pictures that go with a sheet, also without scripts: add one, look at it, take it back."""

from __future__ import annotations

from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath

from panel import entropy
from panel.errors import Invalid
from panel.evaluations import commands, queries
from panel.evaluations.types import TICKET
from panel.ids import read_code
from web import forms, images
from web.errors import texts
from web.pages import Request, page, redirect


async def _shown(
    request: Request, code: str, *, item: str, faults: list[dict[str, str]] | None = None
) -> Response[str]:
    """Render the pictures of a task with the form that adds one."""
    blank = await queries.blank(request.actor.member, read_code(code))
    names = {TICKET: request.text("Ticket or receipt")} | {
        each.id: f"{each.id} {each.text.get(request.lang)}" for each in blank.items if each.photo
    }
    return page(
        request,
        "member/evaluations/photos.html",
        status=422 if faults else 200,
        faults=faults or [],
        task=blank.task,
        places=[{"value": value, "label": label} for value, label in names.items()],
        item=item if item in names else TICKET,
        names=names,
        photos=await queries.photos(blank.task.id),
        key=entropy.key(),
        accept=images.ACCEPT,
    )


@get("/tasks/{code:str}/photos")
async def index(request: Request, code: FromPath[str]) -> Response[str]:
    """Show the pictures of a task."""
    return await _shown(request, code, item=request.query_params.get("item", TICKET))


@post("/tasks/{code:str}/photos")
async def add(request: Request, code: FromPath[str]) -> Response[str]:
    """Add one picture."""
    form = await forms.fields(request)
    item = form.text("item")
    try:
        clean = await images.clean(forms.chosen(form, "photo"), "photo")
        await commands.add_photo(
            request.actor, read_code(code), item, form.text("key"), clean.data, at=request.at
        )
    except Invalid as refusal:
        return await _shown(request, code, item=item, faults=texts(request, refusal))
    return redirect(request, f"/m/tasks/{code}/photos?said=photo_added")


@get("/photos/{code:str}")
async def show(request: Request, code: FromPath[str]) -> Response[bytes]:
    """Give one picture to the member whose visit it belongs to."""
    found = await queries.own_photo(request.actor.member, read_code(code))
    headers = {"Cache-Control": "no-store", "Content-Disposition": "inline"}
    return Response(found.data, media_type=images.JPEG, headers=headers)


@post("/photos/{code:str}/remove")
async def remove(request: Request, code: FromPath[str]) -> Response[str]:
    """Take a picture back before the sheet is sent."""
    task = await commands.remove_photo(request.actor, read_code(code), at=request.at)
    return redirect(request, f"/m/tasks/{task.code}/photos?said=photo_removed")


handlers: list[Any] = [index, add, show, remove]
