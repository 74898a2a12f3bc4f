"""Editions: the year's sheets together, different people, the same digits again from the seal."""

from __future__ import annotations

import datetime as dt
import hashlib

import msgspec
import pytest

from panel.audit import queries as history
from panel.chance import Json, canonical
from panel.db import raw
from panel.errors import Conflict, Invalid, Missing
from panel.evaluations import commands as evaluations
from panel.evaluations import queries as sheets
from panel.ids import Code
from panel.piccolo_app import our_tables
from panel.rankings import commands, queries
from panel.rankings.rules import computing
from tests import people
from tests.make import rankings as make
from tests.make.years import LATER, second_round

pytestmark = pytest.mark.usefixtures("engine")


async def test_a_year_s_rounds_count_together_and_people_once() -> None:
    city = await make.closed_round(rest_rounds=0, rotation_days=30)
    first = await commands.close(people.coordinator, city.round.code, at=make.COMPUTED)
    later = await second_round([*city.members])
    second = await commands.close(people.coordinator, later.code, at=make.COMPUTED + LATER)
    alone, both = await queries.sealed(first.id, 1), await queries.sealed(second.id, 1)
    assert alone.rounds == (city.round.code,)
    assert both.rounds == (city.round.code, later.code)
    assert sum(cell.n for cell in both.cells) == sum(cell.n for cell in alone.cells) + 30
    raters = {cell.rater for cell in both.cells}
    links = {(cell.period, cell.rater) for cell in both.cells}
    assert len(raters) <= len(city.members) < len(links)
    assert {cell.rater for cell in alone.cells} <= raters
    units, *_ = await queries.lists(second.id)
    visited = {row.code: row.visits for row in units.rows}
    assert all(visits == 20 for visits in visited.values())


async def test_the_sealed_input_gives_every_digit_again() -> None:
    city = await make.computed()
    view = await queries.ranking(city.round.code)
    sealed = await queries.sealed(view.id, 1)
    (edition,) = await queries.editions(view.id)
    assert hashlib.sha256(canonical(_plain(sealed))).hexdigest() == edition.sealed_hash
    again = computing.computed(sealed)
    stored = await raw(
        "SELECT result FROM ranking_snapshot WHERE ranking = {} ORDER BY id", view.id
    )
    assert [each.text for each in again.lists] == [row["result"] for row in stored]
    assert again.model == edition.model
    with pytest.raises(Missing):
        await queries.sealed(view.id, 2)


def _plain(value: object) -> Json:
    found: Json = msgspec.to_builtins(value)
    return found


async def test_the_sealed_input_names_no_visit_and_lies_encrypted() -> None:
    city = await make.computed()
    counted = await sheets.counted(city.round.id)
    view = await queries.ranking(city.round.code)
    plain = canonical(_plain(await queries.sealed(view.id, 1))).decode()
    (row,) = await raw("SELECT sealed FROM ranking_edition")
    for sheet in counted:
        assert sheet.visitor not in plain
    assert counted[0].visitor[:8] not in row["sealed"]
    assert city.units[0] in plain
    assert city.units[0] not in row["sealed"]


async def test_a_correction_is_the_next_edition_with_what_changed() -> None:
    city = await make.computed()
    before = await queries.ranking(city.round.code)
    (sheet, *_) = [
        row["code"]
        for row in await raw(
            "SELECT s.code FROM sheet_submission s JOIN visit_task t ON t.id = s.task "
            "JOIN unit u ON u.id = t.unit WHERE u.code = {} ORDER BY s.id",
            city.units[0],
        )
    ]
    at = make.COMPUTED + dt.timedelta(days=1)
    await evaluations.propose_void(people.reviewer, Code(sheet), "wrong_window", at=at)
    await evaluations.confirm_void(people.second_reviewer, Code(sheet), at=at)
    with pytest.raises(Invalid):
        await commands.recompute(people.coordinator, city.round.code, "  ", at=at)
    for reason in ("监督员王秀英3月5日的评议表作废", "长" * 2_001):  # everybody reads it
        with pytest.raises(Invalid) as refused:
            await commands.recompute(people.coordinator, city.round.code, reason, at=at)
        assert [fault.path for fault in refused.value.faults] == ["reason"]
    after = await commands.recompute(people.coordinator, city.round.code, "申诉成立", at=at)
    assert (before.edition, after.edition) == (1, 2)
    new, old = await queries.editions(after.id)
    assert (new.number, new.reason, old.reason) == (2, "申诉成立", "")
    assert new.sealed_hash != old.sealed_hash
    assert city.units[0] in {change.code for change in new.changes}
    (unit, *_), (was, *_) = await queries.lists(after.id), await queries.lists(after.id, 1)
    visits_of = {row.code: row.visits for row in unit.rows}
    assert visits_of[city.units[0]] == 9
    assert {row.code: row.visits for row in was.rows}[city.units[0]] == 10
    assert (await history.verify(our_tables())).findings == ()


async def test_the_same_sheets_give_the_same_lists_in_any_edition() -> None:
    city = await make.computed()
    view = await queries.ranking(city.round.code)
    await commands.recompute(people.coordinator, city.round.code, "复算", at=make.COMPUTED)
    first = await queries.lists(view.id, 1)
    second = await queries.lists(view.id, 2)
    assert [each.input_hash for each in first] == [each.input_hash for each in second]
    for one, other in zip(first, second, strict=True):
        assert [(row.code, row.score, row.place) for row in one.rows] == [
            (row.code, row.score, row.place) for row in other.rows
        ]
    newest, *_ = await queries.editions(view.id)
    assert newest.changes == ()


async def test_sums_that_were_changed_behind_the_service_stop_the_computing() -> None:
    city = await make.closed_round()
    await raw("UPDATE counted_cell SET total = total - 1 WHERE id = (SELECT MIN(id) FROM "
              "counted_cell)")  # fmt: skip
    with pytest.raises(Conflict, match=r"ranking\.cells_differ"):
        await commands.close(people.coordinator, city.round.code, at=make.COMPUTED)
    with pytest.raises(Missing):
        await queries.ranking(city.round.code)
