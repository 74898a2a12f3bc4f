"""Part of the walk: the public notice, the signatures, the publication, and who checks it."""

from __future__ import annotations

import asyncio
import datetime as dt
import re
import sys
from pathlib import Path

import httpx

from panel.ids import Code
from panel.rankings import queries as rankings
from panel.roster import queries as places
from tests.journeys.walk import Walk

FINDING = "窗口无人值守，等了半小时，现场有照片。"
_HOUR = dt.timedelta(hours=1)
_HASH = re.compile(r"\b[0-9a-f]{64}\b")


async def notice(walk: Walk) -> None:
    """Begin the public notice when every unit had its time; anybody reads the lists."""
    view = await rankings.ranking(Code(walk.round))
    assert view.answer_by is not None
    told = await rankings.deliveries(view.id)
    walk.town.wait_until(max([view.answer_by, *(each.appeal_by for each in told)]) + _HOUR)
    await walk.at_ranking("publisher")
    await walk.desk.press("Begin the public notice")
    await walk.town.work()
    await walk.desk.look("62-ranking-noticed")
    assert not await walk.desk.page.get_by_role(
        "button", name=walk.desk.words("Make the lists final")
    ).count()
    await walk.phone.go("/rankings")
    await walk.phone.look("62-rankings-noticed")


async def protest(walk: Walk) -> None:
    """Object as anybody may; another person than who computed decides; the reply is read."""
    await walk.phone.go(f"/zh/objections/{walk.round}")
    await walk.phone.look("63-objection")
    await walk.phone.choose("ground", "fact")
    await walk.phone.type(text=FINDING, name="示例", phone="13900000088")
    await walk.phone.press("Check my answers")
    await walk.phone.press("Send the objection")
    await walk.phone.look("63-objection-receipt", langs=("zh",))
    number, receipt = await walk.phone.page.locator("main .mono").all_inner_texts()
    await walk.at_ranking("publisher", f"/objections/{number.strip()}")
    await walk.desk.type(reason="办理异议")
    await walk.desk.press("Open the text")
    await walk.desk.hear(FINDING)
    assert "13900000088" not in await walk.desk.page.content()
    await walk.desk.choose("decision", "rejected")
    await walk.desk.type(
        finding="与评议表一致。", reply="已核对，评议表已如实记录。", document="复〔2026〕1号"
    )
    await walk.desk.look("63-objection-decide", langs=("zh",))
    await walk.desk.press("Decide")
    await walk.phone.go(f"/zh/objections/{walk.round}/reply")
    await walk.phone.type(number=number.strip(), receipt=receipt.strip())
    await walk.phone.press("Read the reply")
    await walk.phone.hear("已核对，评议表已如实记录。")
    await walk.phone.look("63-objection-reply", langs=("zh",))


async def sign(walk: Walk) -> None:
    """Sign each step of the procedure sheet and print it; only then are the lists final."""
    view = await rankings.ranking(Code(walk.round))
    assert view.notice_until is not None
    walk.town.wait_until(view.notice_until + _HOUR)
    await walk.at_ranking("publisher")
    assert not await walk.desk.page.get_by_role(
        "button", name=walk.desk.words("Make the lists final")
    ).count()
    await walk.desk.follow("To the procedure sheet")
    await walk.desk.look("64-procedure")
    for box in await walk.desk.field("steps").all():
        await box.check()
    await walk.desk.press("Sign these steps")
    assert not await walk.desk.page.locator("main tbody", has_text="____").count()
    await walk.desk.page.emulate_media(media="print")
    assert not await walk.desk.page.locator("header nav, main .noprint").first.is_visible()
    printed = await walk.desk.page.pdf(format="A4")
    await walk.desk.page.emulate_media(media="screen")
    assert printed.startswith(b"%PDF")


async def publish(walk: Walk) -> None:
    """Make the lists final, publish as a second person, keep the notice to be stamped."""
    await walk.desk.go(f"/office/rankings/{walk.round}")
    await walk.desk.press("Make the lists final")
    await walk.desk.look("65-ranking-final")
    await walk.desk.press("Publish the ranking")
    await walk.town.work()
    await walk.desk.go(f"/office/rankings/{walk.round}")
    await walk.desk.look("65-ranking-published")
    await walk.desk.follow("Notice to be stamped")
    await walk.desk.look("65-stamped")
    (walk.release,) = _HASH.findall(await walk.desk.page.locator("main").inner_text())


async def read(walk: Walk) -> None:
    """Find a unit, read the ranking, why it stands there, and how all that is computed."""
    phone = walk.phone
    await phone.go("/rankings")
    await phone.look("66-rankings")
    await phone.follow("All units of the group")
    await phone.look("66-ranking-units")
    await phone.narrow("66-ranking-units")
    await phone.go("/zh/rankings")
    await phone.follow("All windows of the group")
    await phone.look("66-ranking-windows")
    unit = (await places.units())[-1]
    await phone.go("/zh/find")
    await phone.type(q=unit.name[:4])
    async with phone.page.expect_navigation():
        await phone.page.locator("main form.search button").click()
    await phone.look("67-found")
    async with phone.page.expect_navigation():
        await phone.page.locator(f'main a[href$="/unit/{unit.code}"]').first.click()
    await phone.hear("Where the score comes from")
    await phone.hear("坡道六月完工")
    await phone.look("67-why")
    await phone.narrow("67-why")
    await phone.follow("How it is computed")
    for step in await phone.page.locator("main details summary").all():
        await step.click()
    assert await phone.page.locator('main details a[href*="unit/"]').is_visible()
    await phone.look("67-method", langs=("zh",))  # loading it anew would close the steps
    await phone.narrow("67-method")


async def verify(walk: Walk, folder: Path) -> None:
    """Copy the published folder; check it against the stamped hash by its own script alone."""
    await walk.phone.go("/zh/rankings/verify")
    await walk.phone.look("67-verify")
    copy = folder / walk.release
    async with httpx.AsyncClient(base_url=f"{walk.town.base}/r/{walk.release}/") as citizen:
        manifest = (await citizen.get("manifest.json")).json()
        for name in [*manifest["files"], "manifest.json", "manifest.sha256"]:
            answer = await citizen.get(name)
            assert answer.is_success, name
            path = copy / name
            await asyncio.to_thread(path.parent.mkdir, parents=True, exist_ok=True)
            await asyncio.to_thread(path.write_bytes, answer.content)
    assert not await _failing(copy, walk.release)
    lists = copy / "rankings" / "data" / "rankings.json"
    lists.write_bytes(lists.read_bytes().replace(b'"place":1,', b'"place":2,', 1))
    assert "files" in await _failing(copy, walk.release)


async def _failing(copy: Path, fingerprint: str) -> list[str]:
    """Run the script that was downloaded, with nothing of ours within its reach."""
    script = copy / "rankings" / "verify_release.py"
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-I", "-S", script, copy, "--hash", fingerprint,
        stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    told = (await process.communicate())[0].decode().splitlines()
    failing = [line.partition(" ")[2] for line in told if not line.startswith("ok ")]
    assert bool(failing) == bool(process.returncode)
    return failing
