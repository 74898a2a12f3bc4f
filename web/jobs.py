"""What the worker can do: jobs by kind, and those that come back by themselves."""

from __future__ import annotations

import datetime as dt
from typing import Any

from panel import db
from panel.accounts import commands as accounts
from panel.members import commands as members
from panel.rankings.commands import ASSESSMENT, RELEASE
from panel.recruitment.commands import drafts, nominations
from panel.settings import Settings
from panel.visits import commands as visits
from web import release
from web.worker import Recurring, Work


async def lapse(settings: Settings, payload: dict[str, Any], at: dt.datetime) -> None:
    """Let unanswered offers lapse and offer them to the next in the draw."""
    del settings, payload
    await visits.lapse_due(at=at)


async def lapse_certificates(settings: Settings, payload: dict[str, Any], at: dt.datetime) -> None:
    """Send members whose certificate ran out back to the course and hand on what they had open."""
    del settings, payload
    await members.lapse_due(at=at)
    await visits.take_back_unfit(at=at)


async def lapse_nominations(settings: Settings, payload: dict[str, Any], at: dt.datetime) -> None:
    """Let nominations lapse that nobody consented to; forget drafts and nominators in time."""
    del settings, payload
    await nominations.lapse_due(at=at)
    await nominations.forget_due(at=at)
    await drafts.expire(at=at)


async def forget(settings: Settings, payload: dict[str, Any], at: dt.datetime) -> None:
    """Forget failed sign-ins and the keyed hashes of addresses after their day."""
    del settings, payload
    await accounts.forget(at=at)


async def tidy(settings: Settings, payload: dict[str, Any], at: dt.datetime) -> None:
    """Let nothing of erased rows outlive the hour in the embedded database's log."""
    del settings, payload, at
    engine = db.engine()
    if isinstance(engine, db.SQLite):
        await engine.tidy()


KINDS: dict[str, Work] = {RELEASE: release.release_job, ASSESSMENT: release.assessment_job}
RECURRING: dict[str, Recurring] = {
    "visits.lapse": Recurring(lapse, dt.timedelta(minutes=5)),
    "members.lapse": Recurring(lapse_certificates, dt.timedelta(minutes=5)),
    "recruitment.lapse": Recurring(lapse_nominations, dt.timedelta(hours=1)),
    "accounts.forget": Recurring(forget, dt.timedelta(hours=1)),
    "db.tidy": Recurring(tidy, dt.timedelta(hours=1)),
}
