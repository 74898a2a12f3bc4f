"""What may be read of a list: no small cell, and all that gives its scores again."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from panel import score
from panel.ids import Code
from panel.rankings.rules import publication as rules
from panel.rankings.rules.concealing import Concealed, conceal
from panel.rankings.rules.ranking import aggregate, compute
from panel.rankings.types import (
    Cell,
    Computed,
    Entry,
    Kind,
    Listing,
    Method,
    Model,
    Name,
    Naming,
    Options,
    Part,
    RankList,
    Row,
    Scope,
    Sheet,
    Standing,
    Subject,
)

NAMING = Naming(scope=Scope.PEER_GROUP, minimum_visits=5, minimum_raters=5, list_size=2,
                share_percent=40)  # fmt: skip
NONE: frozenset[str] = frozenset()
SHOWN = Concealed(NONE, NONE)
SIMPLER = [each for each in Method if each is not Method.CROSSED_EFFECTS]


def cells(unit: str, **raters: int) -> list[Cell]:
    """Return one sheet of 80 points by each of so many visitors, different ones at each window."""
    return [
        Cell(unit, window, f"{window}-{number}", 1, 8000, 8000**2, "window:open", "r")
        for window, count in raters.items()
        for number in range(count)
    ]


def computed(
    found: list[Cell],
    method: Method = Method.MEAN_OF_WINDOW_MEANS,
    weights: dict[str, int] | None = None,
) -> Computed:
    """Return the list of the units of some cells."""
    units = sorted({cell.unit for cell in found})
    listing = Listing(Kind.UNIT, tuple(Subject(unit, "g") for unit in units), NAMING)
    return compute([listing], found, Options(method=method, seed="00", weights=weights or {}))


def rows(found: list[Cell], concealed: Concealed = SHOWN) -> tuple[Row, ...]:
    """Return the lines of the units of some cells."""
    whole = computed(found)
    return rules.rows(whole.lists[0], _names(found), concealed, 5, whole.model)


def _names(found: list[Cell]) -> dict[str, Name]:
    keys = {(cell.unit, cell.unit) for cell in found}
    keys |= {(cell.window or cell.unit, cell.unit) for cell in found}
    return {key: Name(key, "", Code(unit), unit, "") for key, unit in keys}


def test_nothing_measured_is_left_in_a_line_that_is_not_shown() -> None:
    (row,) = rows(cells("u", a=4))
    assert not row.shown
    empty = (row.score, row.low, row.high, row.visits, row.visitors, row.place, row.rest)
    assert set(empty) == {None}
    assert (row.windows, row.story, row.others) == ((), (), ())


def test_a_withheld_line_keeps_its_place_alone() -> None:
    found = [*cells("u", a=9), *cells("v", b=9)]
    row, other = rows(found, Concealed(frozenset({"a"}), frozenset({"u"})))
    assert (row.place, row.withheld, row.shown) == (1, True, False)
    empty = (row.score, row.low, row.high, row.visits, row.visitors, row.rest, row.chance_top)
    assert set(empty) == {None}
    assert (row.windows, row.story, row.others, row.band) == ((), (), (), None)
    assert (other.shown, other.withheld) == (True, False)


def test_the_rest_has_no_figure_of_a_single_window() -> None:
    (row,) = rows(cells("u", a=3, b=6, c=9), Concealed(frozenset({"a", "b"}), NONE))
    assert [figure.code for figure in row.windows] == ["c"]
    assert row.rest is not None
    assert (row.rest.windows, row.rest.visits, row.rest.sum_of_means) == (2, 9, 16000)


def again(row: Row, model: Model) -> int:
    """Return the score of a line from what it tells alone."""
    parts = [Part(each.code, each.visits, 0, each.sum, each.weight) for each in row.windows]
    return rules.unit_score(parts, row.rest, row.form, model)


@given(
    st.sampled_from(SIMPLER),
    st.lists(st.lists(st.integers(0, 10_000), min_size=1, max_size=9), min_size=1, max_size=6),
    st.lists(st.integers(0, 5000), min_size=6, max_size=6),
    st.integers(0, 6),
)
def test_what_is_shown_always_gives_the_score_again(
    method: Method, windows: list[list[int]], weights: list[int], out: int
) -> None:
    sheets = [
        Sheet("u", f"w{number}", f"r{number}-{rater}", value)
        for number, values in enumerate(windows)
        for rater, value in enumerate(values)
    ]
    found = list(aggregate(sheets))
    share = {f"w{number}": value for number, value in enumerate(weights)}
    hidden = frozenset(f"w{number}" for number in range(min(out, len(windows))))
    whole = computed(found, method, share if sum(weights) else None)
    (row,) = rules.rows(whole.lists[0], _names(found), Concealed(hidden, NONE), 5, whole.model)
    if row.shown:
        assert again(row, whole.model) == row.score


@pytest.mark.parametrize("weights", [{}, {"a": 900, "b": 100, "c": 50}])
def test_shrunken_scores_follow_again_from_what_is_shown(weights: dict[str, int]) -> None:
    model = Model(method=Method.CROSSED_EFFECTS, scale=1000, unit_ratio=4210, window_ratio=2875,
                  rater_ratio=1930, types={"window": 7_812_345})  # fmt: skip
    parts = tuple(
        Part(key, n, n, total, weights.get(key, 1))
        for key, n, total in (("a", 3, 1_234_567), ("b", 7, -7_654_321), ("c", 11, 902_113))
    )
    entry = Entry(
        key="u", group="g", n=21, raters=21, spread=100, place=1, place_from_below=1,
        score=rules.unit_score(parts, None, "window", model), standing=Standing.RANKED,
        in_top=False, in_bottom=False, under_gate=False, form="window", parts=parts,
    )  # fmt: skip
    one = RankList(Kind.UNIT, model.method, "g", 1, 0, 0, (entry,))
    hidden = conceal(cells("u", a=3, b=7, c=11), NONE, 5, weighted=bool(weights))
    (row,) = rules.rows(one, _names(cells("u", a=3, b=7, c=11)), hidden, 5, model)
    assert row.rest is not None
    assert row.rest.windows == (3 if weights else 2)
    assert again(row, model) == row.score == entry.score


def test_the_formula_is_the_mean_of_means_where_nothing_is_shrunken() -> None:
    (row,) = rows([*cells("u", a=6, b=9), Cell("u", "c", "x", 2, 9000, 9000**2, "", "r")])
    means = [Fraction(each.sum, each.visits) for each in row.windows]
    assert row.score == score.rounded(sum(means, Fraction()) / 3)


def entry(key: str, place: int, value: int) -> Entry:
    """Return a line of three."""
    return Entry(
        key=key, group="g", n=9, raters=9, score=value, spread=100, place=place,
        place_from_below=4 - place, standing=Standing.RANKED, in_top=place == 1,
        in_bottom=place == 3, under_gate=False, parts=(Part(f"w{key}", 9, 9, 9 * value),),
    )  # fmt: skip


def test_neighbours_inside_the_interval_share_a_band() -> None:
    entries = (entry("a", 1, 9000), entry("b", 2, 8900), entry("c", 3, 5000))
    model = Model(method=Method.MEAN_OF_WINDOW_MEANS)
    one = RankList(Kind.UNIT, model.method, "g", 3, 1, 1, entries)
    names = {key: Name(key, "", Code(key), key, "") for key in "abc"}
    names |= {f"w{key}": names[key] for key in "abc"}
    found = rules.rows(one, names, SHOWN, 5, model)
    assert [row.band for row in found] == [1, 1, 2]
    assert [row.provisional for row in found] == [True, False, False]
