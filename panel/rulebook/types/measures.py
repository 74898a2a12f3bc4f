"""One version of the measures, complete in itself.

Numbers that carry a unit say so in their name: ``*_hundredths`` are hundredths of a point,
``*_percent`` whole percents.
"""

from __future__ import annotations

import datetime as dt
from enum import StrEnum
from typing import Final, Literal

import msgspec

from panel.ids import Code, PersonId
from panel.rulebook.types.forms import Form
from panel.rulebook.types.judging import (
    Assessment,
    Band,
    Collective,
    Officers,
    PeerGroup,
    Publication,
    Ranking,
)
from panel.rulebook.types.seats import CONDUCT, Conduct, Recruitment
from panel.rulebook.types.texts import Text
from panel.rulebook.types.training import Training
from panel.rulebook.types.visiting import (
    Covert,
    Findings,
    Messages,
    Reviewing,
    Rounds,
    Targeting,
)
from panel.workdays import Calendar


class Deadline(msgspec.Struct, frozen=True):
    """A limit of time with the kind of its days."""

    key: str
    amount: int
    unit: Literal["hours", "days", "workdays"]
    text: Text


USUAL: Final = (
    Deadline("consent", 5, "days", Text("被推荐人本人同意", "Consent of a nominee")),
    Deadline("vetting_reply", 3, "days", Text("对审查意见的答复", "Applicant's reply to a check")),
    Deadline("objection_decision", 5, "workdays", Text("异议的处理", "Decision on an objection")),
    Deadline("suspension_reply", 5, "days", Text("监督员对暂停的答复", "Reply to a suspension")),
    Deadline("dismissal_complaint", 15, "days",
             Text("对解聘决定的申诉", "Complaint against a dismissal")),
    Deadline("term_reminder", 60, "days", Text("届满提醒", "Reminder before a term ends")),
    Deadline("certificate_reminder", 30, "days",
             Text("资格证书到期前提醒", "Reminder before a certificate ends")),
    Deadline("closing_soon", 3, "days",
             Text("报名截止前提醒", "Reminder before applications close")),
    Deadline("finding_reply", 5, "workdays", Text("单位对问题的答复", "Unit's reply to a finding")),
    Deadline("veto_reply", 24, "hours", Text("一票否决事项的答复", "Reply to a grave event")),
    Deadline("finding_check", 10, "workdays", Text("问题的核实", "Verification of a finding")),
    Deadline("finding_extension", 10, "workdays", Text("核实期限的延长", "Extension of it")),
    Deadline("transfer_answer", 30, "days", Text("移送后的书面答复", "Answer to a transfer")),
    Deadline("exposure_named", 365, "days", Text("曝光中点名的保留", "Names in an exposure")),
    Deadline("lead_answer", 15, "workdays", Text("问题线索的处理", "Handling of a lead")),
    Deadline("held_sheet", 14, "days", Text("待核实评议表的处理", "Decision on a held sheet")),
    Deadline("applicants_kept", 90, "days", Text("未入选者信息的保存", "Data of the unselected")),
    Deadline("delivery", 3, "workdays",
             Text("未签收视为送达", "Counted as delivered without receipt")),
    Deadline("appeal", 7, "days", Text("申诉", "Appeal")),
    Deadline("appeal_decision", 10, "workdays", Text("申诉的决定", "Decision on an appeal")),
    Deadline("reconsideration", 7, "days", Text("申请复议", "Asking for reconsideration")),
    Deadline("officer_hearing", 7, "days", Text("听取本人意见", "Hearing of an officer")),
    Deadline("cause_analysis", 10, "workdays", Text("报送原因分析", "Analysis of causes")),
    Deadline("rectification_second", 15, "workdays",
             Text("再次整改", "Second period of rectification")),
    Deadline("rectification_extension", 10, "workdays",
             Text("整改期限的延长", "Extension of a rectification")),
    Deadline("draft_kept", 14, "days", Text("报名草稿的保存", "Draft of an application")),
)  # fmt: skip
"""Limits of measures that were frozen before the limit was thought of."""


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
    conduct: Conduct = CONDUCT
    training: Training = Training()
    targeting: Targeting = Targeting()
    reviewing: Reviewing = Reviewing()
    findings: Findings = Findings()
    messages: Messages = Messages()
    covert: Covert = Covert()
    officers: Officers = Officers()
    collective: Collective = Collective()
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
        return next(each for each in (*self.deadlines, *USUAL) if each.key == key)

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


class RulebookState(StrEnum):
    """A version is proposed by one person, approved by another, and then frozen for ever."""

    PROPOSED = "proposed"
    RETURNED = "returned"
    """Given back by the second person, with a reason; it never came into force."""
    APPROVED = "approved"
    SUPERSEDED = "superseded"


class Frozen(msgspec.Struct, frozen=True):
    """What never changes of a version once it was approved."""

    code: Code
    hash: str
    rulebook: Rulebook


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
    editors: frozenset[PersonId] = frozenset()
    """Everybody who wrote at it; none of them approves."""
    reason: str = ""
    """Why the second person gave it back."""

    @property
    def public(self) -> bool:
        """Tell whether it is or was in force."""
        return self.state in {RulebookState.APPROVED, RulebookState.SUPERSEDED}
