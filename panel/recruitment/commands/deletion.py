"""Deletion of unsuccessful applicants' data when its time is over; counts and draws stay."""

from __future__ import annotations

import datetime as dt
from typing import Final

from panel import keys
from panel.actor import SYSTEM
from panel.audit.commands import entry
from panel.ids import Code, PersonId
from panel.members.rules import term_end
from panel.recruitment.commands.pool import forget_pool
from panel.recruitment.commands.rights import blank
from panel.recruitment.rules import rights as rules
from panel.recruitment.tables import (
    Application,
    ApplicationDraft,
    Campaign,
    ImportRun,
    Nomination,
    Objection,
)
from panel.recruitment.types.applications import ApplicationState
from panel.recruitment.types.terms import Cleared
from panel.rulebook import queries as rulebook
from panel.rulebook.types import Rulebook
from panel.vault import commands as vault
from panel.workdays import SHANGHAI

_PIECE: Final = 250
_REASON: Final = "right.kept_long_enough"
_WAITING: Final = (ApplicationState.SELECTED.value, ApplicationState.RESERVE.value)
"""Who may still move up into a seat that becomes free during the term."""


async def erase_applicants(*, at: dt.datetime) -> Cleared:
    """Delete what is kept of unsuccessful applicants after its time; return how many.

    Run as a job: in pieces, each one transaction and one entry, so that a stopped run goes on
    where it stood and a second one finds nothing to do. The reserve is kept until the end of the
    term into which it may move up.
    """
    applications = people = 0
    for row in await Campaign.select().where(
        Campaign.completed_at.is_not_null() | Campaign.cancelled_at.is_not_null()
    ):
        version = await rulebook.version(Code(row["rulebook"]))
        ended = row["cancelled_at"] or row["completed_at"]
        if at <= rules.kept_until(version.rulebook, ended):
            continue
        kept = [] if row["cancelled_at"] else _kept(row["term_start"], row["term_months"], at)
        while piece := await _piece(row["id"], kept, at=at):
            applications += piece.applications
            people += piece.people
        people += await _rest(row["id"], at=at)
        people += await _objectors(row["id"], version.rulebook, ended, at=at)
        await forget_pool(row["id"])
    return Cleared(applications, people)


def _kept(start: dt.date, months: int, at: dt.datetime) -> list[str]:
    """Return the states whose applications are kept on: members, and the reserve for a term."""
    running = at.astimezone(SHANGHAI).date() <= term_end(start, months)
    return [ApplicationState.APPOINTED.value, *(_WAITING if running else ())]


async def _piece(campaign: int, kept: list[str], *, at: dt.datetime) -> Cleared | None:
    """Delete the data of some applicants; nothing to do is None."""
    where = [Application.campaign == campaign, Application.erased_at.is_null()]
    if kept:
        where.append(Application.state.not_in(kept))
    rows = (
        await Application.select(Application.id, Application.code, Application.person)
        .where(*where)
        .order_by(Application.id)
        .limit(_PIECE)
    )
    if not rows:
        return None
    async with entry(SYSTEM, "recruitment.erase_applicants", at=at, reason=_REASON) as note:
        persons = [PersonId(row["person"]) for row in rows]
        people = await vault.erase_many(SYSTEM, persons, _REASON, at=at)
        await blank(note, [row["id"] for row in rows], at=at)
        note.bulk(
            "application", [keys.current().hash("audit", "erased", row["code"]) for row in rows]
        )
    return Cleared(len(rows), people)


async def _objectors(campaign: int, book: Rulebook, ended: dt.datetime, *, at: dt.datetime) -> int:
    """Delete who objected and what was said, once a decision has been readable long enough."""
    rows = await Objection.select(Objection.person, Objection.decided_at).where(
        Objection.campaign == campaign,
        Objection.decided_at.is_not_null(),
        Objection.person.erased_at.is_null(),
    )
    gone = [
        PersonId(row["person"])
        for row in rows
        if at > rules.kept_until(book, max(ended, row["decided_at"]))
    ]
    if not gone:
        return 0
    async with entry(SYSTEM, "recruitment.erase_objectors", at=at, reason=_REASON):
        return await vault.erase_many(SYSTEM, gone, _REASON, at=at)


async def _rest(campaign: int, *, at: dt.datetime) -> int:
    """Delete drafts, imported sheets, and nominations that led to nobody who is kept."""
    drafts = (
        await ApplicationDraft.select(ApplicationDraft.id)
        .where(ApplicationDraft.campaign == campaign)
        .limit(1)
    )
    sheets = await ImportRun.select(ImportRun.id).where(
        ImportRun.campaign == campaign,
        (ImportRun.sealed != b"") | (ImportRun.faults != b"") | (ImportRun.filename != ""),
    )
    living = await Application.select(Application.nomination).where(
        Application.campaign == campaign,
        Application.nomination.is_not_null(),
        Application.erased_at.is_null(),
    )
    named = await Nomination.select(
        Nomination.id, Nomination.code, Nomination.nominator, Nomination.nominee, Nomination.invited
    ).where(Nomination.campaign == campaign, Nomination.nominator.erased_at.is_null())
    kept = {row["nomination"] for row in living}
    gone = [row for row in named if row["id"] not in kept]
    if not drafts and not sheets and not gone:
        return 0
    async with entry(SYSTEM, "recruitment.erase_applicants", at=at, reason=_REASON) as note:
        await ApplicationDraft.delete().where(ApplicationDraft.campaign == campaign)
        # Faults quote cells, and offices write names into the names of files.
        await ImportRun.update(
            {ImportRun.sealed: b"", ImportRun.faults: b"", ImportRun.filename: ""}
        ).where(ImportRun.campaign == campaign)
        persons = {PersonId(row["nominator"]) for row in gone}
        for name in ("nominee", "invited"):
            persons |= {PersonId(row[name]) for row in gone if row[name] is not None}
        people = await vault.erase_many(SYSTEM, persons, _REASON, at=at)
        for row in gone:
            await Nomination.update({Nomination.post: "", Nomination.secret_hash: ""}).where(
                Nomination.id == row["id"]
            )
        note.bulk(
            "nomination", [keys.current().hash("audit", "erased", row["code"]) for row in gone]
        )
    return people
