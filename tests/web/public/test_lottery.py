"""The lottery for everybody: explained at each step, checked by anybody, proved to oneself."""

from __future__ import annotations

import hashlib
import html
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from panel import clock
from panel.db import Engine
from panel.ids import Code
from panel.recruitment import commands as recruitment
from panel.recruitment import queries
from panel.recruitment.commands import lottery as running
from panel.recruitment.commands import publication
from panel.recruitment.queries import lottery as runs
from panel.recruitment.rules import lottery
from panel.recruitment.types.applications import Receipt
from panel.recruitment.types.runs import Demand, DemandKind, LotteryView, Reading, RunKind
from tests import people
from tests.make import lottery as make
from tests.make import recruitment as campaigns
from tests.web.conftest import Browser

Browse = Callable[..., Browser]


@pytest.fixture
async def rulebook(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: make.DRAWING)
    await campaigns.rulebook_in_force(campaigns.small_toml())


def plain(page: str) -> str:
    """Return a page's text on one line."""
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", page)))


async def applied() -> tuple[Code, Receipt]:
    """Let one person apply by the form beside others on paper; finish the vetting."""
    campaign = await campaigns.announced()
    receipt = await recruitment.apply(
        campaign.code, campaigns.form(55), key="k" * 22, at=campaigns.OPEN
    )
    tickets = await campaigns.applied(campaign.code, 20)
    await campaigns.screened(campaign.code, tickets)
    await recruitment.finish_screening(people.coordinator, campaign.code, at=make.AT)
    return campaign.code, receipt


async def public(campaign: Code) -> LotteryView:
    """Publish the lists of a campaign."""
    view = await running.run_out((await make.started(campaign)).code, at=make.AT)
    return await publication.publish(people.second, view.code, make.SOURCE, at=make.AT)


async def test_nothing_of_a_run_is_public_before_it_is_published(
    browse: Browse, rulebook: None
) -> None:
    view = await make.listed(20)
    base = f"/en/recruitment/{view.campaign}"
    page = plain((await browse().get(f"{base}/lottery")).text)
    campaign = await queries.campaign(view.campaign)
    assert campaign.pool_root in page
    assert view.file_hash not in page
    assert view.code not in page
    assert (await browse().get(f"{base}/lottery/{view.code}/file")).status_code == 404
    test = await make.started(view.campaign, RunKind.TEST)
    await running.run_out(test.code, at=make.AT)
    assert (await browse().get(f"{base}/lottery/{test.code}/file")).status_code == 404


async def test_the_page_leads_from_the_roster_to_the_result(browse: Browse, rulebook: None) -> None:
    view = await make.published(20)
    address = f"/recruitment/{view.campaign}/lottery"
    for lang, word in (("en", "The number is not known yet."), ("zh", "号码尚未产生。")):
        page = plain((await browse().get(f"/{lang}{address}")).text)
        assert word in page
        assert view.file_hash in page
        assert "2026095" in page
    for each in (people.coordinator, people.second):
        read = Reading("2026095", "007")
        await publication.enter_number(each, view.code, read, at=make.DRAWING)
    shown = await browse().get(f"/en{address}")
    assert "set-cookie" not in shown.headers
    page = plain(shown.text)
    seats = lottery.read_document(await runs.file(view)).book.lists[7]
    assert all(ticket in page for ticket in seats)
    assert "<svg" in shown.text
    assert "007" in page


async def test_the_file_is_checked_by_the_shipped_program_alone(
    browse: Browse, rulebook: None, tmp_path: Path
) -> None:
    view = await make.published(20)
    answer = await browse().get(f"/zh/recruitment/{view.campaign}/lottery/{view.code}/file")
    assert hashlib.sha256(answer.content).hexdigest() == view.file_hash
    (tmp_path / "lottery.txt").write_bytes(answer.content)
    program = await browse().get("/zh/lottery/verify_lottery.py")
    (tmp_path / "verify_lottery.py").write_bytes(program.content)

    def check() -> int:
        command = [sys.executable, "-I", "verify_lottery.py", "lottery.txt"]
        return subprocess.run(command, cwd=tmp_path, check=False, capture_output=True).returncode

    assert check() == 0
    broken = answer.content.replace(b"list 003: ", b"list 003: ZZZZZZZZZZ ", 1)
    (tmp_path / "lottery.txt").write_bytes(broken)
    assert check() != 0


async def test_a_void_run_stays_listed_with_its_reason(browse: Browse, rulebook: None) -> None:
    view = await make.published(20)
    wish = Demand(DemandKind.VOID, "名单有误", people.coordinator.person or 0, make.AT)  # type: ignore[arg-type]
    await publication.ask(people.coordinator, view.code, wish, at=make.AT)
    await publication.settle(people.second, view.code, agreed=True, at=make.AT)
    page = plain((await browse().get(f"/zh/recruitment/{view.campaign}/lottery")).text)
    assert "名单有误" in page
    assert "作废" in page


async def test_an_applicant_proves_the_own_place_by_receipt(browse: Browse, rulebook: None) -> None:
    code, receipt = await applied()
    view = await public(code)
    address = f"/en/recruitment/{code}/proof"
    own = {"ticket": receipt.ticket, "receipt": receipt.code}
    answer = await browse().post(address, data=own)
    assert answer.headers["cache-control"] == "no-store"
    page = plain(answer.text)
    assert "You stand in the roster and could be drawn." in page
    assert f"of {make.LISTS} lists give you a seat" in page
    proof = await browse().post(address, data={**own, "as": "file"})
    checks = lottery.verify(await runs.file(view), proof=proof.content)
    assert {each.code: each.passed for each in checks}["proof"]
    other = next(each for each in await queries.pool(await queries.campaign(code))
                 if each.ticket != receipt.ticket)  # fmt: skip
    assert other.ticket not in page
    assert other.ticket.encode() not in proof.content


async def test_a_wrong_receipt_proves_nothing(browse: Browse, rulebook: None) -> None:
    code, receipt = await applied()
    address = f"/en/recruitment/{code}/proof"
    for own in (
        {"ticket": receipt.ticket, "receipt": "0000000000"},
        {"ticket": "0000000000", "receipt": receipt.code},
        {},
    ):
        answer = await browse().post(address, data=own)
        assert answer.status_code == 404
        assert "Your features" not in answer.text


async def test_a_proof_waits_for_the_end_of_the_vetting(browse: Browse, rulebook: None) -> None:
    campaign = await campaigns.announced()
    receipt = await recruitment.apply(
        campaign.code, campaigns.form(55), key="k" * 22, at=campaigns.OPEN
    )
    own = {"ticket": receipt.ticket, "receipt": receipt.code}
    answer = await browse().post(f"/en/recruitment/{campaign.code}/proof", data=own)
    assert answer.status_code == 409
    assert "The roster is not fixed yet." in answer.text
