"""The page behind a printed code: the same file for everybody."""

from __future__ import annotations

from collections.abc import Callable

import httpx
import pytest

from panel import db
from panel.roster import commands, queries
from panel.roster.types import TableKind
from tests import people
from tests.make import roster as make

Browse = Callable[..., httpx.AsyncClient]


async def test_a_window_tells_what_it_promises_in_both_languages(
    engine: db.Engine, browse: Browse
) -> None:
    city = await make.small_city(units=1)
    window = city.windows[0]
    answer = await browse().get(f"/w/{window.code}")
    assert answer.status_code == 200
    for text in (
        "第1窗口",
        "Window 1",
        "第1单位",
        "第1大厅",
        "示例路1号",
        "工作日 9:00—17:00",
        "第1事项",
        "3个工作日内",
        "身份证",
        "申请表",
        "不收费",
        "群众监督员：我在此的任务",
        f'href="/m/scan/{window.code}"',
    ):
        assert text in answer.text, text
    english = await browse().get(f"/en/w/{window.code}")
    for text in ("Window 1", "第1窗口", "Unit 1", "within 3 working days", 'lang="en"'):
        assert text in english.text, text
    assert 'lang="zh-CN"' in answer.text


async def test_everybody_gets_the_same_file_and_no_cookie(
    engine: db.Engine, browse: Browse
) -> None:
    city = await make.small_city(units=1)
    url = f"/w/{city.windows[0].code}"
    large = {"Accept-Language": "en", "Cookie": "panel_large=1; panel_lang=en"}
    answers = [
        await browse().get(url),
        await browse(lang="en").get(url),
        await browse(people.coordinator).get(url),
        await browse(people.liaison(city.windows[0].unit_code)).get(url),
        await browse().get(url, headers=large),
    ]
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.content for answer in answers}) == 1
    assert not any("set-cookie" in answer.headers for answer in answers)
    varying = {answer.headers.get("vary", "Accept-Encoding") for answer in answers}
    assert varying == {"Accept-Encoding"}
    assert people.coordinator.name not in answers[2].text


async def test_a_browser_that_has_the_page_is_told_so(engine: db.Engine, browse: Browse) -> None:
    city = await make.small_city(units=1)
    window = city.windows[0]
    browser = browse()
    first = await browser.get(f"/w/{window.code}")
    assert first.headers["cache-control"].startswith("public")
    tag = first.headers["etag"]
    again = await browser.get(f"/w/{window.code}", headers={"If-None-Match": tag})
    assert (again.status_code, again.content) == (304, b"")
    await commands.close_window(people.coordinator, window.code, "设备检修", at=make.AT)
    changed = await browser.get(f"/w/{window.code}", headers={"If-None-Match": tag})
    assert changed.status_code == 200
    assert "设备检修" in changed.text
    assert "该窗口暂停办公" in changed.text


async def test_a_code_typed_by_hand_is_put_right(engine: db.Engine, browse: Browse) -> None:
    city = await make.small_city(units=1)
    code = city.windows[0].code
    for prefix in ("/w/", "/en/w/"):
        answer = await browse().get(f"{prefix}{code[:5].lower()}-{code[5:]}")
        assert answer.status_code == 303
        assert answer.headers["location"] == f"{prefix}{code}"


@pytest.mark.parametrize("code", ["0000000000", "AAAAAAAAAA", "nonsense", "00000000000000000"])
async def test_an_unknown_code_is_not_found(engine: db.Engine, browse: Browse, code: str) -> None:
    await make.small_city(units=1)
    answer = await browse().get(f"/w/{code}")
    assert answer.status_code == 404
    assert "<html" in answer.text


async def test_a_given_up_window_says_so(engine: db.Engine, browse: Browse) -> None:
    city = await make.small_city(units=1)
    code = city.windows[0].code
    await commands.close_window(people.coordinator, code, "合并", at=make.AT)
    await commands.retire_window(people.coordinator, code, "并入2号窗口", at=make.AT)
    answer = await browse().get(f"/w/{code}")
    assert answer.status_code == 200
    assert "该窗口已撤销" in answer.text
    assert "并入2号窗口" in answer.text


async def test_names_are_escaped(engine: db.Engine, browse: Browse) -> None:
    await make.take(TableKind.UNITS, [make.unit_row(1, 单位名称="<script>x</script>局")])
    await make.take(TableKind.HALLS, [make.hall_row(1)])
    await make.take(TableKind.WINDOWS, [make.window_row(1)])
    (window,) = await queries.windows()
    answer = await browse().get(f"/w/{window.code}")
    assert "<script>x" not in answer.text
    assert "&lt;script&gt;x" in answer.text
