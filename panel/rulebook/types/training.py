"""How members learn before they judge."""

from __future__ import annotations

from typing import Literal

import msgspec

from panel.rulebook.types.texts import Text

Picture = Literal[
    "", "sheet", "steps", "conduct", "covert", "recusal", "evidence", "privacy", "letter"
]
"""The pictures of our own that a unit of the course may show; pages draw them."""


class Unit(msgspec.Struct, frozen=True):
    """One unit of the course: a text in paragraphs, a picture of ours, a link.

    An empty line parts paragraphs; lines that begin with ``- `` are a list. A link begins with
    ``https://``, or with ``/`` for a public page of the service itself, without its language.
    """

    key: str
    title: Text
    text: Text
    picture: Picture = ""
    link: str = ""


class Question(msgspec.Struct, frozen=True):
    """One question of the quiz; ``right`` are the positions of all right options, from 0."""

    key: str
    text: Text
    options: tuple[Text, ...]
    right: tuple[int, ...]
    why: Text
    """Told after the attempt."""


class ModelAnswer(msgspec.Struct, frozen=True):
    """What a well calibrated visitor answers to an item of a training sheet, and why."""

    item: str
    why: Text
    value: int | None = None
    """None where the visit did not show it."""


class Case(msgspec.Struct, frozen=True):
    """A training sheet: a visit told in words, with the model answer."""

    key: str
    title: Text
    text: Text
    answers: tuple[ModelAnswer, ...]

    def answer(self, item: str) -> ModelAnswer:
        """Return the model answer to an item."""
        return next(answer for answer in self.answers if answer.item == item)


class Course(msgspec.Struct, frozen=True):
    """What a member learns before judging with a form, besides what every course begins with."""

    form: str
    units: tuple[Unit, ...] = ()
    questions: tuple[Question, ...] = ()
    cases: tuple[Case, ...] = ()

    def unit(self, key: str) -> Unit | None:
        """Return the unit with this key, if there is one."""
        return next((unit for unit in self.units if unit.key == key), None)

    def case(self, key: str) -> Case | None:
        """Return the training sheet with this key, if there is one."""
        return next((case for case in self.cases if case.key == key), None)


class Training(msgspec.Struct, frozen=True):
    """How members qualify; ``units`` and ``questions`` belong to the course of every form."""

    courses: tuple[Course, ...] = ()
    units: tuple[Unit, ...] = ()
    questions: tuple[Question, ...] = ()
    pass_percent: int = 80
    attempts: int = 3
    """Attempts a day."""
    valid_months: int = 12

    def course(self, form: str) -> Course | None:
        """Return the whole course of a form; none where members learn in a hall alone."""
        own = next((course for course in self.courses if course.form == form), None)
        if own is None:
            return None
        return Course(
            form=form,
            units=(*self.units, *own.units),
            questions=(*self.questions, *own.questions),
            cases=own.cases,
        )
