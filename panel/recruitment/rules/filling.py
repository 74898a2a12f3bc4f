"""Counting applicants against the quotas, line by line."""

from __future__ import annotations

from collections.abc import Sequence

from panel.recruitment.types.filling import Crowd, Filled, Filling
from panel.recruitment.types.lottery import DrawPlan


def filled(plan: DrawPlan, crowds: Sequence[Crowd]) -> Filling:
    """Count who could fill the seats and each quota; a person counts in every line that fits."""
    running: dict[tuple[str, str], int] = {}
    eligible: dict[tuple[str, str], int] = {}
    for crowd in crowds:
        for feature in crowd.features:
            running[feature] = running.get(feature, 0) + crowd.running
            eligible[feature] = eligible.get(feature, 0) + crowd.eligible
    lines = [
        Filled(
            group.name,
            group.minimum,
            plan.seats,
            group.hard,
            sum(running.get((group.feature, value), 0) for value in group.values),
            sum(eligible.get((group.feature, value), 0) for value in group.values),
        )
        for group in plan.groups
    ]
    lines += [
        Filled(
            quota.name,
            quota.minimum,
            quota.maximum,
            quota.hard,
            running.get((quota.feature, quota.value), 0),
            eligible.get((quota.feature, quota.value), 0),
        )
        for quota in plan.quotas
    ]
    seats = Filled(
        "seats",
        plan.seats,
        plan.seats,
        hard=True,
        running=sum(crowd.running for crowd in crowds),
        eligible=sum(crowd.eligible for crowd in crowds),
    )
    return Filling(seats, tuple(lines))
