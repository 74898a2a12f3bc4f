"""Approvals that a leader signed on paper: entered by one person, confirmed by another."""

from __future__ import annotations

from typing import Any, Final

from litestar import Response, get, post
from litestar.params import FromPath

from panel.actor import Role, Signature
from panel.errors import Invalid, Missing
from panel.ids import Code, read_code
from panel.recruitment.commands import papers
from panel.recruitment.queries import lottery as runs
from panel.recruitment.queries import objections
from panel.recruitment.queries import papers as queries
from panel.recruitment.types.paper import PaperAct, PaperState, PaperView
from web import errors, forms, scans
from web.forms import Form
from web.pages import Request, download, page, redirect

ENTERING: Final = (Role.COORDINATOR, Role.PUBLISHER)
READING: Final = (*ENTERING, Role.AUDITOR)
_BASE: Final = "/office/recruitment/papers"


async def offered(request: Request, act: PaperAct, subject: Code) -> dict[str, Any]:
    """Return what a page shows of a paper for an act: the entry that waits, or where to make it."""
    found = await queries.waiting(act, subject)
    return {
        "entry": found,
        "mine": found is not None and found.entered_by == request.actor.person,
        "new": f"{_BASE}/new?act={act}&subject={subject}",
    }


async def confirmed(request: Request, form: Form, act: PaperAct, subject: Code) -> Signature | None:
    """Return the signature that another person entered and this one has ticked to confirm."""
    wanted = form.text("paper_entry")
    if not wanted:
        return None
    found = await queries.waiting(act, subject)
    if found is None or found.code != wanted:
        raise Missing("paper.unknown")
    request.actor.require(*ENTERING)
    return found.signature


@get("/recruitment/papers/new", roles=ENTERING)
async def new(request: Request) -> Response[str]:
    """Ask for what a leader signed."""
    act, subject = request.query_params.get("act", ""), request.query_params.get("subject", "")
    return await _form(request, _act(act), read_code(subject))


def _act(text: str) -> PaperAct:
    if text not in set(PaperAct):
        raise Missing("paper.unknown")
    return PaperAct(text)


async def _form(
    request: Request,
    act: PaperAct,
    subject: Code,
    form: Form | None = None,
    refusal: Invalid | None = None,
) -> Response[str]:
    return page(
        request,
        "office/recruitment/paper.html",
        status=422 if refusal else 200,
        faults=errors.texts(request, refusal) if refusal else [],
        entry=None,
        act=act.value,
        subject=subject,
        back_url=await _back(act, subject),
        form_values=form or Form({}, {}),
    )


async def _back(act: PaperAct, subject: Code) -> str:
    """Return the page where an act is done."""
    if act is PaperAct.DISMISSAL:
        return f"/office/terms/proceedings/{subject}"
    if act in {PaperAct.PUBLISH, PaperAct.SETTLE}:
        campaign = (await runs.lottery(subject)).campaign
        return f"/office/recruitment/{campaign}/lottery/{subject}"
    if act is PaperAct.OBJECTION:
        campaign = (await objections.objection(subject)).campaign
        return f"/office/recruitment/{campaign}/objections/{subject}"
    page_of = {PaperAct.START: "/lottery", PaperAct.CANCEL: "/change?what=cancel"}
    return f"/office/recruitment/{subject}{page_of.get(act, '')}"


@post("/recruitment/papers", roles=ENTERING, status_code=200)
async def create(request: Request) -> Response[str]:
    """Enter a signed paper; it counts when another person confirms it by doing the step."""
    form = await forms.fields(request)
    act, subject = _act(form.text("act")), read_code(form.text("subject"))
    await _back(act, subject)  # before anything is stored: the subject is there
    try:
        signature = forms.signed(request, form)
        view = await papers.enter(request.actor, act, subject, signature, at=request.at)
    except Invalid as refusal:
        return await _form(request, act, subject, form, refusal)
    return redirect(request, f"{_BASE}/{view.code}?said=paper_signed")


@get("/recruitment/papers/{code:str}", roles=READING)
async def show(request: Request, code: FromPath[str]) -> Response[str]:
    """Show one entry with its scan and the page where it is confirmed."""
    view = await queries.paper(read_code(code))
    return page(
        request,
        "office/recruitment/paper.html",
        entry=view,
        act=view.act.value,
        subject=view.subject,
        back_url=await _back(view.act, view.subject),
        mine=view.entered_by == request.actor.person,
        may_discard=view.state is PaperState.WAITING and request.actor.may(*ENTERING),
        form_values=Form({}, {}),
    )


@get("/recruitment/papers/{code:str}/scan", roles=READING)
async def scan(request: Request, code: FromPath[str]) -> Response[bytes]:
    """Give the scan as a file to be saved; no browser opens it in the service's name."""
    view = await queries.paper(read_code(code))
    data, ending = scans.read(request.config.data_dir / "scans", view.signature.scan)
    return download(data, f"{_name(view)}.{ending}")


def _name(view: PaperView) -> str:
    return f"paper-{view.code}"


@post("/recruitment/papers/{code:str}/discard", roles=ENTERING, status_code=200)
async def discard(request: Request, code: FromPath[str]) -> Response[str]:
    """Take an entry back that is wrong."""
    view = await queries.paper(read_code(code))
    await papers.discard(request.actor, view.code, at=request.at)
    return redirect(request, f"{_BASE}/{view.code}?said=paper_discarded")


handlers: list[Any] = [new, create, show, scan, discard]
