"""A ranking's way to the public at the office's desk: recount, receipts, notice, signatures."""

from __future__ import annotations

from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath

from panel.actor import Role
from panel.errors import Invalid
from panel.ids import Code, read_code
from panel.rankings import commands, queries
from panel.rankings.queries import lifecycle
from panel.rankings.types import AppealKind, PaperReceipt, RankingState, StepKey
from web import documents, errors, forms, images
from web.forms import Form
from web.office.findings import picture
from web.pages import Request, page, redirect

READERS = (
    Role.COORDINATOR,
    Role.PUBLISHER,
    Role.REVIEWER,
    Role.INDEPENDENT_REVIEWER,
    Role.AUDITOR,
)
WORKERS = (Role.COORDINATOR, Role.PUBLISHER)
EMPTY = Form({}, {})


def _back(code: Code, said: str) -> str:
    return f"/office/rankings/{code}?said={said}"


@post("/rankings/{code:str}/recount", roles=(*WORKERS, Role.REVIEWER), status_code=200)
async def recount(request: Request, code: FromPath[str]) -> Response[Any]:
    """Compute the edition again as a second person."""
    found = read_code(code)
    result = await commands.recount(request.actor, found, at=request.at)
    said = "ranking_recounted" if result.agreed else "ranking_differs"
    return redirect(request, _back(found, said))


@post("/rankings/{code:str}/notice", roles=WORKERS, status_code=200)
async def notice(request: Request, code: FromPath[str]) -> Response[Any]:
    """Put the lists on public notice."""
    found = read_code(code)
    await commands.open_notice(request.actor, found, at=request.at)
    return redirect(request, _back(found, "ranking_noticed"))


@post("/rankings/{code:str}/final", roles=WORKERS, status_code=200)
async def final(request: Request, code: FromPath[str]) -> Response[Any]:
    """Make the lists final."""
    found = read_code(code)
    await commands.finalise(request.actor, found, at=request.at)
    return redirect(request, _back(found, "ranking_final"))


@get("/rankings/{code:str}/deliveries", roles=READERS)
async def deliveries(request: Request, code: FromPath[str]) -> Response[Any]:
    """List which unit has signed for its line, and until when each may appeal."""
    return await _deliveries(request, read_code(code))


async def _deliveries(
    request: Request, code: Code, form: Form = EMPTY, refusal: Invalid | None = None, of: str = ""
) -> Response[Any]:
    ranking = await queries.ranking(code)
    appealed = {each.unit_code: each for each in await queries.appeals_of(AppealKind.RANKING, code)}
    return page(
        request,
        "office/procedure/deliveries.html",
        status=422 if refusal else 200,
        faults=errors.texts(request, refusal) if refusal else [],
        ranking=ranking,
        rows=[
            {
                "view": each,
                "open": each.open(request.at),
                "presumed": each.received_at is None and request.at > each.presumed_at,
                "appeal": appealed.get(each.unit_code),
            }
            for each in await queries.deliveries(ranking.id)
        ],
        may=request.actor.may(*WORKERS),
        accept=images.ACCEPT,
        typed=form,
        typed_for=of,
    )


@post("/rankings/{code:str}/deliveries/{unit:str}", roles=WORKERS, status_code=200)
async def receipt(request: Request, code: FromPath[str], unit: FromPath[str]) -> Response[Any]:
    """Record that a unit signed for its line on paper."""
    form = await forms.fields(request)
    found = read_code(code)
    try:
        given = PaperReceipt(
            document=form.text("document"),
            signer=form.text("signer"),
            signed_on=form.date("signed_on"),
            scan=await picture(form, "scan"),
        )
        await commands.record_receipt(request.actor, found, read_code(unit), given, at=request.at)
    except Invalid as refusal:
        return await _deliveries(request, found, form, refusal, unit)
    return redirect(request, f"/office/rankings/{found}/deliveries?said=receipt_recorded")


@get("/rankings/{code:str}/deliveries/{unit:str}/scan", roles=READERS)
async def scan(request: Request, code: FromPath[str], unit: FromPath[str]) -> Response[bytes]:
    """Show the picture of a receipt that was signed on paper."""
    del request
    ranking = await queries.ranking(read_code(code))
    view = await queries.delivery(ranking.id, read_code(unit))
    found = await lifecycle.receipt_scan(view)
    return Response(found.data, media_type=found.media, headers={"Cache-Control": "no-store"})


@get("/rankings/{code:str}/procedure", roles=READERS)
async def sheet(request: Request, code: FromPath[str]) -> Response[Any]:
    """Show and print the procedure sheet, with what holds and who signed."""
    return await _sheet(request, read_code(code))


async def _sheet(
    request: Request, code: Code, form: Form = EMPTY, refusal: Invalid | None = None
) -> Response[Any]:
    ranking = await queries.ranking(code)
    over = ranking.state in {RankingState.PUBLISHED, RankingState.WITHHELD, RankingState.FINAL}
    found = await lifecycle.procedure(ranking, at=request.at, draws_too=False)
    answer = page(
        request,
        "office/procedure/show.html",
        status=422 if refusal else 200,
        faults=errors.texts(request, refusal) if refusal else [],
        ranking=ranking,
        steps=found,
        signable=[
            {
                "value": each.key.value,
                "label": request.text(f"procedure.step.{each.key.value}"),
                "hint": request.text(f"procedure.hint.{each.key.value}"),
            }
            for each in found
            if each.fulfilled and not each.signed
        ],
        recounts=await lifecycle.recounts(ranking.id),
        may=request.actor.may(*WORKERS) and not over,
        typed=form,
    )
    return await documents.offered(request, answer, request.text("Procedure sheet"))


@post("/rankings/{code:str}/procedure", roles=WORKERS, status_code=200)
async def sign(request: Request, code: FromPath[str]) -> Response[Any]:
    """Sign steps of the procedure sheet, or record that a leader signed them on paper."""
    form = await forms.fields(request)
    found = read_code(code)
    try:
        await commands.sign(
            request.actor,
            found,
            [StepKey(each) for each in form.many("steps") if each in set(StepKey)],
            note=form.text("note"),
            paper=forms.paper(request, form),
            at=request.at,
        )
    except Invalid as refusal:
        return await _sheet(request, found, form, refusal)
    return redirect(request, f"/office/rankings/{found}/procedure?said=procedure_signed")


@get("/rankings/{code:str}/ways", roles=WORKERS)
async def ways(request: Request, code: FromPath[str]) -> Response[Any]:
    """Show what may be done besides the next step: correct, withhold."""
    return await _ways(request, read_code(code))


async def _ways(
    request: Request, code: Code, form: Form = EMPTY, refusal: Invalid | None = None
) -> Response[Any]:
    ranking = await queries.ranking(code)
    published = ranking.state in {RankingState.PUBLISHED, RankingState.SUPERSEDED}
    return page(
        request,
        "office/procedure/ways.html",
        status=422 if refusal else 200,
        faults=errors.texts(request, refusal) if refusal else [],
        ranking=ranking,
        published=published,
        may_correct=request.actor.may(Role.COORDINATOR),
        own=ranking.withhold_by == request.actor.person,
        typed=form,
    )


@post("/rankings/{code:str}/correct", roles=(Role.COORDINATOR,), status_code=200)
async def correct(request: Request, code: FromPath[str]) -> Response[Any]:
    """Compute the lists again as the next edition."""
    form = await forms.fields(request)
    found = read_code(code)
    try:
        await commands.correct(request.actor, found, form.text("reason"), at=request.at)
    except Invalid as refusal:
        return await _ways(request, found, form, refusal)
    return redirect(request, _back(found, "ranking_corrected"))


@post("/rankings/{code:str}/withhold", roles=WORKERS, status_code=200)
async def withhold(request: Request, code: FromPath[str]) -> Response[Any]:
    """Ask that the lists are not published, or record that a leader signed for it on paper."""
    form = await forms.fields(request)
    found = read_code(code)
    try:
        view = await commands.withhold(
            request.actor,
            found,
            form.text("reason"),
            form.text("document"),
            paper=forms.paper(request, form),
            at=request.at,
        )
    except Invalid as refusal:
        return await _ways(request, found, form, refusal)
    if view.state is RankingState.WITHHELD:
        return redirect(request, _back(found, "ranking_withheld"))
    return redirect(request, f"/office/rankings/{found}/ways?said=withholding_asked")


@post("/rankings/{code:str}/withhold/confirm", roles=WORKERS, status_code=200)
async def confirm(request: Request, code: FromPath[str]) -> Response[Any]:
    """Withhold the lists as another person than who asked."""
    found = read_code(code)
    await commands.confirm_withholding(request.actor, found, at=request.at)
    return redirect(request, _back(found, "ranking_withheld"))


@post("/rankings/{code:str}/withhold/decline", roles=WORKERS, status_code=200)
async def decline(request: Request, code: FromPath[str]) -> Response[Any]:
    """Turn the request to withhold down, or take it back."""
    found = read_code(code)
    await commands.decline_withholding(request.actor, found, at=request.at)
    return redirect(request, _back(found, "withholding_declined"))


handlers: list[Any] = [
    recount, notice, final, deliveries, receipt, scan, sheet, sign, ways, correct, withhold,
    confirm, decline,
]  # fmt: skip
