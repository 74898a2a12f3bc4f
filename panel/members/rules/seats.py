"""Decisions about seats: pure."""

from __future__ import annotations

import calendar
import datetime as dt
from collections import Counter
from collections.abc import Sequence

from panel.errors import Conflict, Invalid
from panel.members.types import Composition, MemberState, MemberView, NewSeat, Seat, Share
from panel.rulebook.types import GroupQuota

_FEATURES = ("category", "district", "sex", "age_band")
_WHOLE = 10_000
WAITING = (MemberState.APPOINTED, MemberState.TRAINING)
"""States of members who become active as soon as they lack nothing."""


def compose(members: Sequence[Seat], groups: Sequence[GroupQuota]) -> Composition:
    """Count members by feature; a group's minimum is its percentage of them, rounded up."""
    counts = {
        feature: dict(sorted(Counter(getattr(each, feature) for each in members).items()))
        for feature in _FEATURES
    }
    total = len(members)
    shares = []
    for group in groups:
        seats = sum(counts.get(group.feature, {}).get(value, 0) for value in group.values)
        shares.append(
            Share(
                key=group.key,
                seats=seats,
                minimum=-(-total * group.minimum_percent // 100),
                hundredths=seats * _WHOLE // total if total else 0,
                minimum_percent=group.minimum_percent,
                hard=group.hard,
            )
        )
    return Composition(
        total=total,
        qualified=sum(each.qualified for each in members),
        counts=counts,
        groups=tuple(shares),
    )


def term_end(start: dt.date, months: int) -> dt.date:
    """Return the last day of a term: the day before the same day so many months later.

    A term from the 31st ends with the last day of a shorter month.
    """
    if months < 1:
        raise Invalid("member.term_empty")
    year, month = divmod(start.year * 12 + start.month - 1 + months, 12)
    month += 1
    last = calendar.monthrange(year, month)[1]
    if start.day > last:
        return dt.date(year, month, last)
    return dt.date(year, month, start.day) - dt.timedelta(days=1)


def activates(certified: dt.date | None, pledged: dt.date | None, on: dt.date) -> bool:
    """Tell whether a member may be active on a day: certified until then, and pledged."""
    return certified is not None and certified >= on and pledged is not None


def may_appoint(
    serving: Sequence[MemberView], seats: Sequence[NewSeat], groups: Sequence[GroupQuota]
) -> None:
    """Refuse seats after which a hard group quota would be broken, or nobody at all.

    Where resignations broke it already, seats of the group itself only mend it.
    """
    if not seats:
        raise Invalid("member.nobody")
    everybody: list[MemberView | NewSeat] = [*serving, *seats]
    for group in groups:
        held = sum(getattr(each, group.feature) in group.values for each in everybody)
        others = any(getattr(each, group.feature) not in group.values for each in seats)
        broken = 100 * held < group.minimum_percent * len(everybody)
        if group.hard and others and broken:
            raise Conflict("member.group_quota", group=group.key, percent=group.minimum_percent)


def may_record(member: MemberView, on: dt.date, at: dt.date) -> None:
    """Refuse a training or pledge of somebody who left, or dated in the future."""
    if member.left:
        raise Conflict("member.left")
    if on > at:
        raise Invalid("member.date_ahead")


def may_leave(member: MemberView) -> None:
    """Refuse a second resignation."""
    if member.left:
        raise Conflict("member.left")
