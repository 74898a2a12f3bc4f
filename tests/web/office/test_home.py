"""The home page and the menu lead each role only where it may go."""

from __future__ import annotations

import html
import re
from collections.abc import Callable

import pytest

from panel.actor import Actor, Role
from tests import people
from tests.web.conftest import Browser
from web.office import assessments

Browse = Callable[..., Browser]
STAFF = {
    "coordinator": people.coordinator,
    "reviewer": people.reviewer,
    "publisher": people.publisher,
    "auditor": people.auditor,
    "clerk": people.clerk_a,
    "intake": people.staff(9031, "intake", "评议办", Role.INTAKE_CLERK),
    "independent": people.staff(9032, "independent", "纪检", Role.INDEPENDENT_REVIEWER),
}


@pytest.mark.parametrize("actor", STAFF.values(), ids=STAFF.keys())
async def test_every_link_of_the_home_page_opens_for_its_reader(
    actor: Actor, browse: Browse
) -> None:
    desk = browse(actor)
    page = html.unescape((await desk.get("/office")).text)
    links = set(re.findall(r'href="(/office[^"]*)"', page))
    assert {"/office", "/office/rounds"} <= links
    assert ("/office/assessments" in links) is actor.may(*assessments.READERS)
    answers = {url: (await desk.get(url)).status_code for url in links}
    refused = {url for url, status in answers.items() if status not in {200, 303, 404}}
    assert not refused  # an empty city's own page may be missing, none is forbidden


async def test_the_home_page_groups_the_desks_of_a_coordinator(browse: Browse) -> None:
    page = html.unescape((await browse(people.coordinator).get("/office")).text)
    subjects = re.findall(r"<h3>([^<]+)</h3>", page)
    assert subjects == ["走访", "问题与结果", "人员", "监督与留痕"]
    assert "/office/influence" not in page
    other = await browse(STAFF["independent"]).get("/office")
    assert "/office/influence" in html.unescape(other.text)
