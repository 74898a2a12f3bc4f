"""Editing one question of a sheet, and the preview of the whole sheet in a phone's frame."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any, get_args, get_type_hints

import msgspec
from litestar import Response, get, post
from litestar.params import FromPath

from panel.errors import Fault, Invalid, Missing
from panel.evaluations.types import Answers, Blank, Filling
from panel.ids import Code
from panel.rulebook import queries
from panel.rulebook.types import (
    Anchor,
    Case,
    DraftView,
    Form,
    Item,
    ItemKind,
    ModelAnswer,
    PutItem,
    Remove,
    Text,
)
from panel.visits.types import Errand, Mode, TaskState, TaskView, Why
from web import errors, forms
from web.member import evaluations
from web.office.rulebook_drafts import READING, WRITING, bilingual, open_draft, save, told
from web.office.rulebook_forms import FORM, form_of, here, prefix
from web.pages import Request, page, redirect, render, stage

ITEM = f"{FORM}/items/{{item:str}}"
GUIDES: tuple[str, ...] = get_args(get_type_hints(Item)["guide"])
FLAGS = ("optional", "covert", "revisit_only", "photo")
VALUES = (4, 3, 2, 1, 0)
_SCRIPT = re.compile(r"<script\b[^>]*></script>")
"""Scripts have no business in a frame that may not run any."""


def _item(form: Form, key: str) -> Item:
    found = next((item for item in form.items if item.id == key), None)
    if found is None:
        raise Missing("rulebook.no_part")
    return found


def _cases(draft: DraftView, form: Form) -> tuple[Case, ...]:
    """Return the training sheets that have to answer the form's items."""
    course = next((c for c in draft.rulebook.training.courses if c.form == form.key), None)
    return course.cases if course else ()


def _values(item: Item, section: str, cases: tuple[Case, ...]) -> dict[str, str]:
    """Return the fields of the page as they are stored."""
    values = {
        "id": item.id, "kind": item.kind.value, "weight": str(item.weight), "section": section,
        "text.zh": item.text.zh, "text.en": item.text.en,
        "proof.zh": item.proof.zh, "proof.en": item.proof.en, "guide": item.guide,
    }  # fmt: skip
    values |= {name: "yes" if getattr(item, name) else "" for name in FLAGS}
    for anchor in item.anchors:
        values[f"anchor.{anchor.value}.zh"] = anchor.text.zh
        values[f"anchor.{anchor.value}.en"] = anchor.text.en
    for case in cases:
        answer = next((each for each in case.answers if each.item == item.id), None)
        values[f"case.{case.key}"] = (
            "" if answer is None else ("none" if answer.value is None else str(answer.value))
        )
        values[f"case.{case.key}.zh"] = answer.why.zh if answer else ""
        values[f"case.{case.key}.en"] = answer.why.en if answer else ""
    return values


@get(ITEM, roles=READING)
async def show(
    request: Request, code: FromPath[str], form: FromPath[str], item: FromPath[str]
) -> Response[Any]:
    """Show one question with its anchors, proof, guide and right answers."""
    draft = await open_draft(code)
    found = form_of(draft, form)
    return _show(request, draft, found, _item(found, item))


def _show(
    request: Request,
    draft: DraftView,
    form: Form,
    item: Item,
    *,
    typed: forms.Form | None = None,
    faults: list[dict[str, str]] | None = None,
) -> Response[Any]:
    cases = _cases(draft, form)
    section = next(each for each in form.sections if item in each.items)
    stored = _values(item, section.id, cases)
    order = [each.id for each in form.items]
    place = order.index(item.id)
    url = here(draft, form.key)
    return page(
        request,
        "office/rulebook/item.html",
        status=422 if faults else 200,
        url=f"{url}/items/{item.id}",
        form_url=url,
        form_title=form.title.get(request.lang),
        key=item.id,
        values={name: typed.text(name) for name in stored} if typed else stored,
        anchors=[anchor.value for anchor in item.anchors],
        kinds=_options(request, "item.kind", [kind.value for kind in ItemKind]),
        guides=_options(request, "item.guide", [guide for guide in GUIDES if guide]),
        sections=[
            {"value": each.id, "label": f"{each.id} {each.text.get(request.lang)}"}
            for each in form.sections
        ],
        cases=[{"key": case.key, "title": case.title.get(request.lang)} for case in cases],
        right=[
            {"value": anchor.value, "label": f"{anchor.value} {anchor.text.get(request.lang)}"}
            for anchor in item.anchors
        ]
        + [{"value": "none", "label": request.text("Not observed")}],
        previous=f"{url}/items/{order[place - 1]}" if place else None,
        following=f"{url}/items/{order[place + 1]}" if place + 1 < len(order) else None,
        position={"at": place + 1, "of": len(order)},
        sum=sum(each.weight for each in form.items),
        seen=queries.seen(draft.rulebook, PutItem(form.key, item.id, section.id, item)),
        faults=faults or _faults(request, draft, form, item, cases),
    )


def _options(request: Request, prefix: str, keys: list[str]) -> list[dict[str, str]]:
    return [{"value": key, "label": request.text(f"{prefix}.{key}")} for key in keys]


def _faults(
    request: Request, draft: DraftView, form: Form, item: Item, cases: tuple[Case, ...]
) -> list[dict[str, str]]:
    """Return what is wrong with a question, and where its training sheets do not answer it."""
    section = next(each for each in form.sections if item in each.items)
    path = (
        f"{prefix(draft, form)}.sections[{form.sections.index(section)}]"
        f".items[{section.items.index(item)}]"
    )
    fields = {"text": "text.zh", "weight": "weight", "id": "id", "proof": "proof.zh"}
    fields |= {
        f"anchors[{place}].text": f"anchor.{anchor.value}.zh"
        for place, anchor in enumerate(item.anchors)
    }
    found = told(request, draft, path, fields)
    courses = [course.form for course in draft.rulebook.training.courses]
    if form.key in courses:
        base = f"training.courses[{courses.index(form.key)}].cases"
        for number, case in enumerate(cases):
            place = f"{base}[{number}].answers"
            own = [answer.item for answer in case.answers]
            at = own.index(item.id) if item.id in own else -1
            found += [
                {
                    "path": f"case.{case.key}.zh"
                    if fault.path.endswith(".why")
                    else f"case.{case.key}",
                    "text": errors.text_of(request.lang, fault),
                }
                for fault in draft.faults
                if fault.path.startswith(f"{place}[{at}]")
                or (fault.path.startswith(place) and fault.values.get("id") == item.id)
            ]
    return found


@post(ITEM, roles=WRITING, status_code=200)
async def update(
    request: Request, code: FromPath[str], form: FromPath[str], item: FromPath[str]
) -> Response[Any]:
    """Save a question, or remove it; another kind asks for its further anchors."""
    typed, draft = await forms.fields(request), await open_draft(code)
    sheet = form_of(draft, form)
    old = _item(sheet, item)
    if typed.text("remove"):
        await save(request, draft, Remove(form, "item", item))
        return redirect(request, f"{here(draft, form)}?said=removed")
    try:
        change = _typed(typed, sheet, old, _cases(draft, sheet))
        await save(request, draft, change, seen=typed.text("seen"))
    except Invalid as refusal:
        draft = await open_draft(code)
        sheet = form_of(draft, form)
        return _show(
            request, draft, sheet, _item(sheet, item), typed=typed,
            faults=errors.texts(request, refusal),
        )  # fmt: skip
    return redirect(request, f"{here(draft, form)}/items/{change.value.id}?said=saved")


def _typed(typed: forms.Form, form: Form, old: Item, cases: tuple[Case, ...]) -> PutItem:
    """Read the fields of the page; refuses what can't be a question at all, by its field."""
    faults: list[Fault] = []
    if typed.text("kind") not in set(ItemKind):
        faults.append(Fault("kind", "form.required"))
    if typed.text("guide") not in GUIDES:
        faults.append(Fault("guide", "form.required"))
    if typed.text("section") not in {each.id for each in form.sections}:
        faults.append(Fault("section", "form.required"))
    weight = 0
    try:
        weight = typed.integer("weight")
    except Invalid as refusal:
        faults.extend(refusal.faults)
    if faults:
        raise Invalid("form.faults", *faults)
    value = Item(
        id=typed.text("id"),
        kind=ItemKind(typed.text("kind")),
        weight=weight,
        text=bilingual(typed, "text"),
        anchors=tuple(
            Anchor(value, bilingual(typed, f"anchor.{value}"))
            for value in VALUES
            if f"anchor.{value}.zh" in typed.fields
        ),
        optional=typed.ticked("optional"),
        covert=typed.ticked("covert"),
        revisit_only=typed.ticked("revisit_only"),
        proof=bilingual(typed, "proof"),
        photo=typed.ticked("photo"),
        guide=typed.text("guide"),  # type: ignore[arg-type]  # one of the known guides
    )
    return PutItem(form.key, old.id, typed.text("section"), value, _answers(typed, old, cases))


def _answers(typed: forms.Form, item: Item, cases: tuple[Case, ...]) -> dict[str, ModelAnswer]:
    """Read the right answers of the training sheets; one without a choice is not given."""
    found = {}
    for case in cases:
        given = typed.text(f"case.{case.key}")
        if given == "none" or (given.isdecimal() and int(given) in VALUES):
            found[case.key] = ModelAnswer(
                item=item.id,
                why=bilingual(typed, f"case.{case.key}"),
                value=None if given == "none" else int(given),
            )
    return found


@get(f"{FORM}/preview", roles=READING)
async def preview(request: Request, code: FromPath[str], form: FromPath[str]) -> Response[Any]:
    """Show the very sheet that a member would see, in the frame of a phone."""
    draft = await open_draft(code)
    sheet = form_of(draft, form)
    mode = Mode.OPEN if request.query_params.get("mode") == "open" else Mode.COVERT
    revisit = request.query_params.get("mode") == "revisit"
    return page(
        request,
        "office/rulebook/preview.html",
        form_url=here(draft, form),
        form_title=sheet.title.get(request.lang),
        mode="revisit" if revisit else mode.value,
        sheet=_sheet(request, sheet, mode, revisit=revisit),
    )


def _sheet(request: Request, form: Form, mode: Mode, *, revisit: bool) -> str:
    """Render the member's page of an empty sheet."""
    items = tuple(
        item
        for item in form.items
        if (revisit or not item.revisit_only) and (item.covert or mode is Mode.OPEN)
    )
    filling = Filling(
        blank=Blank(task=_task(request, form, mode), form=form, items=items),
        answers=Answers(),
        saved_at=None,
        started_at=None,
        returned=None,
    )
    shown = evaluations.context(request, filling, {}, opened="")
    told = {item.id: [request.text(f"preview.guide.{item.guide}")] for item in items if item.guide}
    phone = msgspec.structs.replace(
        stage(request), audience="public", nav=[], who=None, csrf_input="", flash=None
    )
    whole = render(
        request.app.state.templates, "member/evaluations/show.html", phone, request.at,
        faults=[], guides=told, photos=[], **shown,
    )  # fmt: skip
    return _SCRIPT.sub("", whole)


def _task(request: Request, form: Form, mode: Mode) -> TaskView:
    """Make up the visit that the preview is filled in for; nothing of it is stored."""
    at = request.at
    later = at + dt.timedelta(days=7)
    nothing = Code("…")
    place = Text("示例单位", "Sample unit"), Text("综合窗口", "General window")
    return TaskView(
        id=0, code=nothing, place_id=0, round_id=0, round_code=nothing, round_title="",
        round_title_en="", round_ends=later, unit_id=0, unit_code=nothing,
        unit_name=place[0].zh, unit_name_en=place[0].en, peer_group="", window_id=0,
        window_code=nothing, window_name=place[1].zh, window_name_en=place[1].en, hall_name="",
        hall_name_en="", place="", hours="", mode=mode, errand=Errand.ENQUIRY,
        state=TaskState.ACCEPTED, form_key=form.key, rulebook_code=nothing, visitor="",
        opens_at=at, due_at=later, closes_at=later, due_hours=48, answer_by=None, offered_at=at,
        briefed_at=at, assigned_by=None,
        why=Why(candidates=1, eligible=1, excluded={}, far=None, load=1),
    )  # fmt: skip


handlers = [show, update, preview]
