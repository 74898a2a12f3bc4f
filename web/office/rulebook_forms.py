"""Editing one scoring sheet: what makes it count, order, sections, grave events."""

from __future__ import annotations

import string
from collections import Counter
from typing import Any, cast

import msgspec
from litestar import Response, get, post
from litestar.params import FromPath

from panel.errors import Fault, Invalid, Missing
from panel.rulebook import queries
from panel.rulebook.types import (
    AddItem,
    AddSection,
    AddVeto,
    DraftView,
    Form,
    FormHead,
    Move,
    PutVeto,
    Remove,
    Section,
    SectionHead,
    Text,
    Veto,
)
from panel.visits.types import Errand
from web import errors, forms
from web.office.rulebook_drafts import (
    BASE,
    READING,
    WRITING,
    address,
    bilingual,
    in_form,
    open_draft,
    save,
    told,
)
from web.pages import Request, page, redirect
from web.text import measures

FORM = f"{BASE}/forms/{{form:str}}"
REASONS = (-1, 0, 1, 2)
FIELDS = frozenset(
    {"title.zh", "minimum_answered_weight", "decisive", "errands", "veto_cap_hundredths"}
)
"""Fields of the page at which a fault of the form itself can stand."""


def form_of(draft: DraftView, key: str) -> Form:
    """Return the form of an address."""
    found = next((form for form in draft.rulebook.forms if form.key == key), None)
    if found is None:
        raise Missing("rulebook.no_form")
    return found


def here(draft: DraftView, form: str) -> str:
    """Return the address of a form."""
    return f"{address(draft)}/forms/{form}"


def prefix(draft: DraftView, form: Form) -> str:
    """Return the path by which faults name a form."""
    return f"forms[{draft.rulebook.forms.index(form)}]"


def _head(form: Form) -> FormHead:
    return FormHead(
        form=form.key,
        title=form.title,
        minimum_answered_weight=form.minimum_answered_weight,
        decisive=form.decisive,
        reason_at_or_below=form.reason_at_or_below,
        veto_cap_hundredths=form.veto_cap_hundredths,
        errands=form.errands,
    )


@get(FORM, roles=READING)
async def show(request: Request, code: FromPath[str], form: FromPath[str]) -> Response[Any]:
    """Show a form with its weights, order, and what makes a sheet count."""
    draft = await open_draft(code)
    return _show(request, draft, form_of(draft, form))


def _show(
    request: Request,
    draft: DraftView,
    form: Form,
    *,
    typed: forms.Form | None = None,
    faults: list[dict[str, str]] | None = None,
) -> Response[Any]:
    weights = {item.id: str(item.weight) for item in form.items}
    values = {
        "title.zh": form.title.zh,
        "title.en": form.title.en,
        "minimum_answered_weight": str(form.minimum_answered_weight),
        "reason_at_or_below": str(form.reason_at_or_below),
        "veto_cap_hundredths": measures.points(form.veto_cap_hundredths),
        "errand": str(form.errands[0]) if form.errands else "",
    }
    if typed is not None:
        weights = {key: typed.text(f"weights.{key}") for key in weights}
        values = {name: typed.text(name) for name in values}
    path = prefix(draft, form)
    return page(
        request,
        "office/rulebook/form.html",
        status=422 if faults else 200,
        url=here(draft, form.key),
        draft_url=address(draft),
        book_form=msgspec.to_builtins(form),
        weights=weights,
        values=values,
        labels={f"weights.{key}": key for key in weights},
        decisive=typed.many("decisive") if typed else list(form.decisive),
        errands=typed.many("errands") if typed else [str(each) for each in form.errands],
        sum=_sum(weights),
        seen=queries.seen(draft.rulebook, _head(form)),
        items=[
            {"value": item.id, "label": f"{item.id} {item.text.get(request.lang)}"}
            for item in form.items
        ],
        kinds=[
            {"value": kind.value, "label": request.text(f"sheet.errand.{kind}")} for kind in Errand
        ],
        reasons=[
            {"value": n, "label": request.text(f"measures.reason.{n}" if n >= 0 else "No reason")}
            for n in REASONS
        ],
        used=[
            group.text.get(request.lang)
            for group in draft.rulebook.peer_groups
            if group.form == form.key
        ],
        many=len(draft.rulebook.forms) > 1,
        broken=_parts(draft, path),
        faults=faults or _form_faults(request, draft, path),
    )


def _form_faults(request: Request, draft: DraftView, path: str) -> list[dict[str, str]]:
    """Return the faults of a form itself; those of its parts are told in `_parts`."""
    found = []
    for fault in told(request, draft, path):
        if fault["path"].startswith(("sections[", "vetoes[")):
            continue
        name = {"title": "title.zh"}.get(fault["path"], fault["path"])
        found.append({**fault, "path": name if name in FIELDS else ""})
    return found


def _parts(draft: DraftView, path: str) -> dict[str, int]:
    """Return how many faults each section, item and grave event has, by its address."""
    found: Counter[str] = Counter()
    for fault in draft.faults:
        if fault.path.startswith((f"{path}.sections[", f"{path}.vetoes[")):
            found[in_form(draft, fault.path).partition("/")[2]] += 1
    return dict(found)


def _sum(weights: dict[str, str]) -> int:
    """Return the sum of the weights that can be read."""
    return sum(int(text) for text in weights.values() if text.isdecimal() and len(text) < 6)  # noqa: PLR2004 - no weight is longer


@post(f"{FORM}/sum", roles=WRITING, status_code=200)
async def total(request: Request, code: FromPath[str], form: FromPath[str]) -> Response[Any]:
    """Tell the sum of the weights as they are typed, without saving them."""
    typed, draft = await forms.fields(request), await open_draft(code)
    weights = {item.id: typed.text(f"weights.{item.id}") for item in form_of(draft, form).items}
    return page(request, "office/rulebook/_sum.html", sum=_sum(weights))


@post(FORM, roles=WRITING, status_code=200)
async def update(request: Request, code: FromPath[str], form: FromPath[str]) -> Response[Any]:
    """Save the form's head and weights; then move a part or add one, where that was pressed."""
    typed, draft = await forms.fields(request), await open_draft(code)
    old = form_of(draft, form)
    try:
        draft = await save(request, draft, _typed_head(typed, old), seen=typed.text("seen"))
        then = await _then(request, draft, old, typed)
    except Invalid as refusal:
        draft = await open_draft(code)
        return _show(
            request, draft, form_of(draft, form), typed=typed,
            faults=errors.texts(request, refusal),
        )  # fmt: skip
    return redirect(request, f"{here(draft, form)}{then}")


def _typed_head(typed: forms.Form, form: Form) -> FormHead:
    """Read the head of a form with all weights; refuses what is no number, by its field."""
    faults: list[Fault] = []

    def whole(name: str) -> int:
        try:
            return typed.integer(name)
        except Invalid as refusal:
            faults.extend(refusal.faults)
            return 0

    weights = {item.id: whole(f"weights.{item.id}") for item in form.items}
    least, reason = whole("minimum_answered_weight"), whole("reason_at_or_below")
    cap = 0
    try:
        cap = measures.hundredths(typed, "veto_cap_hundredths")
    except Invalid as refusal:
        faults.extend(refusal.faults)
    if faults:
        raise Invalid("form.faults", *faults)
    return FormHead(
        form=form.key,
        title=bilingual(typed, "title"),
        minimum_answered_weight=least,
        decisive=_decisive(typed, form),
        reason_at_or_below=reason,
        veto_cap_hundredths=cap,
        errands=_errands(typed),
        weights=weights,
    )


def _decisive(typed: forms.Form, form: Form) -> tuple[str, ...]:
    """Return the ticked items, in the order in which they stood where they stood before."""
    ticked = [key for key in typed.many("decisive") if key in {item.id for item in form.items}]
    kept = [key for key in form.decisive if key in ticked]
    return (*kept, *(key for key in ticked if key not in kept))


def _errands(typed: forms.Form) -> tuple[Any, ...]:
    """Return the errands, the usual one first."""
    ticked = [kind.value for kind in Errand if kind.value in typed.many("errands")]
    usual = typed.text("errand")
    return tuple(sorted(ticked, key=lambda kind: kind != usual))


async def _then(request: Request, draft: DraftView, form: Form, typed: forms.Form) -> str:
    """Move or add what was pressed; return where to go on."""
    if move := typed.text("move"):
        part, key, by = (*move.split(":"), "", "")[:3]
        if part in {"item", "section", "veto"} and by in {"1", "-1"}:
            step = Move(form.key, cast("Any", part), key, 1 if by == "1" else -1)
            await save(request, draft, step)
        return "?said=saved"
    if section := typed.text("add_item"):
        new = _next(section, [item.id for item in form.items])
        await save(request, draft, AddItem(form.key, section, new))
        return f"/items/{new}"
    if typed.text("add_section"):
        new = _letter([each.id for each in form.sections])
        await save(request, draft, AddSection(form.key, new, Text("", "")))
        return f"/sections/{new}"
    if typed.text("add_veto"):
        new = _next("V", [veto.id for veto in form.vetoes])
        await save(request, draft, AddVeto(form.key, new))
        return f"/vetoes/{new}"
    return "?said=saved"


def _next(letter: str, taken: list[str]) -> str:
    return next(f"{letter}{n}" for n in range(1, len(taken) + 2) if f"{letter}{n}" not in taken)


def _letter(taken: list[str]) -> str:
    free = [letter for letter in string.ascii_uppercase if letter not in taken]
    return free[0] if free else _next("S", taken)


@post(f"{FORM}/remove", roles=WRITING, status_code=200)
async def remove(request: Request, code: FromPath[str], form: FromPath[str]) -> Response[Any]:
    """Remove a form with its course; refuses one that a peer group is judged with."""
    draft = await open_draft(code)
    await save(request, draft, Remove(form, "form"))
    return redirect(request, f"{address(draft)}?said=removed")


def _section(form: Form, key: str) -> Section:
    found = next((section for section in form.sections if section.id == key), None)
    if found is None:
        raise Missing("rulebook.no_part")
    return found


@get(f"{FORM}/sections/{{section:str}}", roles=READING)
async def section(
    request: Request, code: FromPath[str], form: FromPath[str], section: FromPath[str]
) -> Response[Any]:
    """Show the name of a section."""
    draft = await open_draft(code)
    return _section_page(request, draft, form_of(draft, form), section)


def _section_page(
    request: Request,
    draft: DraftView,
    form: Form,
    key: str,
    *,
    typed: forms.Form | None = None,
    faults: list[dict[str, str]] | None = None,
) -> Response[Any]:
    found = _section(form, key)
    values = {"id": found.id, "text.zh": found.text.zh, "text.en": found.text.en}
    if typed is not None:
        values = {name: typed.text(name) for name in values}
    path = f"{prefix(draft, form)}.sections[{form.sections.index(found)}]"
    return page(
        request,
        "office/rulebook/section.html",
        status=422 if faults else 200,
        url=f"{here(draft, form.key)}/sections/{key}",
        form_url=here(draft, form.key),
        form_title=form.title.get(request.lang),
        section=msgspec.to_builtins(found),
        values=values,
        seen=queries.seen(draft.rulebook, SectionHead(form.key, key, key, found.text)),
        faults=faults or told(request, draft, path, {"text": "text.zh", "id": "id"}),
    )


@post(f"{FORM}/sections/{{section:str}}", roles=WRITING, status_code=200)
async def put_section(
    request: Request, code: FromPath[str], form: FromPath[str], section: FromPath[str]
) -> Response[Any]:
    """Save the name of a section, or remove it with all of its items."""
    typed, draft = await forms.fields(request), await open_draft(code)
    if typed.text("remove"):
        await save(request, draft, Remove(form, "section", section))
        return redirect(request, f"{here(draft, form)}?said=removed")
    change = SectionHead(form, section, typed.text("id"), bilingual(typed, "text"))
    try:
        await save(request, draft, change, seen=typed.text("seen"))
    except Invalid as refusal:
        draft = await open_draft(code)
        return _section_page(
            request, draft, form_of(draft, form), section, typed=typed,
            faults=errors.texts(request, refusal),
        )  # fmt: skip
    return redirect(request, f"{here(draft, form)}?said=saved")


def _veto(form: Form, key: str) -> Veto:
    found = next((veto for veto in form.vetoes if veto.id == key), None)
    if found is None:
        raise Missing("rulebook.no_part")
    return found


@get(f"{FORM}/vetoes/{{veto:str}}", roles=READING)
async def veto(
    request: Request, code: FromPath[str], form: FromPath[str], veto: FromPath[str]
) -> Response[Any]:
    """Show a grave event."""
    draft = await open_draft(code)
    return _veto_page(request, draft, form_of(draft, form), veto)


def _veto_page(
    request: Request,
    draft: DraftView,
    form: Form,
    key: str,
    *,
    typed: forms.Form | None = None,
    faults: list[dict[str, str]] | None = None,
) -> Response[Any]:
    found = _veto(form, key)
    values = {
        "id": found.id, "text.zh": found.text.zh, "text.en": found.text.en,
        "confirmation.zh": found.confirmation.zh, "confirmation.en": found.confirmation.en,
        "sealed": "yes" if found.sealed else "",
    }  # fmt: skip
    if typed is not None:
        values = {name: typed.text(name) for name in values}
    path = f"{prefix(draft, form)}.vetoes[{form.vetoes.index(found)}]"
    fields = {"text": "text.zh", "confirmation": "confirmation.zh", "id": "id"}
    return page(
        request,
        "office/rulebook/veto.html",
        status=422 if faults else 200,
        url=f"{here(draft, form.key)}/vetoes/{key}",
        form_url=here(draft, form.key),
        form_title=form.title.get(request.lang),
        key=key,
        values=values,
        seen=queries.seen(draft.rulebook, PutVeto(form.key, key, found)),
        faults=faults or told(request, draft, path, fields),
    )


@post(f"{FORM}/vetoes/{{veto:str}}", roles=WRITING, status_code=200)
async def put_veto(
    request: Request, code: FromPath[str], form: FromPath[str], veto: FromPath[str]
) -> Response[Any]:
    """Save a grave event, or remove it."""
    typed, draft = await forms.fields(request), await open_draft(code)
    if typed.text("remove"):
        await save(request, draft, Remove(form, "veto", veto))
        return redirect(request, f"{here(draft, form)}?said=removed")
    value = Veto(
        typed.text("id"),
        bilingual(typed, "text"),
        bilingual(typed, "confirmation"),
        typed.ticked("sealed"),
    )
    try:
        await save(request, draft, PutVeto(form, veto, value), seen=typed.text("seen"))
    except Invalid as refusal:
        draft = await open_draft(code)
        return _veto_page(
            request, draft, form_of(draft, form), veto, typed=typed,
            faults=errors.texts(request, refusal),
        )  # fmt: skip
    return redirect(request, f"{here(draft, form)}?said=saved")


handlers = [
    show, total, update, remove, section, put_section, veto, put_veto,
]  # fmt: skip
