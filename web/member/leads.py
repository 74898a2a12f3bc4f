"""What a member tells outside a sheet: a problem seen, an attempt to influence."""

from __future__ import annotations

from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath

from panel import entropy
from panel.errors import Invalid
from panel.evaluations import commands, queries
from panel.evaluations.types import InfluenceKind, LeadDraft, Share
from panel.ids import Code, read_code
from panel.roster import queries as roster
from panel.visits import queries as visits
from web import errors, forms, images
from web.forms import Form
from web.i18n import ZONE
from web.pages import Request, page, redirect


@get("/leads")
async def index(request: Request) -> Response[str]:
    """List what the member has told, with what came of it."""
    member = request.actor.member
    return page(
        request,
        "member/leads/index.html",
        leads=await queries.own_leads(member, at=request.at),
        reports=await queries.own_influence(member, at=request.at),
    )


@get("/leads/new")
async def new(request: Request) -> Response[str]:
    """Ask what was seen, where and when; a scanned window is filled in."""
    fields = {
        "window": [request.query_params.get("window", "")[:20]],
        "seen_on": [request.at.astimezone(ZONE).date().isoformat()],
        "share": [Share.SEND.value],
        "key": [entropy.key()],
    }
    return await _form(request, Form(fields, {}))


async def _form(request: Request, form: Form, refusal: Invalid | None = None) -> Response[str]:
    english = request.lang == "en"
    return page(
        request,
        "member/leads/new.html",
        status=422 if refusal else 200,
        faults=errors.texts(request, refusal) if refusal else [],
        typed=form,
        units=[
            {"value": each.code, "label": (each.name_en if english else "") or each.name}
            for each in await roster.units()
            if each.active
        ],
        shares=[
            {"value": each.value, "label": request.text(f"sheet.share.{each}")} for each in Share
        ],
        accept=images.ACCEPT,
    )


@post("/leads")
async def create(request: Request) -> Response[str]:
    """Take the lead down, once."""
    form = await forms.fields(request)
    try:
        window = form.text("window")
        draft = LeadDraft(
            unit=Code(form.text("unit")),
            text=form.text("text"),
            seen_on=form.date("seen_on"),
            window=read_code(window) if window else None,
            share=Share(form.text("share"))
            if form.text("share") in set(Share)
            else Share.WITHOUT_TIME,
        )
        sent = form.upload("picture")
        picture = await images.clean(sent[0], "picture") if sent else None
        code = await commands.report_lead(
            request.actor, draft, form.text("key"), picture=picture, at=request.at
        )
    except Invalid as refusal:
        return await _form(request, form, refusal)
    return redirect(request, f"/m/leads/{code}?said=lead_received")


@get("/leads/{code:str}")
async def show(request: Request, code: FromPath[str]) -> Response[str]:
    """Show a member the own lead and its answer."""
    found = await queries.own_lead(request.actor.member, read_code(code), at=request.at)
    return page(request, "member/leads/show.html", lead=found)


@get("/influence")
async def influence(request: Request) -> Response[str]:
    """Ask how somebody tried to influence the member: one tap is enough."""
    task = request.query_params.get("task", "")
    fields = {"task": [task[:20]], "key": [entropy.key()]}
    return await _influence(request, Form(fields, {}))


async def _influence(request: Request, form: Form, refusal: Invalid | None = None) -> Response[str]:
    given = form.text("task")
    task = await visits.member_task(request.actor.member, read_code(given)) if given else None
    return page(
        request,
        "member/leads/influence.html",
        status=422 if refusal else 200,
        faults=errors.texts(request, refusal) if refusal else [],
        typed=form,
        task=task,
        kinds=list(InfluenceKind),
    )


@post("/influence")
async def report(request: Request) -> Response[str]:
    """Seal the report for the discipline office, once."""
    form = await forms.fields(request)
    kind, task = form.text("kind"), form.text("task")
    try:
        await commands.report_influence(
            request.actor,
            InfluenceKind(kind) if kind in set(InfluenceKind) else InfluenceKind.OTHER,
            form.text("key"),
            text=form.text("text"),
            who=form.text("who"),
            task=read_code(task) if task else None,
            at=request.at,
        )
    except Invalid as refusal:
        return await _influence(request, form, refusal)
    return redirect(request, "/m/leads?said=influence_received")


handlers: list[Any] = [index, new, create, show, influence, report]
