"""What followed from a year's marks: letters and their answers, talks, proposals."""

from __future__ import annotations

from typing import Any, Final

from litestar import Response, get, post
from litestar.params import FromPath

from panel.actor import Role
from panel.assessments import commands, queries
from panel.assessments.types import (
    LETTERS,
    TALKS,
    Answer,
    Basis,
    ConsequenceKind,
    ConsequenceView,
    Draft,
    Talk,
    YearState,
)
from panel.errors import Fault, Invalid, Missing
from panel.ids import Code, read_code
from panel.rulebook import queries as rulebooks
from panel.rulebook.types import Threshold
from web import documents, errors, forms
from web.forms import Form
from web.office.assessments import READERS, WORKERS, book_of
from web.pages import Request, page, redirect

_EMPTY: Final = Form({}, {})
_MANUAL: Final = (ConsequenceKind.RECOMMENDATION, ConsequenceKind.MERIT, ConsequenceKind.TALK)


@get("/assessments/{year:int}/consequences", roles=READERS)
async def index(request: Request, year: FromPath[int]) -> Response[Any]:
    """Show everything that followed in a year."""
    return await _index(request, year)


async def _index(
    request: Request, year: int, refusal: Invalid | None = None, form: Form = _EMPTY
) -> Response[Any]:
    view = await queries.begun(year)
    final = view is not None and view.state in {YearState.FINAL, YearState.EXPORTED}
    return page(
        request,
        "office/consequences/index.html",
        status=422 if refusal else 200,
        faults=errors.texts(request, refusal) if refusal else [],
        typed=form,
        year=year,
        rows=await queries.consequences(year),
        rules=(await book_of(view)).assessment.thresholds,
        final=final,
        kinds=[
            {"value": each.value, "label": request.text(f"consequence.{each.value}")}
            for each in _MANUAL
        ],
        units=[
            {
                "value": line.unit_code,
                "label": (request.lang == "en" and line.unit_name_en) or line.unit_name,
            }
            for line in await queries.lines(year)
        ],
        may=final and request.actor.may(Role.COORDINATOR),
    )


@post("/assessments/{year:int}/consequences", roles=(Role.COORDINATOR,), status_code=200)
async def propose(request: Request, year: FromPath[int]) -> Response[Any]:
    """Bring up a recommendation, a merit or a talk."""
    form = await forms.fields(request)
    try:
        code = await commands.propose(request.actor, year, _draft(form), at=request.at)
    except Invalid as refusal:
        return await _index(request, year, refusal, form)
    return redirect(request, f"/office/consequences/{code}?said=saved")


def _draft(form: Form) -> Draft:
    """Read what the office brings up."""
    faults = [
        Fault(name, "form.required")
        for name in ("kind", "unit")
        if not form.text(name) or (name == "kind" and form.text(name) not in set(ConsequenceKind))
    ]
    if faults:
        raise Invalid("form.faults", *faults)
    return Draft(
        unit=Code(form.text("unit")),
        kind=ConsequenceKind(form.text("kind")),
        basis=Basis.OFFICE,
        text=form.text("text"),
    )


@get("/consequences/{code:str}", roles=READERS)
async def show(request: Request, code: FromPath[str]) -> Response[Any]:
    """Show one consequence and what comes next."""
    return await _show(request, await queries.consequence(read_code(code)))


async def _show(
    request: Request,
    view: ConsequenceView,
    refusal: Invalid | None = None,
    form: Form = _EMPTY,
) -> Response[Any]:
    bodies = (await rulebooks.current()).rulebook.findings.bodies
    return page(
        request,
        "office/consequences/show.html",
        status=422 if refusal else 200,
        faults=errors.texts(request, refusal) if refusal else [],
        typed=form,
        view=view,
        rule=await _rule(view),
        letter=view.kind in LETTERS,
        talk=view.kind in TALKS,
        bodies=[{"value": each, "label": each} for each in bodies],
        answers=[
            {"value": each.value, "label": request.text(f"consequence.answer.{each.value}")}
            for each in Answer
        ],
        own=view.basis is Basis.OFFICE and request.actor.may(Role.COORDINATOR),
        coordinator=request.actor.may(Role.COORDINATOR),
        may=request.actor.may(*WORKERS),
    )


@get("/consequences/{code:str}/record", roles=READERS)
async def record(request: Request, code: FromPath[str]) -> Response[Any]:
    """Show the record of a talk: filled in once it was held, before with lines to fill in."""
    view = await queries.consequence(read_code(code))
    if view.kind not in TALKS:
        raise Missing("consequence.missing")
    answer = page(request, "office/consequences/record.html", view=view, rule=await _rule(view))
    return await documents.offered(request, answer, request.text("Record of a talk"))


async def _rule(view: ConsequenceView) -> Threshold | None:
    """Return the rule that brought something up, if one did."""
    book = await book_of(await queries.begun(view.year))
    return next((each for each in book.assessment.thresholds if each.key == view.rule), None)


@post("/consequences/{code:str}/steps/{step:str}", roles=WORKERS, status_code=200)
async def take(request: Request, code: FromPath[str], step: FromPath[str]) -> Response[Any]:
    """Record a letter, its answer, a talk, or take a proposal back."""
    form = await forms.fields(request)
    view = await queries.consequence(read_code(code))
    try:
        await _step(request, view.code, step, form)
    except Invalid as refusal:
        return await _show(request, view, refusal, form)
    return redirect(request, f"/office/consequences/{view.code}?said=saved")


async def _step(request: Request, code: Code, step: str, form: Form) -> None:
    actor, at = request.actor, request.at
    if step == "letter":
        await commands.send_letter(actor, code, form.text("body"), form.text("document"), at=at)
    elif step == "answer":
        await commands.answer_letter(
            actor, code, form.text("answer"), form.text("text"), form.text("document"), at=at
        )
    elif step == "talk":
        await commands.hold_talk(actor, code, _talk(form), at=at)
    elif step == "withdraw":
        await commands.withdraw_consequence(actor, code, form.text("reason"), at=at)
    else:
        raise Missing("consequence.missing")


def _talk(form: Form) -> Talk:
    return Talk(
        held_on=form.date("held_on"),
        held_by=form.text("held_by"),
        spoke_with=form.text("spoke_with"),
        summary=form.text("summary"),
        document=form.text("document"),
        follow_up=form.date("follow_up") if form.text("follow_up") else None,
        place=form.text("place"),
        promised=form.text("promised"),
    )


handlers: list[Any] = [index, propose, show, record, take]
