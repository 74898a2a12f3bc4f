"""Review at the office's desk: the next sheet at once, with all that speaks for or against it."""

from __future__ import annotations

from typing import Any

from litestar import Response, get
from litestar.params import FromPath

from panel.actor import Role
from panel.errors import Invalid, Missing
from panel.evaluations import commands, queries
from panel.evaluations.types import Flag, Reading, SheetState, SheetView
from panel.ids import Code, read_code
from panel.visits import queries as visits
from web import evidence
from web.errors import texts
from web.forms import Form
from web.pages import Flash, Request, page, redirect

READERS = (Role.REVIEWER, Role.AUDITOR)


@get("/review")
async def index(request: Request) -> Response[str]:
    """Open the next sheet that waits for this reviewer; ``?after=`` leaves some for later."""
    request.actor.require(*READERS)
    return await following(request, left_of(request.query_params.get("after", "")))


def left_of(text: str) -> Code | None:
    """Return the last sheet that a reviewer left for later, if an address or a form names one."""
    try:
        return read_code(text) if text else None
    except Missing:
        return None


@get("/review/{code:str}")
async def show(request: Request, code: FromPath[str]) -> Response[str]:
    """Show one sheet, decided or not."""
    request.actor.require(*READERS)
    return await sheet_page(request, read_code(code))


@get("/review/{code:str}/pictures/{picture:str}")
async def picture(request: Request, code: FromPath[str], picture: FromPath[str]) -> Response[bytes]:
    """Give a picture that belongs to the visit of this sheet."""
    request.actor.require(*READERS)
    sheet = await queries.submission(read_code(code))
    found = await queries.photo(read_code(picture))
    if found.view.task_id != sheet.task.id:
        raise Missing("photo.missing")
    return Response(found.data, media_type="image/jpeg", headers={"Cache-Control": "no-store"})


async def following(
    request: Request, left: Code | None, flash: Flash | None = None
) -> Response[str]:
    """Take the next sheet after those left for later and show it; tell when there is none."""
    found = None
    if request.actor.may(Role.REVIEWER):
        found = await commands.claim_next(request.actor, at=request.at, after=left)
    else:
        waiting = await queries.queue(request.actor, at=request.at, after=left, limit=1)
        found = waiting[0] if waiting else None
    if found is not None:
        return await sheet_page(request, found.code, queued=True, left=left, flash=flash)
    return page(
        request,
        "office/review/empty.html",
        flash=flash,
        layout=_layout(request),
        swapped=request.htmx,
        waiting=await queries.waiting(request.actor, at=request.at) if left else 0,
        held=len(await queries.holds()),
    )


async def decided(request: Request, form: Form, said: str) -> Response[str]:
    """Go on after a decision: to the open batch, else to the next sheet, for htmx at once."""
    left = left_of(form.text("after"))
    if form.text("batch"):
        return redirect(request, "/office/batch?said=sample_decided")
    if request.htmx:
        return await following(request, left, Flash("good", request.text(f"said.{said}")))
    after = f"&after={left}" if left else ""
    return redirect(request, f"/office/review?said={said}{after}")


async def sheet_page(
    request: Request,
    code: Code,
    *,
    queued: bool = False,
    left: Code | None = None,
    form: Form | None = None,
    refusal: Invalid | None = None,
    flash: Flash | None = None,
) -> Response[str]:
    """Render a sheet with its decisions; a refused one with what was typed."""
    found = await queries.reading(await queries.submission(code))
    sheet = found.sheet
    batch = await queries.batch(request.actor, at=request.at)
    sample = [item for item in batch.sample if item.code == code] if batch else []
    return page(
        request,
        "office/review/show.html",
        status=422 if refusal else 200,
        flash=flash,
        layout=_layout(request),
        swapped=request.htmx,
        faults=texts(request, refusal) if refusal else [],
        sheet=sheet,
        task=sheet.task,
        visitor=sheet.task.visitor[:8],
        **await evidence.of(found, request.lang),
        **await _state(request, found),
        paper=await queries.papers_of_sheet(code) if Flag.PAPER in sheet.flags else None,
        checked_in=None if sheet.task.covert else await visits.checked_in(sheet.task),
        vetoes=[v for v in found.blank.form.vetoes if v.id in sheet.answers.vetoes],
        band=found.band.text.get(request.lang),
        waiting=await queries.waiting(request.actor, at=request.at) if queued else None,
        queued=queued,
        left=left or "",
        sample=bool(sample),
        form=form or Form({}, {}),
    )


async def _state(request: Request, found: Reading) -> dict[str, Any]:
    """Return what this reader may decide about the sheet now."""
    sheet = found.sheet
    may = request.actor.may(Role.REVIEWER)
    taken = may and await queries.taken(sheet.id, request.actor.person, at=request.at)
    free = may and not taken
    held = sheet.state is SheetState.HELD
    return {
        "taken": taken,
        "decide": free and _open(sheet),
        "voidable": free and sheet.state in {"submitted", "accepted"} and not sheet.void_reason,
        "settle": free and bool(sheet.void_reason) and sheet.state != "voided",
        "keepable": free and "recheck" in sheet.flags and not sheet.void_reason,
        "proposer": sheet.void_by == request.actor.person,
        "hold": await queries.hold_of(sheet.id) if held else None,
        "release": free and held,
        "reasons": [
            {"value": reason, "label": request.text(f"void.{reason}")}
            for reason in found.void_reasons
        ],
        "earlier": found.earlier,
    }


def _open(sheet: SheetView) -> bool:
    return sheet.state is SheetState.SUBMITTED and not sheet.void_reason


def _layout(request: Request) -> str:
    """Return the frame: htmx gets the main part alone, the rest of the page stands."""
    return "_parts/swapped.html" if request.htmx else "base.html"


handlers: list[Any] = [index, show, picture]
