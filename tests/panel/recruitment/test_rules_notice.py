"""Who moves up for whom, who waits, how cohorts are dealt: decisions without a database."""

from __future__ import annotations

import datetime as dt
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from panel.errors import Fault, Invalid
from panel.members.rules import certificate_state
from panel.members.types import CertificateState, MemberState
from panel.recruitment.rules import appointment, notice, objections
from panel.recruitment.types.lottery import Quota
from panel.recruitment.types.notice import Candidate, Firm, Ground
from panel.rulebook.types import GroupQuota, Text
from tests.make import notice as make

PEOPLE = ("enterprise", "self_employed", "resident")
FIRM = (Firm("category", PEOPLE, 80),)
GROUPS = (GroupQuota("people", "category", PEOPLE, Text("群众"), 80),)


def one(
    ticket: str, category: str = "resident", district: str = "东", household: str = ""
) -> Candidate:
    """Return a candidate whose other features are the same for all."""
    return Candidate(
        ticket,
        {"category": category, "district": district, "sex": "female", "age_band": "30-44"},
        household,
    )


def panel(*categories: str) -> list[Candidate]:
    """Return seated people."""
    return [one(f"S{place:03}", category) for place, category in enumerate(categories)]


def test_somebody_of_the_same_category_moves_up_though_others_were_drawn_before() -> None:
    found = notice.replacements(
        [one("V", "resident")],
        [one("A", "enterprise"), one("B", "resident"), one("C", "resident")],
        panel(*["resident"] * 7, *["other"] * 2),
        size=10, firm=FIRM, soft=(),
    )  # fmt: skip
    assert found.pairs == (("V", "B"),)


def test_among_equals_whoever_keeps_a_quota_moves_up() -> None:
    found = notice.replacements(
        [one("V", district="西")],
        [one("A", district="东"), one("B", district="西")],
        [one("S1", district="东")],
        size=2, firm=(), soft=(Quota("district", "西", 1, 2), Quota("district", "东", 0, 1)),
    )  # fmt: skip
    assert found.pairs == (("V", "B"),)


def test_another_category_moves_up_where_the_own_one_is_used_up() -> None:
    found = notice.replacements(
        [one("V", "resident")],
        [one("A", "other"), one("B", "enterprise")],
        panel(*["resident"] * 7, *["other"] * 2),
        size=10, firm=FIRM, soft=(),
    )  # fmt: skip
    assert found.pairs == (("V", "B"),)


def test_nobody_moves_up_against_the_firm_share() -> None:
    found = notice.replacements(
        [one("V", "resident")],
        [one("A", "other")],
        panel(*["resident"] * 7, *["other"] * 2),
        size=10, firm=FIRM, soft=(),
    )  # fmt: skip
    assert (found.pairs, found.unfilled) == ((), ("V",))


def test_members_who_serve_already_count_for_the_firm_share() -> None:
    def found(*beside: str) -> tuple[tuple[str, str], ...]:
        return notice.replacements(
            [one("V", "resident")],
            [one("A", "other")],
            panel(*["resident"] * 4),
            size=5, firm=FIRM, soft=(), beside=panel(*beside),
        ).pairs  # fmt: skip

    assert found() == (("V", "A"),)
    assert found(*["resident"] * 3, *["other"] * 2) == ()


def test_a_home_is_represented_once() -> None:
    found = notice.replacements(
        [one("V")],
        [one("A", household="home"), one("B")],
        [one("S", household="home")],
        size=2, firm=(), soft=(),
    )  # fmt: skip
    assert found.pairs == (("V", "B"),)


categories = st.sampled_from([*PEOPLE, "other"])


@given(
    seated=st.lists(categories, min_size=5, max_size=30),
    reserve=st.lists(categories, max_size=8),
    data=st.data(),
)
def test_a_replacement_never_breaks_the_firm_share(
    seated: list[str], reserve: list[str], data: st.DataObject
) -> None:
    size = len(seated)
    allowed = size - -(-size * 80 // 100)
    kept = [*[each for each in seated if each != "other"], *["other"] * allowed][:size]
    everybody = panel(*kept)
    gone = data.draw(st.sets(st.integers(0, len(everybody) - 1), max_size=len(everybody)))
    vacant = [each for place, each in enumerate(everybody) if place in gone]
    staying = [each for place, each in enumerate(everybody) if place not in gone]
    left = [one(f"R{place}", category) for place, category in enumerate(reserve)]
    found = notice.replacements(vacant, left, staying, size=size, firm=FIRM, soft=())
    moved = {new for _, new in found.pairs}
    after = [*staying, *(each for each in left if each.ticket in moved)]
    others = sum(each.features["category"] == "other" for each in after)
    before = sum(each.features["category"] == "other" for each in everybody)
    assert others <= max(allowed, before)
    assert len(moved) == len(found.pairs)
    assert {old for old, _ in found.pairs} | set(found.unfilled) == {v.ticket for v in vacant}


@given(st.lists(categories, min_size=1, max_size=60), st.integers(1, 3))
def test_cohorts_share_every_category_evenly_and_anybody_gets_the_same(
    features: list[str], cohorts: int
) -> None:
    tickets = {f"T{place:03}": category for place, category in enumerate(features)}
    found = notice.split("C", tickets, GROUPS, cohorts)
    assert found == notice.split("C", dict(reversed(tickets.items())), GROUPS, cohorts)
    assert set(found) == set(tickets)
    for part in [*({each} for each in set(features)), set(PEOPLE)]:
        sizes = Counter(dict.fromkeys(range(1, cohorts + 1), 0))
        sizes.update(found[t] for t, category in tickets.items() if category in part)
        assert max(sizes.values()) - min(sizes.values()) <= 1


def test_people_outside_of_the_firm_share_wait_until_it_allows_them() -> None:
    cleared = panel(*["resident"] * 4, *["other"] * 3)
    now, waiting = appointment.seated(cleared, [], FIRM, "C")
    assert Counter(each.features["category"] for each in now) == {"resident": 4, "other": 1}
    assert {each.features["category"] for each in waiting} == {"other"}
    again, _ = appointment.seated(list(reversed(cleared)), [], FIRM, "C")
    assert {each.ticket for each in again} == {each.ticket for each in now}


def test_everybody_is_seated_where_the_firm_share_holds() -> None:
    cleared = panel(*["resident"] * 8, *["other"] * 2)
    assert appointment.seated(cleared, [], FIRM, "C") == (cleared, [])


@pytest.mark.parametrize(
    ("cohort", "cohorts", "months", "expected"),
    [(1, 1, 24, 24), (1, 2, 24, 12), (2, 2, 24, 24), (1, 2, 1, 1)],
)
def test_the_first_cohort_serves_half_a_term(
    cohort: int, cohorts: int, months: int, expected: int
) -> None:
    assert appointment.months_of(cohort, cohorts, months) == expected


def test_a_term_never_begins_in_the_past() -> None:
    day = dt.date(2026, 5, 1)
    before = dt.datetime(2026, 4, 21, tzinfo=dt.UTC)
    assert appointment.first_day(day, before) == day
    # In Shanghai the second of May has begun.
    after = dt.datetime(2026, 5, 1, 16, 0, tzinfo=dt.UTC)
    assert appointment.first_day(day, after) == dt.date(2026, 5, 2)


def test_every_fault_of_an_objection_is_named_by_its_field() -> None:
    with pytest.raises(Invalid) as refusal:
        objections.check_objection(
            make.form(name=" ", phone="123", ground="envy", text="长" * 4001)
        )
    assert refusal.value.faults == (
        Fault("name", "form.required"),
        Fault("phone", "objection.phone"),
        Fault("ground", "form.required"),
        Fault("text", "form.too_long", {"most": 4000}),
    )
    assert objections.check_objection(make.form()) is Ground.CONDITIONS


@pytest.mark.parametrize("place", ["", "  ", "里", "东里"])
def test_a_place_too_short_lists_nobody(place: str) -> None:
    with pytest.raises(Invalid):
        notice.check_place(place)


def test_places_compare_without_gaps_and_width() -> None:
    assert notice.check_place(" Ａ厂 东 里") == notice.comparable("a厂东里")


@pytest.mark.parametrize(
    ("state", "today", "expected"),
    [
        (MemberState.ACTIVE, "2026-04-30", CertificateState.ENDED),
        (MemberState.APPOINTED, "2026-05-01", CertificateState.VALID),
        (MemberState.TRAINING, "2026-05-01", CertificateState.VALID),
        (MemberState.ACTIVE, "2028-04-30", CertificateState.VALID),
        (MemberState.ACTIVE, "2028-05-01", CertificateState.EXPIRED),
        (MemberState.ENDED, "2028-05-01", CertificateState.EXPIRED),
        (MemberState.SUSPENDED, "2026-06-01", CertificateState.ENDED),
        (MemberState.RESIGNED, "2026-06-01", CertificateState.ENDED),
        (MemberState.DISMISSED, "2029-06-01", CertificateState.ENDED),
    ],
)
def test_a_certificate_tells_whether_it_is_in_force(
    state: MemberState, today: str, expected: CertificateState
) -> None:
    first, last = dt.date(2026, 5, 1), dt.date(2028, 4, 30)
    assert certificate_state(state, first, last, dt.date.fromisoformat(today)) is expected
