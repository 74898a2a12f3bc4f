"""What is printed of a unit's answer was screened and is nothing but its own words."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from panel.rankings.rules.hearing import left_of, printed

TEXT = "我们已整改。王某某说的排队号 A102 不属实，窗口有人。"


@pytest.mark.parametrize(
    "cut",
    [
        TEXT,
        "我们已整改。□□□说的排队号 □□□□ 不属实，窗口有人。",
        "我们已整改。□",
        "□窗口有人。",
        "□已整改。□不属实□",
    ],
)
def test_a_text_with_parts_left_out_is_the_units_own(cut: str) -> None:
    assert left_of(TEXT, cut)


@pytest.mark.parametrize(
    "cut",
    [
        "我们已整改。",
        "我们未整改。□",
        "□",
        "",
        "窗口有人。□我们已整改。",
        "我们已整改。□窗口有人。另外感谢。",
        "我们已整改□整改。□",
        "我们很好。",
    ],
)
def test_nothing_is_added_moved_or_cut_without_a_mark(cut: str) -> None:
    assert not left_of(TEXT, cut)


@given(st.text(alphabet="甲乙丙丁", min_size=2, max_size=30), st.data())
def test_what_is_left_of_a_text_is_found_again(text: str, data: st.DataObject) -> None:
    first = data.draw(st.integers(0, len(text) - 1))
    last = data.draw(st.integers(first + 1, len(text)))
    cut = text[:first] + "□" + text[last:]
    assert left_of(text, cut) == (cut != "□")


def test_answers_of_before_the_screening_are_masked_in_print() -> None:
    assert "A102" not in printed(TEXT, "")
    assert printed(TEXT, "") != TEXT
    assert printed("我们已整改。", "") == "我们已整改。"
    assert printed(TEXT, "我们□") == "我们□"
