"""One walk through all pages by hand, from the first table to the published ranking.

Staff take turns at the desk, a member has a phone, somebody reads English on a desk of their own.
Only the sheets of the other nine members come by command.
"""

from __future__ import annotations

from playwright.async_api import Browser

from panel.demo import cast
from tests.journeys import judging, recruiting, visiting
from tests.journeys.town import Town
from tests.journeys.walk import begin


async def test_a_city_recruits_visits_ranks_and_publishes(chromium: Browser, town: Town) -> None:
    await cast.staff(at=town.now())
    walk = await begin(chromium, town)
    await recruiting.set_up(walk)
    await recruiting.fill_roster(walk)
    await recruiting.announce(walk)
    await recruiting.apply(walk)
    await recruiting.screen(walk)
    await recruiting.draw(walk)
    await recruiting.get_card(walk)
    await visiting.plan(walk)
    await visiting.accept(walk)
    await visiting.others_accept(walk)
    await visiting.fill_in(walk)
    await visiting.others_send(walk)
    await visiting.review(walk)
    await judging.rank(walk)
    await judging.hear(walk)
    await judging.publish(walk)
    await judging.rectify(walk)
    assert not walk.faults, "\n".join(["", *walk.faults])
