"""What reviewers decide about a sheet: each leads on to the next one."""

from __future__ import annotations

from typing import Any

from litestar import Response, post
from litestar.params import FromPath

from panel.actor import Role
from panel.errors import Conflict, Invalid
from panel.evaluations import commands, queries
from panel.ids import Code, read_code
from web import forms
from web.errors import renamed
from web.forms import Form
from web.office.review import decided, left_of, sheet_page
from web.pages import Request, redirect


@post("/review/{code:str}/accept", roles=(Role.REVIEWER,))
async def accept(request: Request, code: FromPath[str]) -> Response[str]:
    """Let the sheet count and open the next one."""
    form = await forms.fields(request)
    try:
        await commands.accept(request.actor, read_code(code), at=request.at)
    except Conflict as refusal:
        if refusal.code not in {"sheet.decided", "sheet.claimed"}:
            raise
        return await decided(request, form, "sheet_decided")
    return await decided(request, form, "sheet_accepted")


@post("/review/{code:str}/send-back", roles=(Role.REVIEWER,))
async def send_back(request: Request, code: FromPath[str]) -> Response[str]:
    """Give the sheet back with what its visitor is asked, and open the next one."""
    form = await forms.fields(request)
    sheet = read_code(code)
    try:
        await commands.send_back(
            request.actor, sheet, form.text("reason"), at=request.at,
            questions=await _questions(sheet, form),
        )  # fmt: skip
    except Invalid as refusal:
        return await _again(request, sheet, form, refusal)
    return await decided(request, form, "sheet_returned")


async def _questions(sheet: Code, form: Form) -> dict[str, str]:
    """Return what is asked about single items of the sheet's form."""
    found = await queries.reading(await queries.submission(sheet))
    return {item.id: form.text(f"ask.{item.id}") for item in found.blank.form.items}


@post("/review/{code:str}/hold", roles=(Role.REVIEWER,))
async def hold(request: Request, code: FromPath[str]) -> Response[str]:
    """Let the sheet wait for a further visit or a paper, and open the next one."""
    form = await forms.fields(request)
    sheet = read_code(code)
    try:
        await commands.hold(
            request.actor, sheet, form.text("hold_reason"),
            revisit=form.ticked("revisit"), at=request.at,
        )  # fmt: skip
    except Invalid as refusal:
        return await _again(request, sheet, form, renamed(refusal, "reason", "hold_reason"))
    return await decided(request, form, "sheet_held")


@post("/review/{code:str}/release", roles=(Role.REVIEWER,))
async def release(request: Request, code: FromPath[str]) -> Response[str]:
    """End the waiting of a sheet and open it to decide."""
    form = await forms.fields(request)
    sheet = read_code(code)
    try:
        await commands.release_hold(request.actor, sheet, form.text("outcome"), at=request.at)
    except Invalid as refusal:
        return await _again(request, sheet, form, refusal)
    return redirect(request, f"/office/review/{sheet}?said=sheet_released")


@post("/review/{code:str}/keep", roles=(Role.REVIEWER,))
async def keep(request: Request, code: FromPath[str]) -> Response[str]:
    """Let a sheet of a dismissed visitor stand and open the next one."""
    form = await forms.fields(request)
    await commands.keep(request.actor, read_code(code), at=request.at)
    return await decided(request, form, "sheet_kept")


@post("/review/{code:str}/void", roles=(Role.REVIEWER,))
async def propose_void(request: Request, code: FromPath[str]) -> Response[str]:
    """Propose that the sheet is void and open the next one."""
    form = await forms.fields(request)
    sheet = read_code(code)
    try:
        await commands.propose_void(request.actor, sheet, form.text("void_reason"), at=request.at)
    except Invalid as refusal:
        return await _again(request, sheet, form, refusal)
    return await decided(request, form, "void_proposed")


@post("/review/{code:str}/void/confirm", roles=(Role.REVIEWER,))
async def confirm_void(request: Request, code: FromPath[str]) -> Response[str]:
    """Make the sheet void as the second person, or by a signature on paper."""
    form = await forms.fields(request)
    sheet = read_code(code)
    try:
        paper = forms.paper(request, form)
        await commands.confirm_void(request.actor, sheet, paper=paper, at=request.at)
    except Invalid as refusal:
        return await _again(request, sheet, form, refusal)
    return await decided(request, form, "sheet_voided")


@post("/review/{code:str}/void/refuse", roles=(Role.REVIEWER,))
async def refuse_void(request: Request, code: FromPath[str]) -> Response[str]:
    """Turn the voiding down as the second person."""
    form = await forms.fields(request)
    await commands.refuse_void(request.actor, read_code(code), at=request.at)
    return await decided(request, form, "void_refused")


async def _again(request: Request, sheet: Code, form: Form, refusal: Invalid) -> Response[str]:
    """Show the sheet with what was typed and what is wrong with it."""
    return await sheet_page(
        request, sheet, queued=form.ticked("queued"), left=left_of(form.text("after")),
        form=form, refusal=refusal,
    )  # fmt: skip


handlers: list[Any] = [
    accept, send_back, hold, release, keep, propose_void, confirm_void, refuse_void,
]  # fmt: skip
