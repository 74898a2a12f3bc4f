"""Applying on a phone: the form, the lines for recusals, drafts, the check, the receipt."""

from __future__ import annotations

import datetime as dt
import html
import re
from collections.abc import Callable
from typing import Any

import pytest

from panel import clock
from panel.accounts import commands as accounts
from panel.accounts.tables import Limit
from panel.db import Engine
from panel.recruitment.tables import Application, ApplicationDraft
from tests.make import applications as apply
from tests.make import recruitment as make
from tests.make import roster
from tests.web.conftest import Browser

Browse = Callable[..., Browser]


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch) -> Callable[[dt.datetime], None]:
    """Return a function that sets the clock of the pages."""

    def turn(moment: dt.datetime) -> None:
        monkeypatch.setattr(clock, "now", lambda: moment)

    return turn


@pytest.fixture
async def rulebook(engine: Engine) -> None:
    await make.rulebook_in_force(make.small_toml())


def typed(number: int = 1, **more: Any) -> dict[str, Any]:
    """Return what an applicant types into the page."""
    return apply.typed(make.form(number), number, **more)


def hidden(page: str) -> dict[str, Any]:
    """Return the hidden fields of a page, as the next post carries them."""
    pairs = re.findall(r'<input type="hidden" name="([\w.]+)" value="([^"]*)">', page)
    return {name: html.unescape(value) for name, value in pairs}


def codes(page: str) -> list[str]:
    """Return the large numbers of a page: ticket and receipt code."""
    return re.findall(r'class="figure mono">([0-9A-Z]{10})<', page)


async def test_an_application_goes_from_the_form_to_the_receipt(
    browse: Browse, rulebook: None, at: Callable[..., None]
) -> None:
    city = await roster.small_city()
    campaign = await make.announced()
    at(make.OPEN)
    browser = browse()
    address = f"/zh/recruitment/{campaign.code}/apply"
    empty = await browser.get(address)
    assert city.units[0].name in empty.text
    assert city.windows[0].hall_name in empty.text
    line: dict[str, Any] = {"unit.0": city.units[0].code, "kind.0": "relative"}
    values = typed(national_id=make.national_id(1).lower(), **line)
    checked = await browser.post(address, data={**values, "step": "check"})
    assert checked.status_code == 200
    assert make.national_id(1) in checked.text
    assert checked.headers["cache-control"] == "no-store"
    assert f"{city.units[0].name}（近亲属在该单位工作）" in checked.text
    assert await Application.count() == 0
    again = hidden(checked.text)
    changed = await browser.post(address, data={**again, "step": "change"})
    assert values["address"] in changed.text
    assert f'value="{city.units[0].code}" selected' in changed.text
    sent = await browser.post(address, data={**again, "step": "send"})
    assert sent.status_code == 200
    assert values["name"] not in sent.text
    twice = await browser.post(address, data={**again, "step": "send"})
    assert codes(twice.text) == codes(sent.text)
    assert len(codes(sent.text)) == 2
    assert await Application.count() == 1


async def test_what_is_wrong_is_named_and_nothing_typed_is_lost(
    browse: Browse, rulebook: None, at: Callable[..., None]
) -> None:
    campaign = await make.announced()
    at(make.OPEN)
    wrong = typed(national_id="990000198506150013", phone="12", consent="", step="check")
    answer = await browse().post(f"/zh/recruitment/{campaign.code}/apply", data=wrong)
    assert answer.status_code == 422
    for text in ("号码的校验位不对", "请填写能联系到您的电话号码", "请阅读并勾选同意"):
        assert answer.text.count(text) == 2, text
    assert wrong["address"] in answer.text
    assert "990000198506150013" in answer.text
    english = await browse().post(f"/en/recruitment/{campaign.code}/apply", data=wrong)
    assert "The check digit does not fit" in english.text


async def test_a_person_who_applied_is_refused_without_telling_who(
    browse: Browse, rulebook: None, at: Callable[..., None]
) -> None:
    campaign = await make.announced()
    at(make.OPEN)
    browser = browse()
    address = f"/zh/recruitment/{campaign.code}/apply"
    await browser.post(address, data=typed(step="send"))
    other = typed(step="send", key="another" * 4, name="另一人", address="别处9号楼")
    answer = await browser.post(address, data=other)
    assert answer.status_code == 409
    assert make.form().name not in answer.text
    assert other["address"] in answer.text
    assert make.form().address not in answer.text


async def test_a_late_application_is_refused_in_the_readers_language(
    browse: Browse, rulebook: None, at: Callable[..., None]
) -> None:
    campaign = await make.announced()
    at(make.CLOSES)
    browser = browse()
    late = await browser.post(f"/zh/recruitment/{campaign.code}/apply", data=typed(step="send"))
    assert late.status_code == 410
    assert "报名已经截止" in late.text
    late = await browser.post(f"/en/recruitment/{campaign.code}/apply", data=typed(step="check"))
    assert "Applications have closed" in late.text
    form = await browser.get(f"/zh/recruitment/{campaign.code}/apply")
    assert form.status_code == 303
    assert await Application.count() == 0


async def test_a_form_of_another_site_is_refused(
    browse: Browse, rulebook: None, at: Callable[..., None]
) -> None:
    campaign = await make.announced()
    at(make.OPEN)
    answer = await browse().post(
        f"/zh/recruitment/{campaign.code}/apply",
        data=typed(step="send"),
        headers={"Origin": "https://elsewhere.example"},
    )
    assert answer.status_code == 403
    assert await Application.count() == 0


async def test_many_applications_from_one_address_are_slowed_and_never_locked(
    browse: Browse, rulebook: None, at: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    campaign = await make.announced()
    at(make.OPEN)
    waited: list[float] = []

    async def sleep(seconds: float) -> None:
        waited.append(seconds)

    monkeypatch.setattr("web.session.asyncio.sleep", sleep)
    address = f"/zh/recruitment/{campaign.code}/apply"
    browser = browse()
    first = await browser.post(address, data=typed(1, step="send"))
    assert (first.status_code, waited) == (200, [0.0])
    for _ in range(60):
        await accounts.note_sending("127.0.0.1", at=make.OPEN)
    second = await browser.post(address, data=typed(2, step="send"))
    assert second.status_code == 200
    assert waited[-1] == pytest.approx(2.0)
    (row,) = await Limit.select()
    assert (row["bucket"].partition(":")[0], row["tries"]) == ("sending", 62)
    assert "127.0.0.1" not in row["bucket"]
    await accounts.forget(at=make.OPEN + dt.timedelta(days=2))
    await browser.post(address, data=typed(3, step="check"))
    assert waited[-1] == 0.0


async def test_the_receipt_answers_the_post_and_its_code_stands_in_no_address(
    browse: Browse, rulebook: None, at: Callable[..., None]
) -> None:
    campaign = await make.announced()
    at(make.OPEN)
    for lang in ("zh", "en"):
        number = 1 if lang == "zh" else 2
        sent = await browse().post(
            f"/{lang}/recruitment/{campaign.code}/apply", data=typed(number, step="send")
        )
        ticket, code = codes(sent.text)
        assert sent.headers["cache-control"] == "no-store"
        assert "<svg" in sent.text
        addresses = " ".join(re.findall(r'(?:href|action|src)="([^"]*)"', sent.text))
        assert code not in html.unescape(addresses)
        assert ticket != code
        assert make.form(number).name not in sent.text


async def test_every_field_tells_its_purpose_and_the_privacy_notice_stands_in_the_form(
    browse: Browse, rulebook: None, at: Callable[..., None]
) -> None:
    await roster.small_city()
    campaign = await make.announced()
    at(make.OPEN)
    shown = (await browse().get(f"/zh/recruitment/{campaign.code}/apply")).text
    assert "个人信息只用于招募。" in shown
    for name in ("name", "national_id", "phone", "district", "address", "occupation", "employer"):
        assert f'id="f-{name}-hint"' in shown, name
    large = await browse().get(
        f"/en/recruitment/{campaign.code}/apply", headers={"Cookie": "panel_large=1"}
    )
    assert 'class="large"' in large.text
    assert "Personal data are used for the recruitment only." in large.text


async def test_lines_for_recusals_are_added_without_losing_anything(
    browse: Browse, rulebook: None, at: Callable[..., None]
) -> None:
    city = await roster.small_city()
    campaign = await make.announced()
    at(make.OPEN)
    address = f"/zh/recruitment/{campaign.code}/apply"
    unit = city.units[0]
    line = {"unit.1": unit.code, "kind.1": "lawsuit"}
    more = await browse().post(address, data=typed(1, step="rows", rows="3", **line))
    assert more.text.count('name="unit.') == 6
    assert f'value="{unit.code}" selected' in more.text
    assert html.escape(make.form(1).address) in more.text
    checked = await browse().post(address, data=typed(1, rows="6", **line))
    assert f"{unit.name}（有诉讼）" in checked.text
    half = await browse().post(address, data=typed(1, rows="3", **{"unit.0": unit.code}))
    assert half.status_code == 422
    assert half.text.count("请为每个单位选择回避原因") == 2
    assert f'value="{unit.code}" selected' in half.text


@pytest.mark.parametrize("rows", ["", "-5", "99999999", "x", "九"])
async def test_no_number_of_lines_breaks_the_form(
    browse: Browse, rulebook: None, at: Callable[..., None], rows: str
) -> None:
    await roster.small_city()
    campaign = await make.announced()
    at(make.OPEN)
    shown = await browse().post(
        f"/zh/recruitment/{campaign.code}/apply", data=typed(1, step="rows", rows=rows)
    )
    assert shown.status_code == 200
    assert 6 <= shown.text.count('name="unit.') <= 60


async def test_a_draft_is_kept_and_taken_up_elsewhere(
    browse: Browse, rulebook: None, at: Callable[..., None]
) -> None:
    city = await roster.small_city()
    campaign = await make.announced()
    at(make.OPEN)
    place = f"/zh/recruitment/{campaign.code}"
    unfinished = typed(
        1, step="save", national_id="99", consent="", **{"unit.0": city.units[0].code}
    )
    saved = await browse().post(f"{place}/apply", data=unfinished)
    (code,) = codes(saved.text)
    assert await Application.count() == 0
    other = browse()
    assert (await other.get(f"{place}/draft")).status_code == 200
    taken = await other.post(f"{place}/draft", data={"draft": code.lower()})
    assert make.form(1).address in taken.text
    assert 'value="99"' in taken.text
    assert f'value="{city.units[0].code}" selected' in taken.text
    assert hidden(taken.text)["key"] == unfinished["key"]
    sent = await other.post(f"{place}/apply", data=typed(1, step="send"))
    assert sent.status_code == 200
    assert await ApplicationDraft.count() == 0


async def test_a_wrong_code_of_a_draft_is_named_and_kept(
    browse: Browse, rulebook: None, at: Callable[..., None]
) -> None:
    campaign = await make.announced()
    at(make.OPEN)
    answer = await browse().post(
        f"/zh/recruitment/{campaign.code}/draft", data={"draft": "0000000000"}
    )
    assert answer.status_code == 404
    assert "没有这个草稿" in answer.text
    assert 'value="0000000000"' in answer.text


async def test_the_same_form_with_other_words_is_refused_and_nothing_typed_is_lost(
    browse: Browse, rulebook: None, at: Callable[..., None]
) -> None:
    campaign = await make.announced()
    at(make.OPEN)
    address = f"/zh/recruitment/{campaign.code}/apply"
    sent = await browse().post(address, data=typed(1, step="send"))
    ticket, code = codes(sent.text)
    again = await browse().post(address, data=typed(1, step="send", employer="改过的公司"))
    assert again.status_code == 409
    assert "改过的公司" in again.text
    assert ticket in again.text
    assert code not in again.text
