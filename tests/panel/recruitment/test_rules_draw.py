"""The draw of the panel: quotas kept, the impossible explained, everything recomputable."""

from collections import Counter
from collections.abc import Iterable
from itertools import combinations, product

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from panel import chance
from panel.errors import Conflict
from panel.recruitment.rules.draw import check, draw, leaf, pool_leaves, pool_root, verify
from panel.recruitment.rules.feasibility import feasibility
from panel.recruitment.types.lottery import (
    DrawPlan,
    DrawRecord,
    GroupQuota,
    PoolEntry,
    Quota,
    Relaxation,
)

SEED = chance.digest("a committed code")
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
PLAN = DrawPlan(20, 6, (Quota("sex", "f", 9, 11), Quota("kind", "enterprise", 6, 10)), (EIGHTY,))


def carriers(pool: Iterable[PoolEntry], tickets: Iterable[str], feature: str, *values: str) -> int:
    """Count those among the tickets that carry one of the values."""
    of = {entry.ticket: dict(entry.features).get(feature) for entry in pool}
    return sum(of[ticket] in values for ticket in tickets)


@pytest.mark.parametrize("number", range(8))
def test_every_quota_is_kept(number: int) -> None:
    record = draw(CITY, PLAN, chance.digest(number))
    assert len(set(record.chosen)) == 20
    assert 9 <= carriers(CITY, record.chosen, "sex", "f") <= 11
    assert 6 <= carriers(CITY, record.chosen, "kind", "enterprise") <= 10
    assert carriers(CITY, record.chosen, "kind", "enterprise", "resident") >= 16
    assert check(record, CITY) == ()


def test_reserves_are_others_and_keep_the_group_in_proportion() -> None:
    record = draw(CITY, PLAN, SEED)
    assert len(record.reserves) == 6
    assert not set(record.reserves) & set(record.chosen)
    assert carriers(CITY, record.reserves, "kind", "enterprise", "resident") >= 5


def test_there_are_fewer_reserves_rather_than_too_many_officials() -> None:
    pool = crowd((18, "enterprise", "f"), (40, "official", "m"))
    plan = DrawPlan(20, 10, (), (GroupQuota("citizens", "kind", ("enterprise",), 16),))
    record = draw(pool, plan, SEED)
    held = carriers(pool, record.reserves, "kind", "enterprise")
    assert held * 20 >= 16 * len(record.reserves)
    assert len(record.reserves) <= 2


def test_no_reserves_are_wanted() -> None:
    assert draw(CITY, DrawPlan(20, 0), SEED).reserves == ()


def test_the_same_seed_draws_the_same_people_in_any_order_of_entry() -> None:
    record = draw(CITY, PLAN, SEED)
    assert draw(CITY[::-1], PLAN, SEED) == record
    assert verify(record, CITY) == ()


def test_another_seed_draws_other_people() -> None:
    assert draw(CITY, PLAN, SEED).chosen != draw(CITY, PLAN, SEED[::-1]).chosen


def test_the_record_survives_storage() -> None:
    record = draw(CITY, PLAN, SEED)
    assert msgspec.json.decode(msgspec.json.encode(record), type=DrawRecord) == record


def test_the_record_says_how_it_was_made() -> None:
    record = draw(CITY, PLAN, SEED)
    assert record.library.startswith("scipy ")
    assert record.pool_root == pool_root(CITY)
    assert record.applicants == 70
    counts = {total.name: (total.applicants, total.chosen) for total in record.totals}
    assert counts["citizens"][0] == 40
    assert counts["sex:f"] == (35, carriers(CITY, record.chosen, "sex", "f"))


def test_an_applicant_can_prove_to_be_in_the_pool() -> None:
    leaves = pool_leaves(CITY)
    place = leaves.index(leaf(CITY[7]))
    path = chance.inclusion(leaves, place)
    assert chance.includes(pool_root(CITY), leaf(CITY[7]), place, len(CITY), path)


def test_only_one_of_those_who_share_an_address_is_drawn() -> None:
    pool = [person(i, f"home {i // 3}") for i in range(30)]
    record = draw(pool, DrawPlan(8, 5), SEED)
    homes = [int(ticket[1:]) // 3 for ticket in (*record.chosen, *record.reserves)]
    assert len(homes) == len(set(homes)) == 10  # 8 seats leave 2 addresses for reserves


def test_nobody_applies_twice() -> None:
    with pytest.raises(ValueError, match="twice"):
        draw([person(1), person(1)], DrawPlan(1, 0), SEED)


def test_without_quotas_every_group_of_people_is_as_likely() -> None:
    pool = [person(i) for i in range(5)]
    counts = Counter(draw(pool, DrawPlan(2, 0), chance.digest(i)).chosen for i in range(300))
    assert len(counts) == 10
    assert sum((count - 30) ** 2 / 30 for count in counts.values()) < 27.9  # chi², p = 0.001


def test_equal_people_have_equal_chances() -> None:
    pool = crowd((6, "enterprise", "f"), (6, "official", "m"))
    plan = DrawPlan(4, 0, (Quota("kind", "enterprise", 3, 3),))
    counts: Counter[str] = Counter()
    for i in range(200):
        counts.update(draw(pool, plan, chance.digest(i)).chosen)
    assert sum((counts[f"T{i:03}"] - 100) ** 2 / 50 for i in range(6)) < 20.5
    assert sum(counts[f"T{i:03}"] for i in range(6)) == 600


def tamper(record: DrawRecord, **changes: object) -> DrawRecord:
    """Return a forged record."""
    return msgspec.structs.replace(record, **changes)


def test_a_forged_record_is_found_out() -> None:
    record = draw(CITY, PLAN, SEED)
    outsider = next(
        entry.ticket
        for entry in CITY
        if entry.ticket not in {*record.chosen, *record.reserves}
        and dict(entry.features)
        == dict(next(e.features for e in CITY if e.ticket == record.chosen[0]))
    )
    swapped = tuple(sorted((*record.chosen[1:], outsider)))
    # An equal person in the place of another breaks no sum: only drawing again shows it.
    assert check(tamper(record, chosen=swapped), CITY) == ()
    assert verify(tamper(record, chosen=swapped), CITY) == ("draw",)
    assert verify(tamper(record, chosen=swapped, library="scipy 0.1"), CITY) == ("library",)
    assert "seats" in verify(tamper(record, chosen=record.chosen[1:]), CITY)
    assert "twice" in verify(tamper(record, reserves=record.chosen[:6]), CITY)
    assert verify(tamper(record, chosen=("nobody", *record.chosen[1:])), CITY) == ("unknown",)
    assert verify(tamper(record, seed=SEED[::-1]), CITY) == ("draw",)
    assert "totals" in verify(tamper(record, totals=()), CITY)
    officials = tuple(entry.ticket for entry in CITY[40:60])
    assert "citizens" in check(tamper(record, chosen=officials, reserves=()), CITY)
    few_citizens = tuple(entry.ticket for entry in CITY[60:66])
    rest = tuple(t for t in few_citizens if t not in record.chosen)
    assert "reserves:citizens" in check(tamper(record, reserves=rest), CITY)


def test_another_pool_is_found_out() -> None:
    assert "pool" in verify(draw(CITY, PLAN, SEED), [*CITY, person(999)])


def test_two_of_one_address_in_a_record_are_found_out() -> None:
    pool = [person(i, f"home {i // 2}") for i in range(8)]
    record = tamper(draw(pool, DrawPlan(2, 0), SEED), chosen=("T000", "T001"))
    assert check(record, pool) == ("address",)


def test_impossible_quotas_are_refused_by_name() -> None:
    plan = DrawPlan(20, 0, (Quota("sex", "f", 36, 40),))
    with pytest.raises(Conflict) as refused:
        draw(CITY, plan, SEED)
    assert refused.value.code == "recruitment.quotas_impossible"
    assert refused.value.values == {"quotas": ("sex:f",)}


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
    with pytest.raises(Conflict):
        draw(CITY, DrawPlan(20, 0, (Quota("sex", "f", 12, 10, hard=True),)), SEED)


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


@few
@given(cases(), st.integers())
def test_a_draw_is_always_one_of_the_permitted_panels(
    case: tuple[list[PoolEntry], DrawPlan], number: int
) -> None:
    pool, plan = case
    panels = {
        tuple(entry.ticket for entry in panel)
        for panel in combinations(pool, plan.seats)
        if permitted(panel, plan) and price(panel, plan) == 0
    }
    if panels:
        assert draw(pool, plan, chance.digest(number)).chosen in panels
    else:
        with pytest.raises(Conflict):
            draw(pool, plan, chance.digest(number))


def test_every_permitted_panel_can_come_up() -> None:
    pool = crowd((2, "enterprise", "f"), (2, "official", "m"))
    plan = DrawPlan(2, 0, (Quota("kind", "enterprise", 1, 1),))
    drawn = {draw(pool, plan, chance.digest(i)).chosen for i in range(60)}
    assert drawn == set(product(("T000", "T001"), ("T002", "T003")))
