"""The next round from uncertainty: where it goes, and what it is worth in invented cities."""

from __future__ import annotations

from statistics import NormalDist, mean

import pytest
from hypothesis import given
from hypothesis import strategies as st

from panel.chance import Stream
from panel.ids import Code
from panel.visits import rules
from panel.visits.types import Doubt, Place, Side
from tests.panel.visits.test_rules import place

SURE = Side(in_top=True, chance_top=9_990, chance_bottom=0, low=9_000, high=9_400, visits=40)
NEAR_TOP = Side(chance_top=4_000, chance_bottom=0, low=8_000, high=8_800, visits=12)
NEAR_BOTTOM = Side(
    in_bottom=True, chance_top=0, chance_bottom=6_000, low=6_000, high=6_800, visits=12
)
NORMAL = NormalDist()
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


class Panel:
    """An invented city of units whose true scores are known, visited round by round."""

    spread, noise, listed = 4.0, 10.0, 10

    def __init__(self, units: int, seed: int) -> None:
        """Draw the true scores; nobody has been visited yet."""
        self.chance = Stream(str(seed), "city")
        self.seed = seed
        self.true = [self.gauss() * self.spread for _ in range(units)]
        self.visits = [0] * units
        self.sums = [0.0] * units

    def gauss(self) -> float:
        """Draw from the standard normal distribution."""
        return NORMAL.inv_cdf((self.chance.below(1 << 24) + 0.5) / (1 << 24))

    def visit(self, unit: int, times: int) -> None:
        """Send so many visitors."""
        noise = self.gauss() * self.noise * times**0.5
        self.sums[unit] += times * self.true[unit] + noise
        self.visits[unit] += times

    def known(self) -> list[tuple[float, float]]:
        """Return what the visits tell of every unit: mean and standard deviation."""
        ratio = (self.noise / self.spread) ** 2
        return [
            (total / (ratio + n), self.noise / (ratio + n) ** 0.5)
            for total, n in zip(self.sums, self.visits, strict=True)
        ]

    def sides(self) -> dict[Code, Side]:
        """Return what the lists would tell."""
        found = self.known()
        order = sorted(range(len(found)), key=lambda unit: -found[unit][0])
        scores = [found[unit][0] for unit in order]
        top = (scores[self.listed - 1] + scores[self.listed]) / 2
        low = (scores[-self.listed] + scores[-self.listed - 1]) / 2
        return {
            Code(f"U{unit}"): Side(
                in_top=rank < self.listed,
                in_bottom=rank >= len(order) - self.listed,
                chance_top=round(10_000 * NORMAL.cdf((found[unit][0] - top) / found[unit][1])),
                chance_bottom=round(10_000 * NORMAL.cdf((low - found[unit][0]) / found[unit][1])),
                low=round(100 * (found[unit][0] - 1.96 * found[unit][1])),
                high=round(100 * (found[unit][0] + 1.96 * found[unit][1])),
                visits=self.visits[unit],
            )
            for rank, unit in enumerate(order)
        }

    def play(self, per_round: int, *, percent: int = 100, cap: int = 3) -> float:
        """Play five rounds, the first one even; return the wrong names of ten in both lists."""
        bare = [_bare(unit, per_round) for unit in range(len(self.true))]
        for turn in range(5):
            even = turn == 0 or percent == 100
            demand = (
                {each.code: per_round for each in bare}
                if even
                else rules.planned(
                    self.sides(), bare, uniform_percent=percent, cap_times=cap,
                    seed=f"{self.seed} {turn}",
                ).demand
            )  # fmt: skip
            for unit, each in enumerate(bare):
                self.visit(unit, demand.get(each.code, 0))
        found = self.known()
        guess = sorted(range(len(bare)), key=lambda unit: found[unit][0])
        truth = sorted(range(len(bare)), key=lambda unit: self.true[unit])
        first = len(set(guess[-self.listed :]) - set(truth[-self.listed :]))
        return (first + len(set(guess[: self.listed]) - set(truth[: self.listed]))) / 2


def _bare(unit: int, demand: int) -> Place:
    return place(unit, unit_code=Code(f"U{unit}"), window_id=None, window_code=None, demand=demand)


def wrong(units: int, per_round: int, cities: int, **how: int) -> float:
    """Return the mean of wrong names over some cities."""
    return mean(Panel(units, seed).play(per_round, **how) for seed in range(cities))


def test_fifty_visits_where_they_matter_are_as_good_as_a_hundred_everywhere() -> None:
    planned = wrong(200, 10, 16, percent=50)
    assert planned < 0.85 * wrong(200, 10, 16)
    assert planned == pytest.approx(wrong(200, 20, 16), abs=0.25)


def test_with_a_wider_cap_in_a_large_city_they_are_as_good_as_two_hundred() -> None:
    assert wrong(600, 10, 6, percent=20, cap=8) <= wrong(600, 40, 6) + 0.25
