"""Filling empty seats: the same lottery, with quotas that ask for what is missing."""

from collections import Counter
from collections.abc import Sequence
from itertools import chain

import msgspec

from panel.recruitment.types.lottery import DrawPlan


def missing(
    whole: DrawPlan,
    serving: Sequence[Sequence[tuple[str, str]]],
    seats: int,
    reserves: int = 0,
) -> DrawPlan:
    """Return the plan for `seats` people so that, with those serving, the whole panel fits.

    `serving` are the features of each member who stays. The bounds of `whole` are taken in
    proportion where the panel will be smaller or larger than planned, less what is there. A soft
    bound stays between nothing and `seats`; a hard group asks for all it lacks, even where that is
    more than the seats (and is then told to be impossible).
    """
    total = len(serving) + seats
    counts = Counter(chain.from_iterable(serving))

    def least(minimum: int, *, up: bool) -> int:
        return -(-minimum * total // whole.seats) if up else minimum * total // whole.seats

    quotas = []
    for quota in whole.quotas:
        held = counts[quota.feature, quota.value]
        low = least(quota.minimum, up=quota.hard) - held
        high = least(quota.maximum, up=not quota.hard) - held
        quotas.append(
            msgspec.structs.replace(
                quota,
                minimum=max(0, low) if quota.hard else min(max(0, low), seats),
                maximum=min(max(0, high), seats),
            )
        )
    groups = []
    for group in whole.groups:
        held = sum(counts[group.feature, value] for value in group.values)
        low = max(0, least(group.minimum, up=True) - held)
        minimum = low if group.hard else min(low, seats)
        groups.append(msgspec.structs.replace(group, minimum=minimum))
    return DrawPlan(seats, reserves, tuple(quotas), tuple(groups))
