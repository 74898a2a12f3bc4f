"""The procedure sheet, the end of the procedure, and the ways out of it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from panel.actor import Actor, Role, Signature, second_person
from panel.audit.commands import entry
from panel.db import Duplicate, insert_rows, savepoint
from panel.errors import Conflict
from panel.ids import Code
from panel.rankings import queries
from panel.rankings.commands import appeals, closing
from panel.rankings.commands.hearing import step
from panel.rankings.queries import appeals as cases
from panel.rankings.queries import lifecycle
from panel.rankings.queries.objections import unapplied
from panel.rankings.rules import appeals as judged
from panel.rankings.rules import lifecycle as rules
from panel.rankings.tables import ProcedureStep, Ranking
from panel.rankings.types import RankingState, RankingView, StepKey

_SEALED = ("ranking", "edition", "key", "signed_by", "signed_as", "document")


async def sign(
    actor: Actor,
    round: Code,  # noqa: A002
    steps: Sequence[StepKey],
    *,
    at: datetime,
    note: str = "",
    paper: Signature | None = None,
) -> None:
    """Sign steps of the procedure sheet that hold; a leader may have signed them on paper.

    Refuses what does not hold, what is signed, and the recount by who computed.
    """
    actor.require(Role.COORDINATOR, Role.PUBLISHER)
    async with entry(actor, "rankings.sign", at=at, paper=paper) as told:
        view = await queries.ranking(round)
        again = StepKey.DRAW_VERIFIED in steps
        sheet = await lifecycle.procedure(view, at=at, draws_too=again)
        rules.may_sign(view, sheet, steps, note)
        if StepKey.RECOUNT_AGREED in steps:
            second_person(view.computed_by, actor, paper)
        rows = [
            ProcedureStep(
                ranking=view.id,
                edition=lifecycle.edition_of(key, view),
                key=key.value,
                signed_by=actor.person,
                signed_as=paper.signer if paper else actor.name,
                signed_at=at,
                document=paper.document if paper else "",
                note=note.strip(),
            )
            for key in dict.fromkeys(steps)
        ]
        try:
            async with savepoint():
                numbers = await insert_rows(ProcedureStep, rows)
        except Duplicate as known:
            raise Conflict("procedure.signed", step=steps[0].value) from known
        for row, number in zip(rows, numbers, strict=True):
            row.id = number
            told.seal(row, *_SEALED)
        told.about("procedure", round, steps=",".join(steps), edition=view.edition)


async def finalise(actor: Actor, round: Code, *, at: datetime) -> RankingView:  # noqa: A002
    """Make lists final after their notice: each step signed, each objection decided."""
    actor.require(Role.COORDINATOR, Role.PUBLISHER)
    async with entry(actor, "rankings.finalise", at=at) as note:
        view = await queries.ranking(round)
        sheet = await lifecycle.procedure(view, at=at, draws_too=False)
        rules.may_finalise(view, sheet, await unapplied(view.id, view.edition))
        await step(note, view, RankingState.FINAL, {})
    return await queries.ranking(round)


async def correct(
    actor: Actor,
    round: Code,  # noqa: A002
    reason: str,
    *,
    at: datetime,
) -> RankingView:
    """Compute the next edition of a ranking because something in it was wrong.

    Before the publication it starts its way anew; a published one is superseded, stays readable
    under its banner, and its correction takes the place once it is recounted, told and signed.
    """
    actor.require(Role.COORDINATOR)
    async with entry(actor, "rankings.correct", at=at, reason=reason.strip()) as note:
        view = await closing.recompute(actor, round, reason, at=at)
        state = rules.reopened(view.state)
        columns = {
            Ranking.reason: reason.strip(),
            Ranking.notice_from: None,
            Ranking.notice_until: None,
        }
        await step(note, view, state, columns)
    return await queries.ranking(round)


async def carry_out(actor: Actor, appeal: Code, reason: str, *, at: datetime) -> RankingView:
    """Do what an upheld appeal against a ranking asks for: compute its whole group again.

    Refuses while a sheet that must be void still counts.
    """
    actor.require(Role.COORDINATOR)
    async with entry(actor, "rankings.carry_out", at=at, reason=reason.strip()):
        found = await cases.appeal(appeal)
        judged.may_apply(found, await cases.sheet_tasks(found))
        judged.of_ranking(found)
        view = await correct(actor, Code(found.subject), reason, at=at)
        await appeals.applied(actor, appeal, edition=view.edition, at=at)
    return view
