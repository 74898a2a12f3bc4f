"""Nominations on a phone: the organisation's form with its scan, the nominee's answer."""

from __future__ import annotations

import datetime as dt
import html
import re
from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from panel import clock
from panel.db import Engine
from panel.ids import Code
from panel.recruitment.commands import drafts
from panel.recruitment.queries import nominations as reads
from panel.recruitment.tables import Application, ApplicationDraft, Nomination
from panel.recruitment.types.applications import NominationState
from panel.recruitment.types.campaigns import CampaignView
from panel.settings import Settings
from panel.vault import queries as vault
from tests.make import applications as apply
from tests.make import recruitment as make
from tests.web.conftest import Browser
from tests.web.public.test_applications import codes, hidden
from web import jobs

Browse = Callable[..., Browser]


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


def typed(**more: Any) -> dict[str, Any]:
    """Return what an organisation types."""
    form = msgspec.structs.asdict(apply.nomination())
    return {**form, "duty": "yes", "key": apply.key(50), **more}


def file(data: bytes | None = None) -> dict[str, Any]:
    """Return the chosen file of the form."""
    return {"scan": ("form.jpg", apply.picture() if data is None else data, "image/jpeg")}


async def filed(browse: Browse, campaign: CampaignView, **more: Any) -> list[str]:
    """File a nomination; return its number and consent code."""
    answer = await browse().post(
        f"/zh/recruitment/{campaign.code}/nominate", data=typed(**more), files=file()
    )
    assert answer.status_code == 200
    return codes(answer.text)


def opening(number: str, code: str, **more: str) -> dict[str, str]:
    """Return what opens a nomination, as forms carry it."""
    return {"nomination": number, "consent_code": code, **more}


async def test_a_nomination_is_filed_consented_to_and_counts(
    browse: Browse, campaign: CampaignView
) -> None:
    place = f"/zh/recruitment/{campaign.code}"
    assert (await browse().get(f"{place}/nominate")).status_code == 200
    number, code = await filed(browse, campaign)
    nominee = browse()
    asked = await nominee.get(f"{place}/nomination?number={number}")
    assert f'value="{number}"' in asked.text
    shown = await nominee.post(f"{place}/nomination", data=opening(number, code))
    for known in ("示例第1协会", "推荐示例", "秘书长", "热心公益，公道正派。"):
        assert known in shown.text
    assert "1234567" not in shown.text
    form = await nominee.post(f"{place}/apply", data={**hidden(shown.text), "step": "start"})
    assert "示例第1协会推荐了您" in form.text
    assert f'value="{make.form(1).name}"' in form.text
    application = {**apply.typed(make.form(1), 1), **opening(number, code)}
    checked = await nominee.post(f"{place}/apply", data={**application, "step": "check"})
    sent = await nominee.post(f"{place}/apply", data={**hidden(checked.text), "step": "send"})
    assert len(codes(sent.text)) == 2
    again = await nominee.post(f"{place}/apply", data={**hidden(checked.text), "step": "send"})
    assert codes(again.text) == codes(sent.text)
    shown = await nominee.post(f"{place}/nomination", data=opening(number, code))
    assert "您已报名同意" in shown.text
    assert 'value="refuse"' not in shown.text
    own = dict(zip(("ticket", "receipt"), codes(sent.text), strict=True))
    data = await nominee.post(f"{place}/own/data", data=own)
    assert "示例第1协会" in data.text


async def test_neither_number_nor_code_alone_opens_a_nomination(
    browse: Browse, campaign: CampaignView
) -> None:
    number, code = await filed(browse, campaign)
    answers = set()
    for pair in ((number, ""), (number, "0000000000"), ("0000000000", code), ("", "")):
        answer = await browse().post(
            f"/zh/recruitment/{campaign.code}/nomination", data=opening(*pair, step="refuse")
        )
        plain = answer.text
        for value in pair:
            plain = plain.replace(f'value="{value}"', "")
        answers.add((answer.status_code, plain))
    assert len(answers) == 1
    assert next(iter(answers))[0] == 404
    (row,) = await Nomination.select(Nomination.state)
    assert row["state"] == NominationState.PENDING


async def test_the_consent_code_stands_in_no_address(
    browse: Browse, campaign: CampaignView
) -> None:
    answer = await browse().post(
        f"/en/recruitment/{campaign.code}/nominate", data=typed(), files=file()
    )
    _, code = codes(answer.text)
    addresses = re.findall(r'(?:href|action|src)="([^"]*)"', answer.text)
    assert code not in html.unescape(" ".join(addresses))
    assert answer.headers["cache-control"] == "no-store"


async def test_what_is_wrong_is_named_and_nothing_typed_is_lost(
    browse: Browse, campaign: CampaignView
) -> None:
    address = f"/zh/recruitment/{campaign.code}/nominate"
    wrong = typed(phone="12", duty="", reasons="写了很久的理由")
    for scan in ({}, file(b"%PDF-1.7 no picture"), file(b"\xff\xd8\xff broken")):
        answer = await browse().post(address, data=wrong, files=scan)
        assert answer.status_code == 422
        assert "写了很久的理由" in answer.text
        assert answer.text.count("请填写能联系到您的电话号码") == 2
        assert answer.text.count("请确认对推荐内容的真实性负责") == 2
        assert 'href="#f-scan"' in html.unescape(answer.text)
    assert await Nomination.count() == 0


async def test_the_scan_is_kept_without_its_metadata(
    browse: Browse, campaign: CampaignView
) -> None:
    secret = b"Exif\x00\x00GPS-of-the-organisation"
    number, _ = await filed(browse, campaign)
    photo = apply.picture(exif=secret)
    assert b"GPS-of-the-organisation" in photo
    answer = await browse().post(
        f"/zh/recruitment/{campaign.code}/nominate",
        data=typed(key=apply.key(51)),
        files=file(photo + b"trailing"),
    )
    for each in (number, codes(answer.text)[0]):
        view = await reads.nomination(campaign.code, Code(each))
        assert view.scan is not None
        kept = await vault.attachment(view.nominator, view.scan)
        assert kept.data.startswith(b"\xff\xd8\xff")
        assert b"GPS" not in kept.data
        assert not kept.data.endswith(b"trailing")


async def test_a_nominee_says_no(browse: Browse, campaign: CampaignView) -> None:
    number, code = await filed(browse, campaign)
    place = f"/zh/recruitment/{campaign.code}"
    for _ in range(2):
        answer = await browse().post(
            f"{place}/nomination", data=opening(number, code, step="refuse")
        )
        assert answer.status_code == 200
        assert "您没有接受" in answer.text
    application = {**apply.typed(make.form(1), 1), **opening(number, code), "step": "send"}
    late = await browse().post(f"{place}/apply", data=application)
    assert late.status_code == 409
    assert await Application.count() == 0


async def test_an_answer_after_its_time_is_refused_in_the_readers_language(
    browse: Browse, campaign: CampaignView, at: Callable[..., None]
) -> None:
    number, code = await filed(browse, campaign)
    at(make.OPEN + dt.timedelta(days=7))
    for lang, told in (("zh", "同意的期限已过"), ("en", "The time to consent is over")):
        answer = await browse().post(
            f"/{lang}/recruitment/{campaign.code}/nomination",
            data=opening(number, code, step="refuse"),
        )
        assert answer.status_code == 410
        assert told in answer.text
    application = {**apply.typed(make.form(1), 1), **opening(number, code), "step": "send"}
    late = await browse().post(f"/zh/recruitment/{campaign.code}/apply", data=application)
    assert late.status_code == 410


async def test_outside_its_time_the_form_leads_to_the_campaign(
    browse: Browse, campaign: CampaignView, at: Callable[..., None]
) -> None:
    at(make.CLOSES)
    address = f"/zh/recruitment/{campaign.code}/nominate"
    assert (await browse().get(address)).status_code == 303
    assert (await browse().post(address, data=typed(), files=file())).status_code == 410


async def test_the_hourly_job_lets_nominations_lapse_and_drafts_go(
    browse: Browse, campaign: CampaignView
) -> None:
    await filed(browse, campaign)
    await drafts.save(campaign.code, {"name": "示例"}, key=apply.key(3), at=make.OPEN)
    job = jobs.RECURRING["recruitment.lapse"]
    assert job.every == dt.timedelta(hours=1)
    await job.work(Settings(), {}, make.OPEN)
    assert await ApplicationDraft.count() == 1
    await job.work(Settings(), {}, make.OPEN + dt.timedelta(days=15))
    assert await ApplicationDraft.count() == 0
    (row,) = await Nomination.select(Nomination.state)
    assert row["state"] == NominationState.LAPSED
