"""Draws by lot: the same for everybody who knows the seed, and nothing that breaks a rule."""

from __future__ import annotations

import hmac

from hypothesis import given, settings
from hypothesis import strategies as st

from panel.ids import Code
from panel.visits.rules.lots import draw_lots
from panel.visits.types import Lots, Mode, Place, RoundState, RoundView
from panel.visits.types.assignment import Visitor
from tests.make import visits as make

SEED = "5" * 64
VIEW = RoundView(
    id=1, code=Code("R"), state=RoundState.COMMITTED, draft=make.draft(covert_percent=50),
    rulebook_code=Code("B"), created_by=1, created_at=make.AT, approved_by=None,  # type: ignore[arg-type]
    approved_at=None, approval_document="", committed_at=None, drawn_by=None, drawn_at=None,
    closed_at=None, closes_at=make.ENDS, commitment="", record_hash="",
)  # fmt: skip


def place(number: int, unit: str, demand: int, *, covert_ok: bool = True) -> Place:
    """Return a window of a unit."""
    return Place(
        unit_id=1, unit_code=Code(unit), window_id=number, window_code=Code(f"W{number}"),
        peer_group="service", covert_ok=covert_ok, district="任城区", latitude=None, longitude=None,
        demand=demand,
    )  # fmt: skip


def visitor(number: int, **more: object) -> Visitor:
    """Return a member without a place."""
    return Visitor(f"L{number:03}", None, None, "任城区", 4, **more)  # type: ignore[arg-type]


def drawn(people: list[Visitor], places: list[Place], **more: object) -> Lots:
    """Draw among people, all of whom were committed to."""
    labels = [each.member for each in people]
    return draw_lots(VIEW, labels, people, places, seed=SEED, **more)  # type: ignore[arg-type]


PEOPLE = [visitor(number) for number in range(40)]
PLACES = [place(1, "U1", 5), place(2, "U1", 4)]


def test_the_first_of_the_order_are_drawn_and_the_next_step_in() -> None:
    found = drawn(PEOPLE, PLACES)
    lot = found.public[0]
    ordered = sorted(
        (each.member for each in PEOPLE),
        key=lambda label: hmac.digest(f"{SEED} lot 1".encode(), label.encode(), "sha256"),
    )
    assert lot["drawn"] == ordered[:9]
    assert lot["substitutes"] == ordered[9:19]
    assert found.reserves["W1"] == tuple(ordered[9:19])
    assert not found.unmet


def test_whoever_may_not_is_skipped_with_the_reason() -> None:
    lot = drawn(PEOPLE, PLACES).public[0]
    first, second, third, fourth = lot["drawn"][:4]  # type: ignore[index,misc]
    changed = {
        first: visitor(int(str(first)[1:]), recused=frozenset({"U1"})),
        second: visitor(int(str(second)[1:]), visited=frozenset({"U1"})),
        third: visitor(int(str(third)[1:]), load=4),
    }
    people = [changed.get(each.member, each) for each in PEOPLE]
    found = drawn(people, PLACES, rested=frozenset({str(fourth)}))
    again = found.public[0]
    assert again["skipped"][:4] == [  # type: ignore[index]
        [first, "recused"], [second, "rotation"], [third, "full"], [fourth, "rested"],
    ]  # fmt: skip
    assert again["drawn"][:5] == lot["drawn"][4:9]  # type: ignore[index]
    assert found.offers[0].why.excluded == {"recused": 1, "rotation": 1, "full": 1, "rested": 1}


def test_taking_one_label_out_moves_no_other() -> None:
    lot = drawn(PEOPLE, PLACES).public[0]
    gone = lot["drawn"][3]  # type: ignore[index]
    again = drawn([each for each in PEOPLE if each.member != gone], PLACES).public[0]
    whole = [*lot["drawn"], *lot["substitutes"]]  # type: ignore[misc]
    less = [*again["drawn"], *again["substitutes"]]  # type: ignore[misc]
    assert [each for each in whole if each != gone] == less[:-1]


def test_a_lot_tells_no_unit_and_units_have_orders_of_their_own() -> None:
    found = drawn(PEOPLE, [*PLACES, place(3, "U2", 9)])
    assert "U1" not in str(found.public)
    assert "W1" not in str(found.public)
    assert {unit for _, unit in found.sealed} == {"U1", "U2"}
    assert found.public[0]["drawn"] != found.public[1]["drawn"]


def test_the_seed_alone_tells_no_units_number() -> None:
    places = [place(number, f"U{number}", 1) for number in range(8)]
    found = [drawn(PEOPLE, places, blind=blind).sealed for blind in ("", "a", "b")]
    assert len({str(each) for each in found}) == 3


def test_too_few_who_may_come_are_told() -> None:
    found = drawn(PEOPLE[:7], PLACES)
    assert sum(missing for _, missing, _ in found.unmet) == 2


def test_covert_visits_go_where_places_are_fit() -> None:
    found = drawn(PEOPLE, [place(1, "U1", 5), place(2, "U1", 5, covert_ok=False)])
    covert = [each for each in found.offers if each.mode is Mode.COVERT]
    assert len(covert) == 5
    assert {each.place.code for each in covert} == {"W1"}


@settings(max_examples=40)
@given(
    st.lists(st.integers(1, 6), min_size=1, max_size=6),
    st.sets(st.tuples(st.integers(0, 29), st.sampled_from(["U0", "U1", "W0", "W3"]))),
    st.integers(0, 4),
)
def test_no_draw_breaks_a_rule(demands: list[int], closed: set[tuple[int, str]], load: int) -> None:
    places = [place(number, f"U{number % 2}", each) for number, each in enumerate(demands)]
    people = [
        visitor(
            number,
            load=load if number % 3 == 0 else 0,
            recused=frozenset(key for who, key in closed if who == number and key[0] == "U"),
            visited=frozenset(key for who, key in closed if who == number and key[0] == "W"),
        )
        for number in range(30)
    ]
    found = drawn(people, places)
    of = {each.member: each for each in people}
    seen: set[tuple[str, str]] = set()
    for offer in found.offers:
        who = of[offer.visitor]
        assert offer.place.unit_code not in who.recused
        assert offer.place.code not in who.visited
        assert (offer.visitor, offer.place.unit_code) not in seen
        seen.add((offer.visitor, offer.place.unit_code))
    for who in people:
        assert who.load + sum(o.visitor == who.member for o in found.offers) <= max(who.cap, load)
    given_out = len(found.offers) + sum(missing for _, missing, _ in found.unmet)
    assert given_out == sum(demands)
