"""The public plan register: what and by which right, never when, never who."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta

from panel import db
from panel.visits import commands, queries
from tests import people
from tests.make import orders as make_orders
from tests.make import visits as make
from tests.web.conftest import Browser

Browse = Callable[..., Browser]


async def test_an_approved_round_is_public_without_its_days(
    engine: db.Engine, browse: Browse
) -> None:
    setting = await make.running_round()
    view = setting.round
    assert view.code in (await browse().get("/zh/rounds")).text
    page = await browse().get(f"/zh/rounds/{view.code}")
    assert page.status_code == 200
    assert view.draft.legal_basis in page.text
    assert str(view.draft.ends.day) + "日" not in page.text.partition("<main")[2]
    again = await browse().get(
        f"/zh/rounds/{view.code}", headers={"If-None-Match": page.headers["etag"]}
    )
    assert again.status_code == 304


async def test_the_public_record_names_no_visitor(engine: db.Engine, browse: Browse) -> None:
    setting = await make.running_round()
    answer = await browse().get(f"/en/rounds/{setting.round.code}/draw.json")
    assert json.loads(answer.content)
    for member in setting.members:
        assert member not in answer.text
        assert queries.link(member, setting.round.code) not in answer.text


async def test_a_covert_revisit_is_told_once_it_is_over(engine: db.Engine, browse: Browse) -> None:
    made = await make_orders.opened(covert_percent=100)
    await make_orders.reported(made)
    code = await make_orders.drawn(made)
    assert (await queries.round(code)).covert
    assert code not in (await browse().get("/zh/rounds")).text
    for path in (f"/zh/rounds/{code}", f"/zh/rounds/{code}/draw", f"/zh/rounds/{code}/draw.json"):
        assert (await browse().get(path)).status_code == 404
    view = await queries.round(code)
    await commands.close(people.coordinator, code, at=view.draft.ends + timedelta(days=30))
    assert code in (await browse().get("/zh/rounds")).text
    assert (await browse().get(f"/zh/rounds/{code}/draw.json")).status_code == 200


async def test_nobody_reads_a_draft_or_an_unknown_round(engine: db.Engine, browse: Browse) -> None:
    await make.running_round()
    assert (await browse().get("/zh/rounds/0000000000")).status_code == 404
    assert (await browse().get("/zh/rounds/nonsense")).status_code == 404
