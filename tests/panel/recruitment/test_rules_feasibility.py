"""Whether the quotas can be met: told by name, with the smallest relaxation, quickly."""

from itertools import combinations

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from panel.recruitment.rules.feasibility import feasibility
from panel.recruitment.types.lottery import (
    DrawPlan,
    GroupQuota,
    PoolEntry,
    Quota,
    Relaxation,
)

few = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def person(number: int, home: str | None = None, **features: str) -> PoolEntry:
    """Return an applicant with these features."""
    return PoolEntry(f"T{number:03}", tuple(features.items()), home)


def crowd(*parts: tuple[int, str, str]) -> list[PoolEntry]:
    """Return applicants by number, category and sex."""
    rows = [(kind, sex) for count, kind, sex in parts for _ in range(count)]
    return [person(i, kind=kind, sex=sex) for i, (kind, sex) in enumerate(rows)]


CITY = crowd(
    (20, "enterprise", "f"), (20, "resident", "m"), (15, "official", "m"), (15, "official", "f")
)
EIGHTY = GroupQuota("citizens", "kind", ("enterprise", "resident"), 16)


def test_the_smallest_relaxation_is_told() -> None:
    pool = crowd((12, "enterprise", "f"), (30, "resident", "m"))
    found = feasibility(pool, DrawPlan(20, 0, (Quota("sex", "f", 14, 20),)))
    assert not found.possible
    assert found.impossible == ()
    assert found.relaxations == (Relaxation("sex:f", "minimum", 14, 12),)
    assert (found.available[0].applicants, found.available[0].reachable) == (12, 12)


def test_raising_a_maximum_is_cheaper_than_lowering_minimums() -> None:
    pool = crowd((10, "enterprise", "f"), (30, "resident", "m"))
    quotas = (Quota("sex", "f", 8, 20), Quota("sex", "m", 0, 10))
    found = feasibility(pool, DrawPlan(22, 0, quotas))
    assert found.relaxations == (Relaxation("sex:m", "maximum", 10, 12),)


def test_a_hard_group_is_named_but_never_relaxed() -> None:
    pool = crowd((10, "enterprise", "f"), (60, "official", "m"))
    group = GroupQuota("citizens", "kind", ("enterprise", "resident"), 16)
    found = feasibility(pool, DrawPlan(20, 0, (Quota("sex", "f", 0, 20),), (group,)))
    assert not found.possible
    assert found.impossible == ("citizens",)
    assert found.relaxations == ()


def test_a_hard_group_makes_a_soft_quota_give_way() -> None:
    plan = DrawPlan(20, 0, (Quota("kind", "official", 6, 10),), (EIGHTY,))
    found = feasibility(CITY, plan)
    assert found.relaxations == (Relaxation("kind:official", "minimum", 6, 4),)


def test_a_minimum_above_its_maximum_is_a_quota_that_cannot_be_met() -> None:
    found = feasibility(CITY, DrawPlan(20, 0, (Quota("sex", "f", 12, 10),)))
    assert found.relaxations == (Relaxation("sex:f", "maximum", 10, 12),)
    hard = feasibility(CITY, DrawPlan(20, 0, (Quota("sex", "f", 12, 10, hard=True),)))
    assert hard.impossible == ("sex:f",)


def test_too_few_applicants_are_too_few_seats_filled() -> None:
    found = feasibility(CITY[:5], DrawPlan(20, 0))
    assert found.impossible == ("seats",)
    assert (found.applicants, found.reachable) == (5, 5)


def test_shared_addresses_count_once() -> None:
    pool = [person(i, f"home {i // 2}", sex="f") for i in range(10)]
    found = feasibility(pool, DrawPlan(6, 0, (Quota("sex", "f", 0, 10),)))
    assert found.impossible == ("seats",)
    assert (found.reachable, found.available[0].applicants) == (5, 10)
    assert found.available[0].reachable == 5


def test_who_can_never_be_chosen_is_named_beforehand() -> None:
    pool = crowd((10, "enterprise", "f"), (3, "official", "m"), (10, "resident", "m"))
    plan = DrawPlan(8, 0, (Quota("kind", "official", 0, 0), Quota("sex", "f", 2, 6)))
    found = feasibility(pool, plan)
    assert found.possible
    assert found.never == ("T010", "T011", "T012")


entries = st.lists(
    st.tuples(st.sampled_from("ab"), st.sampled_from("xy"), st.sampled_from("123456789")),
    min_size=1,
    max_size=8,
)


@st.composite
def quotas(pick: st.DrawFn, feature: str, value: str) -> Quota:
    """Give quotas, impossible ones too, but none whose minimum lies above its maximum."""
    low, high = sorted((pick(st.integers(0, 4)), pick(st.integers(0, 4))))
    return Quota(feature, value, low, high, hard=pick(st.booleans()))


@st.composite
def cases(pick: st.DrawFn) -> tuple[list[PoolEntry], DrawPlan]:
    """Give pools that are small enough to try every panel."""
    rows = pick(entries)
    pool = [person(i, home, kind=kind, sex=sex) for i, (kind, sex, home) in enumerate(rows)]
    group = GroupQuota("group", "kind", ("a",), pick(st.integers(0, 3)))
    return pool, DrawPlan(
        pick(st.integers(1, 4)), 2, (pick(quotas("kind", "a")), pick(quotas("sex", "x"))), (group,)
    )


def permitted(panel: tuple[PoolEntry, ...], plan: DrawPlan) -> bool:
    """Tell by counting whether a panel keeps the addresses and the hard rows."""
    homes = {entry.household for entry in panel}
    group = sum(dict(entry.features)["kind"] == "a" for entry in panel)
    hard = [quota for quota in plan.quotas if quota.hard]
    return (
        len(homes) == len(panel)
        and group >= plan.groups[0].minimum
        and all(quota.minimum <= held(panel, quota) <= quota.maximum for quota in hard)
    )


def held(panel: tuple[PoolEntry, ...], quota: Quota) -> int:
    """Count those of a panel whom a quota means."""
    return sum(dict(entry.features)[quota.feature] == quota.value for entry in panel)


def price(panel: tuple[PoolEntry, ...], plan: DrawPlan) -> int:
    """Return what the soft quotas would have to give for this panel."""
    total = 0
    for quota in (each for each in plan.quotas if not each.hard):
        count = held(panel, quota)
        total += 1000 * max(0, count - quota.maximum)
        if count < quota.minimum:
            unit = (2000 * (quota.minimum + 2) + quota.minimum) // (2 * quota.minimum)
            total += unit * (quota.minimum - count)
    return total


@few
@given(cases())
def test_feasibility_agrees_with_trying_every_panel(
    case: tuple[list[PoolEntry], DrawPlan],
) -> None:
    pool, plan = case
    found = feasibility(pool, plan)
    panels = [each for each in combinations(pool, plan.seats) if permitted(each, plan)]
    prices = {panel: price(panel, plan) for panel in panels}
    assert bool(found.impossible) == (not panels)
    if panels:
        by_name = {quota.name: quota for quota in plan.quotas}
        told = sum(
            1000 * (step.after - step.before)
            if step.bound == "maximum"
            else (2000 * (step.before + 2) + step.before)
            // (2 * step.before)
            * (step.before - step.after)
            for step in found.relaxations
        )
        assert told == min(prices.values())
        assert not any(by_name[step.name].hard for step in found.relaxations)
    free = {entry for panel in panels if prices[panel] == 0 for entry in panel}
    assert found.possible == bool(free)
    if found.possible:
        assert set(found.never) <= {entry.ticket for entry in pool if entry not in free}


def test_whole_people_decide_where_fractions_would_do() -> None:
    # Half of everybody has one of a, of b and of c; no two people do.
    pool = [
        person(number, **{name: str(int(name in has)) for name in "abc"})
        for number, has in enumerate(("a", "b", "c", "abc"))
    ]
    soft = DrawPlan(2, 0, tuple(Quota(name, "1", 1, 1) for name in "abc"))
    found = feasibility(pool, soft)
    assert not found.possible
    assert [(each.bound, each.before, each.after) for each in found.relaxations] == [
        ("maximum", 1, 2)
    ]
    firm = DrawPlan(2, 0, tuple(Quota(name, "1", 1, 1, hard=True) for name in "abc"))
    refused = feasibility(pool, firm)
    assert refused.relaxations == ()
    assert set(refused.impossible) & {"a:1", "b:1", "c:1", "seats"}


def test_a_quota_named_like_an_address_bends_alone() -> None:
    pool = [person(i, "sex:f", sex="f") for i in range(3)]
    pool += [person(3 + i, f"home {i}", sex="m") for i in range(5)]
    found = feasibility(pool, DrawPlan(4, 0, (Quota("sex", "f", 2, 3),)))
    assert found.relaxations == (Relaxation("sex:f", "minimum", 2, 1),)
