"""Reading what people type, turning shares into numbers, and settling verdicts."""

from __future__ import annotations

import datetime as dt

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from panel.errors import Conflict, Invalid
from panel.ids import Code, PersonId
from panel.members.types import ExclusionKind
from panel.recruitment.rules import applications, identity, quotas, screening, sheets
from panel.recruitment.types.applications import (
    AgeBand,
    ApplicationState,
    Occupation,
    Place,
    Sex,
    Terms,
)
from panel.recruitment.types.campaigns import Verdict
from panel.recruitment.types.lottery import Relaxation
from panel.roster.types import SheetRow
from panel.rulebook.types import GroupQuota, Quota, Recruitment, Text
from tests.make import recruitment as make

UNIT = Code("0000000001")
TERMS = Terms(
    categories={"enterprise": "enterprise", "企业职工": "enterprise", "resident": "resident",
                "群众": "resident", "个体工商户": "self_employed",
                "self_employed": "self_employed", "other": "other"},
    districts=make.DISTRICTS,
    bands=(AgeBand("18-44", 18, 44), AgeBand("45+", 45, 200)),
    minimum_age=18,
    maximum_age=70,
    on=dt.date(2026, 4, 10),
    units={UNIT: UNIT, "第1单位": UNIT, "U-01": UNIT},
    halls={Code("0000000002"): Place(35_410_000, 116_520_000)},
    centres={"任城区": Place(35_400_000, 116_600_000), "": Place(35_000_000, 116_000_000)},
)  # fmt: skip

days = st.dates(dt.date(1940, 1, 1), dt.date(2010, 12, 31))


def number(born: dt.date, serial: int) -> str:
    body = f"990000{born:%Y%m%d}{serial:03d}"
    return body + identity.check_digit(body)


@given(days, st.integers(0, 999), st.sampled_from(["", " ", "　", "-"]))
def test_a_number_is_read_however_it_is_typed(born: dt.date, serial: int, gap: str) -> None:
    plain = number(born, serial)
    wide = plain.lower().translate({ord("0") + n: 0xFF10 + n for n in range(10)})
    read = identity.read_national_id(f" {wide[:6]}{gap}{wide[6:14]}{gap}{wide[14:]} ")
    assert read == identity.NationalId(plain, born, Sex.MALE if serial % 2 else Sex.FEMALE)


@given(days, st.integers(0, 999), st.integers(0, 16), st.integers(1, 9))
def test_one_wrong_digit_is_always_seen(born: dt.date, serial: int, place: int, by: int) -> None:
    right = number(born, serial)
    wrong = right[:place] + str((int(right[place]) + by) % 10) + right[place + 1 :]
    assert identity.read_national_id(wrong) == "national_id.check_digit"


@pytest.mark.parametrize(
    ("typed", "fault"),
    [
        ("", "form.required"),
        ("3.70802E+17", "national_id.digits_lost"),
        ("12345", "national_id.length"),
        ("9900001985061500AX", "national_id.length"),
        ("990000198506150013", "national_id.check_digit"),
        ("99000019851315001" + identity.check_digit("99000019851315001"), "national_id.birth"),
    ],
)  # fmt: skip
def test_what_is_no_number_says_why(typed: str, fault: str) -> None:
    assert identity.read_national_id(typed) == fault


def test_an_old_number_of_fifteen_digits_is_completed() -> None:
    read = identity.read_national_id("990000850615001")
    assert isinstance(read, identity.NationalId)
    assert (read.born, len(read.number)) == (dt.date(1985, 6, 15), 18)


def test_a_known_number_has_the_check_digit_of_the_standard() -> None:
    # The worked example of GB 11643-1999.
    assert identity.check_digit("11010519491231002") == "X"


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("199 0000 0001", "19900000001"),
        ("+86 199-0000-0001", "19900000001"),
        ("\uff10\uff15\uff13\uff17-0000001", "05370000001"),
        ("12", None),
        ("abc", None),
    ],
)
def test_a_telephone_is_read_or_refused(typed: str, read: str | None) -> None:
    assert identity.read_phone(typed) == read


def test_a_name_keeps_its_middle_dot_and_loses_gaps() -> None:
    assert identity.read_name("示　例") == "示例"
    assert identity.read_name("阿依•示例") == "阿依·示例"
    assert identity.read_name("John  Example") == "John Example"


def test_an_address_without_a_door_makes_no_household() -> None:
    assert identity.household("示例路 1 号 2 单元") == identity.household("示例路１号２单元")
    assert identity.household("示例村") is None
    assert identity.household("示例路") is None


@pytest.mark.parametrize("typed", ["1965.3", "1965-03-02", "19650302", "1965/3/2", "1965年3月"])
def test_a_birth_date_agrees_however_it_is_written(typed: str) -> None:
    assert identity.agrees(dt.date(1965, 3, 2), typed)
    assert not identity.agrees(dt.date(1965, 4, 2), typed)


@given(days, days)
def test_an_age_is_reached_on_the_birthday(born: dt.date, day: dt.date) -> None:
    age = identity.age_on(born, day)
    assert (born.year + age, born.month, born.day) <= (day.year, day.month, day.day)
    assert (born.year + age + 1, born.month, born.day) > (day.year, day.month, day.day)


def test_age_bands_are_read_from_the_rulebooks_values() -> None:
    assert identity.read_bands(("18-44", "65+", "old")) == (
        AgeBand("18-44", 18, 44),
        AgeBand("65+", 65, 200),
    )


def test_an_application_becomes_features_and_an_identity() -> None:
    read = applications.read(make.form(3, employer=" 第1单位 ", hall=Code("0000000002")), TERMS)
    assert (read.category, read.district, read.age_band) == ("other", "任城区", "45+")
    assert read.occupation is Occupation.WORKER
    assert read.place == Place(35_410_000, 116_520_000)
    assert [(each.unit, each.kind) for each in read.exclusions] == [(UNIT, ExclusionKind.EMPLOYER)]
    nowhere = applications.read(make.form(1), TERMS)
    assert nowhere.place == TERMS.centres[""]


def test_every_fault_of_an_application_is_told_at_once() -> None:
    wrong = make.form(
        name="", national_id="1", phone="x", district="月球", category="", occupation="",
        address="", consent=False,
    )  # fmt: skip
    with pytest.raises(Invalid) as refusal:
        applications.read(wrong, TERMS)
    assert {fault.path for fault in refusal.value.faults} == {
        "name", "national_id", "phone", "district", "category", "occupation", "address", "consent",
    }  # fmt: skip


@pytest.mark.parametrize("born", ["20100101", "19500101"])
def test_an_age_outside_the_published_limits_is_refused(born: str) -> None:
    with pytest.raises(Invalid) as refusal:
        applications.read(make.form(national_id=make.national_id(1, born=born)), TERMS)
    (fault,) = refusal.value.faults
    assert (fault.code, fault.values) == ("national_id.age", {"lowest": 18, "highest": 70})


@given(st.integers(-90_000_000, 90_000_000), st.integers(-180_000_000, 180_000_000))
def test_a_place_is_rounded_to_a_hundredth_of_a_degree(latitude: int, longitude: int) -> None:
    place = applications.rounded(latitude, longitude)
    assert place.latitude % 10_000 == place.longitude % 10_000 == 0
    assert abs(place.latitude - latitude) <= 5_000


def test_a_sheets_own_place_is_rounded_and_nonsense_named() -> None:
    row = {**make.row(1), "纬度": "35.41234", "经度": "116.58765"}
    (read,) = sheets.read([SheetRow(number=2, cells=row)], TERMS)
    assert read.applicant.place == Place(35_410_000, 116_590_000)
    row["纬度"] = "north"
    with pytest.raises(Invalid) as refusal:
        sheets.read([SheetRow(number=2, cells=row)], TERMS)
    assert refusal.value.faults[0].path == "row 2, 纬度"


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("中学教师", Occupation.PROFESSIONAL),
        ("退休教师", Occupation.RETIRED),
        ("个体户", Occupation.OWNER),
        ("公务员", Occupation.PUBLIC_STAFF),
        ("worker", Occupation.WORKER),
        ("", Occupation.OTHER),
    ],
)
def test_occupations_are_kept_coarse(written: str, kept: Occupation) -> None:
    assert sheets.occupation(written) is kept


def recruitment(quota: Quota, group: GroupQuota) -> Recruitment:
    return Recruitment(
        seats=0, reserve_percent=0, term_years=2, minimum_age=18, maximum_age=70,
        announce_days=7, quotas=(quota,), groups=(group,),
    )  # fmt: skip


@given(st.integers(1, 5000), st.integers(0, 100), st.integers(0, 100), st.booleans())
def test_shares_become_numbers_that_never_weaken_a_hard_quota(
    seats: int,
    first: int,
    other: int,
    hard: bool,  # noqa: FBT001 - drawn by hypothesis
) -> None:
    low, high = sorted((first, other))
    text = Text("一")
    quota = Quota("sex", "female", text, low, high, hard)
    group = GroupQuota("people", "category", ("resident",), text, low, hard)
    plan = quotas.plan(recruitment(quota, group), seats, 0)
    (drawn,), (whole,) = plan.quotas, plan.groups
    if hard:
        assert drawn.minimum * 100 >= low * seats
        assert drawn.maximum * 100 <= high * seats
        assert 100 * (whole.minimum - 1) < low * seats <= 100 * whole.minimum
    else:
        assert drawn.minimum <= drawn.maximum
        assert low * seats - 100 < 100 * drawn.minimum <= low * seats
        assert high * seats <= 100 * drawn.maximum < high * seats + 100


def test_a_relaxation_changes_the_named_bounds_only() -> None:
    text = Text("一")
    plan = quotas.plan(
        recruitment(
            Quota("sex", "female", text, 40, 60),
            GroupQuota("people", "category", ("resident",), text, 80),
        ),
        100,
        20,
    )
    bent = quotas.relaxed(plan, [Relaxation("sex:female", "minimum", 40, 35)])
    assert bent.quotas[0].minimum == 35
    assert msgspec.structs.replace(bent, quotas=plan.quotas) == plan


def vote(clerk: int, verdict: Verdict = Verdict.PASS, office: str = "甲") -> screening.Vote:
    return screening.Vote(
        PersonId(clerk), office, verdict, "" if verdict is Verdict.PASS else "age"
    )


@given(st.lists(st.sampled_from(list(Verdict)), max_size=3))
def test_two_equal_verdicts_settle(verdicts: list[Verdict]) -> None:
    votes = [vote(number, verdict) for number, verdict in enumerate(verdicts)]
    expected = ApplicationState.SUBMITTED
    if verdicts.count(Verdict.PASS) >= 2:
        expected = ApplicationState.ELIGIBLE
    elif verdicts.count(Verdict.FAIL) >= 2:
        expected = ApplicationState.INELIGIBLE
    assert screening.outcome(votes) is expected
    assert screening.disputed(votes) == (len(set(verdicts)) == 2 == len(verdicts))


def test_nobody_judges_twice() -> None:
    state = ApplicationState.SUBMITTED
    screening.may_judge(state, [vote(1)], PersonId(2), "甲", two_offices=False)
    with pytest.raises(Conflict, match=r"vetting\.same_person"):
        screening.may_judge(state, [vote(1)], PersonId(1), "乙", two_offices=False)
    with pytest.raises(Conflict, match=r"vetting\.same_office"):
        screening.may_judge(state, [vote(1)], PersonId(2), "甲", two_offices=True)
    with pytest.raises(Invalid, match=r"vetting\.reason_needed"):
        screening.read_reason(Verdict.FAIL, "because", screening.reasons(()))
