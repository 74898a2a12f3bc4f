"""Batched results: made, their comments screened by a person, told to units on a fixed day."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from datetime import datetime

import msgspec

from panel import entropy, keys
from panel.actor import Actor, Role
from panel.audit.commands import entry
from panel.db import insert_rows, raw
from panel.errors import Conflict, Forbidden
from panel.evaluations.queries import releases as queries
from panel.evaluations.rules import releases as rules
from panel.evaluations.tables import ResultCell, ResultComment, ResultRelease
from panel.evaluations.types import Answers
from panel.evaluations.types.releases import (
    Cell,
    CommentState,
    CommentView,
    ReleaseState,
    ReleaseView,
)
from panel.ids import Code
from panel.rulebook import queries as rulebooks


async def make_results(actor: Actor, *, at: datetime) -> ReleaseView:
    """Gather what may be told to units now; refuses while another batch is open, or nothing is.

    The cells keep the sheets behind them, so that the next batch tells none of them again.
    """
    actor.require(Role.COORDINATOR)
    if actor.person is None:
        raise Forbidden("actor.role", roles=(Role.COORDINATOR.value,))
    async with entry(actor, "evaluations.make_results", at=at) as note:
        if any(each.state is ReleaseState.DRAFT for each in await queries.result_releases()):
            raise Conflict("release.open")
        minimum = (await rulebooks.current()).rulebook.publication.minimum_visitors
        cells = rules.batch(await queries.leaves(), await queries.told(), minimum)
        if not cells:
            raise Conflict("release.nothing", minimum=minimum)
        row = ResultRelease(
            code=entropy.code(), state=ReleaseState.DRAFT, made_at=at, made_by=actor.person
        )
        (number,) = await insert_rows(ResultRelease, [row])
        kept = await insert_rows(ResultCell, [_cell(number, each) for each in cells])
        for cell, each in zip(kept, cells, strict=True):
            await insert_rows(ResultComment, await _comments(cell, each.sheets))
        note.about("result_release", row.code, after="draft", cells=len(cells))
    return await queries.result_release(Code(row.code))


def _cell(release: int, cell: Cell) -> ResultCell:
    rulebook, form = cell.form.split(" ")
    return ResultCell(
        release=release,
        unit=cell.unit,
        whole=cell.whole,
        span=cell.span,
        since=cell.since,
        until=cell.until,
        sheets=msgspec.json.encode(list(cell.sheets)).decode(),
        visits=len(cell.sheets),
        visitors=cell.visitors,
        score=cell.score,
        sections=msgspec.json.encode(cell.sections).decode(),
        rulebook=rulebook,
        form_key=form,
    )


async def _comments(cell: int, sheets: Sequence[int]) -> list[ResultComment]:
    """Return the comments of a cell, encrypted, in an order that tells nothing."""
    marks = ", ".join("{}" for _ in sheets)
    rows = await raw(f"SELECT answers FROM sheet_submission WHERE id IN ({marks})", *sheets)
    found = []
    for row in rows:
        for text in rules.comments(msgspec.json.decode(row["answers"], type=Answers)):
            code = entropy.code()
            sealed = keys.current().seal("visit", text.encode(), queries.comment_context(code))
            found.append(
                ResultComment(
                    code=code,
                    cell=cell,
                    sealed=base64.b64encode(sealed).decode(),
                    state=CommentState.WAITING,
                )
            )
    return sorted(found, key=lambda each: each.code)


async def screen_comment(
    actor: Actor, code: Code, text: str, *, at: datetime, sure: bool = False
) -> CommentView:
    """Let a comment pass in the office's own words.

    Refuses the visitor's own words, and what the patterns still find unless the person is sure.
    """
    view = await queries.result_comment(code)
    rules.may_screen(view, text, sure=sure)
    return await _decide(actor, view, CommentState.PASSED, text.strip(), at=at)


async def withhold_comment(actor: Actor, code: Code, *, at: datetime) -> CommentView:
    """Keep a comment in the office."""
    view = await queries.result_comment(code)
    return await _decide(actor, view, CommentState.WITHHELD, "", at=at)


async def _decide(
    actor: Actor, view: CommentView, after: CommentState, text: str, *, at: datetime
) -> CommentView:
    actor.require(Role.COORDINATOR, Role.REVIEWER)
    async with entry(actor, "evaluations.screen_comment", at=at) as note:
        done = await raw(
            "UPDATE result_comment SET state = {}, text = {}, decided_by = {}, decided_at = {} "
            "WHERE code = {} AND state = {} AND cell IN (SELECT c.id FROM result_cell c "
            "JOIN result_release r ON r.id = c.release WHERE r.state = {}) RETURNING id",
            after,
            text,
            actor.person,
            at,
            view.code,
            view.state,
            ReleaseState.DRAFT,
        )
        if not done:
            raise Conflict("comment.state_changed")
        note.about("result_comment", view.code, before=view.state.value, after=after.value)
    return await queries.result_comment(view.code)


async def release_results(actor: Actor, code: Code, *, at: datetime) -> ReleaseView:
    """Tell a batch to its units from the next release day on; another person than its maker.

    Refuses comments that nobody has decided, and a batch whose sheets have changed since.
    """
    actor.require(Role.COORDINATOR, Role.PUBLISHER)
    async with entry(actor, "evaluations.release_results", at=at) as note:
        view = await queries.result_release(code)
        rules.may_release(
            view.made_by, actor.person, waiting=view.waiting, stale=await queries.stale(view)
        )
        days = (await rulebooks.current()).rulebook.covert.release_days
        await _step(
            view,
            {
                ResultRelease.state: ReleaseState.RELEASED,
                ResultRelease.released_at: at,
                ResultRelease.released_by: actor.person,
                ResultRelease.visible_from: rules.visible_from(days, at),
            },
        )
        note.about("result_release", code, before=view.state.value, after="released")
    return await queries.result_release(code)


async def drop_results(actor: Actor, code: Code, *, at: datetime) -> ReleaseView:
    """Give up a batch before it is told; the next one holds its sheets."""
    actor.require(Role.COORDINATOR)
    async with entry(actor, "evaluations.drop_results", at=at) as note:
        view = await queries.result_release(code)
        await _step(view, {ResultRelease.state: ReleaseState.DROPPED})
        note.about("result_release", code, before=view.state.value, after="dropped")
    return await queries.result_release(code)


async def _step(view: ReleaseView, changes: dict[object, object]) -> None:
    done = (
        await ResultRelease.update(changes)  # type: ignore[arg-type]
        .where(ResultRelease.id == view.id, ResultRelease.state == ReleaseState.DRAFT)
        .returning(ResultRelease.id)
    )
    if not done:
        raise Conflict("release.state_changed")
