"""Rounds in invented cities, judged by a checker that knows no code of the draw."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from benchmarks import rounds
from panel.visits import rules
from panel.visits.types.assignment import Visitor


@settings(max_examples=4, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(seed=st.integers(10_000, 99_999))
def test_no_rule_is_broken_in_any_city(seed: int) -> None:
    city = rounds.City(seed)
    for _ in range(5):
        _, broken = rounds.play(city)
        assert broken == set()


@pytest.mark.parametrize("forgotten", ["recused", "visited", "household"])
def test_the_checker_finds_a_rule_that_is_left_out(
    forgotten: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = rules.visitors
    nothing = "" if forgotten == "household" else frozenset[str]()

    def careless(*given: object) -> list[Visitor]:
        found = real(*given)  # type: ignore[arg-type]
        return [msgspec.structs.replace(each, **{forgotten: nothing}) for each in found]

    monkeypatch.setattr(rules, "visitors", careless)
    city = rounds.City(1)
    assert any(rounds.play(city)[1] for _ in range(12))
