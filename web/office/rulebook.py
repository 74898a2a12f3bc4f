"""Measures in the office: versions, a new one from TOML, approval by a second person."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
from litestar import Response, get, post
from litestar.params import FromPath

import panel.rulebook
from panel.actor import Role
from panel.errors import Fault, Invalid
from panel.ids import read_code
from panel.rulebook import commands, queries
from panel.rulebook.types import RulebookVersion
from web import errors, forms
from web.pages import Request, download, page, redirect

DEFAULT = Path(panel.rulebook.__file__).with_name("default.toml")


@get("/rulebooks")
async def index(request: Request) -> Response[Any]:
    """List all versions."""
    return page(request, "office/rulebook/index.html", versions=await queries.versions())


@get("/rulebooks/new")
async def new(request: Request) -> Response[Any]:
    """Ask for the text of a new version."""
    return page(request, "office/rulebook/new.html", toml="")


@get("/rulebooks/default.toml")
async def default(request: Request) -> Response[Any]:
    """Give the default measures as a file to start from."""
    del request
    return download(DEFAULT.read_bytes(), "panel-measures.toml", "application/toml")


@post("/rulebooks", roles=(Role.COORDINATOR,), status_code=200)
async def create(request: Request) -> Response[Any]:
    """Propose a version from an uploaded file or a text; show every fault by its path."""
    form = await forms.fields(request)
    upload = form.upload("file")
    toml = form.text("toml")
    try:
        if upload is not None:
            toml = _decode(upload[0])
        version = await commands.propose(request.actor, toml, at=request.at)
    except Invalid as refusal:
        return page(
            request,
            "office/rulebook/new.html",
            status=422,
            toml=toml,
            faults=[
                {"path": "toml", "text": f"{fault.path} {errors.text_of(request.lang, fault)}"}
                for fault in refusal.faults
            ],
        )
    return redirect(request, f"/office/rulebooks/{version.code}?said=proposed")


@get("/rulebooks/{code:str}")
async def show(request: Request, code: FromPath[str]) -> Response[Any]:
    """Show a version with what may be done."""
    version = await queries.version(read_code(code))
    return _show(request, version)


@post("/rulebooks/{code:str}/approve", roles=(Role.COORDINATOR,), status_code=200)
async def approve(request: Request, code: FromPath[str]) -> Response[Any]:
    """Approve a version, in the service or as signed on paper."""
    form = await forms.fields(request)
    try:
        paper = forms.paper(request, form)
    except Invalid as refusal:
        version = await queries.version(read_code(code))
        return _show(
            request, version, status=422, form_values=form, faults=errors.texts(request, refusal)
        )
    await commands.approve(request.actor, read_code(code), at=request.at, paper=paper)
    return redirect(request, f"/office/rulebooks/{code}?said=approved")


def _show(
    request: Request, version: RulebookVersion, *, status: int = 200, **context: Any
) -> Response[Any]:
    """Render one version."""
    own = request.actor.person is not None and version.author == request.actor.person
    return page(
        request,
        "office/rulebook/show.html",
        status=status,
        version=version,
        book=msgspec.to_builtins(version.rulebook),
        own=own,
        **{"form_values": forms.Form({}, {}), **context},
    )


def _decode(data: bytes) -> str:
    """Read an uploaded text as UTF-8; refuse any other encoding."""
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Invalid("rulebook.faults", Fault("file", "form.not_utf8")) from None


handlers = [index, new, default, create, show, approve]
