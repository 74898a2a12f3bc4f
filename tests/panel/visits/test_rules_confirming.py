"""The second stage: where it goes, how much, and that nobody can tell the next window."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from panel.ids import Code
from panel.visits import rules
from panel.visits.types import Score
from tests.panel.visits.test_rules import place


def score(number: int, points: int | None, *, bottom: bool = False, spread: int = 200) -> Score:
    """Return what a ranking knows of a unit."""
    return Score(
        unit=Code(f"U{number}"), score=points, spread=spread, in_bottom=bottom, in_top=False,
        provisional=False,
    )  # fmt: skip


SCORES = [
    score(1, 6_000, bottom=True),
    score(2, 7_000, bottom=True),
    score(3, 7_100),
    score(4, 9_000),
]


def test_the_lowest_band_and_the_unclear_are_named_and_nobody_else() -> None:
    assert [each.unit for each in rules.unclear(SCORES)] == ["U1", "U2", "U3"]


def test_doubt_draws_visits() -> None:
    places = [place(number) for number in (1, 2, 3, 4)]
    found = rules.confirming(
        SCORES, places, visits_per_place=4, uniform_percent=50, cap_times=3, seed="s"
    )
    assert found.visits == sum(found.demand.values()) == 12
    assert "W4" not in found.demand
    assert found.demand["W2"] > found.demand["W1"]  # far below the line there is little doubt
    assert min(found.demand.values()) >= 2  # half is spread evenly


def test_a_unit_without_sheets_is_as_unclear_as_can_be() -> None:
    unknown = [score(1, None, bottom=True), score(2, 5_000, bottom=True), score(3, 9_000)]
    places = [place(number) for number in (1, 2, 3)]
    found = rules.confirming(
        unknown, places, visits_per_place=4, uniform_percent=0, cap_times=2, seed="s"
    )
    assert found.demand["W1"] > found.demand.get("W2", 0)


@given(
    weights=st.dictionaries(st.text("abcdef", min_size=1, max_size=3),
                            st.integers(0, 9_999), min_size=1, max_size=30),
    visits=st.integers(1, 120),
    percent=st.integers(0, 100),
    times=st.integers(1, 5),
    seed=st.text("xyz", max_size=4),
)  # fmt: skip
def test_all_visits_are_shared_out_within_the_cap(
    weights: dict[str, int], visits: int, percent: int, times: int, seed: str
) -> None:
    found = rules.spread(weights, visits, percent, times, seed)
    assert sum(found.values()) == visits
    assert set(found) <= set(weights)
    most = -(-visits * times // len(weights)) + 1
    assert max(found.values()) <= most
    assert rules.spread(weights, visits, percent, times, seed) == found


def test_another_seed_shares_the_fractions_out_anew() -> None:
    weights = {f"W{number:02}": 1 for number in range(20)}
    assert len({tuple(sorted(rules.spread(weights, 30, 50, 3, f"{n}").items()))
                for n in range(8)}) > 4  # fmt: skip
