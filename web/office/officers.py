"""Officers' lists at the office's desk: figures, proposals, commendations, the list itself.

Nothing here tells who a case is about before somebody looks on the record.
"""

from __future__ import annotations

from typing import Any, Final

from litestar import Response, get, post
from litestar.params import FromPath

from panel.actor import Role
from panel.errors import Fault, Invalid, Missing
from panel.ids import Code, read_code
from panel.rankings import queries as rankings
from panel.rankings.commands import officer_erasure
from panel.rankings.commands import officer_lists as lists
from panel.rankings.commands import officers as commands
from panel.rankings.queries import officers as queries
from panel.rankings.types.officers import LINE, LONGEST, CaseState, CaseView, Side
from panel.roster import queries as roster
from panel.roster.queries import duty
from panel.roster.types import OfficerState
from panel.rulebook import queries as rulebooks
from web import documents, errors
from web.forms import Form, fields
from web.office.due import Todo
from web.pages import Request, page, redirect

READERS: Final = (
    Role.COORDINATOR, Role.PUBLISHER, Role.INDEPENDENT_REVIEWER, Role.AUDITOR,
)  # fmt: skip
WORKERS: Final = (Role.COORDINATOR, Role.PUBLISHER)
VERIFIERS: Final = (Role.COORDINATOR, Role.PUBLISHER)
EMPTY: Final = Form({}, {})
_TURN: Final = {
    CaseState.NOMINATED: (Role.COORDINATOR, Role.PUBLISHER, Role.INDEPENDENT_REVIEWER),
    CaseState.ELIGIBLE: WORKERS,
    CaseState.NOTIFIED: WORKERS,
    CaseState.HEARD: WORKERS,
    CaseState.VOTED: WORKERS,
    CaseState.DECIDED: WORKERS,
}
"""Whose turn it is in each state."""
_ERASING: Final = {
    "ask_erase": officer_erasure.ask_to_erase,
    "erase": officer_erasure.erase,
    "keep": officer_erasure.keep,
}
"""What may be done about the name of an officer who left."""


@get("/officers", roles=READERS)
async def index(request: Request) -> Response[str]:
    """List the rounds whose rankings were computed, with the officers' cases of each."""
    cases = await queries.cases(request.actor)
    found = []
    for each in await rankings.rankings():
        own = [case for case in cases if case.round_code == each.round_code]
        found.append(
            {
                "ranking": each,
                "made": await queries.figures(request.actor, each.round_code),
                "cases": len(own),
                "published": sum(case.state is CaseState.PUBLISHED for case in own),
            }
        )
    level = (await rulebooks.current()).rulebook.officers.level
    return page(request, "office/officers/index.html", rounds=found, level=level)


@get("/officers/rounds/{code:str}", roles=READERS)
async def show(request: Request, code: FromPath[str]) -> Response[str]:
    """Show the figures of a round, who may be proposed, and the cases; nobody is named."""
    return await _show(request, read_code(code))


async def _show(
    request: Request, code: Code, refusal: Invalid | None = None, reason: str = ""
) -> Response[str]:
    ranking = await rankings.ranking(code)
    made = await queries.figures(request.actor, code)
    cases = await queries.cases(request.actor, code)
    known = {(case.officer) for case in cases}
    book = (await rulebooks.version(ranking.rulebook_code)).rulebook
    return page(
        request,
        "office/officers/round.html",
        status=422 if refusal else 200,
        faults=errors.texts(request, refusal) if refusal else [],
        ranking=ranking,
        made=made,
        measures=book.officers,
        candidates=[
            each
            for each in await queries.candidates(request.actor, code)
            if each.officer not in known
        ],
        cases=cases,
        listed=any(case.state is CaseState.PUBLISHED for case in cases),
        reason=reason,
        compute=request.actor.may(Role.COORDINATOR),
        nominate=request.actor.may(*WORKERS),
    )


@post("/officers/rounds/{code:str}/compute", roles=(Role.COORDINATOR,))
async def compute(request: Request, code: FromPath[str]) -> Response[str]:
    """Compute the officers' figures from confirmed rosters."""
    number = read_code(code)
    await lists.compute(request.actor, number, at=request.at)
    return redirect(request, f"/office/officers/rounds/{number}?said=officers_computed")


@post("/officers/rounds/{code:str}/nominate", roles=WORKERS, status_code=200)
async def nominate(request: Request, code: FromPath[str]) -> Response[str]:
    """Propose somebody whom figures or evidence show."""
    form, number = await fields(request), read_code(code)
    try:
        made = await lists.nominate(
            request.actor, number, read_code(form.text("officer")), form.text("side"), at=request.at
        )
    except Invalid as refusal:
        return await _show(request, number, refusal)
    return redirect(request, f"/office/officers/cases/{made.code}?said=officer_nominated")


@post("/officers/rounds/{code:str}/list", roles=READERS, look=True, status_code=200)
async def whole(request: Request, code: FromPath[str]) -> Response[Any]:
    """Show the published list with its names; each name is a look on the record."""
    form, number = await fields(request), read_code(code)
    ranking = await rankings.ranking(number)
    found = [
        case
        for case in await queries.cases(request.actor, number)
        if case.state is CaseState.PUBLISHED
    ]
    try:
        who = await commands.look(
            request.actor, [each.code for each in found], form.text("reason"), at=request.at
        )
    except Invalid as refusal:
        return await _show(request, number, refusal, form.text("reason"))
    answer = page(
        request,
        "office/officers/list.html",
        ranking=ranking,
        sides=[
            {
                "side": side.value,
                "lines": [
                    {"case": each, "who": who.get(each.code)} for each in found if each.side is side
                ],
            }
            for side in Side
        ],
        today=request.at,
    )
    return await documents.offered(
        request, answer, request.text("The published list"), form=form.text("as")
    )


@get("/officers/commendations", roles=READERS)
async def commendations(request: Request) -> Response[str]:
    """List written commendations without whom they praise, and take in another one."""
    return await _commendations(request)


async def _commendations(
    request: Request, form: Form = EMPTY, refusal: Invalid | None = None
) -> Response[str]:
    return page(
        request,
        "office/officers/commendations.html",
        status=422 if refusal else 200,
        faults=errors.texts(request, refusal) if refusal else [],
        found=[
            {
                "view": each,
                "own": each.recorded_by == request.actor.person,
            }
            for each in await queries.commendations(request.actor)
        ],
        units=[
            {
                "value": each.code,
                "label": (each.name_en if request.lang == "en" else "") or each.name,
            }
            for each in await roster.units()
        ],
        values={
            name: form.text(name) for name in ("unit", "number", "received_on", "document", "text")
        },
        may=request.actor.may(Role.COORDINATOR),
        verify=request.actor.may(*VERIFIERS),
        line=LINE,
        limit=LONGEST,
    )


@post("/officers/commendations", roles=(Role.COORDINATOR,), status_code=200)
async def commend(request: Request) -> Response[str]:
    """Record a written commendation of an officer."""
    form = await fields(request)
    try:
        about = await duty.by_number(Code(form.text("unit")), form.text("number"))
        await lists.commend(
            request.actor, about.code, received_on=form.date("received_on"),
            document=form.text("document"), text=form.text("text"), at=request.at,
        )  # fmt: skip
    except Missing as unknown:
        refusal = Invalid("form.faults", Fault("number", unknown.code))
        return await _commendations(request, form, refusal)
    except Invalid as refusal:
        return await _commendations(request, form, refusal)
    return redirect(request, "/office/officers/commendations?said=commended")


@post("/officers/commendations/{code:str}/verify", roles=VERIFIERS)
async def verify(request: Request, code: FromPath[str]) -> Response[str]:
    """Confirm as a second person that the document was seen."""
    await lists.verify(request.actor, read_code(code), at=request.at)
    return redirect(request, "/office/officers/commendations?said=commendation_verified")


@get("/officers/left", roles=READERS)
async def left(request: Request) -> Response[str]:
    """List the officers who left, by post, with whose name is to be erased."""
    found = [each for each in await duty.officers() if each.state is OfficerState.LEFT]
    return page(
        request,
        "office/officers/left.html",
        rows=[
            {"view": each, "own": each.erase_asked_by == request.actor.person}
            for each in sorted(found, key=lambda each: each.erased_at is not None)
        ],
        may=request.actor.may(*WORKERS),
    )


@post("/officers/left/{code:str}/{step:str}", roles=WORKERS, status_code=200)
async def erase(request: Request, code: FromPath[str], step: FromPath[str]) -> Response[str]:
    """Ask that a name be erased, do it as another person, or turn it down."""
    if step not in _ERASING:
        raise Missing("http.404")
    await _ERASING[step](request.actor, read_code(code), at=request.at)
    return redirect(request, f"/office/officers/left?said=officer_{step}")


def waits(case: CaseView, request: Request) -> bool:
    """Tell whether the reader can take the next step of a case."""
    return case.state in _TURN and request.actor.may(*_TURN[case.state])


async def todo(request: Request) -> list[Todo]:
    """Return the cases that wait for this reader."""
    if not request.actor.may(*READERS):
        return []
    waiting = sum(waits(case, request) for case in await queries.cases(request.actor))
    text = request.text("Officers' cases to go on with")
    return [Todo("/office/officers", text, count=waiting)] if waiting else []


handlers: list[Any] = [
    index, show, compute, nominate, whole, commendations, commend, verify, left, erase,
]  # fmt: skip
