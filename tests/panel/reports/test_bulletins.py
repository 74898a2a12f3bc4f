"""Circulars: nobody publishes alone, nothing is changed in silence, names go in time."""

from __future__ import annotations

from datetime import date, timedelta

import msgspec
import pytest

from panel import db
from panel.audit import queries as audit
from panel.errors import Conflict, Forbidden, Invalid, Missing
from panel.ids import Code
from panel.piccolo_app import our_tables
from panel.reports.commands import bulletins as commands
from panel.reports.queries import bulletins as queries
from panel.reports.rules import bulletins as rules
from panel.reports.tables import Bulletin
from panel.reports.types import BulletinAudience, BulletinDraft, BulletinKind, BulletinState
from tests import people
from tests.make import visits as make

DRAFT = BulletinDraft(
    kind=BulletinKind.CIRCULAR,
    audience=BulletinAudience.PUBLIC,
    title="关于上半年评议情况的通报",
    text="上半年共评议窗口一百二十个。",
    document="通报〔2026〕1号",
)
DAY = date(2026, 3, 9)
ON_THE_DAY = make.AT + timedelta(days=1)
PUBLIC = (BulletinAudience.PUBLIC,)


async def written(**more: object) -> Code:
    """Write a circular in a city with measures."""
    await make.measures()
    draft = msgspec.structs.replace(DRAFT, **more)
    return await commands.write(people.coordinator, draft, at=make.AT)


async def published(**more: object) -> Code:
    """Write, review, schedule and publish a circular."""
    code = await written(**more)
    await commands.review(people.publisher, code, at=make.AT)
    await commands.schedule(people.publisher, code, DAY, at=make.AT)
    assert await commands.publish_due(at=ON_THE_DAY) == 1
    return code


async def test_a_circular_is_published_on_its_day_and_not_before(engine: db.Engine) -> None:
    code = await written()
    await commands.review(people.publisher, code, at=make.AT)
    await commands.schedule(people.publisher, code, DAY, at=make.AT)
    assert await commands.publish_due(at=make.AT) == 0
    assert await queries.published_bulletins(PUBLIC, at=make.AT) == []
    with pytest.raises(Missing):
        await queries.published_bulletin(code, PUBLIC, at=make.AT)
    assert await commands.publish_due(at=ON_THE_DAY) == 1
    assert await commands.publish_due(at=ON_THE_DAY) == 0
    (found,) = await queries.published_bulletins(PUBLIC, at=ON_THE_DAY)
    assert found.title == DRAFT.title
    assert found.published_at == ON_THE_DAY


async def test_the_author_does_not_read_it_through_alone(engine: db.Engine) -> None:
    code = await written()
    with pytest.raises(Forbidden, match=r"approval\.same_person"):
        await commands.review(people.coordinator, code, at=make.AT)
    with pytest.raises(Conflict, match=r"bulletin\.state_changed"):
        await commands.schedule(people.publisher, code, DAY, at=make.AT)
    await commands.rewrite(people.publisher, code, DRAFT, at=make.AT)
    with pytest.raises(Forbidden, match=r"approval\.same_person"):
        await commands.review(people.publisher, code, at=make.AT)
    for nobody in (people.reviewer, people.auditor, people.stranger):
        with pytest.raises(Forbidden):
            await commands.write(nobody, DRAFT, at=make.AT)


async def test_what_was_reviewed_changes_only_after_going_back(engine: db.Engine) -> None:
    code = await written()
    await commands.review(people.publisher, code, at=make.AT)
    with pytest.raises(Conflict):
        await commands.rewrite(people.coordinator, code, DRAFT, at=make.AT)
    await commands.send_back(people.coordinator, code, at=make.AT)
    await commands.rewrite(people.coordinator, code, DRAFT, at=make.AT)
    view = await queries.bulletin(code)
    assert view.state is BulletinState.DRAFT
    assert view.reviewed_by is None
    await commands.review(people.publisher, code, at=make.AT)
    with pytest.raises(Invalid):
        await commands.schedule(people.publisher, code, date(2026, 3, 7), at=make.AT)


@pytest.mark.parametrize(
    ("more", "path"),
    [
        ({"title": " "}, "title"),
        ({"text": ""}, "text"),
        ({"text": "请拨打13800138000。"}, "text"),
        ({"title_en": "Circular"}, "text_en"),
        ({"title": "通" * 121}, "title"),
    ],
)
def test_a_text_that_nobody_looked_through_is_refused(more: dict[str, str], path: str) -> None:
    with pytest.raises(Invalid) as refused:
        rules.check(msgspec.structs.replace(DRAFT, **more))
    assert [fault.path for fault in refused.value.faults] == [path]


def test_what_was_looked_at_may_stay() -> None:
    dated = msgspec.structs.replace(DRAFT, text="请于4月12日前整改。 ")
    with pytest.raises(Invalid):
        rules.check(dated)
    checked = msgspec.structs.replace(dated, checked=("4月12日",))
    assert rules.check(checked).text == "请于4月12日前整改。"


async def test_a_correction_stands_beside_the_text_for_good(engine: db.Engine) -> None:
    code = await published()
    with pytest.raises(Forbidden):
        await commands.correct(people.coordinator, code, "应为一百二十一个。", at=ON_THE_DAY)
    await commands.correct(people.publisher, code, "应为一百二十一个。", at=ON_THE_DAY)
    found = await queries.published_bulletin(code, PUBLIC, at=ON_THE_DAY)
    assert found.text == DRAFT.text
    assert [note.text for note in found.notes] == ["应为一百二十一个。"]
    with pytest.raises(Invalid):
        await commands.correct(people.publisher, code, "  ", at=ON_THE_DAY)
    await commands.withdraw(people.publisher, code, "数据有误。", at=ON_THE_DAY)
    gone = await queries.published_bulletin(code, PUBLIC, at=ON_THE_DAY)
    assert gone.state is BulletinState.WITHDRAWN
    assert (gone.title, gone.text) == ("", "")
    assert gone.notes[-1].text == "数据有误。"
    with pytest.raises(Conflict):
        await commands.correct(people.publisher, code, "再更正。", at=ON_THE_DAY)
    assert (await audit.verify(our_tables())).findings == ()
    await Bulletin.update({Bulletin.text: "悄悄改动"}, force=True)
    assert (await audit.verify(our_tables())).findings


async def test_names_are_taken_out_when_their_time_is_over(engine: db.Engine) -> None:
    code = await published(text="王小明同志受到表扬。", names=("王小明",), checked=("王小明同志",))
    found = await queries.published_bulletin(code, PUBLIC, at=ON_THE_DAY)
    assert "王小明" in found.text
    later = await queries.published_bulletin(code, PUBLIC, at=ON_THE_DAY + timedelta(days=366))
    assert later.text == "某某同志受到表扬。"


async def test_an_internal_circular_is_for_the_office_and_the_units(engine: db.Engine) -> None:
    code = await published(audience=BulletinAudience.INTERNAL)
    with pytest.raises(Missing):
        await queries.published_bulletin(code, PUBLIC, at=ON_THE_DAY)
    assert await queries.published_bulletins(PUBLIC, at=ON_THE_DAY) == []
    every = list(BulletinAudience)
    assert (await queries.published_bulletin(code, every, at=ON_THE_DAY)).code == code
