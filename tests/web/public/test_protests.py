"""Objections to a ranking on a phone: while the notice runs, with receipt and reply."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from panel import clock
from panel.rankings.queries import objections as filed
from tests import people
from tests.make import rankings as make

pytestmark = pytest.mark.usefixtures("engine")
TYPED = {
    "unit": "",
    "ground": "fact",
    "text": "窗口当月并未开放。",
    "name": "王秀英",
    "phone": "13900000077",
    "key": "ranking-objection-0001",
}


async def test_anybody_objects_and_reads_the_reply(
    browse: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    city = await make.notified(units=1, members=5)
    here = f"/zh/objections/{city.round.code}"
    monkeypatch.setattr(clock, "now", lambda: make.ANSWERED + timedelta(hours=1))
    phone = browse()
    assert (await phone.get(here)).status_code == 404
    await make.waived(city)
    publisher = browse(people.publisher)
    office = f"/office/rankings/{city.round.code}"
    assert (await publisher.post_form(f"{office}/notice", {})).status_code == 303
    page = (await phone.get(here)).text
    assert "第1单位" in page
    assert (await phone.post_form(here, {**TYPED, "text": ""})).status_code == 422
    check = (await phone.post_form(here, TYPED)).text
    assert "王秀英" in check
    back = (await phone.post_form(here, {**TYPED, "step": "change"})).text
    assert "窗口当月并未开放" in back
    receipt = await phone.post_form(here, {**TYPED, "step": "send"})
    assert receipt.status_code == 200
    (view,) = await filed.objections((await make.ranking(city)).id)
    assert view.number in receipt.text
    codes = re.findall(r"[0-9A-Z]{10}", html.unescape(receipt.text))
    secret = next(each for each in codes if each not in {view.number, city.round.code})

    listed = (await publisher.get(f"{office}/objections")).text
    assert view.number in listed
    one = f"{office}/objections/{view.number}"
    for path in (f"{office}/objections", one):
        shown = (await publisher.get(path)).text
        assert "王秀英" not in shown
        assert "并未开放" not in shown
    assert (await publisher.post_form(f"{one}/look", {"reason": ""})).status_code == 422
    looked = await publisher.post_form(f"{one}/look", {"reason": "核查异议"})
    assert "并未开放" in looked.text
    assert "王秀英" not in looked.text
    assert "须由他人决定" in (await browse(people.coordinator).get(one)).text
    assert (await publisher.post_form(one, {"decision": "rejected"})).status_code == 422
    decision = {"decision": "rejected", "finding": "查记录", "reply": "开放的", "document": "1号"}
    assert (await publisher.post_form(one, decision)).status_code == 303

    door = f"{here}/reply"
    assert (await phone.get(door)).status_code == 200
    wrong = await phone.post_form(door, {"number": view.number, "receipt": view.number})
    assert wrong.status_code == 404
    read = await phone.post_form(door, {"number": view.number, "receipt": secret})
    assert "开放的" in read.text


async def test_a_clerk_records_an_objection_and_hands_out_its_receipt(
    browse: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    city = await make.noticed(units=1, members=5)
    monkeypatch.setattr(clock, "now", lambda: make.ANSWERED + timedelta(hours=1))
    publisher = browse(people.publisher)
    form = f"/office/rankings/{city.round.code}/objections"
    assert "没有异议" in (await publisher.get(form)).text
    assert (await publisher.post_form(form, {**TYPED, "name": ""})).status_code == 422
    done = await publisher.post_form(form, {**TYPED, "channel": "letter"})
    (view,) = await filed.objections((await make.ranking(city)).id)
    assert view.number in done.text
    assert "来信" in (await publisher.get(form)).text
    monkeypatch.setattr(clock, "now", lambda: make.LATE)
    over = (await browse().get(f"/zh/objections/{city.round.code}")).text
    assert "公示已结束" in over
