"""Decisions about the public notice: until when, who takes whose place, when it is over; pure."""

from __future__ import annotations

import datetime as dt
import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Final

from panel import chance
from panel.errors import Conflict, Fault, Invalid, Missing
from panel.recruitment.types.campaigns import CampaignState
from panel.recruitment.types.lottery import Quota
from panel.recruitment.types.notice import (
    Candidate,
    Firm,
    NoticedState,
    Overview,
    Replacement,
)
from panel.rulebook.types import GroupQuota, Recruitment, Rulebook
from panel.workdays import SHANGHAI, Calendar, deadline

_WHOLE: Final = 100
_PLACE: Final = 3
"""Characters of the shortest name of a community or workplace."""


def _calendar(rulebook: Rulebook) -> Calendar:
    return Calendar(
        version=rulebook.calendar_version,
        holidays=frozenset(rulebook.holidays),
        workdays=frozenset(rulebook.workdays),
    )


def closes_at(at: dt.datetime, rulebook: Rulebook) -> dt.datetime:
    """Return the last moment of a notice that begins now: working days of the city's calendar."""
    limit = rulebook.deadline("public_notice")
    return deadline(at, limit.amount, limit.unit, _calendar(rulebook))


def split(
    campaign: str, categories: Mapping[str, str], groups: Sequence[GroupQuota], cohorts: int
) -> dict[str, int]:
    """Deal the seats' tickets to the cohorts in turn, category by category.

    The order inside a category follows from the published tickets alone, so that anybody can
    repeat it. Turns go on from one category to the next, those of firm groups first: every
    category and group is shared as evenly as whole people can be.
    """
    seed = chance.digest({"campaign": campaign, "cohorts": cohorts, "tickets": sorted(categories)})
    firm = {
        value
        for group in groups
        if group.hard and group.feature == "category"
        for value in group.values
    }
    found: dict[str, int] = {}
    for category in sorted(set(categories.values()), key=lambda each: (each not in firm, each)):
        mine = [ticket for ticket, value in categories.items() if value == category]
        for ticket in chance.order(seed, mine):
            found[ticket] = len(found) % cohorts + 1
    return found


def decide_by(at: dt.datetime, rulebook: Rulebook) -> dt.datetime:
    """Return until when an objection of this moment should be decided."""
    limit = rulebook.deadline("objection_decision")
    return deadline(at, limit.amount, limit.unit, _calendar(rulebook))


def firm_shares(recruitment: Recruitment) -> tuple[Firm, ...]:
    """Return the quotas that never give way, as shares of whatever size the panel has."""
    single = [
        Firm(each.feature, (each.value,), each.minimum_percent)
        for each in recruitment.quotas
        if each.hard
    ]
    return (*firm_groups(recruitment), *single)


def firm_groups(recruitment: Recruitment) -> tuple[Firm, ...]:
    """Return the group quotas that every appointment must keep."""
    return tuple(
        Firm(each.feature, each.values, each.minimum_percent)
        for each in recruitment.groups
        if each.hard
    )


def replacements(
    vacant: Sequence[Candidate],
    reserve: Sequence[Candidate],
    staying: Sequence[Candidate],
    *,
    size: int,
    firm: Sequence[Firm],
    soft: Sequence[Quota],
    beside: Sequence[Candidate] = (),
) -> Replacement:
    """Choose from the reserve, in the order drawn, who moves up for whom.

    Somebody of the same category comes first; among equals whoever keeps more of the soft
    quotas; then the order of the reserve. Nobody moves up with whom a firm share of a panel of
    ``size`` could no longer be reached, or whose home is represented already. ``beside`` are
    members who serve already and count for the firm shares alone.
    """
    seats = _Seats(beside, size + len(beside), firm)
    seats.counts.clear()
    for each in staying:
        seats.take(each)
    left = list(reserve)
    pairs: list[tuple[str, str]] = []
    unfilled: list[str] = []
    for gone in sorted(vacant, key=lambda each: each.ticket):
        fitting = [each for each in left if seats.fits(each)]
        if not fitting:
            unfilled.append(gone.ticket)
            continue
        best = min(
            fitting,
            key=lambda each: (
                each.features["category"] != gone.features["category"],
                _strain(each, seats.counts, soft),
            ),
        )
        left.remove(best)
        seats.take(best)
        pairs.append((gone.ticket, best.ticket))
    return Replacement(tuple(pairs), tuple(unfilled))


class _Seats:
    """Who sits so far, counted as the rule asks."""

    def __init__(self, people: Sequence[Candidate], size: int, firm: Sequence[Firm]) -> None:
        self.firm = firm
        self.most = [size - -(-size * share.percent // _WHOLE) for share in firm]
        self.others = [0] * len(firm)
        self.homes: set[str] = set()
        self.counts: Counter[tuple[str, str]] = Counter()
        for each in people:
            self.take(each)

    def take(self, one: Candidate) -> None:
        """Seat a person."""
        self.counts.update(one.features.items())
        self.homes.add(one.household)
        for place, share in enumerate(self.firm):
            self.others[place] += one.features[share.feature] not in share.values

    def fits(self, one: Candidate) -> bool:
        """Tell whether every firm share can still be reached with this person on the panel."""
        if one.household and one.household in self.homes:
            return False
        return all(
            one.features[share.feature] in share.values or others < most
            for share, others, most in zip(self.firm, self.others, self.most, strict=True)
        )


def _strain(one: Candidate, counts: Counter[tuple[str, str]], soft: Sequence[Quota]) -> int:
    """Weigh a person: one less for each quota that lacks people, one more for each full one."""
    strain = 0
    for quota in soft:
        if one.features.get(quota.feature) == quota.value:
            held = counts[quota.feature, quota.value]
            strain += (held >= quota.maximum) - (held < quota.minimum)
    return strain


def in_state(state: CampaignState, states: Sequence[CampaignState]) -> None:
    """Refuse what a campaign's state does not allow."""
    if state not in states:
        raise Conflict("notice.not_now")


def may_replace(overview: Overview) -> None:
    """Refuse a replacement where nobody is to be replaced or the reserve can't help."""
    if not overview.vacant:
        raise Conflict("notice.nothing_vacant")
    if not overview.fillable:
        raise Conflict("notice.reserve_exhausted", count=len(overview.vacant))


def may_close(overview: Overview, at: dt.datetime) -> None:
    """Refuse the end of a notice before its time, with an open objection, or with a gap.

    A gap that the reserve can't fill stands in nobody's way.
    """
    if not overview.counts.get(NoticedState.OPEN):
        raise Conflict("notice.nothing_open")
    if overview.running(at):
        raise Conflict("notice.running", until=day(overview.closes_at))
    nothing_pending(overview)


def nothing_pending(overview: Overview) -> None:
    """Refuse while an objection is open or somebody from the reserve could still move up."""
    if overview.open_objections:
        raise Conflict("notice.objections_open", count=overview.open_objections)
    if overview.fillable:
        raise Conflict("notice.vacant", count=overview.fillable)


def day(moment: dt.datetime | None) -> str:
    """Return the day of a moment as the city's clocks show it."""
    return "" if moment is None else moment.astimezone(SHANGHAI).date().isoformat()


def may_be_seen(state: CampaignState, overview: Overview) -> None:
    """Hide a notice that does not exist yet: for the public there is none."""
    if state is CampaignState.CANCELLED or not overview.batches:
        raise Missing("notice.unknown")


def check_place(place: str) -> str:
    """Return the name of a community or workplace fit for comparing; refuse one too short."""
    tidy = comparable(place)
    if len(tidy) < _PLACE:
        raise Invalid("form.faults", Fault("place", "notice.place_short", {"least": _PLACE}))
    return tidy


def comparable(text: str) -> str:
    """Bring an address or employer to one form: half width, small letters, no gaps."""
    return "".join(unicodedata.normalize("NFKC", text).casefold().split())
