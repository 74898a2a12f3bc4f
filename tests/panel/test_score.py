"""Scores: one rounding rule, integers in hundredths, the same text everywhere."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from panel import score


@pytest.mark.parametrize(
    ("numerator", "denominator", "expected"),
    [(2, 3, 67), (1, 3, 33), (1, 200, 1), (1, 201, 0), (8240, 100, 8240), (0, 7, 0), (-1, 200, 0)],
)
def test_hundredths_round_half_up(numerator: int, denominator: int, expected: int) -> None:
    assert score.hundredths(numerator, denominator) == expected


def test_a_mean_is_rounded_half_up() -> None:
    assert score.mean_hundredths(8241 + 8240, 2) == 8241
    assert score.mean_hundredths(100, 3) == 33


@pytest.mark.parametrize("denominator", [0, -1])
def test_nothing_is_divided_by_nothing(denominator: int) -> None:
    with pytest.raises(ValueError, match="denominator"):
        score.half_up(1, denominator)


@given(st.fractions())
def test_rounding_never_moves_a_value_by_more_than_half(value: Fraction) -> None:
    off = score.rounded(value) - value
    assert Fraction(-1, 2) < off <= Fraction(1, 2)


@given(st.integers(-(10**9), 10**9))
def test_what_is_written_can_be_read_back(value: int) -> None:
    assert score.parse(score.text(value)) == value


def test_a_score_is_written_with_two_decimals() -> None:
    assert [score.text(value) for value in (8240, 5, 0, -7, 10000)] == [
        "82.40",
        "0.05",
        "0.00",
        "-0.07",
        "100.00",
    ]


def test_short_ways_of_writing_are_read() -> None:
    assert [score.parse(text) for text in ("82", "82.4", "82.40", "-0.5")] == [
        8200,
        8240,
        8240,
        -50,
    ]


@pytest.mark.parametrize(
    "text", ["", "82.", ".5", "82.405", "8e1", "82,40", " 82", "\uff18\uff12", "nan"]
)
def test_what_is_no_score_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not a score"):
        score.parse(text)
