"""Hearing the units: notice, answer, reply."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from piccolo.custom_types import Combinable

from panel import entropy
from panel.accounts import queries as accounts
from panel.actor import Actor, Role
from panel.audit.commands import Note, entry
from panel.db import Duplicate, insert_rows, savepoint
from panel.errors import Conflict, Forbidden
from panel.ids import Code
from panel.notices import commands as notices
from panel.notices.types import MessageKind
from panel.rankings import queries
from panel.rankings.commands.closing import STEPS
from panel.rankings.queries import lifecycle as ways
from panel.rankings.rules import hearing as rules
from panel.rankings.rules import lifecycle
from panel.rankings.tables import Answer, Delivery, Ranking
from panel.rankings.types import AnswerState, AnswerView, RankingState, RankingView, Reply
from panel.roster import queries as roster
from panel.rulebook import queries as rulebooks
from panel.rulebook.types import Rulebook

_DELIVERED = ("ranking", "edition", "unit", "document")
_SEALED = ("code", "text", "filed_by", "state", "reply", "shown", "printed", "considered_by")


async def step(
    note: Note,
    view: RankingView,
    state: RankingState,
    columns: dict[Any, Any],
    *conditions: Combinable,
) -> None:
    """Move a ranking on if it is still where it was read; ``Conflict`` if somebody was faster."""
    changed = (
        await Ranking.update({Ranking.state: state, **columns})
        .where(
            Ranking.id == view.id,
            Ranking.state == view.state,
            # A later edition may stand in the same state; what was decided is not about it.
            Ranking.edition == view.edition,
            *conditions,
        )
        .returning(Ranking.id)
    )
    if not changed:
        raise Conflict("ranking.state_changed")
    row = await Ranking.objects().get(Ranking.id == view.id)
    if row is not None:
        note.seal(row, *STEPS)
    note.about("round", view.round_code, before=view.state.value, after=state.value)


async def notify(actor: Actor, round: Code, *, at: datetime) -> RankingView:  # noqa: A002
    """Show every unit its own line of a recounted edition and start its clocks; once an edition.

    After a later edition only those are told of whom a line changed. A correction's units are told
    before it is published.
    """
    actor.require(Role.COORDINATOR, Role.PUBLISHER)
    async with entry(actor, "rankings.notify", at=at) as note:
        view = await queries.ranking(round)
        state = lifecycle.may_notify(view, agreed=await ways.recounted(view))
        version = await rulebooks.version(view.rulebook_code)
        until = rules.answer_by(at, version.rulebook)
        told = await _deliver(note, view, version.rulebook, at=at)
        await step(note, view, state, {Ranking.notified_at: at, Ranking.answer_by: until})
        people = await accounts.liaisons(told)
        await notices.post(
            [person for unit in told for person in people.get(unit, [])],
            MessageKind.UNIT_WAITS,
            f"ranking {round} {view.edition}",
            at=at,
        )
    return await queries.ranking(round)


async def _deliver(note: Note, view: RankingView, book: Rulebook, *, at: datetime) -> list[Code]:
    """Keep that the units of an edition are told from now on; return which."""
    told = await ways.to_tell(view)
    ids = {unit.code: unit.id for unit in await roster.units()}
    presumed, until = lifecycle.delivered(at, book)
    rows = [
        Delivery(
            ranking=view.id,
            edition=view.edition,
            unit=ids[unit],
            posted_at=at,
            presumed_at=presumed,
            appeal_by=until,
        )
        for unit in told
    ]
    for row, number in zip(rows, await insert_rows(Delivery, rows), strict=True):
        row.id = number
        note.seal(row, *_DELIVERED)
    note.about("deliveries", view.round_code, edition=view.edition, units=len(rows))
    return told


async def answer(
    actor: Actor,
    round: Code,  # noqa: A002
    text: str,
    *,
    at: datetime,
) -> AnswerView:
    """File a unit's answer to its own line, once; ``Closed`` after the deadline."""
    actor.require(Role.LIAISON)
    if actor.unit is None:
        raise Forbidden("actor.no_unit")
    async with entry(actor, "rankings.answer", at=at) as note:
        own = await queries.own(actor.unit, round)
        rules.may_answer(own.ranking, text, at)
        unit = await roster.unit(actor.unit)
        row = Answer(
            code=entropy.code(),
            ranking=own.ranking.id,
            unit=unit.id,
            text=text.strip(),
            filed_by=actor.person,
            filed_at=at,
            state=AnswerState.OPEN,
        )
        try:
            async with savepoint():
                (row.id,) = await insert_rows(Answer, [row])
        except Duplicate as known:
            raise Conflict("hearing.answered") from known
        note.seal(row, *_SEALED)
        note.about("answer", row.code, unit=actor.unit, round=round)
    return await queries.answer(Code(row.code))


async def consider(actor: Actor, answer: Code, given: Reply, *, at: datetime) -> AnswerView:
    """Reply to a unit's answer in writing, once; what is printed of it was screened.

    The text that stands on the public page is kept as it was screened.
    """
    actor.require(Role.COORDINATOR, Role.PUBLISHER)
    async with entry(actor, "rankings.consider", at=at) as note:
        found = await queries.answer(answer)
        printed = rules.may_consider(await queries.ranking(found.round_code), found, given)
        changed = (
            await Answer.update(
                {
                    Answer.state: AnswerState.CONSIDERED,
                    Answer.reply: given.reply.strip(),
                    Answer.shown: given.shown,
                    Answer.printed: printed,
                    Answer.considered_by: actor.person,
                    Answer.considered_at: at,
                }
            )
            .where(Answer.code == answer, Answer.state == AnswerState.OPEN)
            .returning(Answer.id)
        )
        if not changed:
            raise Conflict("hearing.considered")
        row = await Answer.objects().get(Answer.code == answer)
        if row is not None:
            note.seal(row, *_SEALED)
        cut = bool(printed) and printed != found.text
        note.about("answer", answer, unit=found.unit_code, shown=given.shown, shortened=cut)
    return await queries.answer(answer)
