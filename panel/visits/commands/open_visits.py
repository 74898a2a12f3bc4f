"""Open visits: the notice beforehand, the check-in at the window."""

from __future__ import annotations

from datetime import datetime

import msgspec

from panel.actor import Actor, Role
from panel.audit.commands import entry
from panel.chance import canonical
from panel.db import Duplicate, insert_rows
from panel.entropy import code as fresh_code
from panel.errors import Conflict
from panel.ids import Code
from panel.visits import queries, rules
from panel.visits.commands.tasks import pseudonym
from panel.visits.tables import CheckIn, OpenNotice
from panel.visits.types import NoticeTexts, OpenNoticeView
from panel.workdays import SHANGHAI


async def post_notice(
    actor: Actor, round_code: Code, texts: NoticeTexts, texts_en: NoticeTexts, *, at: datetime
) -> OpenNoticeView:
    """Hang the notice of a round's open visits; a newer one takes the place of the older.

    Refuses a round of covert visits alone, one that is not on, and a notice without one of its
    six texts.
    """
    actor.require(Role.COORDINATOR)
    code = fresh_code()
    async with entry(actor, "visits.post_notice", at=at) as note:
        view = await queries.round(round_code)
        rules.may_post_notice(view, texts, texts_en)
        earlier = await queries.notice_of_round(view.id)
        if earlier is not None:
            await _take_down(actor, earlier, at)
        english = any(getattr(texts_en, name).strip() for name in NoticeTexts.__struct_fields__)
        await insert_rows(
            OpenNotice,
            [
                OpenNotice(
                    code=code,
                    round=view.id,
                    texts=canonical(msgspec.to_builtins(texts)).decode(),
                    texts_en=canonical(msgspec.to_builtins(texts_en)).decode() if english else "",
                    posted_on=at.astimezone(SHANGHAI).date(),
                    posted_by=actor.person,
                )
            ],
        )
        note.about("round", round_code, notice=code)
    return await queries.open_notice(code)


async def withdraw_notice(actor: Actor, code: Code, reason: str, *, at: datetime) -> None:
    """Take a notice down, with a reason; refuses a second time."""
    actor.require(Role.COORDINATOR)
    async with entry(actor, "visits.withdraw_notice", at=at, reason=reason.strip()) as note:
        found = await queries.open_notice(code)
        await _take_down(actor, found, at)
        note.about("round", found.round_code, notice=code, withdrawn=True)


async def _take_down(actor: Actor, found: OpenNoticeView, at: datetime) -> None:
    done = (
        await OpenNotice.update(
            {OpenNotice.withdrawn_by: actor.person, OpenNotice.withdrawn_at: at}
        )
        .where(OpenNotice.code == found.code, OpenNotice.withdrawn_at.is_null())
        .returning(OpenNotice.id)
    )
    if not done:
        raise Conflict("open_notice.withdrawn")


async def check_in(actor: Actor, code: Code, window: Code, *, at: datetime) -> datetime:
    """Note that the visitor of an open task scanned its window's code; the first time stands.

    Refuses a covert task (``Forbidden``), another window, a task not accepted or out of time.
    """
    actor.require(Role.MEMBER)
    task = await queries.member_task(actor.member, code)
    rules.may_check_in(task, window, at)
    known = await queries.checked_in(task)
    if known is not None:
        return known
    try:
        async with entry(actor, "visits.check_in", at=at, name=pseudonym(task)) as note:
            await insert_rows(CheckIn, [CheckIn(task=task.id, at=at)])
            note.about("task", code, checked_in=True)
    except Duplicate:
        return await queries.checked_in(task) or at
    return at
