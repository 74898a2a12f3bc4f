"""Appeals at the office's desk: admitted by the office, decided by independent reviewers."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Final

from litestar import Response, get, post
from litestar.params import FromPath

from panel.actor import Role
from panel.errors import Invalid, Missing
from panel.ids import Code, read_code
from panel.rankings import commands as rankings
from panel.rankings import queries as lists
from panel.rankings.commands import appeals as commands
from panel.rankings.queries import appeals as queries
from panel.rankings.types import (
    AppealDraft,
    AppealGround,
    AppealKind,
    AppealOutcome,
    AppealState,
    AppealView,
    Inadmissible,
    Kind,
    RecordSheet,
    Verdict,
)
from panel.rankings.types.appeals import LONGEST, to_check
from panel.rulebook import queries as rulebooks
from web import errors, forms, images
from web.forms import Form
from web.office.due import Todo
from web.office.findings import picture
from web.pages import Request, page, redirect

READERS: Final = (
    Role.COORDINATOR,
    Role.PUBLISHER,
    Role.INDEPENDENT_REVIEWER,
    Role.AUDITOR,
)
WORKERS: Final = (Role.COORDINATOR, Role.PUBLISHER, Role.INDEPENDENT_REVIEWER)
PICTURES: Final = ("picture_1", "picture_2", "picture_3")
EMPTY: Final = Form({}, {})
Taken = Callable[[Request, Code, Form], Awaitable[object]]
_DIGITS: Final = 6
_OFFICE: Final = (Role.COORDINATOR, Role.PUBLISHER)


async def todo(request: Request) -> list[Todo]:
    """Return the appeals that wait for this reader: to admit, to take, to carry out, late ones."""
    found: list[Todo] = []
    every = await queries.appeals()
    mine = {
        "Appeals to admit": [
            each
            for each in every
            if each.state in {AppealState.FILED, AppealState.ACKNOWLEDGED}
            and request.actor.may(*_OFFICE)
        ],
        "Appeals to decide": [
            each
            for each in every
            if request.actor.may(Role.INDEPENDENT_REVIEWER)
            and (
                each.state in {AppealState.ADMITTED, AppealState.RECONSIDERATION}
                or (each.state is AppealState.REVIEWING and each.reviewer == request.actor.person)
            )
        ],
        "Appeals to carry out": [
            each
            for each in every
            if each.state is AppealState.DECIDED
            and each.granted
            and request.actor.may(Role.COORDINATOR)
        ],
        "Decisions on appeals that are late": [
            each for each in every if each.overdue(request.at) and request.actor.may(*WORKERS)
        ],
    }
    for label, rows in mine.items():
        if rows:
            found.append(Todo("/office/appeals", request.text(label), count=len(rows)))
    return found


@get("/appeals", roles=READERS)
async def index(request: Request) -> Response[Any]:
    """List the appeals, the one to be decided first at the top."""
    every = await queries.appeals()
    return page(
        request,
        "office/appeals/index.html",
        rows=[
            {"view": each, "late": each.overdue(request.at)}
            for each in sorted(every, key=lambda each: each.settled)
        ],
    )


@get("/appeals/{code:str}", roles=READERS)
async def show(request: Request, code: FromPath[str]) -> Response[Any]:
    """Show one appeal with what may be done now."""
    return await _show(request, read_code(code))


async def _show(
    request: Request,
    code: Code,
    form: Form = EMPTY,
    *,
    refusal: Invalid | None = None,
    record: Sequence[RecordSheet] | None = None,
) -> Response[Any]:
    view = await queries.appeal(code)
    book = (await rulebooks.version(view.rulebook_code)).rulebook
    return page(
        request,
        "office/appeals/show.html",
        status=422 if refusal else 200,
        faults=errors.texts(request, refusal) if refusal else [],
        view=view,
        texts=await queries.appeal_texts(code),
        course=await queries.course(view),
        tasks=await queries.sheet_tasks(view) if request.actor.may(*_OFFICE) else [],
        record=record,
        late=view.overdue(request.at),
        next=_next(request, view),
        typed=form,
        typed_sheets=form.many("sheets"),
        most=LONGEST,
        outcomes=_choices(request, "appeal.outcome", AppealOutcome),
        refusals=_choices(request, "appeal.inadmissible", Inadmissible),
        screened=[
            {"value": each, "label": request.text(f"appeal.screened.{each}")}
            for each in to_check(view.kind)
        ],
        typed_checked=form.many("checked"),
        void_reasons=[
            {"value": each, "label": request.text(f"void.{each}")} for each in book.void_reasons
        ],
    )


def _choices(request: Request, prefix: str, values: Any) -> list[dict[str, str]]:
    return [
        {"value": each.value, "label": request.text(f"{prefix}.{each.value}")} for each in values
    ]


def _next(request: Request, view: AppealView) -> frozenset[str]:
    """Return what this reader may do now; the commands have the last word."""
    actor, state = request.actor, view.state
    found = set()
    arrived = state in {AppealState.FILED, AppealState.ACKNOWLEDGED}
    if state is AppealState.FILED and actor.may(*_OFFICE):
        found.add("acknowledge")
    if arrived and actor.may(*WORKERS):
        found.add("admit")
    if arrived and actor.may(Role.INDEPENDENT_REVIEWER):
        found.add("refuse")
    if state in {AppealState.ADMITTED, AppealState.RECONSIDERATION} and actor.may(
        Role.INDEPENDENT_REVIEWER
    ):
        found.add("take")
    if state is AppealState.REVIEWING and actor.person == view.reviewer:
        found |= {"record", "decide", "give_up"}
    if state is AppealState.DECIDED and view.granted and actor.may(Role.COORDINATOR):
        found.add("carry_out" if view.kind is AppealKind.RANKING else "elsewhere")
    return frozenset(found)


async def _acknowledge(request: Request, code: Code, form: Form) -> None:
    del form
    await commands.acknowledge(request.actor, code, at=request.at)


async def _admit(request: Request, code: Code, form: Form) -> None:
    del form
    await commands.admit(request.actor, code, at=request.at)


async def _refuse(request: Request, code: Code, form: Form) -> None:
    await commands.refuse(
        request.actor, code, form.text("inadmissible"), form.text("reasons"), at=request.at
    )


async def _take(request: Request, code: Code, form: Form) -> None:
    del form
    await commands.take(request.actor, code, at=request.at)


async def _give_up(request: Request, code: Code, form: Form) -> None:
    del form
    await commands.give_up(request.actor, code, at=request.at)


async def _decide(request: Request, code: Code, form: Form) -> None:
    verdict = Verdict(
        outcome=form.text("outcome"),
        reasons=form.text("reasons"),
        sheets=tuple(_number(each) for each in form.many("sheets")),
        void_reason=form.text("void_reason"),
        checked=tuple(form.many("checked")),
    )
    await commands.decide(request.actor, code, verdict, at=request.at)


def _number(text: str) -> int:
    """Return the number of a sheet; 0, which none has, for what can't be one."""
    return int(text) if text.isdecimal() and len(text) <= _DIGITS else 0


async def _carry_out(request: Request, code: Code, form: Form) -> None:
    await rankings.carry_out(request.actor, code, form.text("reason"), at=request.at)


STEPS: Final[dict[str, Taken]] = {
    "acknowledge": _acknowledge,
    "admit": _admit,
    "refuse": _refuse,
    "take": _take,
    "give_up": _give_up,
    "decide": _decide,
    "carry_out": _carry_out,
}


@post("/appeals/{code:str}/steps/{step:str}", roles=WORKERS, status_code=200)
async def take_step(request: Request, code: FromPath[str], step: FromPath[str]) -> Response[Any]:
    """Take the next step with an appeal."""
    wanted = read_code(code)
    if step not in STEPS:
        raise Missing("appeal.missing")
    form = await forms.fields(request)
    try:
        await STEPS[step](request, wanted, form)
    except Invalid as refusal:
        seen = form.ticked("opened")  # the ticks of a refused decision stand in the record
        record = await commands.open_record(request.actor, wanted, at=request.at) if seen else None
        return await _show(request, wanted, form, refusal=refusal, record=record)
    return redirect(request, f"/office/appeals/{wanted}?said=appeal_{step}")


@post("/appeals/{code:str}/record", roles=(Role.INDEPENDENT_REVIEWER,), status_code=200)
async def record(request: Request, code: FromPath[str]) -> Response[Any]:
    """Open the redacted sheets, on the record."""
    wanted = read_code(code)
    form = await forms.fields(request)
    found = await commands.open_record(request.actor, wanted, at=request.at)
    return await _show(request, wanted, form, record=found)


@get("/appeals/{code:str}/files/{number:str}", roles=READERS)
async def file(request: Request, code: FromPath[str], number: FromPath[str]) -> Response[bytes]:
    """Show a picture that belongs to an appeal."""
    del request
    found = await queries.appeal_file(read_code(code), read_code(number))
    return Response(found.data, media_type=found.media, headers={"Cache-Control": "no-store"})


@get("/rankings/{code:str}/appeal", roles=(Role.COORDINATOR,))
async def new(request: Request, code: FromPath[str]) -> Response[Any]:
    """Show the form of an appeal that came on paper."""
    return await _new(request, read_code(code))


async def _new(
    request: Request, code: Code, form: Form = EMPTY, refusal: Invalid | None = None
) -> Response[Any]:
    ranking = await lists.ranking(code)
    named = {
        row.code: row.name_en if request.lang == "en" and row.name_en else row.name
        for one in await lists.lists(ranking.id)
        if one.kind is Kind.UNIT
        for row in one.rows
    }
    return page(
        request,
        "office/appeals/new.html",
        status=422 if refusal else 200,
        faults=errors.texts(request, refusal) if refusal else [],
        ranking=ranking,
        units=[{"value": unit, "label": name} for unit, name in named.items()],
        typed=form,
        **form_context(request),
    )


def form_context(request: Request) -> dict[str, Any]:
    """Return what the form of an appeal needs besides what was typed."""
    return {
        "grounds": _choices(request, "appeal.ground", AppealGround),
        "most": LONGEST,
        "accept": images.ACCEPT,
        "pictures": PICTURES,
    }


async def drafted(form: Form) -> AppealDraft:
    """Return an appeal as it was typed, its pictures made anew."""
    found = [await picture(form, name) for name in PICTURES]
    return AppealDraft(
        ground=form.text("ground"),
        statement=form.text("statement"),
        leader=form.text("leader"),
        document=form.text("document"),
        pictures=tuple(each for each in found if each),
    )


@post("/rankings/{code:str}/appeal", roles=(Role.COORDINATOR,), status_code=200)
async def create(request: Request, code: FromPath[str]) -> Response[Any]:
    """Record an appeal that came on paper."""
    form = await forms.fields(request)
    found = read_code(code)
    try:
        number = await rankings.appeal(
            request.actor,
            found,
            await drafted(form),
            unit=read_code(form.text("unit")),
            at=request.at,
        )
    except Invalid as refusal:
        return await _new(request, found, form, refusal)
    return redirect(request, f"/office/appeals/{number}?said=appeal_filed")


handlers: list[Any] = [index, show, take_step, record, file, new, create]
