"""Printed codes: new printings, what was printed, and files of posters made by a worker."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

import msgspec

from panel.actor import SYSTEM, Actor, Role
from panel.audit.commands import entry
from panel.db import insert_rows, raw, transaction
from panel.entropy import code as fresh_code
from panel.errors import Missing
from panel.ids import Code
from panel.queue.commands import enqueue
from panel.roster.queries import posters as queries
from panel.roster.rules import posters as rules
from panel.roster.rules.windows import tidy_reason
from panel.roster.tables import PosterRun, Printing, Window
from panel.roster.types import (
    ON_A_PAGE,
    PosterRunView,
    PosterSize,
    PosterState,
    WindowState,
    WindowView,
)

JOB: Final = "roster.posters"
"""The kind of the job that draws a file of posters."""
_TOLD: Final = 300
"""Windows named one by one in the history; of more the number is told."""
_PIECE: Final = 500


async def reprint(actor: Actor, codes: Sequence[Code], reason: str, *, at: datetime) -> int:
    """Raise the printing number of posters, so that older prints can be told; same address."""
    actor.require(Role.COORDINATOR)
    reason = tidy_reason(reason)
    chosen = rules.choose(codes, rules.MOST)
    async with entry(actor, "roster.reprint", at=at, reason=reason) as note:
        rows = (
            await Window.update({Window.printing: Window.printing + 1})
            .where(Window.code.is_in(list(chosen)), Window.state != WindowState.RETIRED.value)
            .returning(Window.id, Window.code, Window.printing)
        )
        if len(rows) != len(chosen):
            raise Missing("roster.window")
        await insert_rows(
            Printing,
            [
                Printing(window=row["id"], number=row["printing"], reason=reason, raised_at=at)
                for row in rows
            ],
        )
        for row in sorted(rows, key=lambda each: str(each["code"]))[:_TOLD]:
            note.about("window", row["code"], printing=row["printing"])
        note.about("posters", "", count=len(rows))
    return len(rows)


async def print_page(
    actor: Actor, size: PosterSize, codes: Sequence[Code], *, at: datetime
) -> list[WindowView]:
    """Return the windows whose posters a page shows for printing, and keep that it did."""
    actor.require(Role.COORDINATOR)
    chosen = rules.choose(codes, ON_A_PAGE)
    async with entry(actor, "roster.print_posters", at=at) as note:
        windows = await queries.windows(chosen)
        rules.all_found(chosen, windows)
        await _printed([(each.id, each.printing) for each in windows], at=at)
        for window in windows:
            note.about("window", window.code, printing=window.printing, size=size.value)
    return windows


async def start(actor: Actor, size: PosterSize, codes: Sequence[Code], *, at: datetime) -> Code:
    """Let a worker make one file of posters; the same wish twice is one file."""
    actor.require(Role.COORDINATOR)
    chosen = rules.choose(codes, rules.MOST)
    packed = msgspec.json.encode(chosen).decode()
    windows = await queries.windows(chosen)
    rules.all_found(chosen, windows)
    name, name_en = rules.named(windows)
    async with entry(actor, "roster.start_posters", at=at) as note:
        known = await queries.living(size, packed)
        if known is not None:
            note.about("posters", known, again=True)
            return known
        run = PosterRun(
            code=fresh_code(),
            size=size.value,
            name=name,
            name_en=name_en,
            windows=packed,
            total=len(chosen),
            started_at=at,
        )
        await insert_rows(PosterRun, [run])
        await enqueue(JOB, {"run": run.code}, run_at=at)
        note.about("posters", run.code, size=size.value, count=len(chosen))
    return Code(run.code)


async def cancel(actor: Actor, code: Code, *, at: datetime) -> None:
    """Stop a file on its way; the worker notices at its next piece."""
    actor.require(Role.COORDINATOR)
    run = await queries.run(code)
    rules.cancel(run)
    async with entry(actor, "roster.cancel_posters", at=at) as note:
        moved = await _move(run.id, {PosterRun.state: PosterState.CANCELLED.value})
        if not moved:
            rules.cancel(await queries.run(code))
        note.about("posters", code)


async def advance(run: PosterRunView, done: int) -> bool:
    """Keep how far a worker has come; tells whether anybody still wants the file."""
    async with transaction():
        return await _move(
            run.id, {PosterRun.state: PosterState.DRAWING.value, PosterRun.done: done}
        )


async def finish(
    run: PosterRunView, file: bytes, drawn: Sequence[WindowView], *, at: datetime
) -> bool:
    """Keep a file that is whole, and that these printings were printed; false if cancelled."""
    async with entry(SYSTEM, "roster.finish_posters", at=at) as note:
        moved = await _move(
            run.id,
            {
                PosterRun.state: PosterState.DONE.value,
                PosterRun.done: len(drawn),
                PosterRun.total: len(drawn),
                PosterRun.file: file,
                PosterRun.bytes: len(file),
                PosterRun.finished_at: at,
            },
        )
        if moved:
            await _printed([(each.id, each.printing) for each in drawn], at=at)
        note.about("posters", run.code, count=len(drawn), kept=moved)
    return moved


async def expire(*, at: datetime) -> int:
    """Forget files whose time is over, give up those that no worker finished; return how many."""
    gone = 0
    for run in await queries.lasting():
        state = rules.over(run, at)
        if state is None:
            continue
        async with entry(SYSTEM, "roster.expire_posters", at=at) as note:
            await PosterRun.update(
                {PosterRun.state: state.value, PosterRun.file: None, PosterRun.windows: "[]"}
            ).where(PosterRun.id == run.id, PosterRun.state == run.state.value)
            note.about("posters", run.code, after=state.value)
        gone += 1
    return gone


async def _move(number: int, values: dict[Any, Any]) -> bool:
    """Change a file that is still on its way."""
    moved = (
        await PosterRun.update(values)
        .where(
            PosterRun.id == number,
            PosterRun.state.is_in([each.value for each in queries.LIVING]),
        )
        .returning(PosterRun.id)
    )
    return bool(moved)


async def _printed(printings: Sequence[tuple[int, int]], *, at: datetime) -> None:
    """Keep when printings were last printed; joins the caller's command."""
    for start in range(0, len(printings), _PIECE):
        piece = printings[start : start + _PIECE]
        marks = ", ".join("({}, {}, {}, {})" for _ in piece)
        await raw(
            f'INSERT INTO poster_printing ("window", number, reason, printed_at) VALUES {marks} '
            'ON CONFLICT ("window", number) DO UPDATE SET printed_at = excluded.printed_at',
            *(value for window, number in piece for value in (window, number, "", at)),
        )
