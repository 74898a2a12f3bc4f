"""The sheet on a phone: light, whole without scripts, and never lost."""

from __future__ import annotations

from typing import Any

from playwright.async_api import Browser, Route

from tests.journeys.browser import Person, person
from tests.journeys.forms import answer
from tests.journeys.phones import FOLDER, Visitor, Visitors, at_the_sheet, visitors
from tests.journeys.town import Town
from tests.make.accounts import PIN

__all__ = ["visitors"]
FIRST_LOAD = 30 * 1024
AGAIN = 3 * 1024
REQUESTS = 10


class Meter:
    """Counts what a page really transfers."""

    def __init__(self) -> None:
        """Start at nothing."""
        self.bytes = 0
        self.requests: list[str] = []

    async def watch(self, someone: Person) -> None:
        """Listen to the network of a browser."""
        wire = await someone.context.new_cdp_session(someone.page)
        wire.on("Network.requestWillBeSent", self._asked)
        wire.on("Network.loadingFinished", self._arrived)
        await wire.send("Network.enable")

    def _asked(self, event: dict[str, Any]) -> None:
        if not event["request"]["url"].startswith("data:"):
            self.requests.append(event["request"]["url"])

    def _arrived(self, event: dict[str, Any]) -> None:
        self.bytes += round(event["encodedDataLength"])

    def reset(self) -> None:
        """Start at nothing again."""
        self.bytes = 0
        self.requests.clear()


async def test_the_sheet_is_light(
    chromium: Browser, town: Town, visitors: Visitors, record_property: Any
) -> None:
    visitor = await anext(visitors)
    first = await at_the_sheet(chromium, town, visitor)
    fresh = await person(chromium, town.base, FOLDER)  # the session, and nothing in its cache
    await fresh.context.add_cookies(await first.context.cookies())  # type: ignore[arg-type]
    meter = Meter()
    await meter.watch(fresh)
    await fresh.go(f"{visitor.task}/sheet")
    await fresh.page.wait_for_load_state("networkidle")
    record_property("first load, bytes", meter.bytes)
    record_property("first load, requests", len(meter.requests))
    assert meter.bytes <= FIRST_LOAD, (meter.bytes, meter.requests)
    assert len(meter.requests) <= REQUESTS, meter.requests
    meter.reset()
    await fresh.go("/m/tasks")
    await fresh.page.wait_for_load_state("networkidle")
    meter.reset()
    await fresh.go(f"{visitor.task}/sheet")
    await fresh.page.wait_for_load_state("networkidle")
    record_property("again, bytes", meter.bytes)
    assert meter.bytes <= AGAIN, meter.requests
    fresh.satisfied()


async def test_the_sheet_fits_every_eye(chromium: Browser, town: Town, visitors: Visitors) -> None:
    visitor = await anext(visitors)
    someone = await at_the_sheet(chromium, town, visitor)
    await someone.study("sheet")
    someone.satisfied()


async def test_a_sheet_is_sent_without_scripts(
    chromium: Browser, town: Town, visitors: Visitors
) -> None:
    visitor = await anext(visitors)
    someone = await person(chromium, town.base, FOLDER, java_script_enabled=False)
    await someone.go(f"/m/sign-in?next={visitor.task}")
    await someone.type(number=visitor.card, pin=PIN)
    await someone.press("Sign in")
    await someone.follow("Fill in the sheet")
    await someone.choose("items.A1", "0")
    await someone.field("reasons.A1").fill("门口有三级台阶。")
    await someone.press("Save for later")
    await someone.follow("Go on with the sheet")
    assert await someone.field("reasons.A1").input_value() == "门口有三级台阶。"
    await someone.press("Check answers")  # most is missing: every fault is named, nothing is lost
    assert await someone.page.locator("main .faults a").count() > 1
    assert await someone.field("reasons.A1").input_value() == "门口有三级台阶。"
    await answer(someone)
    await someone.press("Check answers")
    await someone.choose("declared")
    await someone.press("Send the sheet")
    await someone.hear("Your sheet has arrived")


async def test_a_session_that_ends_in_the_sheet_loses_nothing(
    chromium: Browser, town: Town, visitors: Visitors
) -> None:
    visitor = await anext(visitors)
    someone = await at_the_sheet(chromium, town, visitor)
    await someone.choose("items.B1", "4")
    await someone.saved()
    town.wait(minutes=31)
    await someone.choose("items.B2", "3")
    await someone.says("#saved", "session.ended_here")
    someone.forgive("401")
    await resume(someone, visitor)
    for name, value in (("items.B1", "4"), ("items.B2", "3")):
        assert await someone.chosen(name) == value
    someone.forgive("401", "422")
    someone.satisfied()


async def resume(someone: Person, visitor: Visitor) -> None:
    """Send the sheet without a session: sign in, then send again what waited."""
    await someone.press("Check answers")
    await someone.hear("What you filled in is kept on this page and can be sent after you sign in.")
    await someone.type(number=visitor.card, pin=PIN)
    await someone.press("Sign in")
    await someone.press("Send my answers")


async def test_a_check_after_the_session_is_carried_through_the_sign_in(
    chromium: Browser, town: Town, visitors: Visitors
) -> None:
    visitor = await anext(visitors)
    someone = await at_the_sheet(chromium, town, visitor, java_script_enabled=False)
    await someone.choose("items.B1", "2")
    await someone.field("good").fill("指引清楚。")
    town.wait(minutes=31)
    await resume(someone, visitor)
    assert await someone.chosen("items.B1") == "2"
    assert await someone.field("good").input_value() == "指引清楚。"


async def test_a_failed_autosave_keeps_the_copy_on_the_phone(
    chromium: Browser, town: Town, visitors: Visitors
) -> None:
    visitor = await anext(visitors)
    # What a service worker fetches passes by the page's own routes, so here is none.
    someone = await at_the_sheet(chromium, town, visitor, service_workers="block")

    async def fail(route: Route) -> None:
        await route.fulfill(status=500, body="")

    await someone.page.route("**/draft.json", fail)
    await someone.choose("items.D1", "4")
    await someone.says(".saved", "No connection. Kept on this phone.")
    await someone.page.unroute("**/draft.json", fail)
    await someone.page.reload()
    assert await someone.chosen("items.D1") == "4"
    await someone.says("[data-restored]", "We put back what you had typed on this phone.")
    await someone.saved()
    someone.forgive("500", "Service Worker")
    someone.satisfied()


async def test_without_a_network_the_sheet_waits_and_then_saves_itself(
    chromium: Browser, town: Town, visitors: Visitors
) -> None:
    visitor = await anext(visitors)
    someone = await at_the_sheet(chromium, town, visitor)
    await someone.context.set_offline(True)
    await someone.choose("items.D2", "2")
    await someone.says(".saved", "No connection. Kept on this phone.")
    await someone.context.set_offline(False)
    await someone.saved()
    someone.forgive("ERR_INTERNET_DISCONNECTED")  # however often it tried
    await someone.page.reload()
    assert await someone.chosen("items.D2") == "2"
    someone.satisfied()
