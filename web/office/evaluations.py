"""Review at the office's desk: the next sheet at once; sealed accusations apart."""

from __future__ import annotations

from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath

from panel.actor import Role
from panel.errors import Conflict, Invalid
from panel.evaluations import commands, queries
from panel.ids import Code, read_code
from web import forms, sheets
from web.errors import texts
from web.forms import Form
from web.pages import Request, page, redirect

READERS = (Role.REVIEWER, Role.AUDITOR)


@get("/review")
async def index(request: Request) -> Response[str]:
    """Open the next sheet that waits for this reviewer; ``?skip=`` leaves some for later."""
    request.actor.require(*READERS)
    text = request.query_params.get("skip", "")
    skip = int(text) if text.isdecimal() and len(text) < 6 else 0  # noqa: PLR2004 - digits
    found = await queries.queue(request.actor, at=request.at, skip=skip, limit=1)
    if not found:
        waiting = await queries.waiting(request.actor)
        return page(request, "office/evaluations/empty.html", waiting=waiting)
    return await _show(request, found[0].code, skip=skip)


@get("/review/{code:str}")
async def show(request: Request, code: FromPath[str]) -> Response[str]:
    """Show one sheet, decided or not."""
    request.actor.require(*READERS)
    return await _show(request, read_code(code))


async def _show(
    request: Request,
    code: Code,
    *,
    skip: int | None = None,
    form: Form | None = None,
    refusal: Invalid | None = None,
) -> Response[str]:
    """Render a sheet with its decisions; a refused one with what was typed."""
    found = await queries.reading(await queries.submission(code))
    sheet, lang = found.sheet, request.lang
    may = request.actor.may(Role.REVIEWER)
    return page(
        request,
        "office/evaluations/show.html",
        status=422 if refusal else 200,
        faults=texts(request, refusal) if refusal else [],
        sheet=sheet,
        task=sheet.task,
        visitor=sheet.task.visitor[:8],
        sections=sheets.told(found.blank.form, sheet.answers, lang, found.values),
        facts=sheets.facts(sheet.answers, lang),
        vetoes=[v for v in found.blank.form.vetoes if v.id in sheet.answers.vetoes],
        band=found.band.text.get(lang),
        earlier=[
            {
                "version": each.version,
                "score": each.score,
                "reason": each.review_reason,
                "changes": sheets.changes(found.blank.form, each.answers, sheet.answers, lang),
            }
            for each in found.earlier
        ],
        reasons=[
            {"value": reason, "label": request.text(f"void.{reason}")}
            for reason in found.void_reasons
        ],
        decide=may and sheet.state == "submitted" and not sheet.void_reason,
        voidable=may and sheet.state in {"submitted", "accepted"} and not sheet.void_reason,
        settle=may and bool(sheet.void_reason) and sheet.state != "voided",
        keepable=may and "recheck" in sheet.flags and not sheet.void_reason,
        proposer=sheet.void_by == request.actor.person,
        waiting=await queries.waiting(request.actor) if skip is not None else None,
        skip=skip,
        form=form or Form({}, {}),
    )


async def _next(request: Request, said: str) -> Response[str]:
    """Go on to the next sheet."""
    return redirect(request, f"/office/review?said={said}")


@post("/review/{code:str}/accept", roles=(Role.REVIEWER,))
async def accept(request: Request, code: FromPath[str]) -> Response[str]:
    """Let the sheet count and open the next one."""
    try:
        await commands.accept(request.actor, read_code(code), at=request.at)
    except Conflict as refusal:
        if refusal.code != "sheet.decided":
            raise
        return await _next(request, "sheet_decided")
    return await _next(request, "sheet_accepted")


@post("/review/{code:str}/send-back", roles=(Role.REVIEWER,))
async def send_back(request: Request, code: FromPath[str]) -> Response[str]:
    """Give the sheet back with a reason and open the next one."""
    form = await forms.fields(request)
    sheet = read_code(code)
    try:
        await commands.send_back(request.actor, sheet, form.text("reason"), at=request.at)
    except Invalid as refusal:
        return await _show(request, sheet, form=form, refusal=refusal)
    return await _next(request, "sheet_returned")


@post("/review/{code:str}/keep", roles=(Role.REVIEWER,))
async def keep(request: Request, code: FromPath[str]) -> Response[str]:
    """Let a sheet of a dismissed visitor stand and open the next one."""
    await commands.keep(request.actor, read_code(code), at=request.at)
    return await _next(request, "sheet_kept")


@post("/review/{code:str}/void", roles=(Role.REVIEWER,))
async def propose_void(request: Request, code: FromPath[str]) -> Response[str]:
    """Propose that the sheet is void and open the next one."""
    form = await forms.fields(request)
    sheet = read_code(code)
    try:
        await commands.propose_void(request.actor, sheet, form.text("void_reason"), at=request.at)
    except Invalid as refusal:
        return await _show(request, sheet, form=form, refusal=refusal)
    return await _next(request, "void_proposed")


@post("/review/{code:str}/void/confirm", roles=(Role.REVIEWER,))
async def confirm_void(request: Request, code: FromPath[str]) -> Response[str]:
    """Make the sheet void as the second person, or by a signature on paper."""
    form = await forms.fields(request)
    sheet = read_code(code)
    try:
        paper = forms.paper(request, form)
        await commands.confirm_void(request.actor, sheet, paper=paper, at=request.at)
    except Invalid as refusal:
        return await _show(request, sheet, form=form, refusal=refusal)
    return await _next(request, "sheet_voided")


@post("/review/{code:str}/void/refuse", roles=(Role.REVIEWER,))
async def refuse_void(request: Request, code: FromPath[str]) -> Response[str]:
    """Turn the voiding down as the second person."""
    await commands.refuse_void(request.actor, read_code(code), at=request.at)
    return await _next(request, "void_refused")


@get("/accusations")
async def accusations(request: Request) -> Response[str]:
    """List the sheets with sealed accusations for the discipline office."""
    request.actor.require(Role.INDEPENDENT_REVIEWER)
    return page(request, "office/evaluations/accusations.html", found=await queries.accused())


@post("/accusations/{code:str}", roles=(Role.INDEPENDENT_REVIEWER,))
async def accusation(request: Request, code: FromPath[str]) -> Response[str]:
    """Open the accusations of one sheet; who opened them and why stays in the history."""
    form = await forms.fields(request)
    sheet = await _sealed(request, read_code(code), form.text("reason"))
    return page(request, "office/evaluations/accusation.html", **sheet)


async def _sealed(request: Request, code: Code, reason: str) -> dict[str, Any]:
    """Return the opened accusations with the words of their items."""
    told = await commands.open_accusations(request.actor, code, reason, at=request.at)
    found = await queries.reading(await queries.submission(code))
    names = {veto.id: veto.text.get(request.lang) for veto in found.blank.form.vetoes}
    rows = [{"label": f"{key} {names[key]}", "value": text} for key, text in told.items()]
    return {"sheet": found.sheet, "task": found.sheet.task, "rows": rows}


handlers: list[Any] = [
    index, show, accept, send_back, keep, propose_void, confirm_void, refuse_void,
    accusations, accusation,
]  # fmt: skip
