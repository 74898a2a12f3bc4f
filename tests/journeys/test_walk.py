"""One walk through all pages by hand, from the first table to the ranking and a resignation.

Staff take turns at the desk, a member has a phone, somebody reads English on a desk of their own.
Only the sheets of the other nine members come by command.
"""

from __future__ import annotations

from pathlib import Path

from playwright.async_api import Browser

from panel.demo import cast
from tests.journeys import (
    applying,
    appointing,
    drawing,
    judging,
    publishing,
    recruiting,
    serving,
    vetting,
    visiting,
)
from tests.journeys.town import Town
from tests.journeys.walk import Walk, begin


async def test_a_city_recruits_visits_ranks_and_publishes(
    chromium: Browser, town: Town, tmp_path: Path
) -> None:
    await cast.staff(at=town.now())
    walk = await begin(chromium, town)
    await recruiting.set_up(walk)
    await recruiting.fill_roster(walk)
    await recruit(walk, tmp_path)
    await visiting.plan(walk)
    await visiting.accept(walk)
    await visiting.others_accept(walk)
    await visiting.fill_in(walk)
    await visiting.others_send(walk)
    await visiting.review(walk)
    await judging.rank(walk)
    await judging.hear(walk)
    await judging.reply(walk)
    await judging.decide(walk)
    await publish(walk, tmp_path)
    await judging.rectify(walk)
    await serving.take_data_along(walk)
    await serving.suspend(walk)
    await serving.resign(walk)
    assert not walk.faults, "\n".join(["", *walk.faults])


async def recruit(walk: Walk, folder: Path) -> None:
    """Walk from the announcement to ten trained members."""
    await recruiting.announce(walk)
    await applying.by_phone(walk)
    await applying.at_a_desk(walk)
    await applying.by_nomination(walk)
    await applying.on_paper(walk)
    await vetting.begin(walk)
    await vetting.ask_offices(walk)
    await vetting.answer(walk)
    await vetting.compare_staff(walk)
    await vetting.finish(walk)
    await drawing.test_selection(walk)
    await drawing.make_lists(walk)
    number = await drawing.prove(walk)
    await drawing.check(walk, number, folder)
    await drawing.enter_number(walk, number)
    await appointing.notice(walk)
    await appointing.replace(walk)
    await appointing.certify(walk)
    await appointing.learn(walk)
    await appointing.complete(walk)


async def publish(walk: Walk, folder: Path) -> None:
    """Walk from the public notice to a stranger who checks what was published."""
    await publishing.notice(walk)
    await publishing.protest(walk)
    await publishing.sign(walk)
    await publishing.publish(walk)
    await publishing.read(walk)
    await publishing.verify(walk, folder)
