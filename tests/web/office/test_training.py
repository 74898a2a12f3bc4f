"""Training at the office's desk: standing, scale, papers for the hall."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from panel import clock
from panel.db import Engine
from panel.ids import Code
from panel.members import commands, queries
from tests import people
from tests.make import members as seats
from tests.make import recruitment
from tests.make import training as make
from tests.web.conftest import Browser

Browse = Callable[..., Browser]


@pytest.fixture
async def city(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """Put measures into force, at the clock of the builders."""
    monkeypatch.setattr(clock, "now", lambda: make.AT)
    await recruitment.rulebook_in_force()


async def test_the_office_sees_who_stands_where_and_how_the_scale_lies(
    browse: Browse, city: None
) -> None:
    actor, member = await make.learner()
    empty = await browse(people.coordinator).get("/office/training")
    assert "pic" not in empty.text.split("<main", 1)[1]
    await make.passed(actor)
    form, course = await make.course(member.code, make.WINDOW)
    severe = make.marked(form, course.cases[1], off=1)
    await commands.practise(
        actor, make.WINDOW, course.cases[1].key, severe, make.key(77), at=make.AT
    )
    shown = await browse(people.coordinator).get("/office/training")
    assert member.code in shown.text
    assert "8/10" in shown.text
    assert "1/2" in shown.text
    assert shown.text.count('class="pic"') == 2
    picture = re.search(r"<svg.*?</svg>", shown.text.split("<main", 1)[1], re.DOTALL)
    assert picture
    assert member.code not in picture[0]
    filtered = await browse(people.coordinator).get("/office/training?show=active")
    assert member.code not in filtered.text


@pytest.mark.parametrize("lang", ["zh", "en"])
async def test_papers_for_the_hall_show_the_answers_to_the_teacher_alone(
    browse: Browse, city: None, lang: str
) -> None:
    browser = browse(people.coordinator, lang=lang)
    _, member = await make.learner()
    _, course = await make.course(member.code, make.OFFICE)
    reason = course.questions[0].why.get(lang)
    model = course.cases[0].answers[0].why.get(lang)
    for what in ("course", "sheets", "quiz", "answers"):
        shown = await browser.get(f"/office/training/office/{what}")
        assert shown.status_code == 200
        for secret in (reason, model):
            assert (secret in shown.text) is (what == "answers")
    assert (await browser.get("/office/training/office/nothing")).status_code == 404
    assert (await browser.get("/office/training/nothing/quiz")).status_code == 404


async def test_a_paper_pledge_to_another_version_is_refused(browse: Browse, city: None) -> None:
    panel = await seats.panel(5, qualified=False)
    browser = browse(people.coordinator)
    typed = {"what": "pledge", "on": "2026-03-01", "scope": "ticked", "member": [panel[0].code]}
    refused = await browser.post_form("/office/members/record", {**typed, "version": "9"})
    assert refused.status_code == 409
    assert (await browser.post_form("/office/members/record", typed)).status_code == 303
    assert (await queries.member(Code(panel[0].code))).pledge == "1"
