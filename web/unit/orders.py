"""A unit's own orders to rectify: causes, plan, proofs, report."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, Final

from litestar import Response, get, post
from litestar.params import FromPath

from panel.assessments.commands import plans, progress
from panel.assessments.queries import order_parts as parts
from panel.assessments.queries import order_views as queries
from panel.assessments.types.orders import (
    LINE,
    LONGEST,
    Chain,
    Event,
    Filling,
    ItemSource,
    NewAnalysis,
    OrderView,
    Timing,
)
from panel.errors import Invalid, Missing
from panel.evaluations.types.clocks import ClockState
from panel.ids import Code, read_code
from web import documents, errors, forms, images, orders
from web.forms import Form
from web.office.findings import picture
from web.pages import Request, page, redirect
from web.unit.rankings import own_unit

EMPTY: Final = Form({}, {})
_DIGITS: Final = 4
_TOLD: Final = frozenset(Event) - {
    Event.REVISIT, Event.CHECKED, Event.NEAR, Event.OVERDUE, Event.TOLD_HEAD, Event.PROVED,
}  # fmt: skip
"""What of an order's course its unit reads: nothing that says when somebody comes."""


@get("/orders")
async def index(request: Request) -> Response[str]:
    """List the unit's orders, the newest first."""
    return page(
        request,
        "unit/orders/index.html",
        found=await queries.unit_orders(own_unit(request)),
    )


@get("/orders/{code:str}")
async def show(request: Request, code: FromPath[str]) -> Response[str]:
    """Show one order with what the unit has to do."""
    return await _show(request, read_code(code))


async def _show(
    request: Request, code: Code, form: Form = EMPTY, refusal: Invalid | None = None
) -> Response[str]:
    view = await queries.unit_order(own_unit(request), code)
    book = await orders.measures(view)
    items = await orders.items(view, book, request.lang)
    return page(
        request,
        "unit/orders/show.html",
        status=422 if refusal else 200,
        faults=errors.texts(request, refusal) if refusal else [],
        form=form,
        view=view,
        group=orders.group(view, book, request.lang),
        items=items,
        compared=await orders.compared(request, view, book, items),
        due=await _running(view),
        month=orders.month(view),
        events=[each for each in await parts.events(view.id) if each.event in _TOLD],
        most=LONGEST,
        line=LINE,
        accept=images.ACCEPT,
    )


async def _running(view: OrderView) -> dict[str, Any]:
    return {
        clock.kind.value: clock.due_at
        for clock in await parts.clocks(view.id)
        if clock.state is ClockState.RUNNING and clock.kind is not Timing.LETTER
    }


async def _receive(request: Request, code: Code, form: Form) -> None:
    del form
    await plans.receive(request.actor, code, at=request.at)


async def _analyse(request: Request, code: Code, form: Form) -> None:
    given = NewAnalysis(
        cause=form.text("cause"),
        measures=form.text("measures"),
        owner=form.text("owner"),
        by=form.date("by") if form.text("by") else None,
    )
    await plans.analyse(request.actor, code, given, at=request.at)


async def _plan(request: Request, code: Code, form: Form) -> None:
    chain = Chain(form.text("leader"), form.text("department"), form.text("person"))
    await plans.file_plan(request.actor, code, chain, at=request.at)


async def _report(request: Request, code: Code, form: Form) -> None:
    given = await picture(form, "picture")
    await progress.report_done(request.actor, code, form.text("report"), given, at=request.at)


async def _extension(request: Request, code: Code, form: Form) -> None:
    await progress.ask_extension(request.actor, code, form.text("reason"), at=request.at)


_STEPS: Final[dict[str, Callable[[Request, Code, Form], Awaitable[None]]]] = {
    "receive": _receive,
    "analysis": _analyse,
    "plan": _plan,
    "report": _report,
    "extension": _extension,
}


@post("/orders/{code:str}/steps/{step:str}", status_code=200)
async def take(request: Request, code: FromPath[str], step: FromPath[str]) -> Response[str]:
    """Take the next step with an order."""
    form = await forms.fields(request)
    wanted = read_code(code)
    taken = _STEPS.get(step)
    if taken is None:
        raise Missing("order.missing")
    try:
        await taken(request, wanted, form)
    except Invalid as refusal:
        return await _show(request, wanted, form, refusal)
    return redirect(request, f"/unit/orders/{wanted}?said=order_{step}")


def _number(text: str) -> int:
    """Return the number of an item as an address names it."""
    if not (text.isascii() and text.isdigit() and len(text) <= _DIGITS):
        raise Missing("order.missing")
    return int(text)


@get("/orders/{code:str}/items/{number:str}")
async def item(request: Request, code: FromPath[str], number: FromPath[str]) -> Response[str]:
    """Ask what is planned or was done about one item; number 0 is one that the unit adds."""
    return await _item(request, read_code(code), _number(number))


async def _item(
    request: Request,
    code: Code,
    number: int,
    form: Form | None = None,
    refusal: Invalid | None = None,
) -> Response[str]:
    view = await queries.unit_order(own_unit(request), code)
    book = await orders.measures(view)
    found = await parts.item(view.id, number) if number else None
    if form is None and found is not None:
        form = Form(
            {
                "measure": [found.measure],
                "owner": [found.owner],
                "due": [found.due.isoformat() if found.due else ""],
                "text": [found.text],
                "proof": [found.proof],
            },
            {},
        )
    return page(
        request,
        "unit/orders/item.html",
        status=422 if refusal else 200,
        faults=errors.texts(request, refusal) if refusal else [],
        form=form or EMPTY,
        view=view,
        item=found,
        name=orders.item_name(found, book, request.lang) if found else "",
        own=found is None or found.source is ItemSource.OWN,
        most=LONGEST,
        line=LINE,
        accept=images.ACCEPT,
    )


@post("/orders/{code:str}/items/{number:str}", status_code=200)
async def fill(request: Request, code: FromPath[str], number: FromPath[str]) -> Response[str]:
    """Plan one item, add one, or tell what was done about it."""
    form = await forms.fields(request)
    wanted, which = read_code(code), _number(number)
    try:
        if form.text("step") == "prove":
            given = await picture(form, "picture")
            await progress.prove(
                request.actor, wanted, which, form.text("proof"), given, at=request.at
            )
        else:
            await _plan_item(request, wanted, which, form)
    except Invalid as refusal:
        return await _item(request, wanted, which, form, refusal)
    return redirect(request, f"/unit/orders/{wanted}?said=order_item#items")


async def _plan_item(request: Request, code: Code, number: int, form: Form) -> None:
    given = Filling(
        measure=form.text("measure"),
        owner=form.text("owner"),
        due=form.date("due"),
        text=form.text("text"),
    )
    if number:
        await plans.fill(request.actor, code, number, given, at=request.at)
    else:
        await plans.add(request.actor, code, given, at=request.at)


@get("/orders/{code:str}/report")
async def report(request: Request, code: FromPath[str]) -> Response[Any]:
    """Show the report of the unit as a sheet to print, filled in as far as it is known."""
    view = await queries.unit_order(own_unit(request), read_code(code))
    book = await orders.measures(view)
    answer = page(
        request,
        "unit/orders/report.html",
        view=view,
        group=orders.group(view, book, request.lang),
        items=await orders.items(view, book, request.lang),
    )
    return await documents.offered(request, answer, request.text("Report on rectification"))


@get("/orders/{code:str}/files/{number:str}")
async def file(request: Request, code: FromPath[str], number: FromPath[str]) -> Response[bytes]:
    """Show a picture that the unit itself sent."""
    view = await queries.unit_order(own_unit(request), read_code(code))
    found = await parts.file(view.id, read_code(number))
    return Response(found.data, media_type=found.media, headers={"Cache-Control": "no-store"})


handlers: list[Any] = [index, show, take, item, fill, report, file]
