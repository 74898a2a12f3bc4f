"""Terms at the office's desk: suspensions, dismissals, renewals, who ends soon, the course."""

from __future__ import annotations

from typing import Any, Final

from litestar import Response, get, post
from litestar.params import FromPath

from panel.actor import Role
from panel.errors import Invalid
from panel.ids import Code, PersonId, read_code
from panel.members import queries as members
from panel.members.types import MemberView
from panel.recruitment import queries as campaigns
from panel.recruitment.commands import letters
from panel.recruitment.commands import rights as rights_commands
from panel.recruitment.commands import terms as commands
from panel.recruitment.queries import notice, rights, tenure
from panel.recruitment.types.campaigns import CampaignState
from panel.recruitment.types.paper import PaperAct
from panel.recruitment.types.terms import (
    TEXT_LIMIT,
    Ground,
    ProceedingState,
    ProceedingView,
    RequestKind,
    RequestState,
    Texts,
)
from panel.rulebook import queries as rulebook
from panel.vault import queries as vault
from web import documents, errors
from web.forms import Form, fields
from web.office import signatures
from web.office.due import Todo
from web.pages import Request, page, redirect
from web.text import features
from web.text import terms as words

READERS: Final = (Role.COORDINATOR, Role.PUBLISHER, Role.AUDITOR)
APPROVERS: Final = (Role.COORDINATOR, Role.PUBLISHER)
EMPTY: Final = Form({}, {})
PAGE: Final = 50
_TYPED: Final = ("hearing_on", "heard_on", "document", "record", "outcome", "sent")


@get("/terms", roles=READERS)
async def index(request: Request) -> Response[str]:
    """Show what waits: suspensions, wishes, vacant places; who ends soon; how the panel went."""
    return await _index(request)


async def _index(request: Request, refusal: Invalid | None = None) -> Response[str]:
    composition = await members.composition(request.at)
    recruitment = (await rulebook.current()).rulebook.recruitment
    shown = features.Words(recruitment, request.lang)
    ending = await tenure.ending(request.at)
    asked = await tenure.asked_renewals()
    number = max(1, request.number("page"))
    return page(
        request,
        "office/terms/index.html",
        status=422 if refusal else 200,
        faults=errors.texts(request, refusal) if refusal else [],
        composition=composition,
        groups=[{"label": shown.quota(each.key), "share": each} for each in composition.groups],
        vacant=await vacant(request),
        proceedings=await tenure.open_proceedings(),
        renewals=asked[:PAGE],
        asked=len(asked),
        ending=ending[(number - 1) * PAGE : number * PAGE],
        total=len(ending),
        following=f"?page={number + 1}" if number * PAGE < len(ending) else None,
        previous=f"?page={number - 1}" if number > 1 else None,
        number_of_page=number,
        missed=await tenure.missed(request.at),
        least=recruitment.missed_tasks,
        wishes=await rights.asked_requests(),
        course=await words.course(request),
        may=request.actor.may(Role.COORDINATOR),
    )


@post("/terms/renewals", roles=(Role.COORDINATOR,), status_code=200)
async def grant(request: Request) -> Response[str]:
    """Grant the ticked wishes for another term."""
    form = await fields(request)
    codes = [read_code(each) for each in form.many("renewal")][:PAGE]
    try:
        await commands.grant_renewals(request.actor, codes, at=request.at)
    except Invalid as refusal:
        return await _index(request, refusal)
    return redirect(request, "/office/terms?said=renewals_granted")


async def vacant(request: Request) -> list[dict[str, Any]]:
    """Return the completed campaigns with places that somebody left, and what the reserve holds."""
    found = []
    for campaign in await campaigns.campaigns():
        if campaign.state is not CampaignState.COMPLETED:
            continue
        overview = await notice.overview(campaign, at=request.at)
        if overview.vacant:
            english = campaign.title_en if request.lang == "en" else ""
            found.append(
                {
                    "code": campaign.code,
                    "title": english or campaign.title,
                    "count": len(overview.vacant),
                    "fillable": overview.fillable,
                }
            )
    return found


async def todo(request: Request) -> list[Todo]:
    """Return what waits about terms and rights for the person at the desk."""
    found = []
    if request.actor.may(Role.COORDINATOR):
        for each in await vacant(request):
            if each["fillable"]:
                url = f"/office/recruitment/{each['code']}/notice"
                text = request.text("Fill vacant places from the reserve")
                found.append(Todo(url, text, str(each["title"]), int(each["fillable"])))
        waiting = len(await tenure.asked_renewals()) + len(await rights.asked_requests())
        if waiting:
            found.append(Todo("/office/terms", request.text("Decide on members' wishes"),
                              count=waiting))  # fmt: skip
    suspended = [
        each for each in await tenure.open_proceedings() if each.person != request.actor.person
    ]
    if suspended:
        text = request.text("Decide on suspensions")
        found.append(Todo("/office/terms", text, count=len(suspended)))
    return found


@get("/terms/members/{code:str}", roles=(Role.COORDINATOR, Role.AUDITOR))
async def member(request: Request, code: FromPath[str]) -> Response[str]:
    """Show one member's terms with what may be done about them."""
    return await _member(request, await members.member(read_code(code)))


async def _member(
    request: Request, view: MemberView, refusal: Invalid | None = None, form: Form = EMPTY
) -> Response[str]:
    wish = (await tenure.renewals([view.code])).get(view.code)
    proceedings = await tenure.proceedings_of(view.person)
    return page(
        request,
        "office/terms/member.html",
        status=422 if refusal else 200,
        faults=errors.texts(request, refusal) if refusal else [],
        member=view,
        name=(await vault.masked_names([view.person])).get(view.person, ""),
        seats=await members.seats_of(view.person),
        renewal=wish,
        proceedings=proceedings,
        running=any(each.state is ProceedingState.OPEN for each in proceedings),
        wishes=await rights.requests_of(view.person),
        missed={each.member: each.count for each in await tenure.missed(request.at)}.get(
            view.code, 0
        ),
        grounds=[
            {"value": each.value, "label": request.text(f"proceeding.ground.{each.value}")}
            for each in Ground
        ],
        values={name: form.text(name) for name in ("ground", "reason", "refusal")},
        limit=TEXT_LIMIT,
        may=request.actor.may(Role.COORDINATOR),
    )


@post("/terms/members/{code:str}/suspend", roles=(Role.COORDINATOR,), status_code=200)
async def suspend(request: Request, code: FromPath[str]) -> Response[str]:
    """Suspend a member, who is told the reason and may reply."""
    form = await fields(request)
    view = await members.member(read_code(code))
    try:
        made = await commands.suspend(
            request.actor, view.code, form.text("ground"), form.text("reason"), at=request.at
        )
    except Invalid as refusal:
        return await _member(request, view, refusal, form)
    return redirect(request, f"/office/terms/proceedings/{made.code}?said=member_suspended")


@post("/terms/members/{code:str}/renewal", roles=(Role.COORDINATOR,), status_code=200)
async def renew(request: Request, code: FromPath[str]) -> Response[str]:
    """Grant another term, or refuse it with a reason."""
    form = await fields(request)
    view = await members.member(read_code(code))
    grant = form.text("decision") == "grant"
    try:
        await commands.decide_renewal(
            request.actor, read_code(form.text("renewal")), grant=grant,
            reason=form.text("refusal"), at=request.at,
        )  # fmt: skip
    except Invalid as refusal:
        return await _member(request, view, errors.renamed(refusal, "reason", "refusal"), form)
    said = "renewal_granted" if grant else "renewal_refused"
    return redirect(request, f"/office/terms/members/{view.code}?said={said}")


@post("/terms/members/{code:str}/erasure", roles=(Role.COORDINATOR,))
async def record_erasure(request: Request, code: FromPath[str]) -> Response[str]:
    """Take in a wish for erasure on paper."""
    made = await rights_commands.record_erasure(request.actor, read_code(code), at=request.at)
    return redirect(request, f"/office/terms/wishes/{made.code}?said=wish_recorded")


@get("/terms/proceedings/{code:str}", roles=READERS)
async def show(request: Request, code: FromPath[str]) -> Response[str]:
    """Show a proceeding step by step; its texts stay closed until somebody looks on the record."""
    return await _show(request, await tenure.proceeding(read_code(code)))


async def _show(
    request: Request,
    found: ProceedingView,
    refusal: Invalid | None = None,
    form: Form = EMPTY,
    texts: Texts | None = None,
) -> Response[str]:
    is_open = found.state is ProceedingState.OPEN
    own = request.actor.person == found.person
    return page(
        request,
        "office/terms/show.html",
        status=422 if refusal else 200,
        faults=errors.texts(request, refusal) if refusal else [],
        found=found,
        texts=texts,
        over=request.at > found.reply_until,
        signed=await signatures.offered(request, PaperAct.DISMISSAL, found.code),
        opener=request.actor.person == found.opened_by,
        approved=found.first_at is not None and found.first_approver == request.actor.person,
        decide=is_open and not own and request.actor.may(Role.COORDINATOR),
        approve=is_open
        and not own
        and found.heard_on is not None
        and (found.replied_at is not None or request.at > found.reply_until)
        and request.actor.may(*APPROVERS),
        look=not own and request.actor.may(*APPROVERS),
        dismissed=found.state is ProceedingState.DISMISSED,
        form=form,
        values={name: form.text(name) for name in _TYPED},
        limit=TEXT_LIMIT,
    )


@post("/terms/proceedings/{code:str}/look", roles=APPROVERS, status_code=200)
async def look(request: Request, code: FromPath[str]) -> Response[str]:
    """Open the texts of a proceeding; the member sees who looked."""
    found = await tenure.proceeding(read_code(code))
    texts = await commands.look_into(request.actor, found.code, at=request.at)
    return await _show(request, found, texts=texts)


@post("/terms/proceedings/{code:str}/lift", roles=(Role.COORDINATOR,), status_code=200)
async def lift(request: Request, code: FromPath[str]) -> Response[str]:
    """End a suspension; the member serves again."""
    form = await fields(request)
    number = read_code(code)
    try:
        await commands.lift(request.actor, number, form.text("outcome"), at=request.at)
    except Invalid as refusal:
        return await _show(request, await tenure.proceeding(number), refusal, form)
    return _back(request, number, "suspension_lifted")


def _back(request: Request, code: Code, said: str) -> Response[str]:
    return redirect(request, f"/office/terms/proceedings/{code}?said={said}")


@post("/terms/proceedings/{code:str}/hear", roles=(Role.COORDINATOR,), status_code=200)
async def hear(request: Request, code: FromPath[str]) -> Response[str]:
    """Keep the record of the hearing."""
    form = await fields(request)
    number = read_code(code)
    try:
        await commands.hear(
            request.actor, number, on=form.date("heard_on"), document=form.text("document"),
            record=form.text("record"), at=request.at,
        )  # fmt: skip
    except Invalid as refusal:
        return await _show(request, await tenure.proceeding(number), refusal, form)
    return _back(request, number, "hearing_recorded")


@post("/terms/proceedings/{code:str}/invite", roles=(Role.COORDINATOR,), status_code=200)
async def invite(request: Request, code: FromPath[str]) -> Response[str]:
    """Invite the member to the hearing."""
    form = await fields(request)
    number = read_code(code)
    try:
        await commands.invite(request.actor, number, form.date("hearing_on"), at=request.at)
    except Invalid as refusal:
        return await _show(request, await tenure.proceeding(number), refusal, form)
    return _back(request, number, "hearing_announced")


@post("/terms/proceedings/{code:str}/approve", roles=APPROVERS, status_code=200)
async def approve(request: Request, code: FromPath[str]) -> Response[str]:
    """Agree to a dismissal; the second person's agreement carries it out."""
    form = await fields(request)
    number = read_code(code)
    try:
        signed = await signatures.confirmed(request, form, PaperAct.DISMISSAL, number)
        found = await commands.approve_dismissal(request.actor, number, paper=signed, at=request.at)
    except Invalid as refusal:
        return await _show(request, await tenure.proceeding(number), refusal, form)
    dismissed = found.state is ProceedingState.DISMISSED
    return _back(request, number, "member_dismissed" if dismissed else "dismissal_approved")


@get("/terms/wishes/{code:str}", roles=(Role.COORDINATOR, Role.AUDITOR))
async def wish(request: Request, code: FromPath[str]) -> Response[str]:
    """Show a wish about somebody's data; what is asked for stays closed until somebody looks."""
    return await _wish(request, read_code(code))


async def _wish(
    request: Request,
    code: Code,
    refusal: Invalid | None = None,
    form: Form = EMPTY,
    opened: tuple[str, str] | None = None,
) -> Response[str]:
    found = await rights.request(code)
    return page(
        request,
        "office/terms/wish.html",
        status=422 if refusal else 200,
        faults=errors.texts(request, refusal) if refusal else [],
        wish=found,
        erasure=found.kind is RequestKind.ERASURE,
        seats=await members.seats_of(PersonId(found.person)),
        opened=opened,
        decide=found.state is RequestState.ASKED
        and found.person != request.actor.person
        and request.actor.may(Role.COORDINATOR),
        reason=form.text("reason"),
        limit=TEXT_LIMIT,
    )


@post("/terms/wishes/{code:str}/look", roles=(Role.COORDINATOR,), status_code=200)
async def look_wish(request: Request, code: FromPath[str]) -> Response[str]:
    """Show what stands and what is asked for; the person sees who looked."""
    number = read_code(code)
    opened = await rights_commands.look_wish(request.actor, number, at=request.at)
    return await _wish(request, number, opened=opened)


@post("/terms/wishes/{code:str}/decide", roles=(Role.COORDINATOR,), status_code=200)
async def decide(request: Request, code: FromPath[str]) -> Response[str]:
    """Do what was asked, or refuse it with a reason."""
    form = await fields(request)
    number = read_code(code)
    try:
        await rights_commands.decide(
            request.actor, number, grant=form.text("decision") == "grant",
            reason=form.text("reason"), at=request.at,
        )  # fmt: skip
    except Invalid as refusal:
        return await _wish(request, number, refusal, form)
    return redirect(request, f"/office/terms/wishes/{number}?said=wish_decided")


@post("/terms/proceedings/{code:str}/letter", roles=APPROVERS, status_code=200)
async def letter(request: Request, code: FromPath[str]) -> Response[Any]:
    """Print the decision for a member who was dismissed; the member sees who opened it."""
    form = await fields(request)
    found = await tenure.proceeding(read_code(code))
    try:
        made = await letters.of_dismissal(
            request.actor, found.code, form.text("sent"), at=request.at
        )
    except Invalid as refusal:
        return await _show(request, found, errors.renamed(refusal, "reason", "sent"), form)
    answer = page(request, "office/terms/letter.html", letter=made, today=request.at)
    title = request.text("Letter")
    return await documents.offered(request, answer, title, letterhead=True, form=form.text("as"))


handlers: list[Any] = [
    index, grant, member, suspend, renew, record_erasure, show, look, lift, invite, hear, approve,
    letter, wish, look_wish, decide,
]  # fmt: skip
