"""Decisions about runs of the lottery: what may follow what, and who must agree."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Sequence
from typing import Final

import msgspec

from panel import chance
from panel.errors import Conflict, Fault, Invalid, Value
from panel.recruitment.rules import lottery
from panel.recruitment.types.campaigns import CampaignState, CampaignView, Phase, SeatKind
from panel.recruitment.types.lottery import DrawPlan, PoolEntry
from panel.recruitment.types.runs import (
    LISTS,
    Demand,
    DemandKind,
    Frozen,
    Game,
    LotteryView,
    Method,
    Pick,
    Reading,
    RunKind,
    RunState,
    Source,
    SourceKind,
)
from panel.roster.types import SheetRow
from panel.workdays import SHANGHAI

_LONGEST: Final = 1000
"""Characters of a written reason."""
_LINE: Final = 200
_MOST_FAULTS: Final = 50
_CLOSED: Final = 60
"""Days of a year on which the daily lotteries may not have drawn, holidays and worse."""
_ISSUE: Final = re.compile(r"20[0-9]{5}")
"""A year and the issue's number in it, as both lotteries print it."""
_PLACES: Final = {
    "席位": "seat", "正式": "seat", "是": "seat", "候补": "reserve", "seat": "seat",
    "reserve": "reserve",
}  # fmt: skip
"""What an office writes for a place."""
_TEST_PHASES: Final = (Phase.CLOSED, Phase.SCREENING, Phase.SELECTING)


def may_start(
    campaign: CampaignView, kind: RunKind, method: Method, frozen: Frozen | None, at: dt.datetime
) -> None:
    """Refuse a run before the closing moment, and a real one before the roster is frozen."""
    if kind is RunKind.TEST:
        if campaign.phase(at) not in _TEST_PHASES:
            raise Conflict("lottery.not_yet")
        if not by_number(method):
            raise Conflict("lottery.no_test")
    elif campaign.state is not CampaignState.SELECTING or frozen is None:
        raise Conflict("lottery.not_yet")


def by_number(method: Method) -> bool:
    """Tell whether a method makes numbered lists of which an announced number names one."""
    return method in {Method.LEXIMIN, Method.STRATIFIED}


def check_lists(lists: int) -> None:
    """Refuse a number of lists that three digits cannot name."""
    if not 1 <= lists <= LISTS:
        raise Invalid("lottery.lists", most=LISTS)


def enough(method: Method, eligible: int, seats: int) -> None:
    """Refuse to draw where there are too few, or to do without a draw where there are enough."""
    if by_number(method) and eligible < seats:
        raise Conflict("lottery.too_few", eligible=eligible, seats=seats)
    if not by_number(method) and not 1 <= eligible <= seats:
        raise Conflict("lottery.not_few", eligible=eligible, seats=seats)


def seed(campaign: CampaignView, kind: RunKind, root: str, plan: DrawPlan, method: Method) -> str:
    """Return the seed of the lists: it follows from what was fixed, so nobody can try for another.

    It decides how lists are put together, never which one counts: that is the announced number's.
    """
    return chance.digest(
        {
            "version": 1,
            "campaign": campaign.code,
            "criteria": campaign.criteria_hash,
            "kind": kind.value,
            "method": method.value,
            "root": root,
            "plan": msgspec.to_builtins(plan),
        }
    )


def check_reason(reason: str) -> str:
    """Return a written reason, which must not be empty nor endless."""
    text = reason.strip()
    if not text:
        raise Invalid("form.faults", Fault("reason", "form.required"))
    if len(text) > _LONGEST:
        raise Invalid("form.faults", Fault("reason", "form.too_long", {"most": _LONGEST}))
    return text


def may_publish(view: LotteryView, source: Source | None, at: dt.datetime) -> Source | None:
    """Return the announced source in its tidy form; refuse an unfit run or an idle promise."""
    if view.kind is not RunKind.REAL or view.state is not RunState.LISTED:
        raise Conflict("lottery.changed")
    if not by_number(view.method):
        return None
    if source is None:
        raise Invalid("form.faults", Fault("kind", "form.required"))
    return check_source(source, at)


def _fits(issue: str, on: dt.date) -> bool:
    """Tell whether an issue can be drawn on a day: one a day, some days of the year none."""
    number = int(issue[4:])
    day = on.timetuple().tm_yday
    return int(issue[:4]) == on.year and max(1, day - _CLOSED) <= number <= day


def check_source(source: Source, at: dt.datetime) -> Source:
    """Return a source in its tidy form; its number must not be known to anybody yet."""
    today = at.astimezone(SHANGHAI).date()
    issue = _digits(source.issue)
    faults = []
    if source.kind is SourceKind.LOTTERY:
        if source.game not in set(Game):
            faults.append(Fault("game", "form.required"))
        if not _ISSUE.fullmatch(issue):
            faults.append(Fault("issue", "lottery.issue"))
        elif not _fits(issue, source.on):
            faults.append(Fault("issue", "lottery.issue_day"))
        if source.on <= today:  # today's number may be known within the hour
            faults.append(Fault("on", "lottery.source_too_early"))
    else:
        issue = ""
        if not source.office.strip():
            faults.append(Fault("office", "form.required"))
        if source.on < today:
            faults.append(Fault("on", "lottery.source_too_early"))
    faults += [
        Fault(name, "form.too_long", {"most": _LINE})
        for name in ("office", "place")
        if len(getattr(source, name)) > _LINE
    ]
    if faults:
        raise Invalid("form.faults", *faults)
    lottery = source.kind is SourceKind.LOTTERY
    return Source(
        kind=source.kind,
        on=source.on,
        game=source.game if lottery else "",
        issue=issue,
        office="" if lottery else source.office.strip(),
        place="" if lottery else source.place.strip(),
    )


def _digits(text: str) -> str:
    return unicodedata.normalize("NFKC", text).strip()


def next_issue(issue: str, following: str) -> bool:
    """Tell whether one issue follows another: the next number, or the first of the next year."""
    first = f"{int(issue[:4]) + 1}001"
    return following in {str(int(issue) + 1).zfill(len(issue)), first}


def may_read(view: LotteryView, reading: Reading, at: dt.datetime) -> Reading:
    """Return a reading in its tidy form; refuse one before its day or of another issue."""
    source = view.source
    if view.state is not RunState.PUBLISHED or source is None:
        raise Conflict("lottery.changed")
    if view.demand is not None:
        raise Conflict("lottery.demanded")
    if at.astimezone(SHANGHAI).date() < source.on:
        raise Conflict("lottery.too_early", on=source.on.isoformat())
    issue, document = _digits(reading.issue), reading.document.strip()
    faults = []
    if source.kind is SourceKind.LOTTERY:
        document = ""
        if issue != source.issue:
            faults.append(Fault("issue", "lottery.other_issue", {"issue": source.issue}))
    else:
        issue = ""
        if not document or len(document) > _LINE:
            faults.append(Fault("document", "form.required"))
    if faults:
        raise Invalid("form.faults", *faults)
    value = _digits(reading.value)
    try:
        lottery.list_number(value, view.lists)
    except Invalid as refusal:
        fault = Fault("value", refusal.code, refusal.values)
        raise Invalid("form.faults", fault) from refusal
    return Reading(issue, value, document)


def agree(mine: Reading, others: Sequence[Reading]) -> bool:
    """Tell whether somebody else read exactly the same; a difference is no agreement."""
    return mine in others


def may_demand(view: LotteryView, demand: Demand, at: dt.datetime, *, read: bool) -> Demand:
    """Return a wish to void a run or to pass an issue over, or refuse it.

    A number that is known can't be disliked away: no issue is passed over whose number somebody
    has entered, and only for one that is still to be drawn; nothing is void once it has its number.
    """
    reason = check_reason(demand.reason)
    if view.kind is not RunKind.REAL or view.state not in {RunState.LISTED, RunState.PUBLISHED}:
        raise Conflict("lottery.changed")
    source, today = view.source, at.astimezone(SHANGHAI).date()
    if demand.kind is DemandKind.VOID:
        drawn = source is not None and source.kind is SourceKind.LOTTERY and today >= source.on
        if read or drawn:
            raise Conflict("lottery.number_known")
        return msgspec.structs.replace(demand, reason=reason, issue="", on=None)
    if source is None or source.kind is not SourceKind.LOTTERY:
        raise Conflict("lottery.changed")
    if read:
        raise Conflict("lottery.number_known")
    issue = _digits(demand.issue)
    faults = []
    if not _ISSUE.fullmatch(issue) or not next_issue(source.issue, issue):
        faults.append(Fault("issue", "lottery.not_next"))
    if demand.on is None or demand.on <= max(source.on, today):
        faults.append(Fault("on", "lottery.source_too_early"))
    elif not faults and not _fits(issue, demand.on):
        faults.append(Fault("issue", "lottery.issue_day"))
    if faults:
        raise Invalid("form.faults", *faults)
    return msgspec.structs.replace(demand, reason=reason, issue=issue)


def after(source: Source, demand: Demand) -> Source:
    """Return the source with its next issue; the one that fell out stays listed."""
    return msgspec.structs.replace(
        source,
        issue=demand.issue,
        on=demand.on or source.on,
        passed=(*source.passed, (source.issue, demand.reason)),
    )


def firm(plan: DrawPlan, people: Sequence[PoolEntry]) -> tuple[str, ...]:
    """Name the firm quotas that a panel of exactly these people would break."""
    size = len(people)
    broken = []
    for group in plan.groups:
        share = -(-group.minimum * size // plan.seats)
        held = sum(_carries(each, group.feature, group.values) for each in people)
        if group.hard and held < share:
            broken.append(group.name)
    for quota in plan.quotas:
        held = sum(_carries(each, quota.feature, (quota.value,)) for each in people)
        lowest = -(-quota.minimum * size // plan.seats)
        highest = quota.maximum * size // plan.seats
        if quota.hard and not lowest <= held <= highest:
            broken.append(quota.name)
    return tuple(broken)


def soft(plan: DrawPlan, people: Sequence[PoolEntry]) -> tuple[str, ...]:
    """Name the other quotas that a panel of exactly these people would break, in proportion."""
    size = len(people)
    broken = []
    for quota in plan.quotas:
        held = sum(_carries(each, quota.feature, (quota.value,)) for each in people)
        lowest = quota.minimum * size // plan.seats
        highest = -(-quota.maximum * size // plan.seats)
        if not quota.hard and not lowest <= held <= highest:
            broken.append(quota.name)
    return tuple(broken)


def _carries(person: PoolEntry, feature: str, values: Sequence[str]) -> bool:
    return any(name == feature and value in values for name, value in person.features)


def everybody(plan: DrawPlan, people: Sequence[PoolEntry], seed: str) -> list[str]:
    """Return the tickets of all who can be taken together: one for each shared address, by lot."""
    homes: set[str] = set()
    taken = []
    by_ticket = {each.ticket: each for each in people}
    for ticket in chance.order(seed, [each.ticket for each in people]):
        home = by_ticket[ticket].household
        if home is None or home not in homes:
            taken.append(ticket)
        homes |= {home} if home else set()
    chosen = [by_ticket[ticket] for ticket in sorted(taken)]
    if broken := firm(plan, chosen):
        raise Conflict("lottery.firm_quota", quotas=broken)
    return [each.ticket for each in chosen]


def picks(rows: Sequence[SheetRow]) -> list[Pick]:
    """Return the choice that a sheet holds: a row without a place is a person not chosen."""
    return [
        Pick(
            ticket=row.cells.get("报名号", ""),
            kind=_PLACES.get(row.cells["席位"].strip(), row.cells["席位"].strip()),
            reason=row.cells.get("理由", ""),
            row=row.number,
        )
        for row in rows
        if row.cells.get("席位", "").strip()
    ]


def check_picks(
    plan: DrawPlan, people: Sequence[PoolEntry], picks: Sequence[Pick]
) -> tuple[list[Pick], list[Pick]]:
    """Return the organiser's seats and reserves; every person needs a reason and must be eligible.

    Firm quotas and one seat for each address hold as in any draw.
    """
    by_ticket = {each.ticket: each for each in people}
    faults: list[Fault] = []
    seen: set[str] = set()
    for pick in picks:
        row: dict[str, Value] = {"row": pick.row}
        if pick.ticket not in by_ticket:
            faults.append(Fault("ticket", "lottery.not_eligible", row))
        elif pick.ticket in seen:
            faults.append(Fault("ticket", "lottery.named_twice", row))
        if pick.kind not in {SeatKind.SEAT.value, SeatKind.RESERVE.value}:
            faults.append(Fault("kind", "lottery.no_place", row))
        if not 1 <= len(pick.reason.strip()) <= _LONGEST:
            faults.append(Fault("reason", "lottery.no_reason", row))
        seen.add(pick.ticket)
    seats = [each for each in picks if each.kind == SeatKind.SEAT.value]
    reserves = [each for each in picks if each.kind == SeatKind.RESERVE.value]
    if not faults and not 1 <= len(seats) <= plan.seats:
        faults.append(Fault("kind", "lottery.seats", {"seats": plan.seats}))
    if faults:
        raise Invalid("lottery.picks", *faults[:_MOST_FAULTS])
    chosen = [by_ticket[each.ticket] for each in seats]
    homes = [each.household for each in chosen if each.household]
    if len(homes) != len(set(homes)):
        raise Conflict("lottery.shared_address")
    if broken := firm(plan, chosen):
        raise Conflict("lottery.firm_quota", quotas=broken)
    return seats, reserves
