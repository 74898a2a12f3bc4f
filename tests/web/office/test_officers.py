"""Officers' cases and duty rosters at the desk: who sees what, and that nobody is named unasked."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from panel import clock
from panel.db import raw
from panel.rankings.queries import appeals
from panel.rankings.queries import officers as queries
from panel.rankings.types.officers import CaseState
from panel.roster.queries import duty
from panel.roster.types import DUTY_COLUMNS, OFFICER_COLUMNS, DutyState
from panel.vault import queries as vault
from tests import people
from tests.make import evaluations, rankings
from tests.make import officers as make
from tests.make import roster as cities

pytestmark = pytest.mark.usefixtures("engine")


def table(columns: tuple[str, ...], *rows: dict[str, str]) -> dict[str, Any]:
    """Return an uploaded table."""
    return {"file": ("table.csv", make.table(columns, rows), "text/csv")}


async def test_a_roster_comes_in_is_agreed_to_and_confirmed(browse: Callable[..., Any]) -> None:
    city = await cities.small_city(units=2, windows=1)
    office, second = browse(people.coordinator), browse(people.second, lang="en")
    unit, other = [browse(people.liaison(each.code, 9300)) for each in city.units]
    wrong = table(OFFICER_COLUMNS, make.officer_row(7))
    refused = await office.post_form("/office/duty/officers", {}, files=wrong)
    assert (refused.status_code, "单位编号" in refused.text) == (422, True)
    assert (await office.post_form("/office/duty/officers", {})).status_code == 422
    good = table(OFFICER_COLUMNS, make.officer_row(1, 1), make.officer_row(2, 1))
    assert (await office.post_form("/office/duty/officers", {}, files=good)).status_code == 303
    foreign = table(DUTY_COLUMNS, make.shift_row(2, 1))
    assert (await unit.post_form("/unit/duty", {}, files=foreign)).status_code == 422
    own = table(DUTY_COLUMNS, make.shift_row(1, 1))
    assert (await unit.post_form("/unit/duty", {}, files=own)).status_code == 303
    (view,) = await duty.rosters()
    here = f"/unit/duty/{view.code}"
    assert "第1窗口" in (await unit.get(here)).text
    assert (await other.get(here)).status_code == 404
    assert (await other.post_form(f"{here}/agree", {})).status_code == 404
    assert (await unit.post_form(f"{here}/return", {"reason": ""})).status_code == 422
    assert (await unit.post_form(f"{here}/agree", {})).status_code == 303
    desk = f"/office/duty/{view.code}"
    assert (await office.post_form(f"{desk}/return", {"reason": ""})).status_code == 422
    assert "Confirm the roster" in (await second.get(desk)).text
    assert "Duty rosters to confirm" in (await second.get("/office")).text
    assert (await second.post_form(f"{desk}/confirm", {})).status_code == 303
    assert (await duty.roster(view.code)).state is DutyState.CONFIRMED
    again = table(DUTY_COLUMNS, make.shift_row(1, 1))
    covered = await office.post_form("/office/duty/rosters", {}, files=again)
    assert (covered.status_code, "已有另一份排班表" in covered.text) == (422, True)
    for page in ("/office/duty", "/office/duty/templates/roster.xlsx", desk):
        assert (await browse(people.auditor).get(page)).status_code == 200
    assert (await unit.get("/unit/duty/roster.xlsx")).status_code == 200
    assert (await office.get("/office/duty/templates/other.xlsx")).status_code == 404
    pages = [await each.get(url) for each, url in (
        (office, "/office/duty"), (office, desk), (unit, here), (unit, "/unit/duty"),
    )]  # fmt: skip
    assert not [page.url for page in pages if make.NAME in page.text]


async def test_a_case_goes_its_whole_way_at_the_desk(
    browse: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    place = await make.computed()
    now = [rankings.NOTIFIED]
    monkeypatch.setattr(clock, "now", lambda: now[0])
    first, second = browse(people.coordinator), browse(people.second, lang="en")
    publisher = browse(people.publisher)
    here = f"/office/officers/rounds/{place.round.code}"
    about = await make.officer(3, 1)
    assert f'value="{about.code}"' in (await first.get(here)).text
    now[0] = make.on(make.NOTICE)
    given = {"officer": about.code, "side": "bottom"}
    assert (await first.post_form(f"{here}/nominate", {**given, "side": ""})).status_code == 422
    assert (await first.post_form(f"{here}/nominate", given)).status_code == 303
    (case,) = await queries.cases(people.auditor)
    desk = f"/office/officers/cases/{case.code}"

    async def step(browser: Any, name: str, data: dict[str, Any], *, bad: str) -> None:
        wrong = await browser.post_form(f"{desk}/{name}", {**data, bad: ""})
        assert (name, wrong.status_code) == (name, 422)
        done = await browser.post_form(f"{desk}/{name}", data)
        assert (name, done.status_code) == (name, 303)
        assert (await browser.get(done.headers["location"])).status_code == 200

    text = {"text": "经核对无误", "document": "1号"}
    assert (await second.post_form(f"{desk}/papers/notice", {})).status_code == 404
    await step(second, "check", {"eligible": "yes", **text}, bad="eligible")
    notice = await second.post_form(f"{desk}/papers/notice", {})
    assert f"{make.NAME}31" in notice.text
    assert "at least 5 visits" in notice.text
    await step(first, "notify", {"delivered_on": str(make.NOTICE), "document": "签收1号"},
               bad="delivered_on")  # fmt: skip
    now[0] = make.on(make.MEETING)
    heard = {"hearing": "silent", "heard_on": str(make.MEETING), "document": "2号", "record": "无"}
    await step(first, "hear", heard, bad="hearing")
    vote = {
        "body": "领导小组", "held_on": str(make.MEETING), "entitled": "9", "present": "7",
        "in_favour": "6", "against": "1", "abstained": "0", "document": "纪要1号",
        "record": "均同意",
    }  # fmt: skip
    await step(first, "vote", vote, bad="entitled")
    now[0] = make.on(make.DECIDED)
    decision = {"listed": "yes", "decided_on": str(make.DECIDED), **text}
    assert (await first.post_form(f"{desk}/decide", decision)).status_code == 403
    await step(second, "decide", decision, bad="listed")
    letter = await second.post_form(f"{desk}/papers/decision", {})
    assert "9" in letter.text
    now[0] = make.on(make.TOLD)
    await step(first, "tell", {"told_on": str(make.TOLD)}, bad="told_on")
    assert "本人申诉" in (await first.get(desk)).text
    now[0] = make.AFTER
    assert (await publisher.post_form(f"{desk}/publish", {"level": "named"})).status_code == 409
    await step(publisher, "publish", {"level": "internal"}, bad="level")
    proposal = {"body": "组织部", "sent_on": str(make.AFTER.date()), **text}
    await step(second, "propose", proposal, bad="body")
    answer = {"outcome": "changed", "answered_on": str(make.AFTER.date()), **text}
    await step(second, "answer", answer, bad="outcome")
    assert "Decided otherwise" in (await second.get(desk)).text


async def test_nobody_is_named_before_a_look_that_says_why(
    browse: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    place = await make.computed()
    about = await make.officer(3, 1)
    case = await make.brought(place, about, "bottom", CaseState.PUBLISHED)
    monkeypatch.setattr(clock, "now", lambda: make.AFTER)
    here, desk = (
        f"/office/officers/rounds/{place.round.code}", f"/office/officers/cases/{case.code}",
    )  # fmt: skip
    readers = [
        browse(each)
        for each in (people.coordinator, people.publisher, people.auditor, evaluations.discipline)
    ]
    for reader in readers:
        for url in ("/office", "/office/officers", here, desk):
            seen = (await reader.get(url)).text
            assert (make.NAME in seen, about.post in seen) == (False, False)
    assert await vault.looks(about.person) == []
    auditor = readers[2]
    for url in (f"{desk}/look", f"{desk}/read", f"{here}/list"):
        assert (await auditor.post_form(url, {"reason": ""})).status_code == 422
        assert (await browse(people.reviewer).post_form(url, {"reason": "看"})).status_code == 403
    assert await vault.looks(about.person) == []
    assert (await auditor.post_form(f"{desk}/drop", {"reason": "看"})).status_code == 403
    shown = await auditor.post_form(f"{desk}/look", {"reason": "核对"})
    assert f"{make.NAME}31" in shown.text
    written = await auditor.post_form(f"{desk}/read", {"reason": "核对"})
    assert "五人赞成" in written.text
    whole = await auditor.post_form(f"{here}/list", {"reason": "归档"})
    assert f"{make.NAME}31" in whole.text
    assert [each.reason for each in await vault.looks(about.person)] == ["归档", "核对", "核对"]
    history = await raw("SELECT command, reason, detail, actor FROM audit_entry")
    assert make.NAME not in repr(history)


async def test_an_appeal_on_paper_and_the_end_of_a_case(
    browse: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    place = await make.city()
    first, here = browse(people.coordinator), f"/office/officers/rounds/{place.round.code}"
    monkeypatch.setattr(clock, "now", lambda: make.on(make.TOLD + timedelta(days=1)))
    assert "计算数据" in (await first.get(here)).text
    assert (await first.post_form(f"{here}/compute", {})).status_code == 303
    assert (await first.post_form(f"{here}/compute", {})).status_code == 409
    case = await make.brought(place, await make.officer(1, 1), "top", CaseState.DECIDED)
    desk = f"/office/officers/cases/{case.code}"
    draft = {"ground": "fact", "statement": "不属实", "leader": "本人", "document": "申1号"}
    assert (await first.post_form(f"{desk}/appeal", {**draft, "ground": ""})).status_code == 422
    assert (await first.post_form(f"{desk}/appeal", draft)).status_code == 303
    assert (await first.post_form(f"{desk}/appeal", draft)).status_code == 409
    assert "/office/appeals/" in (await first.get(desk)).text
    unit = browse(people.liaison(place.units[0]))
    for url in ("/unit", "/unit/appeals", "/unit/ledger"):
        assert case.code not in (await unit.get(url)).text
    (against,) = await appeals.appeals()
    assert (await unit.get(f"/unit/appeals/{against.code}")).status_code == 404
    seen = await browse(evaluations.discipline).get(f"/office/appeals/{against.code}")
    assert (seen.status_code, "不属实" in seen.text) == (200, False)
    end = {"document": "4号", "text": "另行处理"}
    assert (await first.post_form(f"{desk}/drop", {**end, "text": ""})).status_code == 422
    assert (await first.post_form(f"{desk}/drop", end)).status_code == 303
    assert (await first.post_form(f"{desk}/withdraw", end)).status_code == 409


async def test_a_commendation_counts_when_a_second_person_saw_it(
    browse: Callable[..., Any],
) -> None:
    city = await cities.small_city(units=1, windows=1)
    await make.officers([make.officer_row(1, 1)])
    first, second = browse(people.coordinator), browse(people.second)
    here = "/office/officers/commendations"
    given = {
        "unit": city.units[0].code, "number": "001", "received_on": "2026-03-05",
        "document": "感谢信1号", "text": "帮老人填表",
    }  # fmt: skip
    for field, value in (("number", "999"), ("unit", ""), ("received_on", ""), ("text", "")):
        refused = await first.post_form(here, {**given, field: value})
        assert (field, refused.status_code) == (field, 422)
    assert (await first.post_form(here, given)).status_code == 303
    (found,) = await queries.commendations(people.auditor)
    assert f"{found.code}/verify" not in (await first.get(here)).text
    assert (await first.post_form(f"{here}/{found.code}/verify", {})).status_code == 403
    page = (await second.get(here)).text
    assert "帮老人填表" not in page
    assert (await second.post_form(f"{here}/{found.code}/verify", {})).status_code == 303
    assert (await second.post_form(f"{here}/{found.code}/verify", {})).status_code == 409
