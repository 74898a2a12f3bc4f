"""The year's assessment at the office's desk: steps, lines, figures, exports, another formula."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from http import HTTPStatus

import pytest
from python_calamine import CalamineWorkbook

from panel import clock
from panel.actor import Actor
from panel.assessments import commands, queries
from panel.assessments.types import ConsequenceKind
from panel.surveys import queries as ballots
from tests import people
from tests.make import assessments as make
from tests.make import rankings, surveys, visits
from tests.web.conftest import Browser

pytestmark = pytest.mark.usefixtures("engine")
Browse = Callable[..., Browser]
URL = f"/office/assessments/{make.YEAR}"


@pytest.fixture(autouse=True)
def _standing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: make.OVER)


async def test_a_year_is_walked_from_its_formula_to_the_files(browse: Browse) -> None:
    city, _ = await rankings.published()
    office, other = browse(people.coordinator), browse(people.second)
    assert "还没有开启的年度" in (await office.get("/office/assessments")).text
    await commands.open_year(people.coordinator, city.round.code, at=make.OPENED)
    page = (await office.get("/office/assessments")).text
    for text in ("公式未确定", "缺项", "来源单一", "评优资格待定", "第3单位"):
        assert text in page
    late = await office.post_form("/office/assessments", {"year": "2026"})
    assert late.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert "请填写批准文号" in late.text
    begun = await office.post_form(
        "/office/assessments", {"year": "2026", "decision": make.DECISION}
    )
    assert begun.status_code == HTTPStatus.SEE_OTHER
    await surveys.held(at=make.OPENED)
    await commands.enter_figures(
        people.coordinator, 2026, [make.figures(unit) for unit in city.units], at=make.OPENED
    )
    own = await office.post_form(f"{URL}/steps/freeze", {})
    assert own.status_code == HTTPStatus.FORBIDDEN
    for step in ("freeze", "compute"):
        assert (await other.post_form(f"{URL}/steps/{step}", {})).status_code == 303
    await commands.explain(people.second, 2026, at=make.TOLD)
    assert (await other.post_form(f"{URL}/steps/other", {})).status_code == HTTPStatus.NOT_FOUND
    unsaid = await office.post_form(f"{URL}/steps/finalise", {})
    assert unsaid.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    done = await office.post_form(f"{URL}/steps/finalise", {"document": "批〔2026〕30号"})
    assert done.status_code == HTTPStatus.SEE_OTHER
    page = (await office.get("/office/assessments")).text
    for text in ("已定稿", "公式确定较晚", make.DECISION, "取消本年度评优资格", "XLSX"):
        assert text in page
    line = await make.line_of(city.units[0])
    detail = (await office.get(f"{URL}/lines/{line.code}")).text
    for text in (
        "有效票 100 张，其中 96 张",
        "各档票数（由高到低）：40、30、20、6",
        "12345热线年报",
    ):
        assert text in detail
    assert (
        await office.get(f"/office/assessments/2025/lines/{line.code}")
    ).status_code == HTTPStatus.NOT_FOUND
    await _files(office)
    assert "打印" in (await office.get(f"{URL}/print")).text
    wrong = await other.post_form(f"{URL}/steps/amend", {"reason": "更正"})
    assert wrong.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    amended = await other.post_form(f"{URL}/steps/amend", {"reason": "更正", "amending": "批31"})
    assert amended.status_code == HTTPStatus.SEE_OTHER


async def _files(office: Browser) -> None:
    body = (await office.get("/office/assessments.csv")).content
    header, *rows = csv.reader(io.StringIO(body.decode("utf-8-sig")))
    assert (header[0], len(rows)) == ("同类组", 3)
    table = await office.post_form(f"{URL}/export", {"form": "csv"})
    assert "评议办" in table.content.decode("utf-8-sig")
    book = (await office.post_form(f"{URL}/export", {"form": "xlsx"})).content
    sheet = CalamineWorkbook.from_filelike(io.BytesIO(book)).get_sheet_by_index(0).to_python()
    assert sheet[1][:2] == ["序号", "同类组"]
    whole = json.loads((await office.post_form(f"{URL}/export", {"form": "json"})).content)
    assert (whole["version"], len(whole["lines"]), len(whole["digest"])) == (1, 3, 64)
    assert whole["lines"][0]["inputs"]["collective"]["levels"] == [40, 30, 20, 6]
    unknown = await office.post_form(f"{URL}/export", {"form": "exe"})
    assert unknown.status_code == HTTPStatus.NOT_FOUND


async def test_figures_are_brought_by_table_or_by_hand(browse: Browse) -> None:
    city, _ = await rankings.published()
    office = browse(people.coordinator)
    url = f"{URL}/figures"
    assert "还没有录入数据" in (await office.get(url)).text
    blank = await office.get(f"{url}.xlsx")
    rows = CalamineWorkbook.from_filelike(io.BytesIO(blank.content)).get_sheet_by_index(0)
    assert rows.to_python()[1][1:4] == ["单位", "办结件数", "按期办结件数"]
    given = {
        "unit": city.units[0], "source": "统计局", "closed": "40", "on_time": "36",
        "survey": "79.5", "survey_valid": "320",
    }  # fmt: skip
    assert (await office.post_form(url, given)).status_code == HTTPStatus.SEE_OTHER
    page = (await office.get(url)).text
    for text in ("36 / 40", "79.50", "统计局"):
        assert text in page
    for wrong in ({"on_time": "41"}, {"survey": "abc"}, {"source": ""}, {"asked": "3"}):
        refused = await office.post_form(url, given | wrong)
        assert refused.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    none = await office.post_form(f"{url}/import", {})
    assert none.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    bad = "单位,办结件数,按期办结件数,来源\n没有,1,2,x\n".encode()
    refused = await office.post_form(f"{url}/import", {}, files={"file": ("a.csv", bad)})
    assert "没有这个名称或编号的单位" in refused.text
    good = "单位,办结件数,按期办结件数,来源\n第1单位,40,38,热线\n".encode()
    taken = await office.post_form(f"{url}/import", {}, files={"file": ("a.csv", good)})
    assert taken.status_code == HTTPStatus.SEE_OTHER
    assert "<form" not in (await browse(people.auditor).get(url)).text.partition("<main")[2]


async def test_the_year_is_tried_under_another_formula(browse: Browse) -> None:
    await make.final()
    office = browse(people.coordinator)
    url = f"{URL}/what-if"
    same = (await office.get(url)).text
    assert "换公式试算" in same
    assert "0.00" in same
    weights = "visits=20&collective=20&complaints=20&rectification=20&survey=20"
    other = (await office.get(f"{url}?formula=weighted&{weights}")).text
    assert "→" in other
    assert (await office.get(f"{url}?formula=deductions")).status_code == HTTPStatus.OK
    wrong = await office.get(f"{url}?visits=90&survey=90")
    assert "不是 100" in wrong.text
    version = (await queries.year(make.YEAR)).rulebook_code
    assert (await office.get(f"{url}?measures=version-{version}")).status_code == HTTPStatus.OK
    assert (await office.get(f"{url}?measures=draft-xxxx")).status_code == HTTPStatus.OK
    assert len(await queries.versions(make.YEAR)) == 1


@pytest.mark.parametrize("lang", ["zh", "en"])
async def test_letters_and_talks_are_recorded(browse: Browse, lang: str) -> None:
    city = await make.begun(rectification_places=1)
    await surveys.held({city.units[2]: (10, 0, 10, 76)}, at=make.OPENED)
    await make.to_explained()
    url = f"{URL}/consequences"
    office = browse(people.coordinator, lang=lang)
    assert (await office.get(url)).status_code == HTTPStatus.OK
    await commands.finalise(people.publisher, make.YEAR, "批", at=make.OVER)
    found = await queries.consequences(make.YEAR)
    kinds = {each.kind: each.code for each in found}
    assert (await office.get(url)).text.count("/office/consequences/") == len(found)
    letter = f"/office/consequences/{kinds[ConsequenceKind.RECOMMENDATION]}"
    assert (await office.post_form(f"{letter}/steps/letter", {})).status_code == 422
    sent = {"body": "主管部门", "document": "函1"}
    assert (await office.post_form(f"{letter}/steps/letter", sent)).status_code == 303
    answer = {"answer": "partly", "text": "已约谈主要负责人。", "document": "复1"}
    assert (await office.post_form(f"{letter}/steps/answer", answer)).status_code == 303
    assert "已约谈主要负责人。" in (await office.get(letter)).text
    assert (await office.post_form(f"{letter}/steps/other", {})).status_code == 404
    talk = f"/office/consequences/{kinds[ConsequenceKind.TALK_ADMONITION]}"
    assert (await office.get(talk)).status_code == HTTPStatus.OK
    record = {
        "held_on": make.OVER.date().isoformat(), "held_by": "分管领导", "spoke_with": "主要负责人",
        "summary": "限期整改。", "document": "谈1", "follow_up": "",
    }  # fmt: skip
    assert (await office.post_form(f"{talk}/steps/talk", record)).status_code == 303
    assert "限期整改。" in (await office.get(talk)).text
    empty = await office.post_form(url, {"kind": "excellence", "text": "x"})
    assert empty.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    merit = {"unit": city.units[0], "kind": "merit", "text": "连年领先。"}
    made = await office.post_form(url, merit)
    assert made.status_code == HTTPStatus.SEE_OTHER
    where = made.headers["location"].partition("?")[0]
    assert (
        await office.post_form(f"{where}/steps/withdraw", {"reason": "误报"})
    ).status_code == 303


async def test_ballots_are_taken_down_counted_and_checked(browse: Browse) -> None:
    city, _ = await rankings.published()
    office, other = browse(people.coordinator), browse(people.second)
    assert "还没有登记集中评议" in (await office.get("/office/ballots")).text
    session = {
        "year": "2026", "held_on": "2026-03-01", "title": "年度集中评议", "entitled": "120",
        "present": "104", "issued": "104", "returned": "102", "spoiled": "2", "document": "记1",
    }  # fmt: skip
    refused = await office.post_form("/office/ballots", session | {"present": "200"})
    assert refused.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    made = await office.post_form("/office/ballots", session)
    where = made.headers["location"].partition("?")[0]
    counts = {"unit": city.units[0], "level0": "40", "level1": "30", "level2": "20", "level3": "6"}
    too_many = await office.post_form(f"{where}/counts", counts | {"level0": "99"})
    assert "票数合计超过有效票" in too_many.text
    assert (await office.post_form(f"{where}/counts", counts)).status_code == 303
    assert "还有 2 个单位没有票数" in (await office.get(where)).text
    blank = await office.get(f"{where}/counts.xlsx")
    rows = CalamineWorkbook.from_filelike(io.BytesIO(blank.content)).get_sheet_by_index(0)
    assert rows.to_python()[1][1:] == ["单位", "好", "较好", "一般", "较差", "不了解"]
    table = "单位,好,较好,一般,较差,不了解\n" + "".join(
        f"第{n}单位,40,30,20,6,4\n" for n in (1, 2, 3)
    )
    wrong = table.replace("40", "x").encode()
    faults = await office.post_form(f"{where}/import", {}, files={"file": ("a.csv", wrong)})
    assert faults.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert (await office.post_form(f"{where}/import", {})).status_code == 422
    taken = await office.post_form(f"{where}/import", {}, files={"file": ("a.csv", table.encode())})
    assert taken.status_code == HTTPStatus.SEE_OTHER
    assert (await office.post_form(f"{where}/steps/hand-on", {})).status_code == 303
    assert (await office.post_form(f"{where}/steps/check", {})).status_code == 403
    assert (await other.post_form(f"{where}/steps/send-back", {})).status_code == 422
    assert (await other.post_form(f"{where}/steps/check", {})).status_code == 303
    page = (await other.get(where)).text
    for text in ("有效", "76.56", "宣布无效"):
        assert text in page
    assert (await other.post_form(f"{where}/steps/other", {})).status_code == 404
    assert (await other.post_form(f"{where}/steps/void", {"reason": "拉票"})).status_code == 303
    assert await ballots.collected(2026) != {}
    for one in (office, other):
        assert (await one.post_form(f"{where}/steps/confirm-void", {})).status_code == 403
    assert (await other.post_form(f"{where}/steps/decline-void", {})).status_code == 303
    assert (await office.post_form(f"{where}/steps/void", {"reason": "拉票"})).status_code == 303
    third = browse(people.publisher)
    assert "拉票" in (await third.get(where)).text
    assert (await third.post_form(f"{where}/steps/confirm-void", {})).status_code == 303
    assert await ballots.collected(2026) == {}


@pytest.mark.parametrize("actor", [people.liaison(visits.NOBODY), people.stranger])
async def test_nobody_else_reads_marks(browse: Browse, actor: Actor) -> None:
    assert (await browse(actor).get("/office/assessments")).status_code == HTTPStatus.FORBIDDEN
