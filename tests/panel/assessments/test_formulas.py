"""The formulas by worked examples (domain.md 5.3) and by what must always hold."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from panel import rulebook
from panel.assessments.rules import formulas
from panel.assessments.types import (
    CollectiveInput,
    ComplaintsInput,
    Component,
    FindingInput,
    Minus,
    RectificationInput,
    SurveyInput,
    UnitInputs,
    VisitsInput,
)
from panel.ids import Code
from panel.rulebook.rules.reading import read
from panel.rulebook.types import Assessment, Rulebook, Weights

BOOK = read((Path(rulebook.__file__).parent / "default.toml").read_text(encoding="utf-8"))
OPTION_A = Weights(visits=50, collective=0, complaints=20, rectification=20, survey=10)
EXAMPLE: dict[Component, int | None] = {
    Component.VISITS: 8240,
    Component.COMPLAINTS: 7400,
    Component.RECTIFICATION: 9000,
    Component.SURVEY: 7900,
}


def assessed(**more: Any) -> Assessment:
    """Return the default assessment with other choices."""
    return msgspec.structs.replace(BOOK.assessment, **more)


def book(**more: Any) -> Rulebook:
    """Return the default measures with another assessment."""
    return msgspec.structs.replace(BOOK, assessment=assessed(**more))


def visited(score: int | None) -> VisitsInput:
    """Return a published score."""
    return VisitsInput(score, 2, 3, 4, separable=True, scope="g", snapshot="s", round="r")


def complained(received: int = 10, **more: Any) -> ComplaintsInput:
    """Return a year of complaints."""
    values: dict[str, Any] = {
        "received": received, "upheld": 2, "transactions": 10_000, "months": 12, "closed": 10,
        "on_time": 8, "asked": 5, "satisfied": 4, "source": "12345",
    }  # fmt: skip
    return ComplaintsInput(**values | more)


def ordered(due: int, in_time: int, late: int, recurrences: int = 0) -> RectificationInput:
    """Return a year of orders."""
    return RectificationInput(due, in_time, late, recurrences, ())


def found(*severities: int, veto: str = "") -> tuple[FindingInput, ...]:
    """Return verified findings."""
    return tuple(FindingInput(Code(str(n)), each, veto) for n, each in enumerate(severities))


def test_the_worked_example_of_the_balanced_formula_is_78_90() -> None:
    mark = formulas.combine(EXAMPLE, assessed(weights=OPTION_A), points=3)
    assert (mark.total, mark.deducted, mark.missing) == (7890, 300, ())


def test_the_worked_example_of_public_and_work_is_81_33() -> None:
    mark = formulas.combine(EXAMPLE, assessed(formula="public_work"), points=3)
    # 0.7·(49.44 + 31.60) + 0.3·82.00 = 56.728 + 24.60; findings take nothing away here
    assert (mark.total, mark.deducted) == (8133, None)
    assert [part.planned for part in mark.parts] == [4200, 2800, 1500, 1500]


def test_deductions_take_from_a_hundred() -> None:
    inputs = UnitInputs(
        complaints=complained(upheld=2, transactions=8000),
        rectification=ordered(3, 1, 1),
        findings=found(2, 4),
    )
    mark = formulas.mark(inputs, None, book(formula="deductions"))
    # 100 − 3 − 15 − 2·2 − 2.5 = 75.50
    assert mark.total == 7550
    assert {each.kind: each.points for each in mark.deductions} == {
        Minus.FINDINGS: 1800, Minus.LATE: 400, Minus.UPHELD: 250,
    }  # fmt: skip
    assert (
        formulas.mark(UnitInputs(findings=found(*[4] * 9)), None, book(formula="deductions")).total
        == 0
    )


def test_five_components_make_their_weighted_mean() -> None:
    values: dict[Component, int | None] = dict(EXAMPLE.items())
    values[Component.COLLECTIVE] = 8000
    # 0.40·82.40 + 0.15·80 + 0.20·74 + 0.20·90 + 0.05·79 − 3 = 78.71
    assert formulas.combine(values, BOOK.assessment, points=3).total == 7871


def test_what_is_missing_is_reweighted_and_named_never_zero() -> None:
    mark = formulas.combine({Component.VISITS: 8240, Component.COMPLAINTS: 7400}, BOOK.assessment)
    assert mark.total == 7960  # (40·82.40 + 20·74.00) / 60
    assert mark.present_percent == 60
    assert mark.missing == (Component.COLLECTIVE, Component.RECTIFICATION, Component.SURVEY)
    assert mark.provisional
    assert not mark.one_sided


def test_a_missing_survey_leaves_its_share_to_the_public_part() -> None:
    values = dict(EXAMPLE) | {Component.SURVEY: None}
    mark = formulas.combine(values, assessed(formula="public_work"))
    assert mark.total == 8228  # 0.70·82.40 + 0.30·82.00
    assert mark.parts[0].share == 7000


def test_nothing_present_is_no_mark() -> None:
    mark = formulas.combine({Component.VISITS: None}, BOOK.assessment, points=3)
    assert (mark.total, mark.present_percent, mark.deducted) == (None, 0, None)


def test_a_single_input_that_decides_alone_is_marked() -> None:
    assert formulas.combine({Component.VISITS: 8000}, BOOK.assessment).one_sided
    both = {Component.VISITS: 8000, Component.COLLECTIVE: 7000}
    assert formulas.combine(both, BOOK.assessment).one_sided  # 40 of 55 is 72.7 %
    three = both | {Component.SURVEY: 7000}
    assert not formulas.combine(three, BOOK.assessment).one_sided


def test_deductions_stop_at_their_limit_and_marks_at_zero() -> None:
    assert formulas.combine(EXAMPLE, BOOK.assessment, points=40).deducted == 1000
    assert formulas.combine({Component.VISITS: 500}, BOOK.assessment, points=40).total == 0


def test_halves_are_rounded_up_once() -> None:
    values = {Component.COMPLAINTS: 7401, Component.RECTIFICATION: 7400}
    assert formulas.combine(values, BOOK.assessment).total == 7401


def test_complaints_mirror_what_hotlines_count() -> None:
    given_ = complained()  # 2 upheld of 10,000 matters; the peer group's 90th percentile is 8
    details = formulas.complaint_details(given_, Fraction(8), BOOK.assessment)
    assert [each.value for each in details] == [7500, 8000, 8000]
    assert formulas.complaints(given_, details) == 7800  # 0.4·75 + 0.3·80 + 0.3·80


def test_without_any_complaint_there_is_no_component() -> None:
    quiet = complained(0, upheld=0, closed=0, on_time=0, asked=0, satisfied=0)
    details = formulas.complaint_details(quiet, Fraction(8), BOOK.assessment)
    assert formulas.complaints(quiet, details) is None


def test_a_part_that_nobody_counted_is_left_out_of_the_complaints() -> None:
    given_ = complained(transactions=0, asked=0, satisfied=0)
    details = formulas.complaint_details(given_, None, BOOK.assessment)
    assert [each.value for each in details] == [None, 8000, None]
    assert formulas.complaints(given_, details) == 8000


def test_a_group_without_upheld_complaints_has_full_points_there() -> None:
    none = complained(upheld=0)
    details = formulas.complaint_details(none, Fraction(0), BOOK.assessment)
    assert details[0].value == 10_000
    one = formulas.complaint_details(complained(upheld=1), Fraction(0), BOOK.assessment)
    assert one[0].value == 0


def test_the_peer_rate_is_the_nearest_rank() -> None:
    rates = [Fraction(n) for n in range(1, 11)]
    assert formulas.peer_rate(rates) == 9
    assert formulas.peer_rate([Fraction(3), None]) == 3
    assert formulas.peer_rate([None]) is None


@pytest.mark.parametrize(
    ("orders", "value"),
    [
        (ordered(4, 2, 1), 6250),
        (ordered(2, 2, 0, recurrences=1), 9000),
        (ordered(2, 0, 0, recurrences=3), 0),
        (ordered(3, 1, 1), 5000),
        (ordered(0, 0, 0), None),
        (None, None),
    ],
)
def test_rectification_counts_what_was_verified(
    orders: RectificationInput | None, value: int | None
) -> None:
    assert formulas.rectification(orders, BOOK.assessment) == value


def test_ballots_survey_and_findings_come_into_the_mark() -> None:
    inputs = UnitInputs(
        visits=visited(8240),
        collective=CollectiveInput((40, 30, 20, 10), 2, 104, 102, 102, (Code("s"),)),
        complaints=complained(),
        rectification=ordered(1, 1, 0),
        survey=SurveyInput(7900, 100, 94, 90, "统计局"),
        findings=found(2),
    )
    mark = formulas.marks({"u": inputs}, {"u": "g"}, BOOK)["u"]
    assert [part.value for part in mark.parts] == [8240, 7350, 4800, 10_000, 7900]
    # 0.40·82.40 + 0.15·73.50 + 0.20·48 + 0.20·100 + 0.05·79 − 3 = 74.535
    assert mark.total == 7454
    assert (mark.rate, mark.peer_rate) == ((2, 1), (2, 1))
    assert not mark.missing


def test_few_ballots_are_missing_rather_than_a_figure() -> None:
    few = CollectiveInput((10, 10, 9, 0), 0, 40, 29, 29, ())
    assert formulas.collective(few, BOOK) is None


def test_peers_are_those_of_the_own_group() -> None:
    high, low = complained(upheld=40), complained(upheld=1)
    marks = formulas.marks(
        {"a": UnitInputs(complaints=low), "b": UnitInputs(complaints=high)},
        {"a": "g", "b": "h"},
        BOOK,
    )
    assert marks["a"].peer_rate == (1, 1)
    assert marks["b"].peer_rate == (40, 1)


def test_places_share_ties_and_skip_the_next() -> None:
    assert formulas.places({"a": 90, "b": 80, "c": 90, "d": None}) == {"a": 1, "b": 3, "c": 1}


VALUES = st.dictionaries(st.sampled_from(list(Component)), st.integers(0, 10_000))


@given(VALUES, st.sampled_from(["weighted", "public_work"]))
def test_real_shares_add_up_and_a_mark_lies_among_its_components(
    values: dict[Component, int], formula: str
) -> None:
    assessment = assessed(formula=formula)
    real = formulas.shares(assessment, values)
    mark = formulas.combine(values, assessment)
    if mark.total is None:
        assert not real
        return
    assert sum(real.values()) == 1
    used = [values[each] for each in real]
    assert min(used) <= mark.total <= max(used)


@given(VALUES, st.data())
def test_a_better_component_never_makes_a_mark_worse(
    values: dict[Component, int], data: st.DataObject
) -> None:
    if not values:
        return
    each = data.draw(st.sampled_from(sorted(values)))
    better = values | {each: data.draw(st.integers(values[each], 10_000))}
    before, after = (formulas.combine(one, BOOK.assessment).total for one in (values, better))
    assert before is None or (after is not None and after >= before)
