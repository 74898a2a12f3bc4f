"""Figures of a year that come from elsewhere: a table to import, one unit by hand."""

from __future__ import annotations

import unicodedata
from typing import Any, Final

from litestar import Response, get, post
from litestar.params import FromPath

from panel import score
from panel.actor import Role
from panel.assessments import commands, queries
from panel.assessments.types import FIGURE_COLUMNS, NewFigures, YearState
from panel.errors import Fault, Invalid
from panel.ids import Code
from panel.roster import queries as roster
from web import errors, forms
from web.forms import Form
from web.office.assessments import READERS
from web.pages import Request, download, page, redirect
from web.spreadsheets import XLSX, Layout, written

_EMPTY: Final = Form({}, {})
_NUMBERS: Final = (
    "closed", "on_time", "asked", "satisfied", "survey_issued", "survey_returned", "survey_valid",
)  # fmt: skip


@get("/assessments/{year:int}/figures", roles=READERS)
async def index(request: Request, year: FromPath[int]) -> Response[Any]:
    """Show what was brought of a year and how to bring more."""
    return await _show(request, year)


async def _show(
    request: Request,
    year: int,
    refusal: Invalid | None = None,
    form: Form = _EMPTY,
    filename: str = "",
) -> Response[Any]:
    """Render the page, after a refusal with what was typed or with a file's faults."""
    view = await queries.begun(year)
    table = refusal.faults if refusal and filename else ()
    return page(
        request,
        "office/assessments/figures.html",
        status=422 if refusal else 200,
        faults=[{"path": "found", "text": errors.text_of(request.lang, refusal)}]
        if refusal and table
        else errors.texts(request, refusal)
        if refusal
        else [],
        found=[
            {
                "row": each.values.get("row", ""),
                "column": each.values.get("column", ""),
                "text": errors.text_of(request.lang, each),
            }
            for each in table
        ],
        filename=filename,
        typed=form,
        year=year,
        rows=await queries.figures(year),
        units=[
            {"value": unit.code, "label": (request.lang == "en" and unit.name_en) or unit.name}
            for unit in await roster.units()
            if unit.active
        ],
        columns=FIGURE_COLUMNS,
        may=request.actor.may(Role.COORDINATOR) and (view is None or view.state is YearState.OPEN),
    )


@post("/assessments/{year:int}/figures", roles=(Role.COORDINATOR,), status_code=200)
async def enter(request: Request, year: FromPath[int]) -> Response[Any]:
    """Store one unit's figures."""
    form = await forms.fields(request)
    try:
        new = NewFigures(
            unit=Code(form.text("unit")),
            source=form.text("source"),
            survey=_points(form, "survey"),
            **{name: form.integer(name) if form.text(name) else None for name in _NUMBERS},
        )
        await commands.enter_figures(request.actor, year, [new], at=request.at)
    except Invalid as refusal:
        return await _show(request, year, refusal, form)
    return redirect(request, f"/office/assessments/{year}/figures?said=figures_entered")


def _points(form: Form, name: str) -> int | None:
    """Read points with up to two decimals; nothing where nothing was typed."""
    text = unicodedata.normalize("NFKC", form.text(name))
    if not text:
        return None
    try:
        return score.parse(text)
    except ValueError:
        raise Invalid("form.faults", Fault(name, "rulebook.decimal")) from None


@post("/assessments/{year:int}/figures/import", roles=(Role.COORDINATOR,), status_code=200)
async def bring(request: Request, year: FromPath[int]) -> Response[Any]:
    """Take in a table whole, or name every fault of it."""
    upload = (await forms.fields(request)).upload("file")
    if upload is None:
        return await _show(request, year, Invalid("form.faults", Fault("file", "form.required")))
    try:
        await commands.import_figures(request.actor, year, *upload, at=request.at)
    except Invalid as refusal:
        return await _show(request, year, refusal, filename=upload[1])
    return redirect(request, f"/office/assessments/{year}/figures?said=figures_entered")


@get("/assessments/{year:int}/figures.xlsx", roles=(Role.COORDINATOR,))
async def template(request: Request, year: FromPath[int]) -> Response[bytes]:
    """Give a table with every unit, to be filled in."""
    del request
    rows = [
        (unit.name, *[""] * (len(FIGURE_COLUMNS) - 1))
        for unit in await roster.units()
        if unit.active
    ]
    layout = Layout(
        title=f"{year}年考核数据表",
        watermark="",
        foot=("制表人：", "审核人：", "日期："),
        widths={FIGURE_COLUMNS[0]: 40, FIGURE_COLUMNS[-1]: 30},
    )
    return download(written(FIGURE_COLUMNS, rows, layout), f"{year}年考核数据表.xlsx", XLSX)


handlers: list[Any] = [index, enter, bring, template]
