"""A year's way: formula, figures, freezing by another person, marks, hearing, the end."""

from __future__ import annotations

from datetime import date, timedelta

import msgspec
import pytest

from panel import db
from panel.actor import Role
from panel.assessments import commands, queries
from panel.assessments.types import (
    FIGURE_COLUMNS,
    Component,
    Eligibility,
    YearState,
)
from panel.audit import queries as history
from panel.errors import Closed, Conflict, Forbidden, Invalid, Missing
from panel.ids import Code, PersonId
from panel.piccolo_app import our_tables
from panel.rankings.commands import appeals
from panel.rankings.types import Verdict
from panel.visits import commands as visits_commands
from panel.visits.types import NewCount
from tests import people
from tests.make import assessments as make
from tests.make import rankings, surveys, visits

pytestmark = pytest.mark.usefixtures("engine")
YEAR = make.YEAR
independent = people.staff(9042, "independent", "监察室", Role.INDEPENDENT_REVIEWER)


async def entries() -> int:
    """Return how many entries the history holds."""
    return len(await history.entries(limit=10_000))


async def test_a_formula_fixed_after_new_year_takes_a_decision_and_is_marked() -> None:
    await rankings.measures()
    with pytest.raises(Invalid, match=r"form\.faults"):
        await commands.begin(people.coordinator, YEAR, at=visits.AT)
    view = await commands.begin(people.coordinator, YEAR, decision=make.DECISION, at=visits.AT)
    assert (view.late, view.decision, view.state) == (True, make.DECISION, YearState.OPEN)
    with pytest.raises(Conflict, match=r"assessment\.begun"):
        await commands.begin(people.coordinator, YEAR, decision=make.DECISION, at=visits.AT)
    following = await commands.begin(people.coordinator, YEAR + 1, at=visits.AT)
    assert (following.late, following.rulebook_hash) == (False, view.rulebook_hash)
    for actor in (people.reviewer, people.publisher, people.stranger):
        with pytest.raises(Forbidden):
            await commands.begin(actor, YEAR + 2, at=visits.AT)
    with pytest.raises(Missing):
        await queries.year(YEAR + 2)


async def test_a_whole_year_ends_in_final_marks_and_what_follows() -> None:
    city = await make.begun()
    await visits_commands.enter_counts(
        people.coordinator,
        [
            NewCount(unit, date(YEAR, 1, 1), 10, upheld, 10_000)
            for unit, upheld in zip(city.units, (1, 2, 4), strict=True)
        ],
        at=make.OPENED,
    )
    before = await entries()
    frozen = await commands.freeze(people.second, YEAR, at=make.FROZEN)
    assert (frozen.state, await entries()) == (YearState.FROZEN, before + 1)
    computed = await commands.compute(people.second, YEAR, at=make.TOLD)
    assert (computed.state, await entries()) == (YearState.COMPUTED, before + 2)
    first, _, last = await queries.lines(YEAR)
    values = {part.component: part.value for part in first.mark.parts}
    # 0.4·(100 − 100·1/4) + 0.3·90 + 0.3·80 = 81.00
    assert values[Component.COMPLAINTS] == 8100
    assert values[Component.COLLECTIVE] == 7656  # (40·100 + 30·75 + 20·55) / 96
    assert values[Component.SURVEY] == 7900
    assert not first.mark.one_sided
    assert last.eligibility is Eligibility.AT_RISK
    (version,) = await queries.versions(YEAR)
    assert (version.number, len(version.digest), version.changes) == (1, 64, ())
    await commands.explain(people.second, YEAR, at=make.TOLD)
    with pytest.raises(Conflict, match=r"assessment\.clock_running"):
        await commands.finalise(people.publisher, YEAR, "批〔2026〕30号", at=make.TOLD)
    with pytest.raises(Forbidden, match=r"approval\.same_person"):
        await commands.finalise(people.second, YEAR, "批〔2026〕30号", at=make.OVER)
    with pytest.raises(Invalid):
        await commands.finalise(people.publisher, YEAR, " ", at=make.OVER)
    done = await commands.finalise(people.publisher, YEAR, "批〔2026〕30号", at=make.OVER)
    assert (done.state, done.final_document) == (YearState.FINAL, "批〔2026〕30号")
    taken = await commands.export(people.publisher, YEAR, "xlsx", at=make.OVER)
    assert (taken.state, taken.exported_at) == (YearState.EXPORTED, make.OVER)
    again = await commands.export(people.publisher, YEAR, "csv", at=make.OVER + timedelta(days=1))
    assert again.exported_at == make.OVER
    assert (await history.verify(our_tables())).findings == ()


async def test_every_step_has_its_turn() -> None:
    await make.begun()
    early = (
        commands.compute(people.second, YEAR, at=make.TOLD),
        commands.explain(people.second, YEAR, at=make.TOLD),
        commands.finalise(people.publisher, YEAR, "批", at=make.OVER),
        commands.export(people.publisher, YEAR, "csv", at=make.OVER),
        commands.amend(people.publisher, YEAR, "更正", "批", at=make.OVER),
    )
    for step in early:
        with pytest.raises(Conflict, match=r"assessment\.state"):
            await step
    await make.to_explained()
    with pytest.raises(Conflict, match=r"assessment\.state"):
        await commands.freeze(people.second, YEAR, at=make.TOLD)
    for actor in (people.reviewer, people.auditor, people.stranger):
        with pytest.raises(Forbidden):
            await commands.explain(actor, YEAR, at=make.TOLD)


async def test_who_brought_figures_does_not_freeze_them() -> None:
    city = await make.begun()
    with pytest.raises(Forbidden, match=r"approval\.same_person"):
        await commands.freeze(people.coordinator, YEAR, at=make.FROZEN)
    await commands.freeze(people.second, YEAR, at=make.FROZEN)
    with pytest.raises(Conflict, match=r"assessment\.frozen"):
        await commands.enter_figures(
            people.coordinator, YEAR, [make.figures(city.units[0])], at=make.FROZEN
        )


async def test_units_without_windows_or_visits_are_not_left_out() -> None:
    city = await make.begun(offices=1, unit_minimum_visits=11)
    await commands.freeze(people.second, YEAR, at=make.FROZEN)
    await commands.compute(people.second, YEAR, at=make.TOLD)
    lines = await queries.lines(YEAR)
    assert {line.unit_code for line in lines} == set(city.units)
    assert all(line.mark.total is not None for line in lines)
    assert all(Component.VISITS in line.mark.missing for line in lines)


async def test_a_unit_sees_its_line_once_it_is_explained_and_receives_it() -> None:
    city = await make.begun()
    unit, other = city.units[0], city.units[1]
    assert await queries.unit_lines(unit) == []
    await make.to_explained()
    (line,) = await queries.unit_lines(unit)
    with pytest.raises(Missing):
        await queries.unit_line(other, line.code)
    with pytest.raises(Missing):
        await commands.receive_line(people.liaison(other), line.code, at=make.TOLD)
    with pytest.raises(Forbidden):
        await commands.receive_line(people.coordinator, line.code, at=make.TOLD)
    later = make.TOLD + timedelta(hours=1)
    found = await commands.receive_line(people.liaison(unit), line.code, at=later)
    assert found.received_at == later
    assert found.appeal_until is not None
    assert line.appeal_until is not None
    assert found.appeal_until < line.appeal_until
    with pytest.raises(Conflict, match=r"assessment\.received"):
        await commands.receive_line(people.liaison(unit), line.code, at=later)


async def test_a_unit_that_accepts_need_not_be_waited_for() -> None:
    city = await make.explained()
    for unit in city.units:
        (line,) = await queries.unit_lines(unit)
        await commands.accept_line(people.liaison(unit), line.code, at=make.TOLD)
    soon = make.TOLD + timedelta(hours=1)
    done = await commands.finalise(people.publisher, YEAR, "批", at=soon)
    assert done.state is YearState.FINAL
    (line,) = await queries.unit_lines(city.units[0])
    with pytest.raises(Conflict, match=r"assessment\.not_explained"):
        await commands.accept_line(people.liaison(city.units[0]), line.code, at=soon)


async def test_an_appeal_holds_the_year_and_upheld_it_is_computed_again() -> None:
    city = await make.explained()
    unit = city.units[0]
    liaison = people.liaison(unit)
    (line,) = await queries.unit_lines(unit)
    with pytest.raises(Conflict, match=r"assessment\.appeal_over"):
        await commands.appeal_line(liaison, line.code, make.appeal(), at=make.OVER)
    with pytest.raises(Missing):
        await commands.appeal_line(
            people.liaison(city.units[1]), line.code, make.appeal(), at=make.TOLD
        )
    code = await commands.appeal_line(liaison, line.code, make.appeal(), at=make.TOLD)
    with pytest.raises(Conflict, match=r"assessment\.appeals_open"):
        await commands.finalise(people.publisher, YEAR, "批", at=make.OVER)
    await appeals.acknowledge(people.coordinator, code, at=make.TOLD)
    await appeals.admit(people.coordinator, code, at=make.TOLD)
    await appeals.take(independent, code, at=make.TOLD)
    verdict = Verdict("upheld", "按期办结件数应为四十件。", checked=("names", "times", "visitors"))
    await appeals.decide(independent, code, verdict, at=make.TOLD)
    with pytest.raises(Invalid):
        await commands.amend(people.second, YEAR, "", "", at=make.TOLD)
    await commands.amend(people.second, YEAR, "按期办结件数更正", "批〔2026〕31号", at=make.TOLD)
    await visits_commands.enter_counts(
        people.coordinator, [NewCount(unit, date(YEAR, 1, 1), 5, 0, 1000)], at=make.TOLD
    )
    await commands.enter_figures(
        people.coordinator, YEAR, [make.figures(unit, on_time=40)], at=make.TOLD
    )
    assert (await queries.unit_lines(unit))[0].mark == line.mark
    view = await make.to_explained(at=make.TOLD)
    assert view.version == 2
    (newer,) = await queries.unit_lines(unit)
    assert newer.version == 2
    assert newer.mark.total != line.mark.total
    others = await queries.unit_lines(city.units[1])
    assert [each.version for each in others] == [1]
    newest, _ = await queries.versions(YEAR)
    assert [each.unit for each in newest.changes] == [unit]
    assert (await queries.appeals_of_line(newer))[0].settled
    done = await commands.finalise(people.publisher, YEAR, "批", at=make.OVER)
    assert done.state is YearState.FINAL
    assert (await history.verify(our_tables())).findings == ()


async def test_a_table_of_figures_is_taken_whole() -> None:
    await rankings.closed_round(units=2)
    names = [row["name"] for row in await db.raw("SELECT name FROM unit ORDER BY number")]
    head = ",".join(FIGURE_COLUMNS)
    rows = "".join(f"{name},40,36,30,24,79.5,344,323,320,统计局〔2026〕8号\n" for name in names)
    data = f"{head}\n{rows}".encode()
    at = rankings.CLOSED
    assert await commands.import_figures(people.coordinator, YEAR, data, "a.csv", at=at) == 2
    assert await commands.import_figures(people.coordinator, YEAR, data, "a.csv", at=at) == 2
    (first, _) = await queries.figures(YEAR)
    assert (first.figures.survey, first.figures.on_time) == (7950, 36)
    wrong = data.replace(b",36,", b",41,").replace(b"79.5", b"x")
    with pytest.raises(Invalid) as refusal:
        await commands.import_figures(people.coordinator, YEAR, wrong, "a.csv", at=at)
    assert {fault.code for fault in refusal.value.faults} == {
        "figures.more_than_whole", "rulebook.decimal",
    }  # fmt: skip
    assert (await history.verify(our_tables())).findings == ()


@pytest.mark.parametrize(
    ("more", "path"),
    [
        ({"source": ""}, "source"),
        ({"on_time": 41}, "on_time"),
        ({"satisfied": 31}, "satisfied"),
        ({"survey": 10_001}, "survey"),
        ({"survey_returned": 201}, "survey_returned"),
        ({"closed": None}, "on_time"),
        ({"asked": -1}, "asked"),
    ],
)
async def test_figures_that_cannot_be_are_refused(more: dict[str, int], path: str) -> None:
    with pytest.raises(Invalid) as refusal:
        await commands.enter_figures(
            people.coordinator, YEAR, [make.figures(Code("u"), **more)], at=make.OPENED
        )
    assert path in {fault.path for fault in refusal.value.faults}


async def test_a_session_without_quorum_counts_nothing() -> None:
    city = await make.begun()
    await surveys.held({city.units[0]: (0, 0, 0, 96)}, at=make.OPENED, present=60)
    await commands.freeze(people.second, YEAR, at=make.FROZEN)
    line = await make.line_of(city.units[0])
    assert line.inputs.collective.levels == surveys.USUAL


async def test_too_late_an_appeal_is_closed_by_its_own_clock() -> None:
    city = await make.explained()
    (line,) = await queries.unit_lines(city.units[0])
    assert line.appeal_until is not None
    liaison = people.liaison(city.units[0])
    late = line.appeal_until + timedelta(seconds=1)
    with pytest.raises((Conflict, Closed)):
        await commands.appeal_line(liaison, line.code, make.appeal(), at=late)
    own = msgspec.structs.replace(liaison, unit=None, person=PersonId(1))
    with pytest.raises(Forbidden):
        await commands.appeal_line(own, line.code, make.appeal(), at=make.TOLD)


async def test_an_order_whose_time_still_runs_is_nobodys_failure() -> None:
    city = await make.begun(rectification_places=1)
    early = await queries.gathered(YEAR, at=make.FROZEN)
    assert early[city.units[2]].rectification is None
    late = await queries.gathered(YEAR, at=make.OVER + timedelta(days=90))
    given = late[city.units[2]].rectification
    assert given is not None
    assert (given.due, given.in_time, given.late) == (1, 0, 0)


@pytest.mark.parametrize("number", [0, -1, 99_999_999_999])
async def test_no_other_number_is_a_year(number: int) -> None:
    with pytest.raises(Missing):
        await queries.year(number)
    with pytest.raises(Missing):
        await commands.enter_figures(people.coordinator, number, [], at=make.OPENED)
    with pytest.raises(Invalid):
        await commands.begin(people.coordinator, number, at=make.OPENED)
