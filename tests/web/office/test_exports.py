"""Lists to take out: without visitors, harmless to open, traced; the board of the day."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from datetime import timedelta

import msgspec
import pytest
from python_calamine import CalamineWorkbook

from panel import clock
from panel.db import raw
from panel.errors import Conflict
from panel.evaluations import commands
from panel.evaluations.types import Wait
from panel.reports import queries
from panel.reports.types import SheetFilter
from panel.rulebook import queries as rulebooks
from panel.vault import queries as vault
from panel.visits import commands as rounds
from panel.visits import queries as made
from panel.visits.types import Mode
from tests import people
from tests.make import evaluations as make
from tests.make import visits
from tests.web.conftest import Browser
from web import exports as tables
from web.office import exports

pytestmark = pytest.mark.engines("sqlite", "postgres")

Browse = Callable[..., Browser]


@pytest.fixture(autouse=True)
def _still(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: visits.DURING)


def _rows(data: bytes) -> list[list[str]]:
    assert data.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(io.StringIO(data.decode("utf-8-sig"))))


async def test_sheets_as_csv_name_no_visitor_and_carry_a_mark(browse: Browse) -> None:
    setting = await visits.running_round(covert_percent=50)
    receipts = await make.all_sent(setting)
    answer = await browse(people.coordinator).get("/office/exports/sheets.csv")
    header, *rows, mark = _rows(answer.content)
    assert len(rows) == len(receipts)
    assert {row[0] for row in rows} == {receipt.code for receipt in receipts}
    assert "coordinator" in mark[0]
    days = {(row[header.index("mode")], len(row[header.index("visited")])) for row in rows}
    assert days == {(Mode.OPEN, 10), (Mode.COVERT, 7)}
    visitors = await raw("SELECT visitor, code FROM visit_task")
    for row in visitors:
        assert row["visitor"] not in answer.text
        assert row["code"] not in answer.text
    assert not [code for code in setting.members if code in answer.text]
    (entry,) = await raw("SELECT detail FROM audit_entry WHERE command = 'reports.export'")
    assert f'"rows":{len(receipts)}' in entry["detail"]


_NAMES = ("=1+1", '市"政"务,厅', "－2", " @x", "两\n行", "普通窗口")


async def _odd_names() -> None:
    """Give units and windows names that a spreadsheet would stumble over."""
    for relation in ("unit", "service_window"):
        for row in await raw(f"SELECT id FROM {relation}"):
            name = _NAMES[row["id"] % len(_NAMES)]
            await raw(f"UPDATE {relation} SET name = {{}} WHERE id = {{}}", name, row["id"])


async def test_the_quick_list_has_the_bytes_of_the_plain_one(browse: Browse) -> None:
    setting = await visits.running_round(covert_percent=50)
    actor, task = await visits.accepted_task(setting)
    given = make.answers(await make.form_of(task), 2, but={"A1": None})
    given = msgspec.structs.replace(given, minutes={"C1": Wait(waited=12, posted=10)})
    receipt = await commands.submit(
        actor, task.code, given, make.key(), filled_at=make.SENT, at=make.SENT
    )
    reason = (await rulebooks.current()).rulebook.void_reasons[0]
    await commands.propose_void(people.reviewer, receipt.code, reason, at=make.SENT)
    await commands.confirm_void(people.second_reviewer, receipt.code, at=make.SENT)
    other = (await make.all_sent(setting))[0].code
    await _odd_names()
    await raw(
        "UPDATE sheet_submission SET late = (1 = 1), flags = 'fast,paper' WHERE code = {}", other
    )
    answer = await browse(people.coordinator).get("/office/exports/sheets.csv?voided=yes")
    chosen = SheetFilter(voided=True)
    items = await queries.items_of(chosen)
    assert items == sorted({item.id for item in (await make.form_of(task)).items})
    lines = [line async for page in queries.sheet_pages(chosen) for line in page]
    rows = [exports.sheet_row(line, items) for line in lines]
    plain = tables.csv_head([*exports.SHEET_COLUMNS, *items]) + tables.csv_lines(rows)
    assert answer.content.startswith(plain)
    assert answer.content[len(plain) :].count(b"\r\n") == 1
    assert {"'=1+1", "'－2", "' @x", "两\n行"} & {cell for row in _rows(plain) for cell in row}
    assert {"paper", "late", "voided", "3"} <= {cell for row in _rows(plain) for cell in row}


async def test_a_list_asks_only_for_the_items_of_the_sheets_in_it(browse: Browse) -> None:
    setting = await visits.running_round(covert_percent=0)
    await make.sent(setting)
    form = (await rulebooks.current()).rulebook.form("window")
    for chosen in (SheetFilter(), SheetFilter(round=setting.round.code), SheetFilter(ended=True)):
        assert await queries.items_of(chosen) == sorted(item.id for item in form.items)
    for empty in (SheetFilter(round="0000000000"), SheetFilter(group="none")):
        assert await queries.items_of(empty) == []
    answer = await browse(people.auditor).get("/office/exports/sheets.csv?group=none")
    assert [len(row) for row in _rows(answer.content)] == [len(exports.SHEET_COLUMNS), 1]


async def test_values_are_points_and_what_was_not_seen_is_empty(browse: Browse) -> None:
    setting = await visits.running_round(covert_percent=0)
    actor, task = await visits.accepted_task(setting)
    given = make.answers(await make.form_of(task), 2, but={"A1": None})
    await commands.submit(actor, task.code, given, make.key(), filled_at=make.SENT, at=make.SENT)
    answer = await browse(people.auditor).get("/office/exports/sheets.csv")
    header, row, _ = _rows(answer.content)
    line = dict(zip(header, row, strict=True))
    assert (line["A1"], line["A2"], line["C1"]) == ("", "2", "4")
    assert line["state"] == "submitted"


async def test_void_sheets_come_only_when_wanted(browse: Browse) -> None:
    setting = await visits.running_round(covert_percent=0)
    _, _, receipt = await make.sent(setting)
    reason = (await rulebooks.current()).rulebook.void_reasons[0]
    await commands.propose_void(people.reviewer, receipt.code, reason, at=make.SENT)
    await commands.confirm_void(people.second_reviewer, receipt.code, at=make.SENT)
    desk = browse(people.coordinator)
    plain = _rows((await desk.get("/office/exports/sheets.csv")).content)
    whole = _rows((await desk.get("/office/exports/sheets.csv?voided=yes")).content)
    assert (len(plain), len(whole)) == (2, 3)
    assert "voided" in whole[1]


async def test_a_workbook_holds_texts_and_no_more_rows_than_it_should(
    browse: Browse, monkeypatch: pytest.MonkeyPatch
) -> None:
    setting = await visits.running_round(covert_percent=0)
    await make.all_sent(setting)
    desk = browse(people.coordinator)
    answer = await desk.get("/office/exports/sheets.xlsx")
    sheet = CalamineWorkbook.from_filelike(io.BytesIO(answer.content)).get_sheet_by_index(0)
    found = sheet.to_python()
    count = await queries.count_sheets(SheetFilter())
    assert [row[0] for row in found[2 : 2 + count]] == list(range(1, count + 1))
    monkeypatch.setattr("web.office.exports.MOST_IN_WORKBOOK", 2)
    refused = await desk.get("/office/exports/sheets.xlsx")
    assert refused.status_code == 422
    assert "请选择轮次" in refused.text


async def test_pages_of_an_export_follow_by_key(browse: Browse) -> None:
    setting = await visits.running_round(covert_percent=0)
    receipts = await make.all_sent(setting)
    seen = [line.code async for page in queries.sheet_pages(SheetFilter(), page=2) for line in page]
    assert sorted(seen) == sorted(receipt.code for receipt in receipts)
    assert len(seen) == len(set(seen))


async def test_places_tell_what_was_planned_made_and_counted(browse: Browse) -> None:
    setting = await visits.running_round(covert_percent=0)
    _, task, receipt = await make.sent(setting)
    await commands.accept(people.reviewer, receipt.code, at=make.SENT)
    answer = await browse(people.coordinator).get(
        f"/office/exports/places/{setting.round.code}/places.csv"
    )
    header, *rows, _ = _rows(answer.content)
    made = [dict(zip(header, row, strict=True)) for row in rows if row[header.index("made")] == "1"]
    (line,) = made
    assert (line["unit name"], line["counted"]) == (task.unit_name, "1")


async def test_the_allowance_names_who_and_how_many_and_never_where(browse: Browse) -> None:
    setting = await visits.running_round(covert_percent=50)
    sent = [await make.sent(setting) for _ in range(6)]
    actor, task, _ = sent[0]
    url = f"/office/rounds/{setting.round.code}/allowance"
    desk = browse(people.coordinator)
    early = await desk.get(url)
    assert early.status_code == 409
    assert "结束" in early.text
    await rounds.close(people.coordinator, setting.round.code, at=visits.after(40))
    before = await desk.get(url)
    assert "180.00元" in before.text
    assert "林示例" not in before.text
    refused = await desk.post_form(url, {"reason": "", "as": "page"})
    assert refused.status_code == 422
    signed = await desk.post_form(url, {"reason": "发放补贴", "as": "page"})
    assert "林示例" in signed.text
    assert task.unit_name not in signed.text
    assert actor.member is not None
    lines = await queries.allowance(await made.round(setting.round.code))
    assert sum(line.visits for line in lines) == 6
    line = lines[0]
    assert line.hundredths == 3000 * line.visits
    assert [look.reason for look in await vault.looks(line.person)] == ["发放补贴"]
    workbook = await desk.post_form(url, {"reason": "发放补贴", "as": "xlsx"})
    sheet = CalamineWorkbook.from_filelike(io.BytesIO(workbook.content)).get_sheet_by_index(0)
    first = [str(cell) for cell in sheet.to_python()[2][2:4]]
    assert first == [str(line.visits), f"{30 * line.visits}.00"]


async def test_a_round_of_few_visitors_is_paid_with_the_next(browse: Browse) -> None:
    setting = await visits.running_round(covert_percent=100)
    await make.sent(setting)
    await rounds.close(people.coordinator, setting.round.code, at=visits.after(40))
    answer = await browse(people.coordinator).get(f"/office/rounds/{setting.round.code}/allowance")
    assert answer.status_code == 409
    assert "林示例" not in answer.text
    days = timedelta(days=60)
    plan = {"starts": visits.STARTS + days, "ends": visits.ENDS + days, "covert_percent": 100}
    planned = await rounds.plan(people.coordinator, visits.draft(**plan), at=visits.after(45))
    await rounds.approve(people.second, planned.code, at=visits.after(45))
    await rounds.commit(people.coordinator, planned.code, at=visits.after(45))
    await rounds.draw(people.coordinator, planned.code, at=visits.after(46))
    await raw("UPDATE visit_task SET state = 'done' WHERE round = {}", planned.id)
    await rounds.close(people.coordinator, planned.code, at=visits.after(120))
    view = await made.round(planned.code)
    assert [each.code for each in await queries.paid_together(view)] == [
        setting.round.code, planned.code,
    ]  # fmt: skip
    assert sum(line.visits for line in await queries.allowance(view)) == 13
    with pytest.raises(Conflict, match=r"allowance.few"):
        await queries.allowance(await made.round(setting.round.code))


async def test_the_board_counts_what_waits(browse: Browse) -> None:
    setting = await visits.running_round(covert_percent=0)
    await make.sent(setting)
    found = await queries.board(visits.DURING)
    assert found.in_review == 1
    assert found.unanswered == sum(
        1 for row in await raw("SELECT state FROM visit_task") if row["state"] == "offered"
    )
    late = await queries.board(visits.ENDS)
    assert late.overdue == 0
    page = await browse(people.coordinator).get("/office/board")
    assert page.status_code == 200
    assert "今日看板" in page.text
    empty = await browse(people.auditor, lang="en").get("/office/board")
    assert "Board of the day" in empty.text
