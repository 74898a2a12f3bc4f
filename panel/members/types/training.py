"""What learning looks like: attempts, training sheets, certificates, where a member stands."""

from __future__ import annotations

import datetime as dt

import msgspec

from panel.ids import Code
from panel.members.types.seats import MemberView
from panel.rulebook.types import Case, Course, Form, RulebookVersion

Chosen = dict[str, tuple[int, ...]]
"""Of a quiz: by question the positions of the options that were ticked."""
Marked = dict[str, int | None]
"""Of a training sheet: by item the value, none where it was not observed."""


class Grade(msgspec.Struct, frozen=True):
    """What a quiz gave: how many questions are right of how many, and which."""

    right: int
    total: int
    passed: bool
    correct: frozenset[str]


class AttemptView(msgspec.Struct, frozen=True):
    """One attempt at a quiz."""

    code: Code
    form: str
    rulebook: Code
    answers: Chosen
    right: int
    total: int
    passed: bool
    at: dt.datetime


class Compared(msgspec.Struct, frozen=True):
    """One item of a training sheet beside its model answer; none where not observed."""

    item: str
    given: int | None
    model: int | None

    @property
    def difference(self) -> int | None:
        """Return by how many steps the answer lies above the model; none where one is missing."""
        if self.given is None or self.model is None:
            return None
        return self.given - self.model

    @property
    def same(self) -> bool:
        """Tell whether both say the same."""
        return self.given == self.model


class Comparison(msgspec.Struct, frozen=True):
    """A training sheet beside the model answer, in hundredths of an answer step.

    ``severity`` is the mean signed difference (below 0: more severe than the model), ``distance``
    the mean absolute one, over the items that both observed.
    """

    severity: int
    distance: int
    items: tuple[Compared, ...]


class PracticeView(msgspec.Struct, frozen=True):
    """One training sheet that was filled in."""

    code: Code
    form: str
    rulebook: Code
    case: str
    answers: Marked
    severity: int
    distance: int
    at: dt.datetime


class CertificateView(msgspec.Struct, frozen=True):
    """A dated certificate for one form; ``attempt`` is empty after an examination on paper."""

    code: Code
    form: str
    rulebook: Code
    attempt: str
    passed_on: dt.date
    valid_until: dt.date


class CourseStanding(msgspec.Struct, frozen=True):
    """How far a member is with the course of one form; no course: it is learnt in a hall."""

    form: Form
    course: Course | None
    read: frozenset[str]
    practised: dict[str, PracticeView]
    """The newest by training sheet."""
    attempts: tuple[AttemptView, ...]
    """Under the measures in force, the newest first."""
    left_today: int
    certificate: CertificateView | None
    """The one that holds longest, whether it still holds or not."""
    again_from: dt.date | None = None
    """While one under the measures in force holds: the day from which the quiz opens again."""
    due: bool = False
    """Whether it is time to pass again: the certificate in hand ends soon or has ended."""

    @property
    def held(self) -> bool:
        """Tell whether a certificate under the measures in force keeps the quiz closed."""
        return self.again_from is not None and not self.due

    @property
    def settled(self) -> bool:
        """Tell whether the quiz is passed and needs no passing again yet."""
        return not self.due and any(each.passed for each in self.attempts)

    @property
    def ready(self) -> bool:
        """Tell whether the quiz is open: all units read, all training sheets filled in."""
        course = self.course
        return course is not None and not self.unread and not self.unpractised

    @property
    def unread(self) -> tuple[str, ...]:
        """Return the units that wait to be read, in their order."""
        units = self.course.units if self.course else ()
        return tuple(unit.key for unit in units if unit.key not in self.read)

    @property
    def unpractised(self) -> tuple[Case, ...]:
        """Return the training sheets that wait to be filled in."""
        cases = self.course.cases if self.course else ()
        return tuple(case for case in cases if case.key not in self.practised)

    def valid(self, on: dt.date) -> bool:
        """Tell whether the member holds a certificate for this form on a day."""
        return self.certificate is not None and self.certificate.valid_until >= on


class Learner(msgspec.Struct, frozen=True):
    """Where a member stands: the seat, the measures in force, each course."""

    member: MemberView
    version: RulebookVersion
    courses: tuple[CourseStanding, ...]
    ends_soon: dt.date | None = None
    """The last day on which the member may judge, once the reminder is due."""

    @property
    def pledged(self) -> bool:
        """Tell whether the member pledged, in this term, the code of conduct that is in force."""
        return self.member.pledged_to([self.version.rulebook.conduct.version])

    def of(self, form: str) -> CourseStanding | None:
        """Return the standing with one form."""
        return next((each for each in self.courses if each.form.key == form), None)


class Progress(msgspec.Struct, frozen=True):
    """One member's line in the office: counts under the measures in force."""

    member: MemberView
    read: int
    practised: int
    attempts: int
    passed: int
    """Forms whose quiz was passed."""
    certified: int
    """Forms with a certificate that holds."""
    severity: int | None
    """Mean over the newest training sheets, in hundredths of a step; none before the first."""
    distance: int | None


class Calibration(msgspec.Struct, frozen=True):
    """How members' newest sheets of one training sheet lie to the model answer."""

    form: str
    case: str
    points: tuple[tuple[int, int], ...]
    """Severity and distance of each sheet, in hundredths of a step, in no order of persons."""

    @property
    def severity(self) -> int:
        """Return the mean severity, rounded to a hundredth."""
        return _mean([severity for severity, _ in self.points])

    @property
    def distance(self) -> int:
        """Return the mean distance, rounded to a hundredth."""
        return _mean([distance for _, distance in self.points])


def _mean(values: list[int]) -> int:
    return round(sum(values) / len(values)) if values else 0
