"""When a message leaves, what it costs, which reminder is due."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from panel.errors import Invalid
from panel.ids import Code
from panel.notices import rules
from panel.notices.types import Channel, MessageKind, Preference
from panel.rulebook.types import Messages
from panel.visits.rules import reminder_due
from panel.visits.types import TaskState
from panel.visits.types.reminders import Pending
from panel.workdays import SHANGHAI

USUAL = Messages()
NOON = datetime(2026, 3, 10, 12, 0, tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    ("at", "leaves"),
    [
        ("2026-03-10T12:00", "2026-03-10T12:00"),
        ("2026-03-10T20:59", "2026-03-10T20:59"),
        ("2026-03-10T21:00", "2026-03-11T08:00"),
        ("2026-03-10T23:30", "2026-03-11T08:00"),
        ("2026-03-11T03:00", "2026-03-11T08:00"),
        ("2026-03-11T08:00", "2026-03-11T08:00"),
    ],
)
def test_nothing_leaves_in_the_quiet_hours(at: str, leaves: str) -> None:
    moment = datetime.fromisoformat(at).replace(tzinfo=SHANGHAI)
    wanted = datetime.fromisoformat(leaves).replace(tzinfo=SHANGHAI)
    assert rules.send_at(moment, USUAL) == wanted


def test_quiet_hours_may_lie_within_a_day() -> None:
    lunch = Messages(quiet_from="11:30", quiet_until="14:00")
    assert rules.send_at(NOON, lunch) == NOON.replace(hour=14)
    assert rules.send_at(NOON.replace(hour=22), lunch) == NOON.replace(hour=22)


@given(st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1)))  # noqa: DTZ001 - made aware below
def test_a_message_never_leaves_early_nor_more_than_a_night_late(naive: datetime) -> None:
    at = naive.replace(tzinfo=UTC)
    leaves = rules.send_at(at, USUAL)
    assert at <= leaves <= at + timedelta(hours=11)
    local = leaves.astimezone(SHANGHAI).time()
    assert rules.clock_of("08:00") <= local < rules.clock_of("21:00")


def test_text_messages_cost_and_the_rest_does_not() -> None:
    ways = [Preference(Channel.SMS)] * 3 + [Preference(Channel.EMAIL)] + [Preference(Channel.CALL)]
    found = rules.reach(ways, Messages(sms_cost_hundredths=7))
    assert (found.sms, found.email, found.call, found.total) == (3, 1, 1, 5)
    assert found.cost_hundredths == 21


def test_attempts_come_later_and_later_and_end() -> None:
    gaps = [rules.again_at(NOON, n, USUAL) for n in range(1, rules.ATTEMPTS)]
    assert gaps == [NOON + timedelta(minutes=5 * 2**n) for n in range(rules.ATTEMPTS - 1)]
    assert rules.again_at(NOON, rules.ATTEMPTS, USUAL) is None


@pytest.mark.parametrize("typed", ["", "nobody", "a@b", "a b@c.de", "x@y.zz, z@y.zz", "a" * 130])
def test_an_address_that_reads_like_none_is_refused(typed: str) -> None:
    with pytest.raises(Invalid) as refusal:
        rules.check_address(Channel.EMAIL, typed)
    assert refusal.value.faults[0].code == "message.address"


def test_an_address_is_not_needed_for_another_way() -> None:
    rules.check_address(Channel.SMS, "")
    rules.check_address(Channel.EMAIL, "lin@example.org")


def _pending(state: TaskState, due: timedelta, answer: timedelta | None = None) -> Pending:
    last = NOON + due
    answer_by = NOON + answer if answer is not None else None
    return Pending(Code("R"), "v" * 64, state, last, last + timedelta(hours=48), answer_by)


@pytest.mark.parametrize(
    ("pending", "kind"),
    [
        (_pending(TaskState.OFFERED, timedelta(9), timedelta(3)), MessageKind.TASK_OFFERED),
        (_pending(TaskState.ACCEPTED, timedelta(9)), None),
        (_pending(TaskState.ACCEPTED, timedelta(hours=24)), MessageKind.VISIT_DUE),
        (_pending(TaskState.IN_PROGRESS, timedelta(hours=1)), MessageKind.VISIT_DUE),
        (_pending(TaskState.ACCEPTED, timedelta(hours=-47)), MessageKind.VISIT_DUE),
        (_pending(TaskState.ACCEPTED, timedelta(hours=-49)), MessageKind.SHEET_OVERDUE),
        (_pending(TaskState.ACCEPTED, timedelta(hours=-83)), MessageKind.SHEET_OVERDUE),
        (_pending(TaskState.ACCEPTED, timedelta(hours=-84)), None),
        (_pending(TaskState.RETURNED, timedelta(hours=20)), MessageKind.SHEET_RETURNED),
        (_pending(TaskState.SUBMITTED, timedelta(hours=-1)), None),
    ],
)
def test_what_is_due_when(pending: Pending, kind: MessageKind | None) -> None:
    told = reminder_due(pending, USUAL, NOON)
    assert (told[0] if told else None) == kind


def test_an_offer_and_a_visit_are_told_twice_and_a_late_sheet_three_times() -> None:
    offer = _pending(TaskState.OFFERED, timedelta(9), timedelta(3))
    hours = [NOON + timedelta(hours=hour) for hour in range(72)]
    assert len({reminder_due(offer, USUAL, at) for at in hours}) == 2
    late = _pending(TaskState.ACCEPTED, timedelta(0))
    around = [NOON + timedelta(hours=hour, minutes=1) for hour in range(-100, 200)]
    told = [found for at in around if (found := reminder_due(late, USUAL, at))]
    kinds = [kind for kind, _ in dict.fromkeys(told)]
    assert kinds == [MessageKind.VISIT_DUE] * 2 + [MessageKind.SHEET_OVERDUE] * 3
