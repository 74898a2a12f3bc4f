# ruff: noqa: INP001, T201 - a script that prints
"""The pictures of README and guides, taken from the sample city: `python scripts/pictures.py`.

Works on a copy of the city's data folder, so that taking a picture answers nobody's task.
"""

import io
import os
import shutil
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import msgspec
from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

from panel import settings
from panel.demo import cast, stories
from web.demo import NOTES

ROOT = Path(__file__).parent.parent
OUT = ROOT / "docs" / "pictures"
LIMIT = 150 * 1024
BROWSERS = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
ARGUMENTS = (
    "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--no-first-run", "--hide-scrollbars",
)  # fmt: skip
PHONE = {"width": 360, "height": 740}
DESK = {"width": 1280, "height": 860}
COORDINATOR = "coordinator"
ANSWERS = (0, 1, 0, 1)
"""Which choice is ticked in each of the first questions: the picture shows a sheet in use."""


def main() -> int:
    """Take the pictures and tell their sizes."""
    city = settings.load().data_dir
    if not (city / NOTES).is_file():
        print("no sample city here; first: panel demo --story round", file=sys.stderr)
        return 1
    ending = msgspec.json.decode((city / NOTES).read_bytes(), type=stories.Ending)
    found = next((path for name in BROWSERS if (path := shutil.which(name))), None)
    if found is None:
        print("no Chromium on this machine", file=sys.stderr)
        return 1
    OUT.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as folder,
        served(city, Path(folder) / "city") as base,
        sync_playwright() as play,
        closing(play.chromium.launch(executable_path=found, args=list(ARGUMENTS))) as browser,
    ):
        keep("sheet", sheet(browser, base, ending))
        keep("ranking", ranking(browser, base))
        keep("why", why(browser, base))
        keep("funnel", funnel(browser, base))
        keep("lottery", lottery(browser, base, ending))
        keep("campaign", campaign(browser, base, ending))
    return 0


@contextmanager
def served(city: Path, copy: Path) -> Iterator[str]:
    """Serve a copy of the city on a free port; give its address."""
    shutil.copytree(city, copy, symlinks=True, ignore=shutil.ignore_patterns("panel.sqlite*"))
    with (
        closing(sqlite3.connect(city / "panel.sqlite")) as source,
        closing(sqlite3.connect(copy / "panel.sqlite")) as target,
    ):
        source.backup(target)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    base = f"http://127.0.0.1:{port}"
    command = [str(Path(sys.executable).with_name("panel")), "serve", "--port", str(port)]
    environment = {**os.environ, "PANEL_DATA_DIR": str(copy), "PANEL_BASE_URL": base}
    server = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)  # noqa: S603
    try:
        wait_for(base, server)
        yield base
    finally:
        server.terminate()
        server.wait()


def wait_for(base: str, server: subprocess.Popen[bytes]) -> None:
    """Wait until the service answers."""
    for _ in range(150):
        try:
            with urllib.request.urlopen(f"{base}/healthz", timeout=2):  # noqa: S310 - ours
                return
        except OSError:
            if server.poll() is not None:
                break
            time.sleep(0.2)
    message = "the service did not start"
    raise RuntimeError(message)


def opened(browser: Browser, size: dict[str, int]) -> Page:
    """Open a page of a size, in Chinese, with twice the pixels."""
    context = browser.new_context(
        viewport={"width": size["width"], "height": size["height"]},
        device_scale_factor=2,
        locale="zh-CN",
        timezone_id="Asia/Shanghai",
        color_scheme="light",
    )
    return context.new_page()


def sheet(browser: Browser, base: str, ending: stories.Ending) -> bytes:
    """Sign in as the sample member, open a task's sheet and answer the first questions."""
    page = opened(browser, PHONE)
    page.goto(f"{base}/m/sign-in")
    page.fill("[name=number]", ending.card_number)
    page.fill("[name=pin]", stories.PIN)
    page.click("main [type=submit], main button")
    page.wait_for_url(f"{base}/m/tasks*")
    page.locator("main a[href^='/m/tasks/']").first.click()
    task = page.url.partition("?")[0]
    for step in ("accept", "brief"):
        button = page.locator(f"form[action$='/{step}'] button")
        if button.count():
            button.click()
            page.wait_for_load_state()
    page.goto(f"{task}/sheet")
    questions = page.locator("fieldset:has(input[type=radio][name^='items.'])")
    for number, choice in enumerate(ANSWERS):
        questions.nth(number).locator("label").nth(choice).click()
    page.wait_for_timeout(1500)  # the saved state appears beside the button
    page.locator("h2[id^='s-']").first.evaluate("it => it.scrollIntoView({block: 'start'})")
    page.mouse.move(0, 0)
    page.evaluate("document.activeElement.blur()")
    page.wait_for_timeout(300)
    return page.screenshot()


def ranking(browser: Browser, base: str) -> bytes:
    """Open the published list of the units with service windows."""
    return the_list(browser, base).screenshot()


def the_list(browser: Browser, base: str) -> Page:
    """Open the list of the units with service windows; it must be published."""
    page = opened(browser, DESK)
    answer = page.goto(f"{base}/zh/rankings/units-service.html")
    if answer is None or not answer.ok:
        message = "no ranking is published here"
        raise RuntimeError(message)
    return page


def why(browser: Browser, base: str) -> bytes:
    """Open a unit's own page on a phone where it tells how its score came about."""
    first = the_list(browser, base).locator("main .ranks a").first.get_attribute("href")
    page = opened(browser, PHONE)
    page.goto(f"{base}/zh/rankings/{first}")
    page.locator("main h2").first.evaluate("it => it.scrollIntoView({block: 'start'})")
    return page.screenshot()


def funnel(browser: Browser, base: str) -> bytes:
    """Show the funnel below the list."""
    page = the_list(browser, base)
    picture = page.locator("main svg.pic:not(.strip)").last
    picture.scroll_into_view_if_needed()
    return picture.screenshot()


def lottery(browser: Browser, base: str, ending: stories.Ending) -> bytes:
    """Open what everybody can check of the lottery that the panel was drawn by."""
    page = opened(browser, DESK)
    page.goto(f"{base}/zh/recruitment/{ending.campaign}/lottery")
    return page.screenshot()


def campaign(browser: Browser, base: str, ending: stories.Ending) -> bytes:
    """Sign in as the coordinator and open the campaign that people apply for now."""
    page = opened(browser, DESK)
    page.goto(f"{base}/sign-in")
    page.fill("[name=login]", COORDINATOR)
    page.fill("[name=password]", cast.PASSWORD)
    page.fill("[name=totp]", one_time_code(COORDINATOR))
    page.locator("main form button").last.click()
    page.wait_for_url(f"{base}/office*")
    page.goto(f"{base}/office/recruitment/{ending.open_campaign}")
    page.mouse.move(0, 0)
    return page.screenshot()


def one_time_code(login: str) -> str:
    """Return the code that the sample person's phone would show."""
    command = [str(Path(sys.executable).with_name("panel")), "demo", "code", login]
    said = subprocess.run(command, check=True, capture_output=True, text=True)  # noqa: S603
    return said.stdout.strip()


def keep(name: str, taken: bytes) -> None:
    """Write a picture with as many colours as its limit allows."""
    image = Image.open(io.BytesIO(taken)).convert("RGB")
    for colours in (256, 128, 64, 32, 16):
        packed = io.BytesIO()
        image.quantize(colours, dither=Image.Dither.NONE).save(packed, "PNG", optimize=True)
        if packed.tell() <= LIMIT:
            break
    path = OUT / f"{name}.png"
    path.write_bytes(packed.getvalue())
    print(f"{path.relative_to(ROOT)}: {image.width}×{image.height}, {packed.tell() // 1024} KB")


if __name__ == "__main__":
    sys.exit(main())
