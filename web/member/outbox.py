"""What our scripts on a member's phone send: drafts and sheets as JSON; what waits, what arrived.

These routes ask for a header of our own instead of the page's token, which would be stale in a page
that a phone kept. The same key leads to the same receipt, however often it comes.
"""

from __future__ import annotations

import contextlib
from typing import Any

import msgspec
from litestar import Response, get, post
from litestar.exceptions.http_exceptions import RequestEntityTooLarge
from litestar.params import FromPath

from panel.errors import Conflict, Fault, Invalid, Refusal
from panel.evaluations import commands, queries
from panel.evaluations.types import Position, Receipt
from panel.ids import read_code
from web import forms, i18n, images, sheets
from web.errors import text_of, texts
from web.member.evaluations import moment, readable
from web.pages import TEXT_LIMIT, Request, kept_page


class SheetBody(msgspec.Struct, frozen=True):
    """A sheet as a phone sends it; fields are named as those of the page."""

    fields: dict[str, str]
    key: str = ""
    filled_at: str = ""
    opened_at: str = ""
    place: Position | None = None


async def _body(request: Request) -> SheetBody:
    try:
        data = await request.body()
        if len(data) > TEXT_LIMIT:
            raise RequestEntityTooLarge
        return msgspec.json.decode(data, type=SheetBody)
    except (msgspec.ValidationError, msgspec.DecodeError):
        raise Invalid("form.faults", Fault("", "http.400")) from None


def _form(body: SheetBody) -> forms.Form:
    return forms.Form({name: [text] for name, text in body.fields.items()}, {})


def _problem(
    request: Request, status: int, refusal: Refusal, faults: list[dict[str, str]]
) -> Response[Any]:
    """Tell a script why not, in the words of the page."""
    title = " ".join(each["text"] for each in faults) or text_of(request.lang, refusal)
    return Response(
        {"status": status, "code": refusal.code, "title": title, "faults": faults},
        status_code=status,
        media_type="application/problem+json",
        headers={"Cache-Control": "no-store"},
    )


def _received(receipt: Receipt) -> Response[Any]:
    return Response(
        {
            "receipt": receipt.code,
            "received_at": receipt.received_at.isoformat(),
            "digest": receipt.digest,
            "version": receipt.version,
            "late": receipt.late,
        },
        headers={"Cache-Control": "no-store"},
    )


@post("/tasks/{code:str}/draft.json", own_header=True, status_code=200)
async def save(request: Request, code: FromPath[str]) -> Response[Any]:
    """Keep what was typed so far and tell when, and how far the sheet is."""
    body = await _body(request)
    blank = await queries.blank(request.actor.member, read_code(code))
    typed = sheets.posted(_form(body), blank)
    answers, _ = sheets.read(typed, blank)
    saved = await commands.save_draft(
        request.actor, blank.task.code, answers,
        opened_at=moment(body.opened_at, request), at=request.at,
    )  # fmt: skip
    found = sheets.sections(blank, typed, request.lang)
    done, total = (sum(section[name] for section in found) for name in ("done", "total"))
    return Response(
        {
            "at": saved.isoformat(),
            "text": request.text("Saved {time}", time=i18n.clock(request.lang, saved)),
            "done": done,
            "progress": request.text("{done} of {total} answered", done=done, total=total),
            "parts": {section["id"]: [section["done"], section["total"]] for section in found},
        },
        headers={"Cache-Control": "no-store"},
    )


@post("/tasks/{code:str}/sheet.json", own_header=True, status_code=200)
async def submit(request: Request, code: FromPath[str]) -> Response[Any]:
    """Take a sheet from a phone's outbox once; the same key leads to the same receipt."""
    body = await _body(request)
    blank = await queries.blank(request.actor.member, read_code(code))
    answers, unread = sheets.read(sheets.posted(_form(body), blank), blank)
    try:
        readable(unread)
        receipt = await commands.submit(
            request.actor, blank.task.code, answers, body.key,
            filled_at=moment(body.filled_at, request), at=request.at, seen=blank.task,
        )  # fmt: skip
    except Invalid as refusal:
        return _problem(request, 422, refusal, texts(request, refusal))
    except Conflict as refusal:
        return _problem(request, 409, refusal, [])
    if body.place is not None:
        with contextlib.suppress(Invalid):  # a phone that knows no place has none to add
            await commands.keep_place(request.actor, blank.task.code, body.place, at=request.at)
    return _received(receipt)


@post("/tasks/{code:str}/photo.json", own_header=True, status_code=200)
async def photo(request: Request, code: FromPath[str]) -> Response[Any]:
    """Take a picture from a phone's outbox, made anew; the same key leads to the same picture."""
    query = request.query_params
    try:
        clean = await images.clean(await request.body(), "photo")
        kept = await commands.add_photo(
            request.actor, read_code(code), query.get("item", ""), query.get("key", ""),
            clean.data, at=request.at,
        )  # fmt: skip
    except Invalid as refusal:
        return _problem(request, 422, refusal, texts(request, refusal))
    return Response({"receipt": kept}, headers={"Cache-Control": "no-store"})


@get("/outbox")
async def outbox(request: Request) -> Response[str]:
    """Show what waits on this phone, which its scripts fill in, and every receipt."""
    sent = await queries.own_receipts(request.actor.member, at=request.at)
    return kept_page(request, "member/evaluations/outbox.html", sent=sent)


handlers: list[Any] = [save, submit, photo, outbox]
