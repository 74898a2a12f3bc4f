"""Decisions about rounds: is a plan whole, does it cover, can the panel carry it, may it go on."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Final

import msgspec

from panel.errors import Conflict, Fault, Invalid
from panel.rulebook.types import Rulebook
from panel.visits.types import (
    Capacity,
    GroupCoverage,
    Place,
    RoundDraft,
    RoundKind,
    RoundState,
    RoundView,
)
from panel.workdays import SHANGHAI

_WHOLE: Final = 100
_MOST_VISITS: Final = 60
_MOST_HOURS: Final = 24 * 14
_MOST_DOUBLES: Final = 20
_CHOSEN: Final = frozenset(
    {RoundKind.AD_HOC, RoundKind.TARGETED, RoundKind.CONFIRMING, RoundKind.REVISIT}
)
"""Kinds of rounds that visit chosen places and no whole groups."""
_COUNTED: Final = frozenset({RoundKind.SCHEDULED})
"""Kinds that must reach the minimum of visits by themselves."""
_CANCELLABLE: Final = frozenset(
    {RoundState.DRAFT, RoundState.APPROVED, RoundState.COMMITTED, RoundState.RUNNING}
)
_LONGEST_REASON: Final = 500
_FIRST_DUE: Final = timedelta(days=14)
"""Nobody must visit sooner than this after the start, as long as the round lasts longer."""


def check(draft: RoundDraft, rulebook: Rulebook) -> None:
    """Refuse a plan with every fault named by its field; disclosure is asked for at approval."""
    faults = [
        *_texts(draft),
        *_groups(draft, rulebook),
        *_numbers(draft, rulebook),
        *_chosen(draft),
    ]
    if draft.starts >= draft.ends:
        faults.append(Fault("ends", "round.dates"))
    if faults:
        raise Invalid("round.faults", *faults)


def _texts(draft: RoundDraft) -> Iterator[Fault]:
    """Yield the texts that a plan can't do without."""
    for name in ("title", "theme", "legal_basis", "register_number"):
        if not getattr(draft, name).strip():
            yield Fault(name, f"round.{name}_missing")


def _groups(draft: RoundDraft, rulebook: Rulebook) -> Iterator[Fault]:
    """Yield faults of the peer groups."""
    known = {group.key for group in rulebook.peer_groups}
    if not draft.groups and not draft.targets:
        yield Fault("groups", "round.groups_missing")
    if set(draft.groups) - known:
        yield Fault("groups", "round.group_unknown")
    if set(draft.unranked) - set(draft.groups):
        yield Fault("unranked", "round.unranked_unknown")


def _numbers(draft: RoundDraft, rulebook: Rulebook) -> Iterator[Fault]:
    """Yield numbers out of their range."""
    ranges = {
        "covert_percent": (0, _WHOLE),
        "visits_per_window": (1, _MOST_VISITS),
        "visits_per_unit": (1, _MOST_VISITS),
        "due_hours": (1, _MOST_HOURS),
        "max_tasks": (1, rulebook.rounds.maximum_tasks_per_member),
        "double_percent": (0, _MOST_DOUBLES),
    }
    for name, (low, high) in ranges.items():
        if not low <= getattr(draft, name) <= high:
            yield Fault(name, "round.out_of_range", {"low": low, "high": high})


def _chosen(draft: RoundDraft) -> Iterator[Fault]:
    """Yield faults of chosen places: only some kinds choose, and claims need a free choice."""
    if draft.kind in _CHOSEN and not draft.targets:
        yield Fault("targets", "round.targets_missing")
    if draft.kind not in _CHOSEN and draft.targets and not draft.figured:
        yield Fault("targets", "round.targets_unasked")
    if any(not 0 < visits <= _MOST_VISITS for visits in draft.targets.values()):
        yield Fault("targets", "round.out_of_range", {"low": 1, "high": _MOST_VISITS})
    if draft.double_percent and draft.kind is RoundKind.REVISIT:
        yield Fault("double_percent", "round.out_of_range", {"low": 0, "high": 0})
    if draft.claims and draft.kind is RoundKind.TARGETED:
        yield Fault("claims", "round.targeted_claims")


def chosen(draft: RoundDraft, places: Sequence[Place]) -> list[Place]:
    """Return the places that a plan visits: those chosen, with their visits, or all of them.

    A chosen unit that has windows stands for all of its windows.
    """
    if not draft.targets:
        return list(places)
    demands = {
        place.code: draft.targets.get(place.code) or draft.targets.get(place.unit_code, 0)
        for place in places
    }
    return [
        msgspec.structs.replace(place, demand=demands[place.code])
        for place in places
        if demands[place.code]
    ]


def double_visits(places: Sequence[Place], percent: int) -> int:
    """Return how many visits are made blindly by a second member: the share, once a place."""
    total = sum(place.demand for place in places)
    return min(len(places), (total * percent * 2 + _WHOLE) // (2 * _WHOLE))


def covert_visits(places: Sequence[Place], percent: int) -> int:
    """Return how many visits will be covert: the share of all, but only where a place is fit."""
    total = sum(place.demand for place in places)
    fit = sum(place.demand for place in places if place.covert_ok)
    return min(fit, (total * percent * 2 + _WHOLE) // (2 * _WHOLE))


def capacity(
    draft: RoundDraft, rulebook: Rulebook, places: Sequence[Place], members: int
) -> Capacity:
    """Return what a plan covers by peer group, and what it asks of the qualified members."""
    of_group: dict[str, list[Place]] = defaultdict(list)
    for place in places:
        of_group[place.peer_group].append(place)
    doubles = double_visits(places, draft.double_percent)
    tasks = sum(place.demand for place in places) + doubles
    groups = draft.groups or tuple(sorted(of_group))
    return Capacity(
        groups=tuple(_coverage(key, of_group[key], draft, rulebook) for key in groups),
        members=members,
        max_tasks=draft.max_tasks,
        tasks=tasks,
        covert=covert_visits(places, draft.covert_percent),
        minimum_load=tasks // members if members else 0,
        maximum_load=-(-tasks // members) if members else 0,
        doubles=doubles,
        cost_hundredths=tasks * rulebook.rounds.visit_cost_hundredths,
    )


def _coverage(
    key: str, places: Sequence[Place], draft: RoundDraft, rulebook: Rulebook
) -> GroupCoverage:
    return GroupCoverage(
        key=key,
        units=len({place.unit_id for place in places}),
        windows=sum(place.window_id is not None for place in places),
        bare_units=sum(place.window_id is None for place in places),
        visits=sum(place.demand for place in places),
        # what was planned from the last ranking adds to the year's visits: that reaches the minimum
        minimum=1 if draft.figured else rulebook.rounds.visits_per_window,
        least=min((place.demand for place in places), default=0),
        ranked=draft.kind in _COUNTED
        and key not in draft.unranked
        and rulebook.peer_group(key).ranked,
        weeks=_forecast(draft, sum(place.demand for place in places)),
    )


def _forecast(draft: RoundDraft, visits: int) -> tuple[int, ...]:
    """Spread visits evenly over the weeks in which tasks fall due."""
    due = due_dates(draft)
    counts = [0] * weeks(draft.starts, draft.ends)
    for number in range(len(due)):
        share = visits // len(due) + (number < visits % len(due))
        counts[week_of(due[number], draft.starts, draft.ends)] += share
    return tuple(counts)


def may_change(view: RoundView) -> None:
    """Refuse to change a plan that somebody approved."""
    if view.state is not RoundState.DRAFT:
        raise Conflict("round.state_changed")


def may_revise(view: RoundView, draft: RoundDraft) -> None:
    """Refuse to change an approved plan, its kind, or places that followed from figures."""
    may_change(view)
    before = view.draft
    if (draft.kind, draft.parent) != (before.kind, before.parent):
        raise Conflict("round.kind_fixed")
    if before.figured and dict(draft.targets) != dict(before.targets):
        raise Conflict("round.targets_fixed")


def may_approve(view: RoundView, found: Capacity, at: datetime) -> None:
    """Refuse a plan that lacks disclosure, coverage or capacity, or whose time is over."""
    may_change(view)
    draft = view.draft
    if draft.ends <= at:
        raise Invalid("round.ends_in_past", Fault("ends", "round.ends_in_past"))
    today = at.astimezone(SHANGHAI).date()
    disclosed = bool(draft.disclosure.strip()) and draft.disclosed_on is not None
    if view.covert and not (disclosed and draft.disclosed_on and draft.disclosed_on <= today):
        raise Invalid("round.no_disclosure", Fault("disclosure", "round.no_disclosure"))
    if not found.tasks:
        raise Invalid("round.no_places", Fault("groups", "round.no_places"))
    thin = [group for group in found.groups if group.thin]
    if thin:
        raise Invalid(
            "round.under_minimum",
            *(
                Fault(
                    "unranked",
                    "round.group_under_minimum",
                    {
                        "group": group.key,
                        "least": group.least,
                        "minimum": group.minimum,
                    },
                )
                for group in thin
            ),
        )
    fits(found)


def fits(found: Capacity) -> None:
    """Refuse more tasks than the members may get."""
    if found.tasks > found.room:
        raise Invalid(
            "round.over_capacity",
            tasks=found.tasks,
            room=found.room,
            members=found.members,
            max_tasks=found.max_tasks,
        )


def in_state(view: RoundView, state: RoundState) -> None:
    """Refuse a step that does not follow from the round's state."""
    if view.state is not state:
        raise Conflict("round.state_changed")


def may_cancel(view: RoundView, reason: str) -> None:
    """Refuse to cancel what is over, or without a reason that the public is told."""
    if view.state not in _CANCELLABLE:
        raise Conflict("round.state_changed")
    if not reason.strip():
        raise Invalid("round.faults", Fault("reason", "round.reason_missing"))
    if len(reason) > _LONGEST_REASON:
        raise Invalid("round.faults", Fault("reason", "task.too_long", {"limit": _LONGEST_REASON}))


def closing(ends: datetime, rulebook: Rulebook) -> datetime:
    """Return when a round may be closed: its end with the days of grace."""
    return ends + timedelta(days=rulebook.rounds.grace_days)


def may_close(view: RoundView, at: datetime) -> None:
    """Refuse to close a round before its end and grace are over."""
    in_state(view, RoundState.RUNNING)
    if at < view.closes_at:
        raise Conflict("round.grace_runs", until=view.closes_at.date().isoformat())


def due_dates(draft: RoundDraft) -> list[datetime]:
    """Return the ends of the weeks that leave visitors time enough; at least the round's end."""
    ends = [
        min(draft.ends, draft.starts + timedelta(days=7 * (week + 1), seconds=-1))
        for week in range(weeks(draft.starts, draft.ends))
    ]
    first = draft.starts + _FIRST_DUE - timedelta(seconds=1)
    return [end for end in ends if end >= first] or [draft.ends]


def weeks(starts: datetime, ends: datetime) -> int:
    """Return how many weeks a round touches, counted from its start."""
    return max(1, -(-(ends - starts) // timedelta(days=7)))


def week_of(moment: datetime, starts: datetime, ends: datetime) -> int:
    """Return the week (from 0) of a round that ends with, or contains, a moment."""
    week = -(-(moment - starts) // timedelta(days=7)) - 1
    return min(max(week, 0), weeks(starts, ends) - 1)
