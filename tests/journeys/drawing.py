"""Fourth part of the walk: the lottery, and everybody who checks it."""

from __future__ import annotations

import asyncio
import datetime as dt
import hashlib
import sys
from pathlib import Path

from panel.workdays import SHANGHAI
from tests.journeys.applying import HERSELF
from tests.journeys.walk import Walk

_PANEL = Path(sys.executable).with_name("panel")
_PYTHON = (sys.executable, "-I", "-S")
"""A plain Python: nothing that was installed beside it can be imported."""


async def test_selection(walk: Walk) -> None:
    """Try out what the lists would be like; it decides nothing."""
    await walk.desk.follow("To the lottery")
    await walk.desk.look("22-lottery")
    await walk.desk.press("Begin a test selection")
    await walk.desk.look("23-lottery-waiting", langs=("zh",))
    await walk.town.work()
    await walk.desk.page.reload()
    await walk.desk.look("23-lottery-test")


async def make_lists(walk: Walk) -> None:
    """Let the worker make the real lists; another person publishes them with their source."""
    await walk.desk.go(f"/office/recruitment/{walk.campaign}/lottery")
    await walk.desk.press("Begin the real run")
    walk.run = walk.desk.path
    await walk.town.work()
    await walk.town.sign_in(walk.desk, "approver")
    await walk.desk.go(walk.run)
    await walk.desk.look("23-lottery-listed")
    day = walk.town.now().astimezone(SHANGHAI).date() + dt.timedelta(days=1)
    await walk.desk.choose("kind", "lottery")
    await walk.desk.type(on=day.isoformat(), game="fc3d", issue=f"{day:%Y%j}")
    await walk.desk.press("Publish the lists")
    await walk.desk.look("23-lottery-published", langs=("zh",))


async def prove(walk: Walk) -> str:
    """Let the applicant see the own place; return the number of a list with a seat for her."""
    phone, (ticket, receipt) = walk.phone, walk.receipts[HERSELF]
    await phone.go(f"/zh/recruitment/{walk.campaign}/proof")
    await phone.look("24-proof-door")
    await phone.type(ticket=ticket, receipt=receipt)
    await phone.press("Show my place")
    await phone.look("24-proof", langs=("zh",))
    await phone.narrow("24-proof")
    seats = await phone.page.locator("main details .mono").first.text_content()
    return (seats or "").split()[0]


async def check(walk: Walk, number: str, folder: Path) -> None:
    """Download lists, checker and proof; check them with a plain Python and with the command."""
    reader = walk.reader
    await reader.go(f"/en/recruitment/{walk.campaign}/lottery")
    await reader.look("24-lottery-public")
    lists, checker = folder / "lottery.txt", folder / "verify_lottery.py"
    lists.write_bytes(await reader.save("Download the lists", role="link"))
    checker.write_bytes(await reader.save("Download the checker", role="link"))
    proof = folder / "proof.json"
    proof.write_bytes(await walk.phone.save("Save the proof"))
    sha = hashlib.sha256(lists.read_bytes()).hexdigest()
    assert sha in await reader.page.locator("main").inner_text()
    options = ("--sha256", sha, "--number", number, "--proof", str(proof))
    for program in ((*_PYTHON, str(checker)), (str(_PANEL), "lottery", "verify")):
        status, told = await _run(*program, str(lists), *options)
        assert status == 0, told
        assert walk.receipts[HERSELF][0] in told
    changed = lists.read_bytes().replace(b"list 000:", b"list 001:", 1)
    lists.write_bytes(changed)
    for program in ((*_PYTHON, str(checker)), (str(_PANEL), "lottery", "verify")):
        status, told = await _run(*program, str(lists))
        assert status == 1, told


async def _run(*words: str) -> tuple[int | None, str]:
    process = await asyncio.create_subprocess_exec(
        *words, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    told, _ = await process.communicate()
    return process.returncode, told.decode()


async def enter_number(walk: Walk, number: str) -> None:
    """Two persons enter what was drawn; the first time one of them mistypes."""
    walk.town.wait(days=2)
    wrong = f"{(int(number) + 1) % 1000:03}"
    for login, value in (("coordinator", number), ("publisher", wrong), ("publisher", number)):
        await walk.town.sign_in(walk.desk, login)
        await walk.desk.go(walk.run)
        await walk.desk.type(value=value)
        await walk.desk.press("Enter the number")
        if value == wrong:
            await walk.desk.look("25-lottery-differs", langs=("zh",))
            walk.desk.forgive("409")
        elif login == "coordinator":
            await walk.desk.look("25-lottery-entered")
    await walk.desk.look("25-lottery-drawn")
    await walk.reader.go(f"/en/recruitment/{walk.campaign}/lottery")
    await walk.reader.look("25-lottery-result")
    await walk.open_own(walk.phone, HERSELF)
    await walk.phone.look("25-own-selected", langs=("zh",))
