"""An appeal from the unit's form to the decision that is carried out, page by page."""

from __future__ import annotations

import html
import io
from collections.abc import Callable
from typing import Any

import pytest
from PIL import Image

from panel import clock, db
from panel.evaluations import commands as evaluations
from panel.rankings.queries import appeals as cases
from panel.rankings.types.appeals import SCREENED
from tests import people
from tests.make import appeals as make_appeals
from tests.make import rankings as make

pytestmark = pytest.mark.usefixtures("engine")


def _picture() -> bytes:
    data = io.BytesIO()
    Image.new("RGB", (40, 30), "white").save(data, "JPEG")
    return data.getvalue()


def typed(**changes: str) -> dict[str, str]:
    """Return what a unit types."""
    return {
        "ground": "fact",
        "statement": make_appeals.STATEMENT,
        "leader": "局长签",
        "document": "〔2026〕12号",
        **changes,
    }


async def test_a_unit_appeals_and_reads_what_became_of_it(
    browse: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    city = await make.notified(units=2)
    monkeypatch.setattr(clock, "now", lambda: make_appeals.FILED)
    unit, other = (browse(people.liaison(each)) for each in city.units)
    assert "本单位没有申诉" in (await unit.get("/unit/appeals")).text
    form = f"/unit/rankings/{city.round.code}/appeal"
    assert "申诉依据什么" in (await unit.get(form)).text
    refused = await unit.post_form(form, typed(leader=""))
    assert refused.status_code == 422
    assert make_appeals.STATEMENT in refused.text
    picture = {"picture_1": ("a.jpg", _picture(), "image/jpeg")}
    filed = await unit.post_form(form, typed(), files=picture)
    assert filed.status_code == 303
    here = filed.headers["location"].split("?")[0]
    page = await unit.get(here)
    assert make_appeals.STATEMENT in page.text
    (appeal,) = await cases.appeals()
    texts = await cases.appeal_texts(appeal.code)
    seen = await unit.get(f"{here}/files/{texts.files[0]}")
    assert seen.headers["content-type"] == "image/jpeg"
    for path in (here, f"{here}/files/{texts.files[0]}"):
        assert (await other.get(path)).status_code == 404
    assert "本单位已经提出申诉" in (await unit.get(form)).text
    assert here in (await unit.get("/unit")).text.replace("&#x2f;", "/")


async def test_the_office_admits_and_an_independent_reviewer_decides(
    browse: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    city = await make.notified(make.few(8), members=12)
    code = await make_appeals.filed(city)
    monkeypatch.setattr(clock, "now", lambda: make_appeals.TAKEN)
    here = f"/office/appeals/{code}"
    office, apart = browse(people.coordinator), browse(make_appeals.independent)
    assert "待受理的申诉" in (await office.get("/office")).text
    assert "不予受理" not in (await office.get(here)).text
    assert (await office.post_form(f"{here}/steps/refuse", {})).status_code == 403
    assert (await office.post_form(f"{here}/steps/nothing", {})).status_code == 404
    for step in ("acknowledge", "admit"):
        assert (await office.post_form(f"{here}/steps/{step}", {})).status_code == 303
    assert "待决定的申诉" in (await apart.get("/office")).text
    assert (await apart.post_form(f"{here}/steps/take", {})).status_code == 303
    assert (await office.post_form(f"{here}/record", {})).status_code == 403
    record = (await apart.post_form(f"{here}/record", {})).text
    rows = await db.raw("SELECT s.code, t.visitor FROM sheet_submission s, visit_task t")
    secrets = {row[name] for row in rows for name in ("code", "visitor")} | {*city.members}
    assert not [each for each in secrets if each in record]
    assert 'name="sheets"' in record
    bare = await apart.post_form(f"{here}/steps/decide", {"outcome": "upheld", "reasons": "属实"})
    assert bare.status_code == 422
    endless = {"outcome": "upheld", "reasons": "属实", "sheets": "9" * 5_000}
    assert (await apart.post_form(f"{here}/steps/decide", endless)).status_code == 422
    ticked = {"outcome": "upheld", "opened": "yes", "sheets": "2"}
    again = await apart.post_form(f"{here}/steps/decide", ticked)
    assert 'name="sheets" value="2" checked' in again.text
    assert not [each for each in secrets if each in again.text]
    verdict = {
        "outcome": "upheld",
        "reasons": "第一份评议表与事实不符。",
        "sheets": "1",
        "void_reason": "impossible_facts",
        "checked": list(SCREENED),
    }
    assert (await apart.post_form(f"{here}/steps/decide", verdict)).status_code == 303
    assert "第一份评议表与事实不符" in (await apart.get(here)).text


async def test_the_decision_is_carried_out_after_two_persons_voided_the_sheet(
    browse: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    city = await make.notified(make.few(8), members=12)
    code = await make_appeals.decided(
        city, outcome="upheld", sheets=(1,), void_reason="impossible_facts"
    )
    monkeypatch.setattr(clock, "now", lambda: make_appeals.APPLIED)
    here = f"/office/appeals/{code}"
    office = browse(people.coordinator)
    (task,) = await cases.sheet_tasks(await cases.appeal(code))
    page = (await office.get(here)).text
    assert task.code in page
    assert "尚未作废" in page
    early = await office.post_form(f"{here}/steps/carry_out", {"reason": "申诉成立"})
    assert early.status_code == 409
    at = make_appeals.APPLIED
    await evaluations.propose_void(people.reviewer, task.code, task.reason, at=at)
    await evaluations.confirm_void(people.second_reviewer, task.code, at=at)
    assert (await office.post_form(f"{here}/steps/carry_out", {"reason": ""})).status_code == 422
    done = await office.post_form(f"{here}/steps/carry_out", {"reason": "申诉成立"})
    assert done.status_code == 303
    assert "第 2 版" in (await office.get(here)).text
    unit = browse(people.liaison(city.units[0]))
    own = (await unit.get(f"/unit/appeals/{code}")).text
    assert "已执行" in own
    assert task.code not in html.unescape(own)
    assert (await unit.post_form(f"/unit/appeals/{code}/again", {"again": ""})).status_code == 422
    asked = await unit.post_form(f"/unit/appeals/{code}/again", {"again": "请再看第二项"})
    assert asked.status_code == 303
    assert "请再看第二项" in (await office.get(here)).text


async def test_a_coordinator_records_an_appeal_on_paper(
    browse: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    city = await make.notified(units=1, members=5)
    monkeypatch.setattr(clock, "now", lambda: make_appeals.FILED)
    office = browse(people.coordinator)
    form = f"/office/rankings/{city.round.code}/appeal"
    assert city.units[0] in (await office.get(form)).text
    assert (await office.post_form(form, typed(unit=city.units[0], ground=""))).status_code == 422
    done = await office.post_form(form, typed(unit=city.units[0]))
    assert done.status_code == 303
    assert "局长签" in (await office.get(done.headers["location"])).text
