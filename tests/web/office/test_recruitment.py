"""A campaign at the office's desk: each step as a page, and what the pages refuse."""

from __future__ import annotations

import datetime as dt
import html
import re
from collections.abc import Callable
from typing import Any

import httpx
import pytest
import zxingcpp
from PIL import Image

from panel import clock
from panel.db import Engine
from panel.recruitment import commands, queries
from tests import people
from tests.make import recruitment as make
from tests.web.conftest import Browser

Browse = Callable[..., Browser]
BASE = "/office/recruitment"


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch) -> Callable[[dt.datetime], None]:
    """Return a function that sets the clock of the pages."""

    def turn(moment: dt.datetime) -> None:
        monkeypatch.setattr(clock, "now", lambda: moment)

    turn(make.AT)
    return turn


@pytest.fixture
async def rulebook(engine: Engine) -> None:
    await make.rulebook_in_force(make.small_toml())


_SYMBOL = re.compile(
    r'<svg class="qr" viewBox="0 0 (\d+) \1".*?<path fill="#000" d="([^"]*)"/></svg>', re.DOTALL
)
_RUN = re.compile(r"M(\d+) (\d+)h(\d+)v1h-\d+z")


def links(page: str) -> list[str]:
    """Read the QR symbol of each card of a page."""
    found = []
    for size, path in _SYMBOL.findall(page):
        image = Image.new("L", (int(size), int(size)), 255)
        for x, y, length in _RUN.findall(path):
            for step in range(int(length)):
                image.putpixel((int(x) + step, int(y)), 0)
        scale = int(size) * 6
        large = image.resize((scale, scale), Image.Resampling.NEAREST)
        codes = zxingcpp.read_barcodes(large)
        found.append(next(each.text for each in codes if each.text.startswith("http")))
    return found


def text_of(answer: httpx.Response) -> str:
    return html.unescape(answer.text)


def typed(**more: str) -> dict[str, str]:
    """Return a complete form of a new campaign."""
    return {
        "title": "第一届招募",
        "conditions": "年满18周岁。",
        "privacy": "只用于招募。",
        "seats": "10",
        "reserve": "2",
        "opens_on": "2026-03-12",
        "closes_on": "2026-04-10",
        "term_start": "2026-05-01",
        "term_months": "24",
        **more,
    }


async def test_a_campaign_is_drafted_approved_by_another_person_and_announced(
    browse: Browse, rulebook: None, at: Callable[..., None]
) -> None:
    author = browse(people.coordinator)
    assert 'value="1000"' in (await author.get(f"{BASE}/new")).text
    made = await author.post_form(BASE, typed())
    assert made.status_code == 303
    address = made.headers["location"].split("?")[0]
    shown = await author.get(made.headers["location"])
    assert "草稿已保存" in shown.text
    own = await author.post_form(f"{address}/approve", {})
    assert own.status_code == 403
    announced = await browse(people.second).post_form(f"{address}/approve", {})
    assert announced.status_code == 303
    (campaign,) = await queries.announced()
    assert campaign.criteria_hash in (await author.get(address)).text
    assert campaign.closes_at == dt.datetime(2026, 4, 10, 16, tzinfo=dt.UTC)


async def test_an_announcement_can_be_signed_on_paper(
    browse: Browse, rulebook: None, at: Callable[..., None]
) -> None:
    made = await commands.create(people.coordinator, make.draft(), at=make.AT)
    author, second = browse(people.coordinator), browse(people.second)
    new = f"{BASE}/papers/new?act=announce&subject={made.code}"
    assert f'href="{new}"' in html.unescape((await author.get(f"{BASE}/{made.code}")).text)
    assert (await author.get(new)).status_code == 200
    signed = {
        "act": "announce", "subject": made.code, "paper_document": "济评办3号",
        "paper_signer": "示例领导", "paper_date": "2026-03-01",
    }  # fmt: skip
    missing = await author.post_form(f"{BASE}/papers", signed)
    assert missing.status_code == 422
    assert "济评办3号" in missing.text
    scanned = {"paper_scan": ("scan.png", b"\x89PNG\r\n\x1a\n scan of a signature")}
    done = await author.post_form(f"{BASE}/papers", signed, files=scanned)
    entry = done.headers["location"].partition("?")[0]
    number = entry.rpartition("/")[2]
    assert "另一人核对" in (await author.get(entry)).text
    scan = await second.get(f"{entry}/scan")
    assert scan.content.startswith(b"\x89PNG")
    assert scan.headers["content-disposition"].startswith("attachment")
    alone = await author.post_form(f"{BASE}/{made.code}/approve", {"paper_entry": number})
    assert alone.status_code == 403
    assert "济评办3号" in (await second.get(f"{BASE}/{made.code}")).text
    done = await second.post_form(f"{BASE}/{made.code}/approve", {"paper_entry": number})
    assert done.status_code == 303
    again = await second.post_form(f"{entry}/discard", {})
    assert again.status_code == 409


async def test_a_faulty_draft_comes_back_with_everything_typed(
    browse: Browse, rulebook: None, at: Callable[..., None]
) -> None:
    answer = await browse(people.coordinator, lang="en").post_form(
        BASE, typed(title="", seats="0", conditions="年满十八周岁")
    )
    assert answer.status_code == 422
    assert "年满十八周岁" in answer.text
    assert "A number from 1 to" in answer.text
    wrong = await browse(people.coordinator).post_form(BASE, typed(opens_on="soon"))
    assert wrong.status_code == 422
    assert not await queries.campaigns()


async def test_others_may_look_but_not_act(
    browse: Browse, rulebook: None, at: Callable[..., None]
) -> None:
    campaign = await make.announced()
    auditor: Any = browse(people.auditor)
    assert (await auditor.get(f"{BASE}/{campaign.code}")).status_code == 200
    assert (await auditor.post_form(f"{BASE}/{campaign.code}/lottery", {})).status_code == 403
    reviewer = browse(people.reviewer)
    assert (await reviewer.post_form(BASE, typed())).status_code == 403
    assert (await reviewer.post_form(f"{BASE}/{campaign.code}/cards", {})).status_code == 403
    forged = await browse(people.coordinator).post(BASE, data=typed())
    assert forged.status_code == 403
