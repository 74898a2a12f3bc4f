"""The roster at the office's desk: import with faults, lists, closing."""

from __future__ import annotations

import html
import re
from collections.abc import Callable

import httpx
import pytest

from panel import db
from panel.errors import Invalid
from panel.roster import queries
from panel.roster.rules.tables import read_table
from panel.roster.types import HEADERS, TableKind, WindowState
from tests import people
from tests.make import roster as make
from tests.web.conftest import Browser

Browse = Callable[..., Browser]


def text_of(answer: httpx.Response) -> str:
    """Return a page's text with its references resolved; slashes in addresses are escaped."""
    return html.unescape(answer.text)


async def send(browser: Browser, kind: str, data: bytes, name: str = "table.csv") -> httpx.Response:
    """Upload a file on the import page."""
    return await browser.post_form(
        "/office/roster/import", {"kind": kind}, files={"file": (name, data)}
    )


async def test_an_empty_roster_says_what_to_do(engine: db.Engine, browse: Browse) -> None:
    page = await browse(people.coordinator).get("/office/roster")
    assert page.status_code == 200
    assert "还没有单位" in text_of(page)
    assert 'href="/office/roster/import"' in text_of(page)
    english = await browse(people.auditor, lang="en").get("/office/roster")
    assert "No units yet. A coordinator imports them." in text_of(english)


async def test_templates_carry_the_header_of_their_table(engine: db.Engine, browse: Browse) -> None:
    browser = browse(people.coordinator)
    for kind in TableKind:
        for ending in ("csv", "xlsx"):
            answer = await browser.get(f"/office/roster/templates/{kind}.{ending}")
            assert answer.status_code == 200
            assert "attachment" in answer.headers["content-disposition"]
            if ending == "csv":
                assert answer.content.decode("utf-8-sig").strip().split(",") == [*HEADERS[kind]]
                continue
            assert answer.content.startswith(b"PK")
            with pytest.raises(Invalid) as refusal:
                read_table(answer.content, "t.xlsx", HEADERS[kind], required=HEADERS[kind])
            assert refusal.value.code == "import.no_rows"
    assert (await browser.get("/office/roster/templates/people.csv")).status_code == 404
    assert (await browser.get("/office/roster/templates/units.exe")).status_code == 404


async def test_tables_come_in_one_after_the_other(engine: db.Engine, browse: Browse) -> None:
    browser = browse(people.coordinator)
    tables = {
        "units": [make.unit_row(1), make.unit_row(2)],
        "halls": [make.hall_row(1)],
        "windows": [make.window_row(1), make.window_row(2)],
        "items": [make.item_row(1)],
    }
    for kind, rows in tables.items():
        new = await browser.get("/office/roster/import")
        assert re.search(rf'value="{kind}" id="f-kind-{kind}" checked', text_of(new))
        data = make.table(TableKind(kind), rows, encoding="gb18030")
        answer = await send(browser, kind, data)
        assert answer.status_code == 200
        assert "表格已导入" in text_of(answer)
    listed = await browser.get("/office/roster")
    assert "2个单位 · 1个大厅 · 2个窗口 · 1个事项" in text_of(listed)
    unit, _ = await queries.units()
    assert f"/office/units/{unit.code}" in text_of(listed)


async def test_faults_stand_by_row_and_column_in_the_users_language(
    engine: db.Engine, browse: Browse
) -> None:
    rows = [
        make.unit_row(1),
        make.unit_row(1),
        make.unit_row(3, 联络员电话="1.99E+10", 层级="省级"),
    ]
    data = make.table(TableKind.UNITS, rows)
    chinese = await send(browse(people.coordinator), "units", data, "单位.csv")
    assert chinese.status_code == 422
    for text in (
        "单位.csv中的问题",
        "第3行",
        "单位编号",
        "与第2行重复",
        "第4行",
        "科学计数法",
        "没有“省级”这个层级",
        "共3处",
    ):
        assert text in text_of(chinese), text
    assert "<title>错误：" in text_of(chinese)
    english = await send(browse(people.coordinator, lang="en"), "units", data)
    for text in ("Row 4", "联络员电话", "scientific notation", "Nothing was imported"):
        assert text in text_of(english), text
    assert await queries.units() == []


@pytest.mark.parametrize(
    ("kind", "data", "text"),
    [
        ("units", "单位编号,单位名称\nA,B\n".encode("utf-16-le"), "编码不对"),
        ("units", b"a,b\n1,2\n", "没有找到表头行"),
        ("people", b"x", "请选择这是哪一张表"),
        ("units", b"", "请选择文件"),
    ],
)
async def test_a_file_that_is_no_table_is_explained(
    engine: db.Engine, browse: Browse, kind: str, data: bytes, text: str
) -> None:
    answer = await send(browse(people.coordinator), kind, data)
    assert answer.status_code == 422
    assert text in text_of(answer)


async def test_only_a_coordinator_may_import(engine: db.Engine, browse: Browse) -> None:
    data = make.table(TableKind.UNITS, [make.unit_row(1)])
    reviewer, auditor = browse(people.reviewer), browse(people.auditor)
    for browser in (reviewer, auditor):
        assert "只有协调员可以导入" in (await browser.get("/office/roster/import")).text
    assert (await send(reviewer, "units", data)).status_code == 403
    refused = await auditor.post_form("/office/roster/import", {"kind": "units"})
    assert refused.status_code == 403
    assert await queries.units() == []


async def test_nobody_gets_in_without_signing_in(engine: db.Engine, browse: Browse) -> None:
    await make.small_city(units=1)
    browser = browse()
    for url in ("/office/roster", "/office/roster/import", "/office/posters"):
        assert (await browser.get(url)).status_code in {303, 401}
    stranger = browse(people.stranger)
    assert (await stranger.get("/office/roster")).status_code == 403


async def test_the_list_filters_by_group_and_search(engine: db.Engine, browse: Browse) -> None:
    await make.small_city(units=3)
    browser = browse(people.coordinator)
    page = await browser.get("/office/roster", params={"group": "utility"})
    assert "第2单位" in text_of(page)
    assert "第1单位" not in text_of(page)
    assert "共1个单位" in text_of(page)
    page = await browser.get("/office/roster", params={"q": "W-005"})
    assert "第5窗口" in text_of(page)
    assert "没有符合条件的单位" in text_of(page)


async def test_a_unit_shows_its_windows_and_who_speaks_for_it(
    engine: db.Engine, browse: Browse
) -> None:
    city = await make.small_city(units=1, offices=1)
    browser = browse(people.coordinator)
    page = await browser.get(f"/office/units/{city.units[0].code}")
    for text in ("联络1", "第1窗口", "共2个窗口", f"?unit={city.units[0].code}"):
        assert text in text_of(page), text
    assert "0537-" not in text_of(page).replace("0537-0000000", "")
    office = await browser.get(f"/office/units/{city.units[1].code}")
    assert "该单位没有窗口" in text_of(office)
    assert (await browser.get("/office/units/0000000000")).status_code == 404


async def test_a_window_is_closed_opened_and_given_up(engine: db.Engine, browse: Browse) -> None:
    city = await make.small_city(units=1)
    code = city.windows[0].code
    url = f"/office/windows/{code}"
    browser = browse(people.coordinator)
    refused = await browser.post_form(f"{url}/close", {"reason": " "})
    assert refused.status_code == 422
    assert "请填写此项" in text_of(refused)
    long = await browser.post_form(f"{url}/close", {"reason": "检修" * 200})
    assert "最多300个字符" in text_of(long)
    assert "检修" * 200 in text_of(long)
    closed = await browser.post_form(f"{url}/close", {"reason": "设备检修"})
    assert closed.status_code == 303
    page = await browser.get(closed.headers["location"])
    assert "窗口已暂停" in text_of(page)
    assert "设备检修" in text_of(page)
    assert (await browser.post_form(f"{url}/close", {"reason": "再次"})).status_code == 409
    assert (await browser.post_form(f"{url}/reopen", {})).status_code == 303
    assert (await browser.post_form(f"{url}/reopen", {})).status_code == 409
    await browser.post_form(f"{url}/close", {"reason": "合并"})
    assert (await browser.post_form(f"{url}/retire", {"reason": ""})).status_code == 422
    assert (await browser.post_form(f"{url}/retire", {"reason": "合并"})).status_code == 303
    assert (await queries.window(code)).state is WindowState.RETIRED
    page = await browser.get(url)
    assert "已撤销" in text_of(page)
    assert f"{url}/retire" not in text_of(page)


async def test_a_reviewer_sees_no_way_to_change_a_window(engine: db.Engine, browse: Browse) -> None:
    city = await make.small_city(units=1)
    url = f"/office/windows/{city.windows[0].code}"
    browser = browse(people.reviewer)
    page = await browser.get(url)
    assert page.status_code == 200
    assert f"{url}/close" not in text_of(page)
    assert (await browser.post_form(f"{url}/close", {"reason": "装修"})).status_code == 403


async def test_a_form_without_the_sessions_token_changes_nothing(
    engine: db.Engine, browse: Browse
) -> None:
    city = await make.small_city(units=1)
    url = f"/office/windows/{city.windows[0].code}/close"
    answer = await browse(people.coordinator).post(url, data={"reason": "装修"})
    assert answer.status_code == 403
    assert (await queries.window(city.windows[0].code)).state is WindowState.ACTIVE
