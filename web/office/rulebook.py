"""Measures in the office: versions, a new one from a file, approval by a second person."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
from litestar import Response, get, post
from litestar.params import FromPath

import panel.rulebook
from panel.actor import Role
from panel.errors import Fault, Invalid, Missing
from panel.evaluations.commands import dryrun
from panel.evaluations.types.dryrun import DryRunResult
from panel.ids import read_code
from panel.rulebook import commands, queries
from panel.rulebook.types import DryRunView, Rulebook, RulebookState, RulebookVersion
from web import errors, forms
from web.pages import Request, download, page, redirect
from web.text import measures

DEFAULT = Path(panel.rulebook.__file__).with_name("default.toml")
TOML = "application/toml"


@get("/rulebooks")
async def index(request: Request) -> Response[Any]:
    """List all versions and what is being written."""
    return page(
        request,
        "office/rulebook/index.html",
        versions=await queries.versions(),
        drafts=await queries.drafts(),
        writes=request.actor.may(Role.COORDINATOR),
    )


@get("/rulebooks/new")
async def new(request: Request) -> Response[Any]:
    """Ask for what a new version starts from: the one in force, the default, or a file."""
    return await _new(request)


async def _new(
    request: Request, *, status: int = 200, toml: str = "", **context: Any
) -> Response[Any]:
    try:
        base: RulebookVersion | None = await queries.current()
    except Missing:
        base = None
    return page(request, "office/rulebook/new.html", status=status, toml=toml, base=base, **context)


@get("/rulebooks/default.toml")
async def default(request: Request) -> Response[Any]:
    """Give the default measures as a file to start from."""
    del request
    return download(DEFAULT.read_bytes(), "panel-measures.toml", TOML)


@post("/rulebooks", roles=(Role.COORDINATOR,), status_code=200)
async def create(request: Request) -> Response[Any]:
    """Propose a version from a file or a text, or open it as a draft; show every fault."""
    form = await forms.fields(request)
    upload = form.upload("file")
    toml = form.text("toml")
    try:
        if upload is not None:
            toml = _decode(upload[0])
        if form.text("as") == "draft":
            draft = await commands.start(request.actor, toml, at=request.at)
            return redirect(request, f"/office/rulebooks/drafts/{draft.code}")
        version = await commands.propose(request.actor, toml, at=request.at)
    except Invalid as refusal:
        faults = [
            {"path": "toml", "text": f"{fault.path} {errors.text_of(request.lang, fault)}"}
            for fault in refusal.faults
        ]
        return await _new(request, status=422, toml=toml, faults=faults)
    await dryrun.dry_run(request.actor, version.rulebook, at=request.at)
    return redirect(request, f"/office/rulebooks/{version.code}?said=proposed")


@get("/rulebooks/{code:str}")
async def show(request: Request, code: FromPath[str]) -> Response[Any]:
    """Show a version with what may be done."""
    version = await queries.version(read_code(code))
    return await _show(request, version)


@get("/rulebooks/{code:str}/measures.toml")
async def export(request: Request, code: FromPath[str]) -> Response[Any]:
    """Give a version as a file that reads back with the same hash."""
    del request
    version = await queries.version(read_code(code))
    return toml_file(version.rulebook)


@get("/rulebooks/{code:str}/measures.json", roles=(Role.COORDINATOR, Role.AUDITOR))
async def whole(request: Request, code: FromPath[str]) -> Response[Any]:
    """Give the very bytes that were hashed, the examination's answers included: for auditors."""
    del request
    version = await queries.version(read_code(code))
    text = await queries.content(version.code)
    return download(text.encode(), f"measures-{version.hash[:12]}.json", "application/json")


@post("/rulebooks/{code:str}/approve", roles=(Role.COORDINATOR,), status_code=200)
async def approve(request: Request, code: FromPath[str]) -> Response[Any]:
    """Approve a version, in the service or as signed on paper."""
    form = await forms.fields(request)
    try:
        paper = forms.paper(request, form)
    except Invalid as refusal:
        version = await queries.version(read_code(code))
        return await _show(
            request, version, status=422, form_values=form, faults=errors.texts(request, refusal)
        )
    await commands.approve(request.actor, read_code(code), at=request.at, paper=paper)
    return redirect(request, f"/office/rulebooks/{code}?said=approved")


@post("/rulebooks/{code:str}/dry-run", roles=(Role.COORDINATOR,), status_code=200)
async def try_out(request: Request, code: FromPath[str]) -> Response[Any]:
    """Try a proposed version on the last closed round."""
    version = await queries.version(read_code(code))
    await dryrun.dry_run(request.actor, version.rulebook, at=request.at)
    return redirect(request, f"/office/rulebooks/{version.code}/dry-run")


@get("/rulebooks/{code:str}/dry-run")
async def trial(request: Request, code: FromPath[str]) -> Response[Any]:
    """Show what would have changed under a proposed version."""
    version = await queries.version(read_code(code))
    return trial_page(
        request,
        await queries.dry_run(version.hash),
        version.rulebook,
        back=f"/office/rulebooks/{version.code}",
    )


@post("/rulebooks/{code:str}/give-back", roles=(Role.COORDINATOR,), status_code=200)
async def give_back(request: Request, code: FromPath[str]) -> Response[Any]:
    """Give a proposal back to its authors with a reason."""
    form = await forms.fields(request)
    version = await queries.version(read_code(code))
    try:
        await commands.give_back(request.actor, version.code, form.text("reason"), at=request.at)
    except Invalid as refusal:
        return await _show(
            request, version, status=422, form_values=form, faults=errors.texts(request, refusal)
        )
    return redirect(request, f"/office/rulebooks/{version.code}?said=given_back")


@post("/rulebooks/{code:str}/withdraw", roles=(Role.COORDINATOR,), status_code=200)
async def withdraw(request: Request, code: FromPath[str]) -> Response[Any]:
    """Take one's own proposal back and go on writing, where it was written here."""
    version = await queries.version(read_code(code))
    await commands.withdraw(request.actor, version.code, at=request.at)
    draft = await queries.draft_of(version.code)
    where = f"drafts/{draft}" if draft else version.code
    return redirect(request, f"/office/rulebooks/{where}?said=withdrawn")


async def _show(
    request: Request, version: RulebookVersion, *, status: int = 200, **context: Any
) -> Response[Any]:
    """Render one version."""
    person = request.actor.person
    before = await _before(version)
    return page(
        request,
        "office/rulebook/show.html",
        status=status,
        version=version,
        book=msgspec.to_builtins(version.rulebook),
        chapters=measures.chapters(request.lang, version.rulebook),
        own=person is not None and person in {version.author, *version.editors},
        writes=request.actor.may(Role.COORDINATOR),
        may_read=request.actor.may(Role.COORDINATOR, Role.AUDITOR),
        trial=await queries.dry_run(version.hash),
        first=not await queries.approved_before(),
        draft=await queries.draft_of(version.code),
        changes=measures.changed(request.lang, queries.changes(before, version.rulebook))
        if before
        else None,
        **{"form_values": forms.Form({}, {}), **context},
    )


async def _before(version: RulebookVersion) -> Rulebook | None:
    """Return the measures that a proposal would replace."""
    if version.state is not RulebookState.PROPOSED:
        return None
    try:
        return (await queries.current()).rulebook
    except Missing:
        return None


def trial_page(
    request: Request, trial: DryRunView | None, book: Rulebook, *, back: str
) -> Response[Any]:
    """Render a trial: how far it is, or what would have changed; htmx gets the part alone."""
    result = None
    if trial is not None and trial.result:
        result = msgspec.json.decode(trial.result, type=DryRunResult)
    name = "_trial.html" if request.htmx else "trial.html"
    return page(
        request,
        f"office/rulebook/{name}",
        trial=trial,
        result=msgspec.to_builtins(result),
        faults_told=[
            {"text": request.text(code), "count": count}
            for code, count in sorted(result.faults.items())
        ]
        if result
        else [],
        groups={group.key: group.text.get(request.lang) for group in book.peer_groups},
        back_url=back,
    )


def toml_file(book: Rulebook) -> Response[Any]:
    """Give measures as a file."""
    return download(queries.toml(book).encode(), f"measures-{book.edition}.toml", TOML)


def _decode(data: bytes) -> str:
    """Read an uploaded text as UTF-8; refuse any other encoding."""
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Invalid("rulebook.faults", Fault("file", "form.not_utf8")) from None


handlers = [
    index, new, default, create, show, export, whole, approve, try_out, trial, give_back, withdraw,
]  # fmt: skip
