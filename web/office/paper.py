"""Sheets on paper at the office's desk: print, type, check by a second person, settle."""

from __future__ import annotations

from typing import Any, Final

from litestar import Response, get, post
from litestar.params import FromPath

from panel.actor import Role
from panel.errors import Fault, Invalid
from panel.evaluations import commands, queries
from panel.evaluations.types import Answers, Blank, PaperState, PaperView
from panel.ids import Code, read_code
from panel.members import queries as members
from panel.roster import queries as roster
from panel.vault import queries as vault
from web import errors, forms, images, paper, qr, sheets
from web.i18n import ZONE
from web.office.due import Todo
from web.pages import Request, page, redirect

_CLERKS: Final = (Role.COORDINATOR, Role.INTAKE_CLERK)
READERS: Final = (*_CLERKS, Role.AUDITOR)
_PAGE: Final = 50
_SMALL: Final = '<svg width="120" height="120" '
"""A symbol in the corner of a sheet, read by a clerk at the desk."""


async def todo(request: Request) -> list[Todo]:
    """Return the papers that were handed in and are not counted yet."""
    waiting = await queries.papers_waiting()
    if not waiting:
        return []
    return [Todo("/office/paper", request.text("Type and check sheets on paper"), count=waiting)]


@get("/paper", roles=READERS)
async def index(request: Request) -> Response[str]:
    """List printed sheets; a typed number leads to its own."""
    typed = request.query_params.get("number", "").strip()
    if typed:
        return redirect(request, f"/office/paper/{read_code(typed)}")
    waiting = request.query_params.get("show") != "done"
    found = await queries.papers(
        open_only=waiting, before=request.number("before") or None, limit=_PAGE
    )
    more = not waiting and len(found) == _PAGE
    return page(
        request,
        "office/paper/index.html",
        papers=[line for _, line in found],
        waiting=waiting,
        following=f"/office/paper?show=done&before={found[-1][0]}" if more else None,
    )


@get("/members/{code:str}/paper", roles=(Role.COORDINATOR,))
async def offer(request: Request, code: FromPath[str]) -> Response[str]:
    """Ask why a member's sheets are printed: the member reads that somebody did."""
    return await _offer(request, read_code(code))


async def _offer(request: Request, code: Code, refusal: Invalid | None = None) -> Response[str]:
    member = await members.member(code)
    return page(
        request,
        "office/paper/offer.html",
        status=422 if refusal else 200,
        faults=errors.texts(request, refusal) if refusal else [],
        member=member,
        name=(await vault.masked_names([member.person])).get(member.person, ""),
    )


@post("/members/{code:str}/paper", roles=(Role.COORDINATOR,), status_code=200)
async def show_printed(request: Request, code: FromPath[str]) -> Response[str]:
    """Show a member's numbered sheets for printing; each print is logged."""
    form = await forms.fields(request)
    member = read_code(code)
    try:
        name, found = await commands.print_papers(
            request.actor, member, form.text("reason"), at=request.at
        )
    except Invalid as refusal:
        return await _offer(request, member, refusal)
    return page(
        request,
        "office/paper/show_printed.html",
        member=member,
        name=name,
        papers=[await _printed(request, each) for each in found],
    )


async def _printed(request: Request, found: PaperView) -> dict[str, Any]:
    blank = await queries.paper_blank(found)
    task = found.task
    url = f"{request.config.base_url}/office/paper/{found.code}"
    symbol = qr.svg(url, request.text("Leads the clerk to this sheet"), quick=True)
    return {
        "paper": found,
        "task": task,
        "symbol": symbol.replace("<svg ", _SMALL, 1),
        "items": await roster.items(task.window_code) if task.window_code else [],
        **paper.printed(request, blank),
    }


@get("/paper/{code:str}", roles=READERS)
async def show(request: Request, code: FromPath[str]) -> Response[str]:
    """Show a printed sheet with what is to be done next."""
    found = await queries.paper(read_code(code))
    return await _show(request, found)


async def _show(
    request: Request,
    found: PaperView,
    *,
    typed: sheets.Typed | None = None,
    refusal: Invalid | None = None,
    unread: list[Fault] | None = None,
) -> Response[str]:
    """Render a sheet; a refused one with everything that was typed."""
    blank = await queries.paper_blank(found)
    faults = [*(unread or []), *(refusal.faults if refusal else [])]
    own = found.first_by == request.actor.person
    values = typed or {}
    return page(
        request,
        "office/paper/show.html",
        status=422 if faults else 200,
        faults=errors.texts(request, Invalid("paper.faults", *faults)) if faults else [],
        paper=found,
        task=found.task,
        may=request.actor.may(*_CLERKS),
        own=own,
        today=request.at.astimezone(ZONE).date().isoformat(),
        accept=images.ACCEPT,
        sections=sheets.sections(blank, values, request.lang),
        vetoes=[v for v in sheets.vetoes(blank, values, request.lang) if not v["sealed"]],
        typed={name: values.get(name, "") for name in sheets.PLAIN},
        choices=paper.choices(request),
        unseen=sheets.UNSEEN,
        rows=await _differences(request, found, blank)
        if found.state is PaperState.DIFFERS and not own
        else [],
    )


async def _differences(request: Request, found: PaperView, blank: Blank) -> list[dict[str, str]]:
    return paper.differences(request, blank, await queries.reread(found))


@get("/paper/{code:str}/scan/{number:int}", roles=(*READERS, Role.REVIEWER))
async def scan(request: Request, code: FromPath[str], number: FromPath[int]) -> Response[bytes]:
    """Give one page of a scan."""
    found = await queries.scan(request.actor, read_code(code), number)
    return Response(found.data, media_type=found.media, headers={"Cache-Control": "no-store"})


@post("/paper/{code:str}/scan", roles=_CLERKS)
async def keep_scan(request: Request, code: FromPath[str]) -> Response[str]:
    """Keep one page of a sheet as it was handed in, made anew and encrypted."""
    form = await forms.fields(request)
    found = read_code(code)
    try:
        sent = form.upload("scan")
        if sent is None:
            raise Invalid("form.faults", Fault("scan", "form.required"))  # noqa: TRY301
        picture = await images.clean(sent[0], "scan")
        await commands.keep_scan(
            request.actor, found, picture, form.date("arrived_on"), at=request.at
        )
    except Invalid as refusal:
        return await _show(request, await queries.paper(found), refusal=refusal)
    return redirect(request, f"/office/paper/{found}?said=scan_kept")


async def _typed(
    request: Request, code: str
) -> tuple[PaperView, sheets.Typed, Answers, list[Fault]]:
    """Return what a clerk typed from a sheet."""
    form = await forms.fields(request)
    found = await queries.paper(read_code(code))
    blank = await queries.paper_blank(found)
    typed = sheets.posted(form, blank)
    answers, unread = sheets.read(typed, blank)
    return found, typed, answers, unread


@post("/paper/{code:str}/enter", roles=_CLERKS)
async def enter(request: Request, code: FromPath[str]) -> Response[str]:
    """Type a sheet as the first person."""
    found, typed, answers, unread = await _typed(request, code)
    try:
        if unread:
            raise Invalid("paper.faults")  # noqa: TRY301 - every fault at once, below
        await commands.enter(request.actor, found.code, answers, at=request.at)
    except Invalid as refusal:
        return await _show(request, found, typed=typed, refusal=refusal, unread=unread)
    return redirect(request, "/office/paper?said=paper_entered")


@post("/paper/{code:str}/check", roles=_CLERKS)
async def check(request: Request, code: FromPath[str]) -> Response[str]:
    """Type a sheet as the second person: equal readings count, others are shown side by side."""
    found, typed, answers, unread = await _typed(request, code)
    try:
        if unread:
            raise Invalid("paper.faults")  # noqa: TRY301 - every fault at once, below
        after = await commands.reread(request.actor, found.code, answers, at=request.at)
    except Invalid as refusal:
        return await _show(request, found, typed=typed, refusal=refusal, unread=unread)
    said = "paper_counted" if after.state is PaperState.COUNTED else "paper_differs"
    return redirect(request, f"/office/paper/{found.code}?said={said}")


@post("/paper/{code:str}/settle", roles=_CLERKS)
async def settle(request: Request, code: FromPath[str]) -> Response[str]:
    """Settle each difference by the scan; the sheet then counts."""
    form = await forms.fields(request)
    found = await queries.paper(read_code(code))
    keys = (await queries.reread(found)).keys if found.state is PaperState.DIFFERS else ()
    missing = [
        Fault(f"pick.{key}", "form.required") for key in keys if not form.text(f"pick.{key}")
    ]
    try:
        if missing:
            raise Invalid("paper.faults", *missing)  # noqa: TRY301
        chosen = frozenset(key for key in keys if form.text(f"pick.{key}") == "second")
        await commands.settle_paper(request.actor, found.code, chosen, at=request.at)
    except Invalid as refusal:
        return await _show(request, found, refusal=refusal)
    return redirect(request, f"/office/paper/{found.code}?said=paper_counted")


@post("/paper/{code:str}/spoil", roles=_CLERKS)
async def spoil(request: Request, code: FromPath[str]) -> Response[str]:
    """Give a printed sheet up; a new one may be printed."""
    form = await forms.fields(request)
    found = read_code(code)
    try:
        await commands.spoil(request.actor, found, form.text("reason"), at=request.at)
    except Invalid as refusal:
        return await _show(request, await queries.paper(found), refusal=refusal)
    return redirect(request, "/office/paper?said=paper_spoilt")


handlers: list[Any] = [
    index, offer, show_printed, show, scan, keep_scan, enter, check, settle, spoil,
]  # fmt: skip
