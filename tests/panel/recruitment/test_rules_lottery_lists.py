"""The lottery's chances and lists beside enumeration: leximin, quotas kept, equal people equal."""

from collections import Counter
from collections.abc import Iterable, Sequence
from fractions import Fraction
from itertools import combinations

import msgspec
import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from panel import chance
from panel.errors import Conflict
from panel.recruitment.rules import lottery
from panel.recruitment.rules.feasibility import feasibility
from panel.recruitment.rules.lottery import dealing, hull, leximin, rounding
from panel.recruitment.rules.lottery.frame import frame
from panel.recruitment.rules.lottery.preparation import _all_rows
from panel.recruitment.types.lottery import (
    Book,
    DrawPlan,
    GroupQuota,
    PoolEntry,
    Preparation,
    Quota,
    Sheaf,
)

SEED = chance.digest("a committed code")
few = settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def person(number: int, home: str | None = None, **features: str) -> PoolEntry:
    """Return an applicant with these features."""
    return PoolEntry(f"T{number:03}", tuple(features.items()), home)


def crowd(*parts: tuple[int, str, str]) -> list[PoolEntry]:
    """Return applicants by number, category and sex."""
    rows = [(kind, sex) for count, kind, sex in parts for _ in range(count)]
    return [person(i, category=kind, sex=sex) for i, (kind, sex) in enumerate(rows)]


def keeps(panel: Iterable[PoolEntry], plan: DrawPlan) -> bool:
    """Tell by counting whether people are a permitted panel."""
    people = list(panel)
    homes = [each.household for each in people if each.household is not None]
    if len(people) != plan.seats or len(set(homes)) != len(homes):
        return False
    counts = Counter(feature for each in people for feature in each.features)
    return all(q.minimum <= counts[q.feature, q.value] <= q.maximum for q in plan.quotas) and all(
        sum(counts[g.feature, value] for value in g.values) >= g.minimum for g in plan.groups
    )


def exact(pool: Sequence[PoolEntry], plan: DrawPlan) -> dict[str, Fraction] | None:
    """Return the leximin chances over every permitted panel, found by trying them all.

    At each level the greatest z is a vertex of a small programme over explicit panels; its value
    becomes the nearest fraction with a small denominator, and who can rise above it is asked one
    by one.
    """
    panels = [each for each in combinations(pool, plan.seats) if keeps(each, plan)]
    if not panels:
        return None
    tickets = [entry.ticket for entry in pool]
    table = np.array([[entry in panel for panel in panels] for entry in pool], dtype=float)
    known: dict[int, Fraction] = {}
    while len(known) < len(tickets):
        free = [i for i in range(len(tickets)) if i not in known]
        level = _best(table, known, free, None)
        for i in free:
            if _best(table, known | dict.fromkeys(free, level), [], i) <= level:
                known[i] = level
    return {tickets[i]: level for i, level in known.items()}


def _best(
    table: np.ndarray, known: dict[int, Fraction], free: Sequence[int], one: int | None
) -> Fraction:
    """Return the greatest common chance of the free, or the greatest chance of one person."""
    people, panels = table.shape
    rows, bounds = [], []
    for i in range(people):
        if i in known or i in free:
            rows.append([*-table[i], 1.0 if i in free else 0.0])
            bounds.append(-float(known[i]) + 1e-10 if i in known else 0.0)
    cost = np.zeros(panels + 1)
    if one is None:
        cost[-1] = -1
    else:
        cost[:-1] = -table[one]
    found = linprog(
        cost, A_ub=np.array(rows), b_ub=bounds,
        A_eq=np.array([[1.0] * panels + [0.0]]), b_eq=[1.0], bounds=(0, 1),
    )  # fmt: skip
    assert found.status == 0
    return Fraction(-found.fun).limit_denominator(2000)


def lists_of(
    pool: Sequence[PoolEntry], plan: DrawPlan, lists: int, seed: str = SEED
) -> tuple[Preparation, Book]:
    """Make a whole book."""
    prepared = lottery.prepare(pool, plan, seed, lists)
    sheaf = lottery.extend(pool, prepared, (), lists)
    return prepared, lottery.deal(pool, prepared, (sheaf,), seed)


def shares(pool: Sequence[PoolEntry], plan: DrawPlan) -> dict[str, float]:
    """Return each ticket's chance in a thousand lists as it is dealt on average."""
    prepared = lottery.prepare(pool, plan, SEED)
    return {each.ticket: each.seats / 1e6 for each in lottery.chances(pool, prepared)}


@st.composite
def cases(pick: st.DrawFn, homes: str = "123456789") -> tuple[list[PoolEntry], DrawPlan]:
    """Give pools that are small enough to try every panel."""
    rows = pick(
        st.lists(
            st.tuples(st.sampled_from("abc"), st.sampled_from("xy"), st.sampled_from(homes)),
            min_size=3,
            max_size=8,
        )
    )
    pool = [person(i, home, kind=kind, sex=sex) for i, (kind, sex, home) in enumerate(rows)]

    def quota(feature: str, value: str) -> Quota:
        low, high = sorted((pick(st.integers(0, 3)), pick(st.integers(1, 5))))
        return Quota(feature, value, low, high)

    return pool, DrawPlan(
        pick(st.integers(1, 4)),
        pick(st.integers(0, 2)),
        (quota("kind", "a"), quota("sex", "x"), quota("kind", "b")),
        (GroupQuota("group", "kind", ("a", "b"), pick(st.integers(0, 2))),),
    )


@few
@given(cases())
def test_chances_are_the_leximin_of_all_panels(case: tuple[list[PoolEntry], DrawPlan]) -> None:
    pool, plan = case
    expected = exact(pool, plan)
    if expected is None:
        with pytest.raises(Conflict, match="quotas_impossible"):
            lottery.prepare(pool, plan, SEED)
        return
    found = hull.mixture(frame(pool, plan))
    assert found is not None
    own = frame(pool, plan)
    for share, tickets in zip(found[0], own.tickets, strict=True):
        for ticket in tickets:
            assert abs(share - float(expected[ticket])) < 1e-6
    for ticket, share in shares(pool, plan).items():
        assert abs(share - float(expected[ticket])) <= 0.0011


@few
@given(cases("123"))
def test_the_programme_over_types_promises_no_less_than_panels_can_do(
    case: tuple[list[PoolEntry], DrawPlan],
) -> None:
    pool, plan = case
    own = frame(pool, plan)
    found = hull.mixture(own)
    assume(found is not None)
    assert found is not None
    rows, lower, upper = _all_rows(own)
    sizes = own.sizes.astype(np.float64)
    fractions = leximin.levels(rows, lower, upper, sizes, plan.seats)
    assert fractions is not None
    assert min(fractions) >= min(found[0]) - 1e-7


def test_fractions_agree_with_panels_where_people_are_many() -> None:
    pool = crowd((30, "enterprise", "f"), (25, "resident", "m"), (20, "official", "m"))
    group = GroupQuota("g", "category", ("enterprise", "resident"), 17)
    plan = DrawPlan(20, 0, (Quota("sex", "f", 9, 11),), (group,))
    own = frame(pool, plan)
    rows, lower, upper = _all_rows(own)
    fractions = leximin.levels(rows, lower, upper, own.sizes.astype(np.float64), 20)
    assert fractions is not None
    # At most 3 of 20 officials: 3/20; the other 17 places are even over 55 people.
    named = {own.tickets[i][0]: share for i, share in enumerate(fractions)}
    assert named == pytest.approx({"T000": 17 / 55, "T030": 17 / 55, "T055": 3 / 20})


@pytest.mark.parametrize("few_types", [0, 40])
def test_whole_people_may_be_impossible_where_fractions_are_not(
    few_types: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Half of everybody has one of a, of b and of c; no two people do.
    monkeypatch.setattr(hull, "FEW", few_types)
    pool = [
        person(number, **{name: str(int(name in has)) for name in "abc"})
        for number, has in enumerate(("a", "b", "c", "abc"))
    ]
    plan = DrawPlan(2, 0, tuple(Quota(name, "1", 1, 1) for name in "abc"))
    own = frame(pool, plan)
    rows, lower, upper = _all_rows(own)
    fractions = leximin.levels(rows, lower, upper, own.sizes.astype(np.float64), 2)
    assert fractions is not None
    assert fractions == pytest.approx(np.full(4, 0.5))
    with pytest.raises(Conflict, match="quotas_impossible") as refusal:
        lottery.prepare(pool, plan, SEED)
    found = feasibility(pool, plan)
    assert not found.possible
    # One bound by one step is enough: a maximum, which is cheapest.
    assert [(each.bound, each.after) for each in found.relaxations] == [("maximum", 2)]
    assert refusal.value.values["quotas"] == tuple(each.name for each in found.relaxations)


CITY = crowd(
    (20, "enterprise", "f"), (20, "resident", "m"), (15, "official", "m"), (15, "official", "f")
)
EIGHTY = GroupQuota("citizens", "category", ("enterprise", "resident"), 16)
PLAN = DrawPlan(
    20, 4, (Quota("sex", "f", 9, 11), Quota("category", "enterprise", 6, 10)), (EIGHTY,)
)


def town(count: int) -> list[PoolEntry]:
    """Invent a pool of many types, some at one address."""
    stream = chance.Stream(SEED, f"town {count}")
    return [
        PoolEntry(
            f"T{i:03}",
            (
                ("category", ("enterprise", "resident", "resident", "official")[stream.below(4)]),
                ("sex", "fm"[stream.below(2)]),
                ("district", "abcde"[stream.below(5)]),
                ("age", "1223"[stream.below(4)]),
            ),
            f"home {stream.below(4 * count)}",
        )
        for i in range(count)
    ]


TOWN = town(220)
TOWN_PLAN = DrawPlan(
    40,
    8,
    (
        Quota("sex", "f", 18, 22),
        *(Quota("district", each, 6, 10) for each in "abcde"),
        Quota("age", "1", 8, 12),
        Quota("age", "3", 8, 13),
        Quota("category", "enterprise", 10, 16),
    ),
    (GroupQuota("citizens", "category", ("enterprise", "resident"), 32),),
)


def counts_of(book: Book) -> tuple[Counter[str], Counter[str]]:
    """Count on how many lists each ticket stands: in a seat, in reserve."""
    return (
        Counter(ticket for each in book.lists for ticket in each),
        Counter(ticket for each in book.reserves for ticket in each),
    )


@pytest.mark.parametrize(("pool", "plan"), [(CITY, PLAN), (TOWN, TOWN_PLAN)])
def test_every_list_keeps_every_quota_and_address(pool: list[PoolEntry], plan: DrawPlan) -> None:
    people = {entry.ticket: entry for entry in pool}
    prepared, book = lists_of(pool, plan, 60)
    group = plan.groups[0]
    for seats, spare in zip(book.lists, book.reserves, strict=True):
        assert keeps((people[ticket] for ticket in seats), plan)
        drawn = [people[ticket] for ticket in (*seats, *spare)]
        homes = Counter(each.household for each in drawn if each.household)
        assert max(homes.values(), default=0) <= 1
        assert len(set(seats) | set(spare)) == plan.seats + plan.reserves
        held = sum(dict(people[ticket].features)["category"] in group.values for ticket in spare)
        assert held * plan.seats >= group.minimum * len(spare)
    seats_of, spare_of = counts_of(book)
    assert min(seats_of[ticket] for ticket in people) >= prepared.bound / 1e6 * 60 - 1
    assert prepared.least <= prepared.bound
    alike: dict[object, list[str]] = {}
    crowded = Counter(entry.household for entry in pool if entry.household)
    for entry in pool:
        home = entry.household if crowded[entry.household or ""] > 1 else None
        alike.setdefault((entry.features, home), []).append(entry.ticket)
    for tickets in alike.values():
        for counter in (seats_of, spare_of):
            numbers = [counter[ticket] for ticket in tickets]
            assert max(numbers) - min(numbers) <= 1


@pytest.mark.parametrize("free", [3000, 100])
def test_the_lists_give_everybody_the_leximin_chance(
    free: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    # In large pools most types are taken as the costs round them: here so too, planted.
    monkeypatch.setattr(rounding, "_WIDE", free)
    monkeypatch.setattr(rounding, "_FREE", free)
    _, book = lists_of(TOWN, TOWN_PLAN, 60)
    own = frame(TOWN, TOWN_PLAN)
    rows, lower, upper = _all_rows(own)
    fractions = leximin.levels(rows, lower, upper, own.sizes.astype(np.float64), 40)
    assert fractions is not None
    seats_of, _ = counts_of(book)
    for share, tickets in zip(fractions, own.tickets, strict=True):
        for ticket in tickets:
            assert -1.001 <= seats_of[ticket] - share * 60 <= 2.001


def test_work_that_was_stopped_goes_on_as_if_it_had_not_been() -> None:
    prepared = lottery.prepare(TOWN, TOWN_PLAN, SEED, 40)
    whole = lottery.extend(TOWN, prepared, (), 40)
    stored = msgspec.json.encode(prepared)
    sheaves: list[Sheaf] = []
    for count in (7, 1, 20, 60):
        again = msgspec.json.decode(stored, type=Preparation)
        made = msgspec.json.encode(lottery.extend(TOWN[::-1], again, sheaves, count))
        sheaves.append(msgspec.json.decode(made, type=Sheaf))
    assert sum((each.panels for each in sheaves), ()) == whole.panels
    assert sum((each.reserves for each in sheaves), ()) == whole.reserves
    assert lottery.made(sheaves) == 40
    assert lottery.extend(TOWN, prepared, sheaves, 5).panels == ()
    assert lottery.deal(TOWN, prepared, sheaves, SEED) == lottery.deal(
        TOWN[::-1], prepared, (whole,), SEED
    )


def test_another_pool_or_solver_or_a_gap_is_refused() -> None:
    prepared = lottery.prepare(CITY, PLAN, SEED, 20)
    with pytest.raises(Conflict, match=r"lottery\.pool_changed"):
        lottery.extend(CITY[1:], prepared, (), 1)
    with pytest.raises(Conflict, match=r"lottery\.library_changed"):
        lottery.extend(CITY, msgspec.structs.replace(prepared, library="highspy 0"), (), 1)
    sheaf = lottery.extend(CITY, prepared, (), 2)
    with pytest.raises(Conflict, match=r"lottery\.sheaves_broken"):
        lottery.extend(CITY, prepared, (sheaf, sheaf), 1)


def test_a_list_that_breaks_a_rule_is_never_given_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hull, "FEW", 0)
    prepared = lottery.prepare(CITY, PLAN, SEED, 20)
    # A planted fault: a solver that always takes everybody of the first type.
    monkeypatch.setattr(
        "panel.recruitment.rules.lottery.rounding.Rounder.near",
        lambda *_: np.array([20, 0, 0, 0, 0, 0, 0, 0]),
    )
    with pytest.raises(AssertionError, match="breaks its own rules"):
        lottery.extend(CITY, prepared, (), 1)


def test_who_can_never_or_will_always_be_chosen_is_named() -> None:
    pool = crowd((10, "enterprise", "f"), (3, "official", "m"), (10, "resident", "m"))
    pool.append(person(99, category="resident", sex="x"))
    plan = DrawPlan(
        8,
        2,
        (Quota("category", "official", 0, 0), Quota("sex", "f", 2, 6), Quota("sex", "x", 1, 8)),
    )
    prepared, book = lists_of(pool, plan, 50)
    assert prepared.never == ("T010", "T011", "T012")
    assert prepared.always == ("T099",)
    told = {each.ticket: each for each in lottery.chances(pool, prepared)}
    assert (told["T010"].seats, told["T010"].reserve) == (0, 0)
    assert (told["T099"].seats, told["T099"].reserve) == (1_000_000, 0)
    assert told.keys() == {entry.ticket for entry in pool}
    seats_of, spare_of = counts_of(book)
    assert seats_of["T099"] == 50
    assert not {"T010", "T011", "T012"} & (seats_of.keys() | spare_of.keys())


@pytest.mark.parametrize("few_types", [0, 40])
def test_who_cannot_be_chosen_changes_nothing_for_the_others(
    few_types: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hull, "FEW", few_types)
    pool = crowd((10, "enterprise", "f"), (3, "official", "m"), (10, "resident", "m"))
    # One of the impossible shares an address with somebody possible.
    pool[10] = msgspec.structs.replace(pool[10], household="home")
    pool[0] = msgspec.structs.replace(pool[0], household="home")
    plan = DrawPlan(8, 2, (Quota("category", "official", 0, 0), Quota("sex", "f", 2, 6)))
    possible = [entry for entry in pool if dict(entry.features)["category"] != "official"]
    with_them, book = lists_of(pool, plan, 30)
    without, same = lists_of(possible, plan, 30)
    assert book == same
    assert msgspec.structs.replace(with_them, never=()) == without


def test_the_order_of_applications_changes_nothing_and_names_only_names() -> None:
    assert lists_of(CITY, PLAN, 30) == lists_of(CITY[::-1], PLAN, 30)
    # Equal people swap their tickets: the types' places stay as they were.
    swapped = [
        msgspec.structs.replace(entry, ticket=f"T{(int(entry.ticket[1:]) + 35) % 70:03}")
        for entry in CITY
    ]
    one, other = lottery.prepare(CITY, PLAN, SEED, 30), lottery.prepare(swapped, PLAN, SEED, 30)
    assert (one.panel, one.reserve, one.explicit) == (other.panel, other.reserve, other.explicit)
    assert lottery.extend(CITY, one, (), 30).panels == lottery.extend(swapped, other, (), 30).panels


def test_another_seed_makes_other_lists() -> None:
    assert lists_of(CITY, PLAN, 10)[1] != lists_of(CITY, PLAN, 10, chance.digest("other"))[1]


def test_there_are_fewer_reserves_rather_than_too_many_officials() -> None:
    pool = crowd((18, "enterprise", "f"), (40, "official", "m"))
    plan = DrawPlan(20, 10, (), (GroupQuota("citizens", "category", ("enterprise",), 16),))
    _, book = lists_of(pool, plan, 20)
    for spare in book.reserves:
        assert len(spare) <= 2
        assert sum(int(ticket[1:]) < 18 for ticket in spare) * 20 >= 16 * len(spare)


@few
@given(
    st.integers(1, 6),
    st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), min_size=1, max_size=40),
)
def test_equal_people_share_evenly(people: int, wanted: list[tuple[int, int]]) -> None:
    places = [
        (where, min(seats, people), min(spare, people - min(seats, people)))
        for where, (seats, spare) in enumerate(wanted)
    ]
    hands = dealing.hands(people, places)
    for what, part in ((1, 1), (2, 2)):
        numbers = [sum(each == what for each in hand.values()) for hand in hands]
        assert max(numbers) - min(numbers) <= 1
        for place in places:
            assert sum(hand.get(place[0]) == what for hand in hands) == place[part]


@pytest.mark.parametrize("few_types", [0, 40])
@few
@given(case=cases(), number=st.integers(0, 99))
def test_lists_of_any_small_pool_are_permitted_panels(
    few_types: int, case: tuple[list[PoolEntry], DrawPlan], number: int
) -> None:
    pool, plan = case
    people = {entry.ticket: entry for entry in pool}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(hull, "FEW", few_types)
        try:
            prepared, book = lists_of(pool, plan, 12, chance.digest(number))
        except Conflict:
            assert not any(keeps(each, plan) for each in combinations(pool, plan.seats))
            return
    assert len(book.lists) == prepared.lists == 12
    for seats, spare in zip(book.lists, book.reserves, strict=True):
        assert keeps((people[ticket] for ticket in seats), plan)
        assert not set(seats) & set(spare)
        assert len(spare) <= plan.reserves


def test_a_pool_without_people_has_no_panel() -> None:
    with pytest.raises(Conflict) as refusal:
        lottery.prepare([], DrawPlan(1, 0), SEED)
    assert refusal.value.values["quotas"] == ("seats",)


def test_nobody_applies_twice() -> None:
    with pytest.raises(ValueError, match="twice"):
        lottery.prepare([person(1), person(1)], DrawPlan(1, 0), SEED)
