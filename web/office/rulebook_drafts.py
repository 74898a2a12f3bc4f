"""Writing measures by pages: a draft, its numbers and peer groups, dry run, proposal."""

from __future__ import annotations

from typing import Any

import msgspec
from litestar import Response, get, post
from litestar.params import FromPath

from panel.actor import Role
from panel.errors import Fault, Invalid
from panel.evaluations.commands import dryrun
from panel.ids import read_code
from panel.rulebook import commands, queries
from panel.rulebook.types import (
    AddForm,
    Basics,
    DraftView,
    Edit,
    Groups,
    PeerGroup,
    Text,
)
from web import errors, forms
from web.office.rulebook import DEFAULT, toml_file, trial_page
from web.pages import Request, page, redirect
from web.text import measures

BASE = "/rulebooks/drafts/{code:str}"
WRITING = (Role.COORDINATOR,)
READING = (Role.COORDINATOR, Role.AUDITOR)
_FILE_ONLY = ("training.courses", "training.units", "training.questions")
"""Paths below a chapter's own that its page does not show."""


async def open_draft(code: str) -> DraftView:
    """Return the draft of an address."""
    return await queries.draft(read_code(code))


def address(draft: DraftView) -> str:
    """Return the address of a draft."""
    return f"/office/rulebooks/drafts/{draft.code}"


async def save(request: Request, draft: DraftView, change: Edit, *, seen: str = "") -> DraftView:
    """Save one edit of a draft."""
    return await commands.edit(request.actor, draft.code, change, seen=seen, at=request.at)


def bilingual(form: forms.Form, name: str) -> Text:
    """Read a text in both languages."""
    return Text(form.text(f"{name}.zh"), form.text(f"{name}.en"))


def told(
    request: Request, draft: DraftView, prefix: str, fields: dict[str, str] | None = None
) -> list[dict[str, str]]:
    """Return the draft's faults below a path, each at the field of this page that it is about.

    ``fields`` renames paths below the prefix; what has no field of its own stands at the top.
    """
    found = []
    for fault in draft.faults:
        if not (fault.path == prefix or fault.path.startswith((f"{prefix}.", f"{prefix}["))):
            continue
        rest = fault.path.removeprefix(prefix).lstrip(".")
        path = rest if fields is None else fields.get(rest, "")
        found.append({"path": path, "text": errors.text_of(request.lang, fault)})
    return found


@post("/rulebooks/drafts", roles=WRITING, status_code=200)
async def start(request: Request) -> Response[Any]:
    """Begin a draft from a version, or from the default measures."""
    form = await forms.fields(request)
    code = form.text("based_on")
    draft = await commands.start(
        request.actor,
        "" if code else DEFAULT.read_text(encoding="utf-8"),
        based_on=read_code(code) if code else None,
        at=request.at,
    )
    return redirect(request, address(draft))


@get(BASE, roles=READING)
async def show(request: Request, code: FromPath[str]) -> Response[Any]:
    """Show a draft: its parts, what is still wrong, what can be done next."""
    return await _show(request, await open_draft(code))


async def _show(
    request: Request,
    draft: DraftView,
    *,
    status: int = 200,
    typed: forms.Form | None = None,
    faults: list[dict[str, str]] | None = None,
) -> Response[Any]:
    book = draft.rulebook
    basics = Basics(book.title, book.edition, book.legal_basis)
    values = {
        "title.zh": book.title.zh, "title.en": book.title.en, "edition": book.edition,
        "legal_basis.zh": book.legal_basis.zh, "legal_basis.en": book.legal_basis.en,
        "key": "", "form.zh": "", "form.en": "", "copy_of": book.forms[0].key,
    }  # fmt: skip
    base = await queries.version(draft.based_on) if draft.based_on else None
    return page(
        request,
        "office/rulebook/draft.html",
        status=status,
        draft=draft,
        book=msgspec.to_builtins(book),
        base=base,
        url=address(draft),
        values=values | ({name: typed.text(name) for name in values if name in typed.fields}
                         if typed else {}),
        seen=queries.seen(book, basics),
        sums={form.key: sum(item.weight for item in form.items) for form in book.forms},
        counts={form.key: len(form.items) for form in book.forms},
        copies=[
            {"value": form.key, "label": form.title.get(request.lang)} for form in book.forms
        ],
        wrong=_wrong(request, draft),
        chapters=[{"key": key, "title": request.text(f"measures.{key}")}
                  for key in queries.CHAPTERS],
        lists=[{"key": key, "title": request.text(f"measures.{key}")} for key in queries.LISTS],
        trial=await queries.dry_run(draft.hash),
        first=not await queries.approved_before(),
        changes=measures.changed(request.lang, queries.changes(base.rulebook, book))
        if base
        else None,
        faults=faults or [],
    )  # fmt: skip


def _wrong(request: Request, draft: DraftView) -> list[dict[str, str]]:
    """Return every fault of the draft with the page where it is mended, if there is one."""
    return [
        {"url": _where(draft, fault), "text": errors.text_of(request.lang, fault),
         "path": fault.path, "part": _part(request, draft, fault)}
        for fault in draft.faults
    ]  # fmt: skip


def _part(request: Request, draft: DraftView, fault: Fault) -> str:
    """Return the name of the sheet, section or item that a fault is about."""
    chapter, places = fault.path.partition("[")[0], _steps(fault.path)
    if chapter != "forms" or not places:
        known = chapter_of(fault.path)
        return request.text(f"measures.{known}") if known else ""
    form = draft.rulebook.forms[places[0]]
    inner = in_form(draft, fault.path).rpartition("/")[2]
    return form.title.get(request.lang) + (f" {inner}" if inner != form.key else "")


def _where(draft: DraftView, fault: Fault) -> str:
    """Return the page that mends a fault; none for what only the file holds."""
    url, path = address(draft), fault.path
    chapter = path.partition(".")[0].partition("[")[0]
    if chapter == "forms" and "[" in path:
        return url + "/forms/" + in_form(draft, path)
    if chapter == "training" and fault.values.get("id"):
        return url + _case(draft, path, str(fault.values["id"]))
    if chapter == "peer_groups":
        return f"{url}/groups"
    if known := chapter_of(path):
        return f"{url}/{'rows' if known in queries.LISTS else 'numbers'}/{known}"
    return f"{url}#basics" if chapter in {"title", "edition", "legal_basis"} else ""


def chapter_of(path: str) -> str:
    """Return the chapter or list whose page mends what a fault's path names, the nearest one."""
    found = [
        (len(prefix), key)
        for key in (*queries.LISTS, *queries.CHAPTERS)
        if (prefix := queries.path_of(key))
        and (path == prefix or path.startswith((f"{prefix}.", f"{prefix}[")))
        and not path.startswith(_FILE_ONLY)
    ]
    return max(found)[1] if found else ""


def _steps(path: str) -> list[int]:
    """Return the places that a path names, from the outermost inwards."""
    return [int(step.partition("]")[0]) for step in path.split("[")[1:]]


def in_form(draft: DraftView, path: str) -> str:
    """Return the address below ``/forms/`` of what a fault's path names."""
    places = _steps(path)
    form = draft.rulebook.forms[places[0]]
    if ".items[" in path:
        return f"{form.key}/items/{form.sections[places[1]].items[places[2]].id}"
    if ".sections[" in path:
        return f"{form.key}/sections/{form.sections[places[1]].id}"
    if ".vetoes[" in path:
        return f"{form.key}/vetoes/{form.vetoes[places[1]].id}"
    return form.key


def _case(draft: DraftView, path: str, item: str) -> str:
    """Return the page of the item that a training sheet does not answer rightly."""
    places = _steps(path)
    if not path.startswith("training.courses[") or not places:
        return ""
    key = draft.rulebook.training.courses[places[0]].form
    form = next((form for form in draft.rulebook.forms if form.key == key), None)
    if form is None or item not in {each.id for each in form.items}:
        return ""
    return f"/forms/{key}/items/{item}"


@post(f"{BASE}/basics", roles=WRITING, status_code=200)
async def basics(request: Request, code: FromPath[str]) -> Response[Any]:
    """Save title, edition and legal basis."""
    form, draft = await forms.fields(request), await open_draft(code)
    change = Basics(bilingual(form, "title"), form.text("edition"), bilingual(form, "legal_basis"))
    try:
        await save(request, draft, change, seen=form.text("seen"))
    except Invalid as refusal:
        return await _show(
            request, await open_draft(code), status=422, typed=form,
            faults=errors.texts(request, refusal),
        )  # fmt: skip
    return redirect(request, f"{address(draft)}?said=saved")


@post(f"{BASE}/forms", roles=WRITING, status_code=200)
async def add_form(request: Request, code: FromPath[str]) -> Response[Any]:
    """Add a form as a copy of another one."""
    form, draft = await forms.fields(request), await open_draft(code)
    change = AddForm(form.text("key"), bilingual(form, "form"), form.text("copy_of"))
    try:
        await save(request, draft, change)
    except Invalid as refusal:
        return await _show(
            request, draft, status=422, typed=form, faults=errors.texts(request, refusal)
        )
    return redirect(request, f"{address(draft)}/forms/{change.form}?said=saved")


@get(f"{BASE}/groups", roles=READING)
async def groups(request: Request, code: FromPath[str]) -> Response[Any]:
    """Show which peer group is judged with which form."""
    draft = await open_draft(code)
    return await _groups(request, draft, list(draft.rulebook.peer_groups))


async def _groups(
    request: Request,
    draft: DraftView,
    shown: list[PeerGroup],
    *,
    faults: list[dict[str, str]] | None = None,
) -> Response[Any]:
    found = told(request, draft, "peer_groups")
    for fault in found:
        fault["path"] = "groups" + fault["path"].replace(".text", ".zh")
    return page(
        request,
        "office/rulebook/groups.html",
        status=422 if faults else 200,
        url=address(draft),
        groups=shown,
        kept=await queries.groups_kept(draft.based_on),
        choices=[
            {"value": form.key, "label": form.title.get(request.lang)}
            for form in draft.rulebook.forms
        ],
        seen=queries.seen(draft.rulebook, Groups(())),
        faults=faults or found,
    )


@post(f"{BASE}/groups", roles=WRITING, status_code=200)
async def put_groups(request: Request, code: FromPath[str]) -> Response[Any]:
    """Save the peer groups: names, forms, ranked or not; an empty last line is no group."""
    form, draft = await forms.fields(request), await open_draft(code)
    shown = _read_groups(form)
    try:
        await save(request, draft, Groups(tuple(shown)), seen=form.text("seen"))
    except Invalid as refusal:
        return await _groups(
            request, await open_draft(code), shown, faults=errors.texts(request, refusal)
        )
    return redirect(request, f"{address(draft)}/groups?said=saved")


def _read_groups(form: forms.Form) -> list[PeerGroup]:
    """Read the lines of the page; one that was ticked to go, or has no name, is left out."""
    found = []
    for place in range(len(form.fields)):
        name = f"groups[{place}]"
        if f"{name}.form" not in form.fields:
            break
        group = PeerGroup(
            key=form.text(f"{name}.key"),
            text=bilingual(form, name),
            form=form.text(f"{name}.form"),
            ranked=form.ticked(f"{name}.ranked"),
        )
        if (group.key or group.text.zh) and not form.ticked(f"{name}.gone"):
            found.append(group)
    return found


@get(f"{BASE}/measures.toml", roles=READING)
async def export(request: Request, code: FromPath[str]) -> Response[Any]:
    """Give the draft as a file; read back, it has the same hash."""
    del request
    return toml_file((await open_draft(code)).rulebook)


@post(f"{BASE}/dry-run", roles=WRITING, status_code=200)
async def try_out(request: Request, code: FromPath[str]) -> Response[Any]:
    """Try the draft on the last closed round; one with faults can't be tried."""
    draft = await open_draft(code)
    if draft.faults:
        return redirect(request, f"{address(draft)}#faults")
    await dryrun.dry_run(request.actor, draft.rulebook, at=request.at)
    return redirect(request, f"{address(draft)}/dry-run")


@get(f"{BASE}/dry-run", roles=READING)
async def trial(request: Request, code: FromPath[str]) -> Response[Any]:
    """Show what would have changed under the draft."""
    draft = await open_draft(code)
    found = await queries.dry_run(draft.hash)
    return trial_page(request, found, draft.rulebook, back=address(draft))


@post(f"{BASE}/propose", roles=WRITING, status_code=200)
async def propose(request: Request, code: FromPath[str]) -> Response[Any]:
    """Propose the draft, tried if it was not yet; from here another person decides."""
    draft = await open_draft(code)
    try:
        version = await commands.propose_draft(request.actor, draft.code, at=request.at)
    except Invalid:
        return redirect(request, f"{address(draft)}#faults")
    if await queries.dry_run(version.hash) is None:
        await dryrun.dry_run(request.actor, version.rulebook, at=request.at)
    return redirect(request, f"/office/rulebooks/{version.code}?said=proposed")


@post(f"{BASE}/discard", roles=WRITING, status_code=200)
async def discard(request: Request, code: FromPath[str]) -> Response[Any]:
    """Put a draft away."""
    draft = await open_draft(code)
    await commands.discard(request.actor, draft.code, at=request.at)
    return redirect(request, "/office/rulebooks?said=discarded")


handlers = [
    start, show, basics, add_form, groups, put_groups, export, try_out, trial, propose, discard,
]  # fmt: skip
