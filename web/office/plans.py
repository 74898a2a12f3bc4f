"""The plan of a round as a form: whole groups, or chosen windows and units; new, next, changed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any, Final

import msgspec
from litestar import Response, get, post
from litestar.params import FromPath

from panel.actor import Role
from panel.errors import Conflict, Invalid
from panel.ids import Code, read_code
from panel.roster import queries as roster
from panel.roster.types import UnitView, WindowState, WindowView
from panel.rulebook import queries as rulebooks
from panel.rulebook.types import Rulebook
from panel.visits import commands, queries
from panel.visits.types import RoundDraft, RoundKind, RoundState, RoundView, SeedSource
from web import forms
from web.forms import Form
from web.i18n import ZONE
from web.office.rounds import faults_of, group_names, place_names
from web.pages import Request, page, redirect

_SHOWN: Final = 40
"""Units that one search shows."""
_KINDS: Final = (RoundKind.AD_HOC, RoundKind.REVISIT)


@get("/rounds/new")
async def new(request: Request) -> Response[str]:
    """Offer a new plan: with the rulebook's bounds, like an earlier round, or of chosen places."""
    version = await rulebooks.current()
    last = request.query_params.get("from", "")
    places = request.query_params.getall("place", [])
    fields = _usual(request, version.rulebook)
    if last:
        fields |= _again(request, await queries.round(read_code(last)))
    if places:
        asked = request.query_params.get("kind", "")
        fields["kind"] = [asked if asked in set(_KINDS) else RoundKind.AD_HOC]
        fields["covert_percent"] = ["0"]
        fields["target"] = list(dict.fromkeys(places))
        fields["groups"] = []
    return await _form(request, version.rulebook, Form(fields, {}), "/office/rounds")


def _usual(request: Request, rulebook: Rulebook) -> dict[str, list[str]]:
    """Return the fields of a plan as the rulebook suggests it."""
    bounds = rulebook.rounds
    first = request.at.astimezone(ZONE).date() + dt.timedelta(days=7)
    values = {
        "covert_percent": "40",
        "visits_per_window": str(bounds.visits_per_window),
        "visits_per_unit": str(bounds.visits_per_window),
        "double_percent": str(bounds.double_percent),
        "starts": first.isoformat(),
        "ends": (first + dt.timedelta(days=41)).isoformat(),
        "due_hours": str(rulebook.deadline("sheet_after_visit").amount),
        "max_tasks": str(bounds.maximum_tasks_per_member),
        "legal_basis": rulebook.legal_basis.get("zh"),
        "source": SeedSource.CHAIN.value,
    }
    fields = {name: [value] for name, value in values.items()}
    fields["groups"] = [group.key for group in rulebook.peer_groups]
    return fields


def _again(request: Request, view: RoundView) -> dict[str, list[str]]:
    """Return the fields of an earlier plan, a week from now and as long; its number is new."""
    first = request.at.astimezone(ZONE).date() + dt.timedelta(days=7)
    length = view.draft.ends.astimezone(ZONE).date() - view.draft.starts.astimezone(ZONE).date()
    fields = _typed(view.draft).fields
    by_hand = _kind_again(view.draft)
    if view.draft.figured and by_hand == RoundKind.SCHEDULED:
        fields["target"] = []
    return fields | {
        "starts": [first.isoformat()],
        "ends": [(first + length).isoformat()],
        "register_number": [""],
        "kind": [by_hand],
        "parent": [""],
    }


def _kind_again(draft: RoundDraft) -> str:
    """Return the kind of a plan that is made by hand after another one."""
    by_hand = not draft.figured or draft.kind is RoundKind.SCHEDULED
    return draft.kind.value if by_hand else RoundKind.AD_HOC.value


async def _form(
    request: Request,
    rulebook: Rulebook,
    form: Form,
    action: str,
    *,
    refusal: Invalid | None = None,
    view: RoundView | None = None,
) -> Response[str]:
    """Render the form of a plan, after a refusal with everything that was typed."""
    groups = group_names(request, rulebook)
    fixed = view is not None and view.draft.figured
    return page(
        request,
        "office/visits/new.html",
        status=422 if refusal else 200,
        faults=faults_of(request, refusal, groups) if refusal else [],
        form_values=form,
        kind=view.draft.kind.value if view else form.text("kind") or RoundKind.SCHEDULED.value,
        fixed=fixed,
        targets=await _targets(request, form),
        groups=[{"value": key, "label": label} for key, label in groups.items()],
        sources=[
            {
                "value": each.value,
                "label": request.text(f"round.source.{each.value}"),
                "hint": request.text(f"round.source.{each.value}.hint"),
            }
            for each in SeedSource
        ],
        bounds=rulebook.rounds,
        action=action,
        back_url=action,
    )


async def _targets(request: Request, form: Form) -> list[dict[str, str]]:
    """Return the chosen places by name, each with its number of visits as typed."""
    codes = form.many("target")
    if not codes:
        return []
    named = await place_names(request)
    return [
        {"code": code, "name": named.get(code, code), "visits": form.text(f"visits-{code}", "1")}
        for code in codes
    ]


def _draft(form: Form, view: RoundView | None = None) -> RoundDraft:
    """Read a plan; days are those of the city, from midnight to the last second."""
    kind, source = form.text("kind"), form.text("source")
    draft = RoundDraft(
        title=form.text("title"),
        title_en=form.text("title_en"),
        theme=form.text("theme"),
        groups=tuple(form.many("groups")),
        unranked=tuple(form.many("unranked")),
        covert_percent=form.integer("covert_percent", 0),
        visits_per_window=form.integer("visits_per_window"),
        visits_per_unit=form.integer("visits_per_unit"),
        starts=dt.datetime.combine(form.date("starts"), dt.time(), ZONE).astimezone(dt.UTC),
        ends=dt.datetime.combine(form.date("ends"), dt.time(23, 59, 59), ZONE).astimezone(dt.UTC),
        due_hours=form.integer("due_hours"),
        legal_basis=form.text("legal_basis"),
        register_number=form.text("register_number"),
        max_tasks=form.integer("max_tasks"),
        disclosure=form.text("disclosure"),
        disclosed_on=form.date("disclosed_on") if form.text("disclosed_on") else None,
        kind=RoundKind(kind) if kind in set(_KINDS) else RoundKind.SCHEDULED,
        targets=_demands(form),
        claims=form.ticked("claims"),
        double_percent=form.integer("double_percent", 0),
        source=SeedSource(source) if source in set(SeedSource) else SeedSource.CHAIN,
    )
    if view is None:
        return draft
    kept = {"targets": view.draft.targets, "groups": view.draft.groups}
    return msgspec.structs.replace(
        draft,
        kind=view.draft.kind,
        parent=view.draft.parent,
        **(kept if view.draft.figured else {}),
    )


def _demands(form: Form) -> Mapping[str, int]:
    """Return the visits of each chosen place; a nought takes the place off the plan."""
    found = {code: form.integer(f"visits-{code}", 1) for code in form.many("target")}
    return {code: visits for code, visits in found.items() if visits}


@post("/rounds", roles=(Role.COORDINATOR,))
async def create(request: Request) -> Response[str]:
    """Store a plan, or show every fault at its field."""
    form = await forms.fields(request)
    version = await rulebooks.current()
    try:
        view = await commands.plan(request.actor, _draft(form), at=request.at)
    except Invalid as refusal:
        return await _form(request, version.rulebook, form, "/office/rounds", refusal=refusal)
    return redirect(request, f"/office/rounds/{view.code}?said=round_planned")


def _typed(draft: RoundDraft) -> Form:
    """Return the fields that would give a plan."""
    texts = {
        name: [str(getattr(draft, name) or "")]
        for name in (
            "title", "title_en", "theme", "legal_basis", "register_number", "disclosure",
            "visits_per_window", "visits_per_unit", "due_hours", "max_tasks",
        )
    }  # fmt: skip
    disclosed = draft.disclosed_on.isoformat() if draft.disclosed_on else ""
    return Form(
        {
            **texts,
            **{f"visits-{code}": [str(visits)] for code, visits in draft.targets.items()},
            "covert_percent": [str(draft.covert_percent)],
            "double_percent": [str(draft.double_percent)],
            "groups": list(draft.groups),
            "unranked": list(draft.unranked),
            "starts": [draft.starts.astimezone(ZONE).date().isoformat()],
            "ends": [draft.ends.astimezone(ZONE).date().isoformat()],
            "disclosed_on": [disclosed],
            "kind": [draft.kind.value],
            "target": list(draft.targets),
            "claims": ["yes"] if draft.claims else [],
            "source": [draft.source.value],
        },
        {},
    )


@get("/rounds/{code:str}/edit")
async def edit(request: Request, code: FromPath[str]) -> Response[str]:
    """Offer a plan that nobody approved yet for change."""
    view = await queries.round(read_code(code))
    if view.state is not RoundState.DRAFT:
        raise Conflict("round.state_changed")
    version = await rulebooks.version(view.rulebook_code)
    action = f"/office/rounds/{view.code}"
    return await _form(request, version.rulebook, _typed(view.draft), action, view=view)


@post("/rounds/{code:str}", roles=(Role.COORDINATOR,))
async def update(request: Request, code: FromPath[str]) -> Response[str]:
    """Change a plan, or show every fault at its field."""
    form = await forms.fields(request)
    view = await queries.round(read_code(code))
    try:
        await commands.revise(request.actor, view.code, _draft(form, view), at=request.at)
    except Invalid as refusal:
        version = await rulebooks.version(view.rulebook_code)
        action = f"/office/rounds/{view.code}"
        return await _form(request, version.rulebook, form, action, refusal=refusal, view=view)
    return redirect(request, f"/office/rounds/{view.code}?said=round_revised")


@get("/rounds/places", roles=(Role.COORDINATOR,))
async def choose(request: Request) -> Response[str]:
    """Choose windows and units for an ad-hoc round by name; what is ticked stays ticked."""
    wanted = request.query_params.get("q", "").strip().casefold()
    chosen = request.query_params.getall("place", [])
    units = [unit for unit in await roster.units() if unit.active]
    windows: dict[Code, list[WindowView]] = {}
    for window in await roster.windows():
        if window.state is WindowState.ACTIVE:
            windows.setdefault(window.unit_code, []).append(window)
    found = [unit for unit in units if _matches(unit, windows.get(unit.code, []), wanted)]
    named = await place_names(request)
    listed = {unit.code for unit in found[:_SHOWN]}
    listed |= {window.code for code in set(listed) for window in windows.get(code, [])}
    return page(
        request,
        "office/visits/places.html",
        q=request.query_params.get("q", ""),
        kinds=[{"value": kind, "label": request.text(f"round.kind.{kind}")} for kind in _KINDS],
        found=[(unit, windows.get(unit.code, [])) for unit in found[:_SHOWN]],
        more=max(0, len(found) - _SHOWN),
        chosen=set(chosen),
        elsewhere=[(code, named.get(code, code)) for code in chosen if code not in listed],
    )


def _matches(unit: UnitView, windows: list[WindowView], wanted: str) -> bool:
    """Tell whether a unit or one of its windows is called so."""
    names = [unit.name, unit.name_en, unit.code]
    names += [text for window in windows for text in (window.name, window.name_en, window.code)]
    return any(wanted in name.casefold() for name in names)


handlers: list[Any] = [new, create, edit, update, choose]
