"""Staff lists of evaluated units at the clerk's desk: taken in, compared, hits decided."""

from __future__ import annotations

from typing import Any, Final

from litestar import Response, get, post
from litestar.params import FromPath

from panel.actor import Role
from panel.errors import Fault, Invalid, Missing
from panel.ids import read_code
from panel.recruitment import commands, queries
from panel.recruitment.queries import staff
from panel.recruitment.types.vetting import STAFF_COLUMNS, HitState, HitView
from panel.roster import queries as roster
from panel.rulebook.types import Text
from web import errors, spreadsheets
from web.forms import fields
from web.office.imports import listed
from web.pages import Request, download, page, redirect
from web.text import vetting

CLERKS: Final = (Role.COORDINATOR, Role.VETTING_CLERK)
READERS: Final = (*CLERKS, Role.AUDITOR)


@get("/staff", roles=READERS)
async def index(request: Request) -> Response[str]:
    """Show who stands on a unit's list, the lists themselves, and the comparisons."""
    return await _index(request)


async def _index(request: Request, refusal: Invalid | None = None, unit: str = "") -> Response[str]:
    by_row = refusal is not None and refusal.code == "import.faults"
    hits = await staff.staff_hits()
    return page(
        request,
        "office/staff/index.html",
        status=422 if refusal else 200,
        faults=_faults(request, refusal),
        found=listed(request, refusal) if by_row else [],
        total=refusal.values.get("total", 0) if by_row and refusal else 0,
        hits=[
            {
                "view": each,
                "reasons": vetting.choices(request.lang, await _reasons(each)),
            }
            for each in hits
        ],
        lists=await staff.staff_lists(),
        checks=await staff.checks(),
        units=[
            {"value": each.code, "label": f"{each.ref} {each.name}"}
            for each in await roster.units()
        ],
        unit=unit,
        may=request.actor.may(*CLERKS),
    )


async def _reasons(hit: HitView) -> dict[str, Text | None]:
    """Return the reason codes by which an applicant can be found ineligible."""
    if hit.campaign is None:
        return {}
    return await queries.reasons(await queries.campaign(hit.campaign))


def _faults(request: Request, refusal: Invalid | None) -> list[dict[str, str]]:
    if refusal is None:
        return []
    if refusal.code.startswith("import."):
        return [{"path": "file", "text": errors.text_of(request.lang, refusal)}]
    return errors.texts(request, refusal)


@post("/staff/lists", roles=CLERKS, status_code=200)
async def take_in(request: Request) -> Response[str]:
    """Take in a unit's staff list; only keyed hashes of the id numbers are kept."""
    request.actor.require(*CLERKS)
    form = await fields(request)
    given, unit = form.upload("file"), form.text("unit")
    try:
        if not unit:
            raise Invalid("form.faults", Fault("unit", "form.required"))  # noqa: TRY301
        if given is None:
            raise Invalid("import.no_file")  # noqa: TRY301
        await commands.take_staff_list(request.actor, read_code(unit), *given, at=request.at)
    except Invalid as refusal:
        return await _index(request, refusal, unit)
    return redirect(request, "/office/staff?said=staff_list_taken")


@post("/staff/compare", roles=CLERKS, status_code=200)
async def compare(request: Request) -> Response[str]:
    """Compare applicants and members with the lists now."""
    await commands.compare_staff(request.actor, at=request.at)
    return redirect(request, "/office/staff?said=staff_compared")


@post("/staff/hits/{number:str}", roles=CLERKS, status_code=200)
async def decide(request: Request, number: FromPath[str]) -> Response[str]:
    """Decide about somebody on a staff list."""
    request.actor.require(*CLERKS)
    form = await fields(request)
    if not number.isdecimal() or len(number) > len(str(2**31)) - 1:
        raise Missing("staff.unknown")
    try:
        if form.text("decision") not in set(HitState):
            raise Invalid("form.faults", Fault("decision", "form.required"))  # noqa: TRY301
        await commands.decide_staff_hit(
            request.actor,
            int(number),
            HitState(form.text("decision")),
            reason=form.text("reason"),
            note=form.text("note"),
            at=request.at,
        )
    except Invalid as refusal:
        return await _index(request, refusal)
    return redirect(request, "/office/staff?said=hit_decided")


@get("/staff/template.xlsx", roles=CLERKS)
async def template(request: Request) -> Response[bytes]:
    """Give an empty staff list whose cells are texts."""
    title = request.text("Staff list")
    layout = spreadsheets.Layout(title=title, watermark="", foot=(), widths={"身份证号": 22})
    data = spreadsheets.written(STAFF_COLUMNS[:6], [], layout)
    return download(data, f"{title}.xlsx", spreadsheets.XLSX)


handlers: list[Any] = [index, take_in, compare, decide, template]
