"""Recruitment on a phone: the page, the form, the check, the receipt, the draw."""

from __future__ import annotations

import datetime as dt
import hashlib
import html
import re
from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from panel import clock
from panel.accounts import commands as accounts
from panel.accounts.tables import Limit
from panel.chance import canonical
from panel.db import Engine
from panel.recruitment import commands
from panel.recruitment.tables import Application
from tests import people
from tests.make import members as seats
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
    form = msgspec.to_builtins(make.form(number))
    return {
        **{key: value for key, value in form.items() if isinstance(value, str)},
        "key": f"key-{number:032d}",
        "consent": "yes",
        **more,
    }


@pytest.mark.parametrize("lang", ["zh", "en"])
async def test_a_campaign_is_shown_with_dates_quotas_and_hash(
    browse: Browse, rulebook: None, at: Callable[..., None], lang: str
) -> None:
    campaign = await make.announced()
    at(make.OPEN)
    browser = browse()
    listed = await browser.get(f"/{lang}/recruitment")
    assert campaign.code in listed.text
    shown = await browser.get(f"/{lang}/recruitment/{campaign.code}")
    assert shown.status_code == 200
    assert campaign.criteria_hash in shown.text
    assert f"/{lang}/recruitment/{campaign.code}/apply" in html.unescape(shown.text)
    assert "set-cookie" not in shown.headers
    frozen = await browser.get(f"/{lang}/recruitment/{campaign.code}/criteria.json")
    assert hashlib.sha256(frozen.content).hexdigest() == campaign.criteria_hash


async def test_a_draft_is_no_campaign_for_the_public(
    browse: Browse, rulebook: None, at: Callable[..., None]
) -> None:
    made = await commands.create(people.coordinator, make.draft(), at=make.AT)
    at(make.OPEN)
    browser = browse()
    assert (await browser.get(f"/zh/recruitment/{made.code}")).status_code == 404
    assert made.code not in (await browser.get("/zh/recruitment")).text
    answer = await browser.post(f"/zh/recruitment/{made.code}/apply", data=typed())
    assert answer.status_code == 404


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
    values = typed(national_id=make.national_id(1).lower(), recusals=[city.units[0].code])
    checked = await browser.post(address, data={**values, "step": "check"})
    assert checked.status_code == 200
    assert make.national_id(1) in checked.text
    assert checked.headers["cache-control"] == "no-store"
    assert city.units[0].name in checked.text
    assert await Application.count() == 0
    hidden = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', checked.text)
    again: dict[str, Any] = {}
    for name, value in hidden:
        again.setdefault(name, []).append(value)
    changed = await browser.post(address, data={**again, "step": "change"})
    assert values["address"] in changed.text
    sent = await browser.post(address, data={**again, "step": "send"})
    assert sent.status_code == 303
    ticket = sent.headers["location"].rsplit("/", 1)[1]
    receipt = await browser.get(sent.headers["location"])
    assert ticket in receipt.text
    assert values["name"] not in receipt.text
    twice = await browser.post(address, data={**again, "step": "send"})
    assert twice.headers["location"] == sent.headers["location"]
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


async def test_a_draw_is_published_with_tickets_and_categories_only(
    browse: Browse, rulebook: None, at: Callable[..., None]
) -> None:
    await roster.small_city()
    view = await make.drawn(40)
    at(make.SCREENING)
    browser = browse()
    for lang in ("zh", "en"):
        shown = await browser.get(f"/{lang}/recruitment/{view.campaign}/draw")
        assert shown.status_code == 200
        assert view.root in shown.text
        assert view.seed in shown.text
        assert "<svg" in shown.text
    told = await browser.get(f"/zh/recruitment/{view.campaign}/draw.json")
    facts = msgspec.json.decode(told.content)
    assert canonical(facts) == told.content
    assert hashlib.sha256(canonical(facts["record"])).hexdigest() == view.record_hash
    assert len(facts["categories"]) == 12
    assert "district" not in told.text
    assert "household" not in told.text


async def test_the_draw_of_a_campaign_without_one_is_missing(
    browse: Browse, rulebook: None, at: Callable[..., None]
) -> None:
    campaign = await make.announced()
    at(make.OPEN)
    answer = await browse().get(f"/zh/recruitment/{campaign.code}/draw")
    assert answer.status_code == 404


async def test_the_panels_make_up_is_numbers_only(
    browse: Browse, rulebook: None, at: Callable[..., None]
) -> None:
    at(make.AT)
    assert (await browse().get("/zh/panel")).status_code == 200
    panel = await seats.panel(10)
    shown = await browse().get("/en/panel")
    assert "8 of 10" in shown.text
    assert all(member.code not in shown.text for member in panel)


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
    assert (first.status_code, waited) == (303, [0.0])
    for _ in range(60):
        await accounts.note_sending("127.0.0.1", at=make.OPEN)
    second = await browser.post(address, data=typed(2, step="send"))
    assert second.status_code == 303
    assert waited[-1] == pytest.approx(2.0)
    (row,) = await Limit.select()
    assert (row["bucket"].partition(":")[0], row["tries"]) == ("sending", 62)
    assert "127.0.0.1" not in row["bucket"]
    await accounts.forget(at=make.OPEN + dt.timedelta(days=2))
    await browser.post(address, data=typed(3, step="check"))
    assert waited[-1] == 0.0
