"""The rulebook: what a city decides about evaluating, as one frozen tree of values.

Numbers that carry a unit say so in their name: ``*_hundredths`` are hundredths of a point,
``*_percent`` whole percents. Chinese texts are required, English ones may be empty.
"""

from __future__ import annotations

import datetime as dt
from enum import StrEnum
from typing import Final, Literal

import msgspec

from panel.ids import Code, PersonId
from panel.workdays import Calendar


class ItemKind(StrEnum):
    """How an item is answered: fact (4/2/0), scale (0 to 4), minutes waited."""

    FACT = "fact"
    SCALE = "scale"
    MINUTES = "minutes"


class RulebookState(StrEnum):
    """A version is proposed by one person, approved by another, and then frozen for ever."""

    PROPOSED = "proposed"
    APPROVED = "approved"
    SUPERSEDED = "superseded"


class Text(msgspec.Struct, frozen=True):
    """A text in Chinese, and in English where the city wrote one."""

    zh: str
    en: str = ""

    def get(self, lang: str) -> str:
        """Return the text of a language, the Chinese one where there is no other."""
        return self.en if lang == "en" and self.en else self.zh


class Anchor(msgspec.Struct, frozen=True):
    """What an answer of this value means, in words."""

    value: int
    text: Text


class Item(msgspec.Struct, frozen=True):
    """One scored question; weights of a form sum to exactly 100."""

    id: str
    kind: ItemKind
    weight: int
    text: Text
    anchors: tuple[Anchor, ...]
    optional: bool = False
    """May not apply to the errand (◦ in the printed sheet)."""
    covert: bool = True
    revisit_only: bool = False
    proof: Text = Text(zh="", en="")
    """What a visitor should note or keep."""


class Section(msgspec.Struct, frozen=True):
    """Items that belong together, printed under one heading."""

    id: str
    text: Text
    items: tuple[Item, ...]


class Veto(msgspec.Struct, frozen=True):
    """A grave event: no points, its own procedure."""

    id: str
    text: Text
    confirmation: Text
    sealed: bool = False
    """Goes to the discipline office before any reviewer reads it (V1, V5, V6)."""


class Form(msgspec.Struct, frozen=True):
    """One scoring sheet."""

    key: str
    title: Text
    sections: tuple[Section, ...]
    vetoes: tuple[Veto, ...]
    minimum_answered_weight: int
    decisive: tuple[str, ...]
    """At least one of these items must be answered."""
    reason_at_or_below: int = 1
    veto_cap_hundredths: int = 5900

    @property
    def items(self) -> tuple[Item, ...]:
        """Return all items in printed order."""
        return tuple(item for section in self.sections for item in section.items)

    def item(self, key: str) -> Item:
        """Return the item with this id."""
        return next(item for item in self.items if item.id == key)


class Band(msgspec.Struct, frozen=True):
    """A level of scores, from this many hundredths upwards."""

    key: str
    text: Text
    from_hundredths: int


class PeerGroup(msgspec.Struct, frozen=True):
    """Units that may fairly be compared; ``form`` names their scoring sheet."""

    key: str
    text: Text
    form: str
    ranked: bool = True


class Quota(msgspec.Struct, frozen=True):
    """Share of the panel with one value of a feature, in percent of the seats."""

    feature: str
    value: str
    text: Text
    minimum_percent: int
    maximum_percent: int
    hard: bool = False


class GroupQuota(msgspec.Struct, frozen=True):
    """Share of the panel with any of the values, never relaxed where hard."""

    key: str
    feature: str
    values: tuple[str, ...]
    text: Text
    minimum_percent: int
    hard: bool = True


class Check(msgspec.Struct, frozen=True):
    """One line of the exclusion checklist: a reason for which somebody can't join the panel."""

    key: str
    text: Text


class Recruitment(msgspec.Struct, frozen=True):
    """How a panel is put together."""

    seats: int
    reserve_percent: int
    term_years: int
    minimum_age: int
    maximum_age: int
    announce_days: int
    quotas: tuple[Quota, ...]
    groups: tuple[GroupQuota, ...]
    exclusions: tuple[Check, ...] = ()
    lists: int = 1000
    """Panels that are made and published before the announced number names one of them."""
    most_terms: int = 2
    employer_years: int = 3
    missed_tasks: int = 3
    """Unexplained misses after which a suspension may follow."""


class Conduct(msgspec.Struct, frozen=True):
    """The code of conduct that a member pledges; a new version asks for a new pledge."""

    version: str
    text: Text


_CONDUCT: Final = Conduct(
    "1",
    Text(
        "如实评议，不凭个人好恶；不收受被评单位的馈赠和宴请；不泄露走访安排和他人信息；应当回避的主动回避。",
        "I judge truthfully and without favour; I accept no gifts or meals from those I judge; I "
        "keep visits and other people's data to myself; I stand aside where I am not impartial.",
    ),
)


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


class Rounds(msgspec.Struct, frozen=True):
    """Bounds of visits."""

    visits_per_window: int
    maximum_tasks_per_member: int
    rotation_days: int
    far_percent: int
    candidates_per_window: int
    grace_days: int


class Ranking(msgspec.Struct, frozen=True):
    """How lists are made of scores."""

    method: str
    scope: Literal["peer_group", "city"]
    list_size: int
    bottom_share_percent: int
    gate_hundredths: int
    unit_minimum_visits: int
    unit_minimum_raters: int
    window_minimum_visits: int
    window_minimum_raters: int
    window_minimum_staff: int
    rectification_places: int


class Weights(msgspec.Struct, frozen=True):
    """Shares of the annual assessment, in percent; they sum to 100."""

    visits: int
    collective: int
    complaints: int
    rectification: int
    survey: int


class Assessment(msgspec.Struct, frozen=True):
    """The annual mark and its consequences."""

    weights: Weights
    gate_hundredths: int
    rectification_days: int


class Deadline(msgspec.Struct, frozen=True):
    """A limit of time with the kind of its days."""

    key: str
    amount: int
    unit: Literal["hours", "days", "workdays"]
    text: Text


_USUAL: Final = (
    Deadline("consent", 5, "days", Text("被推荐人本人同意", "Consent of a nominee")),
    Deadline("vetting_reply", 3, "days", Text("对审查意见的答复", "Applicant's reply to a check")),
    Deadline("objection_decision", 5, "workdays", Text("异议的处理", "Decision on an objection")),
    Deadline("suspension_reply", 5, "days", Text("监督员对暂停的答复", "Reply to a suspension")),
    Deadline("term_reminder", 60, "days", Text("届满提醒", "Reminder before a term ends")),
    Deadline("certificate_reminder", 30, "days",
             Text("资格证书到期前提醒", "Reminder before a certificate ends")),
    Deadline("closing_soon", 3, "days",
             Text("报名截止前提醒", "Reminder before applications close")),
    Deadline("applicants_kept", 90, "days", Text("未入选者信息的保存", "Data of the unselected")),
    Deadline("draft_kept", 14, "days", Text("报名草稿的保存", "Draft of an application")),
)  # fmt: skip
"""Limits of measures that were frozen before the limit was thought of."""


class Publication(msgspec.Struct, frozen=True):
    """What becomes public, and from how many."""

    minimum_visitors: int
    named_years: int
    levels: dict[str, Literal["public", "unit", "internal"]]
    """Publication level by kind of record: unit_ranking, window_ranking, officer_ranking…"""


class Rulebook(msgspec.Struct, frozen=True):
    """One version of the measures, complete in itself."""

    title: Text
    edition: str
    legal_basis: Text
    forms: tuple[Form, ...]
    bands: tuple[Band, ...]
    peer_groups: tuple[PeerGroup, ...]
    recruitment: Recruitment
    rounds: Rounds
    ranking: Ranking
    assessment: Assessment
    deadlines: tuple[Deadline, ...]
    publication: Publication
    void_reasons: tuple[str, ...]
    conduct: Conduct = _CONDUCT
    training: Training = Training()
    holidays: tuple[dt.date, ...] = ()
    workdays: tuple[dt.date, ...] = ()
    calendar_version: str = ""

    def form(self, key: str) -> Form:
        """Return the form with this key."""
        return next(form for form in self.forms if form.key == key)

    def peer_group(self, key: str) -> PeerGroup:
        """Return the peer group with this key."""
        return next(group for group in self.peer_groups if group.key == key)

    def form_of(self, peer_group: str) -> Form:
        """Return the form that a peer group is scored with."""
        return self.form(self.peer_group(peer_group).form)

    def deadline(self, key: str) -> Deadline:
        """Return the limit with this key."""
        return next(each for each in (*self.deadlines, *_USUAL) if each.key == key)

    @property
    def judged(self) -> tuple[str, ...]:
        """Return the keys of the forms that some peer group is judged with, in their order."""
        used = {group.form for group in self.peer_groups}
        return tuple(form.key for form in self.forms if form.key in used)

    @property
    def calendar(self) -> Calendar:
        """Return the city's working days."""
        return Calendar(
            version=self.calendar_version,
            holidays=frozenset(self.holidays),
            workdays=frozenset(self.workdays),
        )

    def band(self, hundredths: int) -> Band:
        """Return the band in which a score lies."""
        return max(
            (band for band in self.bands if band.from_hundredths <= hundredths),
            key=lambda band: band.from_hundredths,
        )


class RulebookVersion(msgspec.Struct, frozen=True):
    """A stored version: its text in force is ``rulebook``, its proof ``hash``."""

    id: int
    code: Code
    hash: str
    state: RulebookState
    rulebook: Rulebook
    author: PersonId | None
    proposed_at: dt.datetime
    approved_at: dt.datetime | None
    document: str = ""
