"""What counts: cells follow the sheets, whatever order they come and go in."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from panel.db import raw
from panel.errors import Conflict
from panel.evaluations import commands, queries, rules
from panel.evaluations.commands.vetoes import _cap
from panel.evaluations.types import CountedSheet
from tests import people
from tests.make import evaluations as make
from tests.make import visits

AT = make.SENT + timedelta(hours=1)


@pytest.fixture
async def setting(engine: object) -> visits.Setting:
    return await visits.running_round()


async def test_a_sheet_counts_from_its_acceptance_until_it_is_void(setting: visits.Setting) -> None:
    _, task, receipt = await make.sent(setting)
    assert await queries.cells([setting.round.id]) == []
    await commands.accept(people.reviewer, receipt.code, at=AT)
    score = (await queries.submission(receipt.code)).score
    (cell,) = await queries.cells([setting.round.id])
    assert (cell.n, cell.total, cell.squares) == (1, score, score * score)
    assert cell.type == f"{task.form_key}:{task.mode.value}"
    await commands.propose_void(people.reviewer, receipt.code, "wrong_window", at=AT)
    assert await queries.cells([setting.round.id]) == [cell]
    await commands.confirm_void(people.second_reviewer, receipt.code, at=AT)
    assert await queries.cells([setting.round.id]) == []


async def test_a_confirmed_grave_event_caps_the_cell(setting: visits.Setting) -> None:
    from panel.audit.commands import entry

    _, _, receipt = await make.sent(setting)
    await commands.accept(people.reviewer, receipt.code, at=AT)
    sheet = await queries.submission(receipt.code)
    async with entry(people.reviewer, "test.cap", at=AT) as note:
        await _cap(sheet.id, note)
    (cell,) = await queries.cells([setting.round.id])
    assert cell.total == 5900 < sheet.score


async def test_cells_of_a_round_from_before_are_made_once(setting: visits.Setting) -> None:
    for receipt in await make.all_sent(setting):
        await commands.accept(people.reviewer, receipt.code, at=AT)
    before = await queries.cells([setting.round.id])
    await raw("DELETE FROM counted_cell")
    assert set(await commands.tallied(setting.round.id)) == set(before)
    assert await queries.cells([setting.round.id]) == before


async def test_cells_that_were_changed_behind_the_service_are_refused(
    setting: visits.Setting,
) -> None:
    _, _, receipt = await make.sent(setting)
    await commands.accept(people.reviewer, receipt.code, at=AT)
    await raw("UPDATE counted_cell SET total = total - 1")
    with pytest.raises(Conflict, match=r"ranking\.cells_differ"):
        await commands.tallied(setting.round.id)


_SHEETS = st.lists(
    st.builds(
        CountedSheet,
        round_id=st.just(1),
        place_id=st.integers(1, 3),
        window_id=st.none(),
        unit_id=st.just(1),
        visitor=st.sampled_from("ab"),
        type=st.sampled_from(["window:open", "window:covert"]),
        score=st.integers(0, 10_000),
        veto_confirmed=st.booleans(),
    )
)


@given(_SHEETS, st.randoms(use_true_random=False))
def test_the_order_of_sheets_changes_no_cell(sheets: list[CountedSheet], chance: object) -> None:
    shuffled = list(sheets)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    cells = rules.summed(sheets)
    assert rules.summed(shuffled) == cells
    assert sum(cell.n for cell in cells) == len(sheets)
    assert sum(cell.total for cell in cells) == sum(sheet.score for sheet in sheets)
