"""A course on a page: its steps, units, training sheets and the answers laid open."""

from __future__ import annotations

import datetime as dt
from typing import Any, Final

from panel.members.types import AttemptView, CourseStanding, Marked, PracticeView
from panel.rulebook.types import Course, Item, Question, Rulebook, Training, Unit
from panel.rulebook.types import Form as Sheet
from web import sheets
from web.forms import Form
from web.i18n import Lang, gettext
from web.text import prose

UNSEEN: Final = sheets.UNSEEN


def course_card(standing: CourseStanding, today: dt.date, lang: Lang) -> dict[str, Any]:
    """Return one course as the list of courses shows it."""
    found = standing.course
    units, cases = (found.units, found.cases) if found else ((), ())
    done = len(units) - len(standing.unread) + len(cases) - len(standing.unpractised)
    return {
        "form": standing.form.key,
        "title": standing.form.title.get(lang),
        "online": found is not None,
        "done": done + standing.settled,
        "total": len(units) + len(cases) + 1,
        "certificate": standing.certificate,
        "valid": standing.valid(today),
        "due": standing.due,
    }


def course(standing: CourseStanding, training: Training, lang: Lang) -> dict[str, Any]:
    """Return what the page of a course shows."""
    found = standing.course
    key = standing.form.key
    passed = standing.settled
    units: list[dict[str, Any]] = [
        {
            "url": f"/m/courses/{key}/units/{unit.key}",
            "title": unit.title.get(lang),
            "done": unit.key in standing.read,
        }
        for unit in (found.units if found else ())
    ]
    cases: list[dict[str, Any]] = [
        {
            "url": f"/m/courses/{key}/sheets/{case.key}",
            "title": case.title.get(lang),
            "done": standing.practised.get(case.key),
        }
        for case in (found.cases if found else ())
    ]
    return {
        "form": key,
        "title": standing.form.title.get(lang),
        "standing": standing,
        "units": units,
        "cases": cases,
        "done": sum(bool(each["done"]) for each in (*units, *cases)) + passed,
        "total": len(units) + len(cases) + 1,
        "following": following(standing),
        "passed": passed,
        "last": standing.attempts[0] if standing.attempts else None,
        "questions": len(found.questions) if found else 0,
        "attempts": training.attempts,
    }


def following(standing: CourseStanding | None) -> str:
    """Return the address of the next step of a course, nothing where all is done."""
    if standing is None:
        return ""
    key = standing.form.key
    if standing.unread:
        return f"/m/courses/{key}/units/{standing.unread[0]}"
    if standing.unpractised:
        return f"/m/courses/{key}/sheets/{standing.unpractised[0].key}"
    if not standing.settled and not standing.held and standing.left_today:
        return f"/m/courses/{key}/quiz"
    return ""


def unit(found: Unit, lang: Lang) -> dict[str, Any]:
    """Return a unit for reading."""
    inside = found.link.startswith("/")
    return {
        "key": found.key,
        "title": found.title.get(lang),
        "blocks": prose.blocks(found.text.get(lang)),
        "picture": found.picture,
        "link": f"/{lang}{found.link}" if inside else found.link,
        "shown": "" if inside else found.link,
    }


def items(form: Sheet) -> list[Item]:
    """Return the items that a training sheet asks."""
    return [item for item in form.items if not item.revisit_only]


def sheet(form: Sheet, answers: sheets.Typed, lang: Lang) -> list[dict[str, Any]]:
    """Return a training sheet's questions by section, as the real sheet asks them."""
    return sheets.practice(form, {item.id for item in items(form)}, answers, lang)


def typed(form: Sheet, posted: Form) -> sheets.Typed:
    """Return the answers to a training sheet as they were posted."""
    names = [f"items.{item.id}" for item in items(form)]
    return {name: posted.text(name) for name in names if posted.text(name)}


def marked(answers: sheets.Typed) -> Marked:
    """Read the answers to a training sheet; what is no answer is left out."""
    found: Marked = {}
    for name, value in answers.items():
        key = name.removeprefix("items.")
        if value == UNSEEN:
            found[key] = None
        elif value.isdecimal() and len(value) == 1:
            found[key] = int(value)
    return found


def ticked(posted: Form, question: Question) -> tuple[int, ...]:
    """Read the ticked options of a question; anything that is no option is left out."""
    values = posted.many(f"q.{question.key}")
    return tuple(
        sorted({int(each) for each in values if each.isdecimal() and len(each) <= 2})  # noqa: PLR2004 - more than a question has options
    )


def words(item: Item, value: int | None, lang: Lang) -> str:
    """Return an answer to an item in words."""
    if value is None:
        return gettext(lang, "Not observed")
    return next(a.text.get(lang) for a in item.anchors if a.value == value)


def compared(done: PracticeView, book: Rulebook, lang: Lang) -> dict[str, Any]:
    """Return a training sheet beside the model answer, item by item."""
    form = book.form(done.form)
    found = book.training.course(done.form)
    case = found.case(done.case) if found else None
    rows = []
    for item in items(form) if case else []:
        model = case.answer(item.id) if case else None
        if model is None:
            continue
        given = done.answers.get(item.id)
        both = given is not None and model.value is not None
        rows.append(
            {
                "no": item.id,
                "text": item.text.get(lang),
                "given": words(item, given, lang),
                "model": words(item, model.value, lang),
                "same": given == model.value,
                "steps": (given or 0) - (model.value or 0) if both else None,
                "why": model.why.get(lang),
            }
        )
    return {
        "title": case.title.get(lang) if case else "",
        "story": prose.blocks(case.text.get(lang)) if case else [],
        "rows": rows,
        "same": sum(row["same"] for row in rows),
    }


def explained(question: Question, made: AttemptView, lang: Lang) -> dict[str, Any]:
    """Return a question with what was ticked, what is right, and why."""
    given = made.answers.get(question.key, ())
    names = [option.get(lang) for option in question.options]
    return {
        "text": question.text.get(lang),
        "given": [names[number] for number in given if number < len(names)],
        "right": [names[number] for number in question.right],
        "correct": set(given) == set(question.right),
        "why": question.why.get(lang),
    }


def handout(found: Course, book: Rulebook, lang: Lang) -> dict[str, Any]:
    """Return a whole course as papers for a training hall need it."""
    form = book.form(found.form)
    return {
        "units": [unit(each, lang) for each in found.units],
        "questions": [
            {
                "text": each.text.get(lang),
                "options": [option.get(lang) for option in each.options],
                "right": [number + 1 for number in each.right],
                "why": each.why.get(lang),
            }
            for each in found.questions
        ],
        "cases": [
            {
                "title": each.title.get(lang),
                "story": prose.blocks(each.text.get(lang)),
                "rows": [
                    {
                        "no": item.id,
                        "text": item.text.get(lang),
                        "anchors": [anchor.text.get(lang) for anchor in item.anchors],
                        "model": words(item, each.answer(item.id).value, lang),
                        "why": each.answer(item.id).why.get(lang),
                    }
                    for item in items(form)
                ],
            }
            for each in found.cases
        ],
    }
