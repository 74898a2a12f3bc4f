"""The sheet on a member's phone: fill in, check, send once, keep the receipt."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from functools import partial
from typing import Any, Final

from litestar import Response, get, post
from litestar.params import FromPath

from panel import entropy
from panel.chance import canonical
from panel.errors import Closed, Conflict, Fault, Invalid
from panel.evaluations import commands, queries
from panel.evaluations.types import Answers, Blank, Filling, Share, SheetState
from panel.ids import Code, read_code
from panel.rankings import queries as rankings
from web import forms, guides, i18n, sheets
from web.errors import texts
from web.headers import HEADERS
from web.pages import Request, download, kept_page, page, redirect
from web.sheets import Typed

IMPRESSIONS = (5, 4, 3, 2, 1)


def moment(text: str, request: Request) -> dt.datetime:
    """Return the client's moment; the server's where it can't be read or lies ahead."""
    try:
        found = dt.datetime.fromisoformat(text)
    except ValueError:
        return request.at
    return min(found, request.at) if found.tzinfo else request.at


GEOLOCATION: Final = {
    "Permissions-Policy": HEADERS["permissions-policy"].replace(
        "geolocation=()", "geolocation=(self)"
    )
}
"""The sheet alone may ask for the phone's place, at the visitor's own tap."""


async def _posted(request: Request, code: str) -> tuple[forms.Form, Blank, Typed]:
    """Return what was posted for a member's own task."""
    form = await forms.fields(request)
    blank = await queries.blank(request.actor.member, read_code(code))
    return form, blank, sheets.posted(form, blank)


async def _sheet(
    request: Request,
    filling: Filling,
    typed: Typed,
    *,
    opened: str,
    faults: list[dict[str, str]] | None = None,
) -> Response[str]:
    """Render the sheet with what was typed; its total is not shown before the check."""
    blank = filling.blank
    show = partial(page, status=422, faults=faults) if faults else kept_page
    answer: Response[str] = show(
        request,
        "member/evaluations/show.html",
        **context(request, filling, typed, opened=opened),
        guides=await guides.of_task(blank.task, blank.form, request.lang),
        photos=await queries.photos(blank.task.id),
    )
    answer.headers.update(GEOLOCATION)
    return answer


def context(request: Request, filling: Filling, typed: Typed, *, opened: str) -> dict[str, Any]:
    """Return what the page of a sheet shows; the office's preview of a form shows the same."""
    blank = filling.blank
    found = sheets.sections(blank, typed, request.lang)
    return {
        "task": blank.task,
        "sections": found,
        "vetoes": sheets.vetoes(blank, typed, request.lang),
        "done": sum(section["done"] for section in found),
        "total": sum(section["total"] for section in found),
        "errands": _choices(request, "sheet.errand", blank.form.errands),
        "impressions": _choices(request, "sheet.impression", IMPRESSIONS),
        "shares": _choices(request, "sheet.share", Share),
        "typed": {name: typed.get(name, "") for name in sheets.PLAIN},
        "today": request.at.astimezone(i18n.ZONE).date().isoformat(),
        "opened": opened,
        "key": entropy.key(),
        "saved_at": filling.saved_at,
        "saved_time": i18n.clock(request.lang, filling.saved_at) if filling.saved_at else None,
        "returned": filling.returned,
        "asked": filling.questions,
        "unseen": sheets.UNSEEN,
    }


def _choices(request: Request, name: str, values: Iterable[object]) -> list[dict[str, object]]:
    """Return choices with their labels in the reader's language."""
    return [{"value": str(each), "label": request.text(f"{name}.{each}")} for each in values]


@get("/tasks/{code:str}/sheet")
async def show(request: Request, code: FromPath[str]) -> Response[str]:
    """Show the sheet of an accepted task with what was typed before; a sent one its receipt."""
    try:
        filling = await queries.filling(request.actor.member, read_code(code), at=request.at)
    except (Conflict, Closed):
        blank = await queries.blank(request.actor.member, read_code(code))
        sent = await queries.latest(blank.task)
        if sent is None or sent.state is SheetState.RETURNED:
            raise
        return redirect(request, f"/m/receipts/{sent.code}")
    opened = (filling.started_at or request.at).isoformat()
    return await _sheet(request, filling, sheets.typed_of(filling.answers), opened=opened)


@post("/tasks/{code:str}/draft")
async def save(request: Request, code: FromPath[str]) -> Response[str]:
    """Keep what was typed so far and lead back to the task."""
    form, blank, typed = await _posted(request, code)
    answers, _ = sheets.read(typed, blank)
    opened = moment(form.text("opened"), request)
    task = blank.task.code
    await commands.save_draft(request.actor, task, answers, opened_at=opened, at=request.at)
    return redirect(request, f"/m/tasks/{task}?said=draft")


@post("/tasks/{code:str}/check")
async def check(request: Request, code: FromPath[str]) -> Response[str]:
    """Save the sheet and show it whole with its total, or again with every fault."""
    form, blank, typed = await _posted(request, code)
    answers, unread = sheets.read(typed, blank)
    opened = form.text("opened")
    await commands.save_draft(
        request.actor, blank.task.code, answers,
        opened_at=moment(opened, request), at=request.at,
    )  # fmt: skip
    try:
        return await _checked(request, blank, answers, unread, typed, key=form.text("key"))
    except Invalid as refusal:
        filling = await queries.filling(request.actor.member, blank.task.code, at=request.at)
        faults = texts(request, Invalid(refusal.code, *_merged(unread, refusal)))
        return await _sheet(request, filling, typed, opened=opened, faults=faults)


def readable(unread: list[Fault]) -> None:
    """Refuse a sheet of which something could not be read."""
    if unread:
        raise Invalid("sheet.faults", *unread)


def _merged(unread: list[Fault], refusal: Invalid) -> list[Fault]:
    """Name what could not be read first, and nothing twice."""
    paths = {fault.path for fault in unread}
    return [*unread, *(fault for fault in refusal.faults if fault.path not in paths)]


async def _checked(
    request: Request,
    blank: Blank,
    answers: Answers,
    unread: list[Fault],
    typed: Typed,
    *,
    key: str = "",
    filled_at: str = "",
    faults: list[dict[str, str]] | None = None,
) -> Response[str]:
    """Render all answers, the total, the declaration; refuses what could not be read."""
    score = await commands.check(request.actor, blank.task.code, answers, at=request.at)
    readable(unread)
    return page(
        request,
        "member/evaluations/check.html",
        status=422 if faults else 200,
        faults=faults or [],
        task=blank.task,
        sections=sheets.told(blank.form, answers, request.lang, score.values),
        vetoes=[veto for veto in sheets.vetoes(blank, typed, request.lang) if veto["reported"]],
        facts=[*sheets.facts(answers, request.lang), *_further(request, answers)],
        result=score,
        typed=[(name, text) for name, text in typed.items() if name != "declared"],
        key=key or entropy.key(),
        filled_at=filled_at or request.at.isoformat(),
    )


def _further(request: Request, answers: Answers) -> list[dict[str, str]]:
    """Return the ticket and what the unit may be told, as rows of label and value."""
    ticket = " ".join(part for part in (answers.ticket, answers.ticket_at) if part)
    rows = [("What the unit may be told", request.text(f"sheet.share.{answers.share}"))]
    if ticket:
        rows.insert(0, ("Ticket or receipt", ticket))
    return [{"label": request.text(label), "value": value} for label, value in rows]


@post("/tasks/{code:str}/submit")
async def submit(request: Request, code: FromPath[str]) -> Response[str]:
    """Send the checked sheet once; the same key leads to the same receipt."""
    form, blank, typed = await _posted(request, code)
    answers, unread = sheets.read(typed, blank)
    filled_at, key = form.text("filled_at"), form.text("key")
    try:
        readable(unread)
        receipt = await commands.submit(
            request.actor, blank.task.code, answers, key,
            filled_at=moment(filled_at, request), at=request.at, seen=blank.task,
        )  # fmt: skip
    except Invalid as refusal:
        faults = texts(request, refusal)
        if {fault.path for fault in refusal.faults} <= {"declared", "key"}:
            key = "" if any(fault.path == "key" for fault in refusal.faults) else key
            return await _checked(
                request, blank, answers, unread, typed,
                key=key, filled_at=filled_at, faults=faults,
            )  # fmt: skip
        filling = await queries.filling(request.actor.member, blank.task.code, at=request.at)
        return await _sheet(request, filling, typed, opened=filled_at, faults=faults)
    except Conflict as refusal:
        if refusal.code != "sheet.other_body":
            raise
        return await _two_versions(request, blank, answers, Code(str(refusal.values["receipt"])))
    return redirect(request, f"/m/receipts/{receipt.code}")


async def _two_versions(
    request: Request, blank: Blank, answers: Answers, code: Code
) -> Response[str]:
    """Show what was received under a key beside what was sent under it now."""
    sheet = await queries.own_sheet(request.actor.member, code)
    return page(
        request,
        "member/evaluations/conflict.html",
        status=409,
        task=blank.task,
        receipt=queries.receipt_of(sheet),
        received=sheets.told(blank.form, sheet.answers, request.lang),
        sent=sheets.told(blank.form, answers, request.lang),
    )


@get("/receipts/{code:str}")
async def receipt(request: Request, code: FromPath[str]) -> Response[str]:
    """Show the receipt of a sheet: number, time, digest."""
    sheet = await queries.own_sheet(request.actor.member, read_code(code))
    return page(
        request,
        "member/evaluations/receipt.html",
        sheet=sheet,
        task=sheet.task,
        published=await rankings.published_with(sheet.task.round_code, sheet.received_at),
    )


@get("/receipts/{code:str}/proof.json")
async def proof(request: Request, code: FromPath[str]) -> Response[bytes]:
    """Give the receipt as a file with which its owner finds it in a published ranking."""
    own = await queries.receipt(request.actor.member, read_code(code))
    body = canonical({"code": own.code, "digest": own.digest})
    return download(body, "receipt.json", "application/json")


@get("/tasks/{code:str}/receipt")
async def latest(request: Request, code: FromPath[str]) -> Response[str]:
    """Lead to the receipt of a task's newest sheet."""
    blank = await queries.blank(request.actor.member, read_code(code))
    sheet = await queries.latest(blank.task)
    return redirect(request, f"/m/receipts/{sheet.code}" if sheet else f"/m/tasks/{code}")


handlers: list[Any] = [show, save, check, submit, receipt, proof, latest]
