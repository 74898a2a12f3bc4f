"""Two means of the same sheets: what lies between them must not be told of too few people."""

from panel.ids import Code
from panel.rankings.rules import publication
from panel.rankings.rules.concealing import Concealed
from panel.rankings.rules.ranking import compute
from panel.rankings.rules.tails import betrayed, tails
from panel.rankings.types import (
    Cell,
    Kind,
    Listing,
    Method,
    Name,
    Naming,
    Options,
    Row,
    Scope,
    Subject,
)


def cells(window: str, scores: list[int], unit: str = "u") -> list[Cell]:
    """Return one sheet by each visitor of a window."""
    return [
        Cell(unit, window, f"{window}-{number}", 1, score, score**2, "window:open", "r")
        for number, score in enumerate(scores)
    ]


def line(method: Method, found: list[Cell], trims: frozenset[str]) -> Row:
    """Return the unit's line as it may be read."""
    naming = Naming(Scope.PEER_GROUP, minimum_visits=5, minimum_raters=5)
    listing = Listing(Kind.UNIT, (Subject("u", "g"),), naming)
    made = compute([listing], found, Options(method=method, seed="00", draws=100))
    names = {key: Name(key, "", Code("u"), "u", "") for key in ("u", "a", "b")}
    concealed = Concealed(frozenset(), trims=trims)
    (row,) = publication.rows(made.lists[0], names, concealed, 5, made.model)
    return row


def test_the_lowest_and_the_highest_are_left_out() -> None:
    found = cells("a", [7_000, 2_000, 7_100, 7_200, 7_300, 7_400, 7_500, 9_900])
    assert tails(found, 10) == {"a-1", "a-7"}
    assert tails(found, 0) == frozenset()


def test_a_small_window_betrays_its_extremes() -> None:
    assert betrayed(cells("a", [7_000] * 8), 10, 5) == {"a", "u"}
    assert betrayed(cells("a", [7_000] * 60), 10, 5) == frozenset()
    assert betrayed(cells("a", [7_000] * 8), 0, 5) == frozenset()


def test_windows_of_a_unit_hide_each_other_if_enough_people_came() -> None:
    three = [*cells("a", [7_000] * 8), *cells("b", [7_000] * 8), *cells("c", [7_000] * 8)]
    assert betrayed(three, 10, 5) == {"a", "b", "c"}
    mixed = [*cells("a", [7_000] * 60), *cells("b", [7_000] * 8)]
    assert betrayed(mixed, 10, 5) == {"b", "u"}


def test_a_trimmed_and_a_plain_mean_are_not_told_together_where_they_betray() -> None:
    found = cells("a", [2_000, 7_000, 7_100, 7_200, 7_300, 7_400, 7_500, 9_900])
    trims = betrayed(found, 10, 5)
    plain = {each.method: each for each in line(Method.CROSSED_EFFECTS, found, trims).others}
    assert plain[Method.TRIMMED_MEAN].score is None
    assert plain[Method.TRIMMED_MEAN].place == 1
    assert plain[Method.POOLED_MEAN].score is not None

    row = line(Method.TRIMMED_MEAN, found, trims)
    scores = {each.method: each.score for each in row.others}
    assert row.score is not None
    assert row.story == ()
    assert scores[Method.POOLED_MEAN] is scores[Method.MEAN_OF_WINDOW_MEANS] is None


def test_both_means_are_told_where_enough_people_are_left_out() -> None:
    row = line(Method.TRIMMED_MEAN, cells("a", [7_000, 7_500] * 30), frozenset())
    assert row.story
    assert all(each.score is not None for each in row.others)
