"""Drafts: kept under a code of their own, sealed, and gone in time."""

from __future__ import annotations

import asyncio
import datetime as dt

import pytest

from panel.audit.tables import Entry
from panel.db import Engine
from panel.errors import Closed, Conflict, Forbidden, Invalid, Missing
from panel.ids import Code
from panel.recruitment.commands import drafts
from panel.recruitment.tables import ApplicationDraft
from panel.recruitment.types.applications import SavedDraft
from tests.make import applications as apply
from tests.make import recruitment as make

SECOND = dt.timedelta(seconds=1)
TYPED = {"name": "示例未完", "national_id": "99", "phone": ""}


@pytest.fixture
async def campaign(engine: Engine) -> Code:
    await make.rulebook_in_force(make.small_toml())
    return (await make.announced()).code


async def saved(campaign: Code, at: dt.datetime = make.OPEN, **more: str) -> SavedDraft:
    """Keep what somebody typed so far."""
    return await drafts.save(campaign, {**TYPED, **more}, key=apply.key(), at=at)


async def test_a_draft_gives_back_what_was_typed_wrong_things_too(campaign: Code) -> None:
    draft = await saved(campaign)
    typed = await drafts.open_draft(campaign, draft.code.lower(), "", at=make.OPEN)
    assert typed == {**TYPED, "key": apply.key()}


async def test_saving_again_keeps_the_code_and_the_newest_words(campaign: Code) -> None:
    drawn = await asyncio.gather(*(saved(campaign) for _ in range(8)))
    again = await saved(campaign, make.OPEN + dt.timedelta(days=1), phone="1990000")
    assert {each.code for each in drawn} == {again.code}
    assert await ApplicationDraft.count() == 1
    typed = await drafts.open_draft(campaign, again.code, "", at=make.OPEN)
    assert typed["phone"] == "1990000"


async def test_a_draft_is_sealed_with_its_own_code_and_leaves_no_entry(campaign: Code) -> None:
    entries = await Entry.count()
    draft = await saved(campaign)
    (row,) = await ApplicationDraft.select()
    assert "示例未完".encode() not in bytes(row["sealed"])
    assert draft.code not in str(row)
    assert draft.code not in repr(draft)
    assert await Entry.count() == entries


async def test_wrong_expired_and_foreign_drafts_answer_alike(campaign: Code) -> None:
    draft = await saved(campaign)
    elsewhere = (await make.announced(title="另一次招募")).code
    assert draft.expires_at == make.OPEN + dt.timedelta(days=14)
    await drafts.open_draft(campaign, draft.code, "", at=draft.expires_at - SECOND)
    for place, code, at in (
        (campaign, "0000000000", make.OPEN),
        (campaign, "x", make.OPEN),
        (elsewhere, draft.code, make.OPEN),
        (campaign, draft.code, draft.expires_at),
        (campaign, draft.code, draft.expires_at + SECOND),
    ):
        with pytest.raises(Missing, match=r"draft\.unknown"):
            await drafts.open_draft(place, code, "", at=at)


async def test_guessing_drafts_is_slowed_down(campaign: Code) -> None:
    draft = await saved(campaign)
    for _ in range(10):
        with pytest.raises(Missing):
            await drafts.open_draft(campaign, "0000000000", "192.0.2.1", at=make.OPEN)
    with pytest.raises(Forbidden, match=r"signin\.wait"):
        await drafts.open_draft(campaign, "0000000000", "192.0.2.1", at=make.OPEN)
    for caller in ("192.0.2.1", "192.0.2.2"):  # a shared address locks nobody else out
        assert await drafts.open_draft(campaign, draft.code, caller, at=make.OPEN)


async def test_a_draft_ends_with_the_applications_at_the_latest(campaign: Code) -> None:
    draft = await saved(campaign, make.CLOSES - SECOND)
    assert draft.expires_at == make.CLOSES
    for at, kind in ((make.OPENS - SECOND, Conflict), (make.CLOSES, Closed)):
        with pytest.raises(kind):
            await saved(campaign, at)


async def test_expired_drafts_are_deleted(campaign: Code) -> None:
    draft = await saved(campaign)
    assert await drafts.expire(at=draft.expires_at - SECOND) == 0
    assert await drafts.expire(at=draft.expires_at) == 1
    assert await ApplicationDraft.count() == 0


async def test_sending_the_form_deletes_its_draft(campaign: Code) -> None:
    await saved(campaign)
    await apply.sent(campaign, 1)
    assert await ApplicationDraft.count() == 0


async def test_an_endless_draft_is_refused(campaign: Code) -> None:
    with pytest.raises(Invalid, match=r"draft\.too_long"):
        await saved(campaign, address="长" * 20_000)
    assert await ApplicationDraft.count() == 0
