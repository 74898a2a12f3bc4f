"""What ballots can say, and when they say nothing."""

from __future__ import annotations

import msgspec
import pytest

from panel.errors import Conflict, Invalid
from panel.ids import Code
from panel.surveys import rules
from panel.surveys.types import (
    NewTally,
    SessionState,
    SessionView,
    TallyView,
    VoidReason,
    columns,
)
from tests.make import surveys as make
from tests.make import visits

WORTH = (10_000, 7_500, 5_500, 0)


def view(**more: object) -> SessionView:
    """Return a stored session of a hundred ballots."""
    found = SessionView(
        id=1, code=Code("s"), rulebook_code=Code("b"), levels=WORTH, state=SessionState.VALID,
        void_reason=None, reason="", editors=frozenset(), units=0, checked_at=None,
        **msgspec.structs.asdict(make.session()),
    )  # fmt: skip
    return msgspec.structs.replace(found, **more)


def tally(unit: str, *levels: int) -> TallyView:
    """Return the counts of one unit."""
    return TallyView(Code(unit), unit, "", "g", levels, 4)


def test_a_figure_is_the_mean_worth_of_the_answers() -> None:
    # (40·100 + 30·75 + 20·55 + 10·0) / 100 = 73.50; who does not know the unit says nothing
    assert rules.figure((40, 30, 20, 10), WORTH, 30) == 7350
    assert rules.figure((1, 0, 0, 2), (10_000, 7_500, 5_500, 0), 1) == 3333


def test_few_answers_are_no_figure() -> None:
    assert rules.figure((10, 10, 9, 0), WORTH, 30) is None
    assert rules.figure((0, 0, 0, 0), WORTH, 0) is None
    assert rules.figure((30, 0), WORTH, 1) is None


@pytest.mark.parametrize(
    ("more", "found"),
    [
        ({"present": 61}, None),
        ({"present": 60}, VoidReason.QUORUM),
        ({"issued": 101, "returned": 102}, VoidReason.RETURNED),
        ({"issued": 102, "returned": 102}, None),
    ],
)
def test_a_session_stands_or_falls_by_its_numbers(
    more: dict[str, int], found: VoidReason | None
) -> None:
    assert rules.verdict(view(**more), 50) is found


@pytest.mark.parametrize(
    ("more", "path"),
    [
        ({"present": 121}, "present"),
        ({"spoiled": 103}, "spoiled"),
        ({"entitled": 0, "present": 0}, "entitled"),
        ({"issued": -1}, "issued"),
        ({"title": ""}, "title"),
        ({"document": ""}, "document"),
        ({"year": 2024}, "held_on"),
    ],
)
def test_a_session_that_cannot_be_is_refused(more: dict[str, int], path: str) -> None:
    with pytest.raises(Invalid) as refusal:
        rules.check_session(make.session(**more), visits.AT)
    assert path in {fault.path for fault in refusal.value.faults}


def test_more_answers_than_valid_ballots_are_refused() -> None:
    rules.check_tally(NewTally(Code("u"), (40, 30, 20, 6), 4), view())
    for levels, unknown in (((40, 30, 20, 7), 4), ((100, 0, 0), 0), ((-1, 0, 0, 0), 0)):
        with pytest.raises(Invalid, match=r"tally\.faults"):
            rules.check_tally(NewTally(Code("u"), levels, unknown), view())


def test_valid_sessions_of_a_year_are_added_up() -> None:
    void = view(code=Code("v"), state=SessionState.VOID)
    found = rules.collect(
        [
            (view(), [tally("a", 1, 2, 3, 4), tally("b", 5, 0, 0, 0)]),
            (void, [tally("a", 9, 9, 9, 9)]),
            (view(code=Code("t")), [tally("a", 1, 1, 1, 1)]),
        ]
    )
    assert found[Code("a")].levels == (2, 3, 4, 5)
    assert found[Code("a")].sessions == (Code("s"), Code("t"))
    assert (found[Code("a")].issued, found[Code("a")].valid) == (208, 200)
    assert found[Code("b")].valid == 100


def test_sessions_with_other_answers_cannot_be_added() -> None:
    with pytest.raises(Conflict, match=r"session\.levels_differ"):
        rules.collect([(view(), [tally("a", 1, 2, 3, 4)]), (view(), [tally("a", 1, 2, 3)])])


def test_a_table_is_read_whole_or_explained() -> None:
    head = ",".join(columns(4))
    known = {"甲局": Code("a"), "乙局": Code("b")}
    right = f"{head}\n甲局,40,30,20,6,4\n乙局,10,0,0,0,\n".encode()
    assert rules.read_tallies(right, "a.csv", known, view()) == [
        NewTally(Code("a"), (40, 30, 20, 6), 4),
        NewTally(Code("b"), (10, 0, 0, 0), 0),
    ]
    wrong = f"{head}\n甲局,90,30,20,6,4\n丙局,1,2,3,4,0\n乙局,x,0,0,0,0\n".encode()
    with pytest.raises(Invalid) as refusal:
        rules.read_tallies(wrong, "a.csv", known, view())
    assert {fault.code for fault in refusal.value.faults} == {
        "tally.more_than_valid", "count.unit_unknown", "import.not_whole",
    }  # fmt: skip
