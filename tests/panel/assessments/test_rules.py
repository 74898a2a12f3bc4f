"""The annual mark by worked examples."""

from __future__ import annotations

from panel.assessments import rules
from panel.assessments.types import Component, Eligibility
from panel.ids import Code
from panel.rankings.types import Row, Standing
from panel.rulebook.types import Weights

WEIGHTS = Weights(visits=40, collective=15, complaints=20, rectification=20, survey=5)


def row(
    below: int | None = 1, score: int | None = 7000, standing: Standing = Standing.RANKED
) -> Row:
    """Return the line of a unit."""
    return Row(
        code=Code("u"), name="", name_en="", group="g", unit_code=Code("u"), unit_name="",
        unit_name_en="", standing=standing, shown=True, place_from_below=below, score=score,
    )  # fmt: skip


def test_all_components_make_their_weighted_mean() -> None:
    values = dict(zip(Component, (8240, 8000, 7400, 9000, 7900), strict=True))
    found = rules.mark(values, WEIGHTS, deductions=300)
    # 0.40·82.40 + 0.15·80 + 0.20·74 + 0.20·90 + 0.05·79 − 3 = 78.71
    assert (found.total, found.present_percent, found.provisional) == (7871, 100, False)


def test_what_is_missing_is_reweighted_and_named() -> None:
    found = rules.mark({Component.VISITS: 8240, Component.COMPLAINTS: 7400}, WEIGHTS)
    assert found.total == 7960  # (40·82.40 + 20·74.00) / 60
    assert found.present_percent == 60
    assert found.missing == (Component.COLLECTIVE, Component.RECTIFICATION, Component.SURVEY)
    assert found.provisional


def test_halves_are_rounded_up_once() -> None:
    found = rules.mark({Component.COMPLAINTS: 7401, Component.RECTIFICATION: 7400}, WEIGHTS)
    assert found.total == 7401


def test_nothing_present_is_no_mark() -> None:
    found = rules.mark({Component.VISITS: None}, WEIGHTS)
    assert (found.total, found.present_percent) == (None, 0)


def test_only_the_last_under_the_gate_is_at_risk() -> None:
    under = rules.mark({Component.VISITS: 7499}, WEIGHTS)
    over = rules.mark({Component.VISITS: 7500}, WEIGHTS)
    assert rules.eligibility(row(1), 9, under, 7500) is Eligibility.AT_RISK
    assert rules.eligibility(row(1), 9, over, 7500) is Eligibility.OPEN
    assert rules.eligibility(row(2), 9, under, 7500) is Eligibility.OPEN
    assert rules.eligibility(row(1), 1, under, 7500) is Eligibility.OPEN


def test_orders_go_to_the_last_places_ties_included() -> None:
    assert [rules.to_rectify(row(below), 3) for below in (1, 3, 3, 4)] == [True, True, True, False]
    assert not rules.to_rectify(row(None, standing=Standing.INSUFFICIENT), 3)


def test_an_insufficient_score_is_no_component() -> None:
    assert rules.visits(row(None, 8000, Standing.INSUFFICIENT)) is None
    assert rules.visits(row()) == 7000
