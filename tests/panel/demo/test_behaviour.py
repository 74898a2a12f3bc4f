"""Invented behaviour: fair on the average, different between people and windows, repeatable."""

from __future__ import annotations

from statistics import fmean, pstdev

import pytest
from hypothesis import given
from hypothesis import strategies as st

from panel.demo.behaviour import (
    BEST,
    WORST,
    answer,
    happens,
    observed,
    remark,
    temper,
    unit_quality,
    waited,
    window_quality,
)
from panel.demo.people import rows
from panel.rulebook.types import ItemKind

SEED = "sample"


def test_tempers_repeat_and_differ_between_seeds() -> None:
    assert temper(7, SEED) == temper(7, SEED)
    assert temper(7, SEED) != temper(7, "other")


def test_some_members_are_severe_and_some_are_mild() -> None:
    severities = [temper(index, SEED).severity_hundredths for index in range(1000)]
    assert abs(fmean(severities)) < 60
    assert 450 < pstdev(severities) < 750
    assert sum(severity > 1000 for severity in severities) > 20
    assert sum(severity < -1000 for severity in severities) > 20


def test_a_few_in_a_hundred_decline_lapse_or_write_careless_sheets() -> None:
    tempers = [temper(index, SEED) for index in range(1000)]
    assert 20 < fmean(each.declines for each in tempers) < 100
    assert 5 < fmean(each.lapses for each in tempers) < 50
    assert 10 < fmean(each.careless for each in tempers) < 100
    assert all(0 <= each.diligence <= 100 for each in tempers)


def test_there_are_bad_units_under_the_gate_and_good_ones() -> None:
    qualities = [unit_quality(unit["单位编号"], SEED) for unit in rows("units.csv")]
    assert all(WORST <= quality <= BEST for quality in qualities)
    assert sum(quality < 7500 for quality in qualities) >= 5
    assert sum(quality > 8800 for quality in qualities) >= 5


def test_windows_of_one_unit_resemble_each_other() -> None:
    windows = [window["窗口编号"] for window in rows("windows.csv")]
    within = [window_quality(w, SEED) - unit_quality(w[:-3], SEED) for w in windows]
    assert pstdev(within) < pstdev(window_quality(w, SEED) for w in windows)


@pytest.mark.parametrize("kind", list(ItemKind))
@pytest.mark.parametrize("quality", [5000, 7500])
def test_answers_are_right_on_the_average(kind: ItemKind, quality: int) -> None:
    answers = [
        answer(kind, quality + 300, 300, seed=SEED, visit=str(number), item="A1")
        for number in range(3000)
    ]
    assert abs(2500 * fmean(answers) - quality) < 120


def test_the_items_of_one_visit_rise_and_fall_together() -> None:
    visits = [
        fmean(
            answer(ItemKind.SCALE, 7500, 0, seed=SEED, visit=str(visit), item=str(item))
            for item in range(16)
        )
        for visit in range(300)
    ]
    alone = [
        fmean(
            answer(ItemKind.SCALE, 7500, 0, seed=SEED, visit=f"{visit}/{item}", item="A1")
            for item in range(16)
        )
        for visit in range(300)
    ]
    assert pstdev(visits) > 1.2 * pstdev(alone)


@pytest.mark.parametrize("kind", list(ItemKind))
def test_even_a_usual_window_fails_on_an_item_now_and_then(kind: ItemKind) -> None:
    answers = [
        answer(kind, 8200, 0, seed=SEED, visit=str(number), item="A1") for number in range(2000)
    ]
    assert 0.03 < sum(value <= 1 for value in answers) / 2000 < 0.1


@given(
    st.sampled_from(ItemKind),
    st.integers(-20_000, 20_000),
    st.integers(-20_000, 20_000),
    st.text(max_size=8),
)
def test_an_answer_is_one_that_the_sheet_offers(
    kind: ItemKind, quality: int, severity: int, visit: str
) -> None:
    value = answer(kind, quality, severity, seed=SEED, visit=visit, item="A1")
    assert value in ({0, 2, 4} if kind is ItemKind.FACT else {0, 1, 2, 3, 4})


@given(st.integers(0, 4), st.integers(4, 120), st.text(max_size=8))
def test_minutes_waited_are_worth_the_value(value: int, posted: int, visit: str) -> None:
    minutes = waited(value, posted, seed=SEED, visit=visit)
    limits = [(4, 4 * posted), (3, 5 * posted), (2, 6 * posted), (1, 8 * posted)]
    worth = next((points for points, limit in limits if 4 * minutes <= limit), 0)
    assert minutes > 0
    assert worth == value


def test_chances_come_true_as_often_as_they_say() -> None:
    hits = sum(happens(100, SEED, "event", str(number)) for number in range(5000))
    assert 400 < hits < 600
    assert not happens(0, SEED, "never")
    assert happens(1000, SEED, "always")


def test_nearly_every_item_is_observed() -> None:
    seen = sum(observed(seed=SEED, visit=str(visit), item="B3") for visit in range(1000))
    assert 880 < seen < 960


def test_a_low_answer_gets_a_reason_in_words() -> None:
    assert remark("D1", seed=SEED, visit="1")
    assert remark("no such item", seed=SEED, visit="1")
    assert len({remark("A1", seed=SEED, visit=str(visit)) for visit in range(50)}) > 1
