# ruff: noqa: RUF001 - full-width characters are what is tested
"""Reading sheets of signed forms: what is forgiven, what is refused, and how it is explained."""

from __future__ import annotations

import datetime as dt

import pytest

from panel.errors import Invalid
from panel.ids import Code
from panel.members.types import ExclusionKind, NewExclusion
from panel.recruitment.rules import sheets
from panel.recruitment.types.applications import AgeBand, Applicant, Terms
from panel.roster.types import SheetRow
from tests.make import recruitment as make
from tests.make import vetting

UNIT = Code("0000000000")
TERMS = Terms(
    categories={"群众": "resident", "企业职工": "enterprise", "个体工商户": "self_employed",
                "机关事业单位": "other"},
    districts=(),
    bands=(AgeBand("18+", 18, 200),),
    minimum_age=18,
    maximum_age=99,
    on=dt.date(2026, 4, 10),
    units={"示例局": UNIT, "示例商会": UNIT, "示例局(本级)": UNIT},
    halls={},
    centres={},
)  # fmt: skip


def read(**more: str) -> Applicant:
    """Read one row."""
    (found,) = sheets.read([SheetRow(2, {**make.row(1), **more})], TERMS)
    return found.applicant


def refused(cells: dict[str, str]) -> list[tuple[str, str]]:
    """Return column and code of what a row is refused for."""
    with pytest.raises(Invalid) as refusal:
        sheets.read([SheetRow(2, cells)], TERMS)
    return [(str(each.values["column"]), each.code) for each in refusal.value.faults]


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        (make.national_id(1), make.national_id(1)),
        ("９９０００0" + make.national_id(1)[6:], make.national_id(1)),
        (" ".join(make.national_id(1)), make.national_id(1)),
    ],
)  # fmt: skip
def test_id_numbers_are_read_as_people_type_them(typed: str, kept: str) -> None:
    assert read(身份证号=typed, 出生日期="", 性别="").national_id == kept


def test_a_small_x_and_fifteen_digits_are_read() -> None:
    number = next(
        each for each in (make.national_id(n) for n in range(1, 400)) if each.endswith("X")
    )
    assert read(身份证号=number.lower(), 出生日期="", 性别="").national_id == number
    old = number[:6] + number[8:17]
    assert read(身份证号=old, 出生日期="", 性别="").national_id == number


@pytest.mark.parametrize("typed", ["3.70802E+17", "３．７０８０２Ｅ＋１７", "990000198506150000"])
def test_lost_digits_are_explained(typed: str) -> None:
    cells = {**make.row(1), "身份证号": typed, "出生日期": "", "性别": ""}
    assert refused(cells) == [("身份证号", "national_id.digits_lost")]


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("示 例", "示例"),
        ("阿卜杜拉•示例", "阿卜杜拉·示例"),
        ("阿卜杜拉・示例", "阿卜杜拉·示例"),
        ("示\U00020021", "示\U00020021"),
        ("Example  Person", "Example Person"),
    ],
)
def test_names_keep_dots_and_rare_characters(typed: str, kept: str) -> None:
    assert read(姓名=typed).name == kept


@pytest.mark.parametrize("typed", ["示\ue863", "示□", "示?", "示\ufffd", "示\U000f0001"])
def test_a_lost_character_is_refused_and_explained(typed: str) -> None:
    assert ("姓名", "import.lost_character") in refused({**make.row(1), "姓名": typed})


@pytest.mark.parametrize(
    "typed", ["1961.6", "1961年6月15日", "61.6", "19610615", "22447", "1961-06-15", "１９６１．６"]
)
def test_birth_dates_are_read_in_every_writing(typed: str) -> None:
    assert read(出生日期=typed).birth_year == 1961


@pytest.mark.parametrize("typed", ["1961.7", "22448", "1962"])
def test_a_birth_date_that_disagrees_is_named(typed: str) -> None:
    assert refused({**make.row(1), "出生日期": typed}) == [("出生日期", "import.disagrees")]


def test_units_to_stand_aside_from_bear_their_reason() -> None:
    found = read(回避单位="示例局（亲属）；示例局（本级）、示例局(诉讼)").exclusions
    assert set(found) == {
        NewExclusion(UNIT, ExclusionKind.RELATIVE),
        NewExclusion(UNIT, ExclusionKind.DECLARED),
        NewExclusion(UNIT, ExclusionKind.LAWSUIT),
    }
    assert refused({**make.row(1), "回避单位": "示例局（邻居）"}) == [
        ("回避单位", "import.recusal_kind")
    ]
    assert refused({**make.row(1), "回避单位": "没有的局"}) == [
        ("回避单位", "application.unit_unknown")
    ]


def test_a_nomination_is_whole_and_signed_or_refused() -> None:
    (found,) = sheets.read([SheetRow(2, vetting.nominated(1))], TERMS)
    assert found.nomination is not None
    assert found.nomination.organisation == "示例商会"
    assert NewExclusion(UNIT, ExclusionKind.NOMINATOR) in found.applicant.exclusions
    assert "示例甲" not in repr(found.nomination)
    nameless = vetting.nominated(1, 推荐人="", 推荐人电话="12")
    assert refused(nameless) == [
        ("推荐人", "import.nomination"),
        ("推荐人电话", "application.phone"),
    ]
    assert refused(vetting.nominated(1, 推荐单位="长" * 121)) == [("推荐单位", "import.too_long")]
    assert refused(vetting.nominated(1, 本人签名="否")) == [("本人签名", "application.consent")]
    unsigned = vetting.nominated(1)
    del unsigned["本人签名"]
    assert ("本人签名", "import.signature_column") in refused(unsigned)


def test_a_signature_column_must_say_yes() -> None:
    assert read(本人签名="已签").name
    assert refused({**make.row(1), "本人签名": ""}) == [("本人签名", "application.consent")]


def test_faults_of_cells_and_of_rows_are_told_together_and_once() -> None:
    rows = [SheetRow(2, make.row(1)), SheetRow(3, make.row(1)), SheetRow(4, make.row(3, 电话="1"))]
    with pytest.raises(Invalid) as refusal:
        sheets.read(rows, TERMS)
    told = [(each.path, each.code) for each in refusal.value.faults]
    assert told == [
        ("row 3, 身份证号", "import.twice"),
        ("row 4, 电话", "application.phone"),
    ]
    assert refusal.value.faults[0].values["first"] == 2
