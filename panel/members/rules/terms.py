"""Decisions about terms: what a member comes back to, who may renew, how the panel went; pure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Final

from panel.errors import Conflict
from panel.members.types import MemberState, MemberView
from panel.members.types.terms import Span, Standing
from panel.rulebook.types import GroupQuota

_POINTS: Final = 36
"""Months that a course shows at most."""


def resumed(member: MemberView, today: dt.date) -> MemberState:
    """Return the state that a suspended member comes back to: what is lacking is not forgiven."""
    if member.trained_on is None and member.qualified_until is None:
        return MemberState.APPOINTED
    fit = member.qualified_until is not None and member.qualified_until >= today
    return MemberState.ACTIVE if fit and member.pledged_on is not None else MemberState.TRAINING


def carried(member: MemberView) -> MemberState:
    """Return the state in which the next term begins: a suspension goes on, a pledge is due."""
    if member.state is MemberState.SUSPENDED:
        return MemberState.SUSPENDED
    learned = member.trained_on is not None or member.qualified_until is not None
    return MemberState.TRAINING if learned else MemberState.APPOINTED


def may_suspend(member: MemberView) -> None:
    """Refuse to suspend who left or is suspended."""
    if member.left:
        raise Conflict("member.left")
    if member.state is MemberState.SUSPENDED:
        raise Conflict("member.suspended")


def suspended(member: MemberView) -> None:
    """Refuse what only follows a suspension."""
    if member.state is not MemberState.SUSPENDED:
        raise Conflict("member.not_suspended")


def may_renew(
    staying: Sequence[MemberView], member: MemberView, places: int, groups: Sequence[GroupQuota]
) -> None:
    """Refuse a renewal after which a hard group quota could not be met any more.

    ``staying`` are those who will serve on the first day of the new term. Of all places no more
    may stay with others than the group quota leaves to them; the rest is recruited.
    """
    everybody = [*staying, member]
    for group in groups:
        others = sum(getattr(each, group.feature) not in group.values for each in everybody)
        if group.hard and 100 * others > (100 - group.minimum_percent) * places:
            raise Conflict("member.group_quota", group=group.key, percent=group.minimum_percent)


def course(
    spans: Sequence[Span], groups: Sequence[GroupQuota], today: dt.date
) -> tuple[Standing, ...]:
    """Return how the panel stood on the first day of each month and stands today."""
    begun = [each.first for each in spans if each.first <= today]
    if not begun:
        return ()
    days = [*_months(min(begun), today)[-_POINTS:], today]
    return tuple(_standing(spans, groups, day) for day in days)


def _months(first: dt.date, today: dt.date) -> list[dt.date]:
    """Return the first day, then the first of every month before today."""
    days = [first] if first < today else []
    year, month = first.year, first.month
    while True:
        year, month = (year + 1, 1) if month == 12 else (year, month + 1)  # noqa: PLR2004 - December
        day = dt.date(year, month, 1)
        if day >= today:
            return days
        days.append(day)


def _standing(spans: Sequence[Span], groups: Sequence[GroupQuota], day: dt.date) -> Standing:
    held = [each for each in spans if each.first <= day <= each.last]
    seats = {
        group.key: sum(getattr(each, group.feature) in group.values for each in held)
        for group in groups
    }
    return Standing(
        day=day,
        total=len(held),
        seats=seats,
        broken=any(
            group.hard and 100 * seats[group.key] < group.minimum_percent * len(held)
            for group in groups
        ),
    )
