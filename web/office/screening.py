"""Screening at the clerk's desk: who waits for a verdict, one applicant, questions, replies."""

from __future__ import annotations

from typing import Any, Final

from litestar import Response, get, post
from litestar.params import FromPath

from panel.actor import Role
from panel.errors import Fault, Invalid
from panel.ids import Code, read_code
from panel.recruitment import commands, queries
from panel.recruitment.commands import letters
from panel.recruitment.types.applications import ApplicationState, ApplicationView
from panel.recruitment.types.campaigns import CampaignView, Phase, Screened, Verdict
from panel.vault import commands as vault
from web import documents, errors, paging
from web.forms import Form, fields
from web.office import imports
from web.pages import Request, page, redirect
from web.text import campaigns, vetting

CLERKS: Final = (Role.COORDINATOR, Role.VETTING_CLERK)
READERS: Final = (*CLERKS, Role.AUDITOR)
PAGE: Final = 50
_SHOWN: Final = ("name", "phone", "national_id", "address", "employer")


@get("/recruitment/{code:str}/screening", roles=READERS)
async def screening(request: Request, code: FromPath[str]) -> Response[str]:
    """Show the applications that await a verdict, by filter, with the bulk action."""
    return await _screening(request, await queries.campaign(read_code(code)))


async def _screening(
    request: Request, campaign: CampaignView, refusal: Invalid | None = None
) -> Response[str]:
    chosen = _filter(request)
    words = await campaigns.words(request.lang, campaign)
    reasons = await queries.reasons(campaign)
    wanted = _wanted(request, chosen)
    total = await queries.count_of(campaign, wanted)
    shown = await _page(request, campaign, wanted, chosen)
    return page(
        request,
        "office/recruitment/screening.html",
        status=422 if refusal else 200,
        faults=errors.texts(request, refusal) if refusal else [],
        campaign=campaign,
        title=campaigns.text(request.lang, campaign, "title"),
        progress=await queries.progress(campaign),
        unsettled=await queries.settled(campaign, request.at),
        now_screening=campaign.phase(request.at) is Phase.SCREENING,
        may=request.actor.may(*CLERKS),
        chosen=chosen,
        open_ones=chosen["waiting"] not in _STATES,
        applications=[
            {
                "view": each,
                "category": words.value("category", each.category),
                "district": words.value("district", each.district),
                "age_band": words.value("age_band", each.age_band),
                "sex": words.value("sex", each.sex),
                "reason": vetting.reason(request.lang, reasons, each.reason),
            }
            for each in shown.rows
        ],
        total=total,
        categories=words.choices("category"),
        districts=words.choices("district"),
        reasons=vetting.choices(request.lang, reasons),
        following=shown.following,
        previous=shown.previous,
        number_of_page=shown.number,
    )


async def _page(
    request: Request, campaign: CampaignView, wanted: Screened, chosen: dict[str, str]
) -> paging.Paged[ApplicationView]:
    """Return the page of a list of applications that an address asks for."""

    async def read(turn: paging.Turn) -> list[ApplicationView]:
        after, before = turn.ids
        return await queries.applications_of(
            campaign, wanted, limit=turn.limit, after=after, before=before
        )

    more = "".join(f"&{name}={value}" for name, value in chosen.items() if value)
    return await paging.paged(request, read, lambda one: one.id, PAGE, more)


_STATES: Final = {
    "settled": "",
    "replied": ApplicationState.REPLIED.value,
    "asked": ApplicationState.NEEDS_INFO.value,
}
"""Filters that show what is not open for a verdict."""


def _filter(request: Request, form: Form | None = None) -> dict[str, str]:
    """Read the filter from the address or from the form that repeats it."""
    names = ("waiting", "category", "district")
    if form is not None:
        return {name: form.text(name) for name in names}
    return {name: request.query_params.get(name, "") for name in names}


def _wanted(request: Request, chosen: dict[str, str]) -> Screened:
    """Return which applications a filter means; open ones only as far as this person may judge."""
    waiting = chosen["waiting"]
    closed = waiting in _STATES
    return Screened(
        category=chosen["category"],
        district=chosen["district"],
        waiting="" if closed else waiting,
        settled=closed,
        state=_STATES.get(waiting, ""),
        unjudged_by=None if closed else request.actor.person,
    )


@post("/recruitment/{code:str}/screening", roles=CLERKS, status_code=200)
async def vet(request: Request, code: FromPath[str]) -> Response[str]:
    """Give one verdict to the ticked applications, or to all that match the filter."""
    form = await fields(request)
    campaign = await queries.campaign(read_code(code))
    chosen = _filter(request, form)
    tickets = [Code(each) for each in form.many("ticket")]
    if form.text("scope") == "all":
        tickets = await queries.tickets_of(campaign, _wanted(request, chosen))
    try:
        verdict = _verdict(form)
        if not tickets:
            raise Invalid("form.faults", Fault("ticket", "vetting.nothing_ticked"))  # noqa: TRY301
        await commands.vet(
            request.actor, campaign.code, tickets, verdict, form.text("reason"), at=request.at
        )
    except Invalid as refusal:
        return await _screening(request, campaign, refusal)
    query = "".join(f"&{name}={value}" for name, value in chosen.items() if value)
    address = f"/office/recruitment/{campaign.code}/screening"
    return redirect(request, f"{address}?said=verdicts_given{query}")


def _verdict(form: Form) -> Verdict:
    """Return the verdict that was chosen; refuse none."""
    if form.text("verdict") not in set(Verdict):
        raise Invalid("form.faults", Fault("verdict", "form.required"))
    return Verdict(form.text("verdict"))


@get("/recruitment/{code:str}/applications/{ticket:str}", roles=READERS)
async def application(
    request: Request, code: FromPath[str], ticket: FromPath[str]
) -> Response[str]:
    """Show one application without the person."""
    return await _application(request, read_code(code), read_code(ticket))


async def _application(
    request: Request,
    code: Code,
    ticket: Code,
    refusal: Invalid | None = None,
    **context: Any,
) -> Response[str]:
    campaign = await queries.campaign(code)
    words = await campaigns.words(request.lang, campaign)
    reasons = await queries.reasons(campaign)
    found = await queries.application(campaign, ticket)
    return page(
        request,
        "office/recruitment/application.html",
        status=422 if refusal else 200,
        faults=errors.texts(request, refusal) if refusal else [],
        campaign=campaign,
        title=campaigns.text(request.lang, campaign, "title"),
        found=found,
        category=words.value("category", found.category),
        district=words.value("district", found.district),
        age_band=words.value("age_band", found.age_band),
        sex=words.value("sex", found.sex),
        why=vetting.reason(request.lang, reasons, found.reason),
        votes=[
            {
                "office": each.office,
                "verdict": each.verdict.value,
                "reason": vetting.reason(request.lang, reasons, each.reason),
            }
            for each in await queries.votes_on(found.id)
        ],
        reasons=vetting.choices(request.lang, reasons),
        now_screening=campaign.phase(request.at) is Phase.SCREENING,
        may=request.actor.may(*CLERKS),
        **{"identity": None, "asked": None, "reason": "", "lost": "", "sent": "", **context},
    )


@post("/recruitment/{code:str}/applications/{ticket:str}/look", roles=CLERKS, status_code=200)
async def look(request: Request, code: FromPath[str], ticket: FromPath[str]) -> Response[str]:
    """Show who applied, and what was asked and answered: with a reason, visible to that person."""
    request.actor.require(*CLERKS)
    form = await fields(request)
    campaign = await queries.campaign(read_code(code))
    found = await queries.application(campaign, read_code(ticket))
    try:
        identity = await vault.look(
            request.actor, found.person, _SHOWN, form.text("reason"), at=request.at
        )
    except Invalid as refusal:
        return await _application(request, campaign.code, found.ticket, refusal)
    return await _application(
        request,
        campaign.code,
        found.ticket,
        identity=identity,
        asked=await queries.asked(found),
        reason=form.text("reason"),
    )


@post("/recruitment/{code:str}/applications/{ticket:str}/ask", roles=CLERKS, status_code=200)
async def ask(request: Request, code: FromPath[str], ticket: FromPath[str]) -> Response[str]:
    """Ask the applicant for what is missing."""
    form = await fields(request)
    campaign, number = read_code(code), read_code(ticket)
    try:
        await commands.ask(request.actor, campaign, number, form.text("question"), at=request.at)
    except Invalid as refusal:
        return await _application(request, campaign, number, refusal)
    return redirect(
        request, f"/office/recruitment/{campaign}/applications/{number}?said=question_sent"
    )


@post("/recruitment/{code:str}/applications/{ticket:str}/reply", roles=CLERKS, status_code=200)
async def reply(request: Request, code: FromPath[str], ticket: FromPath[str]) -> Response[str]:
    """Decide the reply of somebody who was found ineligible."""
    form = await fields(request)
    campaign, number = read_code(code), read_code(ticket)
    try:
        await commands.decide_reply(
            request.actor, campaign, number, _verdict(form), form.text("reason"), at=request.at
        )
    except Invalid as refusal:
        return await _application(request, campaign, number, refusal)
    return redirect(
        request, f"/office/recruitment/{campaign}/applications/{number}?said=reply_decided"
    )


@post("/recruitment/{code:str}/applications/{ticket:str}/receipt", roles=CLERKS, status_code=200)
async def reissue(request: Request, code: FromPath[str], ticket: FromPath[str]) -> Response[str]:
    """Print a new receipt for an applicant who came in person; the old code is dead at once."""
    form = await fields(request)
    campaign = await queries.campaign(read_code(code))
    number, why = read_code(ticket), form.text("lost")
    try:
        made = await commands.reissue(
            request.actor, campaign.code, number, why, checked=form.ticked("checked"),
            at=request.at,
        )  # fmt: skip
    except Invalid as refusal:
        shown = errors.renamed(refusal, "reason", "lost")
        return await _application(request, campaign.code, number, shown, lost=why)
    here = f"/office/recruitment/{campaign.code}/applications/{number}"
    return imports.slips_page(request, campaign, (here, number), [(made.slip, made.identity.name)])


@post("/recruitment/{code:str}/applications/{ticket:str}/letter", roles=CLERKS, status_code=200)
async def letter(request: Request, code: FromPath[str], ticket: FromPath[str]) -> Response[Any]:
    """Print a letter to an applicant without a telephone: the finding, or the question."""
    form = await fields(request)
    campaign = await queries.campaign(read_code(code))
    number, why = read_code(ticket), form.text("sent")
    try:
        found = await letters.of_verdict(request.actor, campaign.code, number, why, at=request.at)
    except Invalid as refusal:
        shown = errors.renamed(refusal, "reason", "sent")
        return await _application(request, campaign.code, number, shown, sent=why)
    reasons = await queries.reasons(campaign)
    answer = page(
        request,
        "office/recruitment/letter.html",
        campaign=campaign,
        title=campaigns.text(request.lang, campaign, "title"),
        letter=found,
        why=vetting.reason(request.lang, reasons, found.view.reason),
        address=f"{request.config.base_url}/zh/recruitment/{campaign.code}/own",
        today=request.at,
    )
    return await documents.offered(
        request, answer, request.text("Letter"), letterhead=True, form=form.text("as")
    )


handlers: list[Any] = [screening, vet, application, look, ask, reply, reissue, letter]
