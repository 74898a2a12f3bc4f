"""Codes are read as people type them; a mistyped one is noticed, a strange key refused."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from panel.errors import Invalid, Missing
from panel.ids import ALPHABET, LENGTH, code_from, read_code, read_key

codes = st.binary(min_size=8, max_size=8).map(code_from)


@given(codes)
def test_a_code_reads_back_however_it_is_typed(code: str) -> None:
    assert len(code) == LENGTH
    typed = f" {code[:4].lower()}-{code[4:]} ".replace("0", "O").replace("1", "l")
    assert read_code(typed) == code


@given(codes, st.integers(0, LENGTH - 2), st.sampled_from(ALPHABET))
def test_one_wrong_character_is_always_noticed(code: str, place: int, wrong: str) -> None:
    if code[place] == wrong:
        return
    with pytest.raises(Missing):
        read_code(code[:place] + wrong + code[place + 1 :])


@given(codes, st.integers(0, LENGTH - 3))
def test_most_swaps_of_neighbours_are_noticed(code: str, place: int) -> None:
    swapped = code[:place] + code[place + 1] + code[place] + code[place + 2 :]
    first, second = (ALPHABET.index(char) for char in code[place : place + 2])
    if (first - second) * 2 % len(ALPHABET) == 0:
        return  # equal, or half the alphabet apart: the price of one character out of 32
    with pytest.raises(Missing):
        read_code(swapped)


@pytest.mark.parametrize("text", ["", "123", "UUUUUUUUUU", "0" * 11, "测试测试测试测试测试"])
def test_what_is_no_code_is_refused(text: str) -> None:
    with pytest.raises(Missing, match=r"code\.unreadable"):
        read_code(text)


@pytest.mark.parametrize(
    "key", ["", "short", "x" * 65, "spaces are not allowed", "a' OR 1=1 -----"]
)
def test_a_strange_key_is_refused(key: str) -> None:
    with pytest.raises(Invalid):
        read_key(key)
