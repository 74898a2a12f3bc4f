"""A member's tasks on the phone: answer, briefing, closed window, scanned code."""

from __future__ import annotations

import datetime as dt
from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath

from panel.chance import canonical
from panel.errors import Fault, Invalid
from panel.ids import read_code
from panel.members import queries as members
from panel.recruitment.queries import tenure
from panel.roster import queries as roster
from panel.rulebook import queries as rulebooks
from panel.rulebook.types import Form as Sheet
from panel.rulebook.types import Item
from panel.visits import commands, queries
from panel.visits.types import DeclineReason, RecusalKind, TaskState, TaskView
from web import errors, forms, images
from web.i18n import ZONE
from web.pages import Request, download, page, redirect

_CRIB = 6
"""Lines that one can keep in mind at a window."""
_WAITING = (TaskState.OFFERED,)
_UNBEGUN = (TaskState.OFFERED, TaskState.ACCEPTED)
"""Tasks that need a certificate to go on with."""
_GOING = (TaskState.RETURNED, TaskState.IN_PROGRESS, TaskState.ACCEPTED)


@get("/tasks")
async def index(request: Request) -> Response[str]:
    """List the member's tasks by due date: to answer, to do, behind."""
    tasks = await queries.member_tasks(request.actor.member, at=request.at)
    return page(
        request,
        "member/visits/index.html",
        fit=await queries.fit(request.actor.member, at=request.at),
        waiting=[task for task in tasks if task.state in _WAITING],
        going=[task for task in tasks if task.state in _GOING],
        term=await tenure.banner(request.actor.member, at=request.at),
        certified=await _certified(request),
        pool=await queries.pool_open(at=request.at),
        behind=[task for task in reversed(tasks) if task.state not in (*_WAITING, *_GOING)],
    )


async def _certified(request: Request) -> dt.date | None:
    """Return the last day of the certificate while the reader should be reminded of it."""
    member = request.actor.member
    return await members.certificate_due(member, at=request.at) if member else None


async def _own(request: Request, code: str) -> TaskView:
    return await queries.shown_task(request.actor.member, read_code(code), at=request.at)


@get("/tasks/{code:str}")
async def show(request: Request, code: FromPath[str]) -> Response[str]:
    """Show one task: what to do next, the briefing, why this member."""
    task = await _own(request, code)
    version = await rulebooks.version(task.rulebook_code)
    crib = _crib(version.rulebook.form(task.form_key), task)
    return page(
        request,
        "member/visits/show.html",
        task=task,
        fit=task.state not in _UNBEGUN or await queries.fit(request.actor.member, at=request.at),
        items=await roster.items(task.window_code) if task.window_code else [],
        crib=[item.text.get(request.lang) for item in crib],
        proofs=_proofs(crib, request.lang),
        checked_in=None if task.covert else await queries.checked_in(task),
        scanned=not task.covert and request.query_params.get("at") == task.window_code,
        told_on=task.opens_at - dt.timedelta(days=version.rulebook.rounds.shown_days_before),
        begun=request.at >= task.opens_at,
        over=request.at > task.closes_at,
    )


def _crib(sheet: Sheet, task: TaskView) -> list[Item]:
    """Return the weightiest items that the visit can show, in the order of the sheet."""
    fit = [
        item
        for item in sheet.items
        if (task.revisit or not item.revisit_only) and (item.covert or not task.covert)
    ]
    chosen = sorted(fit, key=lambda item: -item.weight)[:_CRIB]
    return [item for item in fit if item in chosen]


def _proofs(items: list[Item], lang: str) -> list[str]:
    """Return what the items ask to note or keep, each once."""
    return list(dict.fromkeys(text for item in items if (text := item.proof.get(lang))))


@post("/tasks/{code:str}/accept")
async def accept(request: Request, code: FromPath[str]) -> Response[str]:
    """Accept an offered task."""
    await commands.accept(request.actor, read_code(code), at=request.at)
    return redirect(request, f"/m/tasks/{code}?said=task_accepted")


@post("/tasks/{code:str}/brief")
async def brief(request: Request, code: FromPath[str]) -> Response[str]:
    """Note that the briefing was read."""
    await commands.brief(request.actor, read_code(code), at=request.at)
    return redirect(request, f"/m/tasks/{code}?said=task_briefed")


@get("/tasks/{code:str}/decline")
async def declining(request: Request, code: FromPath[str]) -> Response[str]:
    """Ask, before a task is handed back for good, and offer to say why."""
    return page(request, "member/visits/decline.html", task=await _own(request, code),
                reasons=list(DeclineReason))  # fmt: skip


@post("/tasks/{code:str}/decline")
async def decline(request: Request, code: FromPath[str]) -> Response[str]:
    """Hand a task back."""
    given = (await forms.fields(request)).text("reason")
    reason = DeclineReason(given) if given in set(DeclineReason) else None
    await commands.decline(request.actor, read_code(code), reason, at=request.at)
    return redirect(request, "/m/tasks?said=task_declined")


@get("/tasks/{code:str}/recuse")
async def recusing(request: Request, code: FromPath[str]) -> Response[str]:
    """Ask for the kind of tie to the unit; each kind is one tap."""
    return page(request, "member/visits/recuse.html", task=await _own(request, code),
                kinds=list(RecusalKind))  # fmt: skip


@post("/tasks/{code:str}/recuse")
async def recuse(request: Request, code: FromPath[str]) -> Response[str]:
    """Step back for a tie to the unit."""
    given = (await forms.fields(request)).text("kind")
    if given not in set(RecusalKind):
        raise Invalid("task.faults", Fault("kind", "task.kind_missing"))
    await commands.recuse(request.actor, read_code(code), RecusalKind(given), at=request.at)
    return redirect(request, "/m/tasks?said=task_recused")


@get("/tasks/{code:str}/closed")
async def closing(request: Request, code: FromPath[str]) -> Response[str]:
    """Ask what was seen at a closed window, and when."""
    return page(
        request, "member/visits/closed.html", task=await _own(request, code),
        on=request.at.astimezone(ZONE).date().isoformat(), seen="",
    )  # fmt: skip


@post("/tasks/{code:str}/closed")
async def closed(request: Request, code: FromPath[str]) -> Response[str]:
    """Report a closed window."""
    form = await forms.fields(request)
    try:
        on = form.date("on")
        await commands.not_possible(
            request.actor, read_code(code), on, form.text("seen"), at=request.at
        )
    except Invalid as refusal:
        return page(
            request, "member/visits/closed.html", status=422, task=await _own(request, code),
            on=form.text("on"), seen=form.text("seen"), faults=errors.texts(request, refusal),
        )  # fmt: skip
    return redirect(request, "/m/tasks?said=task_not_possible")


@get("/tasks/{code:str}/proof.json")
async def proof(request: Request, code: FromPath[str]) -> Response[bytes]:
    """Give what proves that the member's own label stood in the committed roster."""
    task = await _own(request, code)
    return download(canonical(await queries.proof(task)), "proof.json", "application/json")


@get("/scan")
async def typing(request: Request) -> Response[str]:
    """Ask for a window's code, or lead on from a typed one."""
    typed = request.query_params.get("code", "").strip()
    if typed:
        return redirect(request, f"/m/scan/{read_code(typed)}")
    return page(request, "member/visits/scan.html")


@post("/scan")
async def photographed(request: Request) -> Response[str]:
    """Read the code in a photo and lead on from it; the photo is not kept."""
    form = await forms.fields(request)
    try:
        code = await images.symbol(forms.chosen(form, "photo"), "photo")
    except Invalid as refusal:
        return page(request, "member/visits/scan.html", status=422,
                    faults=errors.texts(request, refusal))  # fmt: skip
    return redirect(request, f"/m/scan/{code}")


@get("/scan/{code:str}")
async def scan(request: Request, code: FromPath[str]) -> Response[str]:
    """Lead to the member's own open task at a window, else to its public page like anybody.

    A covert task is opened from the list, later: whoever looks over a shoulder at the window sees
    what everybody sees.
    """
    window = read_code(code)
    task = await queries.member_task_at(request.actor.member, window, at=request.at)
    if task is not None:
        return redirect(request, f"/m/tasks/{task.code}?at={window}")
    return redirect(request, f"/en/w/{window}" if request.lang == "en" else f"/w/{window}")


handlers: list[Any] = [
    index,
    show,
    accept,
    brief,
    declining,
    decline,
    recusing,
    recuse,
    closing,
    closed,
    proof,
    typing,
    photographed,
    scan,
]
