"""Orders to rectify at the office's desk: the board by their limits, one order, its next step."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

import msgspec
from litestar import Response, get, post
from litestar.params import FromPath

from panel.actor import Role
from panel.assessments.commands import revisits
from panel.assessments.queries import order_parts as parts
from panel.assessments.queries import order_views as queries
from panel.assessments.queries import revisits as looks
from panel.assessments.types.orders import (
    LINE,
    LONGEST,
    Extension,
    OrderKind,
    OrderState,
    OrderView,
    Result,
    Timing,
)
from panel.errors import Invalid, Missing
from panel.evaluations.types.clocks import ClockState
from panel.ids import Code, read_code
from panel.rulebook import queries as rulebooks
from panel.visits import queries as rounds
from web import documents, errors, forms, orders, standings
from web.forms import Form
from web.office.due import Todo
from web.office.findings import found_in
from web.office.order_steps import STEPS
from web.pages import Request, page, redirect

WORKERS: Final = (Role.COORDINATOR, Role.REVIEWER)
TAKING: Final = (*WORKERS, Role.PUBLISHER)
READERS: Final = (*TAKING, Role.AUDITOR)
EMPTY: Final = Form({}, {})
_SHOWN: Final[dict[str, tuple[OrderState, ...]]] = {
    "office": (
        OrderState.FILED, OrderState.REPORTED, OrderState.REVISIT, OrderState.ESCALATED,
    ),
    "unit": (
        OrderState.OPEN, OrderState.RECEIVED, OrderState.ANALYSED, OrderState.APPROVED,
        OrderState.WORKING, OrderState.FAILED,
    ),
    "ended": (OrderState.CLOSED,),
}  # fmt: skip
"""Whose turn it is."""


class _Line(msgspec.Struct, frozen=True):
    """One line of the board."""

    view: OrderView
    due: datetime | None
    """The next limit that runs."""


def _turn(view: OrderView) -> str:
    if view.kind is OrderKind.ANALYSIS and view.state is OrderState.ANALYSED:
        return "office"
    return next(key for key, states in _SHOWN.items() if view.state in states)


@get("/orders", roles=READERS)
async def index(request: Request) -> Response[str]:
    """Show the orders by whose turn it is, the most pressing first."""
    return await _index(request)


async def _index(request: Request, refusal: Invalid | None = None) -> Response[str]:
    found = await queries.order_views()
    counts = {key: sum(_turn(each) == key for each in found) for key in _SHOWN}
    asked = request.query_params.get("show", "")
    # Nobody opens on an empty list while others wait.
    shown = asked if asked in _SHOWN else next((key for key in _SHOWN if counts[key]), "office")
    lines = [_Line(each, await _next_limit(each)) for each in found if _turn(each) == shown]
    lines.sort(key=lambda line: (line.due is None, line.due or line.view.due))
    return page(
        request,
        "office/orders/index.html",
        status=422 if refusal else 200,
        faults=errors.texts(request, refusal) if refusal else [],
        lines=lines,
        show=shown,
        tabs=[{"key": key, "count": count} for key, count in counts.items()],
        may_plan=request.actor.may(Role.COORDINATOR)
        and any(line.view.state is OrderState.REPORTED for line in lines),
    )


async def _next_limit(view: OrderView) -> datetime | None:
    due = [each.due_at for each in await parts.clocks(view.id) if each.state is ClockState.RUNNING]
    return min(due, default=None)


@post("/orders/revisit", roles=(Role.COORDINATOR,), status_code=200)
async def plan_revisit(request: Request) -> Response[str]:
    """Plan one round that looks at the orders that were ticked."""
    form = await forms.fields(request)
    codes = [read_code(code) for code in form.many("orders")]
    try:
        made = await revisits.plan_revisit(
            request.actor, codes, "整改回访", "Re-visit after rectification", at=request.at
        )
    except Invalid as refusal:
        return await _index(request, refusal)
    return redirect(request, f"/office/rounds/{made}?said=revisit_planned")


@get("/orders/{code:str}", roles=READERS)
async def show(request: Request, code: FromPath[str]) -> Response[str]:
    """Show one order with the step that comes next."""
    return await _show(request, read_code(code))


async def _show(
    request: Request, code: Code, form: Form = EMPTY, refusal: Invalid | None = None
) -> Response[str]:
    view = await queries.order(request.actor, code)
    book = await orders.measures(view)
    items = await orders.items(view, book, request.lang)
    clocks = await parts.clocks(view.id)
    return page(
        request,
        "office/orders/show.html",
        status=422 if refusal else 200,
        faults=errors.texts(request, refusal) if refusal else [],
        found=found_in(refusal),
        form=form,
        view=view,
        group=orders.group(view, book, request.lang),
        items=items,
        clocks=clocks,
        events=await parts.events(view.id),
        letters=await parts.letters(view.id),
        result=await _result(view, items),
        round=await rounds.round(view.revisit) if view.revisit else None,
        came_back=await queries.came_back(
            view, [each["view"] for each in items], days=book.assessment.recurrence_days
        ),
        bodies=[{"value": body, "label": body} for body in book.findings.bodies],
        missed=any(
            each.kind in {Timing.RECTIFY, Timing.SECOND}
            and each.state is ClockState.RUNNING
            and request.at > each.due_at
            for each in clocks
        ),
        month=orders.month(view),
        plans=request.actor.may(Role.COORDINATOR),
        works=request.actor.may(*WORKERS),
        extends=request.actor.may(Role.PUBLISHER) and view.extension is Extension.ASKED,
        reads_sheets=request.actor.may(Role.REVIEWER, Role.AUDITOR),
        most=LONGEST,
        line=LINE,
    )


async def _result(view: OrderView, items: list[dict[str, Any]]) -> Result | None:
    return await looks.result(view, [each["view"] for each in items]) if view.revisit else None


@post("/orders/{code:str}/steps/{step:str}", roles=TAKING, status_code=200)
async def take(request: Request, code: FromPath[str], step: FromPath[str]) -> Response[str]:
    """Take the next step with an order."""
    form = await forms.fields(request)
    wanted = read_code(code)
    taken = STEPS.get(step)
    if taken is None:
        raise Missing("order.missing")
    try:
        await taken(request, wanted, form)
    except Invalid as refusal:
        return await _show(request, wanted, form, refusal)
    return redirect(request, f"/office/orders/{wanted}?said=order_done")


@get("/orders/{code:str}/letter", roles=READERS)
async def letter(request: Request, code: FromPath[str]) -> Response[Any]:
    """Show the order as the letter that is printed, sealed and delivered, or give it to edit."""
    view = await queries.order(request.actor, read_code(code))
    book = await orders.measures(view)
    answer = page(
        request,
        "office/orders/letter.html",
        view=view,
        name=standings.called(view.unit_name, view.unit_name_en, request.lang),
        group=orders.group(view, book, request.lang),
        items=await orders.items(view, book, request.lang),
        days=book.assessment.rectification_days,
    )
    title = request.text(f"order.letter.{view.kind}")
    return await documents.offered(request, answer, title, letterhead=True)


@get("/orders/{code:str}/files/{number:str}", roles=READERS)
async def file(request: Request, code: FromPath[str], number: FromPath[str]) -> Response[bytes]:
    """Show a picture that the unit sent."""
    view = await queries.order(request.actor, read_code(code))
    found = await parts.file(view.id, read_code(number))
    return Response(found.data, media_type=found.media, headers={"Cache-Control": "no-store"})


async def todo(request: Request) -> list[Todo]:
    """Return what orders wait for at this reader's desk."""
    if not request.actor.may(*TAKING):
        return []
    found = []
    views = await queries.order_views()
    waiting = sum(_turn(each) == "office" for each in views)
    if waiting and request.actor.may(*WORKERS):
        found.append(Todo("/office/orders", request.text("Orders to work on"), count=waiting))
    asked = [each for each in views if each.extension is Extension.ASKED and each.running]
    if asked and request.actor.may(Role.PUBLISHER):
        url = f"/office/orders/{asked[0].code}"
        found.append(Todo(url, request.text("Decide on more time"), count=len(asked)))
    if request.actor.may(*WORKERS) and any(each.state is OrderState.CLOSED for each in views):
        days = (await rulebooks.current()).rulebook.assessment.recurrence_days
        for view, _ in await queries.recurring(days, at=request.at):
            name = standings.called(view.unit_name, view.unit_name_en, request.lang)
            text = request.text("A problem has come back")
            found.append(Todo(f"/office/orders/{view.code}", text, name))
    return found


handlers: list[Any] = [index, plan_revisit, show, take, letter, file]
