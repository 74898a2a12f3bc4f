"""One officer's case: its page, the looks on the record, the papers that are handed over."""

from __future__ import annotations

from typing import Any, Final

from litestar import Response, get, post
from litestar.params import FromPath

from panel.actor import Role
from panel.errors import Invalid, Missing
from panel.evaluations.queries import findings
from panel.ids import Code, read_code
from panel.rankings.commands import officers as commands
from panel.rankings.queries import appeals
from panel.rankings.queries import officers as queries
from panel.rankings.types import AppealGround, AppealKind
from panel.rankings.types.officers import (
    LINE,
    LONGEST,
    CaseState,
    CaseTexts,
    CaseView,
    Disclosure,
    Hearing,
    MeasureOutcome,
    Side,
    Who,
)
from panel.rulebook import queries as rulebooks
from web import documents, errors
from web.forms import Form, fields
from web.office.findings import names, sheet_form
from web.office.officers import EMPTY, READERS, WORKERS
from web.pages import Request, page

_TYPED: Final = (
    "eligible", "document", "text", "delivered_on", "hearing", "heard_on", "record", "body",
    "held_on", "entitled", "present", "in_favour", "against", "abstained", "listed", "decided_on",
    "told_on", "level", "approval", "sent_on", "outcome", "answered_on", "ground", "statement",
    "leader", "again", "reason",
)  # fmt: skip
_PAPERS: Final = ("notice", "decision")


@get("/officers/cases/{code:str}", roles=READERS)
async def show(request: Request, code: FromPath[str]) -> Response[str]:
    """Show a case with its next step; who it is about opens to a look on the record."""
    return await shown(request, read_code(code))


async def shown(
    request: Request,
    code: Code,
    refusal: Invalid | None = None,
    form: Form = EMPTY,
    *,
    who: Who | None = None,
    texts: CaseTexts | None = None,
) -> Response[str]:
    """Render the page of a case, after a refusal with what was typed."""
    case = await queries.case(request.actor, code)
    actor = request.actor
    book = (await rulebooks.version(case.rulebook_code)).rulebook
    against = await appeals.appeals_of(AppealKind.OFFICER, case.code)
    return page(
        request,
        "office/officers/case.html",
        status=422 if refusal else 200,
        faults=errors.texts(request, refusal) if refusal else [],
        case=case,
        who=who,
        texts=texts,
        values={name: form.text(name) for name in _TYPED},
        appeals=against,
        again=queries.askable(against, request.at),
        work=actor.may(*WORKERS),
        check=actor.may(*WORKERS, Role.INDEPENDENT_REVIEWER) and case.nominated_by != actor.person,
        decide=case.vote is not None and case.vote.recorded_by != actor.person,
        publish=actor.may(Role.PUBLISHER) and case.decided_by != actor.person,
        drop=case.decided_by != actor.person,
        withdraw=case.published_by != actor.person,
        record=actor.may(Role.COORDINATOR),
        appealing=case.told_on is not None
        and case.state is CaseState.DECIDED
        and case.appeal_until is not None
        and request.at <= case.appeal_until,
        may_level=book.officers.level,
        line=LINE,
        limit=LONGEST,
        **_choices(request, case, Disclosure(book.officers.level)),
    )


def _choices(request: Request, case: CaseView, most: Disclosure) -> dict[str, Any]:
    """Return what may be chosen in the forms of a case, in the reader's words."""
    levels = list(Disclosure)[list(Disclosure).index(most) :]

    def words(prefix: str, kind: Any) -> list[dict[str, str]]:
        return [{"value": each.value, "label": request.text(f"{prefix}.{each.value}")}
                for each in kind]  # fmt: skip

    top = case.side is Side.TOP
    return {
        "hearings": words("officer.hearing", Hearing),
        "levels": words("officer.level", reversed(levels)),
        "outcomes": words("officer.outcome.merit" if top else "officer.outcome.warning",
                          MeasureOutcome),
        "grounds": words("appeal.ground", AppealGround),
    }  # fmt: skip


@post("/officers/cases/{code:str}/look", roles=READERS, look=True, status_code=200)
async def look(request: Request, code: FromPath[str]) -> Response[str]:
    """Open who a case is about; the look is noted for that person."""
    form, number = await fields(request), read_code(code)
    try:
        found = await commands.look(request.actor, [number], form.text("reason"), at=request.at)
    except Invalid as refusal:
        return await shown(request, number, refusal, form)
    return await shown(request, number, who=found.get(number))


@post("/officers/cases/{code:str}/read", roles=READERS, look=True, status_code=200)
async def read(request: Request, code: FromPath[str]) -> Response[str]:
    """Open what was written in the course of a case; the look is noted."""
    form, number = await fields(request), read_code(code)
    try:
        texts = await commands.read(request.actor, number, form.text("reason"), at=request.at)
    except Invalid as refusal:
        return await shown(request, number, refusal, form)
    return await shown(request, number, texts=texts)


@post("/officers/cases/{code:str}/papers/{name:str}", roles=WORKERS, status_code=200)
async def letter(request: Request, code: FromPath[str], name: FromPath[str]) -> Response[Any]:
    """Print the notice or the decision that the officer is handed; the look is noted."""
    number, form = read_code(code), await fields(request)
    case = await queries.case(request.actor, number)
    after = CaseState.ELIGIBLE if name == "notice" else CaseState.DECIDED
    if name not in _PAPERS or case.state is not after:
        raise Missing("http.404")
    found = await commands.look(request.actor, [number], f"paper {name}", at=request.at)
    book = (await rulebooks.version(case.rulebook_code)).rulebook
    answer = page(
        request,
        f"office/officers/{name}.html",
        case=case,
        who=found.get(number),
        told=await _told(request, case),
        measures=book.officers,
        hearing=book.deadline("officer_hearing"),
        appeal=book.deadline("appeal"),
        legal=book.legal_basis.get(request.lang),
        today=request.at,
    )
    return await documents.offered(
        request, answer, request.text("Paper to hand over"), letterhead=True, form=form.text("as")
    )


async def _told(request: Request, case: CaseView) -> list[dict[str, str]]:
    """Return the findings of a case as their unit was told of them: a month, never a day."""
    lines = []
    for code in case.evidence.findings:
        view = await findings.finding(request.actor, code)
        form = await sheet_form(view)
        lines.append(
            {
                "month": view.month.strftime("%Y-%m") if view.month else "",
                "item": names(form, view.item or view.veto, request.lang),
                "text": view.told,
            }
        )
    return lines


handlers: list[Any] = [show, look, read, letter]
