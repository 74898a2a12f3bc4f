"""Two persons at their desks open what nobody opens alone; looks stand in a list."""

from __future__ import annotations

import io
from collections.abc import Callable
from http import HTTPStatus

import pytest
from python_calamine import CalamineWorkbook

from panel import clock, db
from panel.actor import Role
from panel.members import queries as members
from panel.recruitment.queries import objections
from panel.vault import queries as identities
from panel.visits import queries
from tests import people
from tests.make import notice as noticed
from tests.make import visits as make
from tests.web.conftest import Browser
from web.i18n import gettext

Browse = Callable[..., Browser]
discipline = people.staff(9050, "discipline", "纪检", Role.INDEPENDENT_REVIEWER)


@pytest.fixture
def now(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """Return a box whose last moment is now."""
    moments: list[object] = [make.DURING]
    monkeypatch.setattr(clock, "now", lambda: moments[-1])
    return moments


async def asked(desk: Browser, kind: str, ref: str) -> str:
    """Ask on the page; return the address of the wish."""
    answer = await desk.post_form(
        "/office/openings", {"kind": kind, "ref": ref.lower(), "reason": "核实举报"}
    )
    assert answer.status_code == HTTPStatus.SEE_OTHER
    return str(answer.headers["location"]).partition("?")[0]


async def test_two_desks_open_a_visitor_once(
    engine: db.Engine, browse: Browse, now: list[object]
) -> None:
    setting = await make.running_round(covert_percent=100)
    actor, task = await make.one_task(setting, covert=True)
    person = (await members.member(actor.member)).person  # type: ignore[arg-type]
    own = await identities.reveal_own(person)
    first, second = browse(discipline), browse(people.coordinator)
    url = await asked(first, "visitor", task.code)
    assert "核实举报" in (await second.get(url)).text
    assert (await browse(people.clerk_a).get(url)).status_code == HTTPStatus.NOT_FOUND
    early = await first.post_form(f"{url}/open", {})
    assert early.status_code == HTTPStatus.CONFLICT
    await second.post_form(f"{url}/decide", {"decision": "approve"})
    shown = await first.post_form(f"{url}/open", {})
    assert own.name in shown.text
    assert shown.headers["cache-control"] == "no-store"
    again = await first.post_form(f"{url}/open", {})
    assert again.status_code == HTTPStatus.CONFLICT
    assert own.name not in again.text
    assert own.name not in (await first.get(url)).text
    (look,) = await identities.looks(person)
    assert "两人共同开启" in gettext("zh", look.reason)


async def test_the_list_of_visits_to_come_is_taken_out_by_two(
    engine: db.Engine, browse: Browse, now: list[object]
) -> None:
    setting = await make.running_round(covert_percent=100)
    first, second = browse(people.coordinator), browse(people.publisher)
    url = await asked(first, "upcoming", setting.round.code)
    refused = await browse(people.second).post_form(f"{url}/decide", {"decision": "approve"})
    assert refused.status_code == HTTPStatus.NOT_FOUND
    await second.post_form(f"{url}/decide", {"decision": "approve"})
    taken = await first.post_form(f"{url}/open", {})
    sheet = CalamineWorkbook.from_filelike(io.BytesIO(taken.content)).get_sheet_by_index(0)
    codes = {str(row[1]) for row in sheet.to_python()}
    assert codes >= {task.code for task in await queries.round_tasks(setting.round.id)}


async def test_an_objector_is_opened_by_two_persons_only(
    engine: db.Engine, browse: Browse, monkeypatch: pytest.MonkeyPatch
) -> None:
    await make.measures()
    campaign = await noticed.drawn()
    await noticed.on_notice(campaign)
    receipt = await noticed.objected(campaign)
    monkeypatch.setattr(clock, "now", lambda: noticed.DRAWN)
    view = await objections.objection(receipt.number)
    own = await identities.reveal_own(view.person)
    first, second = browse(people.clerk_a), browse(people.publisher)
    url = await asked(first, "objector", receipt.number)
    await second.post_form(f"{url}/decide", {"decision": "approve"})
    assert own.name in (await first.post_form(f"{url}/open", {})).text


async def test_a_form_without_its_parts_is_explained(
    engine: db.Engine, browse: Browse, now: list[object]
) -> None:
    await make.measures()
    desk = browse(discipline)
    for form in ({}, {"kind": "reporter"}, {"kind": "visitor", "ref": "T"}):
        answer = await desk.post_form("/office/openings", form)
        assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY


async def test_covert_places_are_shown_after_a_reason_and_the_look_is_listed(
    engine: db.Engine, browse: Browse, now: list[object]
) -> None:
    setting = await make.running_round(covert_percent=100)
    code = setting.round.code
    task = next(
        each for each in await queries.round_tasks(setting.round.id, shown=True) if each.covert
    )
    desk = browse(people.coordinator)
    for url in (f"/office/rounds/{code}/tasks", f"/office/tasks/{task.code}"):
        assert task.unit_name not in (await desk.get(url)).text
    empty = await desk.post_form(f"/office/rounds/{code}/look", {"reason": ""})
    assert empty.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    await desk.post_form(f"/office/rounds/{code}/look", {"reason": "安排大厅时间"})
    for url in (f"/office/rounds/{code}/tasks", f"/office/tasks/{task.code}"):
        assert task.unit_name in (await desk.get(url)).text
        assert task.unit_name not in (await browse(people.second).get(url)).text
        assert task.unit_name not in (await browse(people.auditor).get(url)).text
    listed = (await browse(people.auditor).get("/office/looks")).text
    assert "安排大厅时间" in listed
    now.append(make.after(1))
    assert task.unit_name not in (await desk.get(f"/office/rounds/{code}/tasks")).text
