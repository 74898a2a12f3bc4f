"""The QR centre: finding codes, printing on pages and as a file, reprinting, given-up windows."""

from __future__ import annotations

import html
import re
import subprocess
import sys
from collections.abc import Callable

import httpx
import pypdfium2
import pytest
import zxingcpp
from PIL import Image

from panel import db
from panel.actor import Actor
from panel.roster import queries
from panel.roster.commands import close_window, retire_window
from panel.roster.commands import posters as commands
from panel.settings import Settings
from tests import people
from tests.make import roster as make
from tests.web.conftest import HOST, Browser
from web.jobs import KINDS

Browse = Callable[..., Browser]
_SYMBOL = re.compile(
    r'<svg class="qr" viewBox="0 0 (\d+) \1".*?<path fill="#000" d="([^"]*)"/></svg>', re.DOTALL
)
_RUN = re.compile(r"M(\d+) (\d+)h(\d+)v1h-\d+z")


def text_of(answer: httpx.Response) -> str:
    """Return a page's text with its references resolved; slashes in addresses are escaped."""
    return html.unescape(answer.text)


def scan(page: str) -> list[str]:
    """Read every QR symbol of a page: draw its path as a bitmap and decode that."""
    texts = []
    for size, path in _SYMBOL.findall(page):
        image = Image.new("L", (int(size), int(size)), 255)
        for x, y, length in _RUN.findall(path):
            for step in range(int(length)):
                image.putpixel((int(x) + step, int(y)), 0)
        scale = int(size) * 6
        (found,) = zxingcpp.read_barcodes(image.resize((scale, scale), Image.Resampling.NEAREST))
        texts.append(found.text)
    return texts


async def test_a_code_is_found_by_name_hall_state_and_scanned_address(
    engine: db.Engine, browse: Browse
) -> None:
    city = await make.small_city(units=2)
    window = city.windows[3]
    browser = browse(people.auditor)
    whole = text_of(await browser.get("/office/posters"))
    for each in city.windows:
        assert f"/office/posters/{each.code}" in whole
    assert "共4个窗口" in whole
    assert "待印制" in whole
    for query in (
        {"q": window.name},
        {"q": f"{HOST}/w/{window.code}"},
        {"q": window.code.lower(), "unit": window.unit_code, "hall": window.hall_code},
    ):
        found = text_of(await browser.get("/office/posters", params=query))
        assert re.findall(r"/office/posters/([0-9A-Z]{10})", found) == [window.code]
    nothing = await browser.get("/office/posters", params={"state": "retired"})
    assert "没有符合条件的窗口" in text_of(nothing)
    english = browse(people.auditor, lang="en")
    assert "QR codes" in text_of(await english.get("/office/posters"))


async def test_pages_of_the_list_follow_each_other(engine: db.Engine, browse: Browse) -> None:
    city = await make.small_city(units=4, windows=14)
    browser = browse(people.coordinator)
    first = text_of(await browser.get("/office/posters"))
    (following,) = re.findall(r'href="([^"]*after=[^"]*)"', first)
    second = text_of(await browser.get(following))
    codes = [
        code
        for page in (first, second)
        for code in re.findall(r"/office/posters/([0-9A-Z]{10})", page)
    ]
    assert codes == [window.code for window in city.windows]
    assert 'formaction="/office/posters/print"' not in first
    assert "超过50张时" in first


async def test_the_symbol_of_a_window_leads_to_its_page(engine: db.Engine, browse: Browse) -> None:
    city = await make.small_city(units=1)
    window = city.windows[0]
    browser = browse(people.coordinator)
    page = text_of(await browser.get(f"/office/posters/{window.code.lower()}"))
    (address,) = scan(page)
    assert address == f"{HOST}/w/{window.code}"
    assert int(_SYMBOL.findall(page)[0][0]) == 33 + 2 * 4
    assert "尚未印制" in page
    public = await browse().get(address)
    assert public.status_code == 200
    assert window.name in public.text
    assert (await browser.get("/office/posters/0000000000")).status_code == 404


@pytest.mark.parametrize("size", ["a4", "a5", "a6", "sheets"])
async def test_a_page_shows_posters_and_keeps_that_they_were_printed(
    engine: db.Engine, browse: Browse, size: str
) -> None:
    city = await make.small_city(units=2)
    browser = browse(people.coordinator)
    page = await browser.post_form("/office/posters/print", {"size": size})
    assert page.status_code == 200
    assert scan(text_of(page)) == [f"{HOST}/w/{window.code}" for window in city.windows]
    window = city.windows[0]
    for text in (window.name, window.name_en, window.code, "127.0.0.1:8000/w/", "第1次印制"):
        assert text in text_of(page), text
    assert "Printing no. 1" in text_of(page)
    assert "待印制" not in text_of(await browser.get(f"/office/posters/{window.code}"))
    due = await browser.get("/office/posters", params={"state": "due"})
    assert "没有符合条件的窗口" in text_of(due)


async def test_a_new_printing_wants_a_reason_and_keeps_the_address(
    engine: db.Engine, browse: Browse
) -> None:
    city = await make.small_city(units=1)
    window, other = city.windows
    browser = browse(people.coordinator)
    url = "/office/posters/reprint"
    refused = await browser.post_form(url, {"code": window.code, "reason": " "})
    assert refused.status_code == 422
    assert "请填写此项" in text_of(refused)
    answer = await browser.post_form(url, {"code": window.code, "reason": "被广告覆盖"})
    page = text_of(await browser.get(answer.headers["location"]))
    assert "被广告覆盖" in page
    assert scan(page) == [f"{HOST}/w/{window.code}"]
    assert (await queries.window(window.code)).printing == 2
    assert (await queries.window(other.code)).printing == 1
    assert (await browser.post_form(url, {"unit": window.unit_code})).status_code == 422
    many = await browser.post_form(url, {"unit": window.unit_code, "reason": "换新域名"})
    assert many.headers["location"].startswith("/office/posters?state=due")
    assert (await queries.window(window.code)).printing == 3
    assert (await queries.window(other.code)).printing == 2


async def test_a_file_is_made_shown_fetched_and_can_be_cancelled(
    engine: db.Engine, browse: Browse, settings: Settings
) -> None:
    city = await make.small_city(units=2)
    browser = browse(people.coordinator)
    made = await browser.post_form("/office/posters/files", {"size": "sheets"})
    url = made.headers["location"]
    waiting = await browser.get(url)
    assert waiting.headers["refresh"] == "3"
    assert "等待中" in text_of(waiting)
    assert (await browser.get(f"{url}/posters.pdf")).status_code == 404
    await KINDS[commands.JOB](settings, {"run": url.rpartition("/")[2]}, make.AT)
    ready = await browse(people.auditor).get(url)
    assert "refresh" not in ready.headers
    assert f"{url}/posters.pdf" in text_of(ready)
    fetched = await browse(people.auditor).get(f"{url}/posters.pdf")
    assert fetched.headers["content-type"] == "application/pdf"
    assert "attachment" in fetched.headers["content-disposition"]
    document = pypdfium2.PdfDocument(fetched.content)
    found = [
        each.text
        for page in document
        for each in zxingcpp.read_barcodes(page.render(scale=2).to_pil())
    ]
    assert sorted(found) == sorted(f"{HOST}/w/{window.code}" for window in city.windows)
    assert (await browser.post_form(f"{url}/cancel", {})).status_code == 409
    other = await browser.post_form("/office/posters/files", {"size": "a6"})
    assert (await browser.post_form(other.headers["location"] + "/cancel", {})).status_code == 303
    assert "已取消" in text_of(await browser.get(other.headers["location"]))
    assert "大厅汇总页" in text_of(await browser.get("/office/posters"))


async def test_a_given_up_code_is_not_printed_and_its_page_says_so(
    engine: db.Engine, browse: Browse
) -> None:
    city = await make.small_city(units=1)
    window = city.windows[0]
    await close_window(people.coordinator, window.code, "合并", at=make.AT)
    await retire_window(people.coordinator, window.code, "并入二号窗口", at=make.AT)
    browser = browse(people.coordinator)
    page = text_of(await browser.get(f"/office/posters/{window.code}"))
    assert "此编码不会再给其他窗口使用" in page
    assert "/office/posters/files" not in page
    refused = await browser.post_form("/office/posters/print", {"size": "a5", "code": window.code})
    assert refused.status_code == 404
    public = await browse().get(f"/w/{window.code}")
    assert "该窗口已撤销" in text_of(public)
    nothing = {"size": "a5", "state": "retired"}
    assert (await browser.post_form("/office/posters/files", nothing)).status_code == 409


@pytest.mark.parametrize("actor", [people.reviewer, people.auditor])
async def test_who_may_not_print_reads_only(
    engine: db.Engine, browse: Browse, actor: Actor
) -> None:
    city = await make.small_city(units=1)
    browser = browse(actor)
    for url in ("/office/posters", f"/office/posters/{city.windows[0].code}"):
        page = await browser.get(url)
        assert page.status_code == 200
        assert 'method="post"' not in page.text.partition("<main")[2]
    for url in ("print", "files", "reprint"):
        answer = await browser.post_form(f"/office/posters/{url}", {"size": "a5", "reason": "x"})
        assert answer.status_code == 403


async def test_a_size_that_is_none_is_refused(engine: db.Engine, browse: Browse) -> None:
    await make.small_city(units=1)
    for url in ("print", "files"):
        answer = await browse(people.coordinator).post_form(
            f"/office/posters/{url}", {"size": "a0"}
        )
        assert answer.status_code == 422


def test_serving_loads_no_printing_library() -> None:
    code = "import sys, web.app, web.jobs; sys.exit('reportlab' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
