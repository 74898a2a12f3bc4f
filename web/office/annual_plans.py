"""The plans of years at the office's desk: themes by quarter, published by a second person."""

from __future__ import annotations

from typing import Any, Final

from litestar import Response, get, post
from litestar.params import FromPath

from panel.actor import Role
from panel.errors import Invalid
from panel.rulebook import queries as rulebooks
from panel.visits.commands import yearly as commands
from panel.visits.queries import yearly as queries
from panel.visits.types.yearly import MOST_ENTRIES, YearDraft, YearEntry, YearState
from web import errors, forms
from web.forms import Form
from web.i18n import ZONE
from web.office.rounds import group_names
from web.pages import Request, page, redirect

_BASE: Final = "/office/annual-plans"
_SPARE: Final = 2
"""Empty entries at the end of the form."""
_FIELDS: Final = ("quarter", "title", "theme", "title_en", "theme_en")


@get("/annual-plans")
async def index(request: Request) -> Response[str]:
    """List the plans of the years."""
    return page(
        request,
        "office/annual_plans/index.html",
        plans=await queries.year_plans(),
        next_year=request.at.astimezone(ZONE).year + 1,
        this_year=request.at.astimezone(ZONE).year,
        may=request.actor.may(Role.COORDINATOR),
    )


@get("/annual-plans/{year:int}")
async def show(request: Request, year: FromPath[int]) -> Response[str]:
    """Show a year's plan with its editions and its next step."""
    return await _show(request, year)


async def _show(
    request: Request, year: int, form: Form | None = None, refusal: Invalid | None = None
) -> Response[str]:
    view = await queries.year_plan(year)
    book = (await rulebooks.current()).rulebook
    own = request.actor.person is not None and view.written_by == request.actor.person
    return page(
        request,
        "office/annual_plans/show.html",
        status=422 if refusal else 200,
        faults=errors.texts(request, refusal) if refusal else [],
        view=view,
        editions=await queries.editions(year),
        groups=group_names(request, book),
        form_values=form or Form({}, {}),
        own=own,
        may=request.actor.may(Role.COORDINATOR),
        may_publish=request.actor.may(Role.COORDINATOR, Role.PUBLISHER),
    )


@get("/annual-plans/{year:int}/edit", roles=(Role.COORDINATOR,))
async def edit(request: Request, year: FromPath[int]) -> Response[str]:
    """Offer a year's plan for change; the change of a published one is its next edition."""
    found = await queries.editions(year)
    if found:
        return await _form(request, year, _typed(found[0].draft, found[0].state))
    book = (await rulebooks.current()).rulebook
    return await _form(request, year, Form({"basis": [book.legal_basis.get("zh")]}, {}))


def _typed(draft: YearDraft, state: YearState) -> Form:
    """Return the fields that would give a plan."""
    fields = {"basis": [draft.basis], "document": [draft.document]}
    if state is YearState.DRAFT:
        fields["change"] = [draft.change]
    for number, entry in enumerate(draft.entries):
        for name in _FIELDS:
            fields[f"{name}-{number}"] = [str(getattr(entry, name))]
        fields[f"groups-{number}"] = list(entry.groups)
    return Form(fields, {})


async def _form(
    request: Request, year: int, form: Form, refusal: Invalid | None = None
) -> Response[str]:
    book = (await rulebooks.current()).rulebook
    filled = sum(1 for number in range(MOST_ENTRIES) if form.text(f"title-{number}"))
    found = await queries.editions(year)
    return page(
        request,
        "office/annual_plans/edit.html",
        status=422 if refusal else 200,
        faults=errors.texts(request, refusal) if refusal else [],
        year=year,
        form_values=form,
        numbers=list(range(min(MOST_ENTRIES, filled + _SPARE))),
        later=any(each.state is YearState.PUBLISHED for each in found),
        quarters=[
            {"value": quarter, "label": request.text("Quarter {n}", n=quarter)}
            for quarter in range(1, 5)
        ],
        groups=[
            {"value": key, "label": label} for key, label in group_names(request, book).items()
        ],
    )


@post("/annual-plans", roles=(Role.COORDINATOR,))
async def start(request: Request) -> Response[str]:
    """Lead to the form of the year that was named."""
    form = await forms.fields(request)
    return redirect(request, f"{_BASE}/{form.integer('year')}/edit")


@post("/annual-plans/{year:int}", roles=(Role.COORDINATOR,))
async def update(request: Request, year: FromPath[int]) -> Response[str]:
    """Store a year's plan, or show every fault at its field."""
    form = await forms.fields(request)
    entries = tuple(_entry(form, number) for number in range(MOST_ENTRIES) if _begun(form, number))
    draft = YearDraft(
        year=year,
        basis=form.text("basis"),
        document=form.text("document"),
        entries=entries,
        change=form.text("change"),
    )
    try:
        await commands.write_year(request.actor, draft, at=request.at)
    except Invalid as refusal:
        return await _form(request, year, form, refusal)
    return redirect(request, f"{_BASE}/{year}?said=year_plan_written")


def _begun(form: Form, number: int) -> bool:
    """Tell whether anything was typed into an entry."""
    return any(form.text(f"{name}-{number}") for name in _FIELDS[1:])


def _entry(form: Form, number: int) -> YearEntry:
    quarter = form.text(f"quarter-{number}")
    return YearEntry(
        quarter=int(quarter) if quarter in {"1", "2", "3", "4"} else 0,
        title=form.text(f"title-{number}"),
        theme=form.text(f"theme-{number}"),
        groups=tuple(form.many(f"groups-{number}")),
        title_en=form.text(f"title_en-{number}"),
        theme_en=form.text(f"theme_en-{number}"),
    )


@post("/annual-plans/{year:int}/publish", roles=(Role.COORDINATOR, Role.PUBLISHER))
async def publish(request: Request, year: FromPath[int]) -> Response[str]:
    """Publish a year's plan as a second person, or as signed on paper."""
    form = await forms.fields(request)
    try:
        paper = forms.paper(request, form)
        await commands.publish_year(request.actor, year, at=request.at, paper=paper)
    except Invalid as refusal:
        return await _show(request, year, form, refusal)
    return redirect(request, f"{_BASE}/{year}?said=year_plan_published")


handlers: list[Any] = [index, show, edit, start, update, publish]
