"""Why a line stands where it stands: sums, ranges, words, and what is withheld."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from panel.ids import Code
from panel.rankings.rules.ranking.recompute import published, together, unit_value, weigh
from panel.rankings.types import (
    Certainty,
    Kind,
    ListView,
    Method,
    Model,
    Other,
    Part,
    Row,
    Standing,
    Step,
    WindowFigure,
)
from panel.rulebook.rules.reading import read
from tests.make.rulebook import DEFAULT
from web import standings
from web.standings import Around, Period

BOOK = read(DEFAULT)
KEYS = ("mean", "windows", "types", "raters", "shrinkage", "rounding")


def code(number: int) -> Code:
    """Return a made-up code."""
    return Code(f"{number:010}")


def row(number: int, points: int, **more: Any) -> Row:
    """Make a line of a unit."""
    own = code(number)
    return Row(
        **{
            "code": own,
            "name": f"市第{number}局",
            "name_en": f"Bureau {number}",
            "group": "service",
            "unit_code": own,
            "unit_name": f"市第{number}局",
            "unit_name_en": f"Bureau {number}",
            "standing": Standing.RANKED,
            "shown": True,
            "place": number,
            "place_from_below": 21 - number,
            "score": points,
            "low": points - 300,
            "high": points + 300,
            "visits": 20 + number * 3,
            "visitors": 12,
            **more,
        }
    )


def explained(number: int = 3, points: int = 8240, **more: Any) -> Row:
    """Make a line with everything that explains it."""
    story = tuple(
        Step(key, points) for key, points in zip(KEYS, (8500, 20, 0, -310, 31, -1), strict=True)
    )
    others = (
        Other(Method.MEAN_OF_WINDOW_MEANS, 8390, 5),
        Other(Method.TRIMMED_MEAN, 8400, 4),
        Other(Method.POOLED_MEAN, None, None),
    )
    return row(
        number,
        points,
        **{
            "story": story,
            "others": others,
            "certainty": Certainty.CLEAR,
            "rank_low": 2,
            "rank_high": 7,
            "set_low": 1,
            "set_high": 12,
            "without_low": 3,
            "without_high": 4,
            "chance_top": 4050,
            "chance_bottom": 12,
            "band": 1,
            **more,
        },
    )


def listed(*rows: Row, scope: str = "service", kind: Kind = Kind.UNIT) -> ListView:
    """Make a list of lines."""
    return ListView(
        code=code(999),
        kind=kind,
        scope=scope,
        method=Method.CROSSED_EFFECTS,
        rulebook_hash="",
        input_hash="",
        code_version="",
        ranked=sum(each.place is not None for each in rows),
        list_size=4,
        rows=rows,
    )


def city(own: Row) -> ListView:
    """Make a list of twenty with one line of our own in it."""
    rows = [
        row(place, 9000 - place * 100, band=1 if 2 <= place <= 4 else None)
        for place in range(1, 21)
    ]
    return listed(*(own if each.place == own.place else each for each in rows))


def why(own: Row, around: Around = standings.ALONE, lang: Any = "en") -> dict[str, Any]:
    """Explain a line of the small city."""
    one = city(own)
    found = standings.shown_unit(own, one, [one], BOOK, lang, around=around)["why"]
    assert isinstance(found, dict)
    return found


def test_the_steps_are_named_signed_told_and_add_up_to_the_score() -> None:
    found = why(explained())
    assert [each["points"] for each in found["steps"]] == [
        "85.00", "+0.20", "0.00", "−3.10", "+0.31", "−0.01",
    ]  # fmt: skip
    assert found["steps"][3]["told"].startswith("Those who came mark more leniently")
    assert found["steps"][2]["told"] == "Makes no difference here."
    assert "82.40" in found["stairs"]


@given(st.lists(st.integers(-900, 900), min_size=5, max_size=5), st.sampled_from(("zh", "en")))
def test_every_step_has_its_words_in_both_languages(parts: list[int], lang: Any) -> None:
    steps = (5000 - sum(parts), *parts)
    story = tuple(Step(key, part) for key, part in zip(KEYS, steps, strict=True))
    own = explained(points=5000, story=story)
    for each in why(own, lang=lang)["steps"]:
        assert not each["name"].startswith("story.")
        assert not each["told"].startswith("story.")


def test_a_line_without_a_story_has_no_staircase() -> None:
    found = why(row(3, 8240))
    assert (found["stairs"], found["steps"], found["ranges"], found["others"]) == ("", [], [], [])


def test_places_by_every_way_of_looking() -> None:
    found = why(explained())
    assert [(each["best"], each["worst"]) for each in found["ranges"]] == [(2, 7), (1, 12), (3, 4)]
    assert [each["place"] for each in found["others"]] == [3, 5, 4, None]
    assert found["chance"] == {"last": False, "percent": 41}
    assert "Mean of window means" in found["places"]


def test_an_appeal_withholds_the_place_and_all_that_tells_of_it() -> None:
    own = explained()
    around = Around(appealed=frozenset({own.code}))
    found = why(own, around)
    assert (found["places"], found["ranges"], found["chance"]) == ("", [], None)
    assert {each["place"] for each in found["others"]} == {None}
    assert found["neighbours"] is None
    assert found["steps"]
    assert standings.place(own, "zh", around) == "申诉中"
    one = city(own)
    (line,) = [
        each
        for run in standings.shown_list(one, BOOK, "zh", around)["runs"]
        for each in run
        if each["row"].code == own.code
    ]
    assert (line["standing"], line["confirmed"]) == ("ranking.under_appeal", False)


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"certainty": Certainty.CONFIRMED, "in_top": True}, "3"),
        ({"certainty": Certainty.PROVISIONAL, "in_top": True}, "Provisional"),
        ({"certainty": Certainty.PROVISIONAL}, "Provisional"),
        ({"provisional": True}, "Provisional"),
        ({"certainty": Certainty.CLEAR}, "3"),
        ({"place": None, "standing": Standing.INSUFFICIENT}, "Insufficient data"),
    ],
)
def test_a_place_or_why_there_is_none(more: dict[str, Any], said: str) -> None:
    assert standings.place(explained(**more), "en") == said


def test_only_a_sure_place_in_a_list_is_called_confirmed() -> None:
    def chips(**more: Any) -> bool:
        own = explained(**more)
        one = city(own)
        return bool(standings.shown_unit(own, one, [one], BOOK, "en")["confirmed"])

    assert chips(certainty=Certainty.CONFIRMED, in_top=True)
    assert not chips(certainty=Certainty.CONFIRMED)
    assert not chips(certainty=Certainty.PROVISIONAL, in_top=True)


def test_neighbours_that_look_alike_stand_in_one_run() -> None:
    found = why(explained())["neighbours"]
    assert found["alike"] == 2
    assert [[each["row"].place for each in run] for run in found["runs"]] == [
        [1],
        [2, 3, 4],
        [5],
        [6],
    ]


def test_a_long_run_of_neighbours_is_cut_around_the_line() -> None:
    rows = [row(place, 9000 - place, band=1) for place in range(1, 61)]
    one = listed(*rows)
    found = standings.shown_unit(rows[29], one, [one], BOOK, "en")["why"]["neighbours"]
    shown = [each["row"].place for run in found["runs"] for each in run]
    assert (shown[0], shown[-1], found["alike"]) == (18, 42, 59)


def test_earlier_periods_name_their_group_and_what_changed_since() -> None:
    own = explained(code=code(77))
    periods = (
        Period(code(801), "第二轮", "Round two", (city(row(5, 8110, code=own.code)),)),
        Period(code(800), "第一轮", "Round one", (listed(row(2, 8300, code=own.code), scope=""),)),
        Period(code(799), "旧", "Old", (city(row(9, 8000)),)),
    )
    found = why(own, Around(earlier=periods))["trend"]
    assert [each["title"] for each in found] == ["This period", "Round two", "Round one"]
    assert [each["change"] for each in found] == ["", "2 places up, +1.30 points", "−0.60 points"]
    assert [(each["group"], each["ranked"]) for each in found[1:]] == [
        ("Service windows", 20),
        ("The whole city", 1),
    ]


def test_a_first_period_has_no_past() -> None:
    assert why(explained())["trend"] == []


def test_the_funnel_takes_the_models_spread_or_the_intervals_own() -> None:
    own = explained()
    model = Model(method=Method.CROSSED_EFFECTS, spread={"residual": 1200, "rater": 500})
    wide, narrow = why(own, Around(model=model))["funnel"], why(own)["funnel"]
    assert "Bureau 3" in wide
    assert wide != narrow
    one = listed(own, row(4, 8000))
    assert standings.shown_unit(own, one, [one], BOOK, "en")["why"]["funnel"] == ""


def window(number: int, unit: Row, **more: Any) -> Row:
    """Make the line of a window of a unit."""
    return row(
        number,
        8000,
        **{
            "code": code(500 + number),
            "name": f"{number}号窗口",
            "name_en": f"Counter {number}",
            "unit_code": unit.code,
            "unit_name": unit.name,
            "unit_name_en": unit.name_en,
            **more,
        },
    )


def test_windows_with_figures_have_pages_and_their_units_lead_there() -> None:
    own = explained(
        windows=tuple(WindowFigure(code(500 + n), f"{n}号窗口", "", 8, 64000) for n in (1, 2)),
    )
    shown, bare = window(1, own), window(2, own, shown=False, score=None, place=None)
    lists = [city(own), listed(shown, bare, kind=Kind.WINDOW)]
    pages = {each.name: each for each in standings.pages(lists, BOOK, "en")}
    assert f"window/{shown.code}" in pages
    assert f"window/{bare.code}" not in pages
    assert pages[f"window/{shown.code}"].content["unit_code"] == own.code
    codes = [each["code"] for each in pages[f"unit/{own.code}"].content["windows"]]
    assert codes == [shown.code, None]
    assert {"", "method", "names", "units-service", "windows-service"} <= set(pages)


def test_earlier_periods_stand_again_as_they_were() -> None:
    periods = (Period(code(801), "第二轮", "Round two", (city(row(5, 8110)),)),)
    pages = {
        each.name: each
        for each in standings.pages([city(explained())], BOOK, "en", around=Around(earlier=periods))
    }
    tree = f"earlier/{periods[0].code}"
    assert pages[tree].content["period"] == "Round two"
    assert pages[f"{tree}/units-service"].content["tree"] == f"{tree}/"
    assert pages[""].content["earlier"] == [{"code": code(801), "title": "Round two"}]


def test_names_stand_under_the_letter_that_people_look_for() -> None:
    rows = [
        row(1, 9000, name="市公安局"),
        row(2, 8900, name="济宁市残疾人联合会"),
        row(3, 8800, name="区政务服务中心"),
        row(4, 8700, name="12345热线"),
    ]
    found = standings.by_letter([listed(*rows)], "zh")
    assert [(each["letter"], len(each["units"])) for each in found["letters"]] == [
        ("#", 1), ("C", 1), ("G", 1), ("Z", 1),
    ]  # fmt: skip
    ids = [each["id"] for each in found["letters"]]
    assert ids == ["other", "c", "g", "z"]


def test_the_tiny_city_proves_its_point() -> None:
    town = standings.town()
    assert town["plain"] == {"east": 7333, "west": 8667}
    assert town["evened"] == {"east": 8000, "west": 8000}
    assert (town["gap"], town["few"], town["many"]) == (1334, 8200, 8020)
    distances = [abs(town[key] - town["evened"]["east"]) for key in ("few", "many")]
    assert all(near > far for near, far in pairwise(distances))


def test_a_unit_sees_its_own_story_without_anybody_else() -> None:
    own = explained()
    alone = msgspec.structs.replace(city(own), rows=(own,))
    found = standings.shown_unit(own, alone, [], BOOK, "zh")["why"]
    assert found["neighbours"] is None
    assert found["funnel"] == ""
    assert found["steps"]


def test_a_unit_is_worked_out_number_by_number_to_its_published_score() -> None:
    model = Model(
        method=Method.CROSSED_EFFECTS,
        scale=1000,
        unit_ratio=4000,
        window_ratio=2500,
        types={"window": 8_300_000},
    )
    figures = (
        WindowFigure(code(501), "1号窗口", "Counter 1", 8, 3_200_000),
        WindowFigure(code(502), "2号窗口", "Counter 2", 12, -1_100_000),
    )
    parts = [Part(each.code, each.visits, 0, each.sum, each.weight) for each in figures]
    whole = together(weigh(part, model) for part in parts)
    points = published(unit_value(whole, "window", model), model)
    own = explained(points=points, story=(), windows=figures, form="window")
    found = standings.example([city(own)], "en", model)
    assert found is not None
    worked = found["worked"]
    assert (worked["a"], worked["b"], worked["base"]) == ("2.5000", "4.0000", "83.0000")
    assert [each["sum"] for each in worked["windows"]] == ["32.0000", "−11.0000"]
    assert round(float(worked["exact"]), 2) == points / 100
    shown = standings.shown_unit(own, city(own), [], BOOK, "en", around=Around(model=model))
    assert [each["mean"] for each in shown["windows"]] == [8700, 8208]
    assert standings.shown_unit(own, city(own), [], BOOK, "en")["windows"][0]["mean"] is None
