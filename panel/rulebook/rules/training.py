"""Faults of the course: links, questions, training sheets that answer their form."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from panel.errors import Fault
from panel.rulebook.rules.forms import VALUES
from panel.rulebook.rules.walking import repeated
from panel.rulebook.types import Case, Course, Form, Question, Rulebook, Unit

_WHOLE: Final = 100
_VERSION: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,39}")
_LINK: Final = re.compile(r"https://[^\s\"<>\\]{1,400}|/[a-z][a-z/-]{0,80}")


def check_training(rulebook: Rulebook) -> Iterator[Fault]:
    """Check that the code of conduct has a number and every course leads to a certificate."""
    if not _VERSION.fullmatch(rulebook.conduct.version):
        yield Fault("conduct.version", "rulebook.key_form", {"id": rulebook.conduct.version[:40]})
    training = rulebook.training
    if not 0 < training.pass_percent <= _WHOLE:
        yield Fault("training.pass_percent", "rulebook.percent")
    for name in ("attempts", "valid_months"):
        if getattr(training, name) < 1:
            yield Fault(f"training.{name}", "rulebook.positive")
    yield from repeated("training.courses", [course.form for course in training.courses])
    yield from _check_lessons(training.units, training.questions, "training")
    forms = {form.key: form for form in rulebook.forms}
    for place, own in enumerate(training.courses):
        path = f"training.courses[{place}]"
        yield from _check_lessons(own.units, own.questions, path)
        course, form = training.course(own.form), forms.get(own.form)
        if form is None or course is None:
            yield Fault(f"{path}.form", "rulebook.unknown_form", {"id": own.form})
            continue
        yield from _check_course(course, path)
        for number, case in enumerate(own.cases):
            yield from _check_case(case, form, f"{path}.cases[{number}]")


def _check_lessons(
    units: tuple[Unit, ...], questions: tuple[Question, ...], path: str
) -> Iterator[Fault]:
    """Check that links lead somewhere and every question has a right answer among its options."""
    for place, unit in enumerate(units):
        if unit.link and not _LINK.fullmatch(unit.link):
            yield Fault(f"{path}.units[{place}].link", "rulebook.link")
    for place, question in enumerate(questions):
        right = set(question.right)
        known = set(range(len(question.options)))
        # Some option is right and some is wrong; none is named twice.
        if not (right and right < known and len(right) == len(question.right)):
            yield Fault(f"{path}.questions[{place}].right", "rulebook.question")


def _check_course(course: Course, path: str) -> Iterator[Fault]:
    """Check a whole course, what it shares with the others included."""
    yield from repeated(f"{path}.units", [unit.key for unit in course.units])
    yield from repeated(f"{path}.questions", [question.key for question in course.questions])
    yield from repeated(f"{path}.cases", [case.key for case in course.cases])
    for name in ("units", "questions"):
        if not getattr(course, name):
            yield Fault(f"{path}.{name}", "rulebook.course_empty")


def _check_case(case: Case, form: Form, path: str) -> Iterator[Fault]:
    """Check that a training sheet answers every item of its form with a value that it has."""
    asked = {item.id: item for item in form.items if not item.revisit_only}
    yield from repeated(f"{path}.answers", [answer.item for answer in case.answers])
    given = {answer.item for answer in case.answers}
    for key in asked:
        if key not in given:
            yield Fault(f"{path}.answers", "rulebook.case_item", {"id": key})
    for place, answer in enumerate(case.answers):
        item = asked.get(answer.item)
        if item is None:
            yield Fault(f"{path}.answers[{place}].item", "rulebook.unknown_item",
                        {"id": answer.item})  # fmt: skip
        elif answer.value is not None and answer.value not in VALUES[item.kind]:
            yield Fault(f"{path}.answers[{place}].value", "rulebook.case_value",
                        {"id": answer.item})  # fmt: skip
