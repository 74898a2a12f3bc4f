"""Officers' lists on both engines: evidence, hearing, vote, decision, level; what is refused."""

from __future__ import annotations

from datetime import timedelta

import pytest

from panel.audit import queries as audit
from panel.db import raw
from panel.errors import Closed, Conflict, Forbidden, Invalid, Missing
from panel.ids import Code
from panel.piccolo_app import our_tables
from panel.rankings import queries as lists
from panel.rankings.commands import appeals, officer_lists
from panel.rankings.commands import officers as commands
from panel.rankings.commands.publishing import RELEASE
from panel.rankings.queries import appeals as appeal_queries
from panel.rankings.queries import officers as queries
from panel.rankings.types import AppealDraft, AppealKind, Kind, Standing, Verdict
from panel.rankings.types.appeals import to_check
from panel.rankings.types.officers import Basis, CaseState, Disclosure, MeasureKind, Side
from panel.roster.commands import duty
from panel.vault import queries as vault
from tests import people
from tests.make import evaluations, rankings
from tests.make import officers as make

pytestmark = pytest.mark.usefixtures("engine")
NAMED = {"level": '"named"'}


async def test_figures_come_from_confirmed_rosters_alone() -> None:
    place = await make.city(list_size=2)
    stray = make.DAY + timedelta(days=30)
    (draft,) = await make.filed([make.shift_row(1, 2, stray)])
    await duty.agree(people.liaison(draft.unit_code), draft.code, at=make.on(make.NOTICE))
    made = await officer_lists.compute(people.coordinator, place.round.code, at=rankings.NOTIFIED)
    assert (made.attributed, made.unattributed) == (15, 0)
    assert {each.standing for each in made.figures} == {Standing.RANKED}
    assert sorted((each.visits, each.raters) for each in made.figures) == [(5, 5)] * 3
    assert made.ranked == 3
    best = next(each for each in made.figures if each.place == 1)
    assert best.unit == place.units[0]
    with pytest.raises(Conflict, match=r"officers\.unchanged"):
        await officer_lists.compute(people.coordinator, place.round.code, at=rankings.ANSWERED)
    with pytest.raises(Forbidden):
        await officer_lists.compute(people.publisher, place.round.code, at=rankings.ANSWERED)
    with pytest.raises(Missing):
        await officer_lists.compute(people.coordinator, Code("0"), at=rankings.ANSWERED)
    for reader in (people.reviewer, people.administrator, people.liaison(place.units[0])):
        with pytest.raises(Forbidden):
            await queries.candidates(reader, place.round.code)
        with pytest.raises(Forbidden):
            await queries.cases(reader)
    rows = repr(await raw("SELECT * FROM officer_edition"))
    links = [row["visitor"] for row in await raw("SELECT visitor FROM visit_task")]
    assert not [each for each in (*links, best.officer) if each in rows]


@pytest.mark.engines("sqlite")
async def test_only_whom_figures_or_evidence_show_is_proposed() -> None:
    place = await make.computed()
    code = place.round.code
    best, lowest, bare = [await make.officer(*each) for each in ((1, 1), (3, 1), (2, 2))]
    propose = officer_lists.nominate
    at = make.on(make.NOTICE)
    found = await queries.candidates(people.auditor, code)
    assert {(each.officer, each.side) for each in found} >= {
        (best.code, Side.TOP), (lowest.code, Side.BOTTOM),
    }  # fmt: skip
    with pytest.raises(Conflict, match=r"officers\.no_ground"):
        await propose(people.coordinator, code, best.code, "bottom", at=at)
    with pytest.raises(Conflict, match=r"officers\.no_ground"):
        await propose(people.coordinator, code, bare.code, "top", at=at)
    with pytest.raises(Invalid):
        await propose(people.coordinator, code, best.code, "middle", at=at)
    with pytest.raises(Forbidden):
        await propose(people.auditor, code, best.code, "top", at=at)
    with pytest.raises(Missing):
        await propose(people.coordinator, code, Code("0"), "top", at=at)
    await make.officers(
        [make.officer_row(1, 1, 中层干部="否"), make.officer_row(3, 1, 状态="调离")]
    )
    with pytest.raises(Conflict, match=r"officers\.not_mid_level"):
        await propose(people.coordinator, code, best.code, "top", at=at)
    with pytest.raises(Conflict, match=r"officers\.not_in_post"):
        await propose(people.coordinator, code, lowest.code, "bottom", at=at)

    # Two commendations that a second person has seen speak for somebody without figures.
    day = make.DAY + timedelta(days=3)
    for number in (1, 2):
        praise = await officer_lists.commend(
            people.coordinator, bare.code, received_on=day, document=f"感谢信{number}号",
            text="耐心地帮助了老人。", at=at,
        )  # fmt: skip
        with pytest.raises(Conflict, match=r"officers\.no_ground"):
            await propose(people.coordinator, code, bare.code, "top", at=at)
        with pytest.raises(Forbidden, match=r"approval\.same_person"):
            await officer_lists.verify(people.coordinator, praise.code, at=at)
        await officer_lists.verify(people.second, praise.code, at=at)
        with pytest.raises(Conflict, match=r"officers\.verified"):
            await officer_lists.verify(people.reviewer, praise.code, at=at)
    with pytest.raises(Conflict, match=r"officers\.commended"):
        await officer_lists.commend(
            people.coordinator, bare.code, received_on=day, document="感谢信1号", text="好", at=at
        )
    case = await propose(people.coordinator, code, bare.code, "top", at=at)
    assert (case.evidence.bases, len(case.evidence.commendations)) == ((Basis.EVIDENCE,), 2)
    with pytest.raises(Conflict, match=r"officers\.nominated"):
        await propose(people.coordinator, code, bare.code, "top", at=at)
    assert (await audit.verify(our_tables())).findings == ()


async def test_verified_findings_speak_against_who_was_on_duty() -> None:
    place = await make.city(minimum_visits=99)
    rows = await raw(
        "SELECT s.code FROM sheet_submission s JOIN visit_task t ON t.id = s.task "
        'JOIN service_window w ON w.id = t."window" WHERE w.name = {} ORDER BY s.code LIMIT 2',
        "第1窗口",
    )
    codes = sorted([await make.verified_finding(Code(row["code"])) for row in rows])
    await officer_lists.compute(people.coordinator, place.round.code, at=rankings.NOTIFIED)
    about = await make.officer(1, 1)
    (only,) = await queries.candidates(people.publisher, place.round.code)
    assert (only.officer, only.side, only.bases) == (about.code, Side.BOTTOM, (Basis.EVIDENCE,))
    assert (list(only.findings), only.figure) == (codes, None)
    case = await make.brought(place, about, "bottom", CaseState.NOMINATED)
    stored = repr(await raw("SELECT evidence FROM officer_case"))
    assert not [code for code in case.evidence.findings if code in stored]


@pytest.mark.engines("sqlite")
async def test_each_step_waits_for_the_one_before() -> None:
    place = await make.computed()
    about = await make.officer(3, 1)
    first = await make.brought(place, about, "bottom", CaseState.NOMINATED)
    code, at = first.code, make.on(make.NOTICE)
    with pytest.raises(Forbidden, match=r"approval\.same_person"):
        await commands.check(
            people.coordinator, code, eligible=True, document="", text="符合", at=at
        )
    with pytest.raises(Conflict, match=r"officers\.state"):
        await commands.notify(
            people.coordinator, code, delivered_on=make.NOTICE, document="1号", at=at
        )
    await commands.check(people.second, code, eligible=True, document="", text="符合", at=at)
    for day in (make.NOTICE - timedelta(days=1), make.NOTICE + timedelta(days=1)):
        with pytest.raises(Invalid):
            await commands.notify(people.coordinator, code, delivered_on=day, document="1号", at=at)
    told = await commands.notify(
        people.coordinator, code, delivered_on=make.NOTICE, document="1号", at=at
    )
    assert told.hear_until is not None
    assert told.hear_until.astimezone(at.tzinfo).date() == make.NOTICE + timedelta(days=7)

    async def hear(kind: str, days: int) -> None:
        when = make.NOTICE + timedelta(days=days)
        await commands.hear(
            people.coordinator, code, kind, on=when, document="2号", record="无", at=make.on(when)
        )

    with pytest.raises(Conflict, match=r"officers\.hearing_open"):
        await hear("silent", 7)
    with pytest.raises(Invalid):
        await hear("rumour", 8)
    with pytest.raises(Invalid):
        await hear("oral", -1)
    await hear("oral", 2)

    async def vote(**more: object) -> None:
        await commands.vote(people.coordinator, code, make.ballot(**more), at=make.on(make.MEETING))

    early = make.NOTICE + timedelta(days=7)
    with pytest.raises(Conflict, match=r"officers\.hearing_open"):
        await vote(held_on=early)
    with pytest.raises(Invalid, match=r"form\.faults"):
        await vote(in_favour=6)
    with pytest.raises(Invalid, match=r"form\.faults"):
        await vote(present=10, in_favour=8)
    with pytest.raises(Conflict, match=r"officers\.no_quorum"):
        await vote(entitled=14)
    with pytest.raises(Forbidden):
        await commands.vote(people.auditor, code, make.ballot(), at=make.on(make.MEETING))
    await vote(in_favour=3, against=4, abstained=0)

    async def decide(*, listed: bool, actor: object = people.second) -> None:
        await commands.decide(
            actor, code, listed=listed, on=make.DECIDED, document="3号", text="理由",  # type: ignore[arg-type]
            at=make.on(make.DECIDED),
        )  # fmt: skip

    with pytest.raises(Forbidden, match=r"approval\.same_person"):
        await decide(listed=False, actor=people.coordinator)
    with pytest.raises(Conflict, match=r"officers\.not_carried"):
        await decide(listed=True)
    await decide(listed=False)
    over = await queries.case(people.auditor, code)
    assert (over.state, over.vote.carried if over.vote else None) == (
        CaseState.NOT_PUBLISHED, False,
    )  # fmt: skip
    with pytest.raises(Conflict, match=r"officers\.state"):
        await commands.publish(people.publisher, code, "internal", at=make.AFTER)


async def test_an_internal_list_is_opened_by_a_noted_look_alone() -> None:
    place = await make.computed()
    about = await make.officer(3, 1)
    case = await make.brought(place, about, "bottom", CaseState.PUBLISHED)
    assert (case.level, case.state) == (Disclosure.INTERNAL, CaseState.PUBLISHED)
    assert await queries.published_names(at=make.AFTER) == []
    for stranger in (people.reviewer, people.administrator, people.liaison(about.unit_code)):
        with pytest.raises(Forbidden):
            await commands.look(stranger, [case.code], "看看", at=make.AFTER)
        with pytest.raises(Forbidden):
            await commands.read(stranger, case.code, "看看", at=make.AFTER)
    with pytest.raises(Invalid):
        await commands.look(people.auditor, [case.code], " ", at=make.AFTER)
    found = await commands.look(people.auditor, [case.code], "核对名单", at=make.AFTER)
    who = found[case.code]
    assert (who.name, who.post) == (f"{make.NAME}31", "第1科科长")
    assert who.places == (("第3大厅", "Hall 3"),)  # one person alone served at that window
    texts = await commands.read(people.publisher, case.code, "核对", at=make.AFTER)
    assert (texts.hearing, texts.end) == ("本人说明了情况。", "")
    looks = await vault.looks(about.person)
    assert [(each.looker, each.reason) for each in looks] == [
        ("publisher", "核对"), ("auditor", "核对名单"),
    ]  # fmt: skip
    everything = repr(await raw("SELECT * FROM audit_entry")) + repr(
        await raw("SELECT * FROM officer_case") + await raw("SELECT * FROM recorded_vote")
    )
    assert not [word for word in (make.NAME, "说明了情况", "五人赞成") if word in everything]
    assert (await audit.verify(our_tables())).findings == ()

    # What follows is proposed to the competent body and answered by it.
    sent = {"body": "组织部", "document": "建议1号", "text": "请研究", "at": make.AFTER}
    day = make.AFTER.date()
    with pytest.raises(Conflict, match=r"officers\.not_proposed"):
        await commands.answer(
            people.second, case.code, "adopted", on=day, document="1", text="同意", at=make.AFTER
        )
    sentence = await commands.propose(people.second, case.code, sent_on=day, **sent)  # type: ignore[arg-type]
    assert sentence.measure is not None
    assert sentence.measure.kind is MeasureKind.WARNING
    with pytest.raises(Conflict, match=r"officers\.proposed"):
        await commands.propose(people.second, case.code, sent_on=day, **sent)  # type: ignore[arg-type]
    reply = {"on": day, "document": "复函1号", "text": "已谈话提醒", "at": make.AFTER}
    with pytest.raises(Invalid):
        await commands.answer(people.second, case.code, "perhaps", **reply)  # type: ignore[arg-type]
    await commands.answer(people.second, case.code, "changed", **reply)  # type: ignore[arg-type]
    with pytest.raises(Conflict, match=r"officers\.answered"):
        await commands.answer(people.second, case.code, "adopted", **reply)  # type: ignore[arg-type]


@pytest.mark.engines("sqlite")
async def test_a_level_beyond_the_measures_is_refused() -> None:
    place = await make.computed(level='"post_only"')
    case = await make.brought(place, await make.officer(1, 1), "top", CaseState.DECIDED)
    publish = commands.publish
    with pytest.raises(Conflict, match=r"officers\.level"):
        await publish(people.publisher, case.code, "named", approval="批1", at=make.AFTER)
    with pytest.raises(Invalid) as refusal:
        await publish(people.publisher, case.code, "post_only", approval=" ", at=make.AFTER)
    assert refusal.value.faults[0].code == "officers.approval_missing"
    with pytest.raises(Forbidden):
        await publish(people.coordinator, case.code, "internal", at=make.AFTER)
    with pytest.raises(Conflict, match=r"officers\.appeal_open"):
        await publish(people.publisher, case.code, "internal", at=make.on(make.TOLD))
    await publish(people.publisher, case.code, "post_only", approval="批1号", at=make.AFTER)
    (line,) = await queries.published_names(at=make.AFTER)
    assert (line.name, line.post, line.approval) == ("", "第1科科长", "批1号")
    assert await vault.looks(case.person) == []


@pytest.mark.engines("sqlite")
async def test_a_published_name_ends_with_its_time_or_by_withdrawal() -> None:
    place = await make.computed(**NAMED)
    case = await make.brought(
        place, await make.officer(1, 1), "top", CaseState.PUBLISHED, level="named", approval="批1号"
    )
    (line,) = await queries.published_names(at=make.AFTER)
    assert (line.name, line.until.isoformat()) == (f"{make.NAME}11", "2027-05-18")
    assert make.NAME not in repr(line)
    assert [each.reason for each in await vault.looks(case.person)] == [f"publication {case.code}"]
    assert await queries.published_names(at=make.AFTER + timedelta(days=366)) == []
    jobs = await raw("SELECT run_at FROM job WHERE kind = {} ORDER BY run_at", RELEASE)
    assert [row["run_at"].date().isoformat() for row in jobs] == ["2026-05-18", "2027-05-18"]
    end = {"document": "更正1号", "text": "判决撤销", "at": make.AFTER}
    with pytest.raises(Forbidden, match=r"approval\.same_person"):
        await commands.withdraw(people.publisher, case.code, **end)  # type: ignore[arg-type]
    await commands.withdraw(people.coordinator, case.code, **end)  # type: ignore[arg-type]
    assert await queries.published_names(at=make.AFTER) == []


async def test_an_appeal_holds_the_case_and_an_upheld_one_ends_it() -> None:
    place = await make.computed(list_size=1)
    about = await make.officer(3, 1)
    case = await make.brought(place, about, "bottom", CaseState.DECIDED)
    draft = AppealDraft("fact", "当天我在外地开会。", f"{make.NAME}31", "申诉书1号")
    with pytest.raises(Closed, match=r"officers\.appeal_over"):
        await commands.appeal(people.coordinator, case.code, draft, at=make.AFTER)
    with pytest.raises(Forbidden):
        await commands.appeal(people.publisher, case.code, draft, at=make.on(make.TOLD))
    code = await commands.appeal(people.coordinator, case.code, draft, at=make.on(make.TOLD))
    # What is stated lies in the vault; the unit is not told, and finds nothing.
    assert (await appeal_queries.appeal_texts(code)).statement == case.code
    texts = await commands.read(people.auditor, case.code, "核对", at=make.AFTER)
    assert texts.appeal == f"当天我在外地开会。\n{make.NAME}31"
    assert await appeal_queries.appeals_of_unit(about.unit_code) == []
    with pytest.raises(Missing):
        await appeal_queries.own_appeal(about.unit_code, code)
    with pytest.raises(Conflict, match=r"appeal\.filed"):
        await commands.appeal(people.coordinator, case.code, draft, at=make.on(make.TOLD))
    with pytest.raises(Conflict, match=r"officers\.under_appeal"):
        await commands.publish(people.publisher, case.code, "internal", at=make.AFTER)
    judge = evaluations.discipline
    await appeals.admit(people.publisher, code, at=make.AFTER)
    took_part = people.staff(9002, "second", "评议办", *judge.roles)
    with pytest.raises(Forbidden, match=r"appeal\.involved"):
        await appeals.take(took_part, code, at=make.AFTER)
    await appeals.take(judge, code, at=make.AFTER)
    verdict = Verdict("upheld", "排班表与会议签到不符。", checked=("names", "times", "visitors"))
    with pytest.raises(Invalid):  # nobody who voted decides
        await appeals.decide(judge, code, verdict, at=make.AFTER)
    checked = to_check(AppealKind.OFFICER)
    verdict = Verdict("upheld", "排班表与会议签到不符。", checked=checked)
    await appeals.decide(judge, code, verdict, at=make.AFTER)
    with pytest.raises(Conflict, match=r"officers\.under_appeal"):
        await commands.publish(people.publisher, case.code, "internal", at=make.AFTER)
    end = {"document": "决定4号", "text": "申诉成立", "at": make.AFTER}
    with pytest.raises(Forbidden, match=r"approval\.same_person"):
        await commands.drop(people.second, case.code, **end)  # type: ignore[arg-type]
    done = await commands.drop(people.coordinator, case.code, **end)  # type: ignore[arg-type]
    assert done.state is CaseState.NOT_PUBLISHED
    assert (await audit.verify(our_tables())).findings == ()


async def test_an_officer_asks_once_for_a_reconsideration_by_somebody_else() -> None:
    place = await make.computed(list_size=1)
    about = await make.officer(3, 1)
    case = await make.brought(place, about, "bottom", CaseState.DECIDED)
    with pytest.raises(Conflict, match=r"officers\.not_appealed"):
        await commands.ask_again(people.coordinator, case.code, "请复核", at=make.AFTER)
    draft = AppealDraft("fact", "当天我在外地开会。", f"{make.NAME}31", "申诉书1号")
    code = await commands.appeal(people.coordinator, case.code, draft, at=make.on(make.TOLD))
    judge, at = evaluations.discipline, make.AFTER
    await appeals.admit(people.publisher, code, at=at)
    await appeals.take(judge, code, at=at)
    verdict = Verdict("rejected", "与记录不符。", checked=to_check(AppealKind.OFFICER))
    await appeals.decide(judge, code, verdict, at=at)
    over = (await appeal_queries.appeal(code)).reconsider_by
    assert over is not None
    late = over + timedelta(seconds=1)
    with pytest.raises(Closed, match=r"appeal\.again_over"):
        await commands.ask_again(people.coordinator, case.code, "请复核", at=late)
    with pytest.raises(Invalid):
        await commands.ask_again(people.coordinator, case.code, " ", at=at)
    with pytest.raises(Forbidden):
        await commands.ask_again(people.publisher, case.code, "请复核", at=at)
    await commands.ask_again(people.coordinator, case.code, "请再看排班表。", at=over)
    assert (await appeal_queries.appeal_texts(code)).again == case.code
    assert (await commands.read(people.auditor, case.code, "核对", at=at)).again == "请再看排班表。"
    with pytest.raises(Conflict, match=r"officers\.under_appeal"):
        await commands.publish(people.publisher, case.code, "internal", at=at)
    with pytest.raises(Forbidden, match=r"appeal\.decided_by_you"):
        await appeals.take(judge, code, at=at)
    with pytest.raises(Conflict, match=r"appeal\.asked_again"):
        await commands.ask_again(people.coordinator, case.code, "再请", at=at)
    assert (await audit.verify(our_tables())).findings == ()


async def test_no_list_grows_over_its_size() -> None:
    place = await make.computed(list_size=2)
    await raw("UPDATE officer_edition SET listed_bottom = 10")
    about = await make.officer(3, 1)
    case = await make.brought(place, about, "bottom", CaseState.VOTED)
    with pytest.raises(Conflict, match=r"officers\.list_full"):
        await commands.decide(
            people.second, case.code, listed=True, on=make.DECIDED, document="3号", text="理由",
            at=make.on(make.DECIDED),
        )  # fmt: skip


@pytest.mark.engines("sqlite")
async def test_a_window_where_few_served_is_told_by_its_unit_alone() -> None:
    place = await make.city()  # the register says three clerks, the confirmed roster knows one
    found = await lists.lists((await lists.ranking(place.round.code)).id)
    rows = {kind: [row for each in found if each.kind is kind for row in each.rows]
            for kind in Kind}  # fmt: skip
    assert rows[Kind.WINDOW] == []
    assert [row.windows for row in rows[Kind.UNIT]] == [(), (), ()]
