"""What happens in a term: suspension, reply, hearing, dismissal, the end, renewal."""

from __future__ import annotations

import asyncio
import datetime as dt
from typing import Any

import pytest

from panel.accounts import commands as accounts
from panel.accounts import queries as sessions
from panel.accounts.types import CardRequest
from panel.actor import Signature
from panel.audit import queries as audit
from panel.audit.tables import Entry
from panel.db import Engine, raw
from panel.errors import Closed, Conflict, Forbidden, Invalid, Missing
from panel.evaluations import commands as evaluations
from panel.evaluations import queries as sheets
from panel.evaluations.tables import Submission
from panel.ids import Code
from panel.members import commands as seats
from panel.members import queries as members
from panel.members.tables import Member, Qualification
from panel.members.types import MemberState, MemberView
from panel.notices.types import MessageKind
from panel.piccolo_app import our_tables
from panel.recruitment.commands import papers
from panel.recruitment.commands import terms as commands
from panel.recruitment.queries import tenure
from panel.recruitment.tables import Proceeding
from panel.recruitment.types.paper import PaperAct
from panel.recruitment.types.terms import ProceedingState, RenewalState
from panel.vault import queries as vault
from panel.visits import commands as visits
from panel.visits import queries as tasks
from panel.visits.types import TaskState
from panel.workdays import SHANGHAI
from tests import people
from tests.make import evaluations as sheet
from tests.make import recruitment, terms
from tests.make import visits as rounds

AT = recruitment.AT
SECOND = dt.timedelta(seconds=1)
DAY = dt.timedelta(days=1)
PAPER = Signature("济评任〔2026〕9号", "示例领导", AT.date(), "00" * 32)


async def everything_told() -> str:
    """Return all that the history holds in clear."""
    return " ".join(
        f"{row['detail']} {row['reason']} {row['document']} {row['actor']}"
        for row in await Entry.select()
    )


async def test_a_suspended_member_reads_the_reason_and_replies_once(engine: Engine) -> None:
    (view, *_) = await terms.panel()
    found = await terms.suspended(view)
    assert (await members.member(view.code)).state is MemberState.SUSPENDED
    assert view.code not in {each.code for each in await members.qualified(AT)}
    me = terms.phone(view)
    own = await tenure.own_term(view.code, at=AT)
    assert own.proceeding is not None
    assert own.texts.reason == terms.REASON
    await commands.reply(me, found.code, terms.REPLY, at=found.reply_until)
    with pytest.raises(Conflict, match=r"proceeding\.replied"):
        await commands.reply(me, found.code, "又及", at=found.reply_until)
    told = await commands.look_into(people.second, found.code, at=AT)
    assert (told.reason, told.reply) == (terms.REASON, terms.REPLY)
    (look,) = await vault.looks(view.person)
    assert look.looker == "second"
    assert not (await audit.verify(our_tables())).findings


async def test_a_reply_a_second_late_or_by_another_is_refused(engine: Engine) -> None:
    (view, other, *_) = await terms.panel()
    found = await terms.suspended(view)
    assert found.reply_until.astimezone(SHANGHAI).time() == dt.time(23, 59, 59)
    with pytest.raises(Missing, match=r"proceeding\.unknown"):
        await commands.reply(terms.phone(other), found.code, "x", at=AT)
    with pytest.raises(Invalid):
        await commands.reply(terms.phone(view), found.code, " ", at=AT)
    with pytest.raises(Closed, match=r"proceeding\.reply_over"):
        await commands.reply(terms.phone(view), found.code, "x", at=found.reply_until + SECOND)


async def test_nothing_of_a_proceeding_stands_in_clear(engine: Engine) -> None:
    (view, *_) = await terms.panel()
    await terms.heard(view)
    stored = repr(await Proceeding.select()) + await everything_told()
    for text in (terms.REASON, terms.RECORD, terms.REPLY):
        assert text not in stored


async def test_a_second_suspension_at_once_is_refused(engine: Engine) -> None:
    (view, *_) = await terms.panel()
    outcomes = await asyncio.gather(
        *(terms.suspended(view) for _ in range(4)), return_exceptions=True
    )
    refused = [each for each in outcomes if isinstance(each, BaseException)]
    assert len(refused) == 3
    assert all(isinstance(each, Conflict) for each in refused)
    with pytest.raises(Invalid):
        await commands.suspend(people.coordinator, view.code, "dislike", "x", at=AT)
    with pytest.raises(Forbidden):
        await commands.suspend(people.reviewer, view.code, "misses", "x", at=AT)


async def test_nobody_decides_about_oneself(engine: Engine) -> None:
    (view, *_) = await terms.panel()
    double = people.staff(int(view.person), "double", "评议办", *people.coordinator.roles)
    with pytest.raises(Forbidden, match=r"proceeding\.own"):
        await commands.suspend(double, view.code, "misses", "x", at=AT)
    found = await terms.suspended(view)
    with pytest.raises(Forbidden, match=r"proceeding\.own"):
        await commands.lift(double, found.code, "x", at=AT)


async def test_a_lifted_suspension_gives_back_what_was_there(engine: Engine) -> None:
    (view, other, *_) = await terms.panel()
    found = await terms.suspended(view)
    await commands.lift(people.second, found.code, "已查清，不属实", at=AT)
    assert (await members.member(view.code)).state is MemberState.ACTIVE
    with pytest.raises(Conflict, match=r"proceeding\.decided"):
        await commands.lift(people.second, found.code, "x", at=AT)
    assert (await tenure.own_term(view.code, at=AT)).texts.outcome == "已查清，不属实"
    lapsed = await terms.suspended(other)
    over = terms.first_moment((other.qualified_until or AT.date()) + DAY)
    await commands.lift(people.second, lapsed.code, "x", at=over)
    assert (await members.member(other.code)).state is MemberState.TRAINING


async def test_a_dismissal_takes_a_hearing_and_the_time_for_a_reply(engine: Engine) -> None:
    (view, *_) = await terms.panel()
    found = await terms.suspended(view)
    after = found.reply_until + SECOND
    with pytest.raises(Conflict, match=r"proceeding\.not_heard"):
        await commands.approve_dismissal(people.second, found.code, at=after)
    today = AT.astimezone(SHANGHAI).date()
    for on, document in ((today - DAY, "1号"), (today + DAY, "1号"), (today, " ")):
        with pytest.raises(Invalid):
            await commands.hear(
                people.coordinator, found.code, on=on, document=document, record="x", at=AT
            )
    await commands.hear(people.coordinator, found.code, on=today, document="1号", record="x", at=AT)
    with pytest.raises(Conflict, match=r"proceeding\.heard"):
        await commands.hear(
            people.coordinator, found.code, on=today, document="1号", record="x", at=AT
        )
    with pytest.raises(Conflict, match=r"proceeding\.reply_runs"):
        await commands.approve_dismissal(people.second, found.code, at=found.reply_until)
    await commands.approve_dismissal(people.second, found.code, at=after)
    assert (await members.member(view.code)).state is MemberState.SUSPENDED


async def test_two_other_persons_agree_to_a_dismissal(engine: Engine) -> None:
    (view, *_) = await terms.panel()
    found, at = await terms.heard(view)
    with pytest.raises(Forbidden, match=r"proceeding\.opener"):
        await commands.approve_dismissal(people.coordinator, found.code, at=at)
    await commands.approve_dismissal(people.second, found.code, at=at)
    with pytest.raises(Forbidden, match=r"proceeding\.same_approver"):
        await commands.approve_dismissal(people.second, found.code, at=at)
    with pytest.raises(Forbidden):
        await commands.approve_dismissal(people.reviewer, found.code, at=at)
    ended = await commands.approve_dismissal(terms.third, found.code, at=at)
    assert ended.state is ProceedingState.DISMISSED
    gone = await members.member(view.code)
    assert (gone.state, gone.left_at) == (MemberState.DISMISSED, at)
    with pytest.raises(Conflict, match=r"proceeding\.decided"):
        await commands.approve_dismissal(people.publisher, found.code, at=at)
    assert not (await audit.verify(our_tables())).findings


async def test_one_of_the_two_may_sign_on_paper(engine: Engine) -> None:
    (view, *_) = await terms.panel()
    found, at = await terms.heard(view)
    await papers.enter(people.coordinator, PaperAct.DISMISSAL, found.code, PAPER, at=at)
    with pytest.raises(Forbidden, match=r"approval\.same_person"):
        await commands.approve_dismissal(people.coordinator, found.code, at=at, paper=PAPER)
    await commands.approve_dismissal(people.second, found.code, at=at, paper=PAPER)
    with pytest.raises(Conflict, match=r"proceeding\.paper_twice"):
        await commands.approve_dismissal(people.second, found.code, at=at, paper=PAPER)
    with pytest.raises(Forbidden, match=r"proceeding\.opener"):
        await commands.approve_dismissal(people.coordinator, found.code, at=at)
    ended = await commands.approve_dismissal(people.second, found.code, at=at)
    assert ended.state is ProceedingState.DISMISSED


async def test_two_approvals_at_once_count_as_the_two_that_they_are(engine: Engine) -> None:
    (view, *_) = await terms.panel()
    found, at = await terms.heard(view)
    outcomes = await asyncio.gather(
        commands.approve_dismissal(people.second, found.code, at=at),
        commands.approve_dismissal(people.second, found.code, at=at),
        return_exceptions=True,
    )
    assert sum(isinstance(each, Conflict | Forbidden) for each in outcomes) == 1
    assert (await tenure.proceeding(found.code)).state is ProceedingState.OPEN


async def test_a_suspended_members_tasks_go_to_others_and_the_history_joins_nobody(
    engine: Engine,
) -> None:
    setting = await rounds.running_round()
    actor, task = await rounds.accepted_task(setting)
    assert actor.member is not None
    await commands.suspend(
        people.coordinator, actor.member, "breach", terms.REASON, at=rounds.DURING
    )
    mine = await tasks.member_tasks(actor.member, at=rounds.DURING)
    assert mine
    assert not [each for each in mine if each.state in {TaskState.OFFERED, TaskState.ACCEPTED}]
    again = await tasks.round_tasks(setting.round.id)
    assert any(each.place_id == task.place_id and each.state is TaskState.OFFERED for each in again)
    assert await visits.take_back([actor.member], at=rounds.DURING) == 0
    for row in await Entry.select():
        names = actor.member in row["detail"] or row["actor"] == actor.member
        assert not (names and task.code in row["detail"])


async def test_the_sheets_of_a_dismissed_member_stay_and_are_looked_at_again(
    engine: Engine,
) -> None:
    setting = await rounds.running_round()
    actor, task, receipt = await sheet.sent(setting)
    assert actor.member is not None
    await evaluations.accept(people.reviewer, receipt.code, at=sheet.SENT)
    view = await members.member(actor.member)
    assert await sheets.waiting(people.second_reviewer) == 0
    await terms.dismissed(view, at=sheet.SENT)
    assert len(await sheets.counted(setting.round.id)) == 1
    assert await sheets.waiting(people.second_reviewer) == 1
    await evaluations.keep(people.second_reviewer, receipt.code, at=sheet.SENT)
    assert await sheets.waiting(people.second_reviewer) == 0
    with pytest.raises(Conflict, match=r"sheet\.decided"):
        await evaluations.keep(people.second_reviewer, receipt.code, at=sheet.SENT)
    stored = await Submission.select(Submission.flags).first()
    assert stored is not None
    assert "recheck" not in stored["flags"]
    for row in await Entry.select():
        told = row["detail"] + row["actor"]
        assert not (actor.member in told and (receipt.code in told or task.code in told))
    assert not (await audit.verify(our_tables())).findings


async def test_resigning_ends_what_was_open_and_keeps_the_reason_sealed(engine: Engine) -> None:
    (view, *_) = await terms.panel()
    found = await terms.suspended(view)
    me = terms.phone(view)
    with pytest.raises(Invalid):
        await commands.resign(me, view.code, " ", at=AT)
    await commands.resign(me, view.code, "因病住院", at=AT)
    assert (await tenure.proceeding(found.code)).state is ProceedingState.OVERTAKEN
    assert "因病住院" not in repr(await Member.select()) + await everything_told()
    with pytest.raises(Conflict, match=r"member\.left"):
        await terms.suspended(view)


async def test_a_term_ends_by_itself_with_cards_and_sessions(engine: Engine) -> None:
    (view, *_) = await terms.panel()
    last = terms.first_moment(view.term_end + DAY) - SECOND
    (card,) = await accounts.issue_cards(
        people.coordinator, [CardRequest(view.code, view.person)], at=last - DAY
    )
    ending = (await vault.reveal_own(view.person)).phone[-4:]
    signed = await accounts.redeem_card(
        card.token, ending, "580264", at=last - dt.timedelta(minutes=5)
    )
    assert await commands.expire_due(at=last) == 0
    assert await sessions.actor_of(signed.token, at=last) is not None
    before = await Entry.count()
    assert await commands.expire_due(at=last + SECOND) == 10
    assert (await members.member(view.code)).state is MemberState.ENDED
    assert await sessions.actor_of(signed.token, at=last + SECOND) is None
    assert not await members.serving(last + SECOND)
    assert await commands.expire_due(at=last + SECOND) == 0
    assert await Entry.count() == before + 1
    with pytest.raises(Conflict, match=r"member\.left"):
        await terms.suspended(view, at=last + SECOND)


async def test_members_are_reminded_once_from_the_sixtieth_day(engine: Engine) -> None:
    (view, *_) = await terms.panel()
    first = terms.first_moment(view.term_end - 60 * DAY)
    assert await commands.remind_due(at=first - SECOND) == 0
    assert not (await tenure.own_term(view.code, at=first - SECOND)).ending
    assert await commands.remind_due(at=first) == 10
    written = await raw("SELECT kind, person FROM message")
    assert {each["kind"] for each in written} == {MessageKind.TERM_ENDS}
    assert len({each["person"] for each in written}) == 10
    assert (await members.member(view.code)).reminded_at == first
    assert (await tenure.own_term(view.code, at=first)).ending
    assert len(await tenure.ending(first)) == 10
    assert await commands.remind_due(at=first + DAY) == 0


async def test_another_term_is_asked_for_in_time_and_granted_once(engine: Engine) -> None:
    (view, other, late, *_) = await terms.panel()
    first = terms.first_moment(view.term_end - 60 * DAY)
    over = terms.first_moment(view.term_end + DAY)
    with pytest.raises(Conflict, match=r"renewal\.too_early"):
        await commands.ask_renewal(terms.phone(view), at=first - SECOND)
    with pytest.raises(Closed, match=r"renewal\.term_over"):
        await commands.ask_renewal(terms.phone(late), at=over)
    await commands.ask_renewal(terms.phone(late), at=over - SECOND)
    asked = await commands.ask_renewal(terms.phone(view), at=first)
    with pytest.raises(Conflict, match=r"renewal\.asked_already"):
        await commands.ask_renewal(terms.phone(view), at=first)
    with pytest.raises(Forbidden):
        await commands.decide_renewal(people.reviewer, asked.code, grant=True, reason="", at=first)
    granted = await commands.decide_renewal(
        people.coordinator, asked.code, grant=True, reason="", at=first
    )
    with pytest.raises(Conflict, match=r"renewal\.decided"):
        await commands.decide_renewal(
            people.coordinator, asked.code, grant=False, reason="x", at=first
        )
    renewed = await members.member(Code(granted.renewed))
    assert (renewed.term, renewed.previous) == (2, view.code)
    assert renewed.term_start == view.term_end + DAY
    wish = await commands.ask_renewal(terms.phone(other), at=first)
    with pytest.raises(Invalid):
        await commands.decide_renewal(
            people.coordinator, wish.code, grant=False, reason="", at=first
        )
    refused = await commands.decide_renewal(
        people.coordinator, wish.code, grant=False, reason="名额已满", at=first
    )
    assert refused.state is RenewalState.REFUSED
    assert not (await audit.verify(our_tables())).findings


async def test_the_card_goes_with_its_member_into_the_next_term(engine: Engine) -> None:
    (view, *_) = await terms.panel()
    at = terms.first_moment(view.term_end) + dt.timedelta(hours=23, minutes=50)
    (card,) = await accounts.issue_cards(
        people.coordinator, [CardRequest(view.code, view.person)], at=at
    )
    ending = (await vault.reveal_own(view.person)).phone[-4:]
    signed = await accounts.redeem_card(card.token, ending, "580264", at=at)
    following = await terms.granted(view)
    over = terms.first_moment(view.term_end + DAY)
    assert await commands.expire_due(at=over) == 10
    found = await sessions.actor_of(signed.token, at=over)
    assert found is not None
    assert found[0].member == following
    renewed = await members.member(following)
    assert renewed.state is MemberState.TRAINING, "the pledge is due anew"
    assert [each.code for each in await members.serving(over)] == [following]
    await seats.record_training(
        people.coordinator, [following], on=over.astimezone(SHANGHAI).date(), at=over
    )
    await seats.record_pledge(
        people.coordinator, [following], on=over.astimezone(SHANGHAI).date(), at=over
    )
    assert (await members.member(following)).state is MemberState.ACTIVE
    soon = terms.first_moment(renewed.term_end)
    with pytest.raises(Conflict, match=r"renewal\.most_terms"):
        await commands.ask_renewal(terms.phone(renewed), at=soon)
    assert not (await audit.verify(our_tables())).findings


async def test_a_term_that_another_worker_ended_is_carried_over_once(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    (view, *_) = await terms.panel()
    following = await members.member(await terms.granted(view))
    over = terms.first_moment(view.term_end + DAY)
    learned = await Qualification.count().where(Qualification.member == view.id)
    real = members.over

    async def overtaken(*given: Any) -> list[MemberView]:
        found = await real(*given)
        monkeypatch.setattr(members, "over", real)
        assert len(await seats.expire(at=over)) == len(found)
        return found

    monkeypatch.setattr(members, "over", overtaken)
    assert await seats.expire(at=over) == {}
    assert await Qualification.count().where(Qualification.member == following.id) == learned > 0


async def test_a_suspension_goes_on_in_the_next_term(engine: Engine) -> None:
    (view, *_) = await terms.panel()
    following = await terms.granted(view)
    at = terms.first_moment(view.term_end)
    found = await terms.suspended(view, at=at)
    await commands.expire_due(at=at + DAY)
    assert (await members.member(following)).state is MemberState.SUSPENDED
    moved = await tenure.proceeding(found.code)
    assert (moved.member, moved.state) == (following, ProceedingState.OPEN)


async def test_who_leaves_leaves_the_granted_next_term_too(engine: Engine) -> None:
    (view, *_) = await terms.panel()
    following = await terms.granted(view)
    await commands.resign(terms.phone(view), view.code, "迁居", at=AT)
    assert (await members.member(following)).state is MemberState.RESIGNED


async def test_a_renewal_never_blocks_the_eighty_percent(engine: Engine) -> None:
    panel = await terms.panel(10)
    others = [each for each in panel if each.category == "other"]
    assert len(others) == 2
    for view in others:
        await terms.granted(view)
    first, last = [each for each in panel if each.category == "resident"][:2]
    await terms.granted(first)
    await Member.update({Member.category: "other"}).where(Member.code == last.code)
    with pytest.raises(Conflict, match=r"member\.group_quota"):
        await terms.granted(await members.member(last.code))


async def test_renewals_granted_at_once_keep_the_eighty_percent_too(engine: Engine) -> None:
    panel = await terms.panel(10)
    other, *rest = [each for each in panel if each.category == "other"]
    await terms.granted(other)
    last = [*rest, *(each for each in panel if each.category == "resident")][:3]
    await Member.update({Member.category: "other"}).where(
        Member.code.is_in([each.code for each in last])
    )
    at = terms.first_moment(other.term_end - 30 * DAY)
    wishes = [
        await commands.ask_renewal(terms.phone(each), at=at)
        for each in await members.several([each.code for each in last])
    ]
    outcomes = await asyncio.gather(
        *(
            commands.decide_renewal(people.coordinator, each.code, grant=True, reason="", at=at)
            for each in wishes
        ),
        return_exceptions=True,
    )
    refused = [each for each in outcomes if isinstance(each, BaseException)]
    assert [getattr(each, "code", each) for each in refused] == ["member.group_quota"] * 2


async def test_misses_are_counted_and_suggest_a_suspension(engine: Engine) -> None:
    setting = await rounds.running_round(members_count=4)
    over = setting.round.closes_at + SECOND
    await visits.lapse_due(at=over)
    counts = await tasks.missed(setting.members, at=over)
    assert sum(counts.values()) == len(
        [
            each
            for each in await tasks.round_tasks(setting.round.id)
            if each.state is TaskState.LAPSED
        ]
    )
    suggested = await tenure.missed(over)
    assert {each.member for each in suggested} == {
        code for code, count in counts.items() if count >= 3
    }
    assert suggested


async def test_the_course_follows_from_terms_and_departures(engine: Engine) -> None:
    panel = await terms.panel(10)
    leaver = next(each for each in panel if each.category == "enterprise")
    await commands.resign(terms.phone(leaver), leaver.code, "迁居", at=AT)
    course = await members.course(AT)
    today = course[-1]
    assert (today.day, today.total) == (AT.astimezone(SHANGHAI).date(), 9)
    assert (today.seats["people"], today.broken) == (7, True)
    assert (course[0].day, course[0].total, course[0].broken) == (panel[0].term_start, 10, False)
    composition = await members.composition(AT)
    assert (composition.total, composition.alarm) == (today.total, today.broken)
    over = await members.course(terms.first_moment(panel[0].term_end + 40 * DAY))
    assert over[-1].total == 0
    assert len(over) <= 37
