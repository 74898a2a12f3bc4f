"""Decisions about appointing: when terms begin and end, who can be seated now; pure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from panel import chance
from panel.errors import Conflict
from panel.recruitment.rules.notice import nothing_pending
from panel.recruitment.types.campaigns import CampaignState
from panel.recruitment.types.notice import Candidate, Due, Firm, NoticedState, Overview
from panel.workdays import SHANGHAI

_WHOLE = 100


def first_day(planned: dt.date, at: dt.datetime) -> dt.date:
    """Return when a term begins: as planned, and never in the past."""
    return max(planned, at.astimezone(SHANGHAI).date())


def months_of(cohort: int, cohorts: int, months: int) -> int:
    """Return the length of a first term: of two cohorts the first serves half as long."""
    return months if cohort >= cohorts else max(1, months * cohort // cohorts)


def may_appoint(state: CampaignState, overview: Overview) -> None:
    """Refuse an appointment before the notice is over, or while anything is open."""
    if state not in {CampaignState.APPOINTING, CampaignState.COMPLETED}:
        raise Conflict("appointment.not_now")
    nothing_pending(overview)
    if overview.counts.get(NoticedState.OPEN):
        raise Conflict("appointment.noticed", count=overview.counts[NoticedState.OPEN])
    if not overview.counts.get(NoticedState.CLEARED):
        raise Conflict("appointment.nobody")


def seated(
    cleared: Sequence[Candidate],
    serving: Sequence[Candidate],
    firm: Sequence[Firm],
    campaign: str,
) -> tuple[list[Candidate], list[Candidate]]:
    """Return who can take a seat now, and who waits until a firm share allows it.

    Only people outside of a firm share ever wait, the last ones of an order that follows from
    the campaign and the tickets alone.
    """
    now = list(cleared)
    turns = chance.order(chance.digest(["waiting", campaign]), [each.ticket for each in cleared])
    place = {ticket: number for number, ticket in enumerate(turns)}
    waiting: list[Candidate] = []
    for share in firm:
        held = sum(each.features[share.feature] in share.values for each in (*serving, *now))
        loose = sorted(
            (each for each in now if each.features[share.feature] not in share.values),
            key=lambda each: place[each.ticket],
        )
        while loose and _WHOLE * held < share.percent * (len(serving) + len(now)):
            last = loose.pop()
            now.remove(last)
            waiting.append(last)
    return now, waiting


def may_complete(
    state: CampaignState, overview: Overview, *, members: int, unpledged: int, seatable: int
) -> None:
    """Refuse completion while anything is open, or until every member pledged and is certified.

    ``seatable`` are cleared people who could be appointed at once.
    """
    if state is not CampaignState.APPOINTING:
        raise Conflict("appointment.not_now")
    nothing_pending(overview)
    if overview.counts.get(NoticedState.OPEN):
        raise Conflict("appointment.noticed", count=overview.counts[NoticedState.OPEN])
    if not members:
        raise Conflict("appointment.nobody")
    if seatable:
        raise Conflict("appointment.not_all", count=seatable)
    if unpledged:
        raise Conflict("appointment.unpledged", count=unpledged)


def due(
    state: CampaignState,
    overview: Overview,
    at: dt.datetime,
    *,
    members: int,
    unpledged: int,
    seatable: int,
) -> Due:
    """Return the next thing to do: what holds up everything else comes first."""
    noticed = overview.counts.get(NoticedState.OPEN, 0)
    appointing = state is CampaignState.APPOINTING
    steps = (
        (Due.REPLACE, overview.fillable),
        (Due.DECIDE, overview.open_objections),
        (Due.WAIT, noticed and overview.running(at)),
        (Due.CLOSE, noticed),
        (Due.APPOINT, seatable),
        (Due.PLEDGES, appointing and unpledged),
        (Due.COMPLETE, appointing and members),
    )
    return next((step for step, waiting in steps if waiting), Due.NOTHING)
