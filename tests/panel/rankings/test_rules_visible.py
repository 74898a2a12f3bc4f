"""What is shown rests on at least five visitors and betrays no smaller figure."""

from hypothesis import given
from hypothesis import strategies as st

from panel.rankings.rules.visible import hidden, shown


def test_five_visitors_are_enough() -> None:
    assert [shown(count) for count in (0, 4, 5, 6)] == [False, False, True, True]
    assert shown(3, minimum=3)


def test_small_parts_are_hidden() -> None:
    assert hidden({"a": 4, "b": 2, "c": 9}) == {"a", "b"}
    assert hidden({"a": 5, "b": 12}) == frozenset()


def test_a_single_hidden_part_cannot_be_found_from_the_others() -> None:
    assert hidden({"a": 4, "b": 12, "c": 9, "d": 9}) == {"a", "c"}
    assert hidden({"a": 4}) == {"a"}


def test_a_part_without_visitors_has_nothing_to_hide() -> None:
    assert hidden({"a": 0, "b": 9}) == frozenset()


@given(st.dictionaries(st.text("abcdef", min_size=1), st.integers(0, 12)), st.integers(1, 8))
def test_no_small_part_is_shown_and_never_just_one_is_hidden(
    raters: dict[str, int], minimum: int
) -> None:
    out = hidden(raters, minimum)
    visited = [key for key, count in raters.items() if count]
    assert all(shown(raters[key], minimum) for key in visited if key not in out)
    assert len(out) != 1 or len(visited) == 1
