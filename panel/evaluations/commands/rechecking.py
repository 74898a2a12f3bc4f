"""Sheets of a dismissed member: they stay, and a reviewer looks at each again."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from panel.actor import Actor
from panel.audit.commands import entry
from panel.db import raw
from panel.errors import Conflict
from panel.evaluations import queries, rules
from panel.evaluations.tables import Submission
from panel.evaluations.types import Flag, SheetState
from panel.ids import Code
from panel.visits import queries as visits


async def recheck(members: Sequence[Code]) -> int:
    """Put the accepted sheets of members before a reviewer again; joins the caller's command.

    The history is told nothing here: an entry with a member and sheets would join the two.
    """
    total = 0
    for view in await visits.rounds():
        if view.drawn_at is None:
            continue
        links = list(visits.links(members, view.code))
        marks = ", ".join("{}" for _ in links)
        rows = await raw(
            "SELECT s.id, s.flags FROM sheet_submission s JOIN visit_task t ON t.id = s.task "
            f"WHERE t.round = {{}} AND t.visitor IN ({marks}) AND s.state = {{}}",
            view.id,
            *links,
            SheetState.ACCEPTED,
        )
        for row in rows:
            flags = [each for each in row["flags"].split(",") if each]
            if Flag.RECHECK not in flags:
                joined = ",".join([*flags, Flag.RECHECK])
                await Submission.update({Submission.flags: joined}).where(
                    Submission.id == row["id"]
                )
                total += 1
    return total


async def keep(actor: Actor, code: Code, *, at: datetime) -> None:
    """Let a sheet that was looked at again stand as it stood."""
    async with entry(actor, "evaluations.keep", at=at) as note:
        sheet = await queries.submission(code)
        own = await queries.own_links(actor.person, sheet.task.round_code)
        rules.may_review(sheet, actor, own)
        rules.may_keep(sheet)
        before = ",".join(sheet.flags)
        after = ",".join(each for each in sheet.flags if each is not Flag.RECHECK)
        done = (
            await Submission.update({Submission.flags: after})
            .where(
                Submission.id == sheet.id, Submission.flags == before, Submission.void_reason == ""
            )
            .returning(Submission.id)
        )
        if not done:
            raise Conflict("sheet.decided")
        note.about("sheet", code, kept=True)
