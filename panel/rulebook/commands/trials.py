"""Keeping what a dry run found; the context of sheets computes it and calls these."""

from __future__ import annotations

import datetime as dt

from panel.db import insert_rows, transaction
from panel.ids import Code
from panel.rulebook.tables import DryRun
from panel.rulebook.types import DryRunState


async def begin_trial(
    fingerprint: str,
    content: str,
    round: Code | None,  # noqa: A002 - the round is what it is
    total: int,
    *,
    at: dt.datetime,
) -> None:
    """Note that measures are to be tried on a round; an earlier trial of them is replaced."""
    async with transaction():
        await DryRun.delete().where(DryRun.hash == fingerprint)
        row = DryRun(hash=fingerprint, round=round or "", content=content, total=total, at=at)
        await insert_rows(DryRun, [row])


async def note_progress(fingerprint: str, done: int) -> None:
    """Tell how many sheets of a trial were judged."""
    await DryRun.update({DryRun.done: done}).where(
        DryRun.hash == fingerprint, DryRun.state == DryRunState.WAITING
    )


async def keep_trial(fingerprint: str, result: str, *, at: dt.datetime) -> bool:
    """Keep the result of a trial; tell whether somebody still waited for it."""
    kept = (
        await DryRun.update(
            {
                DryRun.state: DryRunState.DONE.value,
                DryRun.result: result,
                DryRun.content: "",
                DryRun.done: DryRun.total,
                DryRun.at: at,
            }
        )
        .where(DryRun.hash == fingerprint, DryRun.state == DryRunState.WAITING)
        .returning(DryRun.id)
    )
    return bool(kept)
