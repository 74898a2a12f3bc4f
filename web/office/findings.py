"""Findings at the office's desk: the list, one finding, and the step that comes next."""

from __future__ import annotations

from typing import Any, Final

from litestar import Response, get, post
from litestar.params import FromPath

from panel.actor import Role
from panel.errors import Fault, Invalid
from panel.evaluations import queries as sheets
from panel.evaluations.commands import findings as commands
from panel.evaluations.queries import clocks, exposures
from panel.evaluations.queries import findings as queries
from panel.evaluations.types.findings import (
    EvidenceKind,
    FindingDraft,
    FindingState,
    FindingView,
    NewEvidence,
    Outcome,
)
from panel.ids import Code, read_code
from panel.roster import queries as roster
from panel.rulebook import queries as rulebooks
from panel.rulebook.types import Form as Sheet
from panel.rulebook.types import Item, Veto
from web import errors, images
from web.forms import Form, fields
from web.office.due import Todo
from web.office.finding_steps import ROLES, STEPS, code_in
from web.pages import Request, page, redirect

READERS: Final = (*ROLES, Role.AUDITOR)
EMPTY: Final = Form({}, {})
PAGE: Final = 50
_SHOWN: Final[dict[str, tuple[FindingState, ...]]] = {
    "office": (FindingState.NOTED, FindingState.TRIAGED, FindingState.VERIFYING),
    "unit": (FindingState.UNIT_REPLY_WAIT, FindingState.ORDER_OPENED),
    "verified": (FindingState.VERIFIED, FindingState.RECTIFIED),
    "ended": (FindingState.CLOSED, FindingState.NOT_UPHELD, FindingState.INCONCLUSIVE),
}


@get("/findings", roles=READERS)
async def index(request: Request) -> Response[str]:
    """List findings by whose turn it is."""
    show = request.query_params.get("show", "office")
    shown = show if show in _SHOWN else "office"
    counts = await queries.counts(request.actor)
    found = await queries.findings(
        request.actor,
        at=request.at,
        states=_SHOWN[shown],
        before=request.number("before") or None,
        limit=PAGE,
    )
    return page(
        request,
        "office/findings/index.html",
        found=found,
        show=shown,
        tabs=[
            {"key": key, "count": sum(counts.get(state, 0) for state in states)}
            for key, states in _SHOWN.items()
        ],
        following=f"?show={shown}&before={found[-1].id}" if len(found) == PAGE else None,
        may=request.actor.may(Role.COORDINATOR, Role.REVIEWER),
    )


async def todo(request: Request) -> list[Todo]:
    """Return what findings wait for at this reader's desk."""
    if not request.actor.may(*ROLES):
        return []
    found = []
    counts = await queries.counts(request.actor)
    waiting = sum(counts.get(state, 0) for state in _SHOWN["office"])
    if waiting and request.actor.may(*set(ROLES) - {Role.PUBLISHER}):
        found.append(Todo("/office/findings", request.text("Findings to work on"), count=waiting))
    pressing = await clocks.waiting(request.actor)
    if pressing:
        first = pressing[0]
        text = request.text("Findings near or past their limit")
        detail = first.unit_name_en if request.lang == "en" else ""
        url = f"/office/findings/{first.finding}"
        found.append(Todo(url, text, detail or first.unit_name, count=len(pressing)))
    for each in await exposures.proposed(request.actor):
        url = f"/office/findings/{each.finding}/exposures/{each.code}"
        found.append(Todo(url, request.text("Decide on an exposure"), each.title))
    return found


def names(form: Sheet | None, key: str, lang: str) -> str:
    """Return an item or grave event in words."""
    if form is None or not key:
        return ""
    found: list[Item | Veto] = [*form.items, *form.vetoes]
    return next((f"{each.id} {each.text.get(lang)}" for each in found if each.id == key), key)


async def sheet_form(view: FindingView) -> Sheet | None:
    """Return the form that a finding's item stands in."""
    if not view.form_key:
        return None
    return (await rulebooks.version(view.rulebook_code)).rulebook.form(view.form_key)


def found_in(refusal: Invalid | None) -> list[str]:
    """Return what a text check found, for the boxes to tick."""
    faults = refusal.faults if refusal else ()
    pieces: list[str] = []
    for fault in faults:
        value = fault.values.get("found")
        pieces += value if isinstance(value, tuple) else ()
    return list(dict.fromkeys(pieces))


@get("/findings/new", roles=ROLES)
async def new(request: Request) -> Response[str]:
    """Ask what was found, on a sheet, by a lead or otherwise."""
    given = {key: [request.query_params.get(key, "")] for key in ("sheet", "lead", "item", "unit")}
    return await _new(request, Form(given, {}))


async def _new(request: Request, form: Form, refusal: Invalid | None = None) -> Response[str]:
    code = form.text("sheet")
    reading = await sheets.reading(await sheets.submission(read_code(code))) if code else None
    items: list[Item | Veto] = []
    if reading:
        items = [*reading.blank.form.items, *reading.blank.form.vetoes]
    sealed = {veto.id for veto in reading.blank.form.vetoes if veto.sealed} if reading else set()
    discipline = request.actor.may(Role.INDEPENDENT_REVIEWER)
    return page(
        request,
        "office/findings/new.html",
        status=422 if refusal else 200,
        faults=errors.texts(request, refusal) if refusal else [],
        form_values=form,
        task=reading.sheet.task if reading else None,
        items=[
            {"value": item.id, "label": f"{item.id} {item.text.get(request.lang)}"}
            for item in items
            if item.id not in sealed or discipline
        ],
        units=[
            {
                "value": unit.code,
                "label": (unit.name_en if request.lang == "en" else "") or unit.name,
            }
            for unit in await roster.units()
        ]
        if reading is None and not form.text("lead")
        else [],
    )


@post("/findings", roles=ROLES, status_code=200)
async def create(request: Request) -> Response[str]:
    """Note a finding."""
    form = await fields(request)
    try:
        code = await commands.note_finding(
            request.actor,
            FindingDraft(
                facts=form.text("facts"),
                item=form.text("item"),
                sheet=code_in(form, "sheet"),
                lead=code_in(form, "lead"),
                unit=code_in(form, "unit"),
            ),
            at=request.at,
        )
    except Invalid as refusal:
        return await _new(request, form, refusal)
    return redirect(request, f"/office/findings/{code}?said=finding_noted")


@get("/findings/{code:str}", roles=READERS)
async def show(request: Request, code: FromPath[str]) -> Response[str]:
    """Show one finding with the step that comes next."""
    return await _show(request, read_code(code))


async def _show(
    request: Request, code: Code, form: Form = EMPTY, refusal: Invalid | None = None
) -> Response[str]:
    actor = request.actor
    view = await queries.finding(actor, code)
    grounds = await queries.grounds(view)
    book = (await rulebooks.version(view.rulebook_code)).rulebook
    second = Role.INDEPENDENT_REVIEWER if view.sealed else Role.REVIEWER
    return page(
        request,
        "office/findings/show.html",
        status=422 if refusal else 200,
        faults=errors.texts(request, refusal) if refusal else [],
        found=found_in(refusal),
        form=form,
        view=view,
        item=names(await sheet_form(view), view.item, request.lang),
        facts=await queries.facts(view),
        evidence=grounds.evidence,
        wanted=book.findings.independent_items
        if view.severity >= book.findings.independent_from
        else 1,
        reply=grounds.reply,
        steps=await queries.steps(view),
        clocks=await clocks.clocks(view.id),
        transfers=await exposures.transfers(view.id),
        exposures=await exposures.exposures_of(view.id),
        bodies=[{"value": body, "label": body} for body in book.findings.bodies],
        severities=[
            {"value": n, "label": request.text(f"finding.severity.{n}")} for n in range(1, 5)
        ],
        outcomes=[
            {"value": each.value, "label": request.text(f"finding.outcome.{each.value}")}
            for each in (Outcome.VERIFIED, Outcome.NOT_UPHELD, Outcome.INCONCLUSIVE)
            if each is not Outcome.VERIFIED or not view.veto
        ],
        may=actor.may(Role.INDEPENDENT_REVIEWER)
        if view.sealed
        else actor.may(Role.COORDINATOR, Role.REVIEWER),
        may_confirm=actor.may(second),
        proposer=view.veto_by is not None and view.veto_by == actor.person,
        reads_sheets=actor.may(Role.REVIEWER, Role.AUDITOR),
        noter=view.noted_by == actor.person,
        above=actor.may(Role.INDEPENDENT_REVIEWER if view.sealed else Role.PUBLISHER),
    )


@post("/findings/{code:str}/steps/{step:str}", roles=ROLES, status_code=200)
async def take(request: Request, code: FromPath[str], step: FromPath[str]) -> Response[str]:
    """Take the next step with a finding."""
    form = await fields(request)
    wanted = read_code(code)
    taken = STEPS.get(step)
    if taken is None:
        return await _show(request, wanted)
    try:
        await taken(request, wanted, form)
    except Invalid as refusal:
        return await _show(request, wanted, form, refusal)
    return redirect(request, f"/office/findings/{wanted}?said=finding_done")


@get("/findings/{code:str}/evidence", roles=ROLES)
async def evidence(request: Request, code: FromPath[str]) -> Response[str]:
    """Ask for one more item of evidence."""
    return await _evidence(request, read_code(code))


async def _evidence(
    request: Request, code: Code, form: Form = EMPTY, refusal: Invalid | None = None
) -> Response[str]:
    view = await queries.finding(request.actor, code)
    return page(
        request,
        "office/findings/evidence.html",
        status=422 if refusal else 200,
        faults=errors.texts(request, refusal) if refusal else [],
        view=view,
        form=form,
        accept=images.ACCEPT,
        kinds=[
            {
                "value": each.value,
                "label": request.text(f"evidence.{each.value}"),
                "hint": request.text(f"evidence.hint.{each.value}"),
            }
            for each in EvidenceKind
        ],
    )


@post("/findings/{code:str}/evidence", roles=ROLES, status_code=200)
async def add_evidence(request: Request, code: FromPath[str]) -> Response[str]:
    """Add one more item of evidence."""
    form = await fields(request)
    wanted = read_code(code)
    view = await queries.finding(request.actor, wanted)
    try:
        if form.text("kind") not in set(EvidenceKind):
            raise Invalid("finding.faults", Fault("kind", "form.required"))  # noqa: TRY301
        kind = EvidenceKind(form.text("kind"))
        given = NewEvidence(
            kind=kind,
            note=form.text("note"),
            sheet=code_in(form, "sheet") if kind is EvidenceKind.SHEET else None,
            picture=await picture(form, "picture"),
        )
        await commands.add_evidence(request.actor, view.code, given, at=request.at)
    except Invalid as refusal:
        return await _evidence(request, wanted, form, refusal)
    return redirect(request, f"/office/findings/{wanted}?said=finding_done")


async def picture(form: Form, name: str) -> bytes:
    """Return a picture of a paper, made anew; nothing where none was sent."""
    given = form.upload(name)
    return (await images.clean(given[0], name)).data if given else b""


@get("/findings/{code:str}/files/{number:str}", roles=READERS)
async def file(request: Request, code: FromPath[str], number: FromPath[str]) -> Response[bytes]:
    """Show the picture of a paper."""
    view = await queries.finding(request.actor, read_code(code))
    found = await queries.file(request.actor, view, read_code(number))
    return Response(found.data, media_type=found.media, headers={"Cache-Control": "no-store"})


handlers: list[Any] = [index, new, create, show, take, evidence, add_evidence, file]
