"""From the rulebook's percentages to numbers of people."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from panel.recruitment.types.lottery import DrawPlan, GroupQuota, Quota, Relaxation
from panel.rulebook.types import Recruitment

_WHOLE = 100


def plan(recruitment: Recruitment, seats: int, reserve: int) -> DrawPlan:
    """Turn shares into numbers; a soft bound is rounded outwards, a hard one never.

    So "at least 80 %" of 1,001 seats is 801, while a soft "at least 5 %" of 30 seats is 1.
    """
    return DrawPlan(
        seats=seats,
        reserves=reserve,
        quotas=tuple(
            Quota(
                quota.feature,
                quota.value,
                _bound(seats, quota.minimum_percent, up=quota.hard),
                _bound(seats, quota.maximum_percent, up=not quota.hard),
                quota.hard,
            )
            for quota in recruitment.quotas
        ),
        groups=tuple(
            GroupQuota(
                group.key,
                group.feature,
                group.values,
                _bound(seats, group.minimum_percent, up=group.hard),
                group.hard,
            )
            for group in recruitment.groups
        ),
    )


def _bound(seats: int, percent: int, *, up: bool) -> int:
    return -(-seats * percent // _WHOLE) if up else seats * percent // _WHOLE


def relaxed(plan: DrawPlan, relaxations: Sequence[Relaxation]) -> DrawPlan:
    """Return the plan after the smallest relaxation of its soft quotas."""
    bent = {(each.name, each.bound): each.after for each in relaxations}
    return msgspec.structs.replace(
        plan,
        quotas=tuple(
            msgspec.structs.replace(
                quota,
                minimum=bent.get((quota.name, "minimum"), quota.minimum),
                maximum=bent.get((quota.name, "maximum"), quota.maximum),
            )
            for quota in plan.quotas
        ),
        groups=tuple(
            msgspec.structs.replace(group, minimum=bent.get((group.name, "minimum"), group.minimum))
            for group in plan.groups
        ),
    )
