"""The next round from uncertainty: where it goes, and what it is worth in invented cities."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks import planning
from panel.ids import Code
from panel.visits import rules
from panel.visits.types import Doubt, Side
from tests.panel.visits.test_rules import place

SURE = Side(in_top=True, chance_top=9_990, chance_bottom=0, low=9_000, high=9_400, visits=40)
NEAR_TOP = Side(chance_top=4_000, chance_bottom=0, low=8_000, high=8_800, visits=12)
NEAR_BOTTOM = Side(
    in_bottom=True, chance_top=0, chance_bottom=6_000, low=6_000, high=6_800, visits=12
)
HALF = {"uniform_percent": 50, "cap_times": 3}


def sides(*units: Side) -> dict[Code, Side]:
    """Return what the lists tell of units and of one settled window of each."""
    found = {Code(f"U{number}"): side for number, side in enumerate(units, 1)}
    return found | {Code(f"W{number}"): SURE for number in range(1, len(units) + 1)}


def test_a_place_says_why_it_gets_more() -> None:
    known = sides(SURE, NEAR_TOP, NEAR_BOTTOM)
    found = rules.proposals(known, [place(number) for number in (1, 2, 3, 4)], **HALF)
    why = {str(each.place): each.doubt for each in found}
    assert why == {
        "W1": Doubt.SETTLED, "W2": Doubt.TOP, "W3": Doubt.BOTTOM, "W4": Doubt.UNKNOWN,
    }  # fmt: skip
    assert found[0].place == "W4"
    assert found[-1].place == "W1"
    assert found[-1].chance == 10
    assert found[-1].visits == 40


def test_all_visits_are_given_and_the_settled_keep_their_even_share() -> None:
    known = sides(SURE, NEAR_TOP, NEAR_BOTTOM)
    places = [place(number) for number in (1, 2, 3)]
    found = rules.planned(known, places, seed="s", **HALF)
    assert sum(found.demand.values()) == found.visits == 24
    assert found.demand["W1"] < found.demand["W2"]
    assert found.demand["W1"] >= 4
    assert rules.proposals({}, [], **HALF) == []


def test_a_unit_with_many_windows_draws_no_more_visits_for_it() -> None:
    wide = [place(1, window_id=n, window_code=Code(f"W1{n}")) for n in (1, 2, 3, 4)]
    known = {Code("U1"): NEAR_TOP, Code("U2"): NEAR_TOP}
    known |= {each.code: SURE for each in wide} | {Code("W2"): SURE}
    found = rules.planned(known, [*wide, place(2)], seed="s", **HALF).weights
    own = found["W2"]
    assert sum(found[each.code] for each in wide) < own * 2


@given(
    chances=st.lists(st.integers(0, 10_000), min_size=2, max_size=12),
    mean_visits=st.integers(1, 12),
)
def test_no_place_gets_more_than_the_cap(chances: list[int], mean_visits: int) -> None:
    known = {
        Code(f"U{number}"): Side(chance_top=chance, chance_bottom=0, low=0, high=400)
        for number, chance in enumerate(chances, 1)
    }
    bare = [
        place(number, window_id=None, window_code=None, demand=mean_visits)
        for number in range(1, len(chances) + 1)
    ]
    found = rules.planned(known, bare, seed="s", **HALF)
    assert sum(found.demand.values()) == mean_visits * len(bare)
    assert max(found.demand.values()) <= mean_visits * 3


def test_nobody_can_tell_the_next_place_without_the_seed() -> None:
    known = sides(NEAR_TOP, NEAR_BOTTOM, SURE)
    places = [place(number, demand=3) for number in (1, 2, 3)]
    drawn = {
        tuple(sorted(rules.planned(known, places, seed=str(n), **HALF).demand.items()))
        for n in range(40)
    }
    assert len(drawn) > 1
    assert all(sum(count for _, count in each) == 9 for each in drawn)


def test_planned_visits_are_worth_twice_as_many_even_ones_without_starving_a_place() -> None:
    planned = planning.worth(200, 16, how=planning.in_force())
    assert planned.wrong < 0.85 * planning.worth(200, 16).wrong
    assert planned.wrong == pytest.approx(planning.worth(200, 16, 20).wrong, abs=0.25)
    assert planned.fewest >= planning.PER_ROUND / 5
    assert planned.most <= 6.01 / 200


def test_in_a_large_city_they_are_worth_three_times_as_many() -> None:
    planned = planning.worth(600, 6, how=planning.in_force())
    assert planned.wrong <= planning.worth(600, 6, 30).wrong + 0.15
    assert planned.wrong < planning.worth(600, 6, how=planning.FORMER).wrong


def test_even_visits_are_counted_between_those_that_were_tried() -> None:
    tried = [(50, 3.0), (100, 2.0), (200, 1.0)]
    assert planning.equal(2.5, tried) == 75
    assert planning.equal(1.5, tried) == 150
    assert planning.equal(3.5, tried) == 50
    assert planning.equal(0.5, tried) == 200
