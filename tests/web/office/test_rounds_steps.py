"""What a round may meet on its way, by the office's pages."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from http import HTTPStatus

import pytest

from panel import clock, db
from panel.visits import commands, queries
from panel.visits.types import Announced, PublicGame, RoundKind, RoundState, SeedSource
from tests import people
from tests.make import rankings
from tests.make import visits as make
from tests.web.conftest import Browser
from tests.web.office.test_visits import PLAN

Browse = Callable[..., Browser]
EVENING = datetime(2026, 3, 8, 13, 30, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _standing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: make.AT)


async def test_chosen_places_become_an_ad_hoc_round(engine: db.Engine, browse: Browse) -> None:
    await make.city(units=3)
    place = (await queries.places(make.draft()))[0]
    author = browse(people.coordinator)
    found = (await author.get("/office/rounds/places", params={"q": "第1单位"})).text
    assert place.code in found
    assert "第2单位" not in found
    assert "没有找到" in (await author.get("/office/rounds/places", params={"q": "月球"})).text
    form = (await author.get(f"/office/rounds/new?kind=ad_hoc&place={place.code}")).text
    assert f'name="visits-{place.code}"' in form
    assert "第1单位" in form
    chosen = {"kind": "ad_hoc", "groups": [], "target": [place.code], f"visits-{place.code}": "3"}
    answer = await author.post_form("/office/rounds", {**PLAN, **chosen})
    assert answer.status_code == HTTPStatus.SEE_OTHER
    (view,) = await queries.rounds()
    assert view.draft.kind is RoundKind.AD_HOC
    assert view.draft.targets == {place.code: 3}
    url = f"/office/rounds/{view.code}"
    assert f'value="{place.code}"' in (await author.get(f"{url}/edit")).text
    shown = (await author.get(url)).text
    assert "不定期" in shown
    assert "90.00元" in shown
    none = {**chosen, f"visits-{place.code}": "0"}
    refused = await author.post_form("/office/rounds", {**PLAN, **none})
    assert refused.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert "请至少选择一个窗口或单位" in refused.text


async def test_the_next_round_begins_as_the_last_one_was(engine: db.Engine, browse: Browse) -> None:
    setting = await make.running_round()
    author = browse(people.coordinator)
    assert "照此安排下一轮" in (await author.get(f"/office/rounds/{setting.round.code}")).text
    form = (await author.get(f"/office/rounds/new?from={setting.round.code}")).text
    assert "第一轮走访" in form
    assert "2026-03-15" in form  # a week from now
    assert "计划〔2026〕1号" not in form  # the next one has a number of its own


async def test_a_round_is_called_off_with_a_reason(engine: db.Engine, browse: Browse) -> None:
    setting = await make.running_round()
    url = f"/office/rounds/{setting.round.code}"
    own = await browse(people.coordinator).post_form(f"{url}/cancel", {"reason": "防疫"})
    assert own.status_code == HTTPStatus.FORBIDDEN
    second = browse(people.second)
    empty = await second.post_form(f"{url}/cancel", {"reason": ""})
    assert empty.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert "原因会公开" in empty.text
    answer = await second.post_form(f"{url}/cancel", {"reason": "防疫"})
    assert answer.status_code == HTTPStatus.SEE_OTHER
    assert (await queries.round(setting.round.code)).state is RoundState.CANCELLED
    told = (await browse().get(f"/zh/rounds/{setting.round.code}")).text
    assert "防疫" in told
    assert "抽取作废" in (await browse().get(f"/zh/rounds/{setting.round.code}/draw")).text


async def test_a_cancelled_draft_never_becomes_public(engine: db.Engine, browse: Browse) -> None:
    await make.city()
    view = await commands.plan(people.coordinator, make.draft(title="秘密草案"), at=make.AT)
    await commands.cancel(people.coordinator, view.code, "重复", at=make.AT)
    assert (await browse().get(f"/zh/rounds/{view.code}")).status_code == HTTPStatus.NOT_FOUND
    assert "秘密草案" not in (await browse().get("/zh/rounds")).text


async def test_two_persons_enter_the_numbers_and_neither_sees_the_others(
    engine: db.Engine, browse: Browse, monkeypatch: pytest.MonkeyPatch
) -> None:
    await make.city()
    approved = await make.approved_round(source=SeedSource.LOTTERY)
    url = f"/office/rounds/{approved.code}"
    author, second = browse(people.coordinator), browse(people.second)
    named = {"issue_0": "2026057", "on_0": "2026-03-08", "issue_1": "", "on_1": "2026-03-08"}
    refused = await author.post_form(f"{url}/commit", named)
    assert refused.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert "2026057" in refused.text
    answer = await author.post_form(f"{url}/commit", {**named, "issue_1": "26057"})
    assert answer.status_code == HTTPStatus.SEE_OTHER
    monkeypatch.setattr(clock, "now", lambda: EVENING)
    wrong = await author.post_form(f"{url}/numbers", {"value_0": "12", "value_1": "045"})
    assert wrong.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert "请输入三位数字" in wrong.text
    await author.post_form(f"{url}/numbers", {"value_0": "739", "value_1": "045"})
    seen = (await second.get(url)).text
    assert "已有一人录入" in seen
    assert "739" not in seen
    differ = await second.post_form(f"{url}/numbers", {"value_0": "738", "value_1": "045"})
    assert differ.status_code == HTTPStatus.CONFLICT
    await second.post_form(f"{url}/numbers", {"value_0": "739", "value_1": "045"})
    answer = await author.post_form(f"{url}/draw", {})
    assert answer.status_code == HTTPStatus.SEE_OTHER
    public = (await browse(lang="zh").get(f"/zh/rounds/{approved.code}/draw")).text
    assert "739" in public
    assert "福彩3D" in public


async def test_a_computed_round_offers_its_second_stage(engine: db.Engine, browse: Browse) -> None:
    setting = await rankings.computed()
    url = f"/office/rounds/{setting.round.code}"
    author = browse(people.coordinator)
    assert "second-stage" in (await author.get(url)).text
    form = await author.get(f"{url}/second-stage")
    assert form.status_code == HTTPStatus.OK
    fields = {"title": "复核", "register_number": "", "starts": "2027-01-01", "ends": "2027-01-20"}
    if "register_number" in form.text:
        refused = await author.post_form(f"{url}/second-stage", fields)
        assert refused.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
        answer = await author.post_form(f"{url}/second-stage", {**fields, "register_number": "2"})
        assert answer.status_code == HTTPStatus.SEE_OTHER
        (child,) = await queries.children(setting.round.code)
        shown = (await author.get(f"/office/rounds/{child.code}")).text
        assert "复核阶段" in shown
        assert (await author.get(f"/office/rounds/{child.code}/edit")).status_code == HTTPStatus.OK


async def test_the_sealed_record_is_for_auditors(engine: db.Engine, browse: Browse) -> None:
    setting = await make.running_round()
    url = f"/office/rounds/{setting.round.code}/sealed-draw.json"
    assert (await browse(people.coordinator).get(url)).status_code == HTTPStatus.FORBIDDEN
    assert (await browse(people.auditor).get(url)).status_code == HTTPStatus.CONFLICT


async def test_the_announced_issues_stand_on_the_public_page_before_the_draw(
    engine: db.Engine, browse: Browse
) -> None:
    await make.city()
    approved = await make.approved_round(source=SeedSource.LOTTERY)
    missing = await browse().get(f"/zh/rounds/{approved.code}/draw")
    assert missing.status_code == HTTPStatus.NOT_FOUND
    named = [Announced(game, "2026057", make.AT.date()) for game in PublicGame]
    view = await commands.commit(people.coordinator, approved.code, at=make.AT, announced=named)
    told = (await browse().get(f"/en/rounds/{view.code}/draw")).text
    assert "2026057" in told
    assert "Not made yet" in told
