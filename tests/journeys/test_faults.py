"""Five faults on three engines: exactly one sheet arrives, and its receipt is shown.

The engines: the current one, Chromium 107, and one without service worker and locks.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, Route, expect

from panel.db import raw
from panel.evaluations import commands
from panel.evaluations.types import Receipt
from tests.journeys import browser as real
from tests.journeys import old_engine
from tests.journeys.browser import Person
from tests.journeys.phones import Visitor, Visitors, at_the_sheet, visitors
from tests.journeys.town import Town
from tests.waiting import PATIENCE, until

BARE = """for (const name of ["serviceWorker", "locks"])
    Object.defineProperty(Navigator.prototype, name, { value: undefined });"""
FILL = """() => {
    const form = document.querySelector("#sheet");
    const fields = form.elements;
    for (const one of form.querySelectorAll("[value='4']")) one.checked = true;
    if (fields["minutes.C1.waited"]) {
        fields["minutes.C1.waited"].value = 12;
        fields["minutes.C1.posted"].value = 15;
    }
    for (const [name, value] of [["errand", "enquiry"], ["recognised", "no"]])
        for (const one of form.querySelectorAll(`[name=${name}][value=${value}]`))
            one.checked = true;
    form.dispatchEvent(new Event("change", { bubbles: true }));
}"""
ENGINES = ("current", "old", "bare")
__all__ = ["visitors"]


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def old() -> AsyncIterator[Browser]:
    """Start Chromium 107 once."""
    async with real.opened(old_engine.executable()) as found:
        assert found.version.startswith("107.")
        yield found


class Phone:
    """A visitor's phone with one engine, at the filled-in sheet."""

    def __init__(self, someone: Person, visitor: Visitor, engine: str) -> None:
        """Know whose phone it is."""
        self.someone, self.visitor, self.engine = someone, visitor, engine
        self.page = someone.page

    @property
    def code(self) -> str:
        """Return the code of the task."""
        return self.visitor.task.rpartition("/")[2]

    async def fill(self) -> None:
        """Fill in the whole sheet and wait until phone and server have it."""
        await self.page.evaluate(FILL)
        await self.someone.saved()

    async def check(self, page: Page | None = None) -> Page:
        """Go on to the check page and tick the declaration."""
        page = page or self.page
        async with page.expect_navigation():
            await page.locator("#sheet > .actions button").first.click()
        await page.locator("[name=declared]").check()
        return page

    async def reopen(self, path: str = "/m/tasks") -> Page:
        """Open a page anew, as somebody does hours later."""
        page = await self.someone.context.new_page()
        await page.goto(self.someone.base + path)
        return page

    async def received(self, page: Page) -> None:
        """Insist on one sheet, on nothing that waits, and on a receipt in sight."""
        receipts: list[str] = []

        async def arrived() -> bool:
            rows = await raw(
                "SELECT s.code FROM sheet_submission s JOIN visit_task t ON t.id = s.task "
                "WHERE t.code = {}",
                self.code,
            )
            receipts[:] = [row["code"] for row in rows]
            return bool(rows)

        await until(arrived)
        (code,) = receipts
        await expect(page.locator("[data-unsent]")).to_be_hidden()
        if f"/m/receipts/{code}" not in page.url:
            await page.goto(f"{self.someone.base}/m/outbox")
            await expect(page.locator("[data-none]")).to_be_visible()
            await expect(page.locator("main")).to_contain_text(code)
            await page.goto(f"{self.someone.base}{self.visitor.task}/sheet")
        await expect(page.locator("main .done")).to_contain_text(code)
        rows = await raw("SELECT count(*) AS n FROM sheet_submission s JOIN visit_task t "
                         "ON t.id = s.task WHERE t.code = {}", self.code)  # fmt: skip
        assert rows[0]["n"] == 1


@pytest_asyncio.fixture(params=ENGINES, loop_scope="session")
async def phone(
    request: pytest.FixtureRequest, chromium: Browser, old: Browser, town: Town, visitors: Visitors
) -> AsyncIterator[Phone]:
    """Return a phone with a filled-in sheet, one of each engine."""
    engine = request.param
    visitor = await anext(visitors)
    script = BARE if engine == "bare" else ""
    someone = await at_the_sheet(old if engine == "old" else chromium, town, visitor, script=script)
    workers = await someone.page.evaluate("!!navigator.serviceWorker && !!navigator.locks")
    assert workers is (engine != "bare")
    if workers:
        await someone.page.evaluate("navigator.serviceWorker.ready.then(() => true)")
        await someone.page.reload()  # now the worker has the page
    found = Phone(someone, visitor, engine)
    await found.fill()
    yield found
    await someone.context.close()


async def test_a_sheet_sent_without_a_network_outlives_the_closed_page(phone: Phone) -> None:
    await phone.someone.context.set_offline(True)
    await phone.page.locator("#sheet > .actions button").first.click()
    await phone.page.locator("#later [name=declared]").check()
    await phone.page.locator("[data-later]").click()
    await expect(phone.page.locator("#kept")).to_be_visible()
    await expect(phone.page.locator("[data-unsent]")).to_contain_text("1")
    await phone.page.close()
    if phone.engine != "bare":  # what a page without a network can open is the worker's bonus
        page = await phone.reopen(f"{phone.visitor.task}/sheet")
        await expect(page.locator("[data-unsent]")).to_contain_text("1")
        await phone.someone.context.set_offline(False)
    else:
        await phone.someone.context.set_offline(False)
        page = await phone.reopen()
    await phone.received(page)


async def test_a_sheet_sent_while_the_tab_closes_arrives_later(phone: Phone) -> None:
    page = await phone.check()
    asked = asyncio.Event()

    async def hang(route: Route) -> None:
        asked.set()
        del route

    await page.route("**/sheet.json", hang)
    await page.locator("form[data-send] button").first.click()
    await asyncio.wait_for(asked.wait(), PATIENCE)
    await page.close()
    await phone.received(await phone.reopen())


async def test_three_taps_and_a_second_tab_send_one_sheet(phone: Phone) -> None:
    first = await phone.check()
    second = await phone.reopen(f"{phone.visitor.task}/sheet")
    await phone.check(second)
    tap = "() => [1, 2, 3].forEach(() => document.querySelector('[data-send] button').click())"
    await asyncio.gather(first.evaluate(tap), second.evaluate(tap))
    for page in (first, second):
        await page.wait_for_url("**/m/receipts/*")
    assert first.url == second.url
    await phone.received(first)


async def test_two_errors_of_the_server_are_outlasted(
    phone: Phone, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = await phone.check()
    real_submit, tries, told = commands.submit, [0], asyncio.Event()

    async def fail(*given: Any, **named: Any) -> Receipt:
        tries[0] += 1
        # Whoever sends: the page, or the worker in the background. Until it was read, no success.
        if tries[0] in {1, 2} or not told.is_set():
            raise RuntimeError
        return await real_submit(*given, **named)

    monkeypatch.setattr(commands, "submit", fail)
    await page.locator("form[data-send] button").first.click()
    await expect(page.locator("#kept")).to_be_visible()
    told.set()
    await page.wait_for_url("**/m/receipts/*")
    assert tries[0] >= 3
    await phone.received(page)


async def test_an_answer_lost_after_the_commit_is_asked_for_again(phone: Phone) -> None:
    page = await phone.check()
    answers: list[int] = []
    lost = asyncio.Event()

    async def lose(route: Route) -> None:
        answers.append((await route.fetch()).status if not answers else 0)
        await route.abort("connectionreset")  # it was stored; then the server is away
        lost.set()

    await page.route("**/sheet.json", lose)
    await page.locator("form[data-send] button").first.click()
    await asyncio.wait_for(lost.wait(), PATIENCE)
    assert answers[0] == 200
    await page.unroute("**/sheet.json", lose)
    await page.wait_for_url("**/m/receipts/*")
    await phone.received(page)
