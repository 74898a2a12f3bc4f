"""Targeted evaluations at the office's desk: complaint numbers, suggestions, confirmation."""

from __future__ import annotations

import datetime as dt
from typing import Any, Final

from litestar import Response, get, post

from panel.actor import Role
from panel.errors import Fault, Invalid
from panel.ids import Code
from panel.roster import queries as roster
from panel.rulebook import queries as rulebooks
from panel.rulebook.types import Rulebook
from panel.visits import commands, queries
from panel.visits.types import COUNT_COLUMNS as COLUMNS
from panel.visits.types import NewCount, RoundDraft
from web import errors, forms
from web.forms import Form
from web.i18n import ZONE
from web.pages import Request, download, page, redirect
from web.spreadsheets import XLSX, Layout, written

READERS: Final = (Role.COORDINATOR, Role.PUBLISHER, Role.AUDITOR)
_EMPTY: Final = Form({}, {})
SHOWN: Final = 24
"""Lines of figures that stand open on the page; more are folded."""


@get("/targeting", roles=READERS)
async def index(request: Request) -> Response[str]:
    """Show whom the numbers suggest, the numbers themselves, and how to bring more."""
    return await _show(request)


async def _show(
    request: Request, refusal: Invalid | None = None, form: Form = _EMPTY, filename: str = ""
) -> Response[str]:
    """Render the page, after a refusal with everything that was typed or with a file's faults."""
    book = (await rulebooks.current()).rulebook
    table = refusal.faults if refusal and filename else ()
    summary = []
    if refusal and table:
        summary = [{"path": "found", "text": errors.text_of(request.lang, refusal)}]
    return page(
        request,
        "office/targeting/index.html",
        status=422 if refusal else 200,
        faults=summary if table else errors.texts(request, refusal) if refusal else [],
        found=[
            {
                "row": each.values.get("row", ""),
                "column": each.values.get("column", ""),
                "text": errors.text_of(request.lang, each),
            }
            for each in table
        ],
        filename=filename,
        form_values=form if form.fields else _usual(request, book),
        targeted=await queries.targeted(at=request.at),
        counts=await queries.complaint_counts(),
        units=[
            {"value": unit.code, "label": (request.lang == "en" and unit.name_en) or unit.name}
            for unit in await roster.units()
            if unit.active
        ],
        bounds=book.targeting,
        columns=COLUMNS,
        shown=SHOWN,
        may=request.actor.may(Role.COORDINATOR),
    )


def _usual(request: Request, book: Rulebook) -> Form:
    """Return the fields of a targeted evaluation as the rulebook suggests it."""
    today = request.at.astimezone(ZONE).date()
    values = {
        "title": "定向监督评议",
        "title_en": "Targeted evaluation",
        "covert_percent": "50",
        "starts": (today + dt.timedelta(days=7)).isoformat(),
        "ends": (today + dt.timedelta(days=27)).isoformat(),
        "legal_basis": book.legal_basis.get("zh"),
        "month": (today.replace(day=1) - dt.timedelta(days=1)).strftime("%Y-%m"),
    }
    return Form({name: [value] for name, value in values.items()}, {})


@post("/targeting/counts", roles=(Role.COORDINATOR,), status_code=200)
async def enter(request: Request) -> Response[str]:
    """Store one unit's numbers of a month."""
    form = await forms.fields(request)
    try:
        count = NewCount(
            unit=Code(form.text("unit")),
            month=_month(form),
            received=form.integer("received"),
            upheld=form.integer("upheld"),
            transactions=form.integer("transactions", 0),
        )
        await commands.enter_counts(request.actor, [count], at=request.at)
    except Invalid as refusal:
        # Two forms share the page: the other one keeps what the rulebook suggests.
        usual = _usual(request, (await rulebooks.current()).rulebook)
        return await _show(request, refusal, Form({**usual.fields, **form.fields}, {}))
    return redirect(request, "/office/targeting?said=counts_entered")


def _month(form: Form) -> dt.date:
    """Read a month as fields of that kind give it: 2026-03."""
    try:
        return dt.date.fromisoformat(f"{form.text('month')}-01")
    except ValueError:
        raise Invalid("count.faults", Fault("month", "count.month")) from None


@post("/targeting/import", roles=(Role.COORDINATOR,), status_code=200)
async def bring(request: Request) -> Response[str]:
    """Take in a table of numbers whole, or name every fault of it."""
    upload = (await forms.fields(request)).upload("file")
    if upload is None:
        return await _show(request, Invalid("form.faults", Fault("file", "form.required")))
    try:
        await commands.import_counts(request.actor, *upload, at=request.at)
    except Invalid as refusal:
        return await _show(request, refusal, filename=upload[1])
    return redirect(request, "/office/targeting?said=counts_entered")


@get("/targeting/template.xlsx", roles=(Role.COORDINATOR,))
async def template(request: Request) -> Response[bytes]:
    """Give a table of last month with every unit, to be filled in."""
    today = request.at.astimezone(ZONE).date()
    month = (today.replace(day=1) - dt.timedelta(days=1)).strftime("%Y-%m")
    rows = [(unit.name, month, "", "", "") for unit in await roster.units() if unit.active]
    layout = Layout(
        title="投诉举报情况统计表",
        watermark="",
        foot=("制表人：", "审核人：", "日期："),
        widths={COLUMNS[0]: 40},
    )
    return download(written(COLUMNS, rows, layout), f"投诉举报情况{month}.xlsx", XLSX)


@post("/targeting", roles=(Role.COORDINATOR,), status_code=200)
async def confirm(request: Request) -> Response[str]:
    """Plan a targeted evaluation of the chosen units."""
    form = await forms.fields(request)
    book = (await rulebooks.current()).rulebook
    try:
        view = await commands.confirm_targets(
            request.actor,
            [Code(unit) for unit in form.many("units")],
            _draft(form, book),
            at=request.at,
        )
    except Invalid as refusal:
        return await _show(request, refusal, form)
    return redirect(request, f"/office/rounds/{view.code}?said=round_planned")


def _draft(form: Form, book: Rulebook) -> RoundDraft:
    """Read the plan; what is not asked for here comes from the rulebook."""
    return RoundDraft(
        title=form.text("title"),
        title_en=form.text("title_en"),
        theme=form.text("theme"),
        groups=(),
        covert_percent=form.integer("covert_percent", 0),
        visits_per_window=1,
        visits_per_unit=1,
        starts=dt.datetime.combine(form.date("starts"), dt.time(), ZONE).astimezone(dt.UTC),
        ends=dt.datetime.combine(form.date("ends"), dt.time(23, 59, 59), ZONE).astimezone(dt.UTC),
        due_hours=book.deadline("sheet_after_visit").amount,
        legal_basis=form.text("legal_basis"),
        register_number=form.text("register_number"),
        max_tasks=book.rounds.maximum_tasks_per_member,
        disclosure=form.text("disclosure"),
        disclosed_on=form.date("disclosed_on") if form.text("disclosed_on") else None,
    )


handlers: list[Any] = [index, enter, bring, template, confirm]
