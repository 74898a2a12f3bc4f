"""Learning on a member's phone: pledge, units, training sheets, quiz, certificates."""

from __future__ import annotations

from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath

from panel import entropy
from panel.errors import Invalid, Missing
from panel.ids import Code, read_code
from panel.members import commands, queries
from panel.members.types import AttemptView, CourseStanding, Learner
from panel.rulebook import queries as rulebooks
from panel.rulebook.types import Course, Question
from panel.workdays import SHANGHAI
from web import forms, lessons
from web.errors import texts
from web.pages import Request, page, redirect
from web.text import prose


async def _learner(request: Request) -> Learner:
    return await queries.learner(request.actor.member or Code(""), at=request.at)


async def _course(request: Request, form: str) -> tuple[Learner, CourseStanding, Course]:
    """Return where the reader stands with the course of a form."""
    learner = await _learner(request)
    standing = learner.of(form)
    if standing is None or standing.course is None:
        raise Missing("training.missing")
    return learner, standing, standing.course


@get("/training")
async def index(request: Request) -> Response[str]:
    """Show what is still to do: the pledge, the courses, and until when the certificate holds."""
    learner = await _learner(request)
    today = request.at.astimezone(SHANGHAI).date()
    courses = [lessons.course_card(each, today, request.lang) for each in learner.courses]
    return page(
        request,
        "member/training/index.html",
        learner=learner,
        fit=learner.member.qualified(today),
        courses=courses,
        todo=[each for each in courses if each["online"] and (each["due"] or not each["valid"])],
    )


@get("/training/pledge")
async def pledging(request: Request) -> Response[str]:
    """Show the code of conduct in force and ask for the pledge."""
    learner = await _learner(request)
    conduct = learner.version.rulebook.conduct
    return page(
        request,
        "member/training/pledge.html",
        learner=learner,
        conduct=conduct,
        blocks=prose.blocks(conduct.text.get(request.lang)),
    )


@post("/training/pledge")
async def pledge(request: Request) -> Response[str]:
    """Take the pledge to the version that was read."""
    form = await forms.fields(request)
    await commands.pledge(request.actor, form.text("version"), at=request.at)
    return redirect(request, "/m/training?said=pledged")


@get("/training/certificates")
async def certificates(request: Request) -> Response[str]:
    """Show the certificates, those that hold and those that are over."""
    learner = await _learner(request)
    today = request.at.astimezone(SHANGHAI).date()
    versions = {each.code: each.rulebook for each in await rulebooks.versions()}
    found = []
    for each in await queries.certificates(learner.member):
        book = versions[each.rulebook]
        found.append(
            {
                "view": each,
                "title": book.form(each.form).title.get(request.lang),
                "edition": book.edition,
                "valid": each.valid_until >= today,
            }
        )
    return page(request, "member/training/certificates.html", learner=learner, certificates=found)


@get("/courses/{form:str}")
async def course(request: Request, form: FromPath[str]) -> Response[str]:
    """Show a course as a list of steps with the next one to take."""
    learner, standing, _ = await _course(request, form)
    return page(
        request,
        "member/training/course.html",
        training=learner.version.rulebook.training,
        **lessons.course(standing, learner.version.rulebook.training, request.lang),
    )


@get("/courses/{form:str}/units/{key:str}")
async def unit(request: Request, form: FromPath[str], key: FromPath[str]) -> Response[str]:
    """Show one unit to read."""
    _, standing, found = await _course(request, form)
    one = found.unit(key)
    if one is None:
        raise Missing("training.missing")
    place = found.units.index(one)
    return page(
        request,
        "member/training/unit.html",
        form=form,
        unit=lessons.unit(one, request.lang),
        number_of_unit=place + 1,
        total=len(found.units),
        read=key in standing.read,
        following=found.units[place + 1].key if place + 1 < len(found.units) else "",
    )


@post("/courses/{form:str}/units/{key:str}")
async def read(request: Request, form: FromPath[str], key: FromPath[str]) -> Response[str]:
    """Note that a unit was read and lead to the next one."""
    await commands.read(request.actor, form, key, at=request.at)
    _, standing, found = await _course(request, form)
    after = [each.key for each in found.units]
    waiting = [each for each in after[after.index(key) :] if each in standing.unread]
    where = f"/units/{waiting[0]}" if waiting else ""
    return redirect(request, f"/m/courses/{form}{where}")


@get("/courses/{form:str}/sheets/{key:str}")
async def sheet(request: Request, form: FromPath[str], key: FromPath[str]) -> Response[str]:
    """Show a training sheet: a visit told in words, and the sheet as it looks on a visit."""
    del form, key
    return await _sheet(request, {}, entropy.key())


async def _sheet(
    request: Request, typed: dict[str, str], unique: str, refusal: Invalid | None = None
) -> Response[str]:
    form, key = request.path_params["form"], request.path_params["key"]
    _, standing, found = await _course(request, form)
    case = found.case(key)
    if case is None:
        raise Missing("training.missing")
    return page(
        request,
        "member/training/sheet.html",
        status=422 if refusal else 200,
        faults=texts(request, refusal) if refusal else [],
        form=form,
        case=case.key,
        title=case.title.get(request.lang),
        story=prose.blocks(case.text.get(request.lang)),
        sections=lessons.sheet(standing.form, typed, request.lang),
        unseen=lessons.UNSEEN,
        key=unique,
    )


@post("/courses/{form:str}/sheets/{key:str}", status_code=200)
async def practise(request: Request, form: FromPath[str], key: FromPath[str]) -> Response[str]:
    """Lay a training sheet beside its model answer."""
    posted = await forms.fields(request)
    _, standing, _ = await _course(request, form)
    typed = lessons.typed(standing.form, posted)
    unique = posted.text("key")
    try:
        done = await commands.practise(
            request.actor, form, key, lessons.marked(typed), unique, at=request.at
        )
    except Invalid as refusal:
        return await _sheet(request, typed, unique or entropy.key(), refusal)
    return redirect(request, f"/m/training/sheets/{done.code}")


@get("/training/sheets/{code:str}")
async def compared(request: Request, code: FromPath[str]) -> Response[str]:
    """Show a training sheet beside the model answer, item by item, with the reasons."""
    done = await queries.practice(request.actor.member or Code(""), read_code(code))
    version = await rulebooks.version(done.rulebook)
    learner = await _learner(request)
    standing = learner.of(done.form)
    return page(
        request,
        "member/training/compared.html",
        practice=done,
        following=lessons.following(standing),
        **lessons.compared(done, version.rulebook, request.lang),
    )


@get("/courses/{form:str}/quiz")
async def quiz(request: Request, form: FromPath[str]) -> Response[str]:
    """Show the quiz, or why it is not open yet."""
    return await _quiz(request, form, {}, entropy.key())


async def _quiz(
    request: Request,
    form: str,
    chosen: dict[str, tuple[int, ...]],
    unique: str,
    refusal: Invalid | None = None,
) -> Response[str]:
    learner, standing, found = await _course(request, form)
    training = learner.version.rulebook.training
    return page(
        request,
        "member/training/quiz.html",
        status=422 if refusal else 200,
        faults=texts(request, refusal) if refusal else [],
        form=form,
        title=standing.form.title.get(request.lang),
        standing=standing,
        training=training,
        questions=[_question(each, chosen, request) for each in found.questions],
        key=unique,
    )


def _question(
    question: Question, chosen: dict[str, tuple[int, ...]], request: Request
) -> dict[str, Any]:
    """Return a question as the page asks it; nothing of its right answer."""
    return {
        "name": f"q.{question.key}",
        "text": question.text.get(request.lang),
        "several": len(question.right) > 1,
        "options": [
            {"value": number, "label": option.get(request.lang)}
            for number, option in enumerate(question.options)
        ],
        "chosen": list(chosen.get(question.key, ())),
    }


@post("/courses/{form:str}/quiz", status_code=200)
async def attempt(request: Request, form: FromPath[str]) -> Response[str]:
    """Take the quiz; the same key leads to the same result."""
    posted = await forms.fields(request)
    _, _, found = await _course(request, form)
    chosen = {each.key: lessons.ticked(posted, each) for each in found.questions}
    unique = posted.text("key")
    try:
        made = await commands.attempt(request.actor, form, chosen, unique, at=request.at)
    except Invalid as refusal:
        return await _quiz(request, form, chosen, unique or entropy.key(), refusal)
    return redirect(request, f"/m/training/attempts/{made.code}")


@get("/training/attempts/{code:str}")
async def result(request: Request, code: FromPath[str]) -> Response[str]:
    """Show what a quiz gave; the right answers once it is passed or the day's attempts are used."""
    made = await queries.attempt(request.actor.member or Code(""), read_code(code))
    learner = await _learner(request)
    version = await rulebooks.version(made.rulebook)
    book = version.rulebook
    standing = learner.of(made.form)
    return page(
        request,
        "member/training/result.html",
        attempt=made,
        title=book.form(made.form).title.get(request.lang),
        left_today=standing.left_today if standing else 0,
        learner=learner,
        answers=await _explained(request, learner, made, book.training.course(made.form)),
        needed=await queries.pass_mark(made),
        certificate=standing.certificate if standing else None,
    )


async def _explained(
    request: Request, learner: Learner, made: AttemptView, found: Course | None
) -> list[dict[str, Any]]:
    """Return each question with what was ticked, what is right and why; nothing too early."""
    if found is None or not await queries.may_explain(learner.member, made):
        return []
    return [lessons.explained(each, made, request.lang) for each in found.questions]


handlers: list[Any] = [
    index, pledging, pledge, certificates, course, unit, read, sheet, practise, compared, quiz,
    attempt, result,
]  # fmt: skip
