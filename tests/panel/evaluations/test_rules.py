"""Sheets are judged in integers by the form, and every fault is named by its field."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from panel import rulebook
from panel.errors import Closed, Conflict, Invalid
from panel.evaluations import rules
from panel.evaluations.types import Answers, Flag, Score, Wait
from panel.ids import Code
from panel.rulebook.rules import read
from panel.rulebook.types import Anchor, Form, Item, ItemKind, Section, Text, Veto
from panel.visits.types import Errand, Mode, TaskState, TaskView, Why
from tests.make.evaluations import answers

BOOK = read((Path(rulebook.__file__).parent / "default.toml").read_text(encoding="utf-8"))
WINDOW = BOOK.form("window")
OFFICE = BOOK.form("office")
OPENS = datetime(2026, 3, 8, 16, 0, tzinfo=UTC)
DUE = datetime(2026, 3, 20, 15, 59, 59, tzinfo=UTC)
NOW = datetime(2026, 3, 11, 6, 0, tzinfo=UTC)
DAY = date(2026, 3, 11)


def task(**more: object) -> TaskView:
    """Return an accepted task of a window."""
    plain = TaskView(
        id=1, code=Code("AAAAAAAAAA"), place_id=1, round_id=1, round_code=Code("BBBBBBBBBB"),
        round_title="一", round_title_en="One", round_ends=datetime(2026, 4, 12, 16, tzinfo=UTC),
        unit_id=1, unit_code=Code("CCCCCCCCCC"), unit_name="单位", unit_name_en="Unit",
        peer_group="service", window_id=1, window_code=Code("DDDDDDDDDD"), window_name="窗口",
        window_name_en="Window", hall_name="", hall_name_en="", place="", hours="",
        mode=Mode.OPEN, errand=Errand.ENQUIRY, state=TaskState.ACCEPTED, form_key="window",
        rulebook_code=Code("EEEEEEEEEE"), visitor="0" * 64, opens_at=OPENS, due_at=DUE,
        closes_at=datetime(2026, 4, 19, 16, tzinfo=UTC), due_hours=48, answer_by=None,
        offered_at=OPENS, briefed_at=None, assigned_by=None,
        why=Why(candidates=1, eligible=1, excluded={}, far=None, load=1),
    )  # fmt: skip
    return msgspec.structs.replace(plain, **more)


def paths(refused: pytest.ExceptionInfo[Invalid]) -> dict[str, str]:
    """Return the codes of the faults by their paths."""
    return {fault.path: fault.code for fault in refused.value.faults}


def small(*items: Item, minimum: int = 1, decisive: tuple[str, ...] = ()) -> Form:
    """Return a form of a few items."""
    return Form(
        key="small",
        title=Text(zh="小表"),
        sections=(Section(id="A", text=Text(zh="一"), items=items),),
        vetoes=(Veto(id="V1", text=Text(zh="重"), confirmation=Text(zh=""), sealed=True),),
        minimum_answered_weight=minimum,
        decisive=decisive,
    )


def item(key: str, weight: int, *, covert: bool = True) -> Item:
    """Return an item of a scale."""
    return Item(
        id=key,
        kind=ItemKind.SCALE,
        weight=weight,
        text=Text(zh=key),
        anchors=tuple(Anchor(value=n, text=Text(zh=str(n))) for n in range(5)),
        covert=covert,
    )


# Worked examples, computed by hand.


def test_full_marks_are_a_hundred_points() -> None:
    assert rules.judge(WINDOW, answers(WINDOW)).hundredths == 10_000


def test_the_worst_answers_are_no_points() -> None:
    worst = msgspec.structs.replace(answers(WINDOW, 0), minutes={"C1": Wait(waited=21, posted=10)})
    assert rules.judge(WINDOW, worst).hundredths == 0


def test_a_sheet_of_the_default_form_computed_by_hand() -> None:
    # 96 weights are asked; B1 (7) gets 3, D1 (10) gets 2, B3 (4) and C4 (5) were not observed.
    given = answers(WINDOW, B1=3, D1=2, B3=None, C4=None)
    score = rules.judge(WINDOW, given)
    assert score.answered_weight == 87
    earned = 4 * (87 - 7 - 10) + 3 * 7 + 2 * 10
    assert score.hundredths == round(Fraction(10_000 * earned, 4 * 87))
    assert score.hundredths == 9224  # 321 / 348 = 92.2413…


def test_halves_are_rounded_up_once() -> None:
    # One of 4 × 8 quarter points is exactly 3.125 points: 312.5 hundredths become 313.
    form = small(item("A1", 1), item("A2", 7))
    given = Answers(items={"A1": 1, "A2": 0}, reasons={"A1": "x", "A2": "x"})
    assert rules.judge(form, given).hundredths == 313


@pytest.mark.parametrize(
    ("waited", "posted", "value"),
    [
        (0, 10, 4), (10, 10, 4), (11, 10, 3), (12, 10, 3), (13, 10, 2), (15, 10, 2),
        (16, 10, 1), (20, 10, 1), (21, 10, 0), (5, 4, 3), (6, 4, 2), (8, 4, 1), (9, 4, 0),
    ],
)  # fmt: skip
def test_minutes_are_worth_what_the_posted_limit_says(waited: int, posted: int, value: int) -> None:
    assert rules.value_of_wait(waited, posted) == value


def test_without_a_posted_limit_the_wait_does_not_apply() -> None:
    given = msgspec.structs.replace(answers(WINDOW), minutes={"C1": Wait(waited=50)})
    score = rules.judge(WINDOW, given)
    assert score.answered_weight == 90
    assert "C1" not in score.values


def test_an_ordinary_visit_is_not_asked_about_earlier_findings() -> None:
    assert "E3" not in {each.id for each in rules.asked(WINDOW, covert=False, revisit=False)}
    assert "E3" in {each.id for each in rules.asked(WINDOW, covert=False, revisit=True)}
    with pytest.raises(Invalid) as refused:
        rules.judge(WINDOW, msgspec.structs.replace(
            answers(WINDOW), items={**answers(WINDOW).items, "E3": 4}
        ))  # fmt: skip
    assert paths(refused) == {"items.E3": "sheet.unknown_item"}


def test_what_only_open_visits_show_is_not_asked_of_covert_ones() -> None:
    form = small(item("A1", 50), item("A2", 50, covert=False))
    assert [each.id for each in rules.asked(form, covert=True, revisit=False)] == ["A1"]
    assert rules.judge(form, Answers(items={"A1": 4}), covert=True).answered_weight == 50


# Faults.


def test_every_unanswered_item_is_named() -> None:
    with pytest.raises(Invalid) as refused:
        rules.judge(WINDOW, Answers())
    found = paths(refused)
    assert found.pop("minutes.C1.waited") == "sheet.unanswered"
    assert set(found.values()) == {"sheet.unanswered"}
    asked = rules.asked(WINDOW, covert=False, revisit=False)
    assert found.keys() == {f"items.{each.id}" for each in asked if each.id != "C1"}


@pytest.mark.parametrize("value", [0, 1])
def test_a_low_answer_needs_its_reason(value: int) -> None:
    given = answers(WINDOW, B2=value)
    bare = msgspec.structs.replace(given, reasons={"B2": "  "})
    with pytest.raises(Invalid) as refused:
        rules.judge(WINDOW, bare)
    assert paths(refused) == {"reasons.B2": "sheet.reason_missing"}
    assert rules.judge(WINDOW, given).values["B2"] == value


def test_two_points_need_no_reason() -> None:
    assert rules.judge(WINDOW, answers(WINDOW, B2=2)).values["B2"] == 2


@pytest.mark.parametrize(("key", "value"), [("A2", 3), ("A2", 1), ("B2", 5), ("B2", -1)])
def test_an_answer_outside_its_kind_is_refused(key: str, value: int) -> None:
    with pytest.raises(Invalid) as refused:
        rules.judge(WINDOW, answers(WINDOW, but={key: value}))
    assert paths(refused) == {f"items.{key}": "sheet.out_of_range"}


def test_too_little_answered_can_not_be_judged() -> None:
    unseen = dict.fromkeys(("B1", "B2", "D2", "D3"), None)  # 31 of 96: 65 are left
    with pytest.raises(Invalid) as refused:
        rules.judge(WINDOW, answers(WINDOW, but=unseen))
    (fault,) = refused.value.faults
    assert (fault.code, fault.values) == ("sheet.too_little", {"weight": 65, "minimum": 70})


def test_exactly_the_minimum_is_enough() -> None:
    unseen = dict.fromkeys(("B1", "B2", "C4", "E2"), None)  # 26 of 96: 70 are left
    assert rules.judge(WINDOW, answers(WINDOW, but=unseen)).answered_weight == 70


def test_one_of_the_decisive_items_must_be_answered() -> None:
    assert rules.judge(WINDOW, answers(WINDOW, D1=None)).answered_weight == 86
    assert rules.judge(WINDOW, answers(WINDOW, C3=None)).answered_weight == 87
    with pytest.raises(Invalid) as refused:
        rules.judge(WINDOW, answers(WINDOW, D1=None, C3=None))
    assert paths(refused) == {"items.D1": "sheet.no_decisive"}


@pytest.mark.parametrize(
    ("wait", "path"),
    [
        (Wait(posted=10), "minutes.C1.waited"),
        (Wait(waited=-1, posted=10), "minutes.C1.waited"),
        (Wait(waited=1441, posted=10), "minutes.C1.waited"),
        (Wait(waited=5, posted=0), "minutes.C1.posted"),
    ],
)
def test_impossible_minutes_are_refused(wait: Wait, path: str) -> None:
    with pytest.raises(Invalid) as refused:
        rules.judge(WINDOW, msgspec.structs.replace(answers(WINDOW), minutes={"C1": wait}))
    assert list(paths(refused)) == [path]


def test_a_wait_that_was_not_observed_is_no_fault() -> None:
    given = answers(WINDOW)
    unseen = msgspec.structs.replace(given, items={**given.items, "C1": None}, minutes={})
    assert rules.judge(WINDOW, unseen).answered_weight == 90


def test_a_reason_without_its_item_or_without_end_is_refused() -> None:
    given = msgspec.structs.replace(answers(WINDOW), reasons={"Z9": "x", "C1": "x" * 1001})
    with pytest.raises(Invalid) as refused:
        rules.judge(WINDOW, given)
    assert paths(refused) == {
        "reasons.Z9": "sheet.unknown_item", "reasons.C1": "sheet.too_long",
    }  # fmt: skip


def test_a_grave_event_must_be_described_and_exist() -> None:
    given = msgspec.structs.replace(answers(WINDOW), vetoes={"V2": " ", "V9": "x"})
    with pytest.raises(Invalid) as refused:
        rules.judge(WINDOW, given)
    assert paths(refused) == {
        "vetoes.V2": "sheet.veto_text_missing",
        "vetoes.V9": "sheet.unknown_item",
    }


def test_a_grave_event_changes_no_score() -> None:
    told = msgspec.structs.replace(answers(WINDOW, 2), vetoes={"V2": "拒绝受理"})
    assert rules.judge(WINDOW, told) == rules.judge(WINDOW, answers(WINDOW, 2))
    assert rules.capped(WINDOW, 8000) == 5900
    assert rules.capped(WINDOW, 4000) == 4000


def test_endless_texts_are_refused() -> None:
    long = "长" * 1001
    given = msgspec.structs.replace(
        answers(WINDOW, B2=1), reasons={"B2": long}, vetoes={"V2": long}, good=long
    )
    with pytest.raises(Invalid) as refused:
        rules.judge(WINDOW, given)
    assert paths(refused) == dict.fromkeys(("reasons.B2", "vetoes.V2", "good"), "sheet.too_long")


def test_the_visit_must_lie_in_its_time_and_be_declared() -> None:
    given = answers(WINDOW, on=DAY)
    assert rules.check(WINDOW, task(), given, declared=True, at=NOW).hundredths == 10_000
    for wrong in (date(2026, 3, 8), date(2026, 3, 12), None):
        with pytest.raises(Invalid) as refused:
            rules.check(
                WINDOW, task(), msgspec.structs.replace(given, visited_on=wrong),
                declared=True, at=NOW,
            )  # fmt: skip
        assert list(paths(refused)) == ["visited_on"]
    bare = msgspec.structs.replace(given, declared=False, visited_at="9.40")
    with pytest.raises(Invalid) as refused:
        rules.check(WINDOW, task(), bare, declared=True, at=NOW)
    assert paths(refused) == {"visited_at": "sheet.time_of_day", "declared": "sheet.not_declared"}


def test_a_covert_visitor_says_whether_the_errand_was_noticed() -> None:
    given = msgspec.structs.replace(answers(WINDOW, on=DAY), recognised=None)
    with pytest.raises(Invalid) as refused:
        rules.check(WINDOW, task(mode=Mode.COVERT), given, declared=True, at=NOW)
    assert paths(refused) == {"recognised": "sheet.recognised_missing"}
    rules.check(WINDOW, task(), given, declared=True, at=NOW)


# Time.


def test_a_sheet_is_late_after_its_hours_and_still_taken_within_the_grace() -> None:
    given = answers(WINDOW, on=DAY)
    # The visit's day ends at 16:00 UTC; 48 hours later the sheet is late.
    limit = datetime(2026, 3, 13, 16, 0, tzinfo=UTC)
    assert not rules.is_late(task(), given, limit - timedelta(seconds=1))
    assert rules.is_late(task(), given, limit)
    rules.may_write(task(), limit)


def test_a_revision_is_late_after_its_own_limit() -> None:
    back = task(state=TaskState.RETURNED, due_at=NOW)
    assert not rules.is_late(back, answers(WINDOW, on=DAY), NOW)
    assert rules.is_late(back, answers(WINDOW, on=DAY), NOW + timedelta(seconds=1))


def test_after_the_grace_no_sheet_is_opened() -> None:
    found = task()
    rules.may_write(found, found.closes_at)
    with pytest.raises(Closed):
        rules.may_write(found, found.closes_at + timedelta(seconds=1))


@pytest.mark.parametrize("state", sorted(set(TaskState) - {
    TaskState.ACCEPTED, TaskState.IN_PROGRESS, TaskState.RETURNED
}))  # fmt: skip
def test_only_an_open_task_has_a_sheet(state: TaskState) -> None:
    with pytest.raises(Conflict):
        rules.may_write(task(state=state), NOW)


# Flags.


def flagged(given: Answers, hundredths: int = 8000, **more: object) -> tuple[Flag, ...]:
    """Return the flags of a sheet."""
    values = {key: value for key, value in given.items.items() if value is not None}
    score = Score(hundredths=hundredths, answered_weight=96, values=values)
    plain: dict[str, object] = {"late": False, "copied": False, "took": None, **more}
    plain.setdefault("fast", timedelta(seconds=61))
    return rules.flags(WINDOW, given, score, **plain)  # type: ignore[arg-type]


def test_flags_say_what_is_odd_and_nothing_else() -> None:
    usual = answers(WINDOW, A1=3)
    assert flagged(usual) == ()
    assert flagged(usual, took=timedelta(minutes=20)) == ()
    assert flagged(usual, took=timedelta(minutes=1)) == (Flag.FAST,)
    assert flagged(answers(WINDOW), 10_000) == (Flag.STRAIGHT,)
    assert flagged(usual, 0) == (Flag.EXTREME,)
    assert flagged(usual, late=True, copied=True) == (Flag.COPIED, Flag.LATE)
    grave = msgspec.structs.replace(usual, vetoes={"V1": "a", "V2": "b"}, recognised=True)
    assert flagged(grave) == (Flag.RECOGNISED, Flag.VETO, Flag.SEALED)
    assert rules.urgency((Flag.SEALED,)) > rules.urgency((Flag.LATE,)) > rules.urgency(())


def test_only_longer_comments_are_compared() -> None:
    assert rules.text_sample(msgspec.structs.replace(answers(WINDOW, B2=1), good="很好")) == ""
    one = msgspec.structs.replace(answers(WINDOW), good="工作人员 很热情, 还帮我 复印了材料!")
    two = msgspec.structs.replace(answers(WINDOW), good="工作人员很热情，还帮我复印了材料")
    assert rules.text_sample(one) == rules.text_sample(two) != ""


# Properties.


@st.composite
def sheets(draw: st.DrawFn, form: Form = WINDOW) -> Answers:
    """Draw a valid sheet: every item answered in its range, few unseen."""
    asked = [each for each in form.items if not each.revisit_only]
    items: dict[str, int | None] = {}
    minutes: dict[str, Wait] = {}
    for each in asked:
        if each.kind is ItemKind.MINUTES:
            minutes[each.id] = Wait(draw(st.integers(0, 60)), draw(st.integers(1, 30)))
        else:
            steps = (0, 2, 4) if each.kind is ItemKind.FACT else range(5)
            items[each.id] = draw(st.sampled_from(list(steps)))
    unseen = draw(st.sampled_from(["", "B3", "C2", "C4", "A1"]))
    if unseen in items:
        items[unseen] = None
    return Answers(items=items, reasons=dict.fromkeys(items, "原因"), minutes=minutes)


@given(sheets() | sheets(OFFICE))
def test_a_score_lies_between_nothing_and_a_hundred_points(given: Answers) -> None:
    form = WINDOW if given.minutes else OFFICE
    assert 0 <= rules.judge(form, given).hundredths <= 10_000


@given(sheets())
def test_a_score_is_the_exact_mean_rounded_half_up(given: Answers) -> None:
    score = rules.judge(WINDOW, given)
    weights = {each.id: each.weight for each in WINDOW.items}
    exact = Fraction(
        10_000 * sum(weights[key] * value for key, value in score.values.items()),
        4 * score.answered_weight,
    )
    assert score.hundredths == int(exact + Fraction(1, 2))


@given(sheets(), st.randoms(use_true_random=False))
def test_the_order_of_answers_changes_nothing(given: Answers, chance: object) -> None:
    keys = list(given.items)
    chance.shuffle(keys)  # type: ignore[attr-defined]
    mixed = msgspec.structs.replace(given, items={key: given.items[key] for key in keys})
    assert rules.judge(WINDOW, mixed) == rules.judge(WINDOW, given)


@given(sheets(), st.data())
def test_the_order_of_the_form_changes_nothing(given: Answers, data: st.DataObject) -> None:
    turned = msgspec.structs.replace(
        WINDOW, sections=tuple(data.draw(st.permutations(WINDOW.sections)))
    )
    assert rules.judge(turned, given).hundredths == rules.judge(WINDOW, given).hundredths


@given(sheets(), st.data())
def test_a_better_answer_never_lowers_the_score(given: Answers, data: st.DataObject) -> None:
    answered = [key for key, value in given.items.items() if value is not None and value < 4]
    if not answered:
        return
    key = data.draw(st.sampled_from(answered))
    step = 2 if WINDOW.item(key).kind is ItemKind.FACT else 1
    better = {**given.items, key: (given.items[key] or 0) + step}
    raised = msgspec.structs.replace(given, items=better)
    assert rules.judge(WINDOW, raised).hundredths >= rules.judge(WINDOW, given).hundredths


@given(st.integers(0, 100), st.integers(1, 100))
def test_a_shorter_wait_is_never_worth_less(waited: int, posted: int) -> None:
    assert rules.value_of_wait(waited, posted) >= rules.value_of_wait(waited + 1, posted)
    assert rules.value_of_wait(waited, posted + 1) >= rules.value_of_wait(waited, posted)
