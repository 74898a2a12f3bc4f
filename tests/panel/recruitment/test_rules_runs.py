"""Decisions about runs: what may follow what, who must agree, what a source and a number are."""

from __future__ import annotations

import datetime as dt

import msgspec
import pytest

from panel.errors import Conflict, Invalid
from panel.ids import Code, PersonId
from panel.recruitment.rules import runs as rules
from panel.recruitment.types.lottery import DrawPlan, GroupQuota, PoolEntry, Quota
from panel.recruitment.types.runs import (
    Demand,
    DemandKind,
    LotteryView,
    Method,
    Pick,
    Reading,
    RunKind,
    RunState,
    Source,
    SourceKind,
)

AT = dt.datetime(2026, 4, 12, 2, 0, tzinfo=dt.UTC)
TODAY = dt.date(2026, 4, 12)
DAY = dt.timedelta(days=1)
LOTTERY = Source(SourceKind.LOTTERY, TODAY + DAY, game="fc3d", issue="2026095")
NOTARY = Source(SourceKind.NOTARY, TODAY, office="示例公证处")
PLAN = DrawPlan(
    seats=10,
    reserves=2,
    quotas=(Quota("sex", "female", 4, 6), Quota("district", "A", 2, 10, hard=True)),
    groups=(GroupQuota("people", "category", ("resident", "enterprise"), 8),),
)


def run(**more: object) -> LotteryView:
    whole = LotteryView(
        id=1, code=Code("R"), campaign=Code("C"), kind=RunKind.REAL, method=Method.LEXIMIN,
        state=RunState.PUBLISHED, seats=10, reserve=2, lists=1000, plan=PLAN, relaxed=(),
        root="00", applicants=40, pool=40, sealed_hash="00", seed="00", done=1000, error="",
        detail=(), outlook=None, file_hash="00", reason="", source=LOTTERY, started_at=AT,
        started_by=PersonId(1), listed_at=AT, published_at=AT, demand=None, value="",
        number=None, document="", drawn_at=None, ended_at=None, end_reason="",
    )  # fmt: skip
    return msgspec.structs.replace(whole, **more)


def person(number: int, *, category: str = "resident", home: str | None = None) -> PoolEntry:
    sex = "female" if number % 2 else "male"
    features = (("category", category), ("district", "A"), ("sex", sex))
    return PoolEntry(f"T{number:02d}", features, home)


def faults_of(refusal: pytest.ExceptionInfo[Invalid]) -> dict[str, str]:
    return {each.path: each.code for each in refusal.value.faults}


@pytest.mark.parametrize(
    ("source", "path", "code"),
    [
        (msgspec.structs.replace(LOTTERY, on=TODAY), "on", "lottery.source_too_early"),
        (msgspec.structs.replace(LOTTERY, issue="95"), "issue", "lottery.issue"),
        (msgspec.structs.replace(LOTTERY, issue="2025095"), "issue", "lottery.issue_day"),
        (msgspec.structs.replace(LOTTERY, issue="2026104"), "issue", "lottery.issue_day"),
        (msgspec.structs.replace(LOTTERY, issue="2026001"), "issue", "lottery.issue_day"),
        (msgspec.structs.replace(LOTTERY, game="roulette"), "game", "form.required"),
        (msgspec.structs.replace(NOTARY, on=TODAY - DAY), "on", "lottery.source_too_early"),
        (msgspec.structs.replace(NOTARY, office=" "), "office", "form.required"),
        (msgspec.structs.replace(NOTARY, place="很" * 201), "place", "form.too_long"),
    ],
)
def test_a_source_whose_number_may_be_known_or_is_unclear_is_refused(
    source: Source, path: str, code: str
) -> None:
    with pytest.raises(Invalid) as refusal:
        rules.check_source(source, AT)
    assert faults_of(refusal)[path] == code


def test_a_source_keeps_what_belongs_to_its_kind_alone() -> None:
    typed = msgspec.structs.replace(
        LOTTERY, issue=" \uff12\uff10\uff12\uff16\uff10\uff19\uff15 ", office="示例公证处"
    )
    assert rules.check_source(typed, AT) == LOTTERY
    both = msgspec.structs.replace(NOTARY, game="fc3d", issue="2026095")
    assert rules.check_source(both, AT) == NOTARY


def test_only_a_listed_real_run_is_published() -> None:
    for state in RunState:
        if state is not RunState.LISTED:
            with pytest.raises(Conflict, match=r"lottery\.changed"):
                rules.may_publish(run(state=state), LOTTERY, AT)
    with pytest.raises(Conflict, match=r"lottery\.changed"):
        rules.may_publish(run(state=RunState.LISTED, kind=RunKind.TEST), LOTTERY, AT)
    with pytest.raises(Invalid):
        rules.may_publish(run(state=RunState.LISTED), None, AT)
    all_taken = run(state=RunState.LISTED, method=Method.ALL)
    assert rules.may_publish(all_taken, LOTTERY, AT) is None


@pytest.mark.parametrize(
    ("one", "other", "follows"),
    [
        ("2026095", "2026096", True),
        ("2026351", "2027001", True),
        ("2026095", "2026097", False),
        ("2026095", "2026095", False),
        ("2026095", "2028001", False),
    ],
)
def test_the_next_issue_is_the_next_number_or_the_first_of_the_next_year(
    one: str, other: str, *, follows: bool
) -> None:
    assert rules.next_issue(one, other) is follows


def test_a_number_is_read_on_its_day_and_of_its_issue_only() -> None:
    reading = Reading("2026095", "042")
    with pytest.raises(Conflict, match=r"lottery\.too_early"):
        rules.may_read(run(), reading, AT)
    assert rules.may_read(run(), Reading(" 2026095", "\uff10\uff14\uff12"), AT + DAY) == reading
    with pytest.raises(Invalid) as refusal:
        rules.may_read(run(), Reading("2026096", "042"), AT + DAY)
    assert faults_of(refusal) == {"issue": "lottery.other_issue"}
    for state in (RunState.LISTED, RunState.DRAWN, RunState.VOID):
        with pytest.raises(Conflict, match=r"lottery\.changed"):
            rules.may_read(run(state=state), reading, AT + DAY)


def test_no_number_is_read_while_somebody_wants_the_run_changed() -> None:
    demand = Demand(DemandKind.VOID, "停电", PersonId(1), AT)
    with pytest.raises(Conflict, match=r"lottery\.demanded"):
        rules.may_read(run(demand=demand), Reading("2026095", "042"), AT + DAY)


@pytest.mark.parametrize("value", ["", "42", "1000", "abc", "-12", "0042"])
def test_what_is_no_number_of_a_list_is_refused(value: str) -> None:
    with pytest.raises(Invalid) as refusal:
        rules.may_read(run(), Reading("2026095", value), AT + DAY)
    assert faults_of(refusal) == {"value": "lottery.number"}


def test_a_notarised_number_names_its_deed() -> None:
    view = run(source=NOTARY)
    with pytest.raises(Invalid) as refusal:
        rules.may_read(view, Reading("", "042"), AT)
    assert faults_of(refusal) == {"document": "form.required"}
    assert rules.may_read(view, Reading("9", "042", " (2026)001 "), AT).document == "(2026)001"


def test_two_agree_only_on_number_and_deed_together() -> None:
    mine = Reading("", "042", "(2026)001")
    assert rules.agree(mine, [mine])
    assert not rules.agree(mine, [])
    assert not rules.agree(mine, [Reading("", "043", "(2026)001")])
    assert not rules.agree(mine, [Reading("", "042", "(2026)002")])


def test_an_issue_is_passed_over_only_before_anybody_knows_its_number() -> None:
    wish = Demand(DemandKind.NEXT_ISSUE, "停售", PersonId(1), AT, "2026096", TODAY + 2 * DAY)
    assert rules.may_demand(run(), wish, AT, read=False) == wish
    with pytest.raises(Conflict, match=r"lottery\.number_known"):
        rules.may_demand(run(), wish, AT, read=True)
    with pytest.raises(Conflict, match=r"lottery\.changed"):
        rules.may_demand(run(source=NOTARY), wish, AT, read=False)
    for later in (None, LOTTERY.on):
        with pytest.raises(Invalid) as refusal:
            rules.may_demand(run(), msgspec.structs.replace(wish, on=later), AT, read=False)
        assert faults_of(refusal) == {"on": "lottery.source_too_early"}
    with pytest.raises(Invalid) as refusal:
        rules.may_demand(run(), msgspec.structs.replace(wish, issue="2026099"), AT, read=False)
    assert faults_of(refusal) == {"issue": "lottery.not_next"}
    after = rules.after(LOTTERY, wish)
    assert (after.issue, after.on) == ("2026096", TODAY + 2 * DAY)
    assert after.passed == (("2026095", "停售"),)


def test_a_void_run_needs_its_reason_and_nothing_drawn() -> None:
    wish = Demand(DemandKind.VOID, " 名单有误 ", PersonId(1), AT, "2026096", TODAY)
    asked = rules.may_demand(run(), wish, AT, read=False)
    assert (asked.reason, asked.issue, asked.on) == ("名单有误", "", None)
    with pytest.raises(Invalid):
        rules.may_demand(run(), msgspec.structs.replace(wish, reason=" "), AT, read=False)
    for view in (run(state=RunState.DRAWN), run(kind=RunKind.TEST), run(state=RunState.RUNNING)):
        with pytest.raises(Conflict, match=r"lottery\.changed"):
            rules.may_demand(view, wish, AT, read=False)


def test_an_issue_whose_number_is_out_already_takes_nobodys_place() -> None:
    wish = Demand(DemandKind.NEXT_ISSUE, "停售", PersonId(1), AT, "2026096", TODAY + 2 * DAY)
    late = AT + 2 * DAY
    with pytest.raises(Invalid) as refusal:
        rules.may_demand(run(), wish, late, read=False)
    assert faults_of(refusal) == {"on": "lottery.source_too_early"}
    to_come = msgspec.structs.replace(wish, on=TODAY + 3 * DAY)
    assert rules.may_demand(run(), to_come, late, read=False) == to_come


def test_nothing_is_void_whose_number_is_known() -> None:
    wish = Demand(DemandKind.VOID, "名单有误", PersonId(1), AT)
    for view, at, read in (
        (run(), AT + DAY, False),
        (run(), AT, True),
        (run(source=NOTARY), AT + DAY, True),
    ):
        with pytest.raises(Conflict, match=r"lottery\.number_known"):
            rules.may_demand(view, wish, at, read=read)
    assert rules.may_demand(run(source=NOTARY), wish, AT + DAY, read=False) == wish
    listed = run(state=RunState.LISTED, source=None)
    assert rules.may_demand(listed, wish, AT + DAY, read=False) == wish


def test_too_few_are_not_drawn_and_too_many_are_not_all_taken() -> None:
    with pytest.raises(Conflict, match=r"lottery\.too_few"):
        rules.enough(Method.LEXIMIN, 9, 10)
    rules.enough(Method.STRATIFIED, 10, 10)
    rules.enough(Method.ALL, 10, 10)
    for eligible in (0, 11):
        with pytest.raises(Conflict, match=r"lottery\.not_few"):
            rules.enough(Method.ALL, eligible, 10)
        with pytest.raises(Conflict, match=r"lottery\.not_few"):
            rules.enough(Method.ORGANISER, eligible, 10)


def test_of_all_who_are_taken_one_of_each_address_is() -> None:
    people = [person(1, home="x"), person(2, home="x"), person(3), person(4, category="other")]
    people += [person(number) for number in range(5, 9)]
    taken = rules.everybody(PLAN, people, "seed")
    assert len({"T01", "T02"} & set(taken)) == 1
    assert len(taken) == 7
    assert taken == rules.everybody(PLAN, people[::-1], "seed")


def test_taking_all_never_breaks_a_firm_quota() -> None:
    people = [person(1), *(person(number, category="other") for number in range(2, 6))]
    with pytest.raises(Conflict, match=r"lottery\.firm_quota") as refusal:
        rules.everybody(PLAN, people, "seed")
    assert refusal.value.values["quotas"] == ("people",)


def pick(number: int, kind: str = "seat", reason: str = "熟悉窗口") -> Pick:
    return Pick(f"T{number:02d}", kind, reason, number)


def test_an_own_choice_is_refused_row_by_row() -> None:
    people = [person(number) for number in range(1, 7)]
    wrong = [pick(1), pick(1), pick(99), pick(2, kind="chair"), pick(3, reason=" ")]
    with pytest.raises(Invalid) as refusal:
        rules.check_picks(PLAN, people, wrong)
    told = [(each.values["row"], each.code) for each in refusal.value.faults]
    assert told == [
        (1, "lottery.named_twice"),
        (99, "lottery.not_eligible"),
        (2, "lottery.no_place"),
        (3, "lottery.no_reason"),
    ]
    with pytest.raises(Invalid) as refusal:
        rules.check_picks(PLAN, people, [pick(1, kind="reserve")])
    assert faults_of(refusal) == {"kind": "lottery.seats"}


def test_an_own_choice_keeps_firm_quotas_and_addresses() -> None:
    people = [person(1, home="x"), person(2, home="x"), person(3), person(4, category="other")]
    with pytest.raises(Conflict, match=r"lottery\.shared_address"):
        rules.check_picks(PLAN, people, [pick(1), pick(2)])
    with pytest.raises(Conflict, match=r"lottery\.firm_quota"):
        rules.check_picks(PLAN, people, [pick(1), pick(4)])
    seats, reserves = rules.check_picks(PLAN, people, [pick(1), pick(3), pick(2, "reserve")])
    assert [each.ticket for each in seats] == ["T01", "T03"]
    assert [each.ticket for each in reserves] == ["T02"]
