"""Lists to take out: 100,000 sheets as CSV, 20,000 as a workbook; CPU seconds and memory."""

import asyncio
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from pathlib import Path

from benchmarks.evaluations import store
from panel import db, entropy, keys
from panel.reports import queries
from panel.reports.types import SheetFilter, SheetLine
from tests import serving
from tests.make import evaluations as make
from tests.make import visits
from web import spreadsheets
from web.office import exports

SHEETS = 100_000
WORKBOOK = 20_000
MOST_CPU = 2.0
MOST_FIRST = 0.1
MOST_GROWTH = 20


def memory() -> float:
    """Return the resident memory in mebibytes."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.split("VmRSS:")[1].split()[0]) / 1024


async def whole_list() -> list[str]:
    """Take all sheets out as CSV; return what costs more than promised."""
    chosen, before = SheetFilter(), memory()
    wall, spent = time.perf_counter(), time.process_time()
    await queries.count_sheets(chosen)
    stream = exports._csv(chosen, await queries.items_of(chosen), "mark")  # noqa: SLF001
    size = len(await anext(stream))
    first, first_cpu = time.perf_counter() - wall, time.process_time() - spent
    grown = 0.0
    async for part in stream:
        size += len(part)
        grown = max(grown, memory() - before)
    spent = time.process_time() - spent
    print(
        f"{f'{SHEETS:,} sheets as CSV, {size / 1e6:.0f} MB':<52} {spent:6.2f} s CPU"
        f"  (limit {MOST_CPU:g}; first byte {first:.3f} s, {first_cpu:.3f} s CPU,"
        f" limit {MOST_FIRST:g}; memory {grown:+.0f} MB)"
    )
    told = {
        "CPU of the list": spent > MOST_CPU,
        "first byte": first_cpu > MOST_FIRST,  # other programs of this machine count for nothing
        "memory of the list": grown > MOST_GROWTH,
    }
    return [name for name, much in told.items() if much]


async def _some(count: int) -> AsyncIterator[list[SheetLine]]:
    async for lines in queries.sheet_pages(SheetFilter()):
        yield lines[:count]
        count -= len(lines)
        if count <= 0:
            return


async def workbook() -> None:
    """Take the most rows that a workbook may hold out as one."""
    items, before, spent = await queries.items_of(SheetFilter()), memory(), time.process_time()
    layout = spreadsheets.Layout(title="Sheets", watermark="mark", foot=("a", "b", "c"))
    book = spreadsheets.Growing([*exports.SHEET_COLUMNS, *items], layout)
    async for lines in _some(WORKBOOK):
        await book.add([exports.sheet_row(line, items) for line in lines])
    size = len(await book.data())
    print(
        f"{f'{WORKBOOK:,} sheets as a workbook, {size / 1e6:.1f} MB':<52}"
        f" {time.process_time() - spent:6.2f} s CPU  (memory {memory() - before:+.0f} MB)"
    )


async def measure(folder: Path) -> list[str]:
    """Store sheets and take them out."""
    keys.bind(keys.Keys({name: entropy.octets(32) for name in keys.NAMES}))
    engine = db.open_engine(None, path=folder / "panel.sqlite")
    await db.start(engine)
    try:
        await serving.tables(engine)
        await make.all_sent(await visits.running_round())
        await store(engine, SHEETS)
        failed = await whole_list()
        await workbook()
        return failed
    finally:
        await db.stop(engine)


def main() -> int:
    """Measure; tell what is slower than promised."""
    with tempfile.TemporaryDirectory() as folder:
        failed = asyncio.run(measure(Path(folder)))
    for each in failed:
        print(f"too much: {each}")
    return bool(failed)


if __name__ == "__main__":
    sys.exit(main())
