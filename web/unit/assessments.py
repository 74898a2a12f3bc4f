"""A unit's own lines of the years: what they were made of, receipt, appeal, what followed."""

from __future__ import annotations

from typing import Any, Final

from litestar import Response, get, post
from litestar.params import FromPath

from panel.assessments import commands, queries
from panel.assessments.types import LineView
from panel.errors import Invalid
from panel.ids import read_code
from panel.rankings.types import AppealDraft, AppealGround
from web import errors, forms, images, marks
from web.forms import Form
from web.office.assessments import book_of
from web.pages import Request, page, redirect
from web.unit.rankings import own_unit

_PICTURES: Final = ("picture1", "picture2", "picture3")


@get("/assessments")
async def index(request: Request) -> Response[Any]:
    """Show the unit's own lines, as far as they were shown to it."""
    unit = own_unit(request)
    follows = await queries.unit_consequences(unit)
    shown = []
    for line in await queries.unit_lines(unit):
        view = await queries.year(line.year)
        final = view.final_at is not None
        shown.append(
            {
                "each": marks.explained(request, line, await book_of(view), own=True),
                "view": view,
                "final": final,
                "appeals": await queries.appeals_of_line(line),
                "follows": [each for each in follows if final and each.year == line.year],
                "open": view.state == "explained"
                and line.appeal_until is not None
                and request.at <= line.appeal_until,
            }
        )
    return page(request, "unit/assessments/index.html", lines=shown)


@post("/assessments/{code:str}/receive", status_code=200)
async def receive(request: Request, code: FromPath[str]) -> Response[Any]:
    """Acknowledge the own line."""
    await commands.receive_line(request.actor, read_code(code), at=request.at)
    return redirect(request, "/unit/assessments?said=line_received")


@post("/assessments/{code:str}/accept", status_code=200)
async def accept(request: Request, code: FromPath[str]) -> Response[Any]:
    """Say that the unit will not appeal."""
    await commands.accept_line(request.actor, read_code(code), at=request.at)
    return redirect(request, "/unit/assessments?said=line_accepted")


@get("/assessments/{code:str}/appeal")
async def new(request: Request, code: FromPath[str]) -> Response[Any]:
    """Show the form of an appeal against the own line."""
    line = await queries.unit_line(own_unit(request), read_code(code))
    return _form(request, line)


def _form(
    request: Request, line: LineView, refusal: Invalid | None = None, form: Form | None = None
) -> Response[Any]:
    return page(
        request,
        "unit/assessments/appeal.html",
        status=422 if refusal else 200,
        faults=errors.texts(request, refusal) if refusal else [],
        typed=form or Form({}, {}),
        line=line,
        pictures=_PICTURES,
        grounds=[
            {"value": each.value, "label": request.text(f"appeal.ground.{each.value}")}
            for each in AppealGround
        ],
    )


@post("/assessments/{code:str}/appeal", status_code=200)
async def appeal(request: Request, code: FromPath[str]) -> Response[Any]:
    """File an appeal against the own line."""
    line = await queries.unit_line(own_unit(request), read_code(code))
    form = await forms.fields(request)
    try:
        pictures = [
            (await images.clean(upload[0], name)).data
            for name in _PICTURES
            if (upload := form.upload(name)) is not None
        ]
        draft = AppealDraft(
            ground=form.text("ground"),
            statement=form.text("statement"),
            leader=form.text("leader"),
            document=form.text("document"),
            pictures=tuple(pictures),
        )
        await commands.appeal_line(request.actor, line.code, draft, at=request.at)
    except Invalid as refusal:
        return _form(request, line, refusal, form)
    return redirect(request, "/unit/assessments?said=line_appealed")


handlers: list[Any] = [index, receive, accept, new, appeal]
