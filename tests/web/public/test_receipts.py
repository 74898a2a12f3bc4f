"""The own application on a phone: opened by the receipt, without a session."""

from __future__ import annotations

import datetime as dt
import html
import re
from collections.abc import Callable

import msgspec
import pytest

from panel import clock
from panel.accounts.tables import Limit
from panel.db import Engine
from panel.recruitment.tables import Application
from panel.recruitment.types.applications import ApplicationState, Receipt
from panel.recruitment.types.campaigns import CampaignView
from panel.vault import commands as vault
from tests import people
from tests.make import applications as apply
from tests.make import recruitment as make
from tests.make import roster
from tests.web.conftest import Browser
from tests.web.public.test_applications import hidden

Browse = Callable[..., Browser]
SECOND = dt.timedelta(seconds=1)
VERBS = ("", "/answer", "/change", "/data", "/data.json", "/phone", "/withdraw")


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch) -> Callable[[dt.datetime], None]:
    """Return a function that sets the clock of the pages."""

    def turn(moment: dt.datetime) -> None:
        monkeypatch.setattr(clock, "now", lambda: moment)

    return turn


@pytest.fixture
async def campaign(engine: Engine, at: Callable[..., None]) -> CampaignView:
    await make.rulebook_in_force(make.small_toml())
    found = await make.announced()
    at(make.OPEN)
    return found


def place(campaign: CampaignView, verb: str = "", lang: str = "zh") -> str:
    """Return an address of the own application."""
    return f"/{lang}/recruitment/{campaign.code}/own{verb}"


def keys(receipt: Receipt, **more: str) -> dict[str, str]:
    """Return what opens the own application, as forms carry it."""
    return {"ticket": receipt.ticket, "receipt": receipt.code, **more}


async def test_ticket_and_receipt_code_show_where_the_application_stands(
    browse: Browse, campaign: CampaignView
) -> None:
    receipt = await apply.sent(campaign.code)
    for lang, told in (("zh", "报名截止后开始审查"), ("en", "It is checked after")):
        shown = await browse().post(place(campaign, lang=lang), data=keys(receipt))
        assert shown.status_code == 200
        assert told in shown.text
        assert shown.headers["cache-control"] == "no-store"
        assert "set-cookie" not in shown.headers
        addresses = re.findall(r'(?:href|action)="([^"]*)"', shown.text)
        assert receipt.code not in html.unescape(" ".join(addresses))
        assert hidden(shown.text) == keys(receipt)


async def test_the_ticket_alone_opens_nothing_anywhere(
    browse: Browse, campaign: CampaignView
) -> None:
    receipt = await apply.sent(campaign.code)
    asked = await browse().get(f"{place(campaign)}?ticket={receipt.ticket}")
    assert f'value="{receipt.ticket}"' in asked.text
    assert make.form(1).phone not in asked.text
    for verb in VERBS:
        answers = set()
        await Limit.delete(force=True)
        for ticket, code in (
            (receipt.ticket, ""),
            (receipt.ticket, "0000000000"),
            ("0000000000", receipt.code),
            ("0000000000", "0000000000"),
        ):
            answer = await browse().post(
                place(campaign, verb), data={"ticket": ticket, "receipt": code, "step": "yes"}
            )
            plain = answer.text.replace(f'value="{ticket}"', "")
            answers.add((answer.status_code, plain.replace(f'value="{code}"', "")))
            assert make.form(1).phone not in answer.text
        assert len(answers) == 1, verb
        assert next(iter(answers))[0] == 404
    (row,) = await Application.select(Application.state)
    assert row["state"] == ApplicationState.SUBMITTED


async def test_many_wrong_codes_have_to_wait(browse: Browse, campaign: CampaignView) -> None:
    receipt = await apply.sent(campaign.code)
    wrong = {"ticket": receipt.ticket, "receipt": "0000000000"}
    statuses = [(await browse().post(place(campaign), data=wrong)).status_code for _ in range(11)]
    assert statuses == [404] * 10 + [429]


async def test_a_change_goes_from_the_form_over_the_check_to_the_page(
    browse: Browse, campaign: CampaignView
) -> None:
    city = await roster.small_city()
    receipt = await apply.sent(campaign.code)
    browser, address = browse(), place(campaign, "/change")
    shown = await browser.post(address, data=keys(receipt))
    form = make.form(1)
    for value in (form.name, form.phone, form.address, form.employer):
        assert f'value="{value}"' in shown.text
    assert form.national_id not in shown.text
    fields = apply.typed(form, 1, **keys(receipt), address="另一路8号")
    fields |= {"rows": "3", "unit.0": city.units[0].code, "kind.0": "contract", "national_id": ""}
    more = await browser.post(address, data={**fields, "step": "rows"})
    assert more.text.count('name="unit.') == 6
    checked = await browser.post(address, data={**fields, "step": "check"})
    assert "另一路8号" in checked.text
    assert f"{city.units[0].name}（有合同关系）" in checked.text
    again = hidden(checked.text)
    back = await browser.post(address, data={**again, "step": "change"})
    assert "另一路8号" in back.text
    saved = await browser.post(address, data={**again, "step": "send"})
    assert "修改已保存" in saved.text
    shown = await browser.post(address, data=keys(receipt))
    assert "另一路8号" in shown.text
    assert f'value="{city.units[0].code}" selected' in shown.text


async def test_a_wrong_change_is_named_and_nothing_typed_is_lost(
    browse: Browse, campaign: CampaignView
) -> None:
    receipt = await apply.sent(campaign.code)
    fields = apply.typed(make.form(1), 1, **keys(receipt), phone="12", address="另一路8号")
    for step in ("check", "send"):
        answer = await browse().post(place(campaign, "/change"), data={**fields, "step": step})
        assert answer.status_code == 422
        assert answer.text.count("请填写能联系到您的电话号码") == 2
        assert "另一路8号" in answer.text


async def test_after_the_closing_nothing_is_changed_but_the_telephone(
    browse: Browse, campaign: CampaignView, at: Callable[..., None]
) -> None:
    receipt = await apply.sent(campaign.code)
    at(make.CLOSES)
    shown = await browse().post(place(campaign), data=keys(receipt))
    assert "修改报名内容" not in shown.text
    fields = apply.typed(make.form(1), 1, **keys(receipt), step="send")
    late = await browse().post(place(campaign, "/change"), data=fields)
    assert late.status_code == 410
    wrong = await browse().post(place(campaign, "/phone"), data=keys(receipt, phone="12"))
    assert wrong.status_code == 422
    assert 'value="12"' in wrong.text
    right = await browse().post(place(campaign, "/phone"), data=keys(receipt, phone="19988887777"))
    assert "电话号码已修改" in right.text
    data = await browse().post(place(campaign, "/data"), data=keys(receipt))
    assert "19988887777" in data.text


async def test_a_withdrawal_asks_once_more_and_erases(
    browse: Browse, campaign: CampaignView
) -> None:
    receipt = await apply.sent(campaign.code)
    address = place(campaign, "/withdraw")
    asked = await browse().post(address, data=keys(receipt))
    assert "要撤回报名吗" in asked.text
    (row,) = await Application.select(Application.state)
    assert row["state"] == ApplicationState.SUBMITTED
    for _ in range(2):
        done = await browse().post(address, data=keys(receipt, step="yes"))
        assert done.status_code == 200
        assert "您的个人信息已经删除" in done.text
    data = await browse().post(place(campaign, "/data"), data=keys(receipt))
    assert "已删除，任何人都不能再读取" in data.text
    assert make.form(1).name not in data.text
    change = await browse().post(place(campaign, "/change"), data=keys(receipt))
    assert change.status_code in {409, 410}


async def test_own_data_are_a_page_and_a_file_with_everybody_who_looked(
    browse: Browse, campaign: CampaignView
) -> None:
    city = await roster.small_city()
    receipt = await apply.sent(campaign.code)
    await Application.update(
        {Application.exclusions: f'[["{city.units[0].code}","relative"]]'}, force=True
    )
    opened = await apply.opened(campaign.code, receipt)
    await vault.look(people.clerk_a, opened.person, ("name",), "核对材料", at=make.OPEN)
    form = make.form(1)
    for lang in ("zh", "en"):
        shown = await browse().post(place(campaign, "/data", lang), data=keys(receipt))
        for known in (form.name, form.national_id, form.phone, form.address, form.employer,
                      "核对材料", "clerk-a"):  # fmt: skip
            assert known in shown.text, known
    file = await browse().post(place(campaign, "/data.json"), data=keys(receipt))
    facts = msgspec.json.decode(file.content)
    assert facts["person"]["national_id"] == form.national_id
    assert facts["recusals"] == [{"unit": city.units[0].code, "kind": "relative"}]
    assert facts["looks"][0]["reason"] == "核对材料"
    assert "salt" not in facts
    assert file.headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    "state", [each for each in ApplicationState if each is not ApplicationState.STAGED]
)
@pytest.mark.engines("sqlite")
async def test_every_state_is_told_in_plain_words(
    browse: Browse, campaign: CampaignView, state: ApplicationState
) -> None:
    receipt = await apply.sent(campaign.code)
    await Application.update({Application.state: state}, force=True)
    for lang in ("zh", "en"):
        shown = await browse().post(place(campaign, lang=lang), data=keys(receipt))
        assert shown.status_code == 200
        assert "application.told" not in shown.text
        assert "application.state" not in shown.text


async def test_what_is_still_coming_in_opens_for_nobody(
    browse: Browse, campaign: CampaignView
) -> None:
    receipt = await apply.sent(campaign.code)
    await Application.update({Application.state: ApplicationState.STAGED}, force=True)
    answer = await browse().post(place(campaign), data=keys(receipt))
    assert answer.status_code == 404


async def test_a_reply_is_taken_until_its_last_second_and_a_late_one_is_kept_on_the_page(
    browse: Browse, campaign: CampaignView, at: Callable[..., None]
) -> None:
    until = make.SCREENING + dt.timedelta(days=3)
    first, late = await apply.sent(campaign.code, 1), await apply.sent(campaign.code, 2)
    await Application.update(
        {
            Application.state: ApplicationState.INELIGIBLE,
            Application.reason: "residence",
            Application.answer_until: until,
        },
        force=True,
    )
    await make.screening(campaign.code)
    at(until)
    shown = await browse().post(place(campaign), data=keys(first))
    assert 'name="answer"' in shown.text
    empty = await browse().post(place(campaign, "/answer"), data=keys(first, answer=" "))
    assert empty.status_code == 422
    done = await browse().post(place(campaign, "/answer"), data=keys(first, answer="我有居住证。"))
    assert "已收到您的答复" in done.text
    data = await browse().post(place(campaign, "/data"), data=keys(first))
    assert "我有居住证。" in data.text
    at(until + SECOND)
    shown = await browse().post(place(campaign), data=keys(late))
    assert 'name="answer"' not in shown.text
    answer = await browse().post(place(campaign, "/answer"), data=keys(late, answer="迟了"))
    assert answer.status_code in {409, 410}
