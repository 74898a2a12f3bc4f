"""The assignment: nobody overloaded or recused, a far share, a fair load, every gap explained."""

import sys
from collections import Counter
from itertools import pairwise

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from panel import chance
from panel.visits.rules import flow
from panel.visits.rules.assignment import assign, check, input_hash, substitutes, verify
from panel.visits.rules.candidates import survey
from panel.visits.types.assignment import (
    Assigned,
    AssignmentRecord,
    AssignmentRules,
    Target,
    Unmet,
    Visitor,
)

SEED = chance.digest("a committed code")
RULES = AssignmentRules()
few = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def visitor(number: int, district: str = "a", **more: object) -> Visitor:
    """Return a member; district a lies around 35.4° N, each further one 0.5° to the north."""
    latitude = 35_400_000 + 500_000 * (ord(district) - ord("a")) + number * 100
    facts: dict[str, object] = {"cap": 4, **more}
    return msgspec.convert(
        {
            "member": f"M{number:03}",
            "latitude": latitude,
            "longitude": 116_600_000,
            "district": district,
            **facts,
        },
        Visitor,
    )


def target(number: int, district: str = "a", demand: int = 2, unit: str = "") -> Target:
    """Return a window of a unit of its own unless one is named."""
    latitude = 35_400_000 + 500_000 * (ord(district) - ord("a"))
    return Target(f"W{number:03}", unit or f"U{number:03}", latitude, 116_600_000, district, demand)


VISITORS = [visitor(i, "abcd"[i % 4]) for i in range(60)]
TARGETS = [target(i, "abcd"[i % 4], demand=5) for i in range(24)]
RECORD = assign(VISITORS, TARGETS, RULES, SEED)


def sent(record: AssignmentRecord, key: str) -> set[str]:
    """Return who goes to a target."""
    return {each.member for each in record.assigned if each.target == key}


def test_every_visit_is_given_to_somebody() -> None:
    assert len(RECORD.assigned) == RECORD.wanted == 120
    assert RECORD.unmet == ()
    assert check(RECORD, VISITORS, TARGETS) == ()


def test_the_load_is_fair() -> None:
    loads = Counter(each.member for each in RECORD.assigned)
    assert set(loads.values()) == {2}
    assert len(loads) == 60


def test_an_earlier_load_counts() -> None:
    burdened = [visitor(0, load=2), visitor(1), visitor(2)]
    record = assign(burdened, [target(0, demand=1), target(1, demand=1)], RULES, SEED)
    assert {each.member for each in record.assigned} == {"M001", "M002"}


def test_one_visit_in_five_comes_from_afar() -> None:
    assert RECORD.far * 5 >= RECORD.wanted
    home = {each.member: each.district for each in VISITORS}
    place = {each.key: each.district for each in TARGETS}
    for each in RECORD.assigned:
        assert (each.band == "far") == (home[each.member] != place[each.target])


def test_most_visits_come_from_near() -> None:
    visitors = [visitor(i, "abcd"[i % 4]) for i in range(400)]
    record = assign(visitors, TARGETS, RULES, SEED)
    assert record.far * 2 < record.wanted


def test_where_nobody_lives_far_away_the_visits_are_made_all_the_same() -> None:
    record = assign([visitor(i) for i in range(10)], [target(0, demand=5)], RULES, SEED)
    assert len(record.assigned) == 5
    assert record.far == 0


def test_nobody_goes_where_recusal_or_rotation_forbids() -> None:
    visitors = [
        visitor(0, recused=["U000"]),
        visitor(1, visited=["W000"]),
        visitor(2, visited=["U000"]),
        visitor(3, load=4),
        visitor(4),
    ]
    record = assign(visitors, [target(0, demand=3)], RULES, SEED)
    assert sent(record, "W000") == {"M004"}
    told = record.explained[0]
    assert (told.recused, told.rotation, told.full, told.eligible) == (1, 2, 1, 1)
    assert record.unmet == (Unmet("W000", 2, "too_few_eligible"),)


def test_demand_beyond_all_capacity_is_told() -> None:
    visitors = [visitor(i, cap=1) for i in range(4)]
    record = assign(visitors, [target(i, demand=2) for i in range(3)], RULES, SEED)
    assert len(record.assigned) == 4
    assert sum(each.missing for each in record.unmet) == 2
    assert {each.reason for each in record.unmet} == {"no_capacity"}


def test_nobody_visits_one_unit_twice() -> None:
    windows = [target(i, demand=2, unit="U") for i in range(3)]
    record = assign([visitor(i) for i in range(6)], windows, RULES, SEED)
    assert len(sent(record, "W000") | sent(record, "W001") | sent(record, "W002")) == 6
    twice = msgspec.structs.replace(RULES, per_unit=2)
    again = assign([visitor(i) for i in range(3)], windows, twice, SEED)
    assert len(again.assigned) == 6


def test_whoever_gets_nothing_is_told_why() -> None:
    visitors = [visitor(0, cap=0), visitor(1, recused=["U000"]), visitor(2), visitor(3)]
    record = assign(visitors, [target(0, demand=1)], RULES, SEED)
    reasons = {each.member: each.reason for each in record.underused}
    assert reasons["M000"] == "at_cap"
    assert reasons["M001"] == "excluded_everywhere"
    assert sorted(reasons.values()) == ["at_cap", "excluded_everywhere", "no_demand"]


def test_few_sampled_candidates_are_widened_before_a_visit_is_lost() -> None:
    # The candidates' own capacity is taken up by other places; only others can come.
    rules = AssignmentRules(candidates=1)
    visitors = [visitor(i, cap=1) for i in range(40)]
    record = assign(visitors, [target(i, demand=4) for i in range(10)], rules, SEED)
    assert record.unmet == ()
    assert len(record.assigned) == 40


def test_without_members_or_without_demand_nothing_is_assigned() -> None:
    nobody = assign([], [target(0)], RULES, SEED)
    assert nobody.unmet == (Unmet("W000", 2, "too_few_eligible"),)
    nothing = assign([visitor(0)], [], RULES, SEED)
    assert (nothing.assigned, nothing.wanted) == ((), 0)
    assert [each.reason for each in nothing.underused] == ["excluded_everywhere"]


def test_without_coordinates_the_district_says_what_is_far() -> None:
    visitors = [msgspec.structs.replace(each, latitude=None) for each in VISITORS]
    record = assign(visitors, TARGETS, RULES, SEED)
    home = {each.member: each.district for each in VISITORS}
    place = {each.key: each.district for each in TARGETS}
    assert record.far * 5 >= record.wanted
    assert all(
        (each.band == "far") == (home[each.member] != place[each.target])
        for each in record.assigned
    )
    windowless = msgspec.structs.replace(target(0), latitude=None, longitude=None)
    assert survey(VISITORS, [windowless], RULES).far.sum() == 45


def test_distances_are_those_on_the_ground() -> None:
    rathaus = Target("W", "U", 35_414_000, 116_587_000, "a", 1)
    qufu = Visitor("M", 35_581_000, 116_986_000, "b", 1)
    metres = int(survey([qufu], [rathaus], RULES).metres[0, 0])
    assert abs(metres - 40_570) < 200  # the great circle


def test_the_same_seed_assigns_alike_in_any_order_of_entry() -> None:
    assert assign(VISITORS[::-1], TARGETS[::-1], RULES, SEED) == RECORD
    assert verify(RECORD, VISITORS, TARGETS) == ()


def test_the_next_assignment_meets_other_people() -> None:
    visitors = [visitor(i, "abcd"[i % 4]) for i in range(300)]
    drawn = [
        {(each.member, each.target) for each in assign(visitors, TARGETS, RULES, seed).assigned}
        for seed in (SEED, SEED[::-1])
    ]
    assert len(drawn[0] & drawn[1]) <= len(drawn[0]) // 10


def test_the_record_survives_storage() -> None:
    stored = msgspec.json.decode(msgspec.json.encode(RECORD), type=AssignmentRecord)
    assert stored == RECORD
    assert verify(stored, VISITORS, TARGETS) == ()


def test_substitutes_were_candidates_and_stand_in_the_seeded_order() -> None:
    for told in RECORD.explained:
        assert len(told.substitutes) == 10
        assert not set(told.substitutes) & sent(RECORD, told.target)
        assert list(told.substitutes) == substitutes(told.target, told.substitutes, SEED)
        assert told.candidates >= 30
        assert told.far_candidates * 5 >= told.candidates


def test_a_substitute_who_leaves_moves_nobody() -> None:
    members = [f"M{i}" for i in range(20)]
    order = substitutes("W001", members, SEED)
    rest = substitutes("W001", [each for each in members if each != order[3]], SEED)
    assert rest == order[:3] + order[4:]
    assert order != substitutes("W002", members, SEED)


def test_the_commitment_changes_with_every_fact() -> None:
    changed = [msgspec.structs.replace(VISITORS[0], recused=frozenset({"U1"})), *VISITORS[1:]]
    assert input_hash(changed, TARGETS) != input_hash(VISITORS, TARGETS)
    assert input_hash(VISITORS[::-1], TARGETS[::-1]) == input_hash(VISITORS, TARGETS)


def forge(*assigned: Assigned) -> AssignmentRecord:
    """Return the record with other visits, all of them counted."""
    return msgspec.structs.replace(
        RECORD, assigned=assigned, far=sum(each.band == "far" for each in assigned)
    )


def test_a_forged_assignment_is_found_out() -> None:
    first, *rest = RECORD.assigned
    assert "repeat" in check(forge(first, first, *rest[1:]), VISITORS, TARGETS)
    assert check(forge(*rest), VISITORS, TARGETS) == ("demand",)
    stranger = msgspec.structs.replace(first, member="X")
    assert verify(forge(stranger, *rest), VISITORS, TARGETS) == ("unknown",)
    assert check(msgspec.structs.replace(RECORD, far=0), VISITORS, TARGETS) == ("far",)
    recused = [
        msgspec.structs.replace(each, recused=frozenset({"U000"}), visited=frozenset({"W001"}))
        for each in VISITORS
    ]
    assert check(RECORD, recused, TARGETS) == ("input", "recused", "rotation")
    full = [msgspec.structs.replace(each, cap=1) for each in VISITORS]
    assert check(RECORD, full, TARGETS) == ("input", "load")
    shared = [msgspec.structs.replace(each, unit="U") for each in TARGETS]
    assert check(RECORD, VISITORS, shared) == ("input", "unit")


def test_another_permitted_visitor_is_found_out_by_assigning_again() -> None:
    told = RECORD.explained[0]
    out = next(each for each in RECORD.assigned if each.target == told.target)
    home = {each.member: each.district for each in VISITORS}
    busy = Counter(each.member for each in RECORD.assigned)
    other = next(
        name for name in told.substitutes if home[name] == home[out.member] and busy[name] < 4
    )
    forged = forge(
        *(
            msgspec.structs.replace(each, member=other) if each == out else each
            for each in RECORD.assigned
        )
    )
    assert check(forged, VISITORS, TARGETS) == ()
    assert verify(forged, VISITORS, TARGETS) == ("assignment",)
    old = msgspec.structs.replace(forged, library="scipy 0.1")
    assert verify(old, VISITORS, TARGETS) == ("library",)


def worth(record: AssignmentRecord, problem: flow.Problem) -> float:
    """Count again what an assignment costs: arcs, fair load, near for far, visits nobody makes."""
    members = {each.member: i for i, each in enumerate(problem.visitors)}
    numbers = {each.key: i for i, each in enumerate(problem.targets)}
    arcs = [flow.Arc(members[each.member], numbers[each.target]) for each in record.assigned]
    loads = Counter(arc.member for arc in arcs)
    near = Counter(arc.target for arc in arcs if not problem.field.far[arc])
    begin = [each.load for each in problem.visitors]
    steps = sum(sum(range(begin[m] + 1, begin[m] + times + 1)) for m, times in loads.items())
    wanted = [
        t.demand - far for t, far in zip(problem.targets, flow._far_wanted(problem), strict=True)
    ]
    replaced = sum(max(0, near[number] - most) for number, most in enumerate(wanted))
    missing = sum(each.missing for each in record.unmet)
    return (
        sum(flow._prices(problem, arcs))
        + flow._STEP * steps
        + flow._NEAR_FOR_FAR * replaced
        + flow._NOBODY * missing
    )


@pytest.mark.parametrize("members", [40, 250])
def test_both_solvers_find_equally_good_assignments(members: int) -> None:
    import highspy  # the lottery's solver, which OR-tools can't share a process with

    assert highspy.__name__ in sys.modules
    visitors = [visitor(i, "abcd"[i % 4], load=i % 2) for i in range(members)]
    targets = [target(i, "abcd"[i % 4], demand=5, unit=f"U{i % 12}") for i in range(30)]
    problem = flow.Problem(visitors, targets, RULES, SEED, survey(visitors, targets, RULES))
    ours = assign(visitors, targets, RULES, SEED)
    other = assign(visitors, targets, RULES, SEED, solver=flow.ORTOOLS)
    assert (ours.library.split()[0], other.library.split()[0]) == ("scipy", "ortools")
    assert check(other, visitors, targets) == ()
    assert worth(other, problem) == pytest.approx(worth(ours, problem), rel=0.001)
    assert verify(other, visitors, targets) == ()


def test_large_assignments_take_the_network_solver_where_it_is_installed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    large = [target(0, demand=flow.LARGE)]
    assert (flow.solver_for(TARGETS), flow.solver_for(large)) == (flow.SCIPY, flow.ORTOOLS)
    monkeypatch.setattr(flow, "installed", lambda library: library != flow.ORTOOLS)
    assert flow.solver_for(large) == flow.SCIPY


def test_without_its_library_an_assignment_is_not_called_forged() -> None:
    strange = msgspec.structs.replace(RECORD, library="no_such_solver 1.0")
    assert verify(strange, VISITORS, TARGETS) == ("library",)


def test_nobody_and_no_place_stands_twice() -> None:
    with pytest.raises(ValueError, match="member"):
        assign([visitor(0), visitor(0)], TARGETS, RULES, SEED)
    with pytest.raises(ValueError, match="target"):
        assign(VISITORS, [target(0), target(0)], RULES, SEED)


@st.composite
def cities(pick: st.DrawFn) -> tuple[list[Visitor], list[Target]]:
    """Give small cities with every kind of exclusion."""
    units = st.sampled_from(["U0", "U1", "U2"])
    keys = st.sampled_from([f"W{i:03}" for i in range(5)])
    visitors = [
        visitor(
            i,
            pick(st.sampled_from("abc")),
            cap=pick(st.integers(0, 3)),
            load=pick(st.integers(0, 2)),
            recused=list(pick(st.frozensets(units, max_size=1))),
            visited=list(pick(st.frozensets(keys, max_size=2))),
        )
        for i in range(pick(st.integers(1, 9)))
    ]
    targets = [
        target(i, pick(st.sampled_from("abc")), pick(st.integers(0, 4)), pick(units))
        for i in range(pick(st.integers(1, 5)))
    ]
    return visitors, targets


@few
@given(cities(), st.integers())
def test_no_rule_is_ever_broken_and_every_gap_is_told(
    city: tuple[list[Visitor], list[Target]], number: int
) -> None:
    visitors, targets = city
    record = assign(visitors, targets, RULES, chance.digest(number))
    assert check(record, visitors, targets) == ()
    assert len(record.assigned) + sum(each.missing for each in record.unmet) == record.wanted
    for told in record.explained:
        assert told.recused + told.rotation + told.full + told.eligible == len(visitors)


@few
@given(cities(), st.integers())
def test_no_visit_is_lost_that_one_more_free_member_could_make(
    city: tuple[list[Visitor], list[Target]], number: int
) -> None:
    visitors, targets = city
    record = assign(visitors, targets, RULES, chance.digest(number))
    loads = Counter(each.member for each in record.assigned)
    units = {each.key: each.unit for each in targets}
    seen = {(each.member, units[each.target]) for each in record.assigned}
    for gap in record.unmet:
        for each in visitors:
            free = each.load + loads[each.member] < each.cap
            away = {gap.target, units[gap.target]} & each.visited
            barred = units[gap.target] in each.recused or away
            assert not free or barred or (each.member, units[gap.target]) in seen


@few
@given(cities(), st.integers())
def test_whoever_could_take_a_load_off_another_does(
    city: tuple[list[Visitor], list[Target]], number: int
) -> None:
    visitors, targets = city
    record = assign(visitors, targets, RULES, chance.digest(number))
    loads = Counter(each.member for each in record.assigned)
    total = {each.member: each.load + loads[each.member] for each in visitors}
    # Among members without exclusions in one district nobody carries two more than another
    # whose cap still allows it, unless the unit was theirs already.
    units = {each.key: each.unit for each in targets}
    seen = {(each.member, units[each.target]) for each in record.assigned}
    for each in record.assigned:
        giver = next(v for v in visitors if v.member == each.member)
        for taker in visitors:
            if taker.district != giver.district or taker.recused or taker.visited:
                continue
            free = total[taker.member] < taker.cap
            lighter = total[taker.member] + 1 < total[giver.member]
            unseen = (taker.member, units[each.target]) not in seen
            assert not (free and lighter and unseen)


def test_nearer_members_are_sampled_more_often() -> None:
    visitors = [
        Visitor(f"M{i:03}", 35_400_000 + 2_000 * i, 116_600_000, "a", 4) for i in range(300)
    ]
    counts = [0, 0, 0]
    for number in range(40):
        rules = AssignmentRules(candidates=20, far_metres=100_000, substitutes=50)
        told = assign(visitors, [target(0, demand=1)], rules, chance.digest(number)).explained[0]
        for name in told.substitutes:
            counts[int(name[1:]) // 100] += 1
    assert all(nearer > further for nearer, further in pairwise(counts))
