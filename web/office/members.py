"""The panel at the office's desk: make-up and alarm, training, pledges, recusals, resignations."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any, Final

from litestar import Response, get, post
from litestar.params import FromPath

from panel.accounts import queries as accounts
from panel.actor import Role
from panel.errors import Fault, Invalid
from panel.ids import Code, read_code
from panel.members import commands, queries
from panel.members.types import ExclusionKind, Listed, MemberView
from panel.recruitment.commands import terms
from panel.roster import queries as roster
from panel.rulebook import queries as rulebook
from panel.vault import queries as vault
from panel.workdays import SHANGHAI
from web import errors, paging
from web.forms import Form, fields
from web.pages import Request, page, redirect
from web.text import features

PAGE: Final = 50


async def _words(request: Request) -> features.Words:
    version = await rulebook.current()
    return features.Words(version.rulebook.recruitment, request.lang)


@get("/members")
async def index(request: Request) -> Response[str]:
    """Show how the panel is made up, the alarm if a firm quota breaks, and the members."""
    return await _index(request)


def _listed(wanted: str) -> Listed:
    """Return the list that an address names, all members where it names none."""
    return Listed(wanted) if wanted in set(Listed) else Listed.ALL


async def members_of(request: Request, wanted: Listed) -> paging.Paged[MemberView]:
    """Return the page of a list of members that an address asks for."""

    async def read(turn: paging.Turn) -> list[MemberView]:
        return await queries.some(
            request.at, wanted, limit=turn.limit, after=turn.after, before=turn.before
        )

    return await paging.paged(request, read, lambda one: one.code, PAGE, f"&show={wanted}")


async def _index(
    request: Request, refusal: Invalid | None = None, form: Form | None = None
) -> Response[str]:
    words = await _words(request)
    conduct = (await rulebook.current()).rulebook.conduct
    composition = await queries.composition(request.at)
    wanted = _listed(request.query_params.get("show", ""))
    total = await queries.count_of(request.at, wanted)
    shown = await members_of(request, wanted)
    today = request.at.astimezone(SHANGHAI).date().isoformat()
    return page(
        request,
        "office/members/index.html",
        status=422 if refusal else 200,
        faults=errors.texts(request, refusal) if refusal else [],
        composition=composition,
        groups=[{"label": words.quota(each.key), "share": each} for each in composition.groups],
        picture=features.picture(
            composition.counts,
            [(each.key, each.seats, each.minimum_percent) for each in composition.groups],
            words,
            request.text,
        )
        if composition.total
        else "",
        shown=wanted.value,
        total=total,
        members=[
            {
                "view": each,
                "category": words.value("category", each.category),
                "district": words.value("district", each.district),
            }
            for each in shown.rows
        ],
        following=shown.following,
        previous=shown.previous,
        number_of_page=shown.number,
        values={
            "on": form.text("on") if form else today,
            "codes": form.text("codes") if form else "",
            "version": form.text("version") if form else conduct.version,
        },
        may=request.actor.may(Role.COORDINATOR),
        may_open=request.actor.may(Role.COORDINATOR, Role.AUDITOR),
    )


async def _chosen(request: Request, form: Form) -> list[Code]:
    """Return the members that a bulk form means: the ticked, the listed, or all who lack it.

    A list holds the numbers printed on the cards, or the members' own codes.
    """
    if form.text("scope") == "all":
        lacking = Listed.PLEDGE if form.text("what") == "pledge" else Listed.TRAINING
        return await queries.codes_of(request.at, lacking)
    typed = form.text("codes")
    given = form.upload("file")
    if given is not None:
        typed += "\n" + given[0].decode("utf-8-sig", "replace")
    listed = [read_code(each) for each in re.split(r"[\s,;，；、]+", typed) if each]
    cards = await accounts.members_of_cards(listed)
    return [*(cards.get(each, each) for each in listed), *(Code(e) for e in form.many("member"))]


@post("/members/record", roles=(Role.COORDINATOR,), status_code=200)
async def record(request: Request) -> Response[str]:
    """Record training attendance or the pledge in bulk."""
    form = await fields(request)
    try:
        on: dt.date = form.date("on")
        codes = await _chosen(request, form)
        if not codes:
            raise Invalid("form.faults", Fault("codes", "member.nobody"))  # noqa: TRY301
        if form.text("what") == "pledge":
            version = form.text("version")[:40]
            await commands.record_pledge(
                request.actor, codes, version=version, on=on, at=request.at
            )
        else:
            await commands.record_training(request.actor, codes, on=on, at=request.at)
    except Invalid as refusal:
        return await _index(request, refusal, form)
    return redirect(request, "/office/members?said=members_recorded")


@get("/members/{code:str}", roles=(Role.COORDINATOR, Role.AUDITOR))
async def show(request: Request, code: FromPath[str]) -> Response[str]:
    """Show one seat with its term, qualification and recusals; the name is masked."""
    return await _show(request, read_code(code))


async def _show(request: Request, code: Code, refusal: Invalid | None = None) -> Response[str]:
    member = await queries.member(code)
    words = await _words(request)
    units = {
        unit.code: unit.name_en if request.lang == "en" and unit.name_en else unit.name
        for unit in await roster.units()
    }
    excluded = (await queries.exclusions()).get(code, frozenset())
    return page(
        request,
        "office/members/show.html",
        status=422 if refusal else 200,
        faults=errors.texts(request, refusal) if refusal else [],
        member=member,
        name=(await vault.masked_names([member.person])).get(member.person, ""),
        category=words.value("category", member.category),
        district=words.value("district", member.district),
        left=member.left,
        excluded=[units.get(each, each) for each in sorted(excluded)],
        units=[{"value": key, "label": name} for key, name in units.items()],
        may=request.actor.may(Role.COORDINATOR),
    )


@post("/members/{code:str}/resign", roles=(Role.COORDINATOR,), status_code=200)
async def resign(request: Request, code: FromPath[str]) -> Response[str]:
    """Record a resignation; the list then shows whether a firm quota broke."""
    form = await fields(request)
    member = read_code(code)
    if not form.text("reason"):
        missing = Invalid("form.faults", Fault("reason", "form.required"))
        return await _show(request, member, missing)
    await terms.resign(request.actor, member, form.text("reason"), at=request.at)
    return redirect(request, "/office/members?said=member_resigned")


@post("/members/{code:str}/exclude", roles=(Role.COORDINATOR,), status_code=200)
async def exclude(request: Request, code: FromPath[str]) -> Response[str]:
    """Keep a member from judging a unit."""
    form = await fields(request)
    member = read_code(code)
    if not form.text("unit"):
        missing = Invalid("form.faults", Fault("unit", "form.required"))
        return await _show(request, member, missing)
    await commands.exclude(
        request.actor, member, read_code(form.text("unit")), ExclusionKind.DECLARED, at=request.at
    )
    return redirect(request, f"/office/members/{member}?said=member_excluded")


handlers: list[Any] = [index, record, show, resign, exclude]
