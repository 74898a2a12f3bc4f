"""Who may lose excellence, and what follows from final lines."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from panel.assessments import rules
from panel.assessments.rules import consequences, formulas, marks, orders
from panel.assessments.types import (
    Basis,
    CollectiveInput,
    ConsequenceKind,
    Eligibility,
    FindingInput,
    LineView,
    Mark,
    UnitInputs,
)
from panel.assessments.types.orders import OrderKind
from panel.ids import Code
from panel.rankings.types import Certainty, Kind, ListView, Method, Other, Row, Standing
from panel.rulebook.types import Rulebook, Text, Threshold
from tests.panel.assessments.test_formulas import BOOK, visited


def row(
    below: int | None = 1,
    score: int | None = 7000,
    standing: Standing = Standing.RANKED,
    **more: Any,
) -> Row:
    """Return the line of a unit in a list."""
    return Row(
        code=Code("u"), name="", name_en="", group="g", unit_code=Code("u"), unit_name="",
        unit_name_en="", standing=standing, shown=True, place_from_below=below, score=score, **more,
    )  # fmt: skip


def line(mark: Mark | None = None, inputs: UnitInputs | None = None, **more: Any) -> LineView:
    """Return a unit's line: by default last of four, surely so, and under the gate."""
    found = LineView(
        code=Code("l"), year=2026, unit_id=1, unit_code=Code("u"), unit_name="", unit_name_en="",
        group="g", rulebook_hash="", inputs=inputs or UnitInputs(visits=last()),
        mark=mark or Mark(total=7000), eligibility=Eligibility.OPEN, version=1, explained_at=None,
        received_at=None, appeal_until=None,
    )  # fmt: skip
    return msgspec.structs.replace(found, **more)


def last(**more: Any) -> Any:
    """Return the visits of a unit that is last for sure."""
    return msgspec.structs.replace(visited(7000), **{"place": 4, "place_from_below": 1} | more)


def kinds(one: LineView, book: Rulebook = BOOK) -> set[tuple[ConsequenceKind, Basis]]:
    """Return what follows from a line, and why."""
    return {(each.kind, each.basis) for each in consequences.drafts(one, book)}


LAST = {
    (ConsequenceKind.EXCELLENCE, Basis.LAST),
    (ConsequenceKind.RECOMMENDATION, Basis.LAST),
}
BOTTOM = {(ConsequenceKind.SUPERVISION, Basis.BOTTOM)}


def ungated() -> Rulebook:
    """Return measures by which the last place alone decides."""
    ranking = msgspec.structs.replace(BOOK.ranking, last_place="unconditional")
    return msgspec.structs.replace(BOOK, ranking=ranking)


def test_only_the_last_under_the_gate_is_at_risk() -> None:
    inputs = UnitInputs(visits=last())
    assert marks.eligibility(inputs, Mark(total=7499), BOOK) is Eligibility.AT_RISK
    assert marks.eligibility(inputs, Mark(total=7500), BOOK) is Eligibility.OPEN
    assert marks.eligibility(inputs, Mark(total=7500), ungated()) is Eligibility.AT_RISK
    other = UnitInputs(visits=last(ranked=1))
    assert marks.eligibility(other, Mark(total=7499), BOOK) is Eligibility.OPEN
    second = UnitInputs(visits=visited(7000))
    assert marks.eligibility(second, Mark(total=7499), BOOK) is Eligibility.OPEN


@pytest.mark.parametrize(
    ("ranked", "places"), [(1, 1), (2, 1), (5, 1), (6, 2), (10, 2), (11, 3), (15, 3), (300, 3)]
)
def test_the_last_places_are_no_more_than_a_fifth_of_a_list(ranked: int, places: int) -> None:
    assert orders.last_places(BOOK, ranked) == places


def test_older_measures_know_no_share_and_keep_their_last_places() -> None:
    plain = msgspec.structs.replace(BOOK.ranking, rectification_share_percent=100)
    assert orders.last_places(msgspec.structs.replace(BOOK, ranking=plain), 3) == 3
    builtins = msgspec.to_builtins(BOOK.ranking)
    del builtins["rectification_share_percent"]
    assert msgspec.convert(builtins, type(BOOK.ranking)).rectification_share_percent == 100


def test_who_is_under_the_gate_on_a_last_place_is_ordered_however_small_the_list() -> None:
    lines = ((1, 8000), (2, 7500), (2, 7499), (3, 7499), (4, 7499))
    asked = [orders.asked_of(row(below, score), BOOK, 3) for below, score in lines]
    assert asked == [
        OrderKind.ORDER, None, OrderKind.ORDER, OrderKind.ORDER, OrderKind.ANALYSIS,
    ]  # fmt: skip


def test_a_confirmed_grave_event_is_a_risk_at_any_mark() -> None:
    inputs = UnitInputs(findings=(FindingInput(Code("f"), 4, "V2"),))
    assert marks.eligibility(inputs, Mark(total=9900), BOOK) is Eligibility.AT_RISK
    assert kinds(line(Mark(total=9900), inputs)) == {(ConsequenceKind.EXCELLENCE, Basis.GRAVE)}


def test_a_last_place_is_sure_when_its_interval_ends_below_the_next() -> None:
    low = row(1, high=7100, low=6900)
    far, near = row(2, high=7600, low=7101), row(2, high=7600, low=7100)
    assert rules.visits(low, _list(low, far), Code("r")).separable
    assert not rules.visits(low, _list(low, near), Code("r")).separable
    assert not rules.visits(low, _list(low, far, near), Code("r")).separable
    assert not marks.separable(low, [low])
    assert not marks.separable(row(1), [row(1), far])


def test_grave_consequences_rest_on_a_confirmed_place_that_the_plain_mean_shares() -> None:
    def low(certainty: Certainty, place: int | None) -> Row:
        other = Other(Method.MEAN_OF_WINDOW_MEANS, 7000, place)
        return row(1, high=7100, low=6900, in_bottom=True, certainty=certainty, others=(other,))

    def sure(found: Row) -> bool:
        rows = (found, *(row(n, high=7600, low=7500) for n in range(2, 6)))
        one = msgspec.structs.replace(_list(*rows), method=Method.CROSSED_EFFECTS)
        return rules.visits(found, one, Code("r")).separable

    assert sure(low(Certainty.CONFIRMED, 5))
    assert not sure(low(Certainty.CONFIRMED, 4))
    assert not sure(low(Certainty.CONFIRMED, None))
    assert not sure(low(Certainty.PROVISIONAL, 5))
    assert not sure(row(1, high=7100, low=6900))


def _list(*rows: Row) -> ListView:
    return ListView(
        code=Code("s"), kind=Kind.UNIT, scope="g", method=Method.POOLED_MEAN, rulebook_hash="",
        input_hash="", code_version="", ranked=len(rows), list_size=1, rows=rows,
    )  # fmt: skip


def test_an_insufficient_score_is_no_component() -> None:
    few = row(None, 8000, Standing.INSUFFICIENT)
    assert rules.visits(few, _list(few), Code("r")).score is None
    assert rules.visits(row(), _list(row()), Code("r")).score == 7000


def test_the_last_place_has_consequences_where_all_of_the_rule_holds() -> None:
    assert kinds(line()) == LAST | BOTTOM
    assert kinds(line(Mark(total=7500))) == BOTTOM
    assert kinds(line(Mark(total=7000, one_sided=True))) == BOTTOM
    unsure = UnitInputs(visits=last(separable=False))
    assert kinds(line(Mark(total=7000), unsure)) == BOTTOM
    assert kinds(line(Mark(total=9000), unsure), ungated()) == LAST | BOTTOM


def test_the_last_three_are_supervised_whatever_the_gate() -> None:
    for below, expected in ((2, BOTTOM), (3, BOTTOM), (4, set[Any]())):
        inputs = UnitInputs(visits=last(place_from_below=below))
        assert kinds(line(Mark(total=9900), inputs)) == expected


def ballots(*levels: int) -> CollectiveInput:
    """Return the answers about one unit."""
    return CollectiveInput(levels, 5, 200, 200, 200, ())


@pytest.mark.parametrize(
    ("levels", "found"),
    [
        ((80, 0, 15, 5), ["reminder"]),  # 20 of 100: 以上 includes the limit
        ((81, 0, 15, 4), []),
        ((70, 0, 20, 10), ["admonition"]),  # 30 of 100: the higher excludes the lower
        ((71, 0, 20, 9), ["reminder"]),
        ((0, 0, 0, 0), []),
    ],
)
def test_the_share_of_the_lowest_answers_leads_to_one_talk(
    levels: tuple[int, ...], found: list[str]
) -> None:
    reached = consequences.reached(levels, BOOK.assessment.thresholds)
    assert [each.key for each in reached] == found


def test_above_and_at_least_differ_and_options_stand_beside_each_other() -> None:
    rule = Threshold("unfit", Text("不称职"), 1, ">", 30, "recommendation", 30, option="unfit")
    thresholds = (*BOOK.assessment.thresholds, rule)
    at_limit = consequences.reached((70, 0, 0, 30), thresholds)
    assert [each.key for each in at_limit] == ["admonition"]
    over = consequences.reached((69, 0, 0, 31), thresholds)
    assert [each.key for each in over] == ["admonition", "unfit"]


def test_talks_are_due_only_where_enough_judged() -> None:
    few = UnitInputs(collective=ballots(10, 0, 10, 9))
    assert kinds(line(Mark(total=8000), few)) == set()
    many = UnitInputs(collective=ballots(10, 0, 10, 10))
    (draft,) = consequences.drafts(line(Mark(total=8000), many), BOOK)
    assert (draft.kind, draft.rule, draft.days) == (
        ConsequenceKind.TALK_ADMONITION, "admonition", 30,
    )  # fmt: skip
    assert draft.facts == {"low": 20, "judged": 30, "percent": 30}


def test_a_year_under_another_formula_can_be_told() -> None:
    given = {"a": UnitInputs(visits=visited(8000)), "b": UnitInputs(visits=visited(7000))}
    found = formulas.marks(given, {"a": "g", "b": "g"}, BOOK)
    assert {unit: mark.total for unit, mark in found.items()} == {"a": 8000, "b": 7000}
