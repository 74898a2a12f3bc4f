"""The organiser's own marks, from rounds that are over: nobody can watch a visit in them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from statistics import median_low

from panel.db import raw
from panel.evaluations import queries as evaluations
from panel.evaluations.types import SheetState
from panel.members import queries as members
from panel.rankings.queries import appeals
from panel.rankings.types import AppealFigures
from panel.reports.types import AppealMarks, RoundMarks, Scoreboard
from panel.rulebook import queries as rulebooks
from panel.visits import queries as visits
from panel.visits.queries import draws
from panel.visits.types import RoundView
from panel.workdays import SHANGHAI


async def scoreboard(year: int, *, at: datetime) -> Scoreboard:
    """Return the organiser's marks of a year."""
    hours = (await rulebooks.current()).rulebook.deadline("review").amount
    since = datetime(year, 1, 1, tzinfo=SHANGHAI).astimezone(UTC)
    until = datetime(year + 1, 1, 1, tzinfo=SHANGHAI).astimezone(UTC)
    over = [
        view
        for view in await visits.rounds()
        if view.closed_at is not None and since <= view.closed_at < until
    ]
    return Scoreboard(
        year=year,
        review_hours=hours,
        rounds=tuple([await _marks(view, hours, at) for view in over]),
        appeals=_sum(await appeals.appeal_figures(since=since, until=until, at=at)),
        composition=await members.composition(at),
    )


async def scored_years() -> list[int]:
    """Return the years in which a round was closed, the latest first."""
    years = {
        view.closed_at.astimezone(SHANGHAI).year
        for view in await visits.rounds()
        if view.closed_at is not None
    }
    return sorted(years, reverse=True)


async def _marks(view: RoundView, hours: int, at: datetime) -> RoundMarks:
    void = await evaluations.void_share(view.id)
    limit = timedelta(hours=hours)
    late = overdue = 0
    for row in await raw(
        "SELECT s.received_at, s.reviewed_at, s.state FROM sheet_submission s "
        "JOIN visit_task t ON t.id = s.task WHERE t.round = {}",
        view.id,
    ):
        waits = row["state"] in {SheetState.SUBMITTED, SheetState.HELD}
        until = at if waits else row["reviewed_at"]
        if until is not None and until - row["received_at"] > limit:
            late += not waits
            overdue += waits
    return RoundMarks(
        code=view.code,
        title=view.draft.title,
        title_en=view.draft.title_en,
        sheets=void.sheets,
        voided=void.voided,
        late=late,
        overdue=overdue,
        draw_holds=_holds(await visits.public_record(view)) if view.record_hash else None,
    )


@lru_cache(maxsize=64)
def _holds(record: bytes) -> bool:
    """Tell whether a published draw can be computed again; the same record is looked at once."""
    return all(holds for _, holds in draws.checks(record))


def _sum(found: Sequence[AppealFigures]) -> AppealMarks:
    days = sorted(day for each in found for day in each.days)
    return AppealMarks(
        filed=sum(each.filed for each in found),
        upheld=sum(each.upheld for each in found),
        partly=sum(each.partly for each in found),
        rejected=sum(each.rejected for each in found),
        inadmissible=sum(each.inadmissible for each in found),
        open=sum(each.open for each in found),
        overdue=sum(each.overdue for each in found),
        median_days=median_low(days) if days else None,
        longest_days=days[-1] if days else None,
    )
