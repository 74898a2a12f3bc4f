"""Notice and appointment at the office's desk: objections, replacements, seats, completion."""

from __future__ import annotations

from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath

from panel.actor import Role
from panel.errors import Fault, Invalid
from panel.ids import Code, read_code
from panel.recruitment import queries
from panel.recruitment.commands import appointment, notice, objections
from panel.recruitment.queries import notice as notices
from panel.recruitment.queries import objections as filed
from panel.recruitment.types.campaigns import CampaignState, CampaignView
from panel.recruitment.types.notice import LONGEST_OBJECTION, Circle, Decision, Outcome
from panel.recruitment.types.paper import PaperAct
from panel.rulebook import queries as rulebook
from panel.vault import queries as openings
from panel.vault.types import OpeningKind
from web import documents, errors
from web.forms import Form, fields
from web.office import signatures
from web.pages import Request, page, redirect
from web.public.notice import masked
from web.text.campaigns import text, words

READERS = (Role.COORDINATOR, Role.AUDITOR)
EMPTY = Form({}, {})


def _base(campaign: Code) -> str:
    return f"/office/recruitment/{campaign}"


@get("/recruitment/{code:str}/notice", roles=READERS)
async def show(request: Request, code: FromPath[str]) -> Response[str]:
    """Show what is due between the lottery and completion, with objections and replacements."""
    campaign = await queries.campaign(read_code(code))
    work = await notices.work(campaign, at=request.at)
    word = await words(request.lang, campaign)
    return page(
        request,
        "office/notice/show.html",
        campaign=campaign,
        title=text(request.lang, campaign, "title"),
        phase=campaign.phase(request.at).value,
        work=work,
        short=len(work.overview.vacant) - work.overview.fillable,
        objections=await filed.objections(campaign),
        moved_up=[
            {"view": each, "category": word.value("category", each.category)}
            for each in work.moved_up
        ],
        may=request.actor.may(Role.COORDINATOR),
    )


@post("/recruitment/{code:str}/notice/replace", roles=(Role.COORDINATOR,), status_code=200)
async def replace(request: Request, code: FromPath[str]) -> Response[str]:
    """Let the reserve move up and put who moved up on notice."""
    campaign = await queries.campaign(read_code(code))
    done = campaign.state is CampaignState.COMPLETED
    command = notice.fill_vacancies if done else notice.replace
    await command(request.actor, campaign.code, at=request.at)
    return redirect(request, f"{_base(campaign.code)}/notice?said=moved_up")


@post("/recruitment/{code:str}/notice/close", roles=(Role.COORDINATOR,), status_code=200)
async def close(request: Request, code: FromPath[str]) -> Response[str]:
    """End a notice whose time is over."""
    campaign = read_code(code)
    await notice.close_notice(request.actor, campaign, at=request.at)
    return redirect(request, f"{_base(campaign)}/notice?said=notice_closed")


@post("/recruitment/{code:str}/appointment", roles=(Role.COORDINATOR,), status_code=200)
async def appoint(request: Request, code: FromPath[str]) -> Response[str]:
    """Give the cleared their seats and certificates."""
    campaign = read_code(code)
    await appointment.appoint(request.actor, campaign, at=request.at)
    return redirect(request, f"{_base(campaign)}/certificates?said=appointed")


@post("/recruitment/{code:str}/completion", roles=(Role.COORDINATOR,), status_code=200)
async def complete(request: Request, code: FromPath[str]) -> Response[str]:
    """End a campaign whose members all pledged."""
    campaign = read_code(code)
    await appointment.complete(request.actor, campaign, at=request.at)
    return redirect(request, f"{_base(campaign)}/notice?said=campaign_completed")


@get("/recruitment/{code:str}/notice/list", roles=READERS)
async def masked_list(request: Request, code: FromPath[str]) -> Response[Any]:
    """Show the notice as it is hung up: everybody on it, masked as on the public page."""
    campaign = await queries.campaign(read_code(code))
    found = await notices.listed(campaign, at=request.at)
    answer = page(
        request,
        "office/notice/list.html",
        campaign=campaign,
        title=text(request.lang, campaign, "title"),
        batches=[each for each in await notices.batches(campaign) if request.at <= each.closes_at],
        rows=await masked(request.lang, campaign, found),
        address=f"{request.config.base_url}/{request.lang}/recruitment/{campaign.code}/notice",
    )
    title = request.text("Public notice of proposed members")
    return await documents.offered(request, answer, title, letterhead=True)


@get("/recruitment/{code:str}/notice/paper", roles=(Role.COORDINATOR,))
async def paper(request: Request, code: FromPath[str]) -> Response[str]:
    """Ask which community or workplace a paper list is for."""
    return await _paper(request, await queries.campaign(read_code(code)), EMPTY)


async def _paper(
    request: Request,
    campaign: CampaignView,
    form: Form,
    refusal: Invalid | None = None,
    *,
    named: list[dict[str, Any]] | None = None,
) -> Response[str]:
    found = await notices.batches(campaign)
    return page(
        request,
        "office/notice/paper.html",
        status=422 if refusal else 200,
        faults=errors.texts(request, refusal) if refusal else [],
        campaign=campaign,
        title=text(request.lang, campaign, "title"),
        circles=[
            {"value": each.value, "label": request.text(f"notice.circle.{each.value}")}
            for each in Circle
        ],
        circle=form.text("circle") or Circle.COMMUNITY.value,
        place=form.text("place"),
        until={each.number: each.closes_at for each in found},
        address=f"{request.config.base_url}/{request.lang}/recruitment/{campaign.code}/notice",
        named=named,
    )


@post("/recruitment/{code:str}/notice/paper", roles=(Role.COORDINATOR,), status_code=200)
async def print_paper(request: Request, code: FromPath[str]) -> Response[str]:
    """Show the full names of one community or workplace for printing; each look is logged."""
    campaign = await queries.campaign(read_code(code))
    form = await fields(request)
    typed = form.text("circle")
    try:
        named = await notice.paper_list(
            request.actor,
            campaign.code,
            Circle(typed) if typed in set(Circle) else Circle.COMMUNITY,
            form.text("place"),
            request.text("Paper list of the public notice"),
            at=request.at,
        )
    except Invalid as refusal:
        return await _paper(request, campaign, form, refusal)
    word = await words(request.lang, campaign)
    return await _paper(
        request,
        campaign,
        form,
        named=[
            {
                "view": each,
                "category": word.value("category", each.category),
            }
            for each in named
        ],
    )


@get("/recruitment/{code:str}/objections/{number:str}", roles=READERS)
async def objection(request: Request, code: FromPath[str], number: FromPath[str]) -> Response[str]:
    """Show one objection; its text opens by a look that is logged."""
    return await _objection(request, read_code(code), read_code(number), EMPTY)


async def _objection(
    request: Request,
    code: Code,
    number: Code,
    form: Form,
    *,
    refusal: Invalid | None = None,
    texts: tuple[str, ...] = (),
) -> Response[str]:
    campaign = await queries.campaign(code)
    found = await filed.objection(number)
    return page(
        request,
        "office/notice/objection.html",
        status=422 if refusal else 200,
        faults=errors.texts(request, refusal) if refusal else [],
        campaign=campaign,
        title=text(request.lang, campaign, "title"),
        found=found,
        texts=texts,
        form_values=form,
        signed=await signatures.offered(request, PaperAct.OBJECTION, number),
        may_ask=OpeningKind.OBJECTOR in openings.askable(request.actor),
        most=LONGEST_OBJECTION,
        decisions=[
            {"value": each.value, "label": request.text(f"objection.decision.{each.value}")}
            for each in Decision
        ],
        own=request.actor.person is not None and request.actor.person == campaign.author,
        may=request.actor.may(Role.COORDINATOR),
    )


@post(
    "/recruitment/{code:str}/objections/{number:str}/look",
    roles=(Role.COORDINATOR,),
    status_code=200,
)
async def look(request: Request, code: FromPath[str], number: FromPath[str]) -> Response[str]:
    """Open the texts of an objection, on the record."""
    form = await fields(request)
    wanted = read_code(number)
    try:
        texts = await objections.read_texts(
            request.actor, wanted, form.text("reason"), at=request.at
        )
    except Invalid as refusal:
        return await _objection(request, read_code(code), wanted, form, refusal=refusal)
    return await _objection(request, read_code(code), wanted, form, texts=texts)


@post("/recruitment/{code:str}/objections/{number:str}", roles=(Role.COORDINATOR,), status_code=200)
async def decide(request: Request, code: FromPath[str], number: FromPath[str]) -> Response[str]:
    """Decide an objection with finding, reply and document number."""
    form = await fields(request)
    campaign, wanted = read_code(code), read_code(number)
    try:
        if form.text("decision") not in set(Decision):
            raise Invalid("form.faults", Fault("decision", "form.required"))  # noqa: TRY301
        outcome = Outcome(
            decision=Decision(form.text("decision")),
            finding=form.text("finding"),
            reply=form.text("reply"),
            document=form.text("document"),
        )
        paper = await signatures.confirmed(request, form, PaperAct.OBJECTION, wanted)
        await objections.decide(request.actor, wanted, outcome, at=request.at, paper=paper)
    except Invalid as refusal:
        return await _objection(request, campaign, wanted, form, refusal=refusal)
    return redirect(request, f"{_base(campaign)}/notice?said=objection_decided")


@get("/recruitment/{code:str}/conduct", roles=READERS)
async def conduct(request: Request, code: FromPath[str]) -> Response[Any]:
    """Print the code of conduct with lines to sign, for those who pledge on paper."""
    campaign = await queries.campaign(read_code(code))
    answer = page(
        request,
        "office/notice/conduct.html",
        campaign=campaign,
        conduct=(await rulebook.current()).rulebook.conduct,
    )
    return await documents.offered(request, answer, request.text("Code of conduct"))


handlers: list[Any] = [
    show, replace, close, appoint, complete, masked_list, paper, print_paper, objection, look,
    decide, conduct,
]  # fmt: skip
