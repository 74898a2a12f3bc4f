"""Keeping what a dry run found; the context of sheets computes it and calls these."""

from __future__ import annotations

import datetime as dt

from panel.db import insert_rows, transaction
from panel.ids import Code
from panel.rulebook import rules
from panel.rulebook.tables import DryRun
from panel.rulebook.types import DryRunState, Rulebook


async def begin_trial(book: Rulebook, on: Code | None, total: int, *, at: dt.datetime) -> str:
    """Note that measures are to be tried on a round; an earlier trial of them is replaced.

    Returns the hash by which the trial is known.
    """
    content = rules.content(book)
    fingerprint = rules.fingerprint(content)
    async with transaction():
        await DryRun.delete().where(DryRun.hash == fingerprint)
        row = DryRun(hash=fingerprint, round=on or "", content=content, total=total, at=at)
        await insert_rows(DryRun, [row])
    return fingerprint


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
