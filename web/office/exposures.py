"""What follows outside: letters to competent bodies, public texts, and moved deadlines."""

from __future__ import annotations

from typing import Any, Final

from litestar import Response, get, post
from litestar.params import FromPath

from panel.actor import Role
from panel.errors import Fault, Invalid, Missing
from panel.evaluations.commands import clocks as deadlines
from panel.evaluations.commands import exposures as commands
from panel.evaluations.commands import transfers
from panel.evaluations.queries import clocks, findings
from panel.evaluations.queries import exposures as queries
from panel.evaluations.types.exposures import ExposureView, NewExposure, NoteKind
from panel.evaluations.types.findings import FindingView
from panel.ids import Code, read_code
from panel.rulebook import queries as rulebooks
from web import documents, errors, forms
from web.forms import Form, fields
from web.office.finding_steps import ROLES
from web.office.findings import EMPTY, READERS, found_in, names, sheet_form
from web.pages import Request, page, redirect

PUBLISHING: Final = (Role.PUBLISHER,)


def _base(code: Code) -> str:
    return f"/office/findings/{code}"


@get("/findings/{code:str}/transfer", roles=ROLES)
async def new_transfer(request: Request, code: FromPath[str]) -> Response[str]:
    """Ask to which body a matter goes."""
    return await _transfer(request, read_code(code))


async def _transfer(
    request: Request, code: Code, form: Form = EMPTY, refusal: Invalid | None = None
) -> Response[str]:
    view = await findings.finding(request.actor, code)
    book = (await rulebooks.version(view.rulebook_code)).rulebook
    return page(
        request,
        "office/findings/transfer.html",
        status=422 if refusal else 200,
        faults=errors.texts(request, refusal) if refusal else [],
        view=view,
        form=form,
        bodies=[{"value": body, "label": body} for body in book.findings.bodies],
    )


@post("/findings/{code:str}/transfer", roles=ROLES, status_code=200)
async def transfer(request: Request, code: FromPath[str]) -> Response[str]:
    """Pass a matter to a competent body and show its letter."""
    form = await fields(request)
    wanted = read_code(code)
    try:
        letter = await transfers.transfer(
            request.actor, wanted, form.text("body"), form.text("document"), at=request.at
        )
    except Invalid as refusal:
        return await _transfer(request, wanted, form, refusal)
    return redirect(request, f"{_base(wanted)}/transfers/{letter}")


@get("/findings/{code:str}/transfers/{number:str}", roles=READERS)
async def letter(request: Request, code: FromPath[str], number: FromPath[str]) -> Response[Any]:
    """Show a letter for printing, with its receipt and outcome."""
    return await _letter(request, read_code(code), read_code(number))


async def _letter(
    request: Request, code: Code, number: Code, form: Form = EMPTY, refusal: Invalid | None = None
) -> Response[Any]:
    view = await findings.finding(request.actor, code)
    answer = page(
        request,
        "office/findings/letter.html",
        status=422 if refusal else 200,
        faults=errors.texts(request, refusal) if refusal else [],
        view=view,
        item=names(await sheet_form(view), view.item, request.lang),
        evidence=await findings.evidence(view),
        letter=await queries.transfer(view.id, number),
        form=form,
        may=request.actor.may(*ROLES),
    )
    return await documents.offered(
        request, answer, request.text("Letter of transfer"), letterhead=True
    )


@post("/findings/{code:str}/transfers/{number:str}", roles=ROLES, status_code=200)
async def settle_letter(
    request: Request, code: FromPath[str], number: FromPath[str]
) -> Response[str]:
    """Record a letter's receipt or its written outcome."""
    form = await fields(request)
    wanted, which = read_code(code), read_code(number)
    try:
        if form.text("step") == "outcome":
            await transfers.record_outcome(
                request.actor,
                wanted,
                which,
                form.text("outcome"),
                form.text("document"),
                at=request.at,
            )
        else:
            await transfers.record_receipt(
                request.actor, wanted, which, form.text("receipt"), at=request.at
            )
    except Invalid as refusal:
        return await _letter(request, wanted, which, form, refusal)
    return redirect(request, f"{_base(wanted)}?said=finding_done")


@get("/findings/{code:str}/exposure", roles=ROLES)
async def new_exposure(request: Request, code: FromPath[str]) -> Response[str]:
    """Ask for the text of an exposure, beginning with what the unit was told."""
    view = await findings.finding(request.actor, read_code(code))
    typed = Form({"text": [view.told]}, {})
    return await _propose(request, view, typed)


async def _propose(
    request: Request, view: FindingView, form: Form, refusal: Invalid | None = None
) -> Response[str]:
    return page(
        request,
        "office/findings/expose.html",
        status=422 if refusal else 200,
        faults=errors.texts(request, refusal) if refusal else [],
        found=found_in(refusal),
        view=view,
        reply=await findings.reply(view.id),
        form=form,
    )


@post("/findings/{code:str}/exposure", roles=ROLES, status_code=200)
async def propose(request: Request, code: FromPath[str]) -> Response[str]:
    """Propose the text of an exposure."""
    form = await fields(request)
    view = await findings.finding(request.actor, read_code(code))
    given = NewExposure(form.text("title"), form.text("text"), tuple(form.many("checked")))
    try:
        number = await commands.propose_exposure(request.actor, view.code, given, at=request.at)
    except Invalid as refusal:
        return await _propose(request, view, form, refusal)
    return redirect(request, f"{_base(view.code)}/exposures/{number}?said=exposure_proposed")


async def _found(request: Request, code: str, number: str) -> tuple[FindingView, ExposureView]:
    view = await findings.finding(request.actor, read_code(code))
    found = await queries.exposure(read_code(number))
    if found.finding != view.code:
        raise Missing("exposure.missing")
    return view, found


@get("/findings/{code:str}/exposures/{number:str}", roles=READERS)
async def show(request: Request, code: FromPath[str], number: FromPath[str]) -> Response[str]:
    """Show an exposure as the public will read it, with what may be decided."""
    return await _show(request, *(await _found(request, code, number)))


async def _show(
    request: Request,
    view: FindingView,
    found: ExposureView,
    form: Form = EMPTY,
    refusal: Invalid | None = None,
) -> Response[str]:
    own = request.actor.person is not None and request.actor.person == found.proposed_by
    return page(
        request,
        "office/findings/exposure.html",
        status=422 if refusal else 200,
        faults=errors.texts(request, refusal) if refusal else [],
        found=found_in(refusal),
        view=view,
        exposure=found,
        reply=await findings.reply(view.id),
        form=form,
        own=own,
        may=request.actor.may(Role.PUBLISHER),
        kinds=[
            {"value": each.value, "label": request.text(f"exposure.note.{each.value}")}
            for each in NoteKind
        ],
    )


@post("/findings/{code:str}/exposures/{number:str}", roles=PUBLISHING, status_code=200)
async def decide(request: Request, code: FromPath[str], number: FromPath[str]) -> Response[str]:
    """Approve or refuse a text, or add to what is public."""
    form = await fields(request)
    view, found = await _found(request, code, number)
    try:
        await _decided(request, found, form)
    except Invalid as refusal:
        return await _show(request, view, found, form, refusal)
    return redirect(request, f"{_base(view.code)}/exposures/{found.code}?said=finding_done")


async def _decided(request: Request, found: ExposureView, form: Form) -> None:
    step = form.text("step")
    if step == "approve":
        paper = forms.paper(request, form)
        await commands.approve_exposure(request.actor, found.code, paper=paper, at=request.at)
    elif step == "refuse":
        reason = form.text("reason")
        await commands.refuse_exposure(request.actor, found.code, reason, at=request.at)
    elif form.text("kind") in set(NoteKind):
        await commands.add_note(
            request.actor,
            found.code,
            NoteKind(form.text("kind")),
            form.text("text"),
            checked=tuple(form.many("checked")),
            at=request.at,
        )
    else:
        raise Invalid("finding.faults", Fault("kind", "form.required"))


@get("/findings/{code:str}/clocks/{number:int}", roles=ROLES)
async def clock(request: Request, code: FromPath[str], number: FromPath[int]) -> Response[str]:
    """Show one deadline and how it may be moved."""
    return await _clock(request, read_code(code), number)


async def _clock(
    request: Request, code: Code, number: int, form: Form = EMPTY, refusal: Invalid | None = None
) -> Response[str]:
    view = await findings.finding(request.actor, code)
    book = (await rulebooks.version(view.rulebook_code)).rulebook
    return page(
        request,
        "office/findings/clock.html",
        status=422 if refusal else 200,
        faults=errors.texts(request, refusal) if refusal else [],
        view=view,
        clock=await clocks.clock(view.id, number),
        most=book.findings.extensions,
        form=form,
        above=request.actor.may(Role.INDEPENDENT_REVIEWER if view.sealed else Role.PUBLISHER),
    )


@post("/findings/{code:str}/clocks/{number:int}", roles=ROLES, status_code=200)
async def move_clock(request: Request, code: FromPath[str], number: FromPath[int]) -> Response[str]:
    """Pause, resume or extend a deadline."""
    form = await fields(request)
    view = await findings.finding(request.actor, read_code(code))
    reason, step = form.text("reason"), form.text("step")
    try:
        if step == "resume":
            await deadlines.resume(request.actor, view.code, number, at=request.at)
        else:
            move = deadlines.extend if step == "extend" else deadlines.pause
            await move(request.actor, view.code, number, reason, at=request.at)
    except Invalid as refusal:
        return await _clock(request, view.code, number, form, refusal)
    return redirect(request, f"{_base(view.code)}?said=finding_done")


handlers: list[Any] = [
    new_transfer, transfer, letter, settle_letter, new_exposure, propose, show, decide,
    clock, move_clock,
]  # fmt: skip
