"""Posters as a PDF: every printed symbol is read from the drawn page, at the size of the print."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pypdfium2
import pytest
import zxingcpp

from panel import db
from panel.ids import Code
from panel.roster.commands import posters as commands
from panel.roster.commands import retire_window
from panel.roster.commands.windows import close_window
from panel.roster.queries import posters as queries
from panel.roster.types import PosterSize, PosterState, WindowState, WindowView
from panel.settings import Settings
from tests import people
from tests.make import roster as make
from tests.web.conftest import HOST
from web import posters
from web.jobs import KINDS, RECURRING
from web.printing import COLUMNS, ROWS, Book

AT = make.AT
BASE = "https://supervision.example.gov.cn"
CITY = 317
"""Windows of the city for which the product is made."""
_COARSE = 120 / 72
"""Dots an inch of a poor office printer, and finer than a telephone's camera at arm's length."""
_SIDES = {
    PosterSize.A4: (210, 297),
    PosterSize.A5: (148, 210),
    PosterSize.A6: (105, 148),
    PosterSize.SHEETS: (210, 297),
}


def window(number: int, **more: object) -> WindowView:
    """Return a window without a database."""
    given: dict[str, object] = {
        "id": number, "code": Code(f"7KQ4M{number:05}"), "ref": f"W-{number:03}",
        "name": f"第{number}窗口（不动产登记）", "name_en": f"Window {number}, real estate",
        "unit_id": 1, "unit_code": Code("0000000001"), "unit_name": "示例自然资源局",
        "unit_name_en": "Sample Bureau of Natural Resources", "peer_group": "service",
        "hall_id": number // 12, "hall_code": Code(f"H{number // 12:09}"),
        "hall_name": f"第{number // 12}大厅", "hall_name_en": "Hall", "district": "任城区",
        "address": "示例路1号", "latitude": 0, "longitude": 0, "place": "", "hours": "",
        "staff": 1, "transactions": 1, "covert_ok": True, "state": WindowState.ACTIVE,
        "reason": "", "printing": 3,
    }  # fmt: skip
    return WindowView(**{**given, **more})  # type: ignore[arg-type]


def book(size: PosterSize, windows: list[WindowView]) -> bytes:
    """Draw posters as the job does."""
    drawn = Book(size)
    drawn.add([posters.poster(BASE, each) for each in windows])
    return drawn.close()


def read(data: bytes, scale: float = _COARSE) -> list[list[str]]:
    """Draw each page as a printer would and read the symbols on it."""
    document = pypdfium2.PdfDocument(data)
    try:
        return [
            [each.text for each in zxingcpp.read_barcodes(page.render(scale=scale).to_pil())]
            for page in document
        ]
    finally:
        document.close()


def text_of(data: bytes, number: int = 0) -> str:
    """Return what stands on a page beside the symbols."""
    document = pypdfium2.PdfDocument(data)
    try:
        return str(document[number].get_textpage().get_text_range())
    finally:
        document.close()


@pytest.mark.parametrize("size", [PosterSize.A4, PosterSize.A5, PosterSize.A6])
def test_a_poster_fills_its_page_and_says_what_it_is(size: PosterSize) -> None:
    data = book(size, [window(1), window(2)])
    assert read(data) == [[f"{BASE}/w/7KQ4M00001"], [f"{BASE}/w/7KQ4M00002"]]
    document = pypdfium2.PdfDocument(data)
    wide, high = (round(side / 72 * 25.4) for side in document[0].get_size())
    assert (wide, high) == _SIDES[size]
    text = text_of(data)
    for told in (
        "第1窗口", "Window 1, real estate", "示例自然资源局", "Sample Bureau",
        "supervision.example.gov.cn/w/7KQ4M00001", "第3次印制", "Printing no. 3", "扫码", "Scan",
    ):  # fmt: skip
        assert told in text, told


def test_the_symbol_is_large_enough_for_where_it_hangs() -> None:
    """A module is a millimetre at least on every page, and almost two on A5."""
    least = {PosterSize.A4: 2.5, PosterSize.A5: 1.8, PosterSize.A6: 1.2, PosterSize.SHEETS: 1.0}
    for size, millimetres in least.items():
        document = pypdfium2.PdfDocument(book(size, [window(1)]))
        (found,) = zxingcpp.read_barcodes(document[0].render(scale=2).to_pil())
        side = found.position.top_right.x - found.position.top_left.x
        assert side / 2 / 72 * 25.4 / 33 >= millimetres, size


def test_the_longest_names_leave_room_for_the_symbol_and_the_number() -> None:
    long = window(
        1, name="长" * 120, name_en="Long name " * 20, unit_name="局" * 120,
        unit_name_en="Office " * 28, hall_name="厅" * 120, address="路" * 200,
    )  # fmt: skip
    for size in PosterSize:
        data = book(size, [long])
        assert read(data) == [[f"{BASE}/w/7KQ4M00001"]], size
        assert "第3次印制" in text_of(data), size


def test_odd_letters_are_no_stumbling_block() -> None:
    odd = window(1, name="𬜬镇窗口", name_en="Пример 窗口", unit_name_en="", unit_name="A" * 80)
    for size in PosterSize:
        data = book(size, [odd])
        assert read(data) == [[f"{BASE}/w/7KQ4M00001"]]
        assert "〓镇窗口" in text_of(data)


def test_a_sheet_holds_one_hall() -> None:
    pages = read(book(PosterSize.SHEETS, [window(number) for number in range(24)]), scale=2)
    assert [len(page) for page in pages] == [COLUMNS * ROWS, 4, COLUMNS * ROWS, 4]


def test_a_city_is_drawn_and_every_symbol_reads() -> None:
    windows = [window(number) for number in range(CITY)]
    data = book(PosterSize.SHEETS, windows)
    assert len(data) < 2_000_000
    found = [text for page in read(data, scale=1.5) for text in page]
    assert sorted(found) == sorted(f"{BASE}/w/{each.code}" for each in windows)


async def test_the_worker_draws_what_was_asked_and_leaves_out_what_was_given_up(
    engine: db.Engine, settings: Settings
) -> None:
    city = await make.small_city(units=2)
    codes = [each.code for each in city.windows]
    code = await commands.start(people.coordinator, PosterSize.A6, codes, at=AT)
    await close_window(people.coordinator, codes[0], "合并", at=AT)
    await retire_window(people.coordinator, codes[0], "合并", at=AT)
    await KINDS[commands.JOB](settings, {"run": code}, AT)
    run = await queries.run(code)
    assert (run.state, run.done, run.total) == (PosterState.DONE, 3, 3)
    assert read(await queries.file(code)) == [[f"{HOST}/w/{each}"] for each in codes[1:]]
    await KINDS[commands.JOB](settings, {"run": code}, AT)  # a lease that lapsed changes nothing
    assert (await queries.run(code)).bytes == run.bytes
    await RECURRING["posters.expire"].work(settings, {}, AT + timedelta(days=15))
    assert (await queries.run(code)).state is PosterState.GONE


async def test_a_worker_stops_at_the_next_piece(
    engine: db.Engine, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    city = await make.small_city(units=2)
    codes = [each.code for each in city.windows]
    code = await commands.start(people.coordinator, PosterSize.A5, codes, at=AT)
    monkeypatch.setattr(posters, "_PIECE", 1)
    drawn: list[int] = []
    real = Book.add

    def add(self: Book, some: list[posters.Poster]) -> None:
        drawn.append(len(some))
        if len(drawn) == 2:
            asyncio.run_coroutine_threadsafe(
                commands.cancel(people.coordinator, code, at=AT), loop
            ).result(10)
        real(self, some)

    loop = asyncio.get_running_loop()
    monkeypatch.setattr(Book, "add", add)
    await posters.draw(settings, {"run": code}, AT)
    assert drawn == [1, 1]
    assert (await queries.run(code)).state is PosterState.CANCELLED
