"""A unit's inbox of findings: acknowledge, answer with a paper, report what was put right."""

from __future__ import annotations

from typing import Any, Final

from litestar import Response, get, post
from litestar.params import FromPath

from panel.errors import Fault, Invalid
from panel.evaluations.commands import replies
from panel.evaluations.queries import clocks
from panel.evaluations.queries import findings as queries
from panel.evaluations.types.clocks import ClockKind
from panel.evaluations.types.findings import LONGEST, FindingState, NewReply, Stance, UnitFinding
from panel.ids import Code, read_code
from panel.rulebook import queries as rulebooks
from panel.rulebook.types import Form as Sheet
from web import errors, images
from web.forms import Form, fields
from web.office.findings import names, picture
from web.pages import Request, page, redirect
from web.unit.rankings import own_unit

EMPTY: Final = Form({}, {})


def _key(found: UnitFinding) -> tuple[Code, str]:
    return found.rulebook_code, found.form_key


async def _form(found: UnitFinding) -> Sheet | None:
    """Return the form that a finding's item stands in."""
    if not found.form_key:
        return None
    return (await rulebooks.version(found.rulebook_code)).rulebook.form(found.form_key)


@get("/findings")
async def index(request: Request) -> Response[str]:
    """List what the unit was told of, what waits first."""
    found = await queries.unit_findings(own_unit(request), at=request.at)
    waiting = {FindingState.UNIT_REPLY_WAIT, FindingState.ORDER_OPENED}
    found.sort(key=lambda each: each.state not in waiting)
    forms = {_key(each): await _form(each) for each in {_key(one): one for one in found}.values()}
    return page(
        request,
        "unit/findings/index.html",
        found=[
            {"view": each, "item": names(forms.get(_key(each)), each.item, request.lang)}
            for each in found
        ],
    )


@get("/findings/{code:str}")
async def show(request: Request, code: FromPath[str]) -> Response[str]:
    """Show one finding with what the unit has to do."""
    return await _show(request, read_code(code))


async def _show(
    request: Request, code: Code, form: Form = EMPTY, refusal: Invalid | None = None
) -> Response[str]:
    unit = own_unit(request)
    found = await queries.unit_finding(unit, code, at=request.at)
    stored = await queries.unit_stored(unit, code, at=request.at)
    running = {
        each.kind: each
        for each in await clocks.clocks(stored.id)
        if each.kind in {ClockKind.RECEIPT, ClockKind.REPLY, ClockKind.ORDER}
    }
    silent = found.reply is not None and found.reply.stance is Stance.SILENT
    return page(
        request,
        "unit/findings/show.html",
        status=422 if refusal else 200,
        faults=errors.texts(request, refusal) if refusal else [],
        view=found,
        month=(found.month.year, f"{found.month.month:02}") if found.month else None,
        item=names(await _form(found), found.item, request.lang),
        due={kind.value: each.due_at for kind, each in running.items()},
        may_reply=(found.state is FindingState.UNIT_REPLY_WAIT and found.received_at is not None)
        or (found.state is FindingState.VERIFYING and silent),
        stances=[
            {"value": each.value, "label": request.text(f"stance.{each.value}")}
            for each in Stance
            if each is not Stance.SILENT
        ],
        form=form,
        most=LONGEST,
        accept=images.ACCEPT,
    )


@post("/findings/{code:str}/receive", status_code=200)
async def receive(request: Request, code: FromPath[str]) -> Response[str]:
    """Acknowledge a finding; the time for the reply begins."""
    wanted = read_code(code)
    await replies.receive(request.actor, wanted, at=request.at)
    return redirect(request, f"/unit/findings/{wanted}?said=finding_received")


@post("/findings/{code:str}/reply", status_code=200)
async def reply(request: Request, code: FromPath[str]) -> Response[str]:
    """Answer a finding, once."""
    form = await fields(request)
    wanted = read_code(code)
    try:
        if form.text("stance") not in set(Stance):
            raise Invalid("finding.faults", Fault("stance", "form.required"))  # noqa: TRY301
        given = NewReply(
            Stance(form.text("stance")), form.text("text"), await picture(form, "picture")
        )
        await replies.reply(request.actor, wanted, given, at=request.at)
    except Invalid as refusal:
        return await _show(request, wanted, form, refusal)
    return redirect(request, f"/unit/findings/{wanted}?said=finding_replied")


@post("/findings/{code:str}/report", status_code=200)
async def report(request: Request, code: FromPath[str]) -> Response[str]:
    """Tell what was put right."""
    form = await fields(request)
    wanted = read_code(code)
    try:
        await replies.report(
            request.actor,
            wanted,
            form.text("text"),
            picture=await picture(form, "picture"),
            at=request.at,
        )
    except Invalid as refusal:
        return await _show(request, wanted, form, refusal)
    return redirect(request, f"/unit/findings/{wanted}?said=finding_reported")


@get("/findings/files/{number:str}")
async def file(request: Request, number: FromPath[str]) -> Response[bytes]:
    """Show a picture that the unit itself sent."""
    found = await queries.unit_file(own_unit(request), read_code(number), at=request.at)
    return Response(found.data, media_type=found.media, headers={"Cache-Control": "no-store"})


handlers: list[Any] = [index, show, receive, reply, report, file]
