"""The lottery at the office's desk: each step as a page, what coordinators see, refusals."""

from __future__ import annotations

import datetime as dt
import html
import io
import re
from collections.abc import Callable

import pytest
from python_calamine import CalamineWorkbook

from panel import clock
from panel.db import Engine
from panel.recruitment import commands as recruitment
from panel.recruitment import queries
from panel.recruitment.commands import lottery as running
from panel.recruitment.queries import lottery as runs
from panel.recruitment.tables import Application
from panel.recruitment.types.runs import CHOICE_COLUMNS, LotteryView, RunState
from tests import people
from tests.make import lottery as make
from tests.make import recruitment as campaigns
from tests.web.conftest import Browser

Browse = Callable[..., Browser]
Turn = Callable[[dt.datetime], None]


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch) -> Turn:
    """Return a function that sets the clock of the pages."""

    def turn(moment: dt.datetime) -> None:
        monkeypatch.setattr(clock, "now", lambda: moment)

    turn(make.AT)
    return turn


@pytest.fixture
async def rulebook(engine: Engine) -> None:
    await campaigns.rulebook_in_force(campaigns.small_toml())


def base(view: LotteryView) -> str:
    """Return the address of a run."""
    return f"/office/recruitment/{view.campaign}/lottery/{view.code}"


def plain(page: str) -> str:
    """Return a page's text on one line."""
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", page)))


async def test_a_run_is_begun_and_shows_its_progress_and_can_be_stopped(
    browse: Browse, at: Turn, rulebook: None
) -> None:
    campaign = await campaigns.selecting(20)
    address = f"/office/recruitment/{campaign.code}/lottery"
    desk = browse(people.coordinator, lang="en")
    page = plain((await desk.get(address)).text)
    assert "Begin the real run" in page
    assert campaign.pool_root in page
    begun = await desk.post_form(address, {"kind": "real", "method": "leximin"})
    assert begun.status_code == 303
    run = begun.headers["location"]
    page = html.unescape((await desk.get(run)).text)
    assert "Waiting for the worker" in page
    assert f'hx-get="{run}/progress"' in page
    fragment = (await desk.get(f"{run}/progress", headers={"HX-Request": "true"})).text
    assert "<html" not in fragment
    assert "Waiting for the worker" in fragment
    again = await desk.post_form(address, {"kind": "real", "method": "leximin"})
    assert again.status_code == 409
    assert "There is a run already" in again.text
    refused = await desk.post_form(f"{run}/cancel", {"reason": ""})
    assert refused.status_code == 422
    stopped = await desk.post_form(f"{run}/cancel", {"reason": "重新核对"})
    assert stopped.status_code == 303
    page = plain((await desk.get(run)).text)
    assert "stopped" in page
    assert "重新核对" in page


async def test_lists_tell_chances_and_who_can_never_or_will_always_be_chosen(
    browse: Browse, at: Turn, rulebook: None
) -> None:
    view = await make.listed(20)
    assert view.outlook is not None
    desk = browse(people.coordinator, lang="en")
    page = plain((await desk.get(base(view))).text)
    assert "Smallest chance as it came out" in page
    assert "Can never be chosen" in page
    assert "Will always be chosen" in page
    for ticket in view.outlook.always:
        assert ticket in page
    assert view.file_hash in page
    assert "You began this run" in page
    progress = await desk.get(f"{base(view)}/progress", headers={"HX-Request": "true"})
    assert progress.headers["hx-redirect"] == base(view)


async def test_a_run_goes_from_its_lists_to_the_notice(
    browse: Browse, at: Turn, rulebook: None
) -> None:
    view = await make.listed(20)
    first, second = browse(people.coordinator, lang="en"), browse(people.second, lang="en")
    source = {
        "kind": "lottery", "on": make.SOURCE.on.isoformat(), "game": "fc3d", "issue": "2026095",
    }  # fmt: skip
    own = await first.post_form(f"{base(view)}/publish", source)
    assert own.status_code == 403
    faulty = await second.post_form(f"{base(view)}/publish", {**source, "issue": "95"})
    assert faulty.status_code == 422
    assert "Seven digits" in faulty.text
    said = await second.post_form(f"{base(view)}/publish", source)
    assert said.headers["location"].endswith("said=lottery_published")
    at(make.DRAWING)
    number = {"issue": "2026095", "value": "007"}
    kept = await first.post_form(f"{base(view)}/number", number)
    assert kept.headers["location"].endswith("said=number_entered")
    page = (await second.get(base(view))).text
    assert "One person has entered a number." in page
    assert 'value="007"' not in page  # nobody sees what the other entered
    differ = await second.post_form(f"{base(view)}/number", {**number, "value": "008"})
    assert differ.status_code == 409
    assert "another number" in differ.text
    drawn = await second.post_form(f"{base(view)}/number", number)
    assert drawn.headers["location"].endswith("said=lottery_drawn")
    page = (await first.get(base(view))).text
    assert "To the public notice" in page
    assert "<svg" in page


async def test_voiding_takes_two_persons(browse: Browse, at: Turn, rulebook: None) -> None:
    view = await make.published(20)
    first, second = browse(people.coordinator, lang="en"), browse(people.second, lang="en")
    empty = await first.post_form(f"{base(view)}/ask", {"what": "void", "reason": ""})
    assert empty.status_code == 422
    await first.post_form(f"{base(view)}/ask", {"what": "void", "reason": "名单有误"})
    own = await first.post_form(f"{base(view)}/settle", {"agreed": "yes"})
    assert own.status_code == 403
    assert "名单有误" in (await second.get(base(view))).text
    done = await second.post_form(f"{base(view)}/settle", {"agreed": "yes"})
    assert done.status_code == 303
    assert (await runs.lottery(view.code)).state is RunState.VOID


async def test_the_next_issue_follows_one_that_fell_out(
    browse: Browse, at: Turn, rulebook: None
) -> None:
    view = await make.published(20)
    first, second = browse(people.coordinator, lang="en"), browse(people.second, lang="en")
    wish = {"what": "next_issue", "reason": "停售", "issue": "2026099", "on": "2026-04-15"}
    wrong = await first.post_form(f"{base(view)}/ask", wish)
    assert wrong.status_code == 422
    await first.post_form(f"{base(view)}/ask", {**wish, "issue": "2026096"})
    await second.post_form(f"{base(view)}/settle", {"agreed": "yes"})
    assert "2026096" in (await first.get(base(view))).text


async def test_quotas_that_cannot_be_met_are_named_on_the_page(
    browse: Browse, at: Turn, rulebook: None
) -> None:
    campaign = await campaigns.announced()
    tickets = await campaigns.applied(campaign.code, 16)
    await Application.update({Application.category: "enterprise"}).where(
        Application.category == "resident"
    )
    await campaigns.screened(campaign.code, tickets)
    await recruitment.finish_screening(people.coordinator, campaign.code, at=make.AT)
    desk = browse(people.coordinator, lang="en")
    address = f"/office/recruitment/{campaign.code}/lottery"
    refused = await desk.post_form(address, {"kind": "real", "method": "leximin"})
    assert refused.status_code == 409
    assert "The quotas can't be met" in html.unescape(refused.text)


async def test_too_few_are_taken_or_chosen(browse: Browse, at: Turn, rulebook: None) -> None:
    code = await make.few(8)
    campaign = await queries.campaign(code)
    desk, other = browse(people.coordinator, lang="en"), browse(people.second, lang="en")
    address = f"/office/recruitment/{campaign.code}"
    assert "All are taken" in (await desk.get(f"{address}/lottery")).text
    sheet = await desk.get(f"{address}/choice.xlsx")
    book = CalamineWorkbook.from_filelike(io.BytesIO(sheet.content))
    rows = book.get_sheet_by_index(0).to_python()
    assert tuple(rows[0]) == CHOICE_COLUMNS
    assert len(rows) == 9
    nothing = await desk.post_form(f"{address}/choice", {"reason": "人数不足"})
    assert nothing.status_code == 422
    lines = [",".join(CHOICE_COLUMNS)]
    lines += [f"{row[0]},,,,,正式,熟悉窗口" for row in rows[1:]]
    broken = "\n".join([*lines, "2222222222,,,,,正式,甲"]).encode()
    files = {"file": ("a.csv", broken, "text/csv")}
    faulty = await desk.post_form(f"{address}/choice", {"reason": "人数不足"}, files=files)
    assert faulty.status_code == 422
    assert "not among the eligible" in faulty.text
    files = {"file": ("a.csv", "\n".join(lines).encode(), "text/csv")}
    made = await desk.post_form(f"{address}/choice", {"reason": "人数不足"}, files=files)
    assert made.status_code == 303, plain(made.text)
    done = await other.post_form(f"{made.headers['location']}/publish", {"kind": "none"})
    assert done.status_code == 303
    campaign = await queries.campaign(campaign.code)
    assert campaign.state.value == "notice"


async def test_a_test_selection_is_made_before_the_vetting_ends(
    browse: Browse, at: Turn, rulebook: None
) -> None:
    campaign = await campaigns.announced()
    await campaigns.applied(campaign.code, 20)
    desk = browse(people.coordinator, lang="en")
    address = f"/office/recruitment/{campaign.code}/lottery"
    page = plain((await desk.get(address)).text)
    assert "Begin the real run" not in page
    begun = await desk.post_form(address, {"kind": "test", "method": "leximin"})
    view = (await runs.runs_of(campaign))[0]
    assert begun.headers["location"] == base(view)
    await running.cancel(people.coordinator, view.code, "测试", at=make.AT)


async def test_the_sealed_roster_is_for_witnesses(browse: Browse, at: Turn, rulebook: None) -> None:
    view = await make.listed(20)
    address = f"/office/recruitment/{view.campaign}/sealed-roster.json"
    given = await browse(people.auditor).get(address)
    assert given.status_code == 200
    assert (await browse(people.reviewer).get(address)).status_code == 403
