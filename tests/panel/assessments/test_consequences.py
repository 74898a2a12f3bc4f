"""Letters, talks and what the competent body made of them; nothing is decided here."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from panel.assessments import commands, queries
from panel.assessments.types import (
    Answer,
    Basis,
    ConsequenceKind,
    ConsequenceState,
    ConsequenceView,
    Draft,
    Eligibility,
    Talk,
)
from panel.audit import queries as history
from panel.errors import Conflict, Forbidden, Invalid, Missing
from panel.ids import Code
from panel.piccolo_app import our_tables
from panel.surveys import commands as ballots
from panel.surveys import queries as ballot_queries
from tests import people
from tests.make import assessments as make
from tests.make import rankings, surveys, visits

pytestmark = pytest.mark.usefixtures("engine")
YEAR = make.YEAR
BODY = "主管部门"


async def final(levels: tuple[int, ...] = (40, 10, 20, 26)) -> rankings.City:
    """Return a city whose last unit had bad ballots, its year final."""
    city, _ = await rankings.published(rectification_places=2)
    await commands.open_year(people.coordinator, city.round.code, at=make.OPENED)
    await commands.begin(people.coordinator, YEAR, decision=make.DECISION, at=make.OPENED)
    await surveys.held({city.units[2]: levels}, at=make.OPENED)
    await commands.enter_figures(
        people.coordinator, YEAR, [make.figures(unit) for unit in city.units], at=make.OPENED
    )
    await make.to_explained()
    await commands.finalise(people.publisher, YEAR, "批〔2026〕30号", at=make.OVER)
    return city


async def one(kind: ConsequenceKind, unit: Code | None = None) -> ConsequenceView:
    """Return the consequence of a kind."""
    found = [
        each
        for each in await queries.consequences(YEAR)
        if each.kind is kind and unit in {None, each.unit_code}
    ]
    return found[0]


def talk(**more: Any) -> Talk:
    """Return the record of a talk."""
    values: dict[str, Any] = {
        "held_on": make.OVER.date(), "held_by": "市纪委分管领导", "spoke_with": "单位主要负责人",
        "summary": "指出群众反映集中的问题，要求一个月内整改。", "document": "谈〔2026〕2号",
    }  # fmt: skip
    return Talk(**values | more)


async def test_final_marks_bring_records_letters_and_talks() -> None:
    city = await final()
    found = await queries.consequences(YEAR)
    last = city.units[2]
    assert {(each.kind, each.basis) for each in found if each.unit_code == last} == {
        (ConsequenceKind.EXCELLENCE, Basis.LAST),
        (ConsequenceKind.RECOMMENDATION, Basis.LAST),
        (ConsequenceKind.SUPERVISION, Basis.BOTTOM),
        (ConsequenceKind.TALK_ADMONITION, Basis.BALLOTS),
    }
    assert {each.kind for each in found if each.unit_code == city.units[1]} == {
        ConsequenceKind.SUPERVISION,
        ConsequenceKind.TALK_REMINDER,
    }
    line = await make.line_of(last)
    assert line.eligibility is Eligibility.LOST
    assert (await make.line_of(city.units[0])).eligibility is Eligibility.OPEN
    due = await one(ConsequenceKind.TALK_ADMONITION)
    assert due.state is ConsequenceState.DUE
    assert due.due_at is not None
    assert due.overdue(due.due_at + timedelta(seconds=1))
    assert (await history.verify(our_tables())).findings == ()


async def test_a_letter_goes_out_and_its_answer_is_kept() -> None:
    await final()
    letter = await one(ConsequenceKind.RECOMMENDATION)
    at = make.OVER
    with pytest.raises(Conflict, match=r"consequence\.state"):
        await commands.answer_letter(people.coordinator, letter.code, "followed", "x", "y", at=at)
    with pytest.raises(Invalid):
        await commands.send_letter(people.coordinator, letter.code, "某人", "函1", at=at)
    with pytest.raises(Invalid):
        await commands.send_letter(people.coordinator, letter.code, BODY, "", at=at)
    assert await queries.letters() == []
    await commands.send_letter(people.coordinator, letter.code, BODY, "函〔2026〕9号", at=at)
    (sent,) = await queries.letters()
    assert sent.due_at is not None
    assert sent.overdue(sent.due_at + timedelta(days=1))
    with pytest.raises(Conflict):
        await commands.send_letter(people.coordinator, letter.code, BODY, "函", at=at)
    with pytest.raises(Invalid):
        await commands.answer_letter(people.coordinator, letter.code, "maybe", "x", "y", at=at)
    await commands.answer_letter(
        people.publisher,
        letter.code,
        "not_followed",
        "已责成整改，暂不调整。",
        "复〔2026〕1号",
        at=at,
    )
    (answered,) = await queries.letters()
    assert (answered.answer, answered.state) == (Answer.NOT_FOLLOWED, ConsequenceState.ANSWERED)
    assert not answered.overdue(at + timedelta(days=900))
    assert (await history.verify(our_tables())).findings == ()


async def test_a_talk_is_recorded_once_and_never_ahead() -> None:
    await final()
    due = await one(ConsequenceKind.TALK_ADMONITION)
    ahead = talk(held_on=(make.OVER + timedelta(days=2)).date())
    with pytest.raises(Invalid):
        await commands.hold_talk(people.coordinator, due.code, ahead, at=make.OVER)
    with pytest.raises(Invalid):
        await commands.hold_talk(people.coordinator, due.code, talk(summary=""), at=make.OVER)
    letter = await one(ConsequenceKind.RECOMMENDATION)
    with pytest.raises(Conflict, match=r"consequence\.no_talk"):
        await commands.hold_talk(people.coordinator, letter.code, talk(), at=make.OVER)
    await commands.hold_talk(people.coordinator, due.code, talk(), at=make.OVER)
    held = await queries.consequence(due.code)
    assert (held.state, held.talk) == (ConsequenceState.HELD, talk())
    with pytest.raises(Conflict, match=r"consequence\.state"):
        await commands.hold_talk(people.coordinator, due.code, talk(), at=make.OVER)


async def test_the_office_proposes_with_reasons_and_only_what_it_may() -> None:
    city = await final()
    best = city.units[0]
    merit = Draft(best, ConsequenceKind.MERIT, Basis.OFFICE, text="连续两年名列前茅。")
    code = await commands.propose(people.coordinator, YEAR, merit, at=make.OVER)
    assert (await queries.consequence(code)).state is ConsequenceState.DUE
    for wrong in (
        Draft(best, ConsequenceKind.EXCELLENCE, Basis.OFFICE, text="x"),
        Draft(best, ConsequenceKind.MERIT, Basis.OFFICE),
    ):
        with pytest.raises(Invalid):
            await commands.propose(people.coordinator, YEAR, wrong, at=make.OVER)
    with pytest.raises(Forbidden):
        await commands.propose(people.publisher, YEAR, merit, at=make.OVER)
    await commands.withdraw_consequence(people.coordinator, code, "材料有误", at=make.OVER)
    assert code not in {each.code for each in await queries.unit_consequences(best)}
    with pytest.raises(Conflict):
        await commands.withdraw_consequence(people.coordinator, code, "再次", at=make.OVER)
    with pytest.raises(Missing):
        await commands.withdraw_consequence(
            people.coordinator, visits.NOBODY, "材料有误", at=make.OVER
        )


async def test_what_a_rule_brought_up_stands_until_the_marks_change() -> None:
    await final()
    letter = await one(ConsequenceKind.RECOMMENDATION)
    with pytest.raises(Conflict, match=r"consequence\.by_rule"):
        await commands.withdraw_consequence(people.coordinator, letter.code, "算了", at=make.OVER)
    await commands.amend(people.second, YEAR, "表决票更正", "批〔2026〕32号", at=make.OVER)
    later = make.OVER + timedelta(days=1)
    (session,) = await ballot_queries.sessions(YEAR)
    await ballots.ask_void(people.coordinator, session.code, "计票有误", at=later)
    await ballots.void(people.second, session.code, at=later)
    await commands.freeze(people.second, YEAR, at=later)
    await commands.compute(people.second, YEAR, at=later)
    await commands.explain(people.second, YEAR, at=later)
    over = later + timedelta(days=30)
    await commands.finalise(people.publisher, YEAR, "批〔2026〕33号", at=over)
    assert (await one(ConsequenceKind.TALK_ADMONITION)).state is ConsequenceState.WITHDRAWN
    kept = await queries.consequence(letter.code)
    assert kept.state is ConsequenceState.DUE
    assert (await history.verify(our_tables())).findings == ()


async def test_before_the_end_nothing_is_proposed() -> None:
    city = await make.begun()
    merit = Draft(city.units[0], ConsequenceKind.MERIT, Basis.OFFICE, text="表现突出。")
    with pytest.raises(Conflict, match=r"assessment\.state"):
        await commands.propose(people.coordinator, YEAR, merit, at=make.OPENED)
