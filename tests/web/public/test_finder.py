"""A unit or window is found by its name, by letters, by code, by a photo; nobody else is."""

from __future__ import annotations

import html
import io
from collections.abc import Callable

import pytest
from PIL import Image

from panel import db
from panel.roster import commands
from panel.roster.types import TableKind
from panel.settings import Settings
from tests import people
from tests.make import rankings, roster
from tests.web.conftest import Browser
from web import pinyin, release
from web.public import finder

Browse = Callable[..., Browser]


async def told(browse: Browse, path: str, typed: str) -> str:
    """Return what the finder says."""
    return html.unescape((await browse().get(path, params={"q": typed})).text)


@pytest.mark.parametrize(
    ("typed", "name", "at"),
    [
        ("sbzx", "市社保中心", 1),
        ("SSB", "市社保中心", 0),
        ("zx", "市社保中心", 3),
        ("yh", "中国银行", 2),
        ("hy", "中国银行", None),
        ("3hck", "办证大厅3号窗口", 4),
        ("gjj", "公积金（北区）", 0),
        ("gjjbq", "公积金（北区）", 0),
        ("xyz", "市社保中心", None),
        ("", "市社保中心", 0),
    ],
)
def test_letters_are_found_where_they_begin(typed: str, name: str, at: int | None) -> None:
    assert pinyin.begins(typed, name) == at


def test_a_sign_of_several_readings_is_found_under_each() -> None:
    assert pinyin.begins("cq", "重庆路") == pinyin.begins("zq", "重庆路") == 0
    assert pinyin.initials("市社保中心") == "ssbzx"


def test_better_fits_come_first() -> None:
    ranks = [
        finder.rank_of(typed, "市社保中心", "Social Insurance")
        for typed in ("市社保中心", "市社", "保中", "ssb", "bzx", "social", "nothing")
    ]
    assert ranks == [0, 1, 2, 3, 4, 1, None]
    assert finder.rank_of("<b>", "市社保中心") is None


async def test_units_and_windows_are_found_in_both_languages(
    engine: db.Engine, browse: Browse
) -> None:
    city = await roster.small_city(units=2)
    window = city.windows[0]
    page = await told(browse, "/zh/find", "第1窗口")
    assert f'href="/w/{window.code}"' in page
    assert "尚未公布结果" in await told(browse, "/zh/find", "第1单位")
    english = await told(browse, "/en/find", "window 1")
    assert f'href="/en/w/{window.code}"' in english
    letters = await told(browse, "/zh/find", "d1ck")
    assert f'href="/w/{window.code}"' in letters
    nothing = await told(browse, "/zh/find", "<script>x")
    assert "没有找到" in nothing
    raw = (await browse().get("/zh/find", params={"q": "<script>x"})).text
    assert "<script>x" not in raw


async def test_a_whole_code_leads_on_and_a_retired_window_is_not_offered(
    engine: db.Engine, browse: Browse
) -> None:
    city = await roster.small_city(units=1)
    code = city.windows[0].code
    typed = f"{code[:5].lower()}-{code[5:]}"
    answer = await browse().get("/en/find", params={"q": typed})
    assert (answer.status_code, answer.headers["location"]) == (303, f"/en/w/{code}")
    await commands.close_window(people.coordinator, code, "合并", at=roster.AT)
    await commands.retire_window(people.coordinator, code, "并入2号窗口", at=roster.AT)
    page = await told(browse, "/zh/find", "第1窗口")
    assert f"/w/{code}" not in page


async def test_a_photo_without_a_symbol_and_one_too_many_are_refused(
    engine: db.Engine, browse: Browse
) -> None:
    blank = io.BytesIO()
    Image.new("RGB", (80, 80), "white").save(blank, "JPEG")
    files = {"photo": ("x.jpg", blank.getvalue(), "image/jpeg")}
    refused = await browse().post("/zh/find", files=files)
    assert refused.status_code == 422
    async with finder._READING:
        busy = await browse().post("/zh/find", files=files)
    assert busy.status_code == 422
    assert "正在识别另一张照片" in busy.text


async def test_what_was_published_is_reached_from_the_finder_and_from_the_window(
    engine: db.Engine, browse: Browse, settings: Settings
) -> None:
    city, _ = await rankings.published()
    await release.write_due(settings, at=rankings.LATE)
    unit = city.units[0]
    page = await told(browse, "/zh/find", "第1单位")
    assert f'href="/zh/rankings/unit/{unit}"' in page
    assert 'href="/zh/rankings/names"' in page
    shown = await browse().get(f"/zh/rankings/unit/{unit}")
    assert shown.status_code == 200
    assert (await browse().get("/zh/rankings/names")).status_code == 200


async def test_many_matches_are_counted_and_cut(engine: db.Engine, browse: Browse) -> None:
    await roster.take(
        TableKind.UNITS, [roster.unit_row(number) for number in range(1, finder.MOST + 6)]
    )
    page = await told(browse, "/zh/find", "单位")
    assert page.count('class="card"') == finder.MOST
    assert f"共 {finder.MOST + 5} 条" in page
    assert "只显示最相符的结果" in page
