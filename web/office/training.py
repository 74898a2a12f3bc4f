"""Training at the office's desk: who stands where, whose scale lies how, papers for the hall."""

from __future__ import annotations

from collections import Counter
from typing import Any, Final

from litestar import Response, get
from litestar.params import FromPath

from panel.actor import Role
from panel.errors import Missing
from panel.members import queries
from panel.members.types import Calibration, Listed
from panel.rulebook import queries as rulebooks
from panel.rulebook.types import Rulebook
from web import lessons, pictures
from web.office.members import members_of
from web.pages import Request, page

_HALF: Final = 50  # hundredths of a step
_FARTHEST: Final = 4
PAPERS: Final = ("course", "sheets", "quiz", "answers")


@get("/training", roles=(Role.COORDINATOR, Role.AUDITOR))
async def index(request: Request) -> Response[str]:
    """Show how many qualify, how far each member is, and how the scales lie."""
    version = await rulebooks.current()
    book = version.rulebook
    asked = request.query_params.get("show", "")
    wanted = Listed(asked) if asked in set(Listed) else Listed.ALL
    total = await queries.count_of(request.at, wanted)
    found = await members_of(request, wanted)
    return page(
        request,
        "office/training/index.html",
        training=book.training,
        conduct=book.conduct,
        serving=await queries.count_of(request.at, Listed.ALL),
        qualified=await queries.count_of(request.at, Listed.ACTIVE),
        due=await queries.count_of(request.at, Listed.DUE),
        courses=[_course(book, form, request) for form in book.judged],
        steps=_steps(book),
        scales=[_scale(each, book, request) for each in await queries.calibration(
            version, at=request.at)],
        shown=wanted.value,
        total=total,
        lines=await queries.progress(found.rows, at=request.at),
        following=found.following,
        previous=found.previous,
        number_of_page=found.number,
    )  # fmt: skip


def _course(book: Rulebook, form: str, request: Request) -> dict[str, Any]:
    """Return a course with what it holds."""
    found = book.training.course(form)
    return {
        "form": form,
        "title": book.form(form).title.get(request.lang),
        "units": len(found.units) if found else 0,
        "questions": len(found.questions) if found else 0,
        "cases": len(found.cases) if found else 0,
    }


def _steps(book: Rulebook) -> dict[str, int]:
    """Return how much there is to do in all courses; shared units are read once."""
    courses = [found for form in book.judged if (found := book.training.course(form))]
    return {
        "units": len({unit.key for course in courses for unit in course.units}),
        "cases": sum(len(course.cases) for course in courses),
        "forms": len(book.judged),
    }


def _scale(found: Calibration, book: Rulebook, request: Request) -> dict[str, Any]:
    """Return how the answers to one training sheet lean, as a picture and in numbers."""
    course = book.training.course(found.form)
    case = course.case(found.case) if course else None
    bins = Counter(
        max(-_FARTHEST, min(_FARTHEST, round(severity / _HALF))) for severity, _ in found.points
    )
    return {
        "title": case.title.get(request.lang) if case else found.case,
        "form": book.form(found.form).title.get(request.lang),
        "n": len(found.points),
        "severity": found.severity,
        "distance": found.distance,
        "severe": sum(count for value, count in bins.items() if value < 0),
        "level": bins[0],
        "lenient": sum(count for value, count in bins.items() if value > 0),
        "picture": pictures.leaning(bins, request.text) if found.points else "",
    }


@get("/training/{form:str}/{what:str}", roles=(Role.COORDINATOR, Role.AUDITOR))
async def paper(request: Request, form: FromPath[str], what: FromPath[str]) -> Response[str]:
    """Show a course for a training hall, to print: units, blank sheets, blank quiz, or answers."""
    book = (await rulebooks.current()).rulebook
    course = book.training.course(form)
    if course is None or what not in PAPERS:
        raise Missing("training.missing")
    return page(
        request,
        "office/training/paper.html",
        what=what,
        form=form,
        papers=PAPERS,
        title=book.form(form).title.get(request.lang),
        edition=book.edition,
        percent=book.training.pass_percent,
        **lessons.handout(course, book, request.lang),
    )


handlers: list[Any] = [index, paper]
