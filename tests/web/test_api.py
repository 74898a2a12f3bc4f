"""The JSON API: tokens and their scopes, a member's own program, sheets without visitors."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import httpx
import msgspec
import pytest

from panel import clock
from panel.accounts import commands as accounts
from panel.accounts import queries
from panel.accounts.types import CardRequest, Scope
from panel.db import raw
from panel.errors import Conflict, Forbidden, Invalid
from panel.members import queries as members
from panel.vault import queries as vault
from panel.visits import commands as rounds
from tests import people
from tests.make import evaluations as make
from tests.make import visits
from tests.web.conftest import Browser

pytestmark = pytest.mark.engines("sqlite", "postgres")

Browse = Callable[..., Browser]
API = "/api/v1"
PIN = "580264"


@pytest.fixture(autouse=True)
def _still(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: visits.DURING)


def _program(browser: Browser, token: str) -> Browser:
    browser.headers["Authorization"] = f"Bearer {token}"
    del browser.headers["Origin"]
    return browser


async def _token(*scopes: Scope, days: int = 30) -> str:
    made = await accounts.make_token(
        people.administrator, "大数据平台", scopes, days, at=visits.DURING
    )
    return made.token


async def _sent() -> tuple[visits.Setting, Any]:
    setting = await visits.running_round(covert_percent=100)
    _, task, _ = await make.sent(setting)
    return setting, task


async def test_sheets_come_without_their_visitors(browse: Browse) -> None:
    setting, task = await _sent()
    program = _program(browse(), await _token(Scope.SUBMISSIONS))
    early = await program.get(f"{API}/submissions")
    assert early.json() == {"items": [], "next": None}  # who asks every hour learns no day
    assert (await program.get(f"{API}/submissions.ndjson")).content == b""
    await rounds.close(people.coordinator, setting.round.code, at=visits.after(40))
    answer = await program.get(f"{API}/submissions")
    assert answer.status_code == 200
    assert "id" not in answer.json()["items"][0]
    (line,) = answer.json()["items"]
    assert line["round"] == setting.round.code
    assert len(line["visited"]) == 7
    assert answer.json()["next"] is None
    for secret in (task.visitor, task.code, *setting.members):
        assert secret not in answer.text
    lines = await program.get(f"{API}/submissions.ndjson")
    assert [msgspec.json.decode(row)["code"] for row in lines.content.splitlines()] == [
        line["code"]
    ]


async def test_pages_follow_each_other_by_key(browse: Browse) -> None:
    setting = await visits.running_round(covert_percent=0)
    for _ in range(3):
        await make.sent(setting)
    program = _program(browse(), await _token(Scope.SUBMISSIONS))
    seen, after = [], ""
    while after is not None:
        page = (await program.get(f"{API}/submissions?limit=2&after={after}")).json()
        seen += [line["code"] for line in page["items"]]
        after = page["next"]
    rows = await raw("SELECT code FROM sheet_submission")
    assert seen == sorted(row["code"] for row in rows)  # not in the order in which they came
    assert len(seen) == 3


@pytest.mark.parametrize("token", ["", "nothing", "x" * 43])
async def test_without_a_good_token_nothing_opens(browse: Browse, token: str) -> None:
    await visits.measures()
    program = _program(browse(), token)
    for path in ("rounds", "submissions", "submissions.ndjson", "tasks"):
        answer = await program.get(f"{API}/{path}")
        assert answer.status_code == 403
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json()["code"] == "token.unknown"


async def test_a_session_of_a_browser_is_no_token(browse: Browse) -> None:
    await visits.measures()
    answer = await browse(people.coordinator).get(f"{API}/submissions")
    assert answer.status_code == 403


async def test_a_token_opens_its_scope_alone_and_ends(browse: Browse) -> None:
    await visits.measures()
    program = _program(browse(), await _token(Scope.ROUNDS))
    assert (await program.get(f"{API}/rounds")).status_code == 200
    refused = await program.get(f"{API}/submissions")
    assert (refused.status_code, refused.json()["code"]) == (403, "token.scope")
    (view,) = await queries.tokens()
    assert view.used_on == visits.DURING.date()
    await accounts.revoke_token(people.administrator, view.code, at=visits.DURING)
    assert (await program.get(f"{API}/rounds")).status_code == 403
    with pytest.raises(Conflict):
        await accounts.revoke_token(people.administrator, view.code, at=visits.DURING)


async def test_a_token_outlives_its_days_by_no_moment(browse: Browse) -> None:
    token = await _token(Scope.ROUNDS, days=1)
    assert await queries.token(token, at=visits.DURING + timedelta(hours=23)) is not None
    assert await queries.token(token, at=visits.DURING + timedelta(hours=24)) is None


async def test_tokens_are_made_by_the_administrator_with_name_scope_and_days(
    browse: Browse,
) -> None:
    at = visits.DURING
    with pytest.raises(Forbidden):
        await accounts.make_token(people.coordinator, "x", (Scope.ROUNDS,), 1, at=at)
    with pytest.raises(Invalid) as refusal:
        await accounts.make_token(people.administrator, " ", (), 400, at=at)
    assert [fault.path for fault in refusal.value.faults] == ["name", "scopes", "days"]
    desk = browse(people.administrator)
    assert (await desk.get("/admin/tokens")).status_code == 200
    bad = await desk.post_form("/admin/tokens", {"name": "平台", "days": "9999"})
    assert bad.status_code == 422
    assert 'value="平台"' in bad.text
    made = await desk.post_form(
        "/admin/tokens", {"name": "平台", "days": "30", "scopes": [Scope.ROUNDS.value]}
    )
    assert made.status_code == 200
    assert made.headers["cache-control"] == "no-store"
    (stored,) = await raw("SELECT token_hash FROM api_token")
    assert stored["token_hash"] not in made.text


async def _phone(browse: Browse) -> tuple[Browser, Any]:
    """Sign a member with an accepted task in by card number and PIN, as a program would."""
    setting = await visits.running_round(covert_percent=0)
    actor, task = await visits.accepted_task(setting)
    assert actor.member is not None
    seat = await members.member(actor.member)
    (card,) = await accounts.issue_cards(
        people.coordinator, [CardRequest(seat.code, seat.person)], at=visits.AT
    )
    phone = (await vault.reveal_own(seat.person)).phone
    await accounts.redeem_card(card.token, phone[-4:], PIN, at=visits.DURING)
    program = browse()
    del program.headers["Origin"]
    opened = await program.post(f"{API}/session", json={"number": card.number, "pin": PIN})
    assert opened.status_code == 201
    return _program(_origin(program), opened.json()["token"]), task


def _origin(browser: Browser) -> Browser:
    browser.headers["Origin"] = "-"
    return browser


async def _body(task: Any, **more: Any) -> dict[str, Any]:
    whole = make.answers(await make.form_of(task))
    answers = msgspec.to_builtins(msgspec.structs.replace(whole, **more))
    return {"answers": answers, "filled_at": visits.DURING.isoformat()}


async def _submit(phone: Browser, task: Any, key: str, **more: Any) -> httpx.Response:
    return await phone.post(
        f"{API}/tasks/{task.code}/submissions",
        json=await _body(task, **more),
        headers={"Idempotency-Key": key},
    )


async def test_a_program_of_a_member_sends_a_sheet_once(browse: Browse) -> None:
    phone, task = await _phone(browse)
    (mine,) = [t for t in (await phone.get(f"{API}/tasks")).json() if t["code"] == task.code]
    assert mine["state"] == "accepted"
    questions = (await phone.get(f"{API}/tasks/{task.code}/sheet")).json()
    assert {item["id"] for item in questions["items"]} >= {"A1", "D1"}
    key = make.key(5)
    first, second = await _submit(phone, task, key), await _submit(phone, task, key)
    assert first.status_code == second.status_code == 201
    assert first.json() == second.json()
    other = await _submit(phone, task, key, good="别的")
    assert (other.status_code, other.json()["code"]) == (409, "sheet.other_body")
    rows = await raw("SELECT code FROM sheet_submission")
    assert [row["code"] for row in rows] == [first.json()["code"]]
    again = await phone.get(f"{API}/receipts/{first.json()['code']}")
    assert again.json() == first.json()


async def test_what_is_wrong_with_a_sheet_is_told_as_a_problem(browse: Browse) -> None:
    phone, task = await _phone(browse)
    bad = await _submit(phone, task, make.key(6), items={}, minutes={})
    assert bad.status_code == 422
    assert bad.json()["code"] == "sheet.faults"
    unread = await phone.post(
        f"{API}/tasks/{task.code}/submissions",
        json={"answers": 7},
        headers={"Idempotency-Key": make.key(6)},
    )
    assert unread.status_code == 400
    foreign = await phone.get(f"{API}/tasks/0000000000/sheet")
    assert foreign.status_code == 404


async def test_a_wrong_pin_opens_nothing_and_an_ended_session_neither(browse: Browse) -> None:
    phone, _ = await _phone(browse)
    assert (await phone.post(f"{API}/session/end")).status_code == 204
    assert (await phone.get(f"{API}/tasks")).status_code == 403
    wrong = await phone.post(f"{API}/session", json={"number": "0000000000", "pin": "000000"})
    assert wrong.status_code in {403, 422}


async def test_the_interface_describes_itself(browse: Browse) -> None:
    answer = await browse().get(f"{API}/openapi.json")
    paths = answer.json()["paths"]
    assert f"{API}/submissions" in paths
    assert all(path.startswith(API) for path in paths)
    schemes = answer.json()["components"]["securitySchemes"]
    assert set(schemes) == {"member", "program"}
