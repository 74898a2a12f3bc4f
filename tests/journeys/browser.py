"""A real Chromium: people who read, type and press, and a critic who looks at every page."""

from __future__ import annotations

import asyncio
import io
import os
import re
import shutil
import zlib
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

import zxingcpp
from axe_playwright_python import base as axe
from PIL import Image
from playwright.async_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Error,
    Locator,
    Page,
    Request,
    Route,
    ViewportSize,
    async_playwright,
    expect,
)

from web.i18n import Lang, gettext

SCREENSHOTS: Final = Path(__file__).parents[2] / "screenshots"
WHOLE: Final = os.environ.get("LOOK") == "whole"
"""Judge every view in both languages and leave pictures: too long for every run."""
PHONE: Final = (360, 740)
DESK: Final = (1280, 900)
_NAMES: Final = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
_ARGUMENTS: Final = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
_PATIENCE: Final = 120_000
"""Milliseconds: a busy machine is no fault of the pages."""
expect.set_options(timeout=_PATIENCE)
_AXE: Final = "options => axe.run(document, options).then(found => found.violations)"
_SIDEWAYS: Final = """() => {
    const wide = document.documentElement;
    if (wide.scrollWidth <= wide.clientWidth) return [];
    return [...document.querySelectorAll("main *, header *, footer *")]
        .filter(one => one.getBoundingClientRect().right > wide.clientWidth + 1
            && !one.closest(".scroll, .vh, .skip"))
        .map(one => `${one.tagName}.${one.className} ${one.textContent.trim().slice(0, 30)}`)
        .slice(0, 5).concat([`${wide.scrollWidth} > ${wide.clientWidth}`]);
}"""


def executable() -> str:
    """Return the browser of this machine; without one no journey proves anything."""
    found = next((path for name in _NAMES if (path := shutil.which(name))), None)
    assert found, "no Chromium on this machine; install it: apt-get install chromium"
    return found


@asynccontextmanager
async def opened(path: str = "") -> AsyncIterator[Browser]:
    """Start the browser of this machine, or the one at a path, and stop it in the end."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=path or executable(), args=list(_ARGUMENTS)
        )
        try:
            yield browser
        finally:
            await browser.close()


class Person:
    """Somebody with a browser of their own; whatever it complains about is remembered."""

    def __init__(self, context: BrowserContext, page: Page, base: str, folder: str) -> None:
        """Start watching."""
        self.context = context
        self.page = page
        self.base = base
        self.faults: list[str] = []
        self._folder = SCREENSHOTS / folder
        self._size: ViewportSize = page.viewport_size or {"width": PHONE[0], "height": PHONE[1]}
        self.lang: Lang = "zh"
        page.on("console", self._heard)
        page.on("pageerror", self._broke)
        page.on("requestfailed", self._failed)

    def _heard(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            self.faults.append(f"console at {self.page.url}: {message.text}")

    def _broke(self, error: Error) -> None:
        self.faults.append(f"script at {self.page.url}: {error}")

    def _failed(self, request: Request) -> None:
        if request.failure != "net::ERR_ABORTED":  # left for another page, or a download
            self.faults.append(f"request {request.url}: {request.failure}")

    def forgive(self, *words: str) -> None:
        """Drop the complaints that a planted fault must cause; each must have been heard."""
        for word in words:
            assert any(word in fault for fault in self.faults), (word, self.faults)
        self.faults = [f for f in self.faults if not any(word in f for word in words)]

    def satisfied(self) -> None:
        """Fail with everything that was found on this person's way."""
        assert not self.faults, "\n".join(["", *self.faults])

    def words(self, text: str, **values: object) -> str:
        """Return a text as this person's page says it."""
        return gettext(self.lang, text, **values)

    async def speak(self, lang: Lang) -> None:
        """Change the language of this browser."""
        self.lang = lang
        await self.context.add_cookies([{"name": "panel_lang", "value": lang, "url": self.base}])

    async def go(self, path: str) -> None:
        """Open an address of ours; it must be there."""
        answer = await self.page.goto(self.base + path)
        assert answer is not None
        assert answer.ok, f"{path} answered {answer.status}"

    @property
    def path(self) -> str:
        """Return where this person is, without the host and the question."""
        return self.page.url.removeprefix(self.base).partition("?")[0].partition("#")[0]

    def field(self, name: str) -> Locator:
        """Return a field by its name."""
        return self.page.locator(f'main [name="{name}"]')

    async def type(self, **values: str) -> None:
        """Fill in fields; two underscores stand for a dot."""
        for key, value in values.items():
            field = self.field(key.replace("__", "."))
            if await field.evaluate("one => one.tagName") == "SELECT":
                await field.select_option(value)
            else:
                await field.fill(value)

    async def choose(self, name: str, value: str = "yes") -> None:
        """Tap a labelled choice."""
        await self.page.locator(f'main label:has([name="{name}"][value="{value}"])').click()

    async def press(self, text: str, *, role: Any = "button") -> None:
        """Press the button or link that says ``text`` and wait for the page it leads to."""
        target = self.page.locator("main").get_by_role(role, name=self.words(text)).first
        async with self.page.expect_navigation():
            await target.click()

    async def open(self, link: Locator) -> None:
        """Follow a link that has no words of its own and wait for its page."""
        async with self.page.expect_navigation():
            await link.first.click()

    async def follow(self, text: str) -> None:
        """Follow a link."""
        await self.press(text, role="link")

    async def hear(self, text: str, **values: object) -> None:
        """Insist that the page says something."""
        said = await self.page.locator("main").inner_text()
        assert self.words(text, **values) in said, f"{text!r} is not at {self.page.url}: {said}"

    async def attach(self, name: str, filename: str, data: bytes, kind: str = "text/plain") -> None:
        """Choose a file of this person's own."""
        await self.field(name).set_input_files({"name": filename, "mimeType": kind, "buffer": data})

    async def save(self, text: str, *, role: Any = "button") -> bytes:
        """Press what gives a file and return the file."""
        target = self.page.locator("main").get_by_role(role, name=self.words(text)).first
        async with self.page.expect_download() as waiting:
            await target.click()
        found = await waiting.value
        return await asyncio.to_thread((await found.path()).read_bytes)

    async def scan(self, symbol: Locator) -> str:
        """Read a square code off the screen as a phone does; return its path on this service."""
        await symbol.scroll_into_view_if_needed()
        picture = Image.open(io.BytesIO(await symbol.screenshot()))
        larger = picture.resize((picture.width * 3, picture.height * 3))
        (code,) = zxingcpp.read_barcodes(larger)
        return str(code.text).removeprefix(self.base)

    async def hold_still(self) -> None:
        """Load this page again without its own asking again, so that it can be judged in peace."""

        async def stripped(route: Route) -> None:
            answer = await route.fetch()
            kept = {key: value for key, value in answer.headers.items() if key != "refresh"}
            await route.fulfill(response=answer, headers=kept)

        await self.page.route(self.page.url, stripped)
        for last in (False, False, True):
            try:
                await self.page.reload()
            except Error:  # it asked again at this very moment
                if last:
                    raise
                await self.page.wait_for_load_state()
            else:
                return

    async def chosen(self, name: str) -> str:
        """Return which choice of a question is ticked."""
        return await self.page.locator(f'main [name="{name}"]:checked').input_value()

    async def says(self, place: str, text: str) -> None:
        """Wait until some place of the page says something."""
        await expect(self.page.locator(f"main {place}").first).to_contain_text(self.words(text))

    async def saved(self) -> None:
        """Wait until the page says that it saved itself."""
        before, _, after = self.words("Saved {time}").partition("{time}")
        pattern = re.compile(rf"{re.escape(before)}.+{re.escape(after)}")
        await expect(self.page.locator("main .saved").first).to_have_text(pattern)

    async def look(self, name: str, *, langs: Sequence[Lang] = ("zh", "en")) -> None:
        """Judge this page by axe and for what scrolls sideways, as a phone and as a desk show it.

        Views take turns: Chinese in light, or English in dark, by their names; ``make look`` judges
        each in both, a page of one language in both schemes, and leaves pictures.
        """
        before = self.lang
        turn = zlib.crc32(name.encode()) % len(langs)
        for lang in langs if WHOLE else (langs[turn],):
            if lang != self.lang:
                await self._in(lang)
            sizes = (PHONE, DESK) if lang == "en" else (DESK, PHONE)
            for width, height in sizes:
                await self.page.set_viewport_size({"width": width, "height": height})
                self.faults += [
                    f"{name} {width} {lang} scrolls sideways: {where}"
                    for where in await self.page.evaluate(_SIDEWAYS)
                ]
            one = "light" if lang == "zh" else "dark"
            for scheme in ("light", "dark") if WHOLE and len(langs) == 1 else (one,):
                view = f"{name}-{sizes[-1][0]}-{scheme}-{lang}"
                await self._judge(view, scheme, again=len(langs) == 1 and scheme == "dark")
        await self.page.emulate_media(color_scheme="light")
        await self.page.set_viewport_size(self._size)
        if self.lang != before:
            await self._in(before)

    async def study(self, name: str) -> None:
        """Judge this page for every eye: both languages, large mode, contrast, 36 px on 320 px."""
        await self.narrow(name)
        for lang in ("zh", "en"):
            for size in ("normal", "large"):
                for contrast in ("no-preference", "more"):
                    await self.page.emulate_media(contrast=contrast)
                    for scheme in ("light", "dark"):
                        view = f"{name}-{lang}-{size}-{contrast}-{scheme}"
                        first = contrast != "more" and scheme == "light"
                        await self._judge(view, scheme, again=not first)
                await self.page.emulate_media(contrast="no-preference", color_scheme="light")
                await self._switch("Large text" if size == "normal" else "Standard text")
            await self._switch("English" if lang == "zh" else "中文")

    async def _switch(self, text: str) -> None:
        """Use a switch above the page; it is named in the language that the page speaks."""
        spoken: Lang = "zh" if "zh" in (await self._spoken()) else "en"
        name = gettext(spoken, text) if text.endswith("text") else text
        async with self.page.expect_navigation():
            await self.page.locator("header .switches a", has_text=name).click()

    async def _spoken(self) -> str:
        return str(await self.page.evaluate("document.documentElement.lang"))

    async def narrow(self, name: str) -> None:
        """Insist that nothing scrolls sideways at 320 px with letters of 36 px."""
        await self.page.set_viewport_size({"width": 320, "height": 640})
        wire = await self.context.new_cdp_session(self.page)
        await wire.send("Page.setFontSizes", {"fontSizes": {"standard": 34}})  # of which we add 6 %
        size = await self.page.evaluate("parseFloat(getComputedStyle(document.body).fontSize)")
        assert size > 36, size
        self.faults += [f"{name} at 36 px: {one}" for one in await self.page.evaluate(_SIDEWAYS)]
        await self._picture(f"{name}-narrow", whole=False)
        await wire.send("Page.setFontSizes", {"fontSizes": {"standard": 16}})
        await wire.detach()
        await self.page.set_viewport_size(self._size)

    async def _in(self, lang: Lang) -> None:
        """Show this very page in the other language."""
        await self.speak(lang)
        path = self.page.url.removeprefix(self.base)
        if path.startswith(("/zh/", "/en/")):
            await self.page.goto(f"{self.base}/{lang}/{path[4:]}")
        else:
            await self.page.reload()

    async def _judge(self, view: str, scheme: Any, *, again: bool = False) -> None:
        """Let axe judge the page as it stands; ``again`` after light, for the colours alone."""
        await self.page.emulate_media(color_scheme=scheme)
        options: dict[str, object] = {"resultTypes": ["violations"]}
        if again:  # colours are all that differs
            options["runOnly"] = ["color-contrast"]
        for found in await self.page.evaluate(_AXE, options):
            where = "; ".join(
                f"{node['target']} {node['html'][:160]} {node.get('failureSummary', '')}"
                for node in found["nodes"][:3]
            )
            self.faults.append(f"{view}: {found['id']}: {found['help']}: {where}")
        await self._picture(view, whole=not again)

    async def _picture(self, view: str, *, whole: bool = True) -> None:
        if not WHOLE:
            return
        self._folder.mkdir(parents=True, exist_ok=True)
        await self.page.screenshot(
            path=self._folder / f"{view}.jpg", type="jpeg", quality=80, full_page=whole
        )


async def person(
    browser: Browser,
    base: str,
    folder: str,
    size: tuple[int, int] = PHONE,
    *,
    script: str = "",
    **more: Any,
) -> Person:
    """Give somebody a browser of their own, as a phone or on a desk."""
    options: dict[str, Any] = {
        "viewport": {"width": size[0], "height": size[1]},
        "locale": "zh-CN",
        "timezone_id": "Asia/Shanghai",
        "has_touch": size == PHONE,
        **more,
    }
    context = await browser.new_context(**options)
    context.set_default_timeout(_PATIENCE)
    if script:  # before anything of the page
        await context.add_init_script(script)
    if options.get("java_script_enabled", True):
        await context.add_init_script(axe.AXE_SCRIPT)
    return Person(context, await context.new_page(), base, folder)
