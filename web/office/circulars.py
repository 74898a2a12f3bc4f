"""Circulars (通报) at the office's desk: written, read through, scheduled, corrected."""

from __future__ import annotations

from typing import Any, Final

from litestar import Response, get, post
from litestar.params import FromPath

from panel.actor import Role
from panel.errors import Fault, Invalid
from panel.ids import Code, read_code
from panel.reports.commands import bulletins as commands
from panel.reports.queries import bulletins as queries
from panel.reports.types import BulletinAudience, BulletinDraft, BulletinKind, BulletinState
from web import documents, errors, forms
from web.forms import Form
from web.i18n import ZONE
from web.office.findings import found_in
from web.pages import Request, page, redirect

_EMPTY: Final = Form({"kind": ["circular"], "audience": ["public"]}, {})
_BASE: Final = "/office/circulars"


@get("/circulars")
async def index(request: Request) -> Response[str]:
    """List the circulars: all for who writes them, for others those that are published."""
    may = request.actor.may(*commands.WRITERS, Role.AUDITOR)
    return page(
        request,
        "office/circulars/index.html",
        drafts=await queries.bulletins() if may else [],
        published=[]
        if may
        else await queries.published_bulletins(list(BulletinAudience), at=request.at),
        all_shown=may,
        may=request.actor.may(*commands.WRITERS),
    )


@get("/circulars/new", roles=commands.WRITERS)
async def new(request: Request) -> Response[str]:
    """Ask for the text of a circular."""
    return _form(request, _EMPTY, _BASE)


def _form(
    request: Request, form: Form, action: str, refusal: Invalid | None = None
) -> Response[str]:
    return page(
        request,
        "office/circulars/new.html",
        status=422 if refusal else 200,
        faults=errors.texts(request, refusal) if refusal else [],
        found=found_in(refusal),
        form=form,
        action=action,
        kinds=_choices(request, "kind", BulletinKind),
        audiences=_choices(request, "audience", BulletinAudience),
    )


def _choices(
    request: Request, name: str, values: type[BulletinKind | BulletinAudience]
) -> list[dict[str, str]]:
    return [
        {"value": each.value, "label": request.text(f"bulletin.{name}.{each.value}")}
        for each in values
    ]


def _draft(form: Form) -> BulletinDraft:
    kind, audience = form.text("kind"), form.text("audience")
    return BulletinDraft(
        kind=BulletinKind(kind) if kind in set(BulletinKind) else BulletinKind.CIRCULAR,
        audience=BulletinAudience(audience)
        if audience in set(BulletinAudience)
        else BulletinAudience.INTERNAL,
        title=form.text("title"),
        text=form.text("text"),
        title_en=form.text("title_en"),
        text_en=form.text("text_en"),
        document=form.text("document"),
        names=tuple(form.text("names").splitlines()),
        checked=tuple(form.many("checked")),
    )


@post("/circulars", roles=commands.WRITERS)
async def create(request: Request) -> Response[str]:
    """Store a draft, or show every fault at its field."""
    form = await forms.fields(request)
    try:
        code = await commands.write(request.actor, _draft(form), at=request.at)
    except Invalid as refusal:
        return _form(request, form, _BASE, refusal)
    return redirect(request, f"{_BASE}/{code}?said=bulletin_written")


@get("/circulars/{code:str}")
async def show(request: Request, code: FromPath[str]) -> Response[Any]:
    """Show one circular with its next step; to who writes none, only a published one."""
    wanted = read_code(code)
    if not request.actor.may(*commands.WRITERS, Role.AUDITOR):
        found = await queries.published_bulletin(wanted, list(BulletinAudience), at=request.at)
        answer = page(request, "office/circulars/read.html", view=found)
        title = request.text(f"bulletin.kind.{found.kind.value}")
        return await documents.offered(request, answer, title, letterhead=True)
    return await _show(request, wanted)


async def _show(
    request: Request, code: Code, form: Form = _EMPTY, refusal: Invalid | None = None
) -> Response[Any]:
    view = await queries.bulletin(code)
    own = request.actor.person is not None and view.written_by == request.actor.person
    answer = page(
        request,
        "office/circulars/show.html",
        status=422 if refusal else 200,
        faults=errors.texts(request, refusal) if refusal else [],
        found=found_in(refusal),
        view=view,
        form=form,
        own=own,
        today=request.at.astimezone(ZONE).date().isoformat(),
        may=request.actor.may(*commands.WRITERS),
        may_add=request.actor.may(Role.PUBLISHER)
        and view.state in {BulletinState.PUBLISHED, BulletinState.CORRECTED},
    )
    title = request.text(f"bulletin.kind.{view.draft.kind.value}")
    return await documents.offered(request, answer, title, letterhead=True)


@get("/circulars/{code:str}/edit", roles=commands.WRITERS)
async def edit(request: Request, code: FromPath[str]) -> Response[str]:
    """Offer a draft for change."""
    view = await queries.bulletin(read_code(code))
    draft = view.draft
    fields = {
        name: [str(getattr(draft, name))]
        for name in ("title", "title_en", "text", "text_en", "document", "kind", "audience")
    }
    fields |= {"names": ["\n".join(draft.names)], "checked": list(draft.checked)}
    return _form(request, Form(fields, {}), f"{_BASE}/{view.code}")


@post("/circulars/{code:str}", roles=commands.WRITERS)
async def update(request: Request, code: FromPath[str]) -> Response[str]:
    """Change a draft, or show every fault at its field."""
    form, wanted = await forms.fields(request), read_code(code)
    try:
        await commands.rewrite(request.actor, wanted, _draft(form), at=request.at)
    except Invalid as refusal:
        return _form(request, form, f"{_BASE}/{wanted}", refusal)
    return redirect(request, f"{_BASE}/{wanted}?said=bulletin_written")


@post("/circulars/{code:str}/step", roles=commands.WRITERS)
async def step(request: Request, code: FromPath[str]) -> Response[str]:
    """Take the next step of a circular: reviewed, back, scheduled, corrected, withdrawn."""
    form, wanted = await forms.fields(request), read_code(code)
    taken = form.text("step")
    try:
        await _step(request, wanted, taken, form)
    except Invalid as refusal:
        return await _show(request, wanted, form, refusal)
    return redirect(request, f"{_BASE}/{wanted}?said=bulletin_{_SAID.get(taken, 'written')}")


_SAID: Final = {
    "review": "reviewed", "back": "back", "schedule": "scheduled", "correct": "corrected",
    "withdraw": "withdrawn",
}  # fmt: skip


async def _step(request: Request, code: Code, taken: str, form: Form) -> None:
    checked = tuple(form.many("checked"))
    if taken == "review":
        await commands.review(request.actor, code, at=request.at)
    elif taken == "back":
        await commands.send_back(request.actor, code, at=request.at)
    elif taken == "schedule":
        day = form.date("publish_on")
        await commands.schedule(request.actor, code, day, at=request.at)
        await commands.publish_due(at=request.at)
    elif taken == "correct":
        text = form.text("note")
        await commands.correct(request.actor, code, text, checked=checked, at=request.at)
    elif taken == "withdraw":
        text = form.text("note")
        await commands.withdraw(request.actor, code, text, checked=checked, at=request.at)
    else:
        raise Invalid("form.faults", Fault("step", "form.required"))


handlers: list[Any] = [index, new, create, show, edit, update, step]
