"""What follows from final marks, by rule; whether it is done is decided elsewhere."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Final

from panel.assessments.rules.marks import is_last, under_gate
from panel.assessments.rules.orders import last_places
from panel.assessments.types import (
    LETTERS,
    TALKS,
    Answer,
    Basis,
    ConsequenceKind,
    ConsequenceState,
    ConsequenceView,
    Draft,
    LineView,
    Talk,
)
from panel.errors import Conflict, Fault, Invalid
from panel.rulebook.types import Rulebook, Threshold
from panel.workdays import SHANGHAI

_WHOLE: Final = 100
_LINE: Final = 200
_LONG: Final = 4000
MANUAL: Final = frozenset(
    {ConsequenceKind.RECOMMENDATION, ConsequenceKind.MERIT, ConsequenceKind.TALK}
)
"""What the office may bring up itself, with reasons."""


def reached(levels: Sequence[int], thresholds: Sequence[Threshold]) -> list[Threshold]:
    """Return the thresholds that the lowest answers reach: of each option the highest alone.

    ``>=`` is 以上, ``>`` is 超过; the share is that of the answers given, "don't know" in none.
    """
    judged = sum(levels)
    found: dict[str, Threshold] = {}
    for each in thresholds:
        low = sum(levels[-each.levels :]) * _WHOLE
        limit = each.percent * judged
        if judged and (low >= limit if each.operator == ">=" else low > limit):
            known = found.get(each.option)
            if known is None or each.percent > known.percent:
                found[each.option] = each
    return list(found.values())


def drafts(line: LineView, book: Rulebook) -> list[Draft]:
    """Return what follows from one unit's final line."""
    return [*_excellence(line, book), *_supervision(line, book), *_ballots(line, book)]


def _excellence(line: LineView, book: Rulebook) -> list[Draft]:
    """Return the loss of eligibility: a last place that is one for sure, or a grave event."""
    found, given = [], line.inputs.visits
    answer = book.deadline("transfer_answer").amount
    gated = book.ranking.last_place == "gated"
    last = is_last(line.inputs) and (
        not gated
        or (
            under_gate(line.mark, book)
            and not line.mark.one_sided
            and given is not None
            and given.separable
        )
    )
    if last and given is not None:
        facts = {"place_from_below": 1, "ranked": given.ranked}
        if line.mark.total is not None:
            facts["total"] = line.mark.total
        found += [
            Draft(line.unit_code, ConsequenceKind.EXCELLENCE, Basis.LAST, facts=facts),
            Draft(
                line.unit_code,
                ConsequenceKind.RECOMMENDATION,
                Basis.LAST,
                days=answer,
                facts=facts,
            ),
        ]
    grave = sum(bool(each.veto) for each in line.inputs.findings)
    if grave:
        found.append(
            Draft(line.unit_code, ConsequenceKind.EXCELLENCE, Basis.GRAVE, facts={"events": grave})
        )
    return found


def _supervision(line: LineView, book: Rulebook) -> list[Draft]:
    """Return key supervision for the last places of the published ranking, as for orders."""
    given = line.inputs.visits
    if given is None or given.place_from_below is None or given.score is None:
        return []
    low = given.score < book.assessment.gate_hundredths
    places = book.ranking.rectification_places if low else last_places(book, given.ranked)
    if given.place_from_below > places:
        return []
    facts = {"place_from_below": given.place_from_below, "ranked": given.ranked}
    return [Draft(line.unit_code, ConsequenceKind.SUPERVISION, Basis.BOTTOM, facts=facts)]


def _ballots(line: LineView, book: Rulebook) -> list[Draft]:
    """Return the talks and letters that the share of the lowest answers calls for."""
    given = line.inputs.collective
    if given is None or sum(given.levels) < book.collective.minimum_ballots:
        return []
    return [
        Draft(
            line.unit_code,
            ConsequenceKind(each.action),
            Basis.BALLOTS,
            rule=each.key,
            days=each.days,
            facts={
                "low": sum(given.levels[-each.levels :]),
                "judged": sum(given.levels),
                "percent": each.percent,
            },
        )
        for each in reached(given.levels, book.assessment.thresholds)
    ]


def first_state(kind: ConsequenceKind) -> ConsequenceState:
    """Return where a consequence begins: on record, or due to be done."""
    return ConsequenceState.DUE if kind in LETTERS | TALKS else ConsequenceState.RECORDED


def check_manual(draft: Draft) -> None:
    """Refuse what only a rule may bring up, and anything without its reasons."""
    if draft.kind not in MANUAL:
        raise Invalid("form.faults", Fault("kind", "consequence.by_rule"))
    _texts({"text": draft.text}, long=("text",))


def may_send(view: ConsequenceView, body: str, document: str, bodies: Collection[str]) -> None:
    """Refuse a letter that is none, was sent before, or goes to nobody."""
    if view.kind not in LETTERS:
        raise Conflict("consequence.no_letter")
    if view.state is not ConsequenceState.DUE:
        raise Conflict("consequence.state", state=view.state.value)
    if body not in bodies:
        raise Invalid("form.faults", Fault("body", "consequence.body"))
    _texts({"document": document})


def may_answer(view: ConsequenceView, answer: str, text: str, document: str) -> Answer:
    """Refuse an answer to a letter that is not out, or without its number and words."""
    if view.state is not ConsequenceState.SENT:
        raise Conflict("consequence.state", state=view.state.value)
    if answer not in set(Answer):
        raise Invalid("form.faults", Fault("answer", "form.required"))
    _texts({"document": document, "text": text}, long=("text",))
    return Answer(answer)


def may_hold(view: ConsequenceView, talk: Talk, at: datetime) -> None:
    """Refuse the record of a talk that is not due, or lies ahead."""
    if view.kind not in TALKS:
        raise Conflict("consequence.no_talk")
    if view.state is not ConsequenceState.DUE:
        raise Conflict("consequence.state", state=view.state.value)
    _texts(
        {
            "held_by": talk.held_by,
            "spoke_with": talk.spoke_with,
            "document": talk.document,
            "summary": talk.summary,
        },
        long=("summary",),
    )
    more = {"place": talk.place, "promised": talk.promised}
    _texts({name: text for name, text in more.items() if text}, long=("promised",))
    if talk.held_on > at.astimezone(SHANGHAI).date():
        raise Invalid("form.faults", Fault("held_on", "session.future"))


def may_withdraw(view: ConsequenceView, reason: str) -> None:
    """Refuse to take back what a rule brought up, what is gone already, or without a reason."""
    if view.basis is not Basis.OFFICE:
        raise Conflict("consequence.by_rule")
    if view.state is ConsequenceState.WITHDRAWN:
        raise Conflict("consequence.state", state=view.state.value)
    _texts({"reason": reason}, long=("reason",))


def _texts(given: dict[str, str], long: Collection[str] = ()) -> None:
    faults = []
    for name, text in given.items():
        most = _LONG if name in long else _LINE
        if not text.strip():
            faults.append(Fault(name, "form.required"))
        elif len(text) > most:
            faults.append(Fault(name, "form.too_long", {"most": most}))
    if faults:
        raise Invalid("form.faults", *faults)
