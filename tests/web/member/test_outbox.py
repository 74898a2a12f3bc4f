"""What a phone's outbox sends: once, by our own script alone, with reasons in words."""

from __future__ import annotations

import asyncio
import io
from collections.abc import Callable
from datetime import datetime
from typing import Any

import httpx
import pytest
import qrcode
from PIL import Image

from panel import clock, db
from panel.actor import Actor
from panel.evaluations import queries
from panel.visits.types import TaskView
from tests import people
from tests.make import evaluations as make
from tests.make import visits
from tests.make.evaluations import SENT, key
from tests.web.conftest import Browser
from web import sheets
from web.pages import store_of

pytestmark = pytest.mark.engines("sqlite", "postgres")

Browse = Callable[..., Browser]
Setting = tuple[visits.Setting, Actor, TaskView]
OWN = {"X-Panel": "1", "Accept": "application/json"}


@pytest.fixture
async def accepted(engine: db.Engine, monkeypatch: pytest.MonkeyPatch) -> Setting:
    """Return a running round and one accepted task of it."""
    monkeypatch.setattr(clock, "now", lambda: SENT)
    setting = await visits.running_round()
    return (setting, *(await visits.accepted_task(setting)))


async def body(task: TaskView, number: int = 1, **more: Any) -> dict[str, Any]:
    """Return a whole sheet as a phone sends it."""
    given = make.answers(await make.form_of(task))
    fields = {name: text for name, text in sheets.typed_of(given).items() if text}
    moment: datetime = visits.DURING
    return {
        "key": key(number),
        "fields": fields | {"declared": "yes"},
        "filled_at": moment.isoformat(),
        **more,
    }


async def post(phone: Browser, task: TaskView, sent: dict[str, Any]) -> httpx.Response:
    """Send a sheet from the outbox."""
    return await phone.post(f"/m/tasks/{task.code}/sheet.json", json=sent, headers=OWN)


def picture(kind: str = "JPEG") -> bytes:
    """Return a small picture with something behind its end."""
    made = io.BytesIO()
    Image.new("RGB", (40, 30), "teal").save(made, kind)
    return made.getvalue() + b"after the end"


async def test_eight_posts_at_once_make_one_sheet_and_equal_receipts(
    accepted: Setting, browse: Browse
) -> None:
    _, actor, task = accepted
    phone, sent = browse(actor), await body(task)
    answers = await asyncio.gather(*(post(phone, task, sent) for _ in range(8)))
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.json()["receipt"] for answer in answers}) == 1
    sheet = await queries.own_sheet(actor.member, answers[0].json()["receipt"])
    assert (sheet.filled_at, sheet.received_at) == (visits.DURING, SENT)


async def test_without_our_own_header_nothing_is_taken(accepted: Setting, browse: Browse) -> None:
    _, actor, task = accepted
    for name in ("sheet.json", "draft.json", "photo.json"):
        answer = await browse(actor).post(
            f"/m/tasks/{task.code}/{name}", json=await body(task), headers={"X-Panel": "2"}
        )
        assert answer.status_code == 403
    answer = await browse().post(f"/m/tasks/{task.code}/sheet.json", json={}, headers=OWN)
    assert answer.status_code == 401
    assert await queries.latest(task) is None


async def test_another_body_under_a_key_and_faults_are_told_in_words(
    accepted: Setting, browse: Browse
) -> None:
    _, actor, task = accepted
    phone, sent = browse(actor), await body(task)
    less = sent | {
        "fields": {name: text for name, text in sent["fields"].items() if name != "items.A1"}
    }
    refused = await post(phone, task, less)
    assert refused.status_code == 422
    assert refused.json()["faults"][0]["path"] == "items.A1"
    assert (await post(phone, task, sent)).status_code == 200
    other = sent | {"fields": sent["fields"] | {"good": "另一个版本"}}
    conflict = await post(phone, task, other)
    assert conflict.status_code == 409
    assert conflict.json()["code"] == "sheet.other_body"
    assert conflict.json()["title"]


async def test_the_phones_place_is_kept_apart_and_told_as_a_distance(
    accepted: Setting, browse: Browse
) -> None:
    _, actor, task = accepted
    place = {"latitude": 35_400_000, "longitude": 116_500_000, "accuracy": 20}
    answer = await post(browse(actor), task, await body(task, place=place))
    assert answer.status_code == 200
    assert await queries.distance(task.id) is not None
    (row,) = await db.raw("SELECT answers FROM sheet_submission")
    assert "35400000" not in row["answers"]
    (row,) = await db.raw("SELECT sealed FROM sheet_whereabouts")
    assert b"35400000" not in bytes(row["sealed"])


async def test_a_picture_comes_once_made_anew_and_is_its_members_alone(
    accepted: Setting, browse: Browse
) -> None:
    setting, actor, task = accepted
    phone = browse(actor)
    url = f"/m/tasks/{task.code}/photo.json?item=&key={key()}"
    headers = OWN | {"Content-Type": "image/jpeg"}
    answers = [await phone.post(url, content=picture(), headers=headers) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [200, 200]
    (kept,) = await queries.photos(task.id)
    assert {answer.json()["receipt"] for answer in answers} == {kept.code}
    shown = await phone.get(f"/m/photos/{kept.code}")
    assert shown.headers["content-type"] == "image/jpeg"
    assert b"after the end" not in shown.content
    (row,) = await db.raw("SELECT sealed FROM sheet_photo")
    assert shown.content[:64] not in bytes(row["sealed"])
    other = next(code for code in setting.members if code != actor.member)
    assert (
        await browse(people.member(other, 777)).get(f"/m/photos/{kept.code}")
    ).status_code == 404
    bad = await phone.post(url.replace("001", "002"), content=b"no picture", headers=headers)
    assert bad.status_code == 422
    strange = await phone.post(
        url.replace("item=", "item=ZZ").replace("001", "003"), content=picture(), headers=headers
    )
    assert strange.status_code == 422


async def test_without_scripts_a_picture_is_added_and_taken_back(
    accepted: Setting, browse: Browse
) -> None:
    _, actor, task = accepted
    phone = browse(actor)
    url = f"/m/tasks/{task.code}/photos"
    assert (await phone.get(url)).status_code == 200
    empty = await phone.post_form(url, {"item": "", "key": key()})
    assert empty.status_code == 422
    added = await phone.post_form(
        url, {"item": "", "key": key()}, files={"photo": ("a.png", picture("PNG"), "image/png")}
    )
    assert added.status_code == 303
    (kept,) = await queries.photos(task.id)
    gone = await phone.post_form(f"/m/photos/{kept.code}/remove", {})
    assert gone.status_code == 303
    assert await queries.photos(task.id) == []


async def test_the_outbox_lists_receipts_and_a_kept_page_costs_few_bytes_again(
    accepted: Setting, browse: Browse
) -> None:
    _, actor, task = accepted
    phone = browse(actor)
    first = await phone.get(f"/m/tasks/{task.code}/sheet")
    again = await phone.get(
        f"/m/tasks/{task.code}/sheet", headers={"If-None-Match": first.headers["etag"]}
    )
    assert (again.status_code, again.content) == (304, b"")
    assert "geolocation=(self)" in first.headers["permissions-policy"]
    receipt = (await post(phone, task, await body(task))).json()["receipt"]
    assert receipt in (await phone.get("/m/outbox")).text


async def test_the_worker_is_public_and_sees_members_pages_alone(
    browse: Browse, engine: db.Engine
) -> None:
    phone = browse()
    worker = await phone.get("/m/sw.js?s=1")
    assert worker.status_code == 200
    assert worker.headers["content-type"].startswith("text/javascript")
    again = await phone.get("/m/sw.js?s=1", headers={"If-None-Match": worker.headers["etag"]})
    assert again.status_code == 304


async def test_a_photo_of_a_poster_leads_to_its_window(accepted: Setting, browse: Browse) -> None:
    _, actor, task = accepted
    phone = browse(actor)
    made = io.BytesIO()
    qrcode.make(f"http://127.0.0.1:8000/w/{task.window_code}", border=6).get_image().convert(
        "RGB"
    ).save(made, "PNG")
    found = await phone.post_form(
        "/m/scan", {}, files={"photo": ("p.png", made.getvalue(), "image/png")}
    )
    assert found.status_code == 303
    assert found.headers["location"] == f"/m/scan/{task.window_code}"
    nothing = await phone.post_form(
        "/m/scan", {}, files={"photo": ("p.png", picture("PNG"), "image/png")}
    )
    assert nothing.status_code == 422


async def test_a_body_larger_than_a_sheet_can_be_is_refused(
    accepted: Setting, browse: Browse
) -> None:
    _, actor, task = accepted
    sent = await body(task)
    sent["fields"]["good"] = "好" * 500_000
    for name in ("sheet.json", "draft.json"):
        answer = await browse(actor).post(f"/m/tasks/{task.code}/{name}", json=sent, headers=OWN)
        assert answer.status_code == 413
    assert await queries.draft(task.id) is None


async def test_what_waits_for_another_member_of_the_phone_waits_on(
    accepted: Setting, browse: Browse
) -> None:
    setting, actor, task = accepted
    other = people.member(next(code for code in setting.members if code != actor.member), 300)
    mine = OWN | {"X-Panel": store_of(actor)}
    sent = await body(task)
    url = f"/m/tasks/{task.code}/sheet.json"
    answer = await browse(other).post(url, json=sent, headers=mine)
    assert answer.status_code == 401  # not 404: the phone tries again when its member is back
    assert (await browse(actor).post(url, json=sent, headers=mine)).status_code == 200
