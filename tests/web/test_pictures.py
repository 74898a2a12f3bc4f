"""The pictures: what is drawn, what is told to those who don't see it, and what is refused."""

from __future__ import annotations

import re
from collections.abc import Callable
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from web import pictures
from web.pictures import (
    Column,
    Composition,
    Coverage,
    Dot,
    Fill,
    Part,
    Range,
    RankRow,
    Scale,
    Step,
    Tick,
    points,
    scale_of,
)

NASTY = "<script>&\"'中"


def say(text: str, /, **values: object) -> str:
    """Answer with the key itself, filled."""
    return text.format(**values)


ROWS = (
    RankRow("市人社局", 9312, 9100, 9500),
    RankRow(NASTY, 8400, 8200, 8600),
    RankRow("市供水集团", 7900, 7700, 8100),
    RankRow("没有分数", None),
)
ALL: dict[str, Callable[[], str]] = {
    "axis": lambda: pictures.axis_strip(Scale(7000, 10000), say, 8000),
    "strip": lambda: pictures.dot_strip(ROWS[1], Scale(7000, 10000), say, 8000),
    "bars": lambda: pictures.stacked_bars(
        [Composition(NASTY, (Part("群众", 800), Part(NASTY, 200)), (Tick(8000, NASTY),))],
        NASTY,
        say,
    ),
    "coverage": lambda: pictures.coverage_strips([Coverage(NASTY, (2, 0, 1), (1, 0, 1))], say),
    "histogram": lambda: pictures.histogram({1: 3, 3: 9}, (1, 3), say),
    "staircase": lambda: pictures.staircase(
        Step("均值", 8500), [Step(NASTY, -270)], Step("得分", 8230), say
    ),
    "bar": lambda: pictures.progress_bar(7, 12, say),
    "fill": lambda: pictures.fill_bars([Fill(NASTY, 5, 8, 3), Fill("x", 0, 0, 0)], NASTY, say),
    "columns": lambda: pictures.columns(
        [Column("2026-03", 8300, low=False), Column("2026-04", 7900, low=True)], 8000, NASTY, say
    ),
    "no months": lambda: pictures.columns([], 8000, "t", say),
    "places": lambda: pictures.places([Range(NASTY, 3, 9, 5)], 61, (10, 10), NASTY, say),
    "one place": lambda: pictures.places([Range("x", 1, 1)], 1, (10, 10), "t", say),
    "funnel": lambda: pictures.funnel([Dot(12, 8000), Dot(90, 9100, NASTY)], 900, say),
    "empty funnel": lambda: pictures.funnel([], 900, say),
    "nothing": lambda: pictures.dot_strip(ROWS[3], scale_of([]), say),
    "no members": lambda: pictures.histogram({}, None, say),
    "no windows": lambda: pictures.coverage_strips([], say),
    "no people": lambda: pictures.stacked_bars([Composition("x", (Part("y", 0),))], "t", say),
    "no work": lambda: pictures.progress_bar(0, 0, say),
}


def parts(svg: str, name: str, kind: str | None = None) -> list[ET.Element]:
    """Find elements of a picture by tag and class."""
    found = ET.fromstring(svg).iter(name)  # noqa: S314 - our own text
    return [e for e in found if kind is None or kind in (e.get("class") or "").split()]


@pytest.mark.parametrize("name", ALL)
def test_every_picture_is_well_formed_named_and_without_inline_style(name: str) -> None:
    svg = ALL[name]()
    root = ET.fromstring(svg)  # noqa: S314 - our own text
    assert root.get("role") == "img"
    assert root[0].tag == "title"
    assert root[0].text
    assert root[1].tag == "desc"
    assert root[1].text
    assert "<script" not in svg
    for element in root.iter():
        assert not {"style", "fill", "stroke"} & set(element.keys())
        for value in element.attrib.values():
            assert not re.search(r"-\d|nan|inf", value), value


def test_a_unit_under_the_gate_is_marked_by_shape_and_the_gate_is_drawn() -> None:
    svg = [pictures.dot_strip(row, scale_of(ROWS, 8000), say, 8000) for row in ROWS]
    assert [len(parts(each, "circle", "dot")) for each in svg] == [1, 1, 1, 0]
    assert [len(parts(each, "circle", "under")) for each in svg] == [0, 0, 1, 0]
    gates = {part.get("x1") for each in svg for part in parts(each, "line", "gate")}
    assert len(gates) == 1


def test_a_fill_bar_ends_at_the_need_or_at_everybody_and_marks_the_need() -> None:
    rows = [Fill("few", 10, 4, 1), Fill("many", 2, 8, 8), Fill("free", 0, 3, 0)]
    svg = pictures.fill_bars(rows, "t", say)
    assert [part.get("width") for part in parts(svg, "rect", "s2")] == [
        "40%", "100%", "100%",
    ]  # fmt: skip
    assert [part.get("width") for part in parts(svg, "rect", "bar")] == [
        "10%", "100%", "0%",
    ]  # fmt: skip
    assert [part.get("x1") for part in parts(svg, "line", "tick")] == ["99.6%", "25%"]
    assert "1 / 4 · ≥ 10" in svg


def test_the_head_of_the_strips_names_gate_and_ends_that_do_not_collide() -> None:
    def told(gate: int) -> list[str | None]:
        return [
            text.text for text in parts(pictures.axis_strip(Scale(6000, 10000), say, gate), "text")
        ]

    assert told(8000) == ["60.00", "100.00", "Gate 80.00"]
    assert told(6500) == ["100.00", "Gate 65.00"]


def test_the_scale_holds_every_mark() -> None:
    assert scale_of(ROWS, 8000) == Scale(7500, 10000)
    assert scale_of(ROWS, 6000).low == 5500
    assert scale_of([]) == Scale(0, 10000)


@given(st.integers(0, 10000), st.integers(0, 10000), st.integers(0, 10000))
def test_a_place_never_leaves_the_picture(low: int, high: int, value: int) -> None:
    assert 0 <= Scale(min(low, high), max(low, high)).share(value) <= 100


def test_the_quota_stands_where_its_share_is() -> None:
    svg = ALL["bars"]()
    (tick,) = parts(svg, "line", "tick")
    assert tick.get("x1") == tick.get("x2") == "80%"
    assert [part.get("width") for part in parts(svg, "rect", "part")] == ["80%", "20%"]


def test_parts_that_are_too_narrow_for_their_names_have_a_legend() -> None:
    narrow = Composition("类别", (Part("企业职工", 90), Part("机关事业单位", 10), Part("无", 0)))
    svg = pictures.stacked_bars([narrow], "t", say)
    words = [text.text for text in parts(svg, "text", "soft")]
    assert words == ["企业职工 90.0%", "机关事业单位 10.0%"]
    assert len(parts(svg, "rect", "s2")) == 2


def test_a_week_without_a_plan_is_not_an_empty_week() -> None:
    svg = pictures.coverage_strips([Coverage("x", (2, 0, 1), (1, 0, 0))], say)
    assert len(parts(svg, "rect", "none")) == 2
    assert len(parts(svg, "line", "axis")) == 1
    assert "1 of 3 planned" in svg


def test_loads_outside_the_bounds_stand_outside_the_rules() -> None:
    svg = pictures.histogram({1: 1, 2: 5, 3: 5, 4: 1}, (2, 3), say)
    assert [rule.get("x1") for rule in parts(svg, "line", "gate")] == ["25%", "75%"]
    assert len(parts(svg, "rect", "bar")) == 4


def test_a_staircase_that_does_not_add_up_is_refused() -> None:
    with pytest.raises(ValueError, match="add up"):
        pictures.staircase(Step("a", 8500), [Step("b", 10)], Step("c", 8500), say)


def test_each_step_is_named_and_signed() -> None:
    svg = pictures.staircase(
        Step("a", 8000), [Step("b", 250), Step("c", -50)], Step("d", 8200), say
    )
    assert "+2.50" in svg
    assert "−0.50" in svg
    assert (len(parts(svg, "rect", "up")), len(parts(svg, "rect", "down"))) == (1, 1)


@pytest.mark.parametrize(
    ("value", "text"), [(0, "0.00"), (5, "0.05"), (8240, "82.40"), (-270, "−2.70")]
)
def test_points_are_written_with_two_decimals(value: int, text: str) -> None:
    assert points(value) == text


def test_progress_never_passes_the_whole() -> None:
    (bar,) = parts(pictures.progress_bar(15, 12, say), "rect", "bar")
    assert bar.get("width") == "100%"


def test_a_course_marks_what_lies_below_the_rule() -> None:
    found = [Column("2026-03", 8300, low=False), Column("2026-04", 7900, low=True)]
    svg = pictures.columns(found, 8000, "t", say)
    assert len(parts(svg, "rect", "bar")) == 1
    (low,) = parts(svg, "rect", "down")
    assert low.get("height") == "4.74em"
    assert "1 of them below the rule" in svg


def test_the_best_place_stands_at_the_right_as_the_best_score_does() -> None:
    rows = [Range("all", 1, 61), Range("own", 4, 12, 7), Range("plain", 7, 7)]
    svg = pictures.places(rows, 61, (10, 10), "t", say)
    spans = [(part.get("x1"), part.get("x2")) for part in parts(svg, "line", "span")]
    assert spans == [("0%", "100%"), ("81.67%", "95%")]
    assert [part.get("cx") for part in parts(svg, "circle", "dot")] == ["90%", "90%"]
    assert [part.get("x1") for part in parts(svg, "line", "gate")] == ["84.17%", "15.83%"] * 3
    assert {"4–12", "7", "1–61"} <= {part.text for part in parts(svg, "text", "end")}


def test_lists_that_take_up_everybody_have_no_cut_to_draw() -> None:
    svg = pictures.places([Range("own", 1, 3)], 4, (2, 2), "t", say)
    assert not parts(svg, "line", "gate")


def test_the_funnel_narrows_names_one_and_tells_who_lies_outside() -> None:
    dots = [Dot(16, 8000), Dot(64, 8100), Dot(100, 9500, "own")]
    svg = pictures.funnel(dots, 800, say)
    assert len(parts(svg, "circle", "s2")) == 2
    assert len(parts(svg, "circle", "dot")) == 1
    assert [part.text for part in parts(svg, "text", "strong")] == ["own"]
    assert "3 units, 3 of them outside" in svg
    (cone,) = parts(svg, "polygon")
    corners = [pair.split(",") for pair in (cone.get("points") or "").split()]
    heights = [float(pair[1]) for pair in corners]
    middle = len(heights) // 2
    widths = [heights[-1 - n] - heights[n] for n in range(middle)]
    assert widths == sorted(widths, reverse=True)


@given(st.lists(st.tuples(st.integers(1, 500), st.integers(0, 10000)), min_size=1))
def test_no_dot_leaves_the_funnel(found: list[tuple[int, int]]) -> None:
    svg = pictures.funnel([Dot(visits, score) for visits, score in found], 900, say)
    for circle in parts(svg, "circle"):
        assert 0 <= float((circle.get("cx") or "").rstrip("%")) <= 100
        assert 1.6 <= float((circle.get("cy") or "").rstrip("em")) <= 14.6


def test_a_step_of_nothing_has_no_sign() -> None:
    svg = pictures.staircase(Step("a", 8000), [Step("b", 0)], Step("c", 8000), say)
    assert "+0.00" not in svg
    assert len(parts(svg, "rect", "soft")) == 1
