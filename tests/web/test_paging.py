"""Pages of long lists: every row once, however deep, whatever comes in meanwhile."""

from __future__ import annotations

import asyncio
import re
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from panel import db
from panel.members import queries as members
from panel.members.types import Listed
from panel.recruitment import commands
from panel.recruitment import queries as recruitment
from panel.recruitment.types.campaigns import Screened
from panel.visits import queries as visits
from tests import people
from tests.make import members as make_members
from tests.make import recruitment as make
from tests.make import visits as make_visits
from web.paging import Paged, Turn, paged

SIZE = 3


def request(link: str | None) -> Any:
    """Return what `paged` reads of a request."""
    given = dict(re.findall(r"(\w+)=(\w+)", link or ""))

    def number(name: str) -> int:
        return int(given.get(name, 0))

    return SimpleNamespace(query_params=given, number=number)


async def read(rows: list[int], turn: Turn) -> list[int]:
    """Read rows of a list as the queries do."""
    after, before = turn.ids
    if before:
        return [row for row in rows if row < before][-turn.limit :]
    return [row for row in rows if row > after][: turn.limit]


async def page_of(rows: list[int], link: str | None) -> Paged[int]:
    """Return the page to which a link leads."""
    return await paged(request(link), lambda turn: read(rows, turn), lambda row: row, SIZE, "&x=y")


async def to_the_end(rows: list[int]) -> list[Paged[int]]:
    """Turn the pages of a list until there is no further one."""
    pages = [await page_of(rows, None)]
    while (link := pages[-1].following) is not None:
        assert link.endswith("&x=y")
        pages.append(await page_of(rows, link))
    return pages


@given(st.sets(st.integers(1, 99)).map(sorted))
def test_forth_and_back_every_row_comes_once(rows: list[int]) -> None:
    async def both_ways() -> None:
        pages = await to_the_end(rows)
        assert [row for page in pages for row in page.rows] == rows
        assert [page.number for page in pages] == list(range(1, len(pages) + 1))
        back = [pages[-1]]
        while (link := back[0].previous) is not None:
            back.insert(0, await page_of(rows, link))
        assert [(page.rows, page.number) for page in back] == [
            (page.rows, page.number) for page in pages
        ]

    asyncio.run(both_ways())


@given(st.sets(st.integers(1, 99), min_size=4).map(sorted), st.integers(1, 99))
def test_what_comes_in_or_goes_meanwhile_moves_nothing_else(rows: list[int], other: int) -> None:
    async def turned() -> None:
        first = await page_of(rows, None)
        changed = sorted({*rows, other} if other not in rows else {*rows} - {other})
        later = await page_of(changed, first.following)
        last = first.rows[-1]
        assert later.rows == [row for row in changed if row > last][:SIZE]
        back = await page_of(changed, later.previous)
        earlier = [row for row in changed if row < (later.rows or [last])[0]]
        assert back.rows == (earlier[-SIZE:] if len(earlier) >= SIZE else changed[:SIZE])

    asyncio.run(turned())


@pytest.mark.parametrize("link", ["?after=zz", "?after=99999999999", "?before=0", "?page=7"])
async def test_an_address_without_sense_leads_to_the_beginning(link: str) -> None:
    found = await page_of([1, 2, 3, 4], link)
    assert (found.rows, found.number, found.previous) == ([1, 2, 3], 1, None)


@pytest.mark.engines("sqlite", "postgres")
async def test_members_come_by_their_codes_at_one_query_a_page(
    engine: db.Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    await make.rulebook_in_force(make.small_toml())
    panel = sorted(each.code for each in await make_members.panel(8, qualified=False))
    asked: list[str] = []
    run = engine.run

    async def noted(sql: str, args: list[Any]) -> list[db.Row]:
        asked.append(sql)
        return await run(sql, args)

    monkeypatch.setattr(engine, "run", noted)
    found, costs, last = [], set(), ""
    while True:
        asked.clear()
        rows = await members.some(make_members.AT, Listed.TRAINING, after=last, limit=SIZE)
        costs.add(len(asked))
        if not rows:
            break
        found += [row.code for row in rows]
        last = rows[-1].code
    assert found == panel
    assert costs == {1}
    assert not [sql for sql in asked if "OFFSET" in sql.upper()]
    rows = await members.some(make_members.AT, Listed.ALL, before=panel[4], limit=SIZE)
    assert [row.code for row in rows] == panel[1:4]


@pytest.mark.engines("sqlite", "postgres")
async def test_applications_come_in_the_order_of_receipt(engine: db.Engine) -> None:
    await make.rulebook_in_force(make.small_toml())
    campaign = await make.announced()
    tickets = await make.applied(campaign.code, 5)
    rows = await recruitment.applications_of(campaign, Screened(), limit=2)
    data = make.sheet([make.row(6)])
    await commands.import_applications(
        people.coordinator, campaign.code, data, "more.csv", at=make.OPEN
    )
    rows += await recruitment.applications_of(campaign, Screened(), after=rows[-1].id, limit=9)
    assert [row.ticket for row in rows][:5] == tickets
    assert len(rows) == 6
    back = await recruitment.applications_of(campaign, Screened(), before=rows[4].id, limit=2)
    assert [row.ticket for row in back] == tickets[2:4]


@pytest.mark.engines("sqlite", "postgres")
async def test_places_come_by_unit_and_window(engine: db.Engine) -> None:
    setting = await make_visits.running_round()
    group = setting.round.draft.groups[0]
    whole = await visits.coverage(setting.round, group, limit=50)
    assert len(whole) > 1
    found, last = [], 0
    while rows := await visits.coverage(setting.round, group, after=last, limit=1):
        found += rows
        last = rows[-1].place_id
    assert found == whole
    assert await visits.coverage(setting.round, group, before=last, limit=50) == whole[:-1]
