"""Nothing that a unit is told, nor any difference of it, rests on too few visitors."""

from __future__ import annotations

from datetime import UTC, date, datetime
from itertools import combinations

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from panel.errors import Conflict, Forbidden, Invalid
from panel.evaluations.rules import releases as rules
from panel.evaluations.types import Answers, Share
from panel.evaluations.types.releases import Cell, CommentState, CommentView, Leaf, Span
from panel.ids import Code

MARCH, APRIL = date(2026, 3, 1), date(2026, 4, 1)
FIVE = 5


def leaf(sheet: int, person: int, **more: object) -> Leaf:
    """Return a sheet of unit 1 (below unit 9) from March."""
    plain = Leaf(sheet, 1, 9, 1, MARCH, person, 8000, "B window", (("a", 7000),))
    return msgspec.structs.replace(plain, **more)


def sheets(count: int, first: int = 1, **more: object) -> list[Leaf]:
    """Return sheets of as many visitors."""
    return [leaf(number, number, **more) for number in range(first, first + count)]


def test_five_visitors_make_a_month() -> None:
    (cell,) = rules.batch(sheets(5), [], FIVE)
    assert (cell.span, cell.since, cell.until) == (Span.MONTH, MARCH, MARCH)
    assert (cell.visitors, cell.score, cell.sections) == (5, 8000, (("a", 7000),))


def test_four_visitors_tell_nothing_however_often_they_come() -> None:
    assert rules.batch([leaf(n, n % 4) for n in range(20)], [], FIVE) == []


def test_thin_months_become_a_quarter() -> None:
    thin = [*sheets(3, month=date(2026, 1, 1)), *sheets(3, 4, month=date(2026, 2, 1))]
    (cell,) = rules.batch(thin, [], FIVE)
    assert (cell.span, cell.since, cell.until) == (Span.QUARTER, date(2026, 1, 1), MARCH)


def test_what_is_still_too_thin_goes_to_the_unit_above() -> None:
    thin = [*sheets(3), *sheets(3, 4, unit=2)]
    (cell,) = rules.batch(thin, [], FIVE)
    assert (cell.unit, cell.whole, cell.visitors) == (9, True, 6)


def test_a_thin_unit_that_stands_alone_waits() -> None:
    assert rules.batch(sheets(3, parent=None), [], FIVE) == []


def test_no_sheet_is_told_twice_and_late_ones_wait_for_five() -> None:
    first = sheets(6)
    (cell,) = rules.batch(first, [], FIVE)
    told = [frozenset(cell.sheets)]
    late = sheets(4, 7, round=2)
    assert rules.batch([*first, *late], told, FIVE) == []
    (second,) = rules.batch([*first, *late, leaf(11, 11, round=2)], told, FIVE)
    assert set(second.sheets) == {7, 8, 9, 10, 11}


def test_a_month_is_withheld_where_the_rest_of_its_round_would_tell_few() -> None:
    """The ranking tells the round's mean: less the month it would be that of two visitors."""
    found = [*sheets(6), *sheets(2, 7, month=APRIL)]
    assert rules.batch(found, [], FIVE) == []
    enough = [*sheets(6), *sheets(5, 7, month=APRIL)]
    assert [cell.since for cell in rules.batch(enough, [], FIVE)] == [MARCH, APRIL]


def test_a_month_is_withheld_where_a_windows_own_mean_would_leave_few() -> None:
    """A ranking tells the mean of a window with enough visitors; the rest of the month is two."""
    found = [*sheets(6, window=1), *sheets(2, 7, window=2), *sheets(5, 9, month=APRIL, window=2)]
    assert rules.batch(found, [], FIVE) == []


def test_other_forms_are_told_apart() -> None:
    found = [*sheets(5), *sheets(5, 6, form="B office", round=2)]
    assert {cell.form for cell in rules.batch(found, [], FIVE)} == {"B window", "B office"}


def test_a_section_stands_only_where_every_sheet_has_it() -> None:
    found = [*sheets(4), leaf(5, 5, sections=())]
    assert rules.batch(found, [], FIVE)[0].sections == ()


def test_what_rankings_leave_between_two_figures_is_not_told_either() -> None:
    def own(sheet: int, person: int, *, month: int = 1, number: int = 1, window: int = 1) -> Leaf:
        plain = leaf(sheet, person, round=number)
        return msgspec.structs.replace(plain, month=date(2026, month, 1), window=window)

    one = [own(n, n) for n in range(1, 6)]
    alone = own(6, 6, month=4, window=2)
    two = [own(10 + n, n, number=2, window=2) for n in range(1, 6)]
    cells = rules.batch([*one, alone, *two], [], FIVE)
    assert [cell.visitors for cell in cells if 6 in cell.sheets] == []
    assert all(cell.visitors >= FIVE for cell in cells)


LEAVES = st.lists(
    st.builds(
        Leaf,
        sheet=st.just(0),
        unit=st.integers(1, 2),
        parent=st.just(9),
        round=st.integers(1, 3),
        month=st.sampled_from([date(2026, month, 1) for month in (1, 2, 3, 4)]),
        person=st.integers(1, 12),
        score=st.integers(0, 10_000),
        form=st.just("B window"),
        window=st.integers(1, 2),
    ),
    max_size=60,
)


@settings(max_examples=60)
@given(LEAVES, LEAVES)
def test_no_pair_of_figures_differs_by_few(before: list[Leaf], after: list[Leaf]) -> None:
    old = [msgspec.structs.replace(each, sheet=n) for n, each in enumerate(before)]
    # What comes later comes from rounds of its own: results are told of closed rounds only.
    new = [
        msgspec.structs.replace(each, sheet=100 + n, round=each.round + 10)
        for n, each in enumerate(after)
    ]
    first = rules.batch(old, [], FIVE)
    told = [frozenset(cell.sheets) for cell in first]
    second = rules.batch([*old, *new], told, FIVE)
    people = {each.sheet: each.person for each in [*old, *new]}
    cells: list[Cell] = [*first, *second]
    figures = [frozenset(cell.sheets) for cell in cells]
    figures += [
        frozenset(group)
        for group in [*_of_rounds([*old, *new]).values(), *_of_windows([*old, *new]).values()]
        if len({people[sheet] for sheet in group}) >= FIVE
    ]
    for one in figures[: len(cells)]:
        assert len({people[sheet] for sheet in one}) >= FIVE
    for one, other in combinations(figures, 2):
        if one & other and (one in figures[: len(cells)] or other in figures[: len(cells)]):
            for part in (one - other, other - one, one & other):
                assert not part or len({people[sheet] for sheet in part}) >= FIVE


def _of_rounds(leaves: list[Leaf]) -> dict[tuple[int, int], set[int]]:
    found: dict[tuple[int, int], set[int]] = {}
    for each in leaves:
        found.setdefault((each.round, each.unit), set()).add(each.sheet)
    return found


def _of_windows(leaves: list[Leaf]) -> dict[tuple[int, int, int | None], set[int]]:
    found: dict[tuple[int, int, int | None], set[int]] = {}
    for each in leaves:
        found.setdefault((each.round, each.unit, each.window), set()).add(each.sheet)
    return found


def comment(original: str) -> CommentView:
    """Return a comment that waits."""
    return CommentView(Code("C"), 1, "单位", "", original, (), "", CommentState.WAITING, "")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "工作人员说话很冲",
        "□□说话很冲",
        "字" * 301,
        "有人说电话13800138000没人接",
        "鲁H12345停在门口",
        "3月11日下午没人",
        "李主任态度不好",
    ],
)
def test_wordings_that_tell_too_much_do_not_pass(text: str) -> None:
    with pytest.raises(Invalid, match=r"comment\.faults"):
        rules.may_screen(comment("工作人员 说话很冲"), text, sure=False)


def test_the_person_decides() -> None:
    rules.may_screen(comment("原话"), "下午窗口有时没有人", sure=True)
    rules.may_screen(comment("原话"), "有群众反映态度生硬", sure=False)
    with pytest.raises(Invalid):
        rules.may_screen(comment("原话"), "原话", sure=True)


def test_a_long_piece_of_the_original_is_the_original() -> None:
    whole = "等了很久没有人理会我们后来换了一个窗口才办成"
    with pytest.raises(Invalid):
        rules.may_screen(comment(whole), f"有人说{whole[3:14]}", sure=True)
    rules.may_screen(comment(whole), "等候时间长,换窗口后办成", sure=False)


def test_a_suggestion_leaves_out_what_the_patterns_find() -> None:
    assert "13800138000" not in rules.suggestion("打13800138000找李主任")
    assert "李主任" not in rules.suggestion("打13800138000找李主任")


def test_who_waits_for_a_second_visit_gives_no_comment() -> None:
    given = Answers(good="耐心", reasons={"A1": "没人"})
    assert rules.comments(given) == ["耐心", "没人"]
    assert rules.comments(msgspec.structs.replace(given, share=Share.WAIT)) == []


@pytest.mark.parametrize(
    ("at", "day"),
    [
        (datetime(2026, 3, 1, 1, tzinfo=UTC), date(2026, 3, 1)),
        (datetime(2026, 3, 2, 1, tzinfo=UTC), date(2026, 3, 15)),
        (datetime(2026, 3, 15, 20, tzinfo=UTC), date(2026, 4, 1)),
    ],
)
def test_results_come_on_fixed_days(at: datetime, day: date) -> None:
    assert rules.visible_from((1, 15), at).date() == day


def test_a_batch_needs_a_second_person_and_decided_comments() -> None:
    rules.may_release(1, 2, waiting=0, stale=False)
    with pytest.raises(Forbidden):
        rules.may_release(1, 1, waiting=0, stale=False)
    with pytest.raises(Conflict, match=r"release\.comments_wait"):
        rules.may_release(1, 2, waiting=3, stale=False)
    with pytest.raises(Conflict, match=r"release\.stale"):
        rules.may_release(1, 2, waiting=0, stale=True)
