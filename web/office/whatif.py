"""What a year would have been under another formula: tried by address, stored nowhere."""

from __future__ import annotations

from typing import Any, Final

import msgspec
from litestar import Response, get
from litestar.params import FromPath

from panel.actor import Role
from panel.assessments import queries
from panel.assessments.types import Component
from panel.errors import Refusal
from panel.ids import read_code
from panel.rulebook import queries as rulebooks
from panel.rulebook.types import Assessment, Rulebook, Weights
from web import standings
from web.office.assessments import book_of
from web.pages import Request, page

READERS: Final = (Role.COORDINATOR, Role.PUBLISHER, Role.AUDITOR)
FORMULAS: Final = ("weighted", "public_work", "deductions")
_WHOLE: Final = 100


@get("/assessments/{year:int}/what-if", roles=READERS)
async def show(request: Request, year: FromPath[int]) -> Response[Any]:
    """Compare a year's marks with those of a draft, another version, or other weights."""
    own = await book_of(await queries.begun(year))
    other = await _measures(request) or own
    weights = _weights(request, other)
    total = sum(msgspec.structs.astuple(weights))
    chosen = request.query_params.get("formula", "")
    formula = chosen if chosen in FORMULAS else other.assessment.formula
    assessment = msgspec.structs.replace(other.assessment, weights=weights, formula=formula)
    rows = (
        await queries.whatif(year, own, _with(other, assessment), at=request.at)
        if total == _WHOLE
        else []
    )
    return page(
        request,
        "office/assessments/whatif.html",
        year=year,
        formula=formula,
        formulas=[{"value": each, "label": request.text(f"formula.{each}")} for each in FORMULAS],
        weights=[(each.value, getattr(weights, each.value)) for each in Component],
        total=total,
        faults=[]
        if total == _WHOLE
        else [
            {"path": "visits", "text": request.text("rulebook.weights", total=total)},
        ],
        measures=request.query_params.get("measures", ""),
        choices=await _choices(),
        rows=[
            {
                "trial": each,
                "name": standings.called(each.unit_name, each.unit_name_en, request.lang),
                "group": standings.group_name(own, each.group, request.lang),
                "change": None
                if each.before is None or each.after is None
                else each.after - each.before,
            }
            for each in rows
        ],
    )


def _with(book: Rulebook, assessment: Assessment) -> Rulebook:
    return msgspec.structs.replace(book, assessment=assessment)


async def _measures(request: Request) -> Rulebook | None:
    """Return the draft or version that the address names, if there is one."""
    kind, _, code = request.query_params.get("measures", "").partition("-")
    try:
        if kind == "draft":
            return (await rulebooks.draft(read_code(code))).rulebook
        if kind == "version":
            return (await rulebooks.version(read_code(code))).rulebook
    except Refusal:
        return None
    return None


async def _choices() -> list[dict[str, str]]:
    """Return the drafts and versions that may be tried."""
    drafts = [
        {"value": f"draft-{each.code}", "label": each.rulebook.edition}
        for each in await rulebooks.drafts()
    ]
    versions = [
        {"value": f"version-{each.code}", "label": each.rulebook.edition}
        for each in await rulebooks.versions()
    ]
    return [*drafts, *versions]


def _weights(request: Request, book: Rulebook) -> Weights:
    """Return the weights of the address, those of the measures where none are typed."""
    given = request.query_params
    if not any(given.get(each.value) for each in Component):
        return book.assessment.weights
    return Weights(**{each.value: request.number(each.value) for each in Component})


handlers: list[Any] = [show]
