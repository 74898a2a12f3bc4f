"""The course on a member's phone: pledge, units, sheets, quiz, certificate."""

from __future__ import annotations

import datetime as dt
import html
import re
from collections.abc import Callable
from typing import Any

import pytest

from panel import clock
from panel.actor import Actor
from panel.db import Engine
from panel.members import commands, queries
from panel.members.types import MemberState
from panel.rulebook.types import Course
from panel.workdays import SHANGHAI
from tests import people
from tests.make import recruitment
from tests.make import training as make
from tests.tables import forget
from tests.web.conftest import Browser

Browse = Callable[..., Browser]


@pytest.fixture
async def member(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> Actor:
    """Return a member who has learnt nothing yet, at the clock of the builders."""
    monkeypatch.setattr(clock, "now", lambda: make.AT)
    await recruitment.rulebook_in_force()
    actor, _ = await make.learner()
    return actor


def key_of(page: str) -> str:
    """Return the idempotency key of a form."""
    found = re.search(r'name="key" value="([^"]+)"', page)
    assert found
    return found[1]


def quiz(course: Course, *, wrong: int = 0) -> dict[str, list[str]]:
    """Return the fields of a quiz with so many wrong answers."""
    chosen = make.chosen(course, wrong=wrong)
    return {f"q.{name}": [str(option) for option in some] for name, some in chosen.items()}


async def test_a_member_goes_all_the_way_to_a_certificate(browse: Browse, member: Actor) -> None:
    assert member.member is not None
    browser = browse(member)
    first = await browser.get("/m/training")
    assert "还没有取得资格" in first.text
    _, course = await make.course(member.member, make.WINDOW)
    assert "还没有取得资格" in (await browser.get("/m/tasks")).text
    address = f"/m/courses/window/units/{course.units[0].key}"
    for unit in course.units:
        shown = await browser.get(address)
        assert unit.title.zh in shown.text
        assert "<svg" in shown.text
        answer = await browser.post_form(address, {})
        address = answer.headers["location"]
    assert address == "/m/courses/window"
    for case in course.cases:
        paper = f"/m/courses/window/sheets/{case.key}"
        shown = await browser.get(paper)
        form, _ = await make.course(member.member, make.WINDOW)
        marks = make.marked(form, case)
        typed = {f"items.{k}": "none" if v is None else str(v) for k, v in marks.items()}
        answer = await browser.post_form(paper, typed | {"key": key_of(shown.text)})
        assert answer.status_code == 303
        beside = await browser.get(answer.headers["location"])
        assert f"{len(marks)}项中有{len(marks)}项一致" in beside.text
    shown = await browser.get("/m/courses/window/quiz")
    answer = await browser.post_form(
        "/m/courses/window/quiz", quiz(course) | {"key": key_of(shown.text)}
    )
    result = await browser.get(answer.headers["location"])
    assert "已通过" in result.text
    assert "15题答对15题" in result.text
    held = await browser.get("/m/training/certificates")
    assert "2027年" in held.text
    pledging = await browser.get("/m/training/pledge")
    assert "如实评议" in pledging.text
    await browser.post_form("/m/training/pledge", {"version": "1"})
    await make.passed(member, make.OFFICE)
    assert (await queries.member(member.member)).state is MemberState.ACTIVE
    assert "已取得资格" in (await browser.get("/m/training")).text
    assert "还没有取得资格" not in (await browser.get("/m/tasks")).text


async def test_right_answers_show_only_when_all_attempts_are_used(
    browse: Browse, member: Actor
) -> None:
    course = await make.prepared(member)
    browser = browse(member)
    reason = course.questions[0].why.zh
    asked = await browser.get("/m/courses/window/quiz")
    assert reason not in asked.text
    for number in range(3):
        shown = await browser.get("/m/courses/window/quiz")
        typed = quiz(course, wrong=5) | {"key": key_of(shown.text)}
        answer = await browser.post_form("/m/courses/window/quiz", typed)
        again = await browser.post_form("/m/courses/window/quiz", typed)
        if number < 2:
            assert again.headers["location"] == answer.headers["location"]
        result = await browser.get(answer.headers["location"])
        assert "还没有通过" in result.text
        assert (reason in result.text) is (number == 2)
    assert "今天的答题次数已用完" in (await browser.get("/m/courses/window/quiz")).text
    refused = await browser.post_form("/m/courses/window/quiz", quiz(course) | {"key": make.key(7)})
    assert refused.status_code == 410


async def test_what_is_missing_is_named_and_what_was_chosen_stays(
    browse: Browse, member: Actor
) -> None:
    course = await make.prepared(member)
    browser = browse(member)
    shown = await browser.get("/m/courses/window/quiz")
    typed = quiz(course) | {"key": key_of(shown.text)}
    del typed["q.gift"]
    answer = await browser.post_form("/m/courses/window/quiz", typed)
    assert answer.status_code == 422
    assert 'href="#f-q-gift"' in answer.text
    assert key_of(answer.text) == typed["key"]
    assert answer.text.count(" checked") == sum(len(each.right) for each in course.questions) - 1
    case = course.cases[0].key
    sheet = await browser.post_form(
        f"/m/courses/window/sheets/{case}", {"items.A1": "4", "key": make.key(8)}
    )
    assert sheet.status_code == 422
    assert 'href="#f-items-A2"' in sheet.text
    assert sheet.text.count(" checked") == 1


async def test_the_quiz_stays_closed_until_the_course_is_done(
    browse: Browse, member: Actor
) -> None:
    browser = browse(member)
    shown = await browser.get("/m/courses/window/quiz")
    assert 'name="key"' not in shown.text
    refused = await browser.post_form("/m/courses/window/quiz", {"key": make.key()})
    assert refused.status_code in {409, 422}
    assert (await browser.get("/m/courses/nothing")).status_code == 404
    assert (await browser.get("/m/courses/window/units/nothing")).status_code == 404


async def test_results_are_ones_own(browse: Browse, member: Actor) -> None:
    made = await make.passed(member)
    other = next(each.code for each in await queries.serving(make.AT) if each.code != member.member)
    stranger = browse(people.member(other, 9101))
    assert (await stranger.get(f"/m/training/attempts/{made.code}")).status_code == 404
    mine = await queries.learner(member.member or other, at=make.AT)
    standing = mine.of(make.WINDOW)
    assert standing is not None
    sheet = standing.practised["window_registry"]
    assert (await stranger.get(f"/m/training/sheets/{sheet.code}")).status_code == 404


async def test_the_pledge_to_a_version_not_in_force_is_refused(
    browse: Browse, member: Actor
) -> None:
    browser = browse(member)
    refused = await browser.post_form("/m/training/pledge", {"version": "0"})
    assert refused.status_code == 409
    assert "监督员守则已经更新" in html.unescape(refused.text)


async def test_every_page_of_the_course_speaks_english_too(browse: Browse, member: Actor) -> None:
    made = await make.passed(member)
    browser = browse(member, lang="en")
    pages = (
        "/m/training", "/m/training/pledge", "/m/training/certificates", "/m/courses/window",
        "/m/courses/window/units/covert", "/m/courses/window/sheets/window_registry",
        "/m/courses/window/quiz", f"/m/training/attempts/{made.code}",
    )  # fmt: skip
    for address in pages:
        shown = await browser.get(address)
        assert shown.status_code == 200
        main = shown.text.split("<main", 1)[1].split("</main>", 1)[0]
        assert not re.findall(r"[\u4e00-\u9fff]+", main), address


async def test_a_course_asks_no_more_of_the_database_the_further_one_is(
    browse: Browse, member: Actor, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    run = engine.run

    async def counted(sql: str, args: list[Any]) -> list[dict[str, Any]]:
        asked.append(sql)
        return await run(sql, args)

    monkeypatch.setattr(engine, "run", counted)
    counts = []
    for _ in range(2):
        for address in ("/m/training", "/m/courses/window"):
            asked.clear()
            forget()  # an earlier test may have known this city
            assert (await browse(member).get(address)).status_code == 200
            counts.append(len(asked))
        await make.passed(member)
    assert counts[:2] == counts[2:]
    assert max(counts) <= 8


@pytest.mark.parametrize("lang", ["zh", "en"])
async def test_a_member_is_reminded_of_the_certificates_end_and_passes_again(
    browse: Browse, member: Actor, monkeypatch: pytest.MonkeyPatch, lang: str
) -> None:
    await make.passed(member, make.WINDOW)
    await make.passed(member, make.OFFICE)
    assert member.member is not None
    await commands.pledge(member, "1", at=make.AT)
    last = (await queries.member(member.member)).qualified_until
    assert last is not None
    browser = browse(member, lang=lang)
    soon = "您的证书即将到期" if lang == "zh" else "Your certificate ends soon"
    closed = "起可以再次答题" if lang == "zh" else "The quiz opens again on"
    assert soon not in (await browser.get("/m/tasks")).text
    assert soon not in (await browser.get("/m/training")).text
    quiz_page = await browser.get("/m/courses/window/quiz")
    assert closed in quiz_page.text
    assert "<fieldset" not in quiz_page.text
    assert closed in (await browser.get("/m/courses/window")).text
    opens = dt.datetime.combine(last - dt.timedelta(days=30), dt.time(), SHANGHAI)
    monkeypatch.setattr(clock, "now", lambda: opens)
    assert soon in (await browser.get("/m/tasks")).text
    training = await browser.get("/m/training")
    assert soon in training.text
    assert 'href="/m/courses/window"' in training.text
    assert 'href="/m/courses/window/quiz"' in (await browser.get("/m/courses/window")).text
    quiz_page = await browser.get("/m/courses/window/quiz")
    assert "<fieldset" in quiz_page.text
    desk = browse(people.coordinator, lang=lang)
    listed = await desk.get("/office/training?show=due")
    assert member.member in listed.text
    assert "/office/training?show=due" in (await desk.get("/office/training")).text
    assert member.member in (await desk.get("/office/members?show=due")).text
