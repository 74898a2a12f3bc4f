"""Documents to edit: the page's own words for the page's own reader, in the look of GB/T 9704."""

from __future__ import annotations

import datetime as dt
import io
import re
import zipfile
from collections.abc import Callable, Iterable
from html import escape, unescape
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import docx
import httpx
import pytest
from docx.oxml.ns import qn
from docx.shared import Mm
from docx.table import Table
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from panel import clock
from panel.assessments import queries as years
from panel.assessments.types import TALKS
from panel.rankings.types.officers import CaseState
from panel.reports.commands import archive, bulletins
from panel.reports.types import BulletinAudience, BulletinDraft, BulletinKind
from panel.settings import Settings
from tests import people
from tests.make import assessments, findings, notice, officers, orders, terms
from tests.make import rankings as cities
from tests.web.conftest import Browser
from web import archives, documents, qr, release
from web.documents.reading import Paragraph, read
from web.i18n import HTML_LANG, Lang

Browse = Callable[..., Browser]
ROOT = Path(__file__).parents[2]
AT = dt.datetime(2026, 11, 23, 4, 0, tzinfo=dt.UTC)
HOSTILE = "<script>alert(1)</script> =1+1 \x00\x07\x1b&amp; {{ x }} ]]>" + "很长" * 3000
_VOID = {"br", "input", "img", "meta", "link", "hr"}
_SCREENS = {"noprint", "vh", "actions", "pager", "back", "button", "change"}
_ACTING = {"nav", "form", "button", "script", "svg", "details", "select", "label"}


class Shown(HTMLParser):
    """The text of a page's main part: all of it, and what of it is no means of a screen."""

    def __init__(self, page: str) -> None:
        """Read a page."""
        super().__init__()
        self.whole: list[str] = []
        self.lasting: list[str] = []
        self._open: list[bool] = []
        self.feed(page[page.index("<main") : page.index("</main>")])

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Enter an element."""
        given = dict(attrs)
        classes = set((given.get("class") or "").split())
        away = tag in _ACTING or bool(classes & _SCREENS) or "hidden" in given
        if tag not in _VOID:
            self._open.append(away or any(self._open[-1:]))

    def handle_endtag(self, tag: str) -> None:
        """Leave an element."""
        if tag not in _VOID and self._open:
            self._open.pop()

    def handle_data(self, data: str) -> None:
        """Take in text."""
        self.whole.append(data)
        if not any(self._open[-1:]):
            self.lasting.append(data)


def squeezed(texts: Iterable[str]) -> str:
    """Return texts without any space: how they are broken into lines does not matter."""
    return re.sub(r"\s|[\x00-\x1f]", "", "".join(texts))


def word(data: bytes) -> Any:
    """Return a document as another program opens it."""
    return docx.Document(io.BytesIO(data))


def texts(data: bytes) -> list[str]:
    """Return the paragraphs of a document, those of its tables too, in their order."""
    found: list[str] = []
    for block in word(data).iter_inner_content():
        if isinstance(block, Table):
            for row in block.rows:
                found += [paragraph.text for cell in row.cells for paragraph in cell.paragraphs]
        else:
            found.append(block.text)
    return found


def made(main: str, lang: Lang = "zh", *, letterhead: bool = False) -> bytes:
    """Return a document of some elements."""
    page = f'<html><body><main id="main">{main}</main></body></html>'
    return documents.document(page, documents.Look("文书", lang, AT, letterhead))


def same(page: str, data: bytes) -> None:
    """Check that a document says what its page shows: nothing more, nothing less."""
    shown, written = Shown(page), texts(data)
    whole = squeezed(shown.whole)
    assert squeezed(written) == squeezed(shown.lasting)
    assert [each for each in written if squeezed([each]) not in whole] == []


async def downloaded(
    browser: Browser, url: str, form: dict[str, str] | None = None
) -> tuple[httpx.Response, httpx.Response]:
    """Return a page and the document of it, which must say the same."""
    if form is None:
        page = await browser.get(url)
        link = re.search(r'href="([^"]*as=docx)"', page.text)
        assert link is not None, url
        data = await browser.get(unescape(link[1]))
    else:
        page = await browser.post_form(url, form)
        data = await browser.post_form(url, {**form, "as": "docx"})
    assert (page.status_code, data.status_code) == (200, 200), url
    assert data.headers["content-type"] == documents.DOCX
    assert data.headers["cache-control"] == "no-store"
    name = data.headers["content-disposition"]
    assert re.fullmatch(r"attachment; filename\*=UTF-8''[\w%.-]+\.docx", name), name
    same(page.text, data.content)
    return page, data


async def closed(browser: Browser, url: str, *, form: dict[str, str] | None = None) -> None:
    """Check that who may not read the page gets no document of it either."""
    for more in ({}, {"as": "docx"}):
        if form is None:
            answer = await browser.get(url, params=more)
        else:
            answer = await browser.post_form(url, {**form, **more})
        assert answer.status_code in {303, 403, 404}, (url, more)
        assert answer.headers.get("content-type") != documents.DOCX


@pytest.mark.parametrize("lang", ["zh", "en"])
async def test_letters_to_units_and_bodies_say_what_their_pages_show(
    browse: Browse, lang: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = await orders.opened()
    monkeypatch.setattr(clock, "now", lambda: orders.FILED)
    office, unit = browse(people.coordinator, lang), browse(opened.liaison, lang)
    url = f"/office/orders/{opened.code}/letter"
    _, order = await downloaded(office, url)
    assert texts(order.content)[0] == "", "room for the red head"
    await closed(browse(people.clerk_a), url)
    await closed(browse(), url)
    finding = f"/office/findings/{opened.finding}"
    moved = await office.post_form(
        f"{finding}/transfer", {"body": findings.BODY, "document": "移函2号"}
    )
    _, letter = await downloaded(office, moved.headers["location"])
    assert "移函2号" in texts(letter.content)[1]
    await downloaded(unit, f"/unit/orders/{opened.code}/report")
    await downloaded(unit, "/unit/ledger")
    await downloaded(office, f"/office/ledger/{opened.liaison.unit}?kind=order")
    await closed(unit, url)


async def test_what_was_said_of_the_last_step_is_no_part_of_a_document(browse: Browse) -> None:
    opened = await orders.opened()
    url = f"/office/orders/{opened.code}/letter?said=order_done"
    office = browse(people.coordinator)
    page = await office.get(url)
    assert 'role="status"' in page.text
    again = await office.get(f"{url}&as=docx")
    plain = await office.get(url.partition("?")[0])
    same(plain.text, again.content)


@pytest.mark.parametrize("lang", ["zh", "en"])
async def test_a_year_and_its_ranking_are_given_to_edit(
    browse: Browse, lang: str, settings: Settings
) -> None:
    city = await assessments.final()
    await release.write_due(settings, at=cities.LATE)
    office = browse(people.publisher, lang)
    here = f"/office/rankings/{city.round.code}"
    for url in (f"{here}/press?day=2026-12-01", f"{here}/stamped", f"{here}/procedure"):
        await downloaded(office, url)
    await downloaded(office, f"/office/assessments/{assessments.YEAR}/print")
    await closed(browse(people.clerk_a), f"{here}/press")
    talks = [each for each in await years.consequences(assessments.YEAR) if each.kind in TALKS]
    record = f"/office/consequences/{talks[0].code}/record"
    _, blank = await downloaded(office, record)
    assert len(word(blank.content).tables) == 2
    held = {
        "held_on": assessments.OVER.date().isoformat(), "held_by": "分管领导",
        "spoke_with": "主要负责人", "summary": "限期整改。\n每月报告。", "document": "谈1",
        "place": "市政务大厅三楼", "promised": "增设窗口。", "follow_up": "2027-01-11",
    }  # fmt: skip
    desk = browse(people.coordinator, lang)
    step = f"/office/consequences/{talks[0].code}/steps/talk"
    long = await desk.post_form(step, held | {"promised": "长" * 4001})
    assert long.status_code == 422
    assert (await desk.post_form(step, held)).status_code == 303
    _, whole = await downloaded(office, record)
    for text in ("市政务大厅三楼", "增设窗口。", "每月报告。", "谈1"):
        assert text in texts(whole.content)
    others = [each for each in await years.consequences(assessments.YEAR) if each.kind not in TALKS]
    assert (await office.get(f"/office/consequences/{others[0].code}/record")).status_code == 404


async def test_the_catalogue_of_an_archive_is_given_to_edit_once_it_is_packed(
    browse: Browse, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    city, _ = await cities.published()
    monkeypatch.setattr(clock, "now", lambda: cities.LATE)
    code = await archive.pack(people.coordinator, city.round.code, at=cities.LATE)
    office = browse(people.coordinator)
    assert "as=docx" not in (await office.get(f"/office/archives/{code}")).text
    await archives.pack(settings, {"package": code}, cities.LATE)
    await downloaded(office, f"/office/archives/{code}")


@pytest.mark.parametrize("lang", ["zh", "en"])
async def test_a_circular_is_its_text_alone_whatever_stands_in_it(
    browse: Browse, lang: str
) -> None:
    await cities.measures()
    text = f"第一段 {HOSTILE}\n第二段"
    draft = BulletinDraft(
        kind=BulletinKind.CIRCULAR, audience=BulletinAudience.INTERNAL, title="=通报 <b>",
        text=text, title_en="", text_en="", document="通报〔2026〕1号", names=(), checked=(),
    )  # fmt: skip
    code = await bulletins.write(people.coordinator, draft, at=AT)
    office = browse(people.coordinator, lang)
    _, data = await downloaded(office, f"/office/circulars/{code}")
    found = texts(data.content)
    assert found[:3] == ["", "通报〔2026〕1号", "=通报 <b>"]
    assert "<script>alert(1)</script> =1+1" in found[3]
    assert "很长" * 3000 in found[3]
    assert found[4:] == ["第二段"]
    await closed(browse(people.clerk_a), f"/office/circulars/{code}")


@pytest.mark.parametrize("lang", ["zh", "en"])
async def test_notice_and_certificates_of_a_panel_are_given_to_edit(
    browse: Browse, lang: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    await cities.measures()
    campaign = await notice.drawn()
    monkeypatch.setattr(clock, "now", lambda: notice.DRAWN)
    office = browse(people.coordinator, lang)
    base = f"/office/recruitment/{campaign.code}"
    _, hung = await downloaded(office, f"{base}/notice/list")
    whole = "".join(texts(hung.content))
    assert not any(notice.identity(number).name in whole for number in range(1, 15))
    await downloaded(office, f"{base}/conduct")
    await closed(browse(people.reviewer), f"{base}/notice/list")
    await closed(browse(people.auditor), f"{base}/certificates", form={"batch": "0"})
    over = await notice.appointed()
    monkeypatch.setattr(clock, "now", lambda: notice.OVER)
    url = f"/office/recruitment/{over.code}/certificates"
    page, data = await downloaded(office, url, {"batch": "0"})
    count = page.text.count('class="poster a4"')
    document = word(data.content)
    breaks = [
        p for p in document.paragraphs if p._p.find(f".//{qn('w:pageBreakBefore')}") is not None
    ]
    assert (len(document.inline_shapes), len(breaks)) == (count, count - 1)


@pytest.mark.parametrize("lang", ["zh", "en"])
async def test_papers_to_persons_come_from_the_form_that_opens_them(
    browse: Browse, lang: str
) -> None:
    panel = await terms.panel()
    found = await terms.dismissed(panel[0])
    desk, clerk = browse(people.second, lang), browse(people.clerk_a)
    url = f"/office/terms/proceedings/{found.code}/letter"
    page, data = await downloaded(desk, url, {"sent": "邮寄决定书"})
    name = texts(data.content)[1].partition("\n")[0]
    assert name in page.text
    assert name not in unquote(data.headers["content-disposition"])
    await closed(clerk, url, form={"sent": "邮寄决定书"})
    refused = await desk.post_form(url, {"sent": "", "as": "docx"})
    assert refused.status_code == 422
    assert refused.headers["content-type"].startswith("text/html")


async def test_an_officer_is_handed_a_decision_that_was_finished_by_hand(
    browse: Browse, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = await officers.computed()
    monkeypatch.setattr(clock, "now", lambda: officers.on(officers.DECIDED))
    case = await officers.brought(place, await officers.officer(1, 1), "top", CaseState.DECIDED)
    desk = browse(people.coordinator)
    url = f"/office/officers/cases/{case.code}/papers/decision"
    _, data = await downloaded(desk, url, {})
    assert "（盖章）" in "".join(texts(data.content))
    await closed(browse(people.reviewer), url, form={})


def test_the_look_is_that_of_official_documents() -> None:
    main = "<h1>通知</h1><h2>一</h2><h3>二</h3><p>正文</p><p data-doc='signature'>某市</p>"
    document = word(made(main))
    (section,) = document.sections
    assert [round(each.mm) for each in (
        section.page_width, section.page_height, section.top_margin, section.bottom_margin,
        section.left_margin, section.right_margin,
    )] == [210, 297, 37, 35, 28, 26]  # fmt: skip
    told = [
        (p.text, p.style.element.rPr.rFonts.get(qn("w:eastAsia")), p.style.font.size.pt)
        for p in document.paragraphs
    ]
    assert told == [
        ("通知", "方正小标宋简体", 22), ("一", "黑体", 16), ("二", "楷体", 16),
        ("正文", "仿宋", 16), ("某市", "仿宋", 16),
    ]  # fmt: skip
    body = document.paragraphs[3].style.paragraph_format
    assert body.line_spacing is not None
    assert 28 <= body.line_spacing.pt <= 29
    assert body.first_line_indent == 2 * document.styles["Body Text"].font.size
    assert [p.text for p in section.footer.paragraphs] == ["—  —"]
    assert 'w:instr=" PAGE "' in section.footer._element.xml


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_document_is_of_its_language_and_tells_of_no_maker(lang: Lang) -> None:
    data = made('<p>正文 text</p><p lang="fr">mot</p>', lang, letterhead=True)
    assert data == made('<p>正文 text</p><p lang="fr">mot</p>', lang, letterhead=True)
    document = word(data)
    facts = document.core_properties
    assert (facts.author, facts.last_modified_by, facts.comments) == ("", "", "")
    assert (facts.created, facts.language) == (AT, HTML_LANG[lang])
    tongues = [each.get(qn("w:val")) for each in document.styles.element.iter(qn("w:lang"))]
    assert tongues == [HTML_LANG[lang]]
    with zipfile.ZipFile(io.BytesIO(data)) as file:
        assert {each.date_time for each in file.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        whole = b"".join(file.read(name) for name in file.namelist()).lower()
        assert not [
            word for word in (b"python", b"microsoft office", b"macintosh") if word in whole
        ]
    free = document.paragraphs[0].paragraph_format.line_spacing
    assert free is not None
    assert abs(free - Mm(55)) < Mm(1)


def test_nothing_of_a_screen_comes_along() -> None:
    main = (
        '<a class="back noprint" href="/">返回</a><p>正文<span class="vh">隐藏</span></p>'
        '<form><label>标签</label><input value="值"><button>按钮</button></form><nav>导航</nav>'
        "<script>let x</script><p hidden>藏</p><details><summary>更多</summary>里面</details>"
        '<div class="actions"><a class="button" href="/">去</a></div>'
    )
    assert texts(made(main)) == ["正文"]


def test_tables_lists_and_symbols_keep_their_shape() -> None:
    symbol = qr.svg("http://127.0.0.1/x", "读码")
    rows = "".join(f"<tr><th>{n}</th><td class='num'>{n}</td></tr>" for n in range(40))
    data = made(
        f"<ol><li>甲</li><li><p>乙</p><p>续</p></li></ol><ol><li>丙</li></ol><ul><li>丁</li></ul>"
        f"<table><thead><tr><th>项</th><th>数</th></tr></thead><tbody>{rows}</tbody></table>"
        f"<dl><div><dt>单位</dt><dd>市<br>局</dd></div><div><dt>签名</dt><dd></dd></div></dl>{symbol}"
    )
    document = word(data)
    lists = [
        (p.style.name, p._p.pPr.numPr.numId.val)
        for p in document.paragraphs
        if p._p.pPr.numPr is not None
    ]
    assert lists == [("List Number", 2), ("List Number", 2), ("List Number", 3), ("List Bullet", 1)]
    wide, facts = document.tables
    assert (len(wide.rows), len(wide.columns)) == (41, 2)
    assert wide.rows[0]._tr.trPr.find(qn("w:tblHeader")) is not None
    assert [[cell.text for cell in row.cells] for row in facts.rows] == [
        ["单位", "市\n局"],
        ["签名", ""],
    ]
    (picture,) = (part for part in document.part.package.iter_parts() if "media" in part.partname)
    with Image.open(io.BytesIO(picture.blob)) as drawn:
        size, black = qr.runs("http://127.0.0.1/x")
        assert drawn.size == (size * 6, size * 6)
        dark = sum(
            drawn.resize((size, size)).getpixel((x, y)) == 0
            for x in range(size)
            for y in range(size)
        )
        assert dark == sum(length for _, _, length in black)


def test_a_wide_table_lies_across_the_paper() -> None:
    row = "".join(f"<td>{n}</td>" for n in range(8))
    (section,) = word(made(f"<table><tr>{row}</tr></table>")).sections
    assert section.page_width > section.page_height


@given(st.text(max_size=200))
@settings(max_examples=30, deadline=None)
def test_any_text_comes_through_or_loses_only_what_no_document_may_hold(text: str) -> None:
    (block,) = read(f"<main><p>始{escape(text)}终</p></main>", "zh-CN") or (None,)
    assert isinstance(block, Paragraph)
    kept = re.sub("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]", "", text)
    assert squeezed(run.text for run in block.runs) == squeezed(["始", kept, "终"])


def test_every_page_that_offers_a_document_gives_one() -> None:
    handlers = [
        part
        for path in (ROOT / "web").rglob("*.py")
        for part in path.read_text("utf-8").split("\nasync def ")
        if "documents.offered(" in part
    ]
    offering = [
        path.relative_to(ROOT / "templates").as_posix()
        for path in (ROOT / "templates").rglob("*.html")
        if "{{ document_link(" in path.read_text("utf-8")
    ]
    assert len(offering) > 15
    assert [name for name in offering if not any(f'"{name}"' in part for part in handlers)] == []
