"""What the worker can do: jobs by kind, and those that come back by themselves."""

from __future__ import annotations

import datetime as dt
from typing import Any

from panel import db
from panel.accounts import commands as accounts
from panel.assessments.commands import deadlines as orders
from panel.evaluations import commands as evaluations
from panel.evaluations.commands import clocks as findings
from panel.evaluations.commands import dryrun, telling
from panel.ids import Code
from panel.members import commands as members
from panel.rankings.commands import ASSESSMENT, RELEASE, appeals, overdue
from panel.recruitment import commands as recruitment
from panel.recruitment.commands import (
    deletion,
    drafts,
    imports,
    lottery,
    nominations,
    notice,
    terms,
)
from panel.reports.commands import archive, bulletins
from panel.roster.commands import posters as poster_files
from panel.settings import Settings
from panel.visits import commands as visits
from web import archives, messages, posters, release
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
    """Let nominations lapse that nobody consented to; forget old drafts."""
    del settings, payload
    await nominations.lapse_due(at=at)
    await drafts.expire(at=at)


async def import_sheet(settings: Settings, payload: dict[str, Any], at: dt.datetime) -> None:
    """Take in a sheet of applications, or go on with one that a stopped worker left."""
    del settings
    await imports.proceed(Code(payload["run"]), at=at)


async def dry_run(settings: Settings, payload: dict[str, Any], at: dt.datetime) -> None:
    """Judge the sheets of the last round by measures that are being written."""
    del settings
    await dryrun.proceed(str(payload["hash"]), at=at)


async def look_after_vetting(settings: Settings, payload: dict[str, Any], at: dt.datetime) -> None:
    """Let unanswered questions lapse; compare with the staff lists once a quarter."""
    del settings, payload
    await recruitment.lapse_questions(at=at)
    await recruitment.compare_due(at=at)


async def make_lists(settings: Settings, payload: dict[str, Any], at: dt.datetime) -> None:
    """Make the next lists of a lottery; the turn after that is enqueued with them."""
    del settings
    await lottery.advance(Code(payload["lottery"]), done=payload["done"], at=at)


async def close_notices(settings: Settings, payload: dict[str, Any], at: dt.datetime) -> None:
    """End the public notices whose time is over and that nothing holds up."""
    del settings, payload
    await notice.close_due(at=at)


async def end_terms(settings: Settings, payload: dict[str, Any], at: dt.datetime) -> None:
    """End terms whose last day has passed, and remind the members whose last day is near."""
    del settings, payload
    await terms.expire_due(at=at)
    await terms.remind_due(at=at)


async def erase_applicants(settings: Settings, payload: dict[str, Any], at: dt.datetime) -> None:
    """Delete what is kept of unsuccessful applicants when its time is over."""
    del settings, payload
    await deletion.erase_applicants(at=at)


async def weigh(settings: Settings, payload: dict[str, Any], at: dt.datetime) -> None:
    """Compare the sheets that wait for a reviewer with those that count."""
    del settings, payload
    await evaluations.weigh(at=at)


async def escalate(settings: Settings, payload: dict[str, Any], at: dt.datetime) -> None:
    """Tell whom the deadlines of findings and orders reach; record a unit's silence."""
    del settings, payload
    await findings.escalate_due(at=at)
    await orders.escalate_due(at=at)


async def turn_appeals(settings: Settings, payload: dict[str, Any], at: dt.datetime) -> None:
    """Escalate late decisions on appeals and overdue hearings; end what is not asked for again."""
    del settings, payload
    await appeals.turn_clocks(at=at)
    await overdue.tell_overdue(at=at)


async def remind(settings: Settings, payload: dict[str, Any], at: dt.datetime) -> None:
    """Put reminders that are due into the outbox: of visits, of the course, of what units owe."""
    del settings, payload
    await visits.remind_due(at=at)
    await members.remind_of_training(at=at)
    await telling.tell_units(at=at)
    await orders.tell_units(at=at)


async def send_messages(settings: Settings, payload: dict[str, Any], at: dt.datetime) -> None:
    """Send the messages that are due."""
    del payload
    await messages.deliver(settings, at=at)


async def forget(settings: Settings, payload: dict[str, Any], at: dt.datetime) -> None:
    """Forget failed sign-ins and the keyed hashes of addresses after their day."""
    del settings, payload
    await accounts.forget(at=at)


async def forget_posters(settings: Settings, payload: dict[str, Any], at: dt.datetime) -> None:
    """Forget files of posters whose time is over; they can be made again."""
    del settings, payload
    await poster_files.expire(at=at)


async def publish_bulletins(settings: Settings, payload: dict[str, Any], at: dt.datetime) -> None:
    """Publish the circulars whose day has come."""
    del settings, payload
    await bulletins.publish_due(at=at)


async def look_beside_releases(
    settings: Settings, payload: dict[str, Any], at: dt.datetime
) -> None:
    """Take away names that stand beside a release once their time is over."""
    del payload
    await release.refresh(settings, at=at)


async def tidy(settings: Settings, payload: dict[str, Any], at: dt.datetime) -> None:
    """Let nothing of erased rows outlive the hour in the embedded database's log."""
    del settings, payload, at
    engine = db.engine()
    if isinstance(engine, db.SQLite):
        await engine.tidy()


KINDS: dict[str, Work] = {
    RELEASE: release.release_job,
    ASSESSMENT: release.assessment_job,
    imports.IMPORT: import_sheet,
    dryrun.JOB: dry_run,
    poster_files.JOB: posters.draw,
    archive.JOB: archives.pack,
    lottery.JOB: make_lists,
}
RECURRING: dict[str, Recurring] = {
    "visits.lapse": Recurring(lapse, dt.timedelta(minutes=5)),
    "members.lapse": Recurring(lapse_certificates, dt.timedelta(minutes=5)),
    "recruitment.lapse": Recurring(lapse_nominations, dt.timedelta(hours=1)),
    "recruitment.vetting": Recurring(look_after_vetting, dt.timedelta(hours=1)),
    "findings.clocks": Recurring(escalate, dt.timedelta(minutes=5)),
    "appeals.clocks": Recurring(turn_appeals, dt.timedelta(minutes=15)),
    "recruitment.notice": Recurring(close_notices, dt.timedelta(hours=1)),
    "terms.end": Recurring(end_terms, dt.timedelta(minutes=5)),
    "applicants.erase": Recurring(erase_applicants, dt.timedelta(hours=6)),
    "sheets.weigh": Recurring(weigh, dt.timedelta(minutes=10)),
    "visits.remind": Recurring(remind, dt.timedelta(minutes=15)),
    "messages.send": Recurring(send_messages, dt.timedelta(minutes=1)),
    "accounts.forget": Recurring(forget, dt.timedelta(hours=1)),
    "posters.expire": Recurring(forget_posters, dt.timedelta(hours=6)),
    "bulletins.publish": Recurring(publish_bulletins, dt.timedelta(minutes=15)),
    "releases.beside": Recurring(look_beside_releases, dt.timedelta(hours=1)),
    "db.tidy": Recurring(tidy, dt.timedelta(hours=1)),
}
