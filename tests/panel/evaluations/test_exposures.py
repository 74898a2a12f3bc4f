"""What becomes public was verified, looked through and approved; letters come back answered."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from panel import db
from panel.actor import Role
from panel.audit import queries as audit
from panel.errors import Conflict, Forbidden, Invalid, Missing
from panel.evaluations.commands import exposures as commands
from panel.evaluations.commands import transfers
from panel.evaluations.queries import exposures as queries
from panel.evaluations.queries import findings
from panel.evaluations.rules.texts import masked, text_check, unchecked, unnamed
from panel.evaluations.types.exposures import (
    ExposureState,
    HitKind,
    NewExposure,
    NoteKind,
    TransferState,
)
from panel.ids import Code
from panel.piccolo_app import our_tables
from tests import people
from tests.make import findings as make
from tests.make import visits
from tests.make.findings import AT

TEXT = NewExposure("窗口无人值守", "工作时间内窗口无人值守，经核实属实。")


@pytest.fixture
async def setting(engine: db.Engine) -> visits.Setting:
    """Return a running round."""
    return await visits.running_round()


@pytest.mark.parametrize(
    ("text", "kind", "piece"),
    [
        ("请致电138 0013 8000。", HitKind.PHONE, "138 0013 8000"),
        ("电话0537-2345678", HitKind.PHONE, "0537-2345678"),
        ("电话１３８００１３８０００", HitKind.PHONE, "１３８００１３８０００"),  # noqa: RUF001 - as people type it
        ("号码37080219900101123X", HitKind.ID_NUMBER, "37080219900101123X"),
        ("车牌鲁H·12345在门口", HitKind.PLATE, "鲁H·12345"),
        ("取票号A023。", HitKind.TICKET, "票号A023"),
        ("他说3月11日去的", HitKind.TIME, "3月11日"),
        ("在09:40等候", HitKind.TIME, "09:40"),
        ("上午十点半到达", HitKind.TIME, "上午十点半"),
        ("周三去的", HitKind.TIME, "周三"),
        ("2026-03-11到访", HitKind.TIME, "2026-03-11"),
        ("王师傅说", HitKind.NAME, "王师傅"),
        ("监督员李小明到窗口", HitKind.NAME, "监督员李小明"),
        ("发信到a.b@c.com", HitKind.MAIL, "a.b@c.com"),
    ],
)
def test_what_tells_too_much_is_found(text: str, kind: HitKind, piece: str) -> None:
    hits = {hit.text: hit.kind for hit in text_check(text)}
    assert hits[piece] is kind


@pytest.mark.parametrize(
    "text",
    [
        "窗口没有公示收费依据。",
        "一次性告知不完整，群众跑了两趟。",
        "A3 工作时间无人在岗",
        "共3项材料",
    ],
)
def test_harmless_texts_are_left_alone(text: str) -> None:
    assert text_check(text) == ()


@given(st.text(max_size=60))
def test_a_masked_text_tells_nothing_more_and_keeps_its_length(text: str) -> None:
    hidden = masked(text, ())
    assert len(hidden) == len(text)
    assert all(hit.text not in hidden for hit in text_check(text))
    every = [hit.text for hit in text_check(text)]
    assert masked(text, every) == text
    assert unchecked(text, every) == ()


def test_names_leave_a_text_the_longest_first() -> None:
    assert unnamed("市局一窗口在市局", ["市局", "市局一窗口", ""], "某单位") == "某单位在某单位"


async def _exposed(setting: visits.Setting) -> tuple[Code, Code]:
    code, _ = await make.verified(setting)
    number = await commands.propose_exposure(people.coordinator, code, TEXT, at=AT)
    await commands.approve_exposure(people.publisher, number, at=AT)
    return code, number


async def test_only_what_is_verified_is_exposed_by_another_hand(setting: visits.Setting) -> None:
    early, _ = await make.answered(setting)
    with pytest.raises(Conflict) as told:
        await commands.propose_exposure(people.coordinator, early, TEXT, at=AT)
    assert told.value.code == "exposure.not_verified"
    code, _ = await make.verified(setting)
    telling = NewExposure("标题", "王师傅3月11日到访。")
    with pytest.raises(Invalid) as tells:
        await commands.propose_exposure(people.coordinator, code, telling, at=AT)
    assert tells.value.faults[0].values["found"] == ("王师傅", "3月11日")
    number = await commands.propose_exposure(people.coordinator, code, TEXT, at=AT)
    with pytest.raises(Conflict) as again:
        await commands.propose_exposure(people.coordinator, code, TEXT, at=AT)
    assert again.value.code == "exposure.known"
    with pytest.raises(Missing):
        await queries.public_exposure(number, at=AT)
    with pytest.raises(Forbidden):
        await commands.approve_exposure(people.coordinator, number, at=AT)
    both = people.staff(9001, "coordinator", "评议办", Role.COORDINATOR, Role.PUBLISHER)
    with pytest.raises(Forbidden):
        await commands.approve_exposure(both, number, at=AT)
    assert [each.code for each in await queries.proposed(people.publisher)] == [number]
    await commands.approve_exposure(people.publisher, number, at=AT)
    with pytest.raises(Conflict):
        await commands.approve_exposure(people.publisher, number, at=AT)
    shown = await queries.public_exposure(number, at=AT)
    assert (shown.text, shown.stance, shown.reply) == (
        TEXT.text, "partly", "□□两人同时请假，已补离岗告示。",
    )  # fmt: skip
    assert (await audit.verify(our_tables())).findings == ()


async def test_a_refused_text_may_be_followed_by_another(setting: visits.Setting) -> None:
    code, _ = await make.verified(setting)
    number = await commands.propose_exposure(people.coordinator, code, TEXT, at=AT)
    await commands.refuse_exposure(people.publisher, number, "措辞不妥", at=AT)
    assert (await queries.exposure(number)).state is ExposureState.REFUSED
    await commands.propose_exposure(people.coordinator, code, TEXT, at=AT)


async def test_additions_stand_beside_and_a_withdrawal_stays_visible(
    setting: visits.Setting,
) -> None:
    _, number = await _exposed(setting)
    await commands.add_note(people.publisher, number, NoteKind.CORRECTION, "应为两个窗口。", at=AT)
    with pytest.raises(Invalid):
        await commands.add_note(people.publisher, number, NoteKind.UPDATE, "周三已改", at=AT)
    shown = await queries.public_exposure(number, at=AT)
    assert (shown.text, [note.kind for note in shown.notes]) == (TEXT.text, ["correction"])
    await commands.add_note(people.publisher, number, NoteKind.WITHDRAWAL, "经复核有误。", at=AT)
    gone = await queries.public_exposure(number, at=AT)
    assert (gone.text, gone.title, gone.unit_name, gone.reply) == ("", "", "", "")
    assert gone.notes[-1].text == "经复核有误。"
    with pytest.raises(Conflict):
        await commands.add_note(people.publisher, number, NoteKind.UPDATE, "无", at=AT)


async def test_names_go_when_their_time_is_over(setting: visits.Setting) -> None:
    code, _ = await make.verified(setting)
    view = await findings.stored(code)
    named = NewExposure("问题", f"{view.unit_name}的{view.window_name}无人值守。")
    number = await commands.propose_exposure(people.coordinator, code, named, at=AT)
    await commands.approve_exposure(people.publisher, number, at=AT)
    shown = await queries.public_exposure(number, at=AT + timedelta(days=300))
    assert shown.unit_name == view.unit_name
    later = await queries.public_exposure(number, at=AT + timedelta(days=400))
    assert not later.named
    assert view.unit_name not in later.text
    assert view.window_name not in later.text
    listed, _ = await queries.public_exposures(at=AT + timedelta(days=400))
    assert listed == [later]


async def test_a_transferred_matter_is_frozen_until_the_body_answers(
    setting: visits.Setting,
) -> None:
    code, _ = await make.verified(setting)
    with pytest.raises(Invalid):
        await transfers.transfer(people.coordinator, code, "某处", "移函2号", at=AT)
    letter = await transfers.transfer(people.coordinator, code, make.BODY, "移函2号", at=AT)
    with pytest.raises(Conflict) as told:
        await commands.propose_exposure(people.coordinator, code, TEXT, at=AT)
    assert told.value.code == "exposure.frozen"
    await transfers.record_receipt(people.coordinator, code, letter, "张三签收", at=AT)
    with pytest.raises(Conflict):
        await transfers.record_receipt(people.coordinator, code, letter, "再签", at=AT)
    with pytest.raises(Invalid):
        await transfers.record_outcome(people.coordinator, code, letter, "", "函1号", at=AT)
    await transfers.record_outcome(people.coordinator, code, letter, "已处理", "函1号", at=AT)
    with pytest.raises(Conflict):
        await transfers.record_outcome(people.coordinator, code, letter, "再", "函1号", at=AT)
    (found,) = await queries.transfers((await findings.stored(code)).id)
    assert (found.state, found.outcome_document) == (TransferState.ANSWERED, "函1号")
    await commands.propose_exposure(people.coordinator, code, TEXT, at=AT)
